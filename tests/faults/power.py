"""Power loss on SQLite: from a recording, the files as a disk may hold them when the power goes at any moment.

What was synced is there. Of what was written since, any part may be: every sector of 512 bytes by itself, in any
order, some of it or none. A recording is one run under load; the power can be cut in it as often as one likes. Single
files are the same on PostgreSQL, which `disk` and `outage` are about.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults.checker import Breach, Kind, Stored, check
from tests.faults.history import History, Told
from tests.faults.stored import read
from tests.faults.vfs import Step, What, steps

SECTOR = 512


@dataclass
class File:
    """One file: what is on the disk for certain, and the steps since then, each with the moment when it was done."""

    synced: bytearray | None = None
    since: list[tuple[int, Step]] = field(default_factory=list)

    def take(self, step: Step, done: int = 0) -> None:
        """One more step. A deletion with a sync of the folder is certain at once, as is all that was synced."""
        if step.what is not What.SYNC:
            self.since.append((done, step))
        if step.what is What.SYNC or (step.what is What.DELETE and step.offset):
            self.sync()

    def sync(self, began: int = 0) -> None:
        """What was done before a sync began is certain when it has come back, and nothing that was done later."""
        self.synced = _applied(self.synced, [step for done, step in self.since if done <= began])
        self.since = [(done, step) for done, step in self.since if done > began]

    def after_loss(self, random: Random) -> bytearray | None:
        """What is left of it when the power goes now; None: there is no such file."""
        share = share_left(random)
        parts = [part for _, step in self.since for part in _torn(step, share, random)]
        return _applied(copy(self.synced), parts) if parts else self.synced


def share_left(random: Random) -> float:
    """How much is left of what is not certain: nothing, all, half or any part of it."""
    return random.choice((0.0, 0.5, 1.0, random.random()))


def _applied(content: bytearray | None, done: list[Step]) -> bytearray | None:
    """The content after these steps; it is changed in its place. A write of nothing makes the file reach there."""
    made = content
    for what, _, offset, data in done:
        if what is What.DELETE:
            made = None
        elif what is What.WRITE:
            made = bytearray() if made is None else made
            made.extend(bytes(max(0, offset + len(data) - len(made))))
            made[offset : offset + len(data)] = data
        elif what is What.TRUNCATE and made is not None:
            del made[offset:]
    return made


def _torn(step: Step, share: float, random: Random) -> Iterator[Step]:
    if step.what is not What.WRITE or not step.data:
        if random.random() < share:
            yield step
        return
    start = step.offset
    while start < step.offset + len(step.data):
        end = min((start // SECTOR + 1) * SECTOR, step.offset + len(step.data))
        if random.random() < share:
            yield Step(What.WRITE, step.file, start, step.data[start - step.offset : end - step.offset])
        start = end


def losses(
    trace: Path, base: Path, history: History, folder: Path, times: int, random: Random
) -> Iterator[list[Breach]]:
    """Cut the power `times` times in a recording that began with the database file `base`.

    After each, the database is opened from what is left and judged by what was acknowledged until then.
    """
    total = sum(1 for _ in steps(trace))
    cuts = set(random.sample(range(1, total + 1), min(times, total)))
    files = {"": File(bytearray(base.read_bytes()))}
    told: list[Told] = []
    for number, step in enumerate(steps(trace), 1):
        if step.what is What.TOLD:
            told.append(Told(*json.loads(step.data)))
        else:
            files.setdefault(step.file, File()).take(step)
        if number in cuts:
            yield _left(files, history, told, folder, random)


def _left(
    files: dict[str, File], history: History, told: list[Told], folder: Path, random: Random
) -> list[Breach]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for ending, file in files.items():
        content = file.after_loss(random)
        if content is not None:
            (folder / f"power.sqlite3{ending}").write_bytes(content)
    return judged(history, told, lambda: read(f"sqlite:///{folder / 'power.sqlite3'}"))


def judged(history: History, told: list[Told], stored: Callable[[], Stored]) -> list[Breach]:
    """What is wrong with what is stored, if only this was acknowledged until the power went."""
    until_now = copy(history)
    until_now.told, until_now.ends_told = told, type(history.ends_told)()
    try:
        return check(until_now, stored())
    except Exception as error:  # whatever a broken file leads to
        return [Breach(Kind.LOST, f"the database cannot be read: {error}")]
