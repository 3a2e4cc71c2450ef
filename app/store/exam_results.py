"""What an exam's attempts came to, without the people: for whoever reads them by program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from app.store.tables import attempt, score


@dataclass(frozen=True, slots=True)
class ExamResult:
    """One attempt that has a score, by the latest of its scores. `scaled` is the score as it is shown."""

    attempt: int
    kind: str
    time_option: str
    started_at: datetime
    ended_at: datetime
    ending: str
    raw: int
    scored: int
    scaled: int
    passed: bool

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        times = {"started_at": self.started_at.isoformat(), "ended_at": self.ended_at.isoformat()}
        return {name: times.get(name, getattr(self, name)) for name in self.__slots__}


def of_exam(tx: Connection, exam_id: str, after: int, most: int) -> tuple[ExamResult, ...]:
    """Scored attempts with ids above `after`, in their order, at most so many."""
    last = (
        select(score.c.attempt_id, func.max(score.c.sequence).label("sequence"))
        .group_by(score.c.attempt_id)
        .subquery()
    )
    rows = tx.execute(
        select(attempt, score.c.raw, score.c.passed, score.c.document)
        .join(last, last.c.attempt_id == attempt.c.id)
        .join(score, (score.c.attempt_id == attempt.c.id) & (score.c.sequence == last.c.sequence))
        .where(attempt.c.exam_id == exam_id, attempt.c.id > after)
        .order_by(attempt.c.id)
        .limit(most)
    )
    return tuple(
        ExamResult(
            row.id,
            row.kind,
            row.time_option,
            row.started_at,
            row.closed_at,
            row.ending,
            row.raw,
            row.document["scored"],
            row.document["displayed"],
            row.passed,
        )
        for row in rows
    )
