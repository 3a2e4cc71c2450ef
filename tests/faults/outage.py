"""Power loss on PostgreSQL: from a recording, its data folder as a disk may hold it after a cut at any moment.

The recording begins with the folder of a server that is stopped. The server's calls are those that strace wrote
down; answers are written down by the application's processes. Both go by the same clock, and neither is early: a sync
counts from its return, an answer from before it leaves.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.databases import of_name
from tests.faults.calls import Call, recorded, recorder
from tests.faults.checker import Breach, Stored
from tests.faults.cluster import Cluster
from tests.faults.disk import Disk
from tests.faults.history import History, Told
from tests.faults.power import judged
from tests.faults.stored import read
from tests.faults.vfs import What, steps

SMALL = ("-c", "shared_buffers=4MB", "-c", "bgwriter_delay=10ms", "-c", "min_wal_size=32MB")
"""So little memory, and so busy a writer, that data reach their files at any time, not at checkpoints only."""
UNSYNCED = ("-c", "fsync=off")


class Outage(NamedTuple):
    """What was wrong after the power had gone once, and the seconds until PostgreSQL answered again."""

    breaches: list[Breach]
    recovery: float | None


@dataclass
class Recording:
    """A place for what a server does to its files under load, and for what the application answers."""

    cluster: Cluster
    place: Path
    disk: Disk = field(init=False)
    process: int = 0

    @property
    def trace(self) -> Path:
        """Where answers are written down."""
        return self.place / "trace"

    @contextmanager
    def running(self, options: Sequence[str] = ()) -> Iterator[None]:
        """Start the server anew, with these options, and record what it does inside the block."""
        cluster = self.cluster
        cluster.stop()
        self.disk = Disk.holding(cluster.folder)
        try:
            cluster.start(*SMALL, *options, recorder=recorder(self.place))
            self.process = cluster.process.pid
            yield
        finally:
            cluster.stop()
            cluster.start()

    def outages(self, url: str, history: History, times: int, random: Random) -> Iterator[Outage]:
        """Cut the power so often. After each cut a server is started on what is left; it must recover by itself.

        The database `url` is judged by what was acknowledged until then. A recording can be gone through once.
        """
        events = self._events()
        cuts = set(random.sample(range(len(events)), min(times, len(events))))
        told: list[Told] = []
        for number, (_, event) in enumerate(events):
            if isinstance(event, Told):
                told.append(event)
            else:
                self.disk.take(event)
            if number in cuts:
                yield self._outage(self.disk.after_loss(random), url, history, told)

    def _events(self) -> list[tuple[int, Call | Told]]:
        """What the server did and what was answered, in order."""
        calls = recorded(self.place, self.process, self.cluster.folder)
        answers = [step for step in steps(self.trace) if step.what is What.TOLD]
        events: list[tuple[int, Call | Told]] = [(call.ended, call) for call in calls]
        events += [(step.offset, Told(*json.loads(step.data))) for step in answers]
        return sorted(events, key=itemgetter(0))

    def _outage(self, left: dict[str, bytearray], url: str, history: History, told: list[Told]) -> Outage:
        folder = self.place / "left"
        self._write(left, folder)
        server = Cluster(folder, self.cluster.program, self.cluster.user)
        recovery = None

        def stored() -> Stored:
            nonlocal recovery
            began = time.monotonic()
            server.start(*UNSYNCED)  # what it makes of this folder need not survive
            recovery = time.monotonic() - began
            return read(of_name(server.address, urlsplit(url).path[1:]))

        breaches = judged(history, told, stored)
        server.shut_down_at_once()
        return Outage(breaches, recovery)

    def _write(self, left: dict[str, bytearray], folder: Path) -> None:
        """Make a folder of these files. Most are as they were at the last cut, and making files takes long."""
        for name in ("", *self.disk.folders):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        there = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
        for name in there - left.keys():
            (folder / name).unlink()
        for name, content in left.items():
            if name not in there or (folder / name).read_bytes() != content:
                (folder / name).write_bytes(content)
        _given(folder, self.cluster.user)


@contextmanager
def recording(cluster: Cluster) -> Iterator[Recording]:
    """A recording of this server, removed in the end."""
    # Under /tmp itself, as the server's own folder.
    with tempfile.TemporaryDirectory(prefix="cutscore-") as name:
        _given(Path(name), cluster.user)
        yield Recording(cluster, Path(name))


def _given(folder: Path, user: str | None) -> None:
    """Give a folder with all that is in it to the server's user, if it has one of its own."""
    if user is not None:
        for place, _, files in os.walk(folder):
            for path in (place, *(os.path.join(place, name) for name in files)):
                shutil.chown(path, user)
