"""Seeded studies of what this shelf promises: made-up banks and candidates in, sizes and coverages out.

Each study takes a seed and sizes and gives its figures: small in tests, large from the command line.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import Generator, default_rng

from app.psychometrics.ability import (
    Distribution,
    normal_prior,
    number_right_likelihood,
    pattern_likelihood,
    posterior,
)
from app.psychometrics.band import band
from app.psychometrics.decision import pass_chance, quality
from app.psychometrics.irt import Floats, above_floor, probability
from app.psychometrics.prediction import DAY_SD, passing_typical, predict
from app.psychometrics.responses import Ints, Responses, responses
from app.psychometrics.scale import Curve, Ends, conversion_table, curve, number_correct, scaled
from app.psychometrics.subscores import domain_posteriors, estimate_spread

ENDS = Ends(100.0, 750.0, 1000.0)
CUT = 53.5 / 74
COARSE = 61  # nodes, where a posterior is only looked at as a whole


def made_bank(rng: Generator, items: int) -> Curve:
    """A bank as a certification's: mostly one key in four, the cut near ability 0, all weights alike."""
    floors = rng.choice([0.25, 0.1, 1 / 6], items, p=[0.8, 0.15, 0.05])
    locations, slopes = rng.normal(-0.9, 0.9, items), rng.lognormal(-0.1, 0.3, items)
    return curve(slopes, locations, floors, np.full(items, 1.0 / items))


def made_form(rng: Generator, bank: Curve, items: int) -> Curve:
    """A form of items drawn from a bank."""
    return part_of(bank, rng.permutation(len(bank.a))[:items])


def part_of(bank: Curve, places: Ints) -> Curve:
    """Some items of a bank, each of weight 1."""
    return curve(bank.a[places], bank.b[places], bank.c[places])


def made_responses(rng: Generator, bank: Curve, theta: Floats, items: int) -> Responses:
    """Each person answers a form of their own: items drawn from the bank."""
    persons, stock = len(theta), len(bank.a)
    item = np.argsort(rng.random((persons, stock)), axis=1)[:, :items].ravel()
    person = np.repeat(np.arange(persons), items)
    distance = bank.a[item], bank.b[item]
    known = above_floor(theta[person], distance[0][:, np.newaxis], distance[1][:, np.newaxis])[:, 0]
    right = rng.random(len(item)) < bank.c[item] + (1.0 - bank.c[item]) * known
    return responses(person, item, right, stock, np.ones(persons))


class Coverage(NamedTuple):
    """How often a 90 % band holds the true score: on average, and at the abilities where least and most."""

    mean: float
    lowest: float
    highest: float


def band_coverage(
    seed: int,
    forms: int = 100,
    items: int = 74,
    stock: int = 600,
    sd: float = 0.3,
    floor: float | None = None,
    told: bool = True,
) -> Coverage:
    """Bands of forms whose locations are known up to `sd`, for candidates from -4 to 4, N(0, 1) on average.

    The sum over the number right is exact. `floor` gives all items one guessing floor; without being `told`,
    the bands take locations for known.
    """
    rng = default_rng(seed)
    theta = np.linspace(-4.0, 4.0, 161)
    mass = np.exp(-0.5 * theta**2) / np.sum(np.exp(-0.5 * theta**2))
    held = np.zeros_like(theta)
    for _ in range(forms):
        bank = made_bank(rng, stock)
        if floor is not None:
            bank = curve(bank.a, bank.b, np.full(stock, floor), bank.weight)
        believed = curve(bank.a, bank.b + sd * rng.normal(size=stock), bank.c, bank.weight)
        places = rng.permutation(stock)[:items]
        form, thought = part_of(bank, places), part_of(believed, places)
        table = conversion_table(thought, believed, CUT, ENDS)
        low, high = band(thought, believed, CUT, ENDS, table, np.full(items, sd * told))
        true = scaled(bank.at(theta), CUT, ENDS)[:, np.newaxis]
        chance = number_correct(probability(theta, form.a, form.b, form.c))
        held += np.sum(chance * ((low <= true) & (true <= high)), axis=1) / forms
    return Coverage(float(mass @ held), float(np.min(held)), float(np.max(held)))


class Decisions(NamedTuple):
    """Shares by formula, and as counted."""

    accuracy: float
    accuracy_counted: float
    consistency: float
    consistency_counted: float
    reliability: float
    reliability_counted: float


