"""Attempts: their facts. What they come to is in scores.py, what was answered in responses.py."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.errors import Closed, Conflict, Missing
from app.exam.attempt import Attempt, AttemptKind, Ending, Sheet, sheet_from_plain
from app.exam.clock import Clock, State, TimeOption
from app.store.tables import OPEN_MOCK, attempt, attempt_event, clock_of, item_version


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """What is known at the start."""

    person_id: int
    exam_id: str
    form_id: int
    kind: AttemptKind
    seed: int
    sheet: Sheet
    time_option: TimeOption
    allowed: timedelta | None
    grace_seconds: int
    pausable: bool
    expected: float | None
    assignment_id: int | None = None
    expected_score: int | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """An attempt without its sheet, scratchpad and pauses: lists of hundreds are made of these."""

    id: int
    exam_id: str
    form_id: int
    kind: AttemptKind
    clock: Clock
    time_option: TimeOption
    pausable: bool
    ending: Ending | None
    assignment_id: int | None


# Nearly every request asks for one attempt, so the question is built once.
_OF_PERSON = select(attempt).where(
    attempt.c.id == bindparam("attempt_id"), attempt.c.person_id == bindparam("person_id")
)

_BRIEFS = (
    select(*(column for column in attempt.c if column.name not in ("sheet", "scratchpad")))
    .where(attempt.c.person_id == bindparam("person_id"))
    .order_by(attempt.c.started_at.desc(), attempt.c.id.desc())
)
_OPEN_MOCKS = select(
    attempt.c.sheet,
    attempt.c.started_at,
    attempt.c.deadline_at,
    attempt.c.grace_seconds,
    attempt.c.paused_at,
    attempt.c.closed_at,
).where(
    attempt.c.person_id == bindparam("person_id"),
    attempt.c.closed_at.is_(None),
    attempt.c.kind == AttemptKind.MOCK.value,
)
_ALL = (
    select(attempt)
    .where(attempt.c.person_id == bindparam("person_id"))
    .order_by(attempt.c.started_at.desc(), attempt.c.id.desc())
)
_UNFINISHED = _ALL.where(attempt.c.closed_at.is_(None))
_NOT_CLOSED = _UNFINISHED.where(attempt.c.exam_id == bindparam("exam_id"))
_SINCE = (
    select(attempt.c.started_at)
    .where(
        attempt.c.person_id == bindparam("person_id"),
        attempt.c.exam_id == bindparam("exam_id"),
        attempt.c.started_at > bindparam("since"),
    )
    .order_by(attempt.c.started_at)
)


def _start(insert: Callable[[Table], Any]) -> Any:
    """Nothing is stored where a mock of this person and exam is open."""
    return (
        insert(attempt)
        .on_conflict_do_nothing(index_elements=["person_id", "exam_id"], index_where=OPEN_MOCK)
        .returning(attempt.c.id)
    )


_STARTS = {"sqlite": _start(sqlite.insert), "postgresql": _start(postgresql.insert)}


def start(tx: Connection, new: NewAttempt, now: datetime) -> int:
    """Store a new attempt. Raises Conflict when a mock of this exam is open already."""
    values = {
        "person_id": new.person_id,
        "exam_id": new.exam_id,
        "form_id": new.form_id,
        "kind": new.kind.value,
        "seed": new.seed,
        "sheet": new.sheet.plain(),
        "time_option": new.time_option.value,
        "pausable": new.pausable,
        "expected": new.expected,
        "expected_score": new.expected_score,
        "started_at": now,
        "deadline_at": None if new.allowed is None else now + new.allowed,
        "grace_seconds": new.grace_seconds,
        "paused_ms": 0,
        "scratchpad": "",
        "assignment_id": new.assignment_id,
    }
    attempt_id: int | None = tx.execute(_STARTS[tx.dialect.name], values).scalar_one_or_none()
    if attempt_id is None:
        raise Conflict("An exam of this kind is open already. Go on with it, or end it first.")
    _log(tx, attempt_id, "started", now, {"time_option": new.time_option.value, "pausable": new.pausable})
    return attempt_id


def get(tx: Connection, attempt_id: int, person_id: int) -> Attempt:
    """An attempt of this person. Raises Missing, the same for a foreign attempt as for none."""
    row = tx.execute(_OF_PERSON, {"attempt_id": attempt_id, "person_id": person_id}).one_or_none()
    if row is None:
        raise Missing("There is no such attempt. It may belong to another account: log in to that one.")
    return _attempt(row)


def of_person(tx: Connection, person_id: int) -> tuple[Attempt, ...]:
    """All attempts of a person, the newest first."""
    return _all(tx, _ALL, person_id=person_id)


def briefs(tx: Connection, person_id: int) -> tuple[Brief, ...]:
    """All attempts of a person, the newest first."""
    return tuple(
        Brief(
            row.id,
            row.exam_id,
            row.form_id,
            AttemptKind(row.kind),
            clock_of(row),
            TimeOption(row.time_option),
            row.pausable,
            None if row.ending is None else Ending(row.ending),
            row.assignment_id,
        )
        for row in tx.execute(_BRIEFS, {"person_id": person_id})
    )


def not_closed(tx: Connection, person_id: int, exam_id: str) -> tuple[Attempt, ...]:
    """A person's attempts at an exam that nobody has closed; some of them may have run out."""
    return _all(tx, _NOT_CLOSED, person_id=person_id, exam_id=exam_id)


