"""The item model: three-parameter logistic in the logistic metric (D = 1), with a structural guessing floor.

Arrays of n items are `a` (slope), `b` (location), `c` (floor: the chance of a blind guess, never estimated).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]


def logistic(x: ArrayLike) -> Floats:
    """1 / (1 + exp(-x)), without overflow and with full relative precision in the lower tail."""
    values = np.asarray(x, dtype=np.float64)
    small = np.exp(-np.abs(values))
    return np.asarray(np.where(values >= 0, 1.0, small) / (1.0 + small))


def probability(theta: ArrayLike, a: ArrayLike, b: ArrayLike, c: ArrayLike) -> Floats:
    """P(right | theta) = c + (1 - c) logistic(a (theta - b)) (Birnbaum 1968).

    Shape: that of theta, then (n,).
    """
    floor = np.asarray(c, dtype=np.float64)
    return np.asarray(floor + (1.0 - floor) * above_floor(theta, a, b))


def above_floor(theta: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """logistic(a (theta - b)): the chance of knowing the answer. Shape: that of theta, then (n,)."""
    ability = np.asarray(theta, dtype=np.float64)[..., np.newaxis]
    return logistic(np.asarray(a, dtype=np.float64) * (ability - np.asarray(b, dtype=np.float64)))


def slope(theta: ArrayLike, a: ArrayLike, b: ArrayLike, c: ArrayLike) -> Floats:
    """dP/dtheta. Shape: that of theta, then (n,)."""
    known = above_floor(theta, a, b)
    return np.asarray(
        np.asarray(a, dtype=np.float64) * (1.0 - np.asarray(c, dtype=np.float64)) * known * (1.0 - known)
    )


def information(theta: ArrayLike, a: ArrayLike, b: ArrayLike, c: ArrayLike) -> Floats:
    """Fisher information a^2 (1 - c) K^2 (1 - K) / P with K the chance of knowing (Lord 1980, eq. 5-8).

    Shape: that of theta, then (n,).
    """
    floor = np.asarray(c, dtype=np.float64)
    known = above_floor(theta, a, b)
    right = floor + (1.0 - floor) * known
    # K / P is at most 1; far below the item both go to 0 when there is no floor.
    share = np.divide(known, right, out=np.ones_like(right), where=right > 0)
    return np.asarray(
        np.square(np.asarray(a, dtype=np.float64)) * (1.0 - floor) * known * (1.0 - known) * share
    )
