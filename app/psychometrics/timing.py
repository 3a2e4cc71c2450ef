"""How long items take: van der Linden's lognormal model (2006), ln t = beta - tau + N(0, sigma^2).

beta is the item's time intensity (ln seconds), tau the person's speed, sigma what the item leaves to chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from app.psychometrics.irt import Floats
from app.psychometrics.responses import Flags, Ints

ROUNDS = 200
CLOSE = 1e-6
"""A round that changes nothing by more is the last."""

SLOWEST, FASTEST = 86_400.0, 0.001
"""Seconds beyond which a time says nothing: a day on one item, and a click that nobody can make."""

SIGMA, SPREAD, BETA = 0.5, 0.3, float(np.log(90.0))
"""What is assumed of an item's chance, of people's speed and of an item's length before there are times."""

PRIOR_TIMES = 5.0
"""How many times the assumed sigma is worth."""

RAPID = 0.1
"""A response in less than this share of the item's median time is a guess without reading."""


@dataclass(frozen=True, slots=True)
class Times:
    """Times of responses, all (r,): `person` below `persons`, `item` below `items`, in `seconds`.

    Times outside FASTEST to SLOWEST (0: never on the screen) are not counted.
    """

    person: Ints
    item: Ints
    seconds: Floats
    persons: int
    items: int


@dataclass(frozen=True, slots=True)
class TimeModel:
    """`beta`, `sigma` (items,); `tau` (persons,) drawn towards 0, with standard error `tau_error`.

    `spread` is the standard deviation of speed. An item without times has the mean beta of the others.
    """

    beta: Floats
    sigma: Floats
    tau: Floats
    tau_error: Floats
    spread: float


class Speed(NamedTuple):
    """The speed of one person (posterior mean), and its standard error."""

    tau: float
    error: float


def fit_times(times: Times, rounds: int = ROUNDS) -> TimeModel:
    """The model by closed-form alternation (EM): speeds given items, then items given speeds.

    Speeds are posterior means under N(0, spread^2), so that a person with few times is drawn towards the
    middle; their variances enter the items' sigma and the spread, so that neither shrinks round by round.
    """
    usable = (times.seconds >= FASTEST) & (times.seconds <= SLOWEST)
    person, item = times.person[usable], times.item[usable]
    logs = np.log(times.seconds[usable])

    def by_item(values: Floats) -> Floats:
        return np.asarray(np.bincount(item, weights=values, minlength=times.items), dtype=np.float64)

    count = by_item(np.ones_like(logs))
    seen = count > 0
    beta = np.full(times.items, float(np.mean(logs)) if len(logs) else BETA)
    sigma2, spread2 = np.full(times.items, SIGMA**2), SPREAD**2
    tau, error2 = np.zeros(times.persons), np.full(times.persons, spread2)
    for _ in range(rounds if len(logs) else 0):
        before = np.concatenate([beta, sigma2, [spread2]])
        weight = 1.0 / sigma2[item]
        precision = np.bincount(person, weights=weight, minlength=times.persons) + 1.0 / spread2
        pull = np.bincount(person, weights=weight * (beta[item] - logs), minlength=times.persons)
        tau, error2 = pull / precision, 1.0 / precision
        sums = by_item(logs + tau[person])
        beta = np.where(seen, sums / np.maximum(count, 1.0), np.mean((sums / np.maximum(count, 1.0))[seen]))
        square = by_item(np.square(logs - beta[item] + tau[person]) + error2[person])
        sigma2 = (square + PRIOR_TIMES * SIGMA**2) / (count + PRIOR_TIMES)
        present = precision > 1.0 / spread2
        spread2 = max(1e-6, float(np.mean((tau**2 + error2)[present])))
        if np.max(np.abs(np.concatenate([beta, sigma2, [spread2]]) - before)) < CLOSE:
            break
    return TimeModel(beta, np.sqrt(sigma2), tau, np.sqrt(error2), float(np.sqrt(spread2)))


def speed(model: TimeModel, item: Ints, seconds: Floats) -> Speed:
    """The speed of a person who is not in the model, from the times so far, both (r,)."""
    usable = (seconds >= FASTEST) & (seconds <= SLOWEST)
    places = item[usable]
    weight = 1.0 / np.square(model.sigma[places])
    precision = float(np.sum(weight)) + 1.0 / model.spread**2
    pull = float(np.sum(weight * (model.beta[places] - np.log(seconds[usable]))))
    return Speed(pull / precision, precision**-0.5)


def expected_seconds(model: TimeModel, item: ArrayLike, tau: float = 0.0) -> float:
    """Time that these items (r,) can be expected to take at a speed: sum of exp(beta - tau + sigma^2 / 2).

    Without a speed, that of an average person: what a form asks for.
    """
    places = np.asarray(item, dtype=np.int64)
    return float(np.sum(np.exp(model.beta[places] - tau + np.square(model.sigma[places]) / 2.0)))


def median_seconds(times: Times) -> Floats:
    """The median time of each item (items,), 0 for one without times."""
    usable = (times.seconds >= FASTEST) & (times.seconds <= SLOWEST)
    order = np.lexsort((times.seconds[usable], times.item[usable]))
    seconds = np.append(times.seconds[usable][order], 0.0)
    count = np.bincount(times.item[usable], minlength=times.items)
    start = np.cumsum(count) - count
    middle = (
        seconds[start + np.maximum(count - 1, 0) // 2] + seconds[start + count // 2 * (count > 0)]
    ) / 2.0
    return np.asarray(np.where(count > 0, middle, 0.0))


def rapid_guesses(item: Ints, seconds: Floats, median: Floats) -> Flags:
    """Which responses (r,) took less than RAPID of their item's median time; a time of 0 is not one."""
    return np.asarray((seconds > 0) & (seconds < RAPID * median[item]))
