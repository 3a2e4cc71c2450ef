"""Parameter versions: the chain of events behind the scores of an exam. None is ever changed; proposed ones may be
adopted once."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from app.errors import Conflict, Missing
from app.exam.item import Item, Status, canonical
from app.exam.pack import Exam
from app.exam.parameter_version import (
    Event,
    ParameterVersion,
    first,
    version_from_plain,
    with_calibration,
    with_pack_cut,
)
from app.exam.parameters import ItemParameters
from app.store import audit
from app.store.tables import parameter_version, person


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of the chain, without its numbers. Who made and adopted it are names; None for the program itself."""

    id: int
    sequence: int
    event: Event
    label: str
    reason: str
    made_at: datetime
    made_by: str | None
    adopted_at: datetime | None
    adopted_by: str | None


_ADOPTER = person.alias()
_IN_USE = (
    select(parameter_version)
    .where(
        parameter_version.c.exam_id == bindparam("exam_id"),
        parameter_version.c.adopted_at.is_not(None),
    )
    .order_by(parameter_version.c.sequence.desc())
    .limit(1)
)
_SEQUENCE_IN_USE = select(func.max(parameter_version.c.sequence)).where(
    parameter_version.c.exam_id == bindparam("exam_id"), parameter_version.c.adopted_at.is_not(None)
)
_LAST = select(func.max(parameter_version.c.sequence)).where(
    parameter_version.c.exam_id == bindparam("exam_id")
)


def sequence_in_use(tx: Connection, exam_id: str) -> int | None:
    """The number of the version in use; None before the first."""
    found: int | None = tx.execute(_SEQUENCE_IN_USE, {"exam_id": exam_id}).scalar_one()
    return found


def in_use(tx: Connection, exam_id: str) -> ParameterVersion | None:
    """The version in use; None before the first."""
    row = tx.execute(_IN_USE, {"exam_id": exam_id}).one_or_none()
    return None if row is None else _version(row)


def of_label(tx: Connection, exam_id: str, label: str) -> ParameterVersion | None:
    """The version that a form was made with; None for a form from before versions were recorded."""
    _, _, number = label.rpartition("-")
    if not number.isdecimal():
        return None
    made = of_sequence(tx, exam_id, int(number))
    return made if made is not None and made.label == label else None


def of_sequence(tx: Connection, exam_id: str, sequence: int) -> ParameterVersion | None:
    """The version with this number; None when there is none."""
    found = select(parameter_version).where(
        parameter_version.c.exam_id == exam_id, parameter_version.c.sequence == sequence
    )
    row = tx.execute(found).one_or_none()
    return None if row is None else _version(row)


def get(tx: Connection, version_id: int) -> tuple[Recorded, ParameterVersion]:
    """A version with its line. Raises Missing."""
    row = tx.execute(_lines().where(parameter_version.c.id == version_id)).one_or_none()
    if row is None:
        raise Missing("There is no such parameter version.")
    return _line(row), _version(row)


def history(tx: Connection, exam_id: str) -> tuple[Recorded, ...]:
    """The whole chain of an exam, latest first."""
    rows = tx.execute(
        _lines().where(parameter_version.c.exam_id == exam_id).order_by(parameter_version.c.sequence.desc())
    )
    return tuple(map(_line, rows))


def add(
    tx: Connection,
    new: ParameterVersion,
    reason: str,
    now: datetime,
    *,
    made_by: int | None = None,
    adopted: bool = False,
) -> int:
    """Record an event under the next number of its exam; its id. Proposed only, unless `adopted`."""
    before = _used(in_use(tx, new.exam))
    last = tx.execute(_LAST, {"exam_id": new.exam}).scalar_one() or 0
    new = new.numbered(last + 1)
    version_id: int = tx.execute(
        insert(parameter_version)
        .values(
            exam_id=new.exam,
            sequence=new.sequence,
            event=new.event.value,
            document=canonical(new.plain()),
            details=new.details,
            reason=reason,
            made_at=now,
            made_by=made_by,
            adopted_at=now if adopted else None,
            adopted_by=made_by if adopted else None,
        )
        .returning(parameter_version.c.id)
    ).scalar_one()
    after = {"label": new.label, "cut": new.cut.raw_equivalent, "reason": reason}
    done = "adopted" if adopted else "proposed"
    audit.record(tx, now, made_by, f"parameters {done}", f"exam {new.exam}", before=before, after=after)
    return version_id


def follow_pack(
    tx: Connection, exam: Exam, bank: Callable[[], Collection[Item]], version: str, now: datetime
) -> None:
    """What an exam is measured by once a version of its pack is in use: a first version, or the pack's new cut.

    `bank` gives the items of the pack with their statuses as delivered; it is asked only when they are needed.
    """
    before = in_use(tx, exam.id)
    if before is None:
        items = bank()
        if any(item.status is Status.READY and item.domain in exam.blueprint for item in items):
            add(tx, first(items, exam), "The first bank", now, adopted=True)
    elif (after := with_pack_cut(before, exam)) is not None:
        add(tx, after, f"Version {version} of the pack sets another cut", now, adopted=True)


def propose(tx: Connection, made: Mapping[str, Any], now: datetime, made_by: int | None) -> int:
    """Record what `app.measuring.calibrate` made as a proposal; its id.

    Raises Conflict when another version came into use since.
    """
    before = in_use(tx, made["exam"])
    if before is None or before.sequence != made["based_on"]:
        raise Conflict("Another version came into use while this was calculated. Calibrate again.")
    items = [ItemParameters(**item) for item in made["items"]]
    details = made["details"]
    reason = f"Calibrated on {details['responses']} responses of {details['attempts']} strict mocks"
    return add(tx, with_calibration(before, items, details), reason, now, made_by=made_by)


def adopt(tx: Connection, version_id: int, reason: str, now: datetime, adopted_by: int | None) -> None:
    """Put a proposed version into use. Raises Conflict when another one came into use since it was made."""
    line, version = get(tx, version_id)
    if line.adopted_at is not None or version.based_on != sequence_in_use(tx, version.exam):
        raise Conflict("Another version came into use since this one was made. Make a new proposal.")
    before = _used(in_use(tx, version.exam))
    tx.execute(
        update(parameter_version)
        .where(parameter_version.c.id == version_id, parameter_version.c.adopted_at.is_(None))
        .values(adopted_at=now, adopted_by=adopted_by, reason=reason or line.reason)
    )
    after = {"label": line.label, "cut": version.cut.raw_equivalent, "reason": reason or line.reason}
    audit.record(
        tx, now, adopted_by, "parameters adopted", f"exam {version.exam}", before=before, after=after
    )


def _used(version: ParameterVersion | None) -> dict[str, Any] | None:
    """What the audit log says of the version in use."""
    return None if version is None else {"label": version.label, "cut": version.cut.raw_equivalent}


def _lines() -> Any:
    return (
        select(parameter_version, person.c.name, _ADOPTER.c.name.label("adopter"))
        .join(person, person.c.id == parameter_version.c.made_by, isouter=True)
        .join(_ADOPTER, _ADOPTER.c.id == parameter_version.c.adopted_by, isouter=True)
    )


def _line(row: Any) -> Recorded:
    event = Event(row.event)
    return Recorded(
        row.id,
        row.sequence,
        event,
        f"{event}-{row.sequence}",
        row.reason,
        row.made_at,
        row.name,
        row.adopted_at,
        row.adopter,
    )


def _version(row: Any) -> ParameterVersion:
    return version_from_plain(
        row.exam_id, row.sequence, Event(row.event), json.loads(row.document), row.details
    )
