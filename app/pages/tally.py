"""What one server process has done since it started: counted by the guard and the saves, shown as metrics and status.

Numbers only: no addresses, names or answers. All of it is counted on the event loop, so nothing needs a lock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds; what took longer is counted beyond the last of them."""
MOST_FAULTS = 20
FAULT = 500
METHODS, OTHER = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}), "other"


@dataclass(slots=True)
class Durations:
    """How long things took: `counts` of each bound and beyond, and their sum in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def bound(self, share: float) -> float | None:
        """The smallest bound that this share of them kept; None when there are none, or none was kept."""
        count, wanted = 0, share * sum(self.counts)
        for bound, number in zip(BOUNDS, self.counts, strict=False):
            count += number
            if number and count >= wanted:
                return bound
        return None


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that should not have been: when, to what, and its status (503: the database was away or busy)."""

    at: datetime
    method: str
    route: str
    status: int


@dataclass(slots=True)
class Tally:
    """Requests by method and status, their durations (saves apart), saves by outcome, and the last faults."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    pages: Durations = field(default_factory=Durations)
    saves: Durations = field(default_factory=Durations)
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: deque[Fault] = field(default_factory=lambda: deque(maxlen=MOST_FAULTS))
    under_way: int = 0

    def answered(
        self, method: str, route: str, status: int, seconds: float, at: datetime, save: bool
    ) -> None:
        """Count an answer."""
        self.statuses[method if method in METHODS else OTHER, status] += 1
        (self.saves if save else self.pages).add(seconds)
        if status >= FAULT:
            self.faults.append(Fault(at, method, route, status))
