"""Item locations of a new bank from its authors' ratings: order and spread; the level is the cut's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.irt import Floats
from app.psychometrics.scale import curve

SLOPE = float(np.exp(-0.1))
"""a0: the slope of every item before there are responses; the centre of the prior of log a."""

RATING_VALIDITY = 0.58
"""Correlation of one Angoff rating with an item's true difficulty, as found in standard settings."""

TRUE_SPREAD = 0.88
"""Standard deviation of b in a bank; with the validity it leaves the .72 of the prior around a rating."""

MARGIN_ABOVE_FLOOR = 0.05
HIGHEST_RATING = 0.97


@dataclass(frozen=True, slots=True)
class ColdStart:
    """`b` (n,). `implied_mean`: the weighted mean rating, shown beside the policy cut; None if unrated."""

    b: Floats
    implied_mean: float | None


def is_rating_fault(rating: float, floor: float) -> bool:
    """Whether a rating cannot be used: hardly above a blind guess, or near certainty."""
    return not floor + MARGIN_ABOVE_FLOOR < rating < HIGHEST_RATING


def cold_start(rating: ArrayLike, c: ArrayLike, weight: ArrayLike, cut_share: float) -> ColdStart:
    """Locations from ratings, such that the weighted curve has the cut's share at theta = 0.

    All arrays have shape (n,): `rating` is the share of minimally qualified candidates expected to get the
    item right (NaN: not rated, taken as the bank mean), `c` the floor, `weight` sums to 1. ValueError for a
    rating that `is_rating_fault`, for an empty bank, or a cut at or below the bank's guessing floor.

    b = -logit((p - c) / (1 - c)) / a0 inverts the model at theta = 0; the regression towards the mean takes
    out what is noise in one person's rating; the common shift leaves order and spread alone.
    """
    ratings, floors, weights = (np.asarray(values, dtype=np.float64) for values in (rating, c, weight))
    rated = ~np.isnan(ratings)
    wrong = (ratings <= floors + MARGIN_ABOVE_FLOOR) | (ratings >= HIGHEST_RATING)
    if len(ratings) == 0 or np.any(wrong):
        raise ValueError("a cold start needs items, each rated clearly above its floor and below certainty")
    known = (ratings[rated] - floors[rated]) / (1.0 - floors[rated])
    raw = -np.log(known / (1.0 - known)) / SLOPE
    b = np.zeros(len(ratings))
    b[rated] = _regressed(raw)
    level = float(curve(np.full_like(b, SLOPE), b, floors, weights).inverse(cut_share))
    implied = (
        float(np.sum(weights[rated] * ratings[rated]) / np.sum(weights[rated])) if np.any(rated) else None
    )
    return ColdStart(b - level, implied)


def _regressed(raw: Floats) -> Floats:
    """Distances from the mean, times the slope of the regression of true on rated location.

    Raters who spread wider than banks do are drawn in further; those who spread less are not stretched.
    """
    if len(raw) == 0:
        return raw
    spread = float(np.std(raw))
    factor = RATING_VALIDITY * min(1.0, TRUE_SPREAD / spread) if spread > 0 else 0.0
    return np.asarray(factor * (raw - np.mean(raw)))
