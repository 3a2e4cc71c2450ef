"""The exact way to a form: the problem of `search` as a mixed-integer program, and what is missing if it has none.

It is slower than the search by two orders of magnitude, and comes with a proof. The model is that of van der
Linden (2005, Linear Models for Optimal Test Design, ch. 5): each item is on the form or not, and the largest
distance of a curve from its target is minimised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64

from app.psychometrics.irt import Floats
from app.psychometrics.program import Answer, Ints, Program
from app.psychometrics.search import Field, Limits, Search

NODES = 100
"""Of the tree, for one form: some seconds for a bank of 1,000 items."""

NODES_OF_SHORTAGE = 10_000
GAP = 0.02
"""Of the tolerance: what is as near to the bound as this is the best."""

SPREAD = 0.01
"""Of the tolerance: so much is given away at most, so that other seeds give other forms."""

WHOLE = 0.9  # a gap between whole numbers
RANGE_FIRST = 0.99
"""What an item beside the range costs, one that a domain lacks being 1: where both would do, the range is named."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best form found. `chosen`: its items; `penalty` and `worst` are those of `Search`.

    No form has a lower penalty than `least_penalty`, and none with this penalty a smaller worst distance than
    `least_worst`. `proved`: this form is the best, to within GAP.
    """

    chosen: Ints
    penalty: float
    least_penalty: float
    worst: float
    least_worst: float
    proved: bool


@dataclass(frozen=True, slots=True)
class Shortage:
    """The least that is missing for a valid form. `missing` (domains,): items that cannot be had beside the rest.

    `too_few`, `too_many`: how far the number of items of a kind is outside its range. `chosen`: the form that can
    be had, a valid one when nothing is missing.
    """

    missing: Ints
    too_few: int
    too_many: int
    chosen: Ints

    def __bool__(self) -> bool:
        """Whether anything is missing."""
        return bool(self.missing.any() or self.too_few or self.too_many)


def optimum(
    field: Field, limits: Limits, start: Ints, fixed: Ints, tolerance: float, seed: int, nodes: int = NODES
) -> Optimum:
    """The best form with as many items of each domain as `start`, a valid one, beside the `fixed` items.

    As for the search that is the form with the lowest penalty, and of those the one with the smallest worst
    distance from a target. It is never worse than `start`. `tolerance`, in units of the curves, is the unit of
    GAP and SPREAD; `nodes` limits the work.
    """
    form = _Form(field, limits, start, fixed)
    least_penalty, proved = 0.0, True
    if form.best.penalty > 0:
        form.charge_penalty()
        answer = form.solve(WHOLE, nodes)
        least_penalty, proved = max(0.0, float(np.ceil(answer.bound - WHOLE / 2))), answer.proved
    form.keep_penalty()
    form.chase_targets(tolerance, seed)
    answer = form.solve(GAP, nodes)
    return Optimum(
        chosen=form.best.chosen(),
        penalty=form.best.penalty,
        least_penalty=least_penalty,
        worst=form.best.worst,
        least_worst=max(0.0, answer.bound - SPREAD) * tolerance,
        proved=proved and answer.proved,
    )


def shortage(field: Field, need: Ints, kind: Ints, bounds: tuple[int, int]) -> Shortage:
    """What is missing for a form with `need` (domains,) items of each domain and no two enemies.

    `bounds`: least and most items of `kind` (n,) on the form. What is missing is the fewest items in all. Enemies
    are kept apart in any case: whoever does without one of two needs them together no more.
    """
    program = Program()
    items = program.columns(np.ones(len(field.domain)), whole=True)
    missing, beside = program.columns(need, whole=True), program.columns(np.full(2, np.inf), whole=True)
    for domain, count in enumerate(need.tolist()):
        program.row(count, count, [*items[field.domain == domain], missing[domain]])
    program.row(*bounds, [*items[kind], *beside], [*np.ones(len(kind) + 1), -1.0])
    _keep_apart(program, field, items)
    program.cost(missing, 1.0)
    program.cost(beside, RANGE_FIRST)
    values = program.solve((1 - RANGE_FIRST) / 2, NODES_OF_SHORTAGE).values
    if values is None:  # an empty form is an answer
        raise RuntimeError("the solver gave no answer to a program that has one")
    few, many = np.rint(values[beside]).astype(int).tolist()
    return Shortage(np.rint(values[missing]).astype(np.int64), few, many, _taken(values[items]))


class _Form:
    """The program of one form, and the best one so far."""

    def __init__(self, field: Field, limits: Limits, start: Ints, fixed: Ints) -> None:
        self.best = Search(field, limits, start, fixed)
        self._field, self._limits, self._fixed = field, limits, fixed
        self._program = Program()
        free = np.ones(len(field.domain))
        free[[*fixed, *(enemy for item in fixed.tolist() for enemy in field.enemies[item])]] = 0
        self._items = self._program.columns(free, whole=True)
        for members, count in zip(field.domains, np.bincount(field.domain[start]).tolist(), strict=False):
            self._program.row(count, count, self._items[members])
        _keep_apart(self._program, field, self._items)
        self._charged, self._prices = self._items, limits.price
        self._limit_groups(np.bincount(field.groups[fixed].ravel(), minlength=len(limits.low)))

    def _limit_groups(self, have: Ints) -> None:
        """Hard limits are kept; others may be missed, for their weight."""
        for group, members in enumerate(self._field.members):
            weight = float(self._limits.weight[group])
            low, high = (
                float(bounds[group] - have[group]) for bounds in (self._limits.low, self._limits.high)
            )
            columns, values = self._items[members], np.ones(len(members))
            if 0 < weight < self._limits.hard:
                beside = self._program.columns(np.full(2, np.inf), whole=False)
                columns, values = np.append(columns, beside), np.append(values, (1.0, -1.0))
                self._charged = np.append(self._charged, beside)
                self._prices = np.append(self._prices, (weight, weight))
            if weight > 0:
                self._program.row(low, high, columns, values)

    def charge_penalty(self) -> None:
        """Look for the lowest penalty."""
        self._program.cost(self._charged, self._prices)

    def keep_penalty(self) -> None:
        """Take no higher penalty than the best form's from now on."""
        self._program.row(-np.inf, self.best.penalty, self._charged, self._prices)

    def chase_targets(self, tolerance: float, seed: int) -> None:
        """Look for the smallest worst distance, in multiples of the tolerance, with a touch of chance."""
        chance = (PCG64(seed).random_raw(len(self._items)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        self._program.cost(self._charged, 0.0)
        self._program.cost(self._items, chance * SPREAD / len(self.best.chosen()))
        worst = self._program.columns(np.inf, whole=False)
        self._program.cost(worst, 1.0)
        columns = np.append(self._items, worst)
        for curve, target in zip(
            self._field.curves.T / tolerance, self._limits.target / tolerance, strict=True
        ):
            self._program.row(-np.inf, target, columns, np.append(curve, -1.0))
            self._program.row(target, np.inf, columns, np.append(curve, 1.0))

    def solve(self, gap: float, nodes: int) -> Answer:
        """Go on from the best form, and keep what is better."""
        on_form = np.zeros(len(self._items))
        on_form[self.best.chosen()] = 1.0
        answer = self._program.solve(gap, nodes, (self._items, on_form))
        if answer.values is not None:
            found = Search(self._field, self._limits, _taken(answer.values[self._items]), self._fixed)
            self.best = min(self.best, found, key=lambda form: (form.penalty, form.worst))
        return answer


def _keep_apart(program: Program, field: Field, items: Ints) -> None:
    for item, enemies in enumerate(field.enemies):
        for enemy in enemies:
            if enemy > item:
                program.row(-np.inf, 1.0, items[[item, enemy]])


def _taken(values: Floats) -> Ints:
    return np.flatnonzero(np.rint(values))
