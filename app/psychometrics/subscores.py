"""Abilities by domain, drawn towards the whole: theta_d = theta + N(0, spread^2) (a higher-order model).

Shares right on fifteen items are mostly noise. Here each domain borrows from the others as much as domains
are alike among candidates, and nothing is said of a domain that the evidence does not carry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.ability import Distribution, normal_kernel, posterior
from app.psychometrics.irt import Floats, probability
from app.psychometrics.responses import Ints
from app.psychometrics.scale import Curve

SPREAD = 0.35
"""The spread of domains around the whole while there are few candidates: domains correlate .89."""

WIDEST = 1.5
ENOUGH_PERSONS = 200
LEVEL = 0.8
WORTH = 0.01
"""By how much of the variance a subscore must beat the total before it is worth a line."""

NEAR = 0.05
"""A domain is at the standard when its whole interval is no further from it than this share of the items."""


class Verdict(StrEnum):
    """On which side of the standard a domain is."""

    BELOW = "below"
    AT = "at"
    ABOVE = "above"
    UNCLEAR = "not enough evidence"


@dataclass(frozen=True, slots=True)
class Subscore:
    """One domain of one candidate, in shares right on the domain's reference items.

    `share` is expected, with LEVEL it lies between `low` and `high`; `standard` is the share of a candidate
    exactly at the cut. `shortfall` is by how much the share is expected to be below the standard, above it counting
    as 0: it is more than nothing also for a share that is only probably above.
    """

    share: float
    low: float
    high: float
    standard: float
    shortfall: float

    @property
    def verdict(self) -> Verdict:
        """Below, at or above the standard only when the whole interval is."""
        if self.high < self.standard:
            return Verdict.BELOW
        if self.low > self.standard:
            return Verdict.ABOVE
        near = self.standard - NEAR <= self.low and self.high <= self.standard + NEAR
        return Verdict.AT if near else Verdict.UNCLEAR


def domain_posteriors(log_likelihood: Floats, prior: Distribution, spread: float) -> Distribution:
    """The ability in each domain, given all of them: mass (..., D, K).

    `log_likelihood` (..., D, K): of the responses in each domain, at the prior's nodes. With kernel K and
    prior f: p(theta_d) ~ L_d K'[f prod of K L_j over the other domains j].
    """
    kernel = normal_kernel(prior.nodes, spread)
    return _evident(log_likelihood, _from_others(log_likelihood, prior, kernel), prior.nodes)


def _from_others(log_likelihood: Floats, prior: Distribution, kernel: Floats) -> Floats:
    """What the responses in all other domains say of the ability in each, (..., D, K), up to a factor."""
    likelihood = np.exp(log_likelihood - np.max(log_likelihood, axis=-1, keepdims=True))
    upward = _logs(likelihood @ kernel.T)
    others = np.sum(upward, axis=-2, keepdims=True) + _logs(prior.mass) - upward
    return np.asarray(np.exp(others - np.max(others, axis=-1, keepdims=True)) @ kernel)


def _evident(log_likelihood: Floats, before: Floats, nodes: Floats) -> Distribution:
    """What was believed `before` (..., K), up to a factor, after the evidence. Evidence so contrary that nothing is
    left of it says nothing."""
    mass = np.exp(log_likelihood - np.max(log_likelihood, axis=-1, keepdims=True)) * before
    mass = np.where(np.sum(mass, axis=-1, keepdims=True) > 0, mass, before)
    return Distribution(nodes, mass / np.sum(mass, axis=-1, keepdims=True))


def estimate_spread(log_likelihood: Floats, prior: Distribution) -> float:
    """The spread of domains by marginal likelihood over candidates: `log_likelihood` (persons, D, K).

    SPREAD while there are fewer than ENOUGH_PERSONS or not two domains. By golden section from 0 to WIDEST.
    """
    if len(log_likelihood) < ENOUGH_PERSONS or log_likelihood.shape[1] < 2:  # noqa: PLR2004 -- a pair
        return SPREAD
    likelihood = np.exp(log_likelihood - np.max(log_likelihood, axis=-1, keepdims=True))

    def fit(spread: float) -> float:
        kernel = normal_kernel(prior.nodes, spread)
        logs = np.sum(_logs(likelihood @ kernel.T), axis=1) + _logs(prior.mass)
        top = np.max(logs, axis=1)
        return float(np.sum(top + np.log(np.sum(np.exp(logs - top[:, np.newaxis]), axis=1))))

    golden = (5**0.5 - 1) / 2
    low, high = 0.0, WIDEST
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = fit(left), fit(right)
    while high - low > 1e-3:  # noqa: PLR2004 -- far finer than its standard error
        if at_left > at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = fit(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = fit(right)
    return (low + high) / 2


def part_posteriors(
    log_likelihood: Floats, prior: Distribution, spread: float, domain: Ints, own: Floats
) -> Distribution:
    """The ability in parts of domains (topics, say): theta_p = theta_d + N(0, spread^2). Mass (P, K).

    `log_likelihood` (D, K) as in `domain_posteriors`; `domain` (P,) is the one that each part is in, and `own`
    (P, K) the likelihood of the responses in the part, which are among those of its domain.
    """
    kernel = normal_kernel(prior.nodes, spread)
    others = _from_others(log_likelihood, prior, kernel)[domain]
    around = _evident(log_likelihood[domain] - own, others, prior.nodes).mass @ kernel
    return posterior(Distribution(prior.nodes, around), own)


def subscores(parts: Distribution, shares: Floats, standards: ArrayLike) -> tuple[Subscore, ...]:
    """The subscores of one candidate in D domains, or in other parts: `parts` has mass (D, K).

    `shares` (D, K): expected of the part's reference items at the nodes; `standards` (D,): the same at the cut.
    """
    tail = (1.0 - LEVEL) / 2.0
    asked = np.asarray(standards, dtype=np.float64)
    expected = np.sum(parts.mass * shares, axis=1)
    short = np.sum(parts.mass * np.maximum(0.0, asked[:, np.newaxis] - shares), axis=1)
    limits = np.stack([parts.quantile(tail), parts.quantile(1.0 - tail)], axis=1)
    ends = [np.interp(at, parts.nodes, share).tolist() for at, share in zip(limits, shares, strict=True)]
    return tuple(
        Subscore(share, low, high, standard, shortfall)
        for share, (low, high), standard, shortfall in zip(
            expected.tolist(), ends, asked.tolist(), short.tolist(), strict=True
        )
    )


@dataclass(frozen=True, slots=True)
class AddedValue:
    """How much of the variance of a domain's true score is foretold (PRMSE; Haberman 2008), all from 0 to 1.

    `own`: by the number right in the domain; `total`: by that on the form; `both`: by the two together, which
    is what a subscore drawn towards the whole makes use of.
    """

    own: float
    total: float
    both: float

    @property
    def stands_alone(self) -> bool:
        """Haberman's rule: the raw number in the domain tells more of the domain than the total does."""
        return self.own > self.total

    @property
    def worth_reporting(self) -> bool:
        """The same rule for the subscore that is reported, drawn towards the whole."""
        return self.both > self.total + WORTH


