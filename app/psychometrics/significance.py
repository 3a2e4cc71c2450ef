"""How surprising a figure is: tails, and the interval of a share."""

from __future__ import annotations

from math import erfc, exp, lgamma, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from app.psychometrics.irt import Floats


class Interval(NamedTuple):
    """From low to high, both of one shape."""

    low: Floats
    high: Floats


def normal_point(confidence: float) -> float:
    """How many standard deviations to each side hold this share of a normal distribution."""
    return NormalDist().inv_cdf((1.0 + confidence) / 2.0)


def student_point(confidence: float, freedom: int) -> float:
    """How many standard errors to each side hold this share of Student's distribution (`freedom` 1 or more)."""
    return float(stdtrit(freedom, (1.0 + confidence) / 2.0))


def chi_square_tail(statistic: float, freedom: int) -> float:
    """P(a chi-square of `freedom` degrees, 1 or more, exceeds the statistic).

    For a whole number of degrees the tail is a finite sum (Abramowitz & Stegun 1964, 26.4.4 and 26.4.5).
    """
    half = statistic / 2.0
    if half <= 0:
        return 1.0
    odd = freedom % 2 == 1
    tail = erfc(sqrt(half)) if odd else 0.0
    power = 0.5 if odd else 0.0
    while power < freedom / 2.0:
        tail += exp(power * log(half) - half - lgamma(power + 1.0))
        power += 1.0
    return min(1.0, tail)


def wilson(count: ArrayLike, total: ArrayLike, confidence: float = 0.95) -> Interval:
    """The interval of a share, count out of total (Wilson 1927); from 0 to 1 when the total is 0."""
    n = np.asarray(total, dtype=np.float64)
    square = normal_point(confidence) ** 2
    share = np.asarray(count, dtype=np.float64) / np.maximum(n, 1.0)
    middle = (share * n + square / 2.0) / (n + square)
    half = np.sqrt(square * (n * share * (1.0 - share) + square / 4.0)) / (n + square)
    return Interval(np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0))


def correlation(x: ArrayLike, y: ArrayLike) -> float | None:
    """Product-moment correlation of two arrays (n,); None when one of them does not vary."""
    first, second = (np.asarray(values, dtype=np.float64) for values in (x, y))
    if len(first) == 0 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    first, second = first - np.mean(first), second - np.mean(second)
    scale = sqrt(float(first @ first)) * sqrt(float(second @ second))
    return float(np.clip(first @ second / scale, -1.0, 1.0)) if scale > 0 else None
