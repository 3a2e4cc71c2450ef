"""What an exam's attempts came to, without the people: for whoever reads them by program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from app.store.tables import attempt, score

_OWN_SCORES = select(score.c.id).where(
    score.c.attempt_id == attempt.c.id,
    score.c.attempt_id
    > bindparam("after"),  # follows, but a plan that goes along the scores begins there, too
)
_ATTEMPT = (
    select(
        attempt.c.id,
        attempt.c.kind,
        attempt.c.time_option,
        attempt.c.started_at,
        attempt.c.closed_at,
        attempt.c.ending,
    )
    .where(
        attempt.c.exam_id == bindparam("exam_id"),
        attempt.c.id > bindparam("after"),
        _OWN_SCORES.exists(),
    )
    .order_by(attempt.c.id)
    .limit(bindparam("most"))
    .subquery()
)
"""Chosen before they are joined: PostgreSQL would put the scores of all attempts beside them."""
_LAST = score.alias()
_LATEST = select(func.max(_LAST.c.sequence)).where(_LAST.c.attempt_id == _ATTEMPT.c.id).scalar_subquery()
_RESULTS = (
    select(
        *_ATTEMPT.c,
        score.c.raw,
        score.c.passed,
        score.c.document["scored"].as_integer().label("scored"),
        score.c.exact,
    )
    .select_from(_ATTEMPT)
    .join(score, (score.c.attempt_id == _ATTEMPT.c.id) & (score.c.sequence == _LATEST))
    .order_by(_ATTEMPT.c.id)
)


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
    rows = tx.execute(_RESULTS, {"exam_id": exam_id, "after": after, "most": most})
    return tuple(
        ExamResult(
            row.id,
            row.kind,
            row.time_option,
            row.started_at,
            row.closed_at,
            row.ending,
            row.raw,
            row.scored,
            floor(row.exact),
            row.passed,
        )
        for row in rows
    )
