"""Calibration on the scale of the priors: the group's mean and SD are free, and the priors alone hold the scale.

A bank whose items have rated locations has a scale before anybody answers, and candidates are not N(0, 1) on
it. Responses alone cannot tell a group that is abler from items that are easier: moving and stretching all
abilities and items together leaves their likelihood as it is. The priors can tell. So calibration with
N(0, 1) and the best such movement take turns until nothing moves: the joint mode of items and group.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.ascent import Progress
from app.psychometrics.calibration import Calibration, calibrate
from app.psychometrics.expectation import Group
from app.psychometrics.irt import Floats
from app.psychometrics.linking import Link
from app.psychometrics.maximisation import Priors
from app.psychometrics.responses import Responses
from app.psychometrics.scale import Curve, curve

GROUP = Group(0.0, 1.0)
GROUP_SPREAD = Group(1.0, 0.3)
"""The prior of the group itself, of its mean and of its log SD: without it, all right would have no mode."""

ROUNDS = 20
CLOSE = 0.005
"""A movement below this, in units of ability, is the last."""

LONGEST = 20.0
TINY = 1e-9

_STEPS = 30
_WIDEST = 1.0  # a step in log scale


class Placed(NamedTuple):
    """A calibration with N(0, 1) for the group, and the link from it to the scale of the priors.

    On that scale the group is N(link.shift, link.scale^2). `settled`: the turns came to an end.
    """

    calibration: Calibration
    link: Link
    settled: bool

    @property
    def curve(self) -> Curve:
        """The items on the scale of the priors, each of weight 1."""
        items = self.calibration.items
        return self.link.apply(curve(*([getattr(item, name) for item in items] for name in "abc")))


def calibrate_on_priors(
    responses: Responses,
    c: ArrayLike,
    priors: Priors,
    *,
    with_errors: bool = True,
    progress: Progress | None = None,
) -> Placed:
    """The mode of items, and of the mean and SD of the group, on the scale on which `priors` (n,) are given.

    Errors are those of `calibration.calibrate`; they take the link for known.
    """
    at, stride, before, settled = np.array([GROUP.mean, np.log(GROUP.sd)]), np.ones(2), None, False
    for _ in range(ROUNDS):
        found = calibrate(responses, c, priors=_on(_link(at), priors), with_errors=False, progress=progress)
        a, b = (np.array([getattr(item, name) for item in found.items], dtype=np.float64) for name in "ab")
        moved = best_link(a, b, priors)
        step = np.array([moved.shift, np.log(moved.scale)]) - at
        if before is not None:
            stride = _longer(stride, step, before)
        settled = bool(np.all(np.abs(stride * step) < CLOSE))
        if settled:
            break
        at, before = at + stride * step, step
    link = _link(at)
    last = calibrate(responses, c, priors=_on(link, priors), with_errors=with_errors, progress=progress)
    return Placed(last, link, settled)


def _longer(stride: Floats, step: Floats, before: Floats) -> Floats:
    """How much of the next steps to take, by the secant through the last two: where items have few responses
    they stay at their priors, and each movement goes a small part of the way only."""
    left = np.divide(step, before, out=np.zeros_like(step), where=np.abs(before) > TINY)
    return np.asarray(np.clip(stride / np.maximum(1.0 - left, 1.0 / LONGEST), 1.0, LONGEST))


def _link(at: Floats) -> Link:
    return Link(float(np.exp(at[1])), float(at[0]))


def best_link(a: Floats, b: Floats, priors: Priors) -> Link:
    """The link of items (n,), calibrated with N(0, 1) for the group, that their priors find most likely.

    Least squares of all residuals, in shift and log scale (Gauss & Newton): a / scale against the prior of a,
    scale b + shift against that of b, and the group that this makes against its own prior.
    """
    shift, log_scale = 0.0, 0.0
    for _ in range(_STEPS):
        scale = float(np.exp(log_scale))
        of_b = (scale * b + shift - priors.b_mean) / priors.b_sd
        of_a = (np.log(a) - log_scale - priors.log_a_mean) / priors.log_a_sd
        of_group = (shift - GROUP.mean) / GROUP_SPREAD.mean, (log_scale - np.log(GROUP.sd)) / GROUP_SPREAD.sd
        by_shift = np.concatenate([1.0 / priors.b_sd, np.zeros_like(a), [1.0 / GROUP_SPREAD.mean, 0.0]])
        by_scale = np.concatenate(
            [scale * b / priors.b_sd, -1.0 / priors.log_a_sd, [0.0, 1.0 / GROUP_SPREAD.sd]]
        )
        steep = np.column_stack([by_shift, by_scale])
        step = -np.linalg.lstsq(steep, np.concatenate([of_b, of_a, of_group]), rcond=None)[0]
        step *= min(1.0, _WIDEST / max(abs(float(step[1])), _WIDEST))
        shift, log_scale = shift + float(step[0]), log_scale + float(step[1])
        if np.max(np.abs(step)) < 1e-10:  # noqa: PLR2004 -- converged
            break
    return Link(float(np.exp(log_scale)), shift)


def _on(link: Link, priors: Priors) -> Priors:
    """The priors where the group is N(0, 1)."""
    return Priors(
        (priors.b_mean - link.shift) / link.scale,
        priors.b_sd / link.scale,
        priors.log_a_mean + np.log(link.scale),
        priors.log_a_sd,
    )
