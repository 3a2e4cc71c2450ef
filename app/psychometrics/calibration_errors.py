"""Standard errors of calibrated items, from the observed information after Louis (1982).

The information of the responses is what it would be with ability known, less what is missing: for each
person the covariance, over the posterior of ability, of the score with ability known. On small banks it is
one matrix for all parameters. On large ones it is a block of 2 by 2 for each item, which takes the other
items and the group as known, since there they hardly matter; a slope common to all items is still seen
together with all intercepts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.psychometrics.expectation import Curves, Expected, Group, grid, posteriors
from app.psychometrics.irt import Floats
from app.psychometrics.marginal import Marginal
from app.psychometrics.maximisation import Priors
from app.psychometrics.responses import Block, Flags, Ints

MOST_WORK = 4e10
"""Products that one matrix for all parameters may cost, about a second; beyond it there are blocks."""

_LEAST_LEFT = 1e-9  # of a parameter's information when the others are unknown: less does not determine it
_NUDGE = 1e-3  # of a common slope, to see how the gradient changes
_NUMBERS = 4_000_000  # held at once: 32 MB
_RESPONSES = 16_384  # looked at together
_DEGREES = 8  # of the polynomials that scores are projected on
_SHORTEST = 1e-9  # of them before they are made to have length 1


class Errors(StrEnum):
    """What standard errors come from."""

    JOINT = "joint"
    BY_ITEM = "by item"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Pairs:
    """For each item (n,) its own block of a matrix: slope by slope, slope by intercept, intercept twice."""

    aa: Floats
    ad: Floats
    dd: Floats

    def __add__(self, other: Pairs) -> Pairs:
        return Pairs(self.aa + other.aa, self.ad + other.ad, self.dd + other.dd)


class _Scores:
    """Scores of single responses, by the logit of their item at `theta` (Q,), and minus their derivatives.

    `values`, `bends` (2n, Q): rows of items got wrong, then of items got right.
    """

    def __init__(self, curves: Curves, theta: Floats) -> None:
        knowing = curves.knowing(theta)
        floor = curves.c[:, np.newaxis]
        chance = floor + (1.0 - floor) * knowing
        share = np.divide(knowing, chance, out=np.ones_like(chance), where=chance > 0)
        right = share * (1.0 - floor) * (1.0 - knowing)
        self.theta = theta
        self.values = np.vstack([-knowing, right])
        self.bends = np.vstack([knowing * (1.0 - knowing), right * (right + 2.0 * knowing - 1.0)])

    def by_item(self, of_responses: Floats) -> Pairs:
        """Sums over nodes and both kinds of response (2n, Q), with the derivatives of the logit."""
        both = np.add(*np.split(of_responses, 2))
        return Pairs(both @ self.theta**2, both @ self.theta, np.sum(both, axis=1))


def covariance(marginal: Marginal, point: Floats, wanted: Flags) -> tuple[Errors, Pairs | None]:
    """Covariances of slope and intercept of the `wanted` items (n,), all of them free; the rest is as known.

    A variance that is not above 0 says that its item is not determined; no pairs at all, that it cannot be
    said which items are not.
    """
    curves, counts = marginal.curves(point).of(wanted), marginal.expected(point)
    scores = _Scores(curves, counts.theta)
    numbers = np.vstack([counts.wrong[wanted], counts.right[wanted]])
    own = scores.by_item(numbers * scores.bends)
    if marginal.priors is not None:
        share = 1.0 / np.sum(marginal.free) if marginal.common else 1.0
        own += _of_priors(marginal.priors.of(wanted[marginal.free]), curves, share)
    persons = sum(len(block.weight) for block in marginal.blocks)
    if persons * _DEGREES * (2 * len(curves.a)) ** 2 > MOST_WORK:
        own += _missing_of_items(marginal, point, wanted, scores, numbers)
        if marginal.common:
            return Errors.BY_ITEM, _inverted_arrow(*_by_common_slope(marginal, point, wanted), own.dd)
        return Errors.BY_ITEM, _inverted(own)
    matrix = _missing(marginal, point, wanted, scores)
    n = len(curves.a)
    slopes, intercepts = np.arange(n), np.arange(n, 2 * n)
    for rows, columns, values in (
        (slopes, slopes, own.aa),
        (slopes, intercepts, own.ad),
        (intercepts, intercepts, own.dd),
    ):
        matrix[rows, columns] += values
    if marginal.is_anchored:
        matrix[2 * n :, 2 * n :] += _of_group(counts, marginal.group(point))
    return Errors.JOINT, _inverted_matrix(matrix, n, marginal.common)


def _of_priors(priors: Priors, curves: Curves, share: float) -> Pairs:
    """Second derivatives of the penalties; `share` of the one on slopes counts."""
    a, d = curves.a, curves.d
    of_slope, of_location = priors.residuals(a, d)
    by_a, by_d = d / (a**2 * priors.b_sd), -1.0 / (a * priors.b_sd)
    slope = share * (1.0 / priors.log_a_sd - of_slope) / (a**2 * priors.log_a_sd)
    return Pairs(
        slope + by_a**2 - 2.0 * of_location * by_a / a,
        by_a * by_d - of_location * by_d / a,
        by_d**2,
    )


def _missing_of_items(
    marginal: Marginal, point: Floats, wanted: Flags, scores: _Scores, numbers: Floats
) -> Pairs:
    """What is missing of each item's own block, negated: squares of mean scores less mean squares."""
    n = len(numbers) // 2
    mean_squares = scores.by_item(numbers * scores.values**2)
    squares = np.zeros((3, n))
    theta, log_share = grid(marginal.group(point), marginal.nodes)
    logarithms = marginal.curves(point).logarithms(theta)
    for block in marginal.blocks:
        shares, _ = posteriors(block, logarithms, log_share)
        row, person = _rows(block, wanted)
        for at in range(0, len(row), _RESPONSES):
            here = slice(at, at + _RESPONSES)
            products = shares[person[here]] * scores.values[row[here]]
            by_d, by_a = np.sum(products, axis=1), products @ theta
            weight = block.weight[person[here]]
            for kind, square in enumerate((by_a * by_a, by_a * by_d, by_d * by_d)):
                squares[kind] += np.bincount(row[here] % n, weights=weight * square, minlength=n)
    return Pairs(squares[0] - mean_squares.aa, squares[1] - mean_squares.ad, squares[2] - mean_squares.dd)


