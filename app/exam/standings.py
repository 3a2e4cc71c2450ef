"""How the members of a cohort stand with an assigned exam: not started, sitting, or ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.exam.assignment import NO_EXTRA, ExtraTime
from app.exam.clock import Clock, State
from app.exam.cohort import Member
from app.exam.score import Score


class Stage(StrEnum):
    """How far a member has come."""

    NOT_STARTED = "not started"
    SITTING = "sitting"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Sat:
    """One attempt at an assigned exam, without what was asked in it."""

    attempt_id: int
    person_id: int
    clock: Clock

    def time_used(self, now: datetime) -> timedelta:
        """From its start to its end or now, at most to its deadline."""
        end = self.clock.closed_at or now
        if self.clock.deadline_at is not None:
            end = min(end, self.clock.deadline_at)
        return max(end - self.clock.started_at, timedelta(0))


@dataclass(frozen=True, slots=True)
class Standing:
    """One member. `counts` is the latest attempt that has a score, with its score and the time it took; `left` is
    the time left to who sits."""

    member: Member
    stage: Stage
    attempts: int
    left: timedelta | None
    counts: Sat | None
    score: Score | None
    time_used: timedelta | None
    extra: ExtraTime


def standings(
    members: Sequence[Member],
    sat: Sequence[Sat],
    scores: Mapping[int, Score],
    extras: Mapping[int, ExtraTime],
    now: datetime,
) -> tuple[Standing, ...]:
    """How each member stands. `sat` in the order of the starts, `scores` by attempt, `extras` by person."""
    by_person: dict[int, list[Sat]] = {}
    for one in sat:
        by_person.setdefault(one.person_id, []).append(one)
    return tuple(
        _standing(
            member,
            by_person.get(member.person_id, []),
            scores,
            extras.get(member.person_id, NO_EXTRA),
            now,
        )
        for member in members
    )


def _standing(
    member: Member, own: Sequence[Sat], scores: Mapping[int, Score], extra: ExtraTime, now: datetime
) -> Standing:
    going = [one for one in own if one.clock.state(now) is not State.FINAL]
    scored = [one for one in own if one.attempt_id in scores]
    stage = Stage.SITTING if going else Stage.ENDED if own else Stage.NOT_STARTED
    counts = scored[-1] if scored else None
    return Standing(
        member=member,
        stage=stage,
        attempts=len(own),
        left=going[0].clock.remaining(now) if going else None,
        counts=counts,
        score=None if counts is None else scores[counts.attempt_id],
        time_used=None if counts is None else counts.time_used(now),
        extra=extra,
    )