def added_value(domains: Sequence[Curve], prior: Distribution, spread: float) -> tuple[AddedValue, ...]:
    """The value of each domain's subscore on a form, from the items of its domains."""
    kernel = normal_kernel(prior.nodes, spread)
    within, between, noise = [], [], []
    for items in domains:
        chance = probability(prior.nodes, items.a, items.b, items.c)
        true = np.sum(chance, axis=1)
        spread_out = prior.mass @ kernel  # of theta_d
        within.append(spread_out @ true**2 - (spread_out @ true) ** 2)
        noise.append(spread_out @ np.sum(chance * (1.0 - chance), axis=1))
        between.append(kernel @ true)  # given the general ability
    centred = np.array(between) - (np.array(between) @ prior.mass)[:, np.newaxis]
    covariance = (centred * prior.mass) @ centred.T
    np.fill_diagonal(covariance, within)
    to_total = np.sum(covariance, axis=1)
    total = float(np.sum(covariance) + np.sum(noise))
    return tuple(
        _added_value(float(within[d]), float(noise[d]), float(to_total[d]), total)
        for d in range(len(domains))
    )


def _added_value(true: float, noise: float, shared: float, total: float) -> AddedValue:
    """From Var(T_d), Var(X_d | T_d), Cov(T_d, X) and Var(X). Cov(X_d, X) is `shared` + `noise`."""
    if true <= 0 or true + noise <= 0 or total <= 0:
        return AddedValue(0.0, 0.0, 0.0)
    own, by_total = true / (true + noise), shared**2 / (true * total)
    predictors = np.array([[true + noise, shared + noise], [shared + noise, total]])
    target = np.array([true, shared])
    both = float(target @ np.linalg.pinv(predictors) @ target) / true
    return AddedValue(min(1.0, own), min(1.0, by_total), min(1.0, max(both, own, by_total)))


def _logs(values: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(values, 1e-300)))
