"""Assignments: an exam given to a cohort, the rules of starting it, its deadlines, and when its results show.

A window ends what is under way in it: an attempt ends when its time is up or when the window closes, whichever is
first, and extra time comes on top of both. A window that moves gives time and takes none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.errors import Invalid
from app.exam.clock import Clock, State, TimeOption
from app.exam.pack import Exam
from app.exam.zones import words


class Release(StrEnum):
    """When a candidate's results show."""

    AT_ONCE = "at-once"
    AFTER_WINDOW = "after-window"
    BY_HAND = "by-hand"

    @property
    def label(self) -> str:
        """The rule in words."""
        return _RELEASES[self]


_RELEASES = {
    Release.AT_ONCE: "As soon as the exam ends",
    Release.AFTER_WINDOW: "When the window has closed and nobody sits the exam any more",
    Release.BY_HAND: "When an instructor releases them",
}


class Unit(StrEnum):
    """What extra time is counted in."""

    MINUTES = "minutes"
    PERCENT = "percent"


MOST_EXTRA = {Unit.MINUTES: 600, Unit.PERCENT: 300}


@dataclass(frozen=True, slots=True)
class ExtraTime:
    """Extra time for one person: in minutes, or in per cent of the time allowed."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= MOST_EXTRA[self.unit]:
            raise Invalid(f"Extra time is from 0 to {MOST_EXTRA[self.unit]} {self.unit.value}.")

    def of(self, allowed: timedelta) -> timedelta:
        """What it adds to the time allowed."""
        if self.unit is Unit.MINUTES:
            return timedelta(minutes=self.amount)
        return allowed * (self.amount / 100)

    def __str__(self) -> str:
        sign = " %" if self.unit is Unit.PERCENT else " minute" if self.amount == 1 else " minutes"
        return f"{self.amount}{sign}"


NO_EXTRA = ExtraTime(0, Unit.MINUTES)


class Phase(StrEnum):
    """Where the present stands to the window."""

    BEFORE = "before"
    OPEN = "open"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Held:
    """Results that do not show yet. `at`: not before then, however it may be; None: an instructor decides."""

    release: Release
    at: datetime | None
    zone: str

    def __str__(self) -> str:
        if self.at is None:
            return "Results show when an instructor of your cohort releases them."
        return f"Results show after {words(self.at, self.zone)}, as soon as nobody sits the exam any more."


@dataclass(frozen=True, slots=True)
class Assignment:
    """An exam given to a cohort. `exam` is as it was when it was assigned.

    `form_id` is the one form that all get, with its item versions in order in `items`; None: each a form of their
    own. `zone` is the time zone in which the window was given.
    """

    id: int
    cohort_id: int
    cohort: str
    exam: Exam
    exam_version_id: int
    opens_at: datetime
    closes_at: datetime
    zone: str
    attempts: int
    time_option: TimeOption
    release: Release
    released_at: datetime | None
    form_id: int | None
    items: tuple[int, ...]

    @property
    def allowed(self) -> timedelta:
        """The time for everybody, extra time not counted."""
        allowed = self.time_option.allowed(self.exam.minutes)
        assert allowed is not None  # untimed cannot be assigned
        return allowed

    def phase(self, now: datetime) -> Phase:
        """Whether the window is to come, open, or past."""
        if now < self.opens_at:
            return Phase.BEFORE
        return Phase.OPEN if now < self.closes_at else Phase.AFTER

    def deadline(self, started_at: datetime, extra: ExtraTime) -> datetime:
        """When an attempt begun then ends: by its time or by the window, and the extra time after that."""
        return min(started_at + self.allowed, self.closes_at) + extra.of(self.allowed)

    def extended(
        self, clock: Clock, extra: ExtraTime, had: Sequence[ExtraTime], now: datetime
    ) -> datetime | None:
        """The deadline of an attempt that has begun, once extra time is given or the window has moved; None when it
        does not move. `had` are the amounts of extra time that held since it began.

        What has ended stays ended, and nobody's deadline ever comes forward: a window that now closes earlier takes
        nothing from an attempt under way, neither its time nor the extra time on top of it.
        """
        if clock.state(now) is State.FINAL or clock.deadline_at is None:
            return None
        kept = clock.deadline_at - max((one.of(self.allowed) for one in had), default=timedelta(0))
        new = min(clock.started_at + self.allowed, max(self.closes_at, kept)) + extra.of(self.allowed)
        return new if new > clock.deadline_at else None

    def refusal(self, used: int, now: datetime) -> str:
        """Why a member who made so many attempts cannot start one now, and what to do; empty: they can."""
        if self.phase(now) is Phase.BEFORE:
            return f"This exam opens on {words(self.opens_at, self.zone)}. Come back then."
        if self.phase(now) is Phase.AFTER:
            return (
                f"This exam closed on {words(self.closes_at, self.zone)}. If you need another chance, ask an "
                "instructor of your cohort."
            )
        if used >= self.attempts:
            many = "the one attempt" if self.attempts == 1 else f"all {self.attempts} attempts"
            return (
                f"You have used {many} that this assignment allows. If one is under way, go on with it from the "
                "list of exams; else ask an instructor of your cohort."
            )
        return ""


def held(
    release: Release,
    released_at: datetime | None,
    closes_at: datetime,
    zone: str,
    last_end: datetime | None,
    now: datetime,
) -> Held | None:
    """Whether results are held back now. `last_end` is when the last attempt that is not closed ends by itself;
    None: there is none."""
    if released_at is not None or release is Release.AT_ONCE:
        return None
    if release is Release.BY_HAND:
        return Held(release, None, zone)
    if now < closes_at:
        return Held(release, closes_at, zone)
    if last_end is not None and now < last_end:
        return Held(release, last_end, zone)
    return None
