"""A person's own data: all of it to take away, and its erasure.

Each column that points at a person or an attempt is named here, with what becomes of its rows; a test says so.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, func, select, update

from app.errors import Conflict
from app.exam.person import Role
from app.store import tables

OF_PERSON: dict[str, str] = {
    "session": "person_id",
    "one_time_link": "person_id",
    "api_token": "person_id",
    "pack_share": "person_id",
    "note": "person_id",
    "cohort_share": "person_id",
    "cohort_member": "person_id",
    "extra_time": "person_id",
    "practice_set": "person_id",
    "study_plan": "person_id",
    "met_item": "person_id",
    "study_card": "person_id",
}
"""Tables whose rows are about a person, by the column that says whose they are: given out, and erased."""

OF_PRACTICE: dict[str, str] = {
    "practice_meeting": "set_id",
    "practice_answer": "set_id",
}
"""Tables whose rows belong to a practice set: given out, and erased with it."""

OF_ATTEMPT: dict[str, str] = {
    "published_result": "attempt_id",
    "response_event": "attempt_id",
    "response": "attempt_id",
    "score": "attempt_id",
    "attempt_event": "attempt_id",
    "study_intake": "attempt_id",
    "readiness": "attempt_id",
}
"""Tables whose rows belong to an attempt: given out, and erased with it."""

LEFT: dict[str, tuple[str, ...]] = {
    "person": ("adopted_by",),
    "attempt": ("person_id",),
    "item_report": ("person_id", "closed_by", "attempt_id"),
    "approval": ("person_id",),
    "pack": ("owner_id",),
    "pack_version": ("made_by",),
    "pack_import": ("made_by", "decided_by"),
    "regrade": ("made_by",),
    "parameter_version": ("made_by", "adopted_by"),
    "job": ("made_by",),
    "note": ("attempt_id",),
    "cohort": ("owner_id",),
    "cohort_invitation": ("made_by",),
    "assignment": ("made_by",),
    "extra_time": ("made_by",),
    "audit_entry": ("who",),
}
"""What stays or has a rule of its own: records of the installation name a person who has no name any more."""

SECRET = {"password_hash", "token_sha256", "secret", "seed", "signature"}
NEVER_BEFORE_THE_END = {"sheet", "cards"}
ANONYMOUS = {"response", "response_event", "score", "attempt_event"}


def export(tx: Connection, person_id: int, held: Collection[int], now: datetime) -> dict[str, Any]:
    """All that is stored about a person, as JSON values: by table, without secrets.

    Of an attempt or a practice set that is not over, and of the attempts `held` whose results do not show yet, there
    are only the times: sheets and answers name options as their author does.
    """
    own, held = tables.attempt.c.person_id == person_id, set(held)
    closed = tables.attempt.c.closed_at.is_not(None)
    over = select(tables.attempt.c.id).where(own, closed, tables.attempt.c.id.not_in(held))
    practised = tables.practice_set.c.person_id == person_id
    ended = select(tables.practice_set.c.id).where(practised, tables.practice_set.c.ended_at.is_not(None))
    found: dict[str, Any] = {
        "made_at": now.isoformat(),
        "person": _rows(tx, tables.person, tables.person.c.id == person_id),
        "attempt": [
            row if row["closed_at"] and row["id"] not in held else _without_sheet(row)
            for row in _rows(tx, tables.attempt, own)
        ],
        "item_report": _rows(tx, tables.item_report, tables.item_report.c.person_id == person_id),
    }
    for name, column in OF_PERSON.items():
        table = tables.metadata.tables[name]
        found[name] = _rows(tx, table, table.c[column] == person_id)
    found["practice_set"] = [row if row["ended_at"] else _without_sheet(row) for row in found["practice_set"]]
    for name, column in OF_PRACTICE.items():
        table = tables.metadata.tables[name]
        found[name] = _rows(tx, table, table.c[column].in_(ended))
    for name, column in OF_ATTEMPT.items():
        table = tables.metadata.tables[name]
        found[name] = _rows(tx, table, table.c[column].in_(over))
    return found


def erase(tx: Connection, person_id: int, keep_answers: bool) -> None:
    """Erase a person: name, password, sessions, links, tokens, notes, practice, memberships, published results, and
    what they wrote.

    With `keep_answers` the attempts stay, without a name, notes, and what was expected before the start, for the
    calibration of items; otherwise they go too. The row itself stays, nameless, since records of the installation
    point at it. Raises Conflict for the only administrator.
    """
    _not_the_only_admin(tx, person_id)
    own = select(tables.attempt.c.id).where(tables.attempt.c.person_id == person_id)
    practised = select(tables.practice_set.c.id).where(tables.practice_set.c.person_id == person_id)
    for name, column in OF_PRACTICE.items():
        table = tables.metadata.tables[name]
        tx.execute(delete(table).where(table.c[column].in_(practised)))
    for name, column in OF_PERSON.items():
        table = tables.metadata.tables[name]
        tx.execute(delete(table).where(table.c[column] == person_id))
    for name, column in OF_ATTEMPT.items():
        if not (keep_answers and name in ANONYMOUS):
            table = tables.metadata.tables[name]
            tx.execute(delete(table).where(table.c[column].in_(own)))
    report, attempt, person = tables.item_report, tables.attempt, tables.person
    tx.execute(update(report).where(report.c.person_id == person_id).values(person_id=None, attempt_id=None))
    tx.execute(update(tables.pack).where(tables.pack.c.owner_id == person_id).values(owner_id=None))
    if keep_answers:
        said = {"scratchpad": "", "expected": None, "expected_score": None}
        tx.execute(update(attempt).where(attempt.c.person_id == person_id).values(**said))
    else:
        tx.execute(delete(attempt).where(attempt.c.person_id == person_id))
    tx.execute(
        update(person)
        .where(person.c.id == person_id)
        .values(name=None, password_hash=None, role=Role.CANDIDATE.value, is_guest=True)
    )


def _without_sheet(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in NEVER_BEFORE_THE_END}


def _not_the_only_admin(tx: Connection, person_id: int) -> None:
    admins = select(func.count()).where(
        tables.person.c.role == Role.ADMIN.value, tables.person.c.id != person_id
    )
    mine = tx.execute(select(tables.person.c.role).where(tables.person.c.id == person_id)).scalar_one()
    if mine == Role.ADMIN.value and not tx.execute(admins).scalar_one():
        raise Conflict(
            "You are the only administrator. Make somebody else one first, then delete your account."
        )


def _rows(tx: Connection, table: Table, whose: Any) -> list[dict[str, Any]]:
    columns = list(_shown(table))
    names, order = [column.name for column in columns], list(table.primary_key.columns)
    rows = tx.execute(select(*columns).where(whose).order_by(*order))
    return [dict(zip(names, map(_plain, row), strict=True)) for row in rows]


def _shown(table: Table) -> Iterator[Column[Any]]:
    return (column for column in table.columns if column.name not in SECRET)


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
