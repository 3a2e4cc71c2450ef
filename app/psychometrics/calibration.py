"""Calibration: item parameters from responses, by marginal maximum likelihood or with priors (MAP).

Expectation and maximisation in turn (Bock & Aitkin 1981). Without anchors ability is N(0, 1) in the group;
with anchors the group's mean and SD are estimated, on the scale of the anchored items. The guessing floor c is
given and stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.ascent import Climb, Progress, climb
from app.psychometrics.calibration_errors import Errors, Pairs, covariance
from app.psychometrics.expectation import Curves, Group, node_count
from app.psychometrics.irt import Floats
from app.psychometrics.marginal import Marginal
from app.psychometrics.maximisation import INTERCEPT_BOUND, SLOPE_BOUND, Priors
from app.psychometrics.responses import Flags, Ints, Responses

ITERATIONS = 500
"""Expectation steps after which it is given up."""

LEAST_SLOPE = 0.01
"""An item flatter than this has no location: b = -d / a could be anything."""

_STARTING_SHARES = (0.02, 0.98)  # of the people who know the answer


@dataclass(frozen=True, slots=True)
class Anchors:
    """Items whose parameters stay: their numbers `item` (k,), and their `a` (positive) and `b` (k,)."""

    item: Ints
    a: Floats
    b: Floats


@dataclass(frozen=True, slots=True)
class Estimate:
    """Parameters of one item and their standard errors, None where there is none; `notes` say why.

    An anchored item has its parameters as they were given, without errors.
    """

    a: float | None
    b: float | None
    c: float
    se_a: float | None
    se_b: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a calibration came to. `items`: an estimate for each item, in their order.

    `log_likelihood` is of the responses to the items that have parameters, without priors; `persons` the sum
    of the weights; `group` N(0, 1) unless there were anchors; `errors` says what the standard errors come
    from. `objectives`: log-likelihood less the penalties of the priors, as it rose over the `iterations`.

    `converged` is true only at an inner maximum: derivatives and changes next to 0, nothing at a bound and,
    when standard errors were asked for, everything determined. `notes` say what is not so as a whole.
    """

    items: tuple[Estimate, ...]
    log_likelihood: float
    persons: float
    group: Group
    errors: Errors
    objectives: tuple[float, ...]
    iterations: int
    converged: bool
    notes: tuple[str, ...]


