"""The clock of an attempt: its state at every boundary, time options, pauses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.clock import Clock, State, TimeOption

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DEADLINE = START + timedelta(minutes=170)
GRACE = timedelta(seconds=60)
INSTANT = timedelta(microseconds=1)
RUNNING = Clock(START, DEADLINE, GRACE)
UNTIMED = Clock(START, None, GRACE)
ORDER = [State.OPEN, State.LOCKED, State.FINAL]
moments = st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda length: START + length)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (START, State.OPEN),
        (DEADLINE - INSTANT, State.OPEN),
        (DEADLINE, State.LOCKED),
        (DEADLINE + GRACE - INSTANT, State.LOCKED),
        (DEADLINE + GRACE, State.FINAL),
        (DEADLINE + timedelta(days=999), State.FINAL),
    ],
)
def test_the_state_changes_at_the_deadline_and_at_the_end_of_the_grace(now: datetime, state: State) -> None:
    assert RUNNING.state(now) is state


def test_without_grace_the_deadline_is_the_end() -> None:
    strict = replace(RUNNING, grace=timedelta(0))
    assert strict.state(DEADLINE - INSTANT) is State.OPEN
    assert strict.state(DEADLINE) is State.FINAL


@given(now=moments)
def test_a_closed_attempt_is_final_whatever_the_time(now: datetime) -> None:
    assert replace(RUNNING, closed_at=START).state(now) is State.FINAL
    assert replace(UNTIMED, closed_at=START).state(now) is State.FINAL


@given(now=moments)
def test_a_paused_attempt_stays_paused(now: datetime) -> None:
    paused = replace(RUNNING, paused_at=START + GRACE)
    assert paused.state(now) is State.PAUSED
    assert paused.final_at is None
    assert paused.ended_at(now) is None


@given(now=moments)
def test_an_untimed_attempt_stays_open(now: datetime) -> None:
    assert UNTIMED.state(now) is State.OPEN
    assert UNTIMED.remaining(now) is None
    assert UNTIMED.final_at is None


@given(times=st.lists(moments, min_size=2))
def test_a_state_never_goes_back(times: list[datetime]) -> None:
    states = [ORDER.index(RUNNING.state(now)) for now in sorted(times)]
    assert all(early <= late for early, late in pairwise(states))


@given(now=moments)
def test_the_time_left_is_never_negative_and_runs_out_at_the_deadline(now: datetime) -> None:
    left = RUNNING.remaining(now)
    assert left is not None
    assert left >= timedelta(0)
    assert (left > timedelta(0)) == (RUNNING.state(now) is State.OPEN)


@given(paused=st.timedeltas(timedelta(0), timedelta(minutes=170)), now=moments)
def test_the_time_left_stands_still_while_paused(paused: timedelta, now: datetime) -> None:
    clock = replace(RUNNING, paused_at=START + paused)
    assert clock.remaining(now) == timedelta(minutes=170) - paused


def test_what_ran_out_ended_at_deadline_plus_grace_whenever_one_looks() -> None:
    for delay in (timedelta(0), timedelta(days=30)):
        assert RUNNING.ended_at(DEADLINE + GRACE + delay) == DEADLINE + GRACE
    assert RUNNING.ended_at(DEADLINE + GRACE - INSTANT) is None


def test_an_explicit_end_is_the_end() -> None:
    assert replace(RUNNING, closed_at=START + GRACE).ended_at(DEADLINE) == START + GRACE


@pytest.mark.parametrize(
    ("option", "minutes"),
    [
        (TimeOption.STANDARD, 170),
        (TimeOption.PLUS_30_MINUTES, 200),
        (TimeOption.TIMES_1_25, 212.5),
        (TimeOption.TIMES_1_5, 255),
        (TimeOption.TIMES_2, 340),
    ],
)
def test_a_time_option_gives_its_time(option: TimeOption, minutes: float) -> None:
    assert option.allowed(170) == timedelta(minutes=minutes)


def test_untimed_has_no_limit() -> None:
    assert TimeOption.UNTIMED.allowed(170) is None


def test_every_time_option_has_words_of_its_own() -> None:
    assert len({option.label for option in TimeOption}) == len(TimeOption)


@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/New_York", "Australia/Lord_Howe"])
def test_f12_a_change_to_summer_time_moves_no_deadline(zone: str) -> None:
    for month, day in ((3, 29), (10, 25), (3, 8), (11, 1), (4, 5)):
        start = datetime(2026, month, day, 1, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        clock = Clock(start, start + timedelta(minutes=170), GRACE)
        assert clock.remaining(start) == timedelta(minutes=170)
        assert clock.state(start + timedelta(minutes=169)) is State.OPEN