def unfinished(tx: Connection, person_id: int) -> tuple[Attempt, ...]:
    """A person's attempts that nobody has closed, at any exam; some of them may have run out."""
    return _all(tx, _UNFINISHED, person_id=person_id)


def last_exam(tx: Connection, person_id: int, exam_ids: Collection[str]) -> str | None:
    """Which of these exams a person sat last; None when they sat none."""
    found: str | None = tx.execute(
        select(attempt.c.exam_id)
        .where(attempt.c.person_id == person_id, attempt.c.exam_id.in_(exam_ids))
        .order_by(attempt.c.started_at.desc(), attempt.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found


def starts(tx: Connection, person_id: int, exam_id: str, since: datetime) -> list[datetime]:
    """When a person started an exam since then, the first first."""
    return list(tx.execute(_SINCE, {"person_id": person_id, "exam_id": exam_id, "since": since}).scalars())


def running(tx: Connection, now: datetime) -> int:
    """How many attempts have time left."""
    timed = or_(attempt.c.deadline_at.is_(None), attempt.c.deadline_at > now)
    found = select(func.count()).where(attempt.c.closed_at.is_(None), timed)
    return int(tx.execute(found).scalar_one())


def withheld(
    tx: Connection, person_id: int, item_version_ids: Collection[int], now: datetime
) -> frozenset[int]:
    """Which of these item versions are of items on a mock that a person has not ended: they stay hidden."""
    rows = tx.execute(_OPEN_MOCKS, {"person_id": person_id}).all()
    asked = {at["item"] for row in rows if clock_of(row).state(now) is not State.FINAL for at in row.sheet}
    if not asked:
        return frozenset()
    of_asked = select(item_version.c.item_id).where(item_version.c.id.in_(asked))
    found = select(item_version.c.id).where(
        item_version.c.id.in_(list(item_version_ids)), item_version.c.item_id.in_(of_asked)
    )
    return frozenset(tx.execute(found).scalars())


def pause(tx: Connection, one: Attempt, now: datetime) -> None:
    """Stop the clock. Raises Closed unless the attempt is open and may be paused."""
    if not one.pausable or one.clock.state(now) is not State.OPEN:
        raise Closed("This exam cannot be paused.")
    paused = tx.execute(
        update(attempt)
        .where(attempt.c.id == one.id, attempt.c.paused_at.is_(None), attempt.c.closed_at.is_(None))
        .values(paused_at=now)
    )
    if paused.rowcount:
        _log(tx, one.id, "paused", now, {})


def resume(tx: Connection, one: Attempt, now: datetime) -> None:
    """Let the clock run again: the deadline moves by the length of the pause. Nothing happens twice."""
    if one.clock.paused_at is None or one.clock.closed_at is not None:
        return
    pause_length = max(now - one.clock.paused_at, timedelta(0))
    deadline = None if one.clock.deadline_at is None else one.clock.deadline_at + pause_length
    milliseconds = round(pause_length / timedelta(milliseconds=1))
    resumed = tx.execute(
        update(attempt)
        .where(
            attempt.c.id == one.id, attempt.c.paused_at == one.clock.paused_at, attempt.c.closed_at.is_(None)
        )
        .values(paused_at=None, deadline_at=deadline, paused_ms=attempt.c.paused_ms + milliseconds)
    )
    if resumed.rowcount:
        _log(tx, one.id, "resumed", now, {"paused_ms": milliseconds})


def set_scratchpad(tx: Connection, attempt_id: int, text: str) -> None:
    """Keep the candidate's notes. Raises Closed when the attempt is."""
    kept = tx.execute(
        update(attempt)
        .where(attempt.c.id == attempt_id, attempt.c.closed_at.is_(None))
        .values(scratchpad=text)
    )
    if not kept.rowcount:
        raise Closed("The exam has ended; these notes were not kept.")


def _log(tx: Connection, attempt_id: int, kind: str, at: datetime, detail: Mapping[str, Any]) -> None:
    tx.execute(insert(attempt_event).values(attempt_id=attempt_id, kind=kind, at=at, detail=dict(detail)))


def _all(tx: Connection, query: Select[Any], **values: Any) -> tuple[Attempt, ...]:
    rows = tx.execute(query, values)
    return tuple(_attempt(row) for row in rows)


def _attempt(row: Any) -> Attempt:
    return Attempt(
        id=row.id,
        person_id=row.person_id,
        exam_id=row.exam_id,
        form_id=row.form_id,
        kind=AttemptKind(row.kind),
        clock=clock_of(row),
        time_option=TimeOption(row.time_option),
        pausable=row.pausable,
        paused=timedelta(milliseconds=row.paused_ms),
        ending=None if row.ending is None else Ending(row.ending),
        sheet=sheet_from_plain(row.sheet),
        scratchpad=row.scratchpad,
        expected=row.expected,
        assignment_id=row.assignment_id,
        expected_score=row.expected_score,
    )
