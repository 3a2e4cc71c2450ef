"""What candidates say is wrong with items, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from app.errors import Conflict, Missing
from app.store.tables import item, item_report, item_version


@dataclass(frozen=True, slots=True)
class ItemReport:
    """One report, without who made it; `closed_at` is None as long as nobody has answered it."""

    id: int
    pack_id: str
    code: str
    version: int
    text: str
    made_at: datetime
    closed_at: datetime | None
    answer: str


def add(
    tx: Connection, item_version_id: int, attempt_id: int, person_id: int, text: str, now: datetime
) -> None:
    """Record what a candidate says of an item of an attempt. Raises Conflict while an earlier word is unanswered."""
    mine = (item_report.c.item_version_id == item_version_id) & (item_report.c.attempt_id == attempt_id)
    if tx.execute(select(item_report.c.id).where(mine, item_report.c.closed_at.is_(None))).first():
        raise Conflict("You have reported this question already. Its instructors will look at it.")
    tx.execute(
        insert(item_report).values(
            item_version_id=item_version_id,
            attempt_id=attempt_id,
            person_id=person_id,
            text=text,
            made_at=now,
        )
    )


def of_attempt(tx: Connection, attempt_id: int, item_version_id: int) -> tuple[ItemReport, ...]:
    """What was said of an item after one attempt, the first first."""
    mine = (item_report.c.attempt_id == attempt_id) & (item_report.c.item_version_id == item_version_id)
    return tuple(_report(row) for row in tx.execute(_reports().where(mine).order_by(item_report.c.id)))


def unanswered(tx: Connection, pack_ids: Collection[str], most: int) -> tuple[ItemReport, ...]:
    """The reports that wait for an answer, those of one item together and the first first."""
    waiting = _reports().where(item_report.c.closed_at.is_(None), item.c.pack_id.in_(pack_ids))
    rows = tx.execute(waiting.order_by(item.c.pack_id, item.c.code, item_report.c.id).limit(most))
    return tuple(_report(row) for row in rows)


def answer(
    tx: Connection, report_id: int, pack_ids: Collection[str], text: str, now: datetime, person_id: int
) -> None:
    """Answer a report of an item of one of these packs. Raises Missing, or Conflict when somebody was first."""
    found = tx.execute(
        _reports().where(item_report.c.id == report_id, item.c.pack_id.in_(pack_ids))
    ).one_or_none()
    if found is None:
        raise Missing("There is no such report.")
    closed = tx.execute(
        update(item_report)
        .where(item_report.c.id == report_id, item_report.c.closed_at.is_(None))
        .values(closed_at=now, closed_by=person_id, answer=text)
    )
    if not closed.rowcount:
        raise Conflict("Somebody answered this report already. Reload the list to go on.")


def _reports() -> Select[Any]:
    return (
        select(item_report, item.c.pack_id, item.c.code, item_version.c.version)
        .join(item_version, item_version.c.id == item_report.c.item_version_id)
        .join(item, item.c.id == item_version.c.item_id)
    )


def _report(row: Any) -> ItemReport:
    return ItemReport(
        row.id,
        row.pack_id,
        row.code,
        row.version,
        row.text,
        row.made_at,
        row.closed_at,
        row.answer or "",
    )
