"""What responses say about ability: its posterior on a grid of nodes, and what it makes of the items.

Items are in slope and intercept here: P = c + (1 - c) logistic(a theta + d), d = -a b. Ability is normal in
the group. The grid has equal steps over GRID_REACH standard deviations on either side; on smooth integrands
such as these that is exact far beyond what the estimates need, when the steps are no wider than the
narrowest posterior.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.irt import Floats, logistic
from app.psychometrics.responses import Block, Flags, Responses

GRID_REACH = 6.0
_LEAST_NODES = 61
_LONG = 150  # responses of one person from which on the posterior may be narrower than a step of 61 nodes


class Group(NamedTuple):
    """The normal distribution of ability that persons are drawn from."""

    mean: float = 0.0
    sd: float = 1.0


@dataclass(frozen=True, slots=True)
class Curves:
    """Items in slope and intercept; all arrays (n,), 0 <= c < 1."""

    a: Floats
    d: Floats
    c: Floats

    def of(self, chosen: Flags) -> Curves:
        """Some of the items (n,)."""
        return Curves(self.a[chosen], self.d[chosen], self.c[chosen])

    def knowing(self, theta: Floats) -> Floats:
        """logistic(a theta + d). Shape (n, nodes)."""
        return logistic(self._logit(theta))

    def logarithms(self, theta: Floats) -> Floats:
        """log(1 - P) of each item, log P of each, and zeros. Shape (2n + 1, nodes)."""
        logit, floor = self._logit(theta), self.c[:, np.newaxis]
        not_knowing = -np.logaddexp(0.0, logit)
        with_floor = np.log(np.where(floor > 0, floor + (1.0 - floor) * logistic(logit), 1.0))
        right = np.where(floor > 0, with_floor, logit + not_knowing)
        return np.vstack([np.log1p(-floor) + not_knowing, right, np.zeros_like(theta)])

    def _logit(self, theta: Floats) -> Floats:
        return np.asarray(self.a[:, np.newaxis] * theta + self.d[:, np.newaxis])


@dataclass(frozen=True, slots=True)
class Expected:
    """What the posteriors of all persons come to at `theta` (Q,).

    `wrong`, `right` (n, Q): expected numbers of people at each node who got an item wrong, and right;
    `people` (Q,): of all people.
    """

    log_likelihood: float
    theta: Floats
    wrong: Floats
    right: Floats
    people: Floats

    def of(self, chosen: Flags) -> Expected:
        """The same of some items (n,)."""
        return replace(self, wrong=self.wrong[chosen], right=self.right[chosen])

    def group(self) -> Group:
        """Mean and standard deviation of ability."""
        whole = float(np.sum(self.people))
        mean = float(np.sum(self.people * self.theta)) / whole
        return Group(mean, float(np.sqrt(np.sum(self.people * (self.theta - mean) ** 2) / whole)))


def node_count(responses: Responses) -> int:
    """How many nodes these responses need; an odd number."""
    return 1 + 2 * int(np.ceil(_LEAST_NODES // 2 * max(1.0, np.sqrt(responses.longest / _LONG))))


def grid(group: Group, count: int) -> tuple[Floats, Floats]:
    """Nodes, and the logarithm of the share of the group at each. Two arrays of shape (count,)."""
    z = np.linspace(-GRID_REACH, GRID_REACH, count)
    return group.mean + group.sd * z, -0.5 * z**2 - np.log(np.sum(np.exp(-0.5 * z**2)))


def posteriors(block: Block, logarithms: Floats, log_share: Floats) -> tuple[Floats, Floats]:
    """Share of each node in a person's posterior (P, nodes), and the log-likelihood of each person (P,)."""
    joint = block.by_person.of(logarithms)
    joint += log_share
    highest = np.max(joint, axis=1)
    joint -= highest[:, np.newaxis]
    np.exp(joint, out=joint)
    whole = np.sum(joint, axis=1)
    joint /= whole[:, np.newaxis]
    return joint, highest + np.log(whole)


def expected(blocks: Iterable[Block], curves: Curves, group: Group, nodes: int) -> Expected:
    """The expectation step of Bock & Aitkin (1981)."""
    theta, log_share = grid(group, nodes)
    logarithms = curves.logarithms(theta)
    items = len(curves.a)
    log_likelihood = 0.0
    counts, people = np.zeros((2 * items, nodes)), np.zeros(nodes)
    for block in blocks:
        shares, likelihoods = posteriors(block, logarithms, log_share)
        log_likelihood += float(np.sum(block.weight * likelihoods))
        shares *= block.weight[:, np.newaxis]
        people += np.sum(shares, axis=0)
        counts += block.by_code.of(np.vstack([shares, np.zeros(nodes)]))
    return Expected(log_likelihood, theta, counts[:items], counts[items:], people)


def abilities(
    responses: Responses, a: ArrayLike, b: ArrayLike, c: ArrayLike, group: Group | None = None
) -> tuple[Floats, Floats]:
    """Mean (EAP) and standard deviation of each person's posterior of theta. Two arrays of shape (P,).

    `a`, `b`, `c` (n,) are the items' parameters, `group` the prior, N(0, 1) if left out: who has no
    responses has its mean and SD. ValueError for parameters that are no numbers, or floors that are none.
    """
    slopes, places, floors = (np.asarray(values, dtype=np.float64) for values in (a, b, c))
    if not all(v.shape == (responses.items,) and np.all(np.isfinite(v)) for v in (slopes, places, floors)):
        raise ValueError("abilities need a, b and c of every item: leave items without an estimate out")
    if np.any((floors < 0) | (floors >= 1)):
        raise ValueError("a guessing floor c is from 0 to below 1")
    nodes = node_count(responses)
    theta, log_share = grid(group or Group(), nodes)
    logarithms = Curves(slopes, -slopes * places, floors).logarithms(theta)
    mean, sd = np.empty(len(responses.weight)), np.empty(len(responses.weight))
    for block in responses.blocks():
        shares, _ = posteriors(block, logarithms, log_share)
        means = shares @ theta
        mean[block.persons] = means
        sd[block.persons] = np.sqrt(np.sum(shares * (theta - means[:, np.newaxis]) ** 2, axis=1))
    return mean, sd
