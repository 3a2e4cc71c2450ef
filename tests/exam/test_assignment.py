"""Assignments: windows, deadlines, extra time, refusals, and when results show."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.exam.assignment import (
    NO_EXTRA,
    Assignment,
    ExtraTime,
    Held,
    Phase,
    Release,
    Unit,
    held,
)
from app.exam.clock import Clock, TimeOption
from tests.packs import NOON, exam

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
GRACE = timedelta(seconds=60)
OPENS, CLOSES = NOON, NOON + 8 * HOUR
TASK = Assignment(
    id=1,
    cohort_id=1,
    cohort="Class",
    exam=exam(minutes=100),
    exam_version_id=1,
    opens_at=OPENS,
    closes_at=CLOSES,
    zone="UTC",
    attempts=2,
    time_option=TimeOption.STANDARD,
    release=Release.AFTER_WINDOW,
    released_at=None,
    form_id=None,
    items=(),
)
extras = st.builds(ExtraTime, st.integers(0, 600), st.just(Unit.MINUTES)) | st.builds(
    ExtraTime, st.integers(0, 300), st.just(Unit.PERCENT)
)
starts = st.timedeltas(timedelta(0), 8 * HOUR - SECOND).map(lambda late: OPENS + late)


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        (OPENS - SECOND, Phase.BEFORE),
        (OPENS, Phase.OPEN),
        (CLOSES - SECOND, Phase.OPEN),
        (CLOSES, Phase.AFTER),
    ],
)
def test_the_window_opens_and_closes_at_its_ends(now: datetime, phase: Phase) -> None:
    assert TASK.phase(now) is phase


def test_an_attempt_ends_with_its_time_or_with_the_window() -> None:
    assert TASK.deadline(OPENS, NO_EXTRA) == OPENS + 100 * MINUTE
    assert TASK.deadline(CLOSES - 10 * MINUTE, NO_EXTRA) == CLOSES


@given(started_at=starts, extra=extras)
def test_extra_time_comes_on_top_of_both(started_at: datetime, extra: ExtraTime) -> None:
    assert TASK.deadline(started_at, extra) - TASK.deadline(started_at, NO_EXTRA) == extra.of(TASK.allowed)


def test_per_cent_is_of_the_whole_time_allowed() -> None:
    longer = replace(TASK, time_option=TimeOption.TIMES_1_5)
    assert longer.allowed == 150 * MINUTE
    assert ExtraTime(50, Unit.PERCENT).of(longer.allowed) == 75 * MINUTE


@pytest.mark.parametrize(("amount", "unit"), [(-1, Unit.MINUTES), (601, Unit.MINUTES), (301, Unit.PERCENT)])
def test_extra_time_has_limits(amount: int, unit: Unit) -> None:
    with pytest.raises(Invalid):
        ExtraTime(amount, unit)


# While it runs: F29 ----------------------------------------

DEADLINE = OPENS + 100 * MINUTE
CLOCK = Clock(OPENS, DEADLINE, GRACE)
TEN = ExtraTime(10, Unit.MINUTES)


@pytest.mark.parametrize("late", [-SECOND, timedelta(0), SECOND, GRACE - SECOND])
def test_extra_time_around_the_deadline_moves_it(late: timedelta) -> None:
    assert TASK.extended(CLOCK, TEN, [], DEADLINE + late) == DEADLINE + 10 * MINUTE


@pytest.mark.parametrize(
    ("clock", "now"),
    [
        (CLOCK, DEADLINE + GRACE),
        (replace(CLOCK, grace=timedelta(0)), DEADLINE),
        (replace(CLOCK, closed_at=OPENS + MINUTE), OPENS + 2 * MINUTE),
    ],
)
def test_what_has_ended_stays_ended(clock: Clock, now: datetime) -> None:
    assert TASK.extended(clock, TEN, [], now) is None


@given(first=extras, second=extras)
def test_a_running_clock_never_loses_time(first: ExtraTime, second: ExtraTime) -> None:
    given_first = replace(CLOCK, deadline_at=TASK.deadline(OPENS, first))
    moved = TASK.extended(given_first, second, [first], OPENS + MINUTE)
    assert (moved is None) == (second.of(TASK.allowed) <= first.of(TASK.allowed))
    assert moved is None or moved == TASK.deadline(OPENS, second)


# Starting ----------------------------------------


def test_refusals_say_what_to_do() -> None:
    assert "Come back then" in TASK.refusal(0, OPENS - SECOND)
    assert "ask an instructor" in TASK.refusal(0, CLOSES)
    assert "all 2 attempts" in TASK.refusal(2, OPENS)
    assert "the one attempt" in replace(TASK, attempts=1).refusal(1, OPENS)
    assert TASK.refusal(1, OPENS) == ""


# Results ----------------------------------------


def rule(
    release: Release, now: datetime, *, released: bool = False, last_end: datetime | None = None
) -> Held | None:
    return held(release, NOON if released else None, CLOSES, "UTC", last_end, now)


def test_results_at_once_are_never_held_back() -> None:
    assert rule(Release.AT_ONCE, OPENS) is None


def test_results_after_the_window_wait_for_its_end_and_for_the_last_who_sits() -> None:
    late = CLOSES + 30 * MINUTE
    assert rule(Release.AFTER_WINDOW, CLOSES - SECOND) == Held(Release.AFTER_WINDOW, CLOSES, "UTC")
    assert rule(Release.AFTER_WINDOW, CLOSES) is None
    assert rule(Release.AFTER_WINDOW, CLOSES, last_end=late) == Held(Release.AFTER_WINDOW, late, "UTC")
    assert rule(Release.AFTER_WINDOW, late, last_end=late) is None


def test_results_by_hand_wait_for_the_hand() -> None:
    found = rule(Release.BY_HAND, CLOSES + timedelta(days=999))
    assert found is not None
    assert "releases them" in str(found)


@pytest.mark.parametrize("release", list(Release))
def test_a_release_shows_results_whatever_the_rule(release: Release) -> None:
    assert rule(release, OPENS, released=True, last_end=CLOSES) is None
