"""Simulated candidates, each with a part of a bank, and the likelihood of responses in the plainest way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.psychometrics.calibration import Calibration
from app.psychometrics.cold_start import RATING_VALIDITY
from app.psychometrics.irt import Floats, probability
from app.psychometrics.responses import Responses, responses

SPREAD = 0.9


@dataclass(frozen=True, slots=True)
class Study:
    """True parameters of a bank (n,), what raters thought of its locations, and responses."""

    a: Floats
    b: Floats
    c: Floats
    rated: Floats
    theta: Floats
    responses: Responses


def study(
    persons: int,
    items: int,
    length: int,
    seed: int,
    *,
    mean: float = 0.0,
    sd: float = 1.0,
    floor: float = 0.0,
    slope: float | None = None,
) -> Study:
    """Candidates from N(mean, sd^2), each with `length` items of the bank at random."""
    rng = np.random.default_rng(seed)
    a = rng.lognormal(-0.1, 0.3, items) if slope is None else np.full(items, slope)
    b, c = rng.normal(0.0, SPREAD, items), np.full(items, floor)
    # A rating that correlates with the location as ratings do, drawn in to its best prediction.
    noise = RATING_VALIDITY * np.sqrt(1.0 - RATING_VALIDITY**2) * SPREAD
    rated = RATING_VALIDITY**2 * b + rng.normal(0.0, noise, items)
    theta = rng.normal(mean, sd, persons)
    seen = np.argsort(rng.random((persons, items)), axis=1)[:, :length]
    chance = probability(theta, a, b, c)
    right = rng.random((persons, length)) < np.take_along_axis(chance, seen, axis=1)
    person = np.repeat(np.arange(persons), length)
    given = responses(person, seen.ravel(), right.ravel(), items, np.ones(persons))
    return Study(a, b, c, rated, theta, given)


def column(found: Calibration, name: str) -> Floats:
    """One parameter of all items; NaN for None, so that comparisons fail."""
    return np.array([getattr(item, name) for item in found.items], dtype=np.float64)


def log_likelihood(
    given: Responses, a: Floats, d: Floats, c: Floats, mean: float = 0.0, sd: float = 1.0
) -> float:
    """The marginal log-likelihood: every person by every item at 401 nodes, P = c + (1 - c) / (1 + e^-(a t + d))."""
    theta = np.linspace(mean - 8 * sd, mean + 8 * sd, 401)
    share = np.exp(-0.5 * ((theta - mean) / sd) ** 2)
    share /= share.sum()
    chance = c + (1 - c) / (1 + np.exp(-(np.multiply.outer(theta, a) + d)))
    whole = 0.0
    for person, weight in enumerate(given.weight):
        own = given.person == person
        item, right = given.item[own], given.right[own]
        likelihood = np.prod(np.where(right, chance[:, item], 1 - chance[:, item]), axis=1)
        whole += weight * np.log(likelihood @ share)
    return float(whole)
