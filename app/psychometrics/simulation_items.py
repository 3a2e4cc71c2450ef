"""Seeded studies of the item analysis: how often sound items and persons are suspected.

As in `simulation`: a seed and sizes in, figures out; small in tests, large from the command line.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import default_rng

from app.psychometrics.ability import normal_prior
from app.psychometrics.dif import mantel_haenszel, matched
from app.psychometrics.irt import probability
from app.psychometrics.item_fit import rest_fit, s_x2
from app.psychometrics.patterns import abilities, rest
from app.psychometrics.person_fit import person_fit
from app.psychometrics.responses import responses
from app.psychometrics.significance import normal_point
from app.psychometrics.simulation import COARSE, made_bank, made_form, made_responses, rmse
from app.psychometrics.timing import Times, fit_times

LEVEL = 0.05


class PersonFitSize(NamedTuple):
    """Shares of model-conforming persons below the 5 % point of a normal deviate."""

    lz: float
    lz_star: float


def person_fit_size(seed: int, persons: int = 20_000, items: int = 74, stock: int = 300) -> PersonFitSize:
    """Persons from N(0, 1) who answer as the model says."""
    rng = default_rng(seed)
    bank = made_bank(rng, stock)
    found = person_fit(bank, made_responses(rng, bank, rng.normal(size=persons), items))
    point = -normal_point(1.0 - 2.0 * LEVEL)
    return PersonFitSize(float(np.mean(found.lz < point)), float(np.mean(found.lz_star < point)))


class ItemFitSize(NamedTuple):
    """Shares of model-conforming items that are rejected at 5 %."""

    s_x2: float
    rest_fit: float


def item_fit_size(seed: int, rounds: int = 10, persons: int = 1_000, items: int = 74) -> ItemFitSize:
    """S-X^2 on one form for all, the rest fit where each person has half of twice as many items.

    Parameters are the true ones, none estimated.
    """
    rng, prior = default_rng(seed), normal_prior(count=COARSE)
    common: list[float] = []
    own: list[float] = []
    for _ in range(rounds):
        bank, theta = made_bank(rng, 2 * items), rng.normal(size=persons)
        form = made_form(rng, bank, items)
        right = rng.random((persons, items)) < probability(theta, form.a, form.b, form.c)
        common += [fit.p for fit in s_x2(form, right, prior, estimated=0) if fit]
        sparse = made_responses(rng, bank, theta, items)
        others = rest(bank, sparse, prior)
        for item in range(2 * items):
            here = sparse.item == item
            fit = rest_fit(sparse.right[here], others.expected[here], others.ability[here], estimated=0)
            own += [fit.p] if fit else []
    return ItemFitSize(float(np.mean(np.array(common) < LEVEL)), float(np.mean(np.array(own) < LEVEL)))


def dif_size(
    seed: int, rounds: int = 10, persons: int = 1_000, items: int = 74, gap: float = 0.5, shift: float = 0.0
) -> float:
    """Share of items rejected at 5 % by Mantel-Haenszel; `persons` in each group, `gap` apart in ability.

    With a `shift` the items are that much harder for the focal group: then it is the power.
    """
    rng, prior = default_rng(seed), normal_prior(-gap / 2.0, 1.0, COARSE)
    surprising = []
    for _ in range(rounds):
        bank = made_bank(rng, items)
        focal = np.repeat([False, True], persons)
        theta = rng.normal(size=2 * persons) - gap * focal
        studied = np.arange(items) < max(1, items // 10)
        chance = probability(theta, bank.a, bank.b, bank.c)
        harder = probability(theta, bank.a, bank.b + shift * studied, bank.c)
        right = rng.random(chance.shape) < np.where(focal[:, np.newaxis], harder, chance)
        person, item = np.nonzero(np.ones_like(right))
        given = responses(person, item, right.ravel(), items, np.ones(2 * persons))
        strata = matched(abilities(bank, given, prior).mean)
        for one in np.flatnonzero(studied) if shift else range(items):
            found = mantel_haenszel(right[:, one], focal, strata)
            surprising += [found.p < LEVEL] if found else []
    return float(np.mean(surprising))


class TimeRecovery(NamedTuple):
    """Root mean squared errors of the parts of the lognormal model, and the spread of speed found (of .3)."""

    beta: float
    sigma: float
    tau: float
    spread: float


def time_recovery(seed: int, persons: int = 2_000, stock: int = 300, items: int = 74) -> TimeRecovery:
    """Persons with forms of their own, items of about 110 seconds."""
    rng = default_rng(seed)
    beta, sigma = rng.normal(np.log(110.0), 0.4, stock), rng.uniform(0.3, 0.7, stock)
    tau = rng.normal(0.0, 0.3, persons)
    item = np.argsort(rng.random((persons, stock)), axis=1)[:, :items].ravel()
    person = np.repeat(np.arange(persons), items)
    seconds = np.exp(beta[item] - tau[person] + sigma[item] * rng.normal(size=len(item)))
    found = fit_times(Times(person, item, seconds, persons, stock))
    return TimeRecovery(rmse(found.beta, beta), rmse(found.sigma, sigma), rmse(found.tau, tau), found.spread)
