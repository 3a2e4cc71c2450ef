"""Assignments: exams given to cohorts, who may sit them, what was sat, and extra time with its history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import Conflict, Missing
from app.exam.assignment import NO_EXTRA, Assignment, ExtraTime, Release, Unit
from app.exam.assignment_fields import NewAssignment, Window
from app.exam.clock import State, TimeOption
from app.exam.pack import exam_from_plain
from app.exam.standings import Sat
from app.store.tables import (
    assignment,
    attempt,
    attempt_event,
    clock_of,
    cohort,
    cohort_member,
    exam_version,
    extra_time,
    person,
)

NONE = "There is no such assignment for you to see. Start from the list of cohorts."
NOT_YOURS = (
    "This exam is not assigned to you. If your instructor gave you an invitation to a cohort, open that link and "
    "join first; then find the exam in the list of exams."
)


@dataclass(frozen=True, slots=True)
class Granted:
    """One entry of the history of extra time: whose, how much, by whom, when."""

    person: str
    extra: ExtraTime
    by: str
    at: datetime


def add(
    tx: Connection,
    cohort_id: int,
    new: NewAssignment,
    exam_version_id: int,
    form: tuple[int, list[int]] | None,
    by: int,
    now: datetime,
) -> int:
    """Assign an exam to a cohort. `form` is the one for all, with its item versions in order, if there is one."""
    made: int = tx.execute(
        insert(assignment)
        .values(
            cohort_id=cohort_id,
            exam_id=new.exam_id,
            exam_version_id=exam_version_id,
            opens_at=new.opens_at,
            closes_at=new.closes_at,
            zone=new.zone,
            attempts=new.attempts,
            time_option=new.time_option.value,
            release=new.release.value,
            form_id=None if form is None else form[0],
            item_versions=[] if form is None else form[1],
            made_at=now,
            made_by=by,
        )
        .returning(assignment.c.id)
    ).scalar_one()
    return made


def kept(tx: Connection, assignment_id: int, cohort_ids: Collection[int]) -> Assignment:
    """An assignment of one of these cohorts. Raises Missing, the same for a foreign one as for none."""
    row = tx.execute(
        _assignments().where(assignment.c.id == assignment_id, assignment.c.cohort_id.in_(cohort_ids))
    ).one_or_none()
    if row is None:
        raise Missing(NONE)
    return _assignment(row)


def of_cohort(tx: Connection, cohort_id: int) -> tuple[Assignment, ...]:
    """What is assigned to a cohort, what closes last first."""
    rows = tx.execute(
        _assignments()
        .where(assignment.c.cohort_id == cohort_id)
        .order_by(assignment.c.closes_at.desc(), assignment.c.id.desc())
    )
    return tuple(_assignment(row) for row in rows)


def of_member(tx: Connection, assignment_id: int, person_id: int, *, turn: bool = False) -> Assignment:
    """An assignment to a cohort that somebody belongs to now. Raises Missing, the same for all others.

    With `turn`, what this member does in other transactions waits: so attempts are counted one at a time.
    """
    mine = select(cohort_member.c.id).where(
        cohort_member.c.person_id == person_id,
        cohort_member.c.left_at.is_(None),
        cohort_member.c.cohort_id
        == select(assignment.c.cohort_id).where(assignment.c.id == assignment_id).scalar_subquery(),
    )
    if tx.execute(mine.with_for_update() if turn else mine).first() is None:
        raise Missing(NOT_YOURS)
    wanted = _assignments().where(assignment.c.id == assignment_id)
    # A start waits until a window has moved, and the other way round: it goes by the one or the other.
    return _assignment(tx.execute(wanted.with_for_update(read=True, of=assignment) if turn else wanted).one())


def assigned(tx: Connection, person_id: int) -> tuple[Assignment, ...]:
    """What is assigned to somebody now, what closes first first."""
    mine = select(cohort_member.c.cohort_id).where(
        cohort_member.c.person_id == person_id, cohort_member.c.left_at.is_(None)
    )
    rows = tx.execute(
        _assignments()
        .where(assignment.c.cohort_id.in_(mine))
        .order_by(assignment.c.closes_at, assignment.c.id)
    )
    return tuple(_assignment(row) for row in rows)


def withdraw(tx: Connection, assignment_id: int) -> None:
    """Take an assignment back that nobody has started. Raises Conflict when somebody has."""
    try:
        with tx.begin_nested():
            tx.execute(delete(extra_time).where(extra_time.c.assignment_id == assignment_id))
            tx.execute(delete(assignment).where(assignment.c.id == assignment_id))
    except IntegrityError as error:
        raise Conflict("Somebody has started this exam, so it cannot be withdrawn any more.") from error


def used(tx: Connection, assignment_id: int, person_id: int) -> int:
    """How many attempts somebody has begun under an assignment."""
    mine = (attempt.c.assignment_id == assignment_id) & (attempt.c.person_id == person_id)
    return tx.execute(select(func.count()).select_from(attempt).where(mine)).scalar_one()


def sat(tx: Connection, assignment_id: int, *, unclosed: bool = False) -> tuple[Sat, ...]:
    """The attempts under an assignment of those who belong to its cohort now, in the order of their starts; all, or
    those that nobody has closed."""
    found = (
        select(
            attempt.c.id,
            attempt.c.person_id,
            attempt.c.started_at,
            attempt.c.deadline_at,
            attempt.c.grace_seconds,
            attempt.c.paused_at,
            attempt.c.closed_at,
        )
        .join(assignment, assignment.c.id == attempt.c.assignment_id)
        .join(
            cohort_member,
            (cohort_member.c.cohort_id == assignment.c.cohort_id)
            & (cohort_member.c.person_id == attempt.c.person_id)
            & cohort_member.c.left_at.is_(None),
        )
        .where(attempt.c.assignment_id == assignment_id)
        .order_by(attempt.c.started_at, attempt.c.id)
    )
    if unclosed:
        found = found.where(attempt.c.closed_at.is_(None))
    return tuple(Sat(row.id, row.person_id, clock_of(row)) for row in tx.execute(found))


def asked(tx: Connection, attempt_ids: Collection[int]) -> dict[int, list[int]]:
    """The item versions of attempts, in their order. Of many sheets the rest would take long to read."""
    rows = tx.execute(select(attempt.c.id, attempt.c.sheet).where(attempt.c.id.in_(attempt_ids)))
    return {row.id: [at["item"] for at in row.sheet] for row in rows}


def release(tx: Connection, assignment_id: int, now: datetime) -> None:
    """Let the results show from now on. Nothing happens twice."""
    tx.execute(
        update(assignment)
        .where(assignment.c.id == assignment_id, assignment.c.released_at.is_(None))
        .values(released_at=now)
    )


# Extra time ----------------------------------------


def extra_of(tx: Connection, assignment_id: int, person_id: int) -> ExtraTime:
    """The extra time of one person."""
    return extras(tx, assignment_id).get(person_id, NO_EXTRA)


def extras(tx: Connection, assignment_id: int) -> dict[int, ExtraTime]:
    """The extra time of everybody who has any, by person: for each the last that was given."""
    rows = tx.execute(
        select(extra_time.c.person_id, extra_time.c.amount, extra_time.c.unit)
        .where(extra_time.c.assignment_id == assignment_id)
        .order_by(extra_time.c.id)
    )
    return {row.person_id: ExtraTime(row.amount, Unit(row.unit)) for row in rows}


def granted(tx: Connection, assignment_id: int) -> tuple[Granted, ...]:
    """The history of extra time under an assignment, the newest first."""
    giver = person.alias()
    rows = tx.execute(
        select(extra_time, person.c.name.label("person_name"), giver.c.name.label("giver_name"))
        .join(person, person.c.id == extra_time.c.person_id)
        .join(giver, giver.c.id == extra_time.c.made_by)
        .where(extra_time.c.assignment_id == assignment_id)
        .order_by(extra_time.c.id.desc())
    )
    return tuple(
        Granted(
            row.person_name or "", ExtraTime(row.amount, Unit(row.unit)), row.giver_name or "", row.made_at
        )
        for row in rows
    )


def grant(
    tx: Connection, task: Assignment, person_id: int, given: ExtraTime, by: int, now: datetime
) -> datetime | None:
    """Give somebody extra time, in place of what they had; what they sit now goes on as much longer.

    Returns the new deadline of the attempt under way, or None when none was moved: nothing is under way, or it
    has ended, or its deadline would come forward.
    """
    tx.execute(
        insert(extra_time).values(
            assignment_id=task.id,
            person_id=person_id,
            amount=given.amount,
            unit=given.unit.value,
            made_at=now,
            made_by=by,
        )
    )
    running = tx.execute(_running(task.id).where(attempt.c.person_id == person_id)).one_or_none()
    if running is None:
        return None
    return _moved(tx, task, running, (given, _since_start(tx, running)[:-1]), by, now)


def move(tx: Connection, task: Assignment, to: Window, by: int, now: datetime) -> int:
    """Move the window of an assignment; how many attempts under way now end later. None ever ends earlier."""
    moved = replace(task, opens_at=to.opens_at, closes_at=to.closes_at, zone=to.zone)
    tx.execute(
        update(assignment)
        .where(assignment.c.id == task.id)
        .values(opens_at=moved.opens_at, closes_at=moved.closes_at, zone=moved.zone)
    )
    later = 0
    for running in tx.execute(_running(task.id)).all():
        had = _since_start(tx, running)
        later += _moved(tx, moved, running, (had[-1] if had else NO_EXTRA, had), by, now) is not None
    return later


def under_way(tx: Connection, assignment_ids: Collection[int], now: datetime) -> int:
    """How many attempts under these assignments have not ended."""
    rows = tx.execute(
        select(attempt).where(attempt.c.assignment_id.in_(assignment_ids), attempt.c.closed_at.is_(None))
    )
    return sum(clock_of(row).state(now) is not State.FINAL for row in rows)


def _running(assignment_id: int) -> Any:
    return (
        select(attempt)
        .where(attempt.c.assignment_id == assignment_id, attempt.c.closed_at.is_(None))
        .order_by(attempt.c.id)
        .with_for_update(key_share=True)
    )


def _since_start(tx: Connection, running: Any) -> list[ExtraTime]:
    """The amounts of extra time that held since an attempt began, the last being the one that holds."""
    rows = tx.execute(
        select(extra_time.c.amount, extra_time.c.unit, extra_time.c.made_at)
        .where(
            extra_time.c.assignment_id == running.assignment_id, extra_time.c.person_id == running.person_id
        )
        .order_by(extra_time.c.id)
    ).all()
    earlier = sum(row.made_at < running.started_at for row in rows)
    return [ExtraTime(row.amount, Unit(row.unit)) for row in rows[max(0, earlier - 1) :]]


def _moved(
    tx: Connection,
    task: Assignment,
    running: Any,
    extra: tuple[ExtraTime, Sequence[ExtraTime]],
    by: int,
    now: datetime,
) -> datetime | None:
    """Let an attempt end as late as the rules now say; its new deadline, or None when it stays. `extra` is what holds
    now, and what held since it began."""
    deadline = task.extended(clock_of(running), *extra, now)
    if deadline is None:
        return None
    tx.execute(update(attempt).where(attempt.c.id == running.id).values(deadline_at=deadline))
    moved = {"before": running.deadline_at.isoformat(), "after": deadline.isoformat(), "by": by}
    tx.execute(insert(attempt_event).values(attempt_id=running.id, kind="deadline", at=now, detail=moved))
    return deadline


def _assignments() -> Any:
    return (
        select(assignment, cohort.c.name.label("cohort_name"), exam_version.c.specification)
        .join(cohort, cohort.c.id == assignment.c.cohort_id)
        .join(exam_version, exam_version.c.id == assignment.c.exam_version_id)
    )


def _assignment(row: Any) -> Assignment:
    return Assignment(
        id=row.id,
        cohort_id=row.cohort_id,
        cohort=row.cohort_name,
        exam=exam_from_plain(row.specification),
        exam_version_id=row.exam_version_id,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        zone=row.zone,
        attempts=row.attempts,
        time_option=TimeOption(row.time_option),
        release=Release(row.release),
        released_at=row.released_at,
        form_id=row.form_id,
        items=tuple(row.item_versions),
    )
