"""The maximisation step: better slopes and intercepts from expected counts, by Fisher scoring.

What is maximised, item by item, is the expected log-likelihood of its responses less the penalty of its
prior; one common slope ties the items together. A step that would make it lower is shortened, so none does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.cold_start import SLOPE
from app.psychometrics.expectation import Curves, Expected
from app.psychometrics.irt import Floats
from app.psychometrics.responses import Flags

SLOPE_BOUND = 10.0
INTERCEPT_BOUND = 40.0
"""No estimate leaves these bounds: one that would is not determined by the data."""

LOCATION_SPREAD = 0.72
"""Standard deviation of b around the location that a rating gives."""

UNRATED_SPREAD = 2.0
"""The same around 0 when nobody rated the items: wide enough to leave their mean to the responses."""

SLOPE_SPREAD = 0.3
"""Standard deviation of log a."""

_ROUNDS = 12
_LEAST_INFORMATION = 1e-12  # so that flat items divide by more than zero
_SMALL = 1e-10  # a step in slope or intercept that is not worth another round
_LONGEST_STEP = 2.0
_ROUNDING = 1e-14  # of a value: less is no loss


@dataclass(frozen=True, slots=True)
class Priors:
    """b ~ N(b_mean, b_sd^2) and log a ~ N(log_a_mean, log_a_sd^2), all arrays (n,).

    A slope common to all items has the prior once: the mean of the penalties.
    """

    b_mean: Floats
    b_sd: Floats
    log_a_mean: Floats
    log_a_sd: Floats

    def of(self, chosen: Flags) -> Priors:
        """The priors of some items."""
        return Priors(
            *(values[chosen] for values in (self.b_mean, self.b_sd, self.log_a_mean, self.log_a_sd))
        )

    def residuals(self, a: Floats, d: Floats) -> tuple[Floats, Floats]:
        """How many standard deviations log a and b = -d/a are off; `a` is positive."""
        return (np.log(a) - self.log_a_mean) / self.log_a_sd, (-d / a - self.b_mean) / self.b_sd


def priors_around(b: ArrayLike, spread: float = LOCATION_SPREAD) -> Priors:
    """The usual priors, with locations around `b` (n,)."""
    places = np.asarray(b, dtype=np.float64)
    return Priors(
        places,
        np.full_like(places, spread),
        np.full_like(places, np.log(SLOPE)),
        np.full_like(places, SLOPE_SPREAD),
    )


class Slopes(NamedTuple):
    """Derivatives of an item's objective by slope and intercept, all (n,).

    `a`, `d`: the gradient; `aa`, `ad`, `dd`: the information (expected second derivatives, negated).
    """

    a: Floats
    d: Floats
    aa: Floats
    ad: Floats
    dd: Floats


@dataclass(frozen=True, slots=True)
class Objective:
    """What the maximisation step makes higher: of n items, or of them together when the slope is common."""

    counts: Expected
    c: Floats
    priors: Priors | None
    common: bool

    def value(self, a: Floats, d: Floats) -> Floats:
        """Value of each item (n,); minus infinity where a prior forbids it."""
        logarithms = Curves(a, d, self.c).logarithms(self.counts.theta)
        n = len(a)
        value = np.sum(self.counts.wrong * logarithms[:n] + self.counts.right * logarithms[n : 2 * n], axis=1)
        return np.asarray(value - penalty(self.priors, a, d, self.common))

    def slopes(self, a: Floats, d: Floats) -> Slopes:
        """Gradient and information at a point that no prior forbids."""
        theta = self.counts.theta
        knowing = Curves(a, d, self.c).knowing(theta)
        floor = self.c[:, np.newaxis]
        right = floor + (1.0 - floor) * knowing
        share = np.divide(knowing, right, out=np.ones_like(right), where=right > 0)
        people = self.counts.wrong + self.counts.right
        score = (self.counts.right - people * right) * share
        weight = people * (1.0 - floor) * knowing * (1.0 - knowing) * share
        found = Slopes(
            score @ theta,
            np.sum(score, axis=1),
            weight @ theta**2,
            weight @ theta,
            np.sum(weight, axis=1),
        )
        return found if self.priors is None else _with_priors(found, self.priors, a, d, self.common)

    def steepness(self, a: Floats, d: Floats) -> tuple[Floats, Floats]:
        """Derivatives by slopes (by the one slope, when it is common) and by intercepts.

        They are in units of the root of their information: how far to go, in standard errors.
        """
        slopes = self.slopes(a, d)
        by_slope, information = slopes.a, slopes.aa
        if self.common and len(a):
            by_slope, information = np.sum(by_slope, keepdims=True), np.sum(information, keepdims=True)
        return (
            by_slope / np.sqrt(information + _LEAST_INFORMATION),
            slopes.d / np.sqrt(slopes.dd + _LEAST_INFORMATION),
        )


def penalty(priors: Priors | None, a: Floats, d: Floats, common: bool) -> Floats:
    """What the priors take off the log-likelihood of each item (n,), up to a constant."""
    if priors is None:
        return np.zeros_like(a)
    positive = a > 0
    of_slope, of_location = priors.residuals(np.where(positive, a, 1.0), d)
    share = 1.0 / max(1, len(a)) if common else 1.0
    return np.asarray(np.where(positive, 0.5 * (share * of_slope**2 + of_location**2), np.inf))


def _with_priors(found: Slopes, priors: Priors, a: Floats, d: Floats, common: bool) -> Slopes:
    """With the penalty's gradient and its curvature after Gauss and Newton, which is never negative."""
    of_slope, of_location = priors.residuals(a, d)
    share = 1.0 / max(1, len(a)) if common else 1.0
    slope_by_a = 1.0 / (a * priors.log_a_sd)
    location_by_a, location_by_d = d / (a**2 * priors.b_sd), -1.0 / (a * priors.b_sd)
    return Slopes(
        found.a - share * of_slope * slope_by_a - of_location * location_by_a,
        found.d - of_location * location_by_d,
        found.aa + share * slope_by_a**2 + location_by_a**2,
        found.ad + location_by_a * location_by_d,
        found.dd + location_by_d**2,
    )