def _by_common_slope(marginal: Marginal, point: Floats, wanted: Flags) -> tuple[float, Floats]:
    """Second derivatives, negated, of the one slope with itself and with each wanted intercept.

    Differences of gradients: they have everything in them that the slope does to all persons.
    """
    low, high = point.copy(), point.copy()
    low[0], high[0] = point[0] - _NUDGE, point[0] + _NUDGE
    before, after = marginal.gradient(low), marginal.gradient(high)
    of_slope, of_intercepts = (
        (first - last) / (2.0 * _NUDGE) for first, last in zip(before, after, strict=True)
    )
    return float(np.sum(of_slope)), of_intercepts[wanted[marginal.free]]


def _rows(block: Block, wanted: Flags) -> tuple[Ints, Ints]:
    """Of each response to a wanted item: its row among theirs (wrong ones, then right ones), and its person."""
    n, many = len(wanted), int(np.sum(wanted))
    item, right = block.code % n, block.code // n
    kept = wanted[item]
    return (np.cumsum(wanted) - 1)[item[kept]] + many * right[kept], block.person[kept]


def _missing(marginal: Marginal, point: Floats, wanted: Flags, scores: _Scores) -> Floats:
    """What is missing, negated, for slopes, then intercepts, then the mean and SD of a free group.

    The covariance of functions of ability is the sum of products of their projections on polynomials that are
    orthonormal over the posterior; few are needed, as scores bend little where a posterior is.
    """
    group = marginal.group(point)
    theta, log_share = grid(group, marginal.nodes)
    logarithms = marginal.curves(point).logarithms(theta)
    wrong, right = np.split(scores.values, 2)
    of_items = np.vstack([wrong * theta, wrong, right * theta, right]).T
    of_group = _group_scores(theta, group) if marginal.is_anchored else np.zeros((0, len(theta)))
    n, size = len(wrong), 2 * len(wrong) + len(of_group)
    matrix = np.zeros((size, size))
    at_once = max(1, _NUMBERS // (_DEGREES * of_items.shape[1]))
    for block in marginal.blocks:
        shares, _ = posteriors(block, logarithms, log_share)
        row, person = _rows(block, wanted)
        for at in range(0, len(block.weight), at_once):
            weights = _weighted_polynomials(shares[at : at + at_once], theta)
            weights *= np.sqrt(block.weight[at : at + at_once, np.newaxis])
            inside = slice(*np.searchsorted(person, [at, at + at_once]))
            seen = np.zeros((weights.shape[1], 2, n))
            seen[person[inside] - at, row[inside] // n, row[inside] % n] = 1.0
            of_each = (weights.reshape(-1, len(theta)) @ of_items).reshape(*weights.shape[:2], 2, 2, n)
            of_each *= seen[:, :, np.newaxis]
            answered = np.sum(of_each, axis=2).reshape(-1, 2 * n)
            projections = np.hstack([answered, weights.reshape(-1, len(theta)) @ of_group.T])
            matrix -= projections.T @ projections
    return matrix


def _weighted_polynomials(shares: Floats, theta: Floats) -> Floats:
    """Polynomials of degrees 1, 2, … that are orthonormal over posteriors (P, Q), times those.

    By the recurrence of Stieltjes. Shape (degrees, P, Q); zeros where a posterior has too few nodes.
    """
    weighted = np.empty((_DEGREES, *shares.shape))
    before, here, length = np.zeros_like(shares), np.ones_like(shares), np.zeros((len(shares), 1))
    for degree in range(_DEGREES):
        middle = np.sum(shares * here**2 * theta, axis=1, keepdims=True)
        following = (theta - middle) * here - length * before
        length = np.sqrt(np.sum(shares * following**2, axis=1, keepdims=True))
        following = np.divide(following, length, out=np.zeros_like(shares), where=length > _SHORTEST)
        before, here = here, following
        weighted[degree] = shares * here
    return weighted


def _group_scores(theta: Floats, group: Group) -> Floats:
    """Scores of one ability by the mean and the SD of its group. Shape (2, Q)."""
    z = (theta - group.mean) / group.sd
    return np.vstack([z, z**2 - 1.0]) / group.sd


def _of_group(counts: Expected, group: Group) -> Floats:
    """Second derivatives, negated, of the group's own part. Shape (2, 2)."""
    z = (counts.theta - group.mean) / group.sd
    cross = 2.0 * float(np.sum(counts.people * z))
    spread = float(np.sum(counts.people * (3.0 * z**2 - 1.0)))
    return np.array([[float(np.sum(counts.people)), cross], [cross, spread]]) / group.sd**2


def _inverted(own: Pairs) -> Pairs:
    """Inverses of the blocks of all items; zeros for those that have none."""
    determinant = own.aa * own.dd - own.ad**2
    good = (own.aa > 0) & (own.dd > 0) & (determinant > _LEAST_LEFT * own.aa * own.dd)
    factor = np.divide(1.0, determinant, out=np.zeros_like(determinant), where=good)
    return Pairs(own.dd * factor, -own.ad * factor, own.aa * factor)


def _inverted_arrow(aa: float, ad: Floats, dd: Floats) -> Pairs | None:
    """The inverse of one slope's information with the intercepts (n,), which are not known of each other."""
    if np.any(dd <= 0):
        return None
    along = ad / dd
    left = aa - float(np.sum(along * ad))
    if left <= _LEAST_LEFT * aa:
        return None
    variance = np.full_like(along, 1.0 / left)
    return Pairs(variance, -along * variance, 1.0 / dd + along**2 * variance)


def _inverted_matrix(matrix: Floats, n: int, common: bool) -> Pairs | None:
    """The items' blocks of the inverse of a matrix of which the upper half is filled."""
    matrix = np.triu(matrix) + np.triu(matrix, 1).T
    slopes = 1 if common else n
    if common:
        matrix = np.vstack([np.sum(matrix[:n], axis=0), matrix[n:]])
        matrix = np.hstack([np.sum(matrix[:, :n], axis=1, keepdims=True), matrix[:, n:]])
    diagonal = np.diag(matrix)
    if np.any(diagonal <= 0):
        return None
    scale = 1.0 / np.sqrt(diagonal)
    scaled = matrix * np.outer(scale, scale)
    try:
        left = np.diag(np.linalg.cholesky(scaled)) ** 2
    except np.linalg.LinAlgError:
        return None
    if np.min(left) <= _LEAST_LEFT:
        return None
    inverse = np.linalg.inv(scaled) * np.outer(scale, scale)
    by_slope = np.zeros(n, np.int64) if common else np.arange(n)
    by_intercept = np.arange(slopes, slopes + n)
    return Pairs(
        inverse[by_slope, by_slope], inverse[by_slope, by_intercept], inverse[by_intercept, by_intercept]
    )
