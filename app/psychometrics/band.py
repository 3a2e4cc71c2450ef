"""The band around a scaled score: the scores of the abilities that could well have given it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.ability import SMALLEST, location_error
from app.psychometrics.irt import Floats, probability
from app.psychometrics.scale import Curve, Ends, number_correct, scaled
from app.psychometrics.significance import normal_point

LEVEL = 0.9
EDGE = 14.0
"""The search for an ability goes from logistic(-EDGE) of the way up a form's curve to logistic(EDGE)."""

STEPS = 561
STRIDE = 16
NEAR = np.array([-EDGE, -7.0, -3.0, 0.0, 3.0, 7.0, EDGE])


class Band(NamedTuple):
    """Scaled scores of shape (n + 1,), for x = 0..n right: low <= score of x <= high."""

    low: Floats
    high: Floats


def band(
    form: Curve,
    reference: Curve,
    cut_share: float,
    ends: Ends,
    table: ArrayLike,
    sd: ArrayLike | None = None,
    level: float = LEVEL,
) -> Band:
    """The band of every score of a form.

    Low is the score at the ability L with P(X >= x | L) = (1 - level) / 2, high that at U with
    P(X <= x | U) = (1 - level) / 2 (Clopper & Pearson's interval on the distribution of Lord & Wingersky).
    The distance of each from the score is widened, in quadrature, by what item locations known only up to
    `sd` (n,) add there: z S'(theta) sqrt(sum of (dP/db sd)^2) / T'(theta), S the scaled score of a true
    score. Where no ability is low (high) enough, that side goes to the score of blind guessing (of knowing
    everything), and never stops short of the score itself.

    `table` (n + 1,) is the form's own conversion, so that a band is around the score that was given.
    """
    scores = np.asarray(table, dtype=np.float64)
    theta = _abilities(form)
    distribution = number_correct(probability(theta, form.a, form.b, form.c))
    tail = (1.0 - level) / 2.0
    at_least = np.flip(np.cumsum(np.flip(distribution, axis=1), axis=1), axis=1)
    at_most = np.cumsum(distribution, axis=1)
    lowest = np.array([_crossing(theta, column, tail) for column in at_least.T])
    highest = np.array([-_crossing(-theta[::-1], column[::-1], tail) for column in at_most.T])
    return Band(*_sides(scores, (lowest, highest), form, reference, cut_share, ends, sd, level))


def band_of(
    right: int,
    form: Curve,
    reference: Curve,
    cut_share: float,
    ends: Ends,
    table: ArrayLike,
    sd: ArrayLike | None = None,
    level: float = LEVEL,
) -> tuple[float, float]:
    """The band of one score, that of `right` right, as `band` has it: a tenth of the work."""
    theta, tail = _abilities(form), (1.0 - level) / 2.0
    # The abilities of `band`, but those far from where the two chances cross the level are passed over.
    marks = np.arange(0, STEPS, STRIDE)
    at_least, at_most = _sums(form, theta[marks], right)
    crossed = np.clip([np.searchsorted(at_least, tail), np.searchsorted(-at_most, -tail)], 1, len(marks) - 1)
    near = np.concatenate([np.arange(marks[k - 1], marks[k] + 1) for k in crossed])
    at_least, at_most = _sums(form, theta[near], right)
    low, high = np.split(theta[near], 2)
    limits = (
        _crossing(low, at_least[: len(low)], tail),
        -_crossing(-high[::-1], at_most[: len(low) - 1 : -1], tail),
    )
    scores = np.asarray(table, dtype=np.float64)[right : right + 1]
    lower, upper = _sides(scores, limits, form, reference, cut_share, ends, sd, level)
    return float(lower[0]), float(upper[0])


def _sums(form: Curve, theta: Floats, right: int) -> tuple[Floats, Floats]:
    """P(X >= right | theta) and P(X <= right | theta), each (K,)."""
    distribution = number_correct(probability(theta, form.a, form.b, form.c))
    return np.sum(distribution[:, right:], axis=1), np.sum(distribution[:, : right + 1], axis=1)


def _sides(
    scores: Floats,
    limits: tuple[ArrayLike, ArrayLike],
    form: Curve,
    reference: Curve,
    cut_share: float,
    ends: Ends,
    sd: ArrayLike | None,
    level: float,
) -> tuple[Floats, Floats]:
    """The ends of the bands around some scores, from the lowest and highest abilities that could give them."""
    errors = np.zeros(len(form.a)) if sd is None else np.asarray(sd, dtype=np.float64)
    point = normal_point(level)
    sides = []
    for at, direction, limit in zip(limits, (-1.0, 1.0), (reference.floor, reference.ceiling), strict=True):
        ability = np.atleast_1d(np.asarray(at, dtype=np.float64))
        known = np.isfinite(ability)
        where = np.where(known, ability, 0.0)
        share = np.where(known, reference.at(where), limit)
        gap = np.maximum(0.0, direction * (scaled(share, cut_share, ends) - scores))
        steep = _steepness(reference, cut_share, ends, where)
        unsure = np.where(known, point * steep * location_error(form, errors, where), 0.0)
        sides.append(np.clip(scores + direction * np.hypot(gap, unsure), ends.minimum, ends.maximum))
    return sides[0], sides[1]


def _steepness(reference: Curve, cut_share: float, ends: Ends, theta: Floats) -> Floats:
    """S'(theta): points of the scale for one unit of ability."""
    below = (ends.cut - ends.minimum) / cut_share
    above = (ends.maximum - ends.cut) / (1.0 - cut_share)
    return np.asarray(reference.slope(theta) * np.where(reference.at(theta) <= cut_share, below, above))


def _abilities(form: Curve) -> Floats:
    """Abilities spread over the form's curve about evenly in logits (STEPS,)."""
    near = np.sort((form.b + NEAR[:, np.newaxis] / form.a).ravel())
    gain = form.gain(near)
    height = np.log(np.maximum(gain, SMALLEST)) - np.log(np.maximum(form.ceiling - form.floor - gain, 1e-9))
    return np.interp(np.linspace(-EDGE, EDGE, STEPS), np.maximum.accumulate(height), near)


def _crossing(theta: Floats, rising: Floats, level: float) -> float:
    """Where a rising chance reaches the level; minus infinity when it is there from the start."""
    if rising[0] >= level:
        return -np.inf
    logits = np.log(np.maximum(rising, SMALLEST)) - np.log(np.maximum(1.0 - rising, 1e-16))
    return float(np.interp(np.log(level / (1.0 - level)), logits, theta))
