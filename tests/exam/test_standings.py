"""How members stand: not started, sitting, ended; and which attempt counts."""

from __future__ import annotations

from datetime import timedelta

from app.exam.assignment import NO_EXTRA, ExtraTime, Unit
from app.exam.clock import Clock
from app.exam.cohort import Member
from app.exam.standings import Sat, Stage, standings
from tests.exam.test_cohort_figures import score
from tests.packs import NOON

HOUR, GRACE = timedelta(hours=1), timedelta(seconds=60)
ADA = Member(1, "ada", NOON)


def sat(attempt_id: int, hour: int, *, closed: bool = False) -> Sat:
    start = NOON + hour * HOUR
    return Sat(
        attempt_id, 1, Clock(start, start + HOUR, GRACE, closed_at=start + HOUR / 2 if closed else None)
    )


def test_who_has_no_attempt_has_not_started() -> None:
    (one,) = standings([ADA], [], {}, {}, NOON)
    assert (one.stage, one.attempts, one.score, one.extra) == (Stage.NOT_STARTED, 0, None, NO_EXTRA)


def test_who_sits_has_time_left_and_the_score_of_before() -> None:
    before, going = sat(1, 0, closed=True), sat(2, 1)
    (one,) = standings([ADA], [before, going], {1: score(600)}, {}, NOON + 1.25 * HOUR)
    assert (one.stage, one.left, one.counts) == (Stage.SITTING, 0.75 * HOUR, before)
    assert one.time_used == HOUR / 2


def test_the_last_attempt_with_a_score_counts() -> None:
    attempts = [sat(1, 0, closed=True), sat(2, 1, closed=True), sat(3, 2, closed=True)]
    (one,) = standings([ADA], attempts, {1: score(900), 2: score(500)}, {}, NOON + 9 * HOUR)
    assert one.score is not None
    assert (one.stage, one.attempts, one.score.displayed) == (Stage.ENDED, 3, 500)


def test_who_ran_out_has_ended_before_anybody_looked() -> None:
    (one,) = standings([ADA], [sat(1, 0)], {}, {1: ExtraTime(25, Unit.PERCENT)}, NOON + 9 * HOUR)
    assert (one.stage, one.left, one.score) == (Stage.ENDED, None, None)
    assert str(one.extra) == "25 %"
