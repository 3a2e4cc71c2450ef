"""A practice set: some items, one to a page, in order; and the answers given. What is true of it follows from its
facts and the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.exam.attempt import Confidence, Sheet


class SetKind(StrEnum):
    """What a set is for: what the candidate chose, or what the queue asks today."""

    PRACTICE = "practice"
    STUDY = "study"


@dataclass(frozen=True, slots=True)
class PracticeSet:
    """One set of one candidate.

    `at_once`: each answer is explained when it is given, and stands; otherwise all at the end, and may be changed
    until then. `cards` has for each position the number of the item whose card the answer is for. `reached` is the
    furthest position that the candidate has come to.
    """

    id: int
    person_id: int
    exam_id: str
    kind: SetKind
    title: str
    at_once: bool
    sheet: Sheet
    cards: tuple[int, ...]
    started_at: datetime
    deadline_at: datetime | None
    ended_at: datetime | None
    reached: int

    def over_at(self, now: datetime) -> datetime | None:
        """When it ended, by the candidate or by its clock; None while it goes on."""
        if self.ended_at is not None:
            return self.ended_at
        return self.deadline_at if self.deadline_at is not None and now >= self.deadline_at else None

    def remaining(self, now: datetime) -> timedelta | None:
        """Time left; None when there is no limit."""
        return None if self.deadline_at is None else max(self.deadline_at - now, timedelta(0))

    def explained(self, position: int, given: Mapping[int, Answer], now: datetime) -> bool:
        """Whether the candidate may see the key of a position."""
        return position <= self.reached and (
            self.over_at(now) is not None or (self.at_once and position in given)
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `choice` holds the author's option ids, sorted; empty: the candidate did not know."""

    position: int
    choice: tuple[str, ...]
    confidence: Confidence | None
    elapsed_ms: int
    at: datetime


def standing_answers(answers: Iterable[Answer]) -> dict[int, Answer]:
    """The answer that stands at each position: the last one, `answers` being in order."""
    return {answer.position: answer for answer in answers}
