"""Items that go together beyond what ability explains: Q3 for pairs with enough persons in common."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from app.psychometrics.irt import Floats, above_floor
from app.psychometrics.responses import Ints, Responses
from app.psychometrics.scale import Curve

LEAST = 100
LIMIT = 0.2
"""Above the mean of all pairs: a pair to look at (Christensen, Makransky & Horton 2017)."""

BLOCK = 1000
"""How many persons are spread over all items at once."""


@dataclass(frozen=True, slots=True)
class Dependence:
    """Pairs of items, `first` < `second`, with `count` persons who had both; all (pairs,).

    `q3` is the correlation of their residuals (Yen 1984) and `excess` that less the mean of all pairs: with
    estimated abilities residuals correlate about -1 / (items of a form - 1) when nothing is wrong.
    """

    first: Ints
    second: Ints
    count: Ints
    q3: Floats
    excess: Floats


def dependence(bank: Curve, responses: Responses, ability: Floats, least: int = LEAST) -> Dependence:
    """Q3 of all pairs with at least `least` persons in common; `ability` (P,) is their EAP.

    Pairs whose residuals do not vary are left out.
    """
    n = len(bank.a)
    item = responses.item
    a, b, c = bank.a[item], bank.b[item], bank.c[item]
    known = above_floor(ability[responses.person], a[:, np.newaxis], b[:, np.newaxis])[:, 0]
    residual = responses.right - (c + (1.0 - c) * known)
    count, first, square, product = (np.zeros((n, n)) for _ in range(4))
    bounds = np.searchsorted(responses.person, np.arange(0, len(responses.weight) + BLOCK, BLOCK))
    for start, stop in pairwise(bounds.tolist()):
        part = slice(start, stop)
        row = responses.person[part] % BLOCK
        seen, left = np.zeros((BLOCK, n)), np.zeros((BLOCK, n))
        seen[row, item[part]] = 1.0
        left[row, item[part]] = residual[part]
        count += seen.T @ seen
        first += left.T @ seen
        square += (left**2).T @ seen
        product += left.T @ left
    persons = np.maximum(count, 1.0)
    mean = first / persons
    variance = square / persons - mean**2
    both = variance * variance.T
    usable = np.triu((count >= least) & (both > 1e-20), k=1)  # noqa: PLR2004 -- rounding of a residual
    one, other = np.nonzero(usable)
    covariance = product[usable] / persons[usable] - mean[usable] * mean.T[usable]
    q3 = np.clip(covariance / np.sqrt(both[usable]), -1.0, 1.0)
    return Dependence(
        one, other, count[usable].astype(np.int64), q3, q3 - np.mean(q3) if len(q3) else q3.copy()
    )
