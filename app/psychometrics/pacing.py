"""How a candidate spent an attempt: the last quarter and what was not reached."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from app.psychometrics.ability import Distribution, pattern_likelihood, posterior
from app.psychometrics.irt import probability
from app.psychometrics.responses import Flags
from app.psychometrics.scale import Curve


@dataclass(frozen=True, slots=True)
class LastQuarter:
    """The last quarter of a form at equal difficulty.

    `count` items, `observed` share right, `expected` share from the ability that the first three quarters
    show, and the standard `error` of their difference.
    """

    count: int
    observed: float
    expected: float
    error: float

    @property
    def deviate(self) -> float:
        """The difference in standard errors; below -2 the end went worse than the beginning."""
        return (self.observed - self.expected) / self.error if self.error > 0 else 0.0


def last_quarter(form: Curve, right: Flags, prior: Distribution) -> LastQuarter | None:
    """The last quarter of one attempt: `form` and `right` (n,) in the order of the form. None below 4 items.

    The error has two parts: the coins of the quarter itself, and the ability that three quarters leave open.
    """
    quarter = len(right) // 4
    if quarter == 0:
        return None
    first = len(right) - quarter
    begun = Curve(form.a[:first], form.b[:first], form.c[:first], form.weight[:first])
    belief = posterior(prior, pattern_likelihood(begun, right[:first], prior.nodes)).mass
    chance = probability(prior.nodes, form.a, form.b, form.c)[:, first:]
    each = np.mean(chance, axis=1)
    expected = float(belief @ each)
    coins = float(belief @ np.sum(chance * (1.0 - chance), axis=1)) / quarter**2
    ability = float(belief @ np.square(each - expected))
    return LastQuarter(quarter, float(np.mean(right[first:])), expected, sqrt(coins + ability))


def not_reached(answered: Flags) -> int:
    """How many positions at the end of a form were left open, with nothing answered after them; (n,)."""
    reached = np.flatnonzero(answered)
    return len(answered) - (int(reached[-1]) + 1 if len(reached) else 0)
