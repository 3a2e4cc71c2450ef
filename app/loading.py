"""Loading a pack into the database: read, check, store. Used by the commands, and by the server at its start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.errors import Invalid, Missing
from app.exam import quality
from app.exam.faults import Fault
from app.exam.item import Item
from app.exam.pack import TUTORIAL, Exam, Pack
from app.formats import registry
from app.formats.reading import Reading, refused
from app.store import media, pack_versions, packs, parameters
from app.store.database import Database, Transaction, take_turns


@dataclass(frozen=True, slots=True)
class Loaded:
    """A pack that was read and stored.

    `new` is false when this very version was in use already, and when `kept`: edits made on this site stayed.
    """

    pack: Pack
    faults: tuple[Fault, ...]
    new: bool
    kept: bool = False


def read_and_check(
    path: Path,
    as_of: datetime,
    name: str | None = None,
    against: Iterable[str] = (),
    progress: quality.Progress | None = None,
) -> tuple[Reading, tuple[Fault, ...]]:
    """A pack from a folder, zip or file, with every fault: those of the reader and those of the quality rules.

    `against` are texts that nothing may be copied from; `progress` is told how many items are done.
    """
    reading = registry.read_path(path, name)
    if reading.pack is None:
        return reading, reading.faults
    findings = quality.check(reading.pack, as_of.date(), reading.places, against, progress)
    return reading, (*reading.faults, *findings)


def load(database: Database, path: Path, now: datetime, *, keep_edits: bool = False) -> Loaded:
    """Put a pack into use; with `keep_edits` not in place of a version that was edited on this site.

    Raises Invalid with every fault when it cannot be delivered or scored.
    """
    reading, faults = read_and_check(path, now)
    if reading.pack is None or refused(faults):
        raise Invalid(f"The pack {path} was not loaded; what was loaded before stays in use.", faults)
    media.put(database, reading.media)
    statuses = {item.id: item.status for item in delivered(reading.pack, faults)}
    with database.writing() as tx:
        take_turns(tx, "load")  # servers that start at once: one stores, the others find it stored
        if keep_edits and pack_versions.edited_here(tx, reading.pack.id):
            return Loaded(reading.pack, faults, new=False, kept=True)
        new = pack_versions.load(tx, reading.pack, statuses, faults, now)
        if new:
            _measure(tx, reading.pack, now)
    return Loaded(reading.pack, faults, new)


def _measure(tx: Transaction, pack: Pack, now: datetime) -> None:
    for exam in pack.exams:
        version_id = packs.exam(tx, exam.id).pack_version_id
        parameters.follow_pack(tx, exam, packs.bank(tx, version_id).values, pack.version, now)


def delivered(pack: Pack, faults: Iterable[Fault]) -> tuple[Item, ...]:
    """The items with the status that counts: quality errors bar an item from being ready."""
    by_item: dict[str | None, list[Fault]] = {}
    for fault in faults:
        by_item.setdefault(fault.at.item, []).append(fault)
    return tuple(
        replace(item, status=quality.delivered_status(item, by_item.get(item.id, ()))) for item in pack.items
    )


def find_exam(paths: Iterable[Path], exam_id: str, day: datetime) -> tuple[tuple[Item, ...], Exam]:
    """An exam of the packs on disk, with their items as delivered. Raises Missing, or Invalid with the faults."""
    known = []
    for path in paths:
        reading, faults = read_and_check(path, day)
        if reading.pack is None:
            raise Invalid(f"The pack {path} cannot be read.", faults)
        for exam in reading.pack.exams:
            if exam.id == exam_id:
                return delivered(reading.pack, faults), exam
            known.append(exam.id)
    names = ", ".join(name for name in known if name != TUTORIAL)
    raise Missing(f"There is no exam {exam_id!r}; there are {names}.")