def decisions(seed: int, persons: int = 200_000, items: int = 74, stock: int = 600) -> Decisions:
    """One form, sat twice by each of N(0, 1) persons. Reliability is counted as r^2 of EAP and ability."""
    rng = default_rng(seed)
    bank = made_bank(rng, stock)
    form, theta_cut = made_form(rng, bank, items), float(bank.inverse(CUT))
    table = conversion_table(form, bank, CUT, ENDS)
    prior = normal_prior(count=241)
    formula = quality(form, table, ENDS.cut, theta_cut, prior)
    theta = rng.normal(size=persons)
    chance = probability(theta, form.a, form.b, form.c)
    first, second = (np.sum(rng.random(chance.shape) < chance, axis=1) for _ in range(2))
    passed, again = table[first] >= ENDS.cut, table[second] >= ENDS.cut
    logs = number_right_likelihood(form, prior.nodes)
    weighted = np.exp(logs) * prior.mass
    estimate = (weighted @ prior.nodes / np.sum(weighted, axis=1))[first]
    return Decisions(
        accuracy=formula.accuracy,
        accuracy_counted=float(np.mean(passed == (theta >= theta_cut))),
        consistency=formula.consistency,
        consistency_counted=float(np.mean(passed == again)),
        reliability=formula.reliability,
        reliability_counted=float(np.corrcoef(estimate, theta)[0, 1] ** 2),
    )


class Foresight(NamedTuple):
    """Mean probability foretold and share who passed, by fifths of what was foretold; coverage of intervals.

    An interval covers when the chance of passing that the person really has on the day lies in it.
    """

    foretold: tuple[float, ...]
    passed: tuple[float, ...]
    coverage: float


def foresight(seed: int, persons: int = 2_000, items: int = 74, stock: int = 600) -> Foresight:
    """Persons sit one form on one day and another on another day, abilities differing by DAY_SD each day."""
    rng, prior = default_rng(seed), normal_prior()
    bank = made_bank(rng, stock)
    theta_cut = float(bank.inverse(CUT))
    typical = passing_typical(bank, items, int(np.ceil(CUT * items)), prior.nodes)
    theta = rng.normal(0.0, np.sqrt(1.0 - DAY_SD**2), size=(persons, 1)) + rng.normal(
        0.0, DAY_SD, (persons, 2)
    )
    chances, held, passed = [], [], []
    for first, then in theta:
        form, fresh = (made_form(rng, bank, items) for _ in range(2))
        right = rng.random(items) < probability(first, form.a, form.b, form.c)
        belief = posterior(prior, pattern_likelihood(form, right, prior.nodes))
        foretold = predict(belief, typical)
        least = np.arange(items + 1) >= float(fresh.at(theta_cut))
        chance = float(pass_chance(fresh, least.astype(np.float64), 1.0, then))
        chances.append(foretold.probability)
        held.append(foretold.low <= np.interp(then, prior.nodes, typical) <= foretold.high)
        passed.append(rng.random() < chance)
    fifths = np.array_split(np.argsort(chances), 5)
    return Foresight(
        foretold=tuple(float(np.mean(np.array(chances)[part])) for part in fifths),
        passed=tuple(float(np.mean(np.array(passed)[part])) for part in fifths),
        coverage=float(np.mean(held)),
    )


class SubscoreAccuracy(NamedTuple):
    """Root mean squared errors of a domain's share right, the coverage of 80 % intervals, the spread found."""

    raw: float
    total_only: float
    shrunk: float
    coverage: float
    spread: float


def subscore_accuracy(
    seed: int, persons: int = 5_000, sizes: tuple[int, ...] = (19, 22, 18, 15), spread: float = 0.5
) -> SubscoreAccuracy:
    """Domains of one form, with abilities `spread` around the whole; the spread is estimated."""
    rng, prior = default_rng(seed), normal_prior(count=COARSE)
    references = [made_bank(rng, 150) for _ in sizes]
    theta = rng.normal(size=(persons, 1)) + spread * rng.normal(size=(persons, len(sizes)))
    logs, raw = [], []
    for d, size in enumerate(sizes):
        form = made_form(rng, references[d], size)
        right = rng.random((persons, size)) < probability(theta[:, d], form.a, form.b, form.c)
        raw.append(np.mean(right, axis=1))
        logs.append(number_right_likelihood(form, prior.nodes)[np.sum(right, axis=1)])
    likelihood = np.stack(logs, axis=1)
    found = estimate_spread(likelihood, prior)
    domains = domain_posteriors(likelihood, prior, found)
    alike = domain_posteriors(likelihood, prior, 0.0).blurred(found)
    true = np.stack([reference.at(theta[:, d]) for d, reference in enumerate(references)], axis=1)
    low, high = domains.quantile(0.1), domains.quantile(0.9)
    return SubscoreAccuracy(
        raw=rmse(np.stack(raw, axis=1), true),
        total_only=rmse(_shares(alike, references), true),
        shrunk=rmse(_shares(domains, references), true),
        coverage=float(np.mean((low <= theta) & (theta <= high))),
        spread=found,
    )


def _shares(domains: Distribution, references: list[Curve]) -> Floats:
    shares = [domains.mass[:, d] @ reference.at(domains.nodes) for d, reference in enumerate(references)]
    return np.stack(shares, axis=1)


def rmse(found: Floats, true: Floats) -> float:
    return float(np.sqrt(np.mean(np.square(found - true))))
