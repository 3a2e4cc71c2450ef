"""Times of day in time zones: what a form says to a moment, and a moment to words. Names of zones are IANA's."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from app.errors import Invalid


@cache
def names() -> tuple[str, ...]:
    """The zones to choose from, UTC first: places, not the abbreviations that are kept for old programs."""
    places = (
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "System"))
    )
    return ("UTC", *sorted(places))


def zone(name: str) -> ZoneInfo:
    """A zone by its name. Raises Invalid."""
    if name not in names():
        raise Invalid(f"There is no time zone {name[:64]!r}. Choose one such as Europe/Berlin, or UTC.")
    return ZoneInfo(name)


def moment(text: str, zone_name: str, *, later: bool = False) -> datetime:
    """The moment in UTC that a date and time of day ("2026-11-23T09:00") means in a zone. Raises Invalid.

    An hour that comes twice, when clocks are put back, is taken the first time, or the second if `later`; one
    that never comes is refused.
    """
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("Give a date and a time of day, such as 2026-11-23T09:00.") from None
    if local.tzinfo is not None or not 2000 <= local.year <= 2999:  # noqa: PLR2004 - far from both ends of time
        raise Invalid("Give a date and a time of day of this century, without a zone of its own.")
    there = zone(zone_name)
    at = local.replace(tzinfo=there, fold=int(later)).astimezone(UTC)
    if at.astimezone(there).replace(tzinfo=None, fold=0) != local:
        raise Invalid(
            f"This hour is left out in {zone_name} on that day: clocks are put forward. Take another."
        )
    return at


def field(at: datetime, zone_name: str) -> str:
    """A moment as a form's field has it, in a zone: the inverse of `moment`."""
    return at.astimezone(ZoneInfo(zone_name)).strftime("%Y-%m-%dT%H:%M")


def words(at: datetime, zone_name: str) -> str:
    """A moment in words, in a zone: "23 November 2026, 09:00 (Europe/Berlin)"."""
    local = at.astimezone(ZoneInfo(zone_name))
    return f"{local.day} {local:%B %Y, %H:%M} ({zone_name})"