def maximised(objective: Objective, a: Floats, d: Floats) -> tuple[Floats, Floats]:
    """Slopes and intercepts (n,) with a value that is at least that of `a` and `d`, at its highest or near."""
    if not len(a):
        return a, d
    value, length = objective.value(a, d), np.ones_like(a)
    slopes = objective.slopes(a, d)
    for _ in range(_ROUNDS):
        by_a, by_d = _step(slopes, a, d, objective.common)
        new_a = np.clip(a + length * by_a, -SLOPE_BOUND, SLOPE_BOUND)
        new_d = np.clip(d + length * by_d, -INTERCEPT_BOUND, INTERCEPT_BOUND)
        new_value = objective.value(new_a, new_d)
        better = _is_no_worse(new_value, value, objective.common)
        moved = np.where(better, np.maximum(np.abs(new_a - a), np.abs(new_d - d)), np.inf)
        a, d = np.where(better, new_a, a), np.where(better, new_d, d)
        value = np.where(better, new_value, value)
        length = np.where(better, np.minimum(1.0, 2.0 * length), length / 4.0)
        if np.all((moved < _SMALL) | (length < _SMALL)):
            break
        slopes = objective.slopes(a, d)
    return a, d


def _is_no_worse(new: Floats, old: Floats, common: bool) -> Flags:
    if common:
        new, old = np.full_like(new, np.sum(new)), np.full_like(old, np.sum(old))
    return np.asarray(new >= old - _ROUNDING * np.abs(old))


def _step(slopes: Slopes, a: Floats, d: Floats, common: bool) -> tuple[Floats, Floats]:
    """The scoring step in slope and intercept, information inverted, none of it far or out of bounds."""
    slopes = _ridged(slopes)
    if common:
        # The information is an arrow: one slope with many intercepts.
        along = slopes.ad / slopes.dd
        slope = np.sum(slopes.a - along * slopes.d) / np.sum(slopes.aa - along * slopes.ad)
        by_a = np.full_like(along, slope)
        by_d = (slopes.d - slopes.ad * by_a) / slopes.dd
    else:
        determinant = slopes.aa * slopes.dd - slopes.ad**2
        by_a = (slopes.dd * slopes.a - slopes.ad * slopes.d) / determinant
        by_d = (slopes.aa * slopes.d - slopes.ad * slopes.a) / determinant
    # Where one of the two cannot go on, the other goes alone.
    a_ends = (np.abs(a) >= SLOPE_BOUND) & (by_a * a > 0)
    d_ends = (np.abs(d) >= INTERCEPT_BOUND) & (by_d * d > 0)
    by_d = np.where(a_ends, slopes.d / slopes.dd, by_d)
    if not common:
        by_a = np.where(d_ends, slopes.a / slopes.aa, by_a)
    by_a, by_d = np.where(a_ends, 0.0, by_a), np.where(d_ends, 0.0, by_d)
    shorter = _LONGEST_STEP / np.maximum(_LONGEST_STEP, np.maximum(np.abs(by_a), np.abs(by_d)))
    if common:
        shorter = np.full_like(shorter, np.min(shorter))
    return by_a * shorter, by_d * shorter


def _ridged(slopes: Slopes) -> Slopes:
    """With a little more on the diagonal: curves known at hardly one node have no determinant."""
    little = _LEAST_INFORMATION + 1e-10 * (slopes.aa + slopes.dd)
    return slopes._replace(aa=slopes.aa + little, dd=slopes.dd + little)
