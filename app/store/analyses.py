"""Analyses: what was worked out of all responses to an exam, for the pages of its bank and items.

An analysis is large, so it is stored in several transactions and belongs to no exam until it is whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from app.errors import Missing
from app.exam.analysis import Summary, summary_from_plain
from app.exam.item_analysis import Document, Line, document_from_plain, line_from_plain
from app.store.database import Database
from app.store.tables import analysis, item_analysis

BATCH = 50
"""Items in one transaction: a few milliseconds, so that no save waits for them."""

_NOT_WHOLE = ""
_LATEST_ID = select(func.max(analysis.c.id)).where(analysis.c.exam_id == bindparam("exam_id"))
_OPTIONS = select(item_analysis.c.item_version_id, item_analysis.c.document["options"]).where(
    item_analysis.c.analysis_id == _LATEST_ID.scalar_subquery(),
    item_analysis.c.item_version_id.in_(bindparam("version_ids", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class Analysis:
    """The latest analysis of an exam."""

    id: int
    made_at: datetime
    summary: Summary


def put(database: Database, made: Mapping[str, Any], now: datetime) -> int:
    """Store what `app.measuring.analyse` made, in short transactions; its id. It is not seen until `publish`."""
    summary, items = made["summary"], made["items"]
    with database.writing() as tx:
        analysis_id: int = tx.execute(
            insert(analysis)
            .values(exam_id=_NOT_WHOLE, parameters=summary["parameters"], made_at=now, summary=summary)
            .returning(analysis.c.id)
        ).scalar_one()
    for start in range(0, len(items), BATCH):
        rows = [{"analysis_id": analysis_id, **item} for item in items[start : start + BATCH]]
        with database.writing() as tx:
            tx.execute(insert(item_analysis), rows)
    return analysis_id


def publish(tx: Connection, analysis_id: int) -> None:
    """Make a whole analysis the latest of its exam. Earlier ones keep their summary only."""
    summary = tx.execute(select(analysis.c.summary).where(analysis.c.id == analysis_id)).scalar_one()
    earlier = select(analysis.c.id).where(analysis.c.exam_id == summary["exam"])
    tx.execute(delete(item_analysis).where(item_analysis.c.analysis_id.in_(earlier)))
    tx.execute(update(analysis).where(analysis.c.id == analysis_id).values(exam_id=summary["exam"]))


def latest(tx: Connection, exam_id: str) -> Analysis | None:
    """The last analysis of an exam; None before the first."""
    row = tx.execute(
        select(analysis).where(analysis.c.exam_id == exam_id).order_by(analysis.c.id.desc()).limit(1)
    ).one_or_none()
    return None if row is None else Analysis(row.id, row.made_at, summary_from_plain(row.summary))


def latest_id(tx: Connection, exam_id: str) -> int | None:
    """The id of the last analysis of an exam; None before the first."""
    found: int | None = tx.execute(_LATEST_ID, {"exam_id": exam_id}).scalar_one()
    return found


def choices(tx: Connection, exam_id: str, item_version_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """How many candidates chose each option of these item versions, by the last analysis of an exam."""
    rows = tx.execute(_OPTIONS, {"exam_id": exam_id, "version_ids": list(item_version_ids)})
    return {version_id: {one["id"]: one["count"] for one in options} for version_id, options in rows}


def lines(tx: Connection, analysis_id: int) -> tuple[Line, ...]:
    """The lines of all items, in the order of their ids and versions."""
    rows = tx.execute(select(item_analysis.c.line).where(item_analysis.c.analysis_id == analysis_id))
    return tuple(sorted(map(line_from_plain, rows.scalars()), key=lambda line: (line.item, line.version)))


def item(tx: Connection, analysis_id: int, item_version_id: int) -> tuple[Line, Document]:
    """What an analysis says of one item version. Raises Missing when it was made without it."""
    row = tx.execute(
        select(item_analysis.c.line, item_analysis.c.document).where(
            item_analysis.c.analysis_id == analysis_id, item_analysis.c.item_version_id == item_version_id
        )
    ).one_or_none()
    if row is None:
        raise Missing("The last analysis does not know this item. Analyse the responses again.")
    return line_from_plain(row.line), document_from_plain(row.document)
