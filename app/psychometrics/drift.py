"""Items that change with time: between two calibrations, and with each exposure (leak watch)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.irt import Floats
from app.psychometrics.responses import Flags, Ints

LIMIT = 2.7
"""A robust z beyond this is drift."""

BINS = 5
LEAST = 20
"""Exposures that a bin should have."""


def robust_z(old: ArrayLike, new: ArrayLike) -> Floats:
    """How far each location moved, against how far the others did. Shape (n,).

    (d - median) / (.74 IQR) of the differences d = new - old of linked locations (Huynh & Meyer 2010); the
    items that drift move neither median nor quartiles. All 0 when the quartiles are the same.
    """
    moved = np.asarray(new, dtype=np.float64) - np.asarray(old, dtype=np.float64)
    if len(moved) == 0:
        return moved
    low, middle, high = np.quantile(moved, [0.25, 0.5, 0.75])
    width = 0.74 * (high - low)
    return np.asarray((moved - middle) / width if width > 0 else np.zeros_like(moved))


@dataclass(frozen=True, slots=True)
class ExposureWatch:
    """One item in the order of its exposures, in B bins of like size.

    `count` (B,), `residual` (B,): share right less the share expected, `error` (B,) its standard error.
    `trend`: a normal deviate, positive when the item becomes easier than its parameters say as it is used.
    """

    count: Ints
    residual: Floats
    error: Floats
    trend: float


def exposure_watch(right: Flags, expected: Floats, bins: int = BINS) -> ExposureWatch:
    """The watch on one item: responses (r,) in the order of time, and `patterns.rest`'s expectations.

    The trend is the sum of residuals times their centred order, over its standard deviation: responses are
    coins of the expected chances while nothing leaks. A wrong location alone moves all bins, not the trend.
    """
    many = max(1, min(bins, len(right) // LEAST)) if len(right) else 0
    left, variance = right - expected, expected * (1.0 - expected)
    parts = np.array_split(np.arange(len(right)), many) if many else []
    count = np.array([len(part) for part in parts], dtype=np.int64)
    order = np.arange(len(right), dtype=np.float64)
    whole = float(np.sum(variance))
    order -= float(order @ variance) / whole if whole > 0 else 0.0
    spread = float(np.sum(order**2 * variance))
    return ExposureWatch(
        count=count,
        residual=np.array([np.mean(left[part]) for part in parts]),
        error=np.array([np.sqrt(np.sum(variance[part])) / len(part) for part in parts]),
        trend=float(order @ left) / spread**0.5 if spread > 0 else 0.0,
    )
