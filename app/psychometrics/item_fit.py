"""Whether the model describes an item: observed against expected shares right, as chi-squares.

Both tests compare with expectations that are exact under the model, so that each group of persons is a
sample of coins with known chances. Grouping by an ability that the item itself had a part in (Yen's Q1)
rejects good items too often.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.psychometrics.ability import Distribution
from app.psychometrics.irt import Floats, probability
from app.psychometrics.responses import Flags
from app.psychometrics.scale import Curve, number_correct
from app.psychometrics.significance import chi_square_tail

GROUPS = 10
LEAST_EXPECTED = 5.0
ESTIMATED = 2
"""Parameters estimated for each item from the same responses: slope and location."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A chi-square with its degrees of freedom and tail; `count` persons in `observed` groups.

    `observed` and `expected` (G,): shares right; `size` (G,): persons, from low to high.
    """

    statistic: float
    freedom: int
    p: float
    count: int
    observed: Floats
    expected: Floats
    size: Floats


def rest_fit(
    right: Flags, expected: Floats, ability: Floats, groups: int = GROUPS, estimated: int = ESTIMATED
) -> Fit | None:
    """The fit of one item to persons who sat different forms; all arrays (r,).

    `expected` and `ability` are those of `patterns.rest`: given a person's other responses, right is a coin
    with the expected chance, and groups by the rest ability leave it one. That keeps the idea of S-X^2 (no
    estimate of ability that the item influences) where no two persons share a form and number-right groups
    would hold one person each. None when too few persons are left for one degree of freedom.
    """
    if len(right) == 0:
        return None
    parts = np.array_split(np.argsort(ability, kind="stable"), min(groups, len(right)))
    size = np.array([len(part) for part in parts], dtype=np.float64)
    hits = np.array([np.sum(right[part]) for part in parts], dtype=np.float64)
    mean = np.array([np.sum(expected[part]) for part in parts])
    spread = np.array([np.sum(expected[part] * (1.0 - expected[part])) for part in parts])
    return _fit(size, hits, mean, spread, estimated)


def s_x2(
    form: Curve, right: Flags, prior: Distribution, estimated: int = ESTIMATED
) -> tuple[Fit | None, ...]:
    """S-X^2 of each item of a form that all persons sat (Orlando & Thissen 2000): `right` (persons, n).

    Persons are grouped by number right; in group k the expected share right is that of the distribution of
    the rest at k - 1, summed over ability. None for an item with too few persons for a degree of freedom.
    """
    n = len(form.a)
    chance = probability(prior.nodes, form.a, form.b, form.c)
    whole = prior.mass @ number_correct(chance)
    score = np.sum(right, axis=1)
    size = np.bincount(score, minlength=n + 1).astype(np.float64)[1:n]
    found = []
    for i in range(n):
        others = number_correct(np.delete(chance, i, axis=1))
        joint = (prior.mass * chance[:, i]) @ others
        share = np.clip(joint / np.maximum(whole[1:], 1e-300), 0.0, 1.0)[: n - 1]
        hits = np.bincount(score, weights=right[:, i], minlength=n + 1)[1:n].astype(np.float64)
        found.append(_fit(size, hits, size * share, size * share * (1.0 - share), estimated))
    return tuple(found)


def _fit(size: Floats, hits: Floats, mean: Floats, spread: Floats, estimated: int) -> Fit | None:
    """Neighbouring groups are joined until each expects enough right and enough wrong answers."""
    cells: list[Floats] = []
    open_cell = np.zeros(4)
    for group in np.column_stack([size, hits, mean, spread]):
        open_cell = open_cell + group
        if min(open_cell[2], open_cell[0] - open_cell[2]) >= LEAST_EXPECTED:
            cells.append(open_cell)
            open_cell = np.zeros(4)
    if cells:
        cells[-1] = cells[-1] + open_cell
    freedom = len(cells) - estimated
    if freedom < 1:
        return None
    persons, got, wanted, variance = np.array(cells).T
    statistic = float(np.sum((got - wanted) ** 2 / np.maximum(variance, 1e-12)))
    return Fit(
        statistic=statistic,
        freedom=freedom,
        p=chi_square_tail(statistic, freedom),
        count=int(np.sum(size)),
        observed=got / persons,
        expected=wanted / persons,
        size=persons,
    )
