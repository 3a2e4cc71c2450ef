"""The reporting scale: true-score equating of forms to one frozen reference (Kolen & Brennan 2004)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.irt import Floats, above_floor, slope

REACH = 1e9  # no item is so flat or so far away that a curve has anything left to give beyond this ability
STEPS = 200  # bisection alone halves REACH to the last bit in about 90


@dataclass(frozen=True, slots=True)
class Curve:
    """A weighted sum of item curves, sum of w P(theta): of the reference, or of a form (all weights 1).

    All arrays have shape (n,); `a` is positive and 0 <= c < 1.
    """

    a: Floats
    b: Floats
    c: Floats
    weight: Floats

    @property
    def floor(self) -> float:
        """Value far below every item: sum of w c."""
        return float(np.sum(self.weight * self.c))

    @property
    def ceiling(self) -> float:
        """Value far above every item: sum of w."""
        return float(np.sum(self.weight))

    def gain(self, theta: ArrayLike) -> Floats:
        """Value above the floor, precise near the floor too. Shape: that of theta."""
        return np.asarray(np.sum(self.weight * (1.0 - self.c) * above_floor(theta, self.a, self.b), axis=-1))

    def at(self, theta: ArrayLike) -> Floats:
        """Value at theta. Shape: that of theta."""
        return np.asarray(self.floor + self.gain(theta))

    def slope(self, theta: ArrayLike) -> Floats:
        """Derivative at theta. Shape: that of theta."""
        return np.asarray(np.sum(self.weight * slope(theta, self.a, self.b, self.c), axis=-1))

    def inverse(self, values: ArrayLike) -> Floats:
        """The theta at which the curve has these values: Newton's step within a bracket, or bisection.

        Shape: that of values. ValueError for a value that is not strictly between floor and ceiling.
        """
        wanted = np.asarray(values, dtype=np.float64)
        if np.any(wanted <= self.floor) or np.any(wanted >= self.ceiling):
            raise ValueError("a curve is inverted strictly between its floor and its ceiling only")
        goal = np.atleast_1d(wanted) - self.floor
        low, high = self._bracket(goal)
        theta = (low + high) / 2
        for _ in range(STEPS):
            gain, steepness = self._rise(theta)
            miss = gain - goal
            low, high = np.where(miss < 0, theta, low), np.where(miss < 0, high, theta)
            step = np.divide(miss, steepness, out=np.full_like(miss, np.inf), where=steepness > 0)
            inside = (theta - step >= low) & (theta - step <= high)
            moved = np.where(inside, theta - step, (low + high) / 2)
            done = bool(np.all(np.abs(moved - theta) <= 1e-13 * (1.0 + np.abs(theta))))
            theta = moved
            if done:
                break
        return theta.reshape(wanted.shape)

    def _rise(self, theta: Floats) -> tuple[Floats, Floats]:
        """Gain and slope at once: what takes time is the same in both."""
        known = above_floor(theta, self.a, self.b)
        gain = np.sum(self.weight * (1.0 - self.c) * known, axis=-1)
        return gain, np.sum(self.weight * (self.a * (1.0 - self.c) * known * (1.0 - known)), axis=-1)

    def _bracket(self, goal: Floats) -> tuple[Floats, Floats]:
        least, most = self.b.min() - 4.0, self.b.max() + 4.0
        low, high = np.full_like(goal, least), np.full_like(goal, most)
        gains = self.gain([least, most])
        if gains[0] < goal.min() and gains[1] > goal.max():
            return low, high
        width = 4.0
        while width < REACH and np.any(self.gain(low) >= goal):
            low = np.where(self.gain(low) >= goal, low - width, low)
            width *= 2
        width = 4.0
        while width < REACH and np.any(self.gain(high) <= goal):
            high = np.where(self.gain(high) <= goal, high + width, high)
            width *= 2
        return low, high


def curve(a: ArrayLike, b: ArrayLike, c: ArrayLike, weight: ArrayLike | None = None) -> Curve:
    """A curve from anything that makes arrays; without weights each item counts 1."""
    arrays = [np.asarray(values, dtype=np.float64) for values in (a, b, c)]
    weights = np.ones_like(arrays[0]) if weight is None else np.asarray(weight, dtype=np.float64)
    return Curve(arrays[0], arrays[1], arrays[2], weights)


def equated_shares(form: Curve, reference: Curve) -> Floats:
    """For x = 0..n right on the form, the expected share right on the reference. Shape (n + 1,).

    tau(T^-1(x)) above the form's guessing floor, the line from (0, 0) to (sum of c, g) up to it
    (Kolen & Brennan 2004, 6.5), and 1 for x = n. The form's weights are 1, the reference's sum to 1.
    """
    n = len(form.a)
    right = np.arange(n + 1, dtype=np.float64)
    guessed = right <= form.floor
    middle = ~guessed & (right < n)
    shares = np.ones(n + 1)
    shares[guessed] = reference.floor * right[guessed] / form.floor if form.floor > 0 else 0.0
    if np.any(middle):
        shares[middle] = reference.at(form.inverse(right[middle]))
    shares[n] = 1.0
    return shares


class Ends(NamedTuple):
    """The fixed points of a scale: none right, the standard, all right."""

    minimum: float
    cut: float
    maximum: float


def scaled(shares: ArrayLike, cut_share: float, ends: Ends) -> Floats:
    """Scaled scores of shares: two lines that meet at (cut_share, cut), from (0, minimum) to (1, maximum)."""
    share = np.asarray(shares, dtype=np.float64)
    below = ends.minimum + (ends.cut - ends.minimum) * (share / cut_share)
    above = ends.cut + (ends.maximum - ends.cut) * ((share - cut_share) / (1.0 - cut_share))
    return np.asarray(np.where(share <= cut_share, below, above))


def conversion_table(form: Curve, reference: Curve, cut_share: float, ends: Ends) -> Floats:
    """Unrounded scaled score for x = 0..n right on the form, strictly increasing from minimum to maximum.

    ValueError when the cut is not between the ends, or the form has no items.
    """
    if not (ends.minimum < ends.cut < ends.maximum and 0 < cut_share < 1):
        raise ValueError("the cut must lie between the ends of the scale, its share between 0 and 1")
    if len(form.a) == 0:
        raise ValueError("a form without scored items has no scale")
    table = scaled(equated_shares(form, reference), cut_share, ends)
    table[0], table[-1] = ends.minimum, ends.maximum
    # Far out on a form much harder or easier than the reference neighbours may round to the same number.
    for x in range(len(table) - 2, 0, -1):
        table[x] = min(table[x], np.nextafter(table[x + 1], -np.inf))
    return table


def number_correct(probabilities: ArrayLike) -> Floats:
    """Distribution of the number right, by the recursion of Lord & Wingersky (1984).

    `probabilities` has shape (..., n): P(right) of each item; the answer has shape (..., n + 1).
    """
    p = np.asarray(probabilities, dtype=np.float64)
    items, batch = p.shape[-1], p.shape[:-1]
    # Counts go first, so that each step runs over whole rows of memory: it takes half the time.
    chances = np.ascontiguousarray(np.moveaxis(p, -1, 0)).reshape(items, math.prod(batch))
    distribution = np.zeros((items + 1, math.prod(batch)))
    distribution[0] = 1.0
    for i, right in enumerate(chances):
        one_more = distribution[: i + 1] * right
        distribution[: i + 1] *= 1.0 - right
        distribution[1 : i + 2] += one_more
    return np.moveaxis(distribution.reshape(items + 1, *batch), 0, -1)
