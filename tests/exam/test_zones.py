"""Times of day in time zones: hours that come twice or never, and what is no time at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.exam import zones

moments = st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - given a zone below
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)


@given(at=moments, zone=st.sampled_from(zones.names()))
def test_what_a_field_shows_is_read_as_the_same_moment_or_one_hour_that_comes_twice(
    at: datetime, zone: str
) -> None:
    text = zones.field(at, zone)
    both = {zones.moment(text, zone), zones.moment(text, zone, later=True)}
    assert at in both
    assert zones.words(at, zone).endswith(f"({zone})")


def test_an_hour_that_comes_twice_is_taken_the_first_time_unless_told_otherwise() -> None:
    text, zone = "2026-10-25T02:30", "Europe/Berlin"
    first, second = zones.moment(text, zone), zones.moment(text, zone, later=True)
    assert (first, second - first) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), timedelta(hours=1))


def test_an_hour_that_never_comes_is_refused() -> None:
    for later in (False, True):
        with pytest.raises(Invalid, match="clocks are put forward"):
            zones.moment("2026-03-29T02:30", "Europe/Berlin", later=later)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13-01T00:00",
        "0001-01-01T00:00",
        "9999-12-31T23:59",
        "2026-11-23T09:00+01:00",
        "2026-11-23T09:00Z",
    ],
)
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        zones.moment(text, "UTC")


@pytest.mark.parametrize("name", ["", "Berlin", "../../etc/passwd", "Europe", "europe/berlin", "CET\0"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        zones.zone(name)


def test_words_say_the_time_of_day_there() -> None:
    at = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)
    assert zones.words(at, "Asia/Kolkata") == "1 July 2026, 17:35 (Asia/Kolkata)"
