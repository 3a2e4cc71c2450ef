"""Results that do not show yet: of attempts under an assignment whose results are held back.

Whatever shows a candidate what an attempt came to, on any channel, asks here first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from app.exam.assignment import Held, Release, held
from app.exam.attempt import Attempt
from app.store.tables import assignment, attempt, cohort_member, item, item_version

# Built once: to build a question costs more than to ask it.
_ASSIGNED = select(attempt.c.id, attempt.c.assignment_id).where(
    attempt.c.person_id == bindparam("person_id"), attempt.c.assignment_id.is_not(None)
)
_TO_COME = select(assignment.c.item_versions).where(
    assignment.c.cohort_id.in_(
        select(cohort_member.c.cohort_id).where(
            cohort_member.c.person_id == bindparam("person_id"), cohort_member.c.left_at.is_(None)
        )
    ),
    assignment.c.closes_at > bindparam("now"),
)


def of(tx: Connection, one: Attempt, now: datetime) -> Held | None:
    """Whether the results of an attempt are held back, and until when; None: they may be shown."""
    if one.assignment_id is None:
        return None
    return of_assignments(tx, [one.assignment_id], now).get(one.assignment_id)


def attempts_of(tx: Connection, person_id: int, now: datetime) -> dict[int, Held]:
    """The attempts of a person whose results are held back, by their ids."""
    rows = tx.execute(_ASSIGNED, {"person_id": person_id}).all()
    rules = of_assignments(tx, {row.assignment_id for row in rows}, now)
    return {row.id: rules[row.assignment_id] for row in rows if row.assignment_id in rules}


def items_of(tx: Connection, person_id: int, now: datetime) -> dict[int, str]:
    """The items whose keys a person may not see, as their author's ids by `item.id`: those of attempts whose
    results are held back, and those of the one form for all of an exam that is assigned to them, as long as its
    window has not closed."""
    version_ids: set[int] = set()
    mute = attempts_of(tx, person_id, now)
    if mute:
        sheets = tx.execute(select(attempt.c.sheet).where(attempt.c.id.in_(mute))).scalars()
        version_ids |= {row["item"] for sheet in sheets for row in sheet}
    for listed in tx.execute(_TO_COME, {"person_id": person_id, "now": now}).scalars():
        version_ids.update(listed)
    if not version_ids:
        return {}
    found = select(item.c.id, item.c.code).where(
        item.c.id.in_(select(item_version.c.item_id).where(item_version.c.id.in_(version_ids)))
    )
    return {row.id: row.code for row in tx.execute(found)}


def of_assignments(tx: Connection, assignment_ids: Iterable[int], now: datetime) -> dict[int, Held]:
    """Those of these assignments whose results are held back."""
    ids = sorted(set(assignment_ids))
    if not ids:
        return {}
    open_now = (
        select(
            attempt.c.assignment_id,
            func.max(attempt.c.deadline_at).label("deadline"),
            func.max(attempt.c.grace_seconds).label("grace"),
        )
        .where(attempt.c.assignment_id.in_(ids), attempt.c.closed_at.is_(None))
        .group_by(attempt.c.assignment_id)
        .subquery()
    )
    rows = tx.execute(
        select(assignment, open_now.c.deadline, open_now.c.grace)
        .join(open_now, open_now.c.assignment_id == assignment.c.id, isouter=True)
        .where(assignment.c.id.in_(ids))
    )
    found = {}
    for row in rows:
        last_end = None if row.deadline is None else row.deadline + timedelta(seconds=row.grace)
        release = Release(row.release)
        rule = held(release, row.released_at, row.closes_at, row.zone, last_end, now)
        if rule is not None:
            found[row.id] = rule
    return found