def calibrate(
    responses: Responses,
    c: ArrayLike,
    *,
    common_slope: bool = False,
    priors: Priors | None = None,
    anchors: Anchors | None = None,
    with_errors: bool = True,
    iterations: int = ITERATIONS,
    progress: Progress | None = None,
) -> Calibration:
    """Estimate a and b of each item: 2PL, or 1PL with a `common_slope`, with floors `c` (n,).

    Maximum likelihood, or the mode of the posterior with `priors`. Maximum likelihood has no estimate for
    items that nobody saw, or that all got right or all wrong: they are left out. ValueError when there is
    nothing to estimate from, or when an argument makes no sense.
    """
    floors = np.asarray(c, dtype=np.float64)
    held = anchors or Anchors(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    _check(responses, floors, priors, held)
    counts = responses.counts()
    fixed = np.isin(np.arange(responses.items), held.item)
    used = fixed | (np.minimum(*counts) > 0) | (priors is not None)
    if priors is None and not np.any(fixed):
        _check_enough(int(np.sum(used)), common_slope)
    seen = responses.only(used)
    marginal = Marginal(
        blocks=tuple(seen.blocks()),
        start=_start(counts, floors, priors, held, common_slope).of(used),
        free=~fixed[used],
        priors=None if priors is None else priors.of(~fixed),
        common=common_slope,
        is_anchored=bool(np.any(fixed)),
        nodes=node_count(seen),
    )
    climbed = climb(marginal.view, marginal.first(), marginal.bounded, iterations, progress)
    point = marginal.upright(climbed.point)
    curves = marginal.curves(point)
    errors, spread = _spread(marginal, point, marginal.free & _is_inner(curves), with_errors)
    estimates = iter(_estimates(curves, ~marginal.free, errors, spread))
    notes = tuple(_notes(marginal, climbed, errors, spread))
    return Calibration(
        items=tuple(
            next(estimates) if is_used else _left_out(float(floor), wrong, right)
            for is_used, floor, wrong, right in zip(used, floors, *counts, strict=True)
        ),
        log_likelihood=marginal.expected(point).log_likelihood,
        persons=responses.persons,
        group=marginal.group(point),
        errors=errors,
        objectives=climbed.objectives,
        iterations=climbed.iterations,
        converged=not notes,
        notes=notes,
    )


def _check(responses: Responses, floors: Floats, priors: Priors | None, anchors: Anchors) -> None:
    n = responses.items
    if floors.shape != (n,) or not np.all((floors >= 0) & (floors < 1)):
        raise ValueError("every item needs a guessing floor c, from 0 to below 1")
    if priors is not None:
        values = np.array([priors.b_mean, priors.b_sd, priors.log_a_mean, priors.log_a_sd])
        if values.shape != (4, n) or not np.all(np.isfinite(values)) or np.any(values[1::2] <= 0):
            raise ValueError("every item needs priors, with standard deviations above 0")
    item, a, b = (np.asarray(values) for values in (anchors.item, anchors.a, anchors.b))
    if not len(item) == len(a) == len(b) == len(set(item.tolist()) & set(range(n))):
        raise ValueError("anchors are different items of the bank, each with an a and a b")
    if not np.all((a > 0) & (a < SLOPE_BOUND) & (np.abs(a * b) < INTERCEPT_BOUND)):
        raise ValueError(f"an anchor has an a between 0 and {SLOPE_BOUND:g}, and a b that is not far away")
    answered = np.add(*responses.counts())
    if not np.any(answered > 0):
        raise ValueError("there are no responses to calibrate from")
    if len(item) and not np.any(answered[item] > 0):
        raise ValueError("nobody answered an anchored item: there is nothing to place the others by")


def _check_enough(many: int, common_slope: bool) -> None:
    """With fewer items many parameters have the same likelihood: a slope is seen in how items go together."""
    least = 2 if common_slope else 3
    if many < least:
        raise ValueError(
            f"maximum likelihood needs {least} items that some got right and some got wrong, there are {many}"
        )


def _start(
    counts: tuple[Floats, Floats], floors: Floats, priors: Priors | None, anchors: Anchors, common_slope: bool
) -> Curves:
    """Where to start: the modes of the priors, or a slope of 1 and an intercept by the share right."""
    wrong, right = counts
    if priors is not None:
        slope = np.exp(priors.log_a_mean)
        if common_slope:
            slope = np.full_like(slope, np.exp(np.mean(priors.log_a_mean)))
        intercept = -slope * priors.b_mean
    else:
        share = ((right + 0.5) / (wrong + right + 1.0) - floors) / (1.0 - floors)
        knowing = np.clip(share, *_STARTING_SHARES)
        slope, intercept = np.ones_like(knowing), np.log(knowing / (1.0 - knowing))
    slope[anchors.item], intercept[anchors.item] = anchors.a, -anchors.a * anchors.b
    return Curves(slope, intercept, floors)


def _is_inner(curves: Curves) -> Flags:
    return np.asarray((np.abs(curves.a) < SLOPE_BOUND) & (np.abs(curves.d) < INTERCEPT_BOUND))


def _spread(marginal: Marginal, point: Floats, inner: Flags, with_errors: bool) -> tuple[Errors, Pairs]:
    """Covariances of all items in use; variances are 0 where there is none."""
    spread = Pairs(*np.zeros((3, len(inner))))
    if not with_errors or not np.any(inner):
        return Errors.NONE, spread
    errors, found = covariance(marginal, point, inner)
    if found is not None:
        spread.aa[inner], spread.ad[inner], spread.dd[inner] = found.aa, found.ad, found.dd
    return errors, spread


def _estimates(curves: Curves, fixed: Flags, errors: Errors, spread: Pairs) -> Iterator[Estimate]:
    """Slope and intercept as a and b = -d / a, their errors by the delta method."""
    for place in range(len(curves.a)):
        a, d, c = (float(values[place]) for values in (curves.a, curves.d, curves.c))
        aa, ad, dd = (float(values[place]) for values in (spread.aa, spread.ad, spread.dd))
        b = -d / a if abs(a) >= LEAST_SLOPE else None
        se_a = float(np.sqrt(aa)) if aa > 0 else None
        se_b = None
        if b is not None and aa > 0:
            se_b = float(np.sqrt(max(0.0, dd + 2.0 * b * ad + b**2 * aa))) / abs(a)
        notes = () if fixed[place] else tuple(_item_notes(a, d, errors is not Errors.NONE and aa <= 0))
        yield Estimate(a, b, c, se_a, se_b, notes)


def _item_notes(a: float, d: float, is_undetermined: bool) -> Iterator[str]:
    if abs(a) >= SLOPE_BOUND:
        yield f"its slope a ran to the bound of {SLOPE_BOUND:g}: the responses do not determine it"
    if abs(d) >= INTERCEPT_BOUND:
        yield f"its intercept ran to the bound of {INTERCEPT_BOUND:g}: the responses do not determine it"
    if abs(a) < LEAST_SLOPE:
        yield "its slope a is next to 0: the able get it right no more often, so it has no location b"
    elif a < 0:
        yield "its slope a is negative: the able get it right less often; check its key"
    if is_undetermined and abs(a) < SLOPE_BOUND and abs(d) < INTERCEPT_BOUND:
        yield "the responses do not determine it: it has no standard errors"


def _left_out(c: float, wrong: float, right: float) -> Estimate:
    """Maximum likelihood would send the item to infinity."""
    if wrong + right == 0:
        why = "nobody saw it"
    else:
        why = f"everybody who saw it got it {'right' if right > 0 else 'wrong'}"
    return Estimate(None, None, c, None, None, (f"{why}: it has an estimate with priors only",))


def _notes(marginal: Marginal, climbed: Climb, errors: Errors, spread: Pairs) -> Iterator[str]:
    """Why it has not converged."""
    if not climbed.is_top:
        yield f"the estimates were still moving after {climbed.iterations} iterations"
    inner = _is_inner(marginal.curves(climbed.point))
    if outside := int(np.sum(marginal.free & ~inner)):
        yield f"{outside} of {len(inner)} items ran to a bound: use priors, or leave them out"
    if marginal.is_group_at_bound(climbed.point):
        yield "the mean or SD of the group ran to a bound: the anchors do not determine it"
    if errors is not Errors.NONE and np.any(marginal.free & inner & (spread.aa <= 0)):
        yield "the responses do not determine all parameters: use priors, or leave items out"
