"""The marginal likelihood of a bank as a function of one point: what calibration climbs.

A point holds the slopes of the items that are estimated (or the one slope they have in common), their
intercepts, and, when some items are anchored, the mean and the log SD of ability in the group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.psychometrics.ascent import View
from app.psychometrics.expectation import Curves, Expected, Group, expected
from app.psychometrics.irt import Floats
from app.psychometrics.maximisation import (
    INTERCEPT_BOUND,
    SLOPE_BOUND,
    Objective,
    Priors,
    maximised,
    penalty,
)
from app.psychometrics.responses import Block, Flags

GROUP_MEAN_BOUND = 10.0
GROUP_SD_BOUNDS = (0.05, 5.0)
"""As for items: a group that would go beyond these is not determined by the data."""


@dataclass(frozen=True, slots=True)
class Marginal:
    """The responses, the items that start as `start`, and which of them are `free` (n,) to move.

    `priors` are those of the free items; `common`: they share one slope; `is_anchored`: the others hold the
    scale, and the group is free; `nodes`: of the grid.
    """

    blocks: tuple[Block, ...]
    start: Curves
    free: Flags
    priors: Priors | None
    common: bool
    is_anchored: bool
    nodes: int

    def first(self) -> Floats:
        """The point to start from: the items as they are, ability N(0, 1)."""
        return self._point(self.start.a[self.free], self.start.d[self.free], Group())

    def curves(self, point: Floats) -> Curves:
        """The items at a point, the fixed ones among them."""
        a, d = self.start.a.copy(), self.start.d.copy()
        many = int(np.sum(self.free))
        a[self.free] = point[0] if self.common else point[:many]
        d[self.free] = point[self._slopes : self._slopes + many]
        return Curves(a, d, self.start.c)

    def group(self, point: Floats) -> Group:
        """The group at a point."""
        return Group(float(point[-2]), float(np.exp(point[-1]))) if self.is_anchored else Group()

    def bounded(self, point: Floats) -> Floats:
        """The nearest point within all bounds."""
        free = np.ones(int(np.sum(self.free)))
        widest = Group(GROUP_MEAN_BOUND, GROUP_SD_BOUNDS[1])
        limits = self._point(SLOPE_BOUND * free, INTERCEPT_BOUND * free, widest)
        lowest = -limits
        if self.is_anchored:
            lowest[-1] = np.log(GROUP_SD_BOUNDS[0])
        return np.clip(point, lowest, limits)

    def is_group_at_bound(self, point: Floats) -> bool:
        """Whether the group would go beyond its bounds."""
        if not self.is_anchored:
            return False
        mean, log_sd = point[-2:]
        low, high = np.log(GROUP_SD_BOUNDS)
        return bool(abs(mean) >= GROUP_MEAN_BOUND or log_sd <= low or log_sd >= high)

    def upright(self, point: Floats) -> Floats:
        """The point, or its mirror image with the same likelihood, so that most slopes are positive.

        Without anchors nothing says which end of the scale is up.
        """
        if self.is_anchored or np.sum(point[: self._slopes]) >= 0:
            return point
        return np.concatenate([-point[: self._slopes], point[self._slopes :]])

    def expected(self, point: Floats) -> Expected:
        """The expectation step."""
        return expected(self.blocks, self.curves(point), self.group(point), self.nodes)

    def objective(self, counts: Expected) -> Objective:
        """What the maximisation step makes higher after an expectation step."""
        return Objective(counts.of(self.free), self.start.c[self.free], self.priors, self.common)

    def gradient(self, point: Floats) -> tuple[Floats, Floats]:
        """Derivatives of the objective by each free item's slope and intercept; by Fisher's identity."""
        curves = self.curves(point).of(self.free)
        slopes = self.objective(self.expected(point)).slopes(curves.a, curves.d)
        return slopes.a, slopes.d

    def view(self, point: Floats) -> View:
        """The objective, the point after one step of expectation and maximisation, the largest derivative."""
        curves, group = self.curves(point).of(self.free), self.group(point)
        penalties = float(np.sum(penalty(self.priors, curves.a, curves.d, self.common)))
        if not np.isfinite(penalties):
            return View(-np.inf, point, np.zeros_like(point))
        counts = self.expected(point)
        objective, after = self.objective(counts), counts.group()
        following = self.bounded(self._point(*maximised(objective, curves.a, curves.d), after))
        steepness = [*objective.steepness(curves.a, curves.d)]
        if self.is_anchored:
            steepness.append(_group_steepness(group, after, float(np.sum(counts.people))))
        return View(counts.log_likelihood - penalties, following, np.concatenate(steepness))

    @property
    def _slopes(self) -> int:
        """How many coordinates are slopes."""
        many = int(np.sum(self.free))
        return min(1, many) if self.common else many

    def _point(self, a: Floats, d: Floats, group: Group) -> Floats:
        tail = [group.mean, np.log(max(group.sd, GROUP_SD_BOUNDS[0]))] if self.is_anchored else []
        return np.concatenate([a[: self._slopes], d, tail])


def _group_steepness(group: Group, after: Group, people: float) -> Floats:
    """Derivatives by mean and log SD, in units of the root of their information."""
    off = (after.mean - group.mean) / group.sd
    spread = (after.sd / group.sd) ** 2 + off**2
    return np.array([np.sqrt(people) * off, np.sqrt(people / 2.0) * (spread - 1.0)])
