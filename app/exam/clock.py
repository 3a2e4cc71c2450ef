"""The clock of an attempt: its state is derived from stored facts and the time, never stored.

open → until the deadline; locked → until deadline + grace: saves are still taken, by arrival time, since the
server cannot know when a click happened; final → after an explicit end, or at deadline + grace. A pausable
attempt may also be paused; an untimed one has no deadline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """What a candidate can do with an attempt now."""

    OPEN = "open"
    PAUSED = "paused"
    LOCKED = "locked"
    FINAL = "final"


class TimeOption(StrEnum):
    """The time a candidate asks for before the start; the report shows it."""

    STANDARD = "standard"
    PLUS_30_MINUTES = "plus-30"
    TIMES_1_25 = "times-1.25"
    TIMES_1_5 = "times-1.5"
    TIMES_2 = "times-2"
    UNTIMED = "untimed"

    @property
    def label(self) -> str:
        """The option in words."""
        return _LABELS[self]

    def allowed(self, minutes: int) -> timedelta | None:
        """The time allowed for an exam of `minutes`; None when untimed."""
        if self is TimeOption.UNTIMED:
            return None
        if self is TimeOption.PLUS_30_MINUTES:
            return timedelta(minutes=minutes + 30)
        return timedelta(minutes=minutes * _FACTORS[self])


_LABELS = {
    TimeOption.STANDARD: "Standard time",
    TimeOption.PLUS_30_MINUTES: "30 minutes more",
    TimeOption.TIMES_1_25: "A quarter more time",
    TimeOption.TIMES_1_5: "Half as much time again",
    TimeOption.TIMES_2: "Twice the time",
    TimeOption.UNTIMED: "Untimed",
}
_FACTORS = {
    TimeOption.STANDARD: 1.0,
    TimeOption.TIMES_1_25: 1.25,
    TimeOption.TIMES_1_5: 1.5,
    TimeOption.TIMES_2: 2.0,
}


@dataclass(frozen=True, slots=True)
class Clock:
    """The stored facts that an attempt's state follows from. All times are UTC."""

    started_at: datetime
    deadline_at: datetime | None
    grace: timedelta
    paused_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def final_at(self) -> datetime | None:
        """When the attempt ends by itself; None while it is paused or has no deadline."""
        if self.deadline_at is None or self.paused_at is not None:
            return None
        return self.deadline_at + self.grace

    def state(self, now: datetime) -> State:
        """The state at `now`."""
        if self.closed_at is not None:
            return State.FINAL
        if self.paused_at is not None:
            return State.PAUSED
        if self.deadline_at is None or now < self.deadline_at:
            return State.OPEN
        return State.LOCKED if now < self.deadline_at + self.grace else State.FINAL

    def remaining(self, now: datetime) -> timedelta | None:
        """Time left until the deadline, never negative; frozen while paused; None when untimed."""
        if self.deadline_at is None:
            return None
        return max(self.deadline_at - (self.paused_at or now), timedelta(0))

    def ended_at(self, now: datetime) -> datetime | None:
        """When the attempt became final, if it has by `now`: its end by the clock is its deadline + grace."""
        if self.closed_at is not None:
            return self.closed_at
        return self.final_at if self.state(now) is State.FINAL else None
