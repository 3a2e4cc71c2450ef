"""Whether a person's responses look like the model: lz, and lz* that may be read as a normal deviate.

A low value says that hard items were right and easy ones wrong more often than chance would have it: haste,
guessing, a known item. It is no verdict on a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.psychometrics.irt import Floats, above_floor
from app.psychometrics.responses import Responses
from app.psychometrics.scale import Curve

UNUSUAL = -2.33
ROUNDS = 60
FARTHEST = 1.0  # in one step of the search for a mode
SMALL = 1e-12


@dataclass(frozen=True, slots=True)
class PersonFit:
    """All (P,). `ability` is the mode of the posterior; `lz` and `lz_star` are 0 without evidence.

    Plain `lz` takes the estimated ability for the true one and so finds too little (Molenaar & Hoijtink
    1990); `lz_star` has the mean and variance that the estimate leaves it (Snijders 2001).
    """

    ability: Floats
    lz: Floats
    lz_star: Floats


def person_fit(bank: Curve, responses: Responses, mean: float = 0.0, sd: float = 1.0) -> PersonFit:
    """The fit of each person, with N(mean, sd^2) before the evidence.

    With W = sum of (u - P) w and w = log(P / Q), for an estimate that solves r0 + sum of (u - P) r = 0 the
    weights left are w - c r, c = sum of P' w / sum of P' r; the mean is -c r0 and the variance the sum of
    (w - c r)^2 P Q. Here r = P' / (P Q) and r0 = (mean - theta) / sd^2.
    """
    person, item, persons = responses.person, responses.item, len(responses.weight)
    a, b, c = bank.a[item], bank.b[item], bank.c[item]

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(person, weights=values, minlength=persons), dtype=np.float64)

    theta = np.full(persons, mean, dtype=np.float64)
    for _ in range(ROUNDS):
        right, wrong, weight = _chances(theta[person], a, b, c)
        score = total((responses.right - right) * weight) + (mean - theta) / sd**2
        information = total(weight**2 * right * wrong) + 1.0 / sd**2
        step = np.clip(score / information, -FARTHEST, FARTHEST)
        theta = theta + step
        if np.all(np.abs(step) < 1e-9):  # noqa: PLR2004 -- converged
            break
    right, wrong, weight = _chances(theta[person], a, b, c)
    spread = right * wrong
    odds = np.log(np.maximum(right, 1e-300)) - np.log(np.maximum(wrong, 1e-300))
    gap = total((responses.right - right) * odds)
    steep = weight * spread
    share = total(steep * odds) / np.maximum(total(steep * weight), SMALL)
    left = odds - share[person] * weight
    off = share * (mean - theta) / sd**2
    return PersonFit(
        ability=theta,
        lz=_standardised(gap, total(odds**2 * spread)),
        lz_star=_standardised(gap + off, total(left**2 * spread)),
    )


def _chances(theta: Floats, a: Floats, b: Floats, c: Floats) -> tuple[Floats, Floats, Floats]:
    """P, Q and P' / (P Q) = a K / P of each response, K the chance of knowing; all (r,)."""
    known = above_floor(theta, a[:, np.newaxis], b[:, np.newaxis])[:, 0]
    right = c + (1.0 - c) * known
    wrong = (1.0 - c) * above_floor(-theta, a[:, np.newaxis], -b[:, np.newaxis])[:, 0]
    return right, wrong, a * np.divide(known, right, out=np.ones_like(right), where=right > 0)


def _standardised(value: Floats, variance: Floats) -> Floats:
    return np.divide(value, np.sqrt(variance), out=np.zeros_like(value), where=variance > SMALL)
