"""Study days: which day it is for somebody, wherever they are and whatever their clocks do.

A day begins at an hour of the wall clock (4 in the morning unless they say otherwise), so that an evening that goes
on past midnight is still one day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

DEFAULT_ZONE = "UTC"
DAY_STARTS = 4
STARTS = (0, DAY_STARTS)
"""The hours at which a day may begin."""


@cache
def zones() -> tuple[str, ...]:
    """The names of the IANA database that people choose from: places, and UTC."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return (*sorted(places), DEFAULT_ZONE)


def day_of(at: datetime, zone: str, starts: int = DAY_STARTS) -> date:
    """The study day that a moment (aware) is in."""
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return (wall - timedelta(hours=starts)).date()


def begins(day: date, zone: str, starts: int = DAY_STARTS) -> datetime:
    """The moment (UTC) at which a study day begins: `day_of` is `day` from then on, and not before.

    Where the clocks jump over that hour, it is the moment of the jump; where it comes twice, the first time.
    """
    return datetime.combine(day, time(starts), ZoneInfo(zone)).astimezone(UTC)
