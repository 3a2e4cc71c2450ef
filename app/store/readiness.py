"""Readiness after each strict mock, kept so that no page works it out twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from app.store.database import insert_or
from app.store.tables import readiness


@dataclass(frozen=True, slots=True)
class Kept:
    """The chance of passing after one attempt, from the score with this number; None when it cannot be told."""

    attempt_id: int
    sequence: int
    probability: float | None
    low: float | None
    high: float | None


def known(tx: Connection, attempt_ids: Sequence[int]) -> dict[int, Kept]:
    """What is kept of these attempts."""
    rows = tx.execute(select(readiness).where(readiness.c.attempt_id.in_(attempt_ids)))
    return {row.attempt_id: Kept(**row._mapping) for row in rows}


def put(tx: Connection, made: Sequence[Kept]) -> None:
    """Keep what was worked out; it replaces what was kept before."""
    statement = insert_or(tx, readiness)
    changes = {name: statement.excluded[name] for name in ("sequence", "probability", "low", "high")}
    rows = [asdict(one) for one in sorted(made, key=lambda one: one.attempt_id)]
    if rows:
        tx.execute(statement.on_conflict_do_update(index_elements=["attempt_id"], set_=changes), rows)
