"""What candidates say is wrong with items, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from app.errors import Conflict, Missing
from app.exam.item_report import ReportKind
from app.store.tables import item, item_report, item_version


@dataclass(frozen=True, slots=True)
class ItemReport:
    """One report, without who made it; `closed_at` is None as long as nobody has answered it."""

    id: int
    pack_id: str
    code: str
    version: int
    kind: ReportKind
    text: str
    made_at: datetime
    closed_at: datetime | None
    answer: str


def add(
    tx: Connection,
    item_version_id: int,
    attempt_id: int,
    person_id: int,
    kind: ReportKind,
    text: str,
    now: datetime,
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
            kind=kind.value,
            text=text,
            made_at=now,
        )
    )


def of_attempt(tx: Connection, attempt_id: int, item_version_id: int) -> tuple[ItemReport, ...]:
    """What was said of an item after one attempt, the first first."""
    mine = (item_report.c.attempt_id == attempt_id) & (item_report.c.item_version_id == item_version_id)
    return tuple(_report(row) for row in tx.execute(_reports().where(mine).order_by(item_report.c.id)))


def queue(
    tx: Connection, pack_ids: Collection[str], most: int, *, kind: ReportKind | None, answered: bool
) -> tuple[ItemReport, ...]:
    """Reports of items of these packs, of one kind if that is asked: those that wait for an answer, the reports of
    one item together and the first first; or those that have one, the last first."""
    found = _reports().where(item.c.pack_id.in_(pack_ids), item_report.c.closed_at.is_not(None) == answered)
    if kind is not None:
        found = found.where(item_report.c.kind == kind.value)
    order = [item_report.c.closed_at.desc()] if answered else [item.c.pack_id, item.c.code]
    rows = tx.execute(found.order_by(*order, item_report.c.id).limit(most))
    return tuple(_report(row) for row in rows)


def answer(
    tx: Connection,
    report_ids: Collection[int],
    pack_ids: Collection[str],
    text: str,
    now: datetime,
    person_id: int,
) -> None:
    """Give reports of items of these packs the same answer; those that have one keep theirs. Raises Missing when one
    is not there, and Conflict when somebody answered all of them before."""
    mine = _reports().where(item_report.c.id.in_(report_ids), item.c.pack_id.in_(pack_ids))
    if len(tx.execute(mine).all()) < len(set(report_ids)):
        raise Missing("There is no such report.")
    closed = tx.execute(
        update(item_report)
        .where(item_report.c.id.in_(report_ids), item_report.c.closed_at.is_(None))
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
        ReportKind(row.kind),
        row.text,
        row.made_at,
        row.closed_at,
        row.answer or "",
    )
