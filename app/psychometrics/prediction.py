"""The chance of passing a fresh form, from what was seen so far."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, hypot, sqrt

import numpy as np

from app.psychometrics.ability import Distribution
from app.psychometrics.irt import Floats, probability
from app.psychometrics.scale import Curve

DAY_SD = 0.2
"""How much ability differs from one day to another, in units of theta: an assumption, not an estimate."""

LEVEL = 0.8


@dataclass(frozen=True, slots=True)
class Prediction:
    """`probability` of passing a fresh form.

    It is the mean over what is believed of the ability on that day. `low` to `high`: with a chance of LEVEL
    that ability is one whose own probability of passing lies between them. `ability` and `sd`: that belief.
    """

    probability: float
    low: float
    high: float
    ability: float
    sd: float


def predict(
    belief: Distribution, passing: Floats, attempts: float = 1.0, location_sd: float = 0.0
) -> Prediction:
    """The prediction from a posterior of one ability (mass (K,)) and P(pass | node) (K,), rising.

    The posterior is first widened by `location_sd` (the standard error of theta from uncertain items, see
    `ability.location_error`) and by the difference between days: with k days of evidence the mean of the
    days is known to DAY_SD^2 / k, and the next day differs from it by DAY_SD^2 more. `attempts` counts the
    days, and a seen form in part, as the responses were weighted; what is below 1 counts as 1, since the
    prior stands in for the rest.
    """
    days = DAY_SD * sqrt(1.0 + 1.0 / max(attempts, 1.0))
    then = belief.blurred(hypot(location_sd, days))
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.interp([then.quantile(tail), then.quantile(1.0 - tail)], then.nodes, passing).tolist()
    whole = min(1.0, max(0.0, float(then.mass @ passing)))
    return Prediction(whole, low, high, float(then.mean), float(then.sd))


def passing_typical(reference: Curve, length: int, least: int, theta: Floats) -> Floats:
    """P(pass | theta) on a form like the reference: `length` items, passed with `least` right. Shape of theta.

    The number right is a sum of many unlike coins: with mean n tau and variance n sum of w P (1 - P) it is
    taken as normal, half a count to each side.
    """
    chance = probability(theta, reference.a, reference.b, reference.c)
    mean = length * (chance @ reference.weight)
    variance = length * ((chance * (1.0 - chance)) @ reference.weight)
    away = (least - 0.5 - mean) / np.sqrt(2.0 * np.maximum(variance, 1e-12))
    return np.array([0.5 * erfc(distance) for distance in away])
