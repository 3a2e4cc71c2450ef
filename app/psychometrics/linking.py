"""Bringing two calibrations of the same items onto one scale: theta_old = A theta_new + B."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.irt import Floats, probability, slope
from app.psychometrics.scale import Curve

ROUNDS = 100
NODES = np.linspace(-4.0, 4.0, 161)
"""Abilities of the old scale at which curves are brought together, all alike."""


class Link(NamedTuple):
    """theta_old = scale theta_new + shift; so a_old = a_new / scale and b_old = scale b_new + shift."""

    scale: float
    shift: float

    def apply(self, items: Curve) -> Curve:
        """Items of the new calibration on the old scale."""
        return Curve(items.a / self.scale, self.scale * items.b + self.shift, items.c, items.weight)


def mean_sigma(new: ArrayLike, old: ArrayLike) -> Link:
    """The link that gives the common items' locations (n,) the same mean and spread (Marco 1977).

    Locations that do not spread link by their means alone; no items, not at all.
    """
    new_b, old_b = (np.asarray(values, dtype=np.float64) for values in (new, old))
    if len(new_b) == 0:
        return Link(1.0, 0.0)
    spreads = float(np.std(new_b)), float(np.std(old_b))
    scale = spreads[1] / spreads[0] if min(spreads) > 0 else 1.0
    return Link(scale, float(np.mean(old_b) - scale * np.mean(new_b)))


def stocking_lord(new: Curve, old: Curve, nodes: Floats = NODES) -> Link:
    """The link that brings the characteristic curves of the common items closest together.

    Least squares over `nodes` (Stocking & Lord 1983), by Levenberg & Marquardt's method from the mean/sigma
    link on. Each item is weighted by how well it is known, through all of its parameters, and one wild
    location moves it less than it moves the mean and sigma.
    """
    link, target = mean_sigma(new.b, old.b), _sums(old, nodes)
    if len(new.a) == 0:
        return link
    damping, miss = 1e-3, _sums(link.apply(new), nodes) - target
    for _ in range(ROUNDS):
        moved = link.apply(new)
        # z = a ((theta - B) / A - b) moves with A as with theta, times -(theta - B) / A; with B, times -1.
        steep = np.sum(slope(nodes, moved.a, moved.b, moved.c), axis=1)
        directions = np.column_stack([-steep * (nodes - link.shift) / link.scale, -steep])
        normal = directions.T @ directions
        step = np.linalg.lstsq(normal + damping * np.diag(np.diag(normal)), -directions.T @ miss, rcond=None)
        tried = Link(link.scale + float(step[0][0]), link.shift + float(step[0][1]))
        if tried.scale > 0 and np.sum((tried_miss := _sums(tried.apply(new), nodes) - target) ** 2) <= np.sum(
            miss**2
        ):
            link, miss, damping = tried, tried_miss, damping / 10
            if np.max(np.abs(step[0])) < 1e-10:  # noqa: PLR2004 -- converged
                break
        elif damping > 1e12:  # noqa: PLR2004 -- no step improves
            break
        else:
            damping *= 10
    return link


def _sums(items: Curve, nodes: Floats) -> Floats:
    return np.asarray(np.sum(probability(nodes, items.a, items.b, items.c), axis=1))
