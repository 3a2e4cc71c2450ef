"""Practice sets: what was dealt, what was come to, what was answered. Nothing is ever changed but the end, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from app.errors import Missing
from app.exam.attempt import Confidence, Sheet, sheet_from_plain
from app.exam.practice_set import Answer, PracticeSet, SetKind
from app.store.database import insert_or
from app.store.tables import practice_answer, practice_meeting, practice_set


@dataclass(frozen=True, slots=True)
class NewSet:
    """What is known at the start. `cards` has the number of an item for each position."""

    person_id: int
    exam_id: str
    kind: SetKind
    title: str
    at_once: bool
    seed: int
    sheet: Sheet
    cards: tuple[int, ...]
    deadline_at: datetime | None


def start(tx: Connection, new: NewSet, now: datetime) -> int:
    """Store a new set, whose first question is come to at once; its id."""
    set_id: int = tx.execute(
        insert(practice_set)
        .values(
            person_id=new.person_id,
            exam_id=new.exam_id,
            kind=new.kind.value,
            title=new.title,
            at_once=new.at_once,
            seed=new.seed,
            sheet=new.sheet.plain(),
            cards=list(new.cards),
            started_at=now,
            deadline_at=new.deadline_at,
        )
        .returning(practice_set.c.id)
    ).scalar_one()
    meet(tx, set_id, 1, new.sheet, now)
    return set_id


def get(tx: Connection, set_id: int, person_id: int, *, lock: bool = False) -> PracticeSet:
    """A set of this person. Raises Missing, the same for a foreign one as for none.

    With `lock`, other writes to it wait until this transaction is done.
    """
    query = select(practice_set).where(practice_set.c.id == set_id, practice_set.c.person_id == person_id)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise Missing("There is no such practice set. It may belong to another account: log in to that one.")
    return _set(row, _reached(tx, [row.id]).get(row.id, 1))


def of_person(tx: Connection, person_id: int, most: int) -> tuple[PracticeSet, ...]:
    """The latest sets of a person, the newest first."""
    return _all(
        tx,
        select(practice_set)
        .where(practice_set.c.person_id == person_id)
        .order_by(practice_set.c.started_at.desc(), practice_set.c.id.desc())
        .limit(most),
    )


def not_ended(tx: Connection, person_id: int) -> tuple[PracticeSet, ...]:
    """A person's sets that nobody has ended; the time of some may be up."""
    return _all(
        tx,
        select(practice_set).where(practice_set.c.person_id == person_id, practice_set.c.ended_at.is_(None)),
    )


def answers(tx: Connection, set_ids: Sequence[int]) -> dict[int, list[Answer]]:
    """All answers of some sets, by set, in the order in which they were given."""
    found: dict[int, list[Answer]] = {set_id: [] for set_id in set_ids}
    rows = tx.execute(
        select(practice_answer).where(practice_answer.c.set_id.in_(set_ids)).order_by(practice_answer.c.id)
    )
    for row in rows:
        found[row.set_id].append(answer_of(row))
    return found


def answer(tx: Connection, set_id: int, given: Answer, sequence: int) -> bool:
    """Keep an answer, and whether that was done: not when its place in the log is taken, as by a double click."""
    kept = tx.execute(
        insert_or(tx, practice_answer)
        .values(
            set_id=set_id,
            position=given.position,
            sequence=sequence,
            choice=list(given.choice),
            confidence=given.confidence,
            elapsed_ms=given.elapsed_ms,
            at=given.at,
        )
        .on_conflict_do_nothing(index_elements=["set_id", "position", "sequence"])
    )
    return bool(kept.rowcount)


def meet(tx: Connection, set_id: int, position: int, sheet: Sheet, now: datetime) -> None:
    """The candidate comes to a position; later times change nothing."""
    tx.execute(
        insert_or(tx, practice_meeting)
        .values(set_id=set_id, position=position, item_version_id=sheet.at(position).item_version_id, at=now)
        .on_conflict_do_nothing(index_elements=["set_id", "position"])
    )


def end(tx: Connection, set_id: int, at: datetime) -> bool:
    """End a set, and whether it was not ended before."""
    ended = tx.execute(
        update(practice_set)
        .where(practice_set.c.id == set_id, practice_set.c.ended_at.is_(None))
        .values(ended_at=at)
    )
    return bool(ended.rowcount)


def answer_of(row: Any) -> Answer:
    """The answer in a row of `practice_answer`."""
    confidence = Confidence(row.confidence) if row.confidence else None
    return Answer(row.position, tuple(row.choice), confidence, row.elapsed_ms, row.at)


def _all(tx: Connection, query: Any) -> tuple[PracticeSet, ...]:
    rows = tx.execute(query).all()
    reached = _reached(tx, [row.id for row in rows])
    return tuple(_set(row, reached.get(row.id, 1)) for row in rows)


def _reached(tx: Connection, set_ids: Sequence[int]) -> dict[int, int]:
    counted = (
        select(practice_meeting.c.set_id, func.max(practice_meeting.c.position).label("reached"))
        .where(practice_meeting.c.set_id.in_(set_ids))
        .group_by(practice_meeting.c.set_id)
    )
    return {row.set_id: row.reached for row in tx.execute(counted)}


def _set(row: Any, reached: int) -> PracticeSet:
    return PracticeSet(
        id=row.id,
        person_id=row.person_id,
        exam_id=row.exam_id,
        kind=SetKind(row.kind),
        title=row.title,
        at_once=row.at_once,
        sheet=sheet_from_plain(row.sheet),
        cards=tuple(row.cards),
        started_at=row.started_at,
        deadline_at=row.deadline_at,
        ended_at=row.ended_at,
        reached=reached,
    )
