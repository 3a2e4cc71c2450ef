"""What is known of an ability: a distribution on a grid, before and after the evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.irt import Floats, probability, slope
from app.psychometrics.responses import Flags
from app.psychometrics.scale import Curve, number_correct

NODES = 121
REACH = 6.0
"""How many standard deviations a prior's grid goes to each side."""

SMALLEST = 1e-300
"""Stands for a chance that is too small for a float, so that logarithms stay finite."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """Mass on equally spaced abilities: of one candidate, or of many at once.

    `nodes` (K,), rising; `mass` (..., K) sums to 1 over the last axis. Everything derived has the shape of
    mass without that axis.
    """

    nodes: Floats
    mass: Floats

    @property
    def mean(self) -> Floats:
        """Expected ability; of a posterior this is the EAP estimate."""
        return np.asarray(self.mass @ self.nodes)

    @property
    def sd(self) -> Floats:
        """Standard deviation of ability."""
        away = self.nodes - self.mean[..., np.newaxis]
        return np.asarray(np.sqrt(np.sum(self.mass * away * away, axis=-1)))

    def quantile(self, share: float) -> Floats:
        """The ability below which this share of the mass lies, 0 < share < 1. Cells are taken as even."""
        below = np.cumsum(self.mass, axis=-1)
        goal = share * below[..., -1:]
        cell = np.argmax(below >= goal, axis=-1)
        here = np.take_along_axis(self.mass, cell[..., np.newaxis], axis=-1)
        before = np.take_along_axis(below, cell[..., np.newaxis], axis=-1) - here
        part = ((goal - before) / np.maximum(here, SMALLEST))[..., 0]
        return np.asarray(self.nodes[cell] + (np.clip(part, 0.0, 1.0) - 0.5) * step_of(self.nodes))

    def blurred(self, sd: float) -> Distribution:
        """The distribution with an independent N(0, sd^2) added."""
        return Distribution(self.nodes, np.asarray(self.mass @ normal_kernel(self.nodes, sd)))


def step_of(nodes: Floats) -> float:
    """Distance between neighbours of an equally spaced grid."""
    return float(nodes[1] - nodes[0])


def normal_kernel(nodes: Floats, sd: float) -> Floats:
    """Row k: N(nodes[k], sd^2) as mass on the nodes. Shape (K, K); the unit matrix for an sd of 0."""
    away = (nodes[:, np.newaxis] - nodes) / max(sd, 1e-3 * step_of(nodes))
    density = np.exp(-0.5 * away * away)
    return np.asarray(density / np.sum(density, axis=1, keepdims=True))


def normal_prior(mean: float = 0.0, sd: float = 1.0, count: int = NODES) -> Distribution:
    """N(mean, sd^2) on `count` nodes. ValueError unless sd is positive."""
    if not sd > 0:
        raise ValueError("the standard deviation of a prior must be positive")
    distance = np.linspace(-REACH, REACH, count)
    density = np.exp(-0.5 * distance * distance)
    return Distribution(mean + sd * distance, density / np.sum(density))


def posterior(prior: Distribution, log_likelihood: ArrayLike) -> Distribution:
    """The prior after evidence: `log_likelihood` (..., K) at the prior's nodes, finite."""
    logs = np.asarray(log_likelihood, dtype=np.float64) + np.log(np.maximum(prior.mass, SMALLEST))
    mass = np.exp(logs - np.max(logs, axis=-1, keepdims=True))
    return Distribution(prior.nodes, mass / np.sum(mass, axis=-1, keepdims=True))


def number_right_likelihood(form: Curve, nodes: Floats) -> Floats:
    """log P(x right on the form | node), by Lord & Wingersky. Shape (n + 1, K), row x.

    A count that no node could give has the same tiny likelihood everywhere, which leaves a prior as it is.
    """
    chance = number_correct(probability(nodes, form.a, form.b, form.c))
    return np.asarray(np.log(np.maximum(chance, SMALLEST)).T)


def log_chances(items: Curve, nodes: Floats) -> Floats:
    """log P(wrong), then log P(right), of each item at each node. Shape (2, n, K), finite.

    The weights of the curve are not looked at, here and wherever a curve stands for a bank of items.
    """
    distance = items.a[:, np.newaxis] * (nodes - items.b[:, np.newaxis])
    floor = items.c[:, np.newaxis]
    ceiling = np.log1p(-floor)
    right = np.logaddexp(np.log(np.maximum(floor, SMALLEST)), ceiling - np.logaddexp(0.0, -distance))
    return np.stack([ceiling - np.logaddexp(0.0, distance), right])


def pattern_likelihood(items: Curve, right: Flags, nodes: Floats, weight: ArrayLike | None = None) -> Floats:
    """log P(these responses of one person | node), of one form or of several together. Shape (K,).

    `right` (r,) and `weight` (r,) belong to the r `items`, among which one may be twice. A weight says how
    much of a response counts as evidence: 1 unless given, 0 to leave it out, as an item seen before.
    """
    logs = log_chances(items, nodes)[right.astype(np.int64), np.arange(len(right))]
    weights = np.ones(len(right)) if weight is None else np.asarray(weight, dtype=np.float64)
    return np.asarray(weights @ logs)


def location_error(form: Curve, sd: ArrayLike, theta: ArrayLike) -> Floats:
    """Standard error of theta on a form that comes from uncertain item locations alone.

    sqrt(sum of (dP/db sd)^2) / T'(theta), with `sd` (n,) the standard error of each b; for an error that all
    items of the form do not share. Shape: that of theta; 0 where the form says nothing.
    """
    steep = slope(theta, form.a, form.b, form.c)
    off = np.sqrt(np.sum(np.square(steep * np.asarray(sd, dtype=np.float64)), axis=-1))
    whole = np.sum(steep, axis=-1)
    return np.asarray(np.divide(off, whole, out=np.zeros_like(whole), where=whole > SMALLEST))
