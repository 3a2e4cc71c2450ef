"""Study days roll at an hour of the wall clock, on both days on which clocks change, in three zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.study_day import STARTS, begins, day_of, zones

# Each with the days of 2026 on which its clocks go forward and back.
CHANGES = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 10, 4), date(2026, 4, 5)),  # by half an hour, in the southern summer
}
HOUR = timedelta(hours=1)
each_zone = pytest.mark.parametrize("zone", CHANGES)
each_start = pytest.mark.parametrize("starts", STARTS)


def local(zone: str, *parts: int) -> datetime:
    """A moment by the clock of a place."""
    return datetime(*parts, tzinfo=ZoneInfo(zone))  # type: ignore[arg-type,misc]  # year, month, day, hour, minute


def test_an_evening_that_goes_on_past_midnight_is_one_day() -> None:
    late = local("Europe/Berlin", 2026, 6, 2, 1, 30)
    assert day_of(late, "Europe/Berlin", 4) == date(2026, 6, 1)
    assert day_of(late, "Europe/Berlin", 0) == date(2026, 6, 2)


@each_zone
@each_start
def test_a_day_begins_at_its_hour_also_when_the_clocks_change(zone: str, starts: int) -> None:
    for change in CHANGES[zone]:
        for day in (change - timedelta(days=1), change, change + timedelta(days=1)):
            first = begins(day, zone, starts)
            assert first.astimezone(ZoneInfo(zone)).hour == starts
            assert day_of(first, zone, starts) == day
            assert day_of(first - timedelta(seconds=1), zone, starts) == day - timedelta(days=1)


@each_zone
def test_days_on_which_the_clocks_change_are_shorter_and_longer(zone: str) -> None:
    forward, back = CHANGES[zone]
    step = HOUR / 2 if zone == "Australia/Lord_Howe" else HOUR

    def length(day: date) -> timedelta:
        return begins(day + timedelta(days=1), zone, 0) - begins(day, zone, 0)

    assert (length(forward), length(back)) == (timedelta(days=1) - step, timedelta(days=1) + step)


@each_zone
def test_the_hour_that_comes_twice_is_of_one_day(zone: str) -> None:
    back = CHANGES[zone][1]
    start = begins(back, zone, 0)
    within = [start + n * HOUR / 4 for n in range(16)]  # the first hours, one of them or half of one twice
    assert {day_of(at, zone, 0) for at in within} == {back}


def test_where_midnight_does_not_exist_the_day_begins_with_the_jump() -> None:
    zone, day = "Africa/Cairo", date(2026, 4, 24)  # from 0:00 to 1:00
    first = begins(day, zone, 0)
    assert first.astimezone(ZoneInfo(zone)).hour == 1
    assert day_of(first, zone, 0) == day
    assert day_of(first - timedelta(seconds=1), zone, 0) == day - timedelta(days=1)


@given(
    hours=st.integers(0, 10 * 365 * 24),
    zone=st.sampled_from(zones()),
    starts=st.sampled_from(STARTS),
)
def test_days_never_go_back_and_none_is_left_out(hours: int, zone: str, starts: int) -> None:
    first = datetime(2020, 1, 1, tzinfo=UTC) + hours * HOUR
    days = [day_of(first + n * 7 * HOUR, zone, starts) for n in range(60)]
    assert all(timedelta(0) <= after - before <= timedelta(days=1) for before, after in pairwise(days))


def test_zones_are_places_and_utc() -> None:
    assert {"Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "UTC"} <= set(zones())
    assert not {"EST", "Etc/GMT+3"} & set(zones())
