"""The exact way to a form, against every form there is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.random import PCG64

from app.psychometrics.exact import GAP, SPREAD, optimum, shortage
from app.psychometrics.program import Ints
from app.psychometrics.search import Field, Limits, Search, field

TOLERANCE = 3000.0
HARD = 1e6
NOBODY = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Case:
    """A field of few items, with limits: group 0 is hard, 1 and 2 are soft, 3 is for items of no group."""

    field: Field
    limits: Limits
    need: Ints

    def forms(self) -> list[Ints]:
        """Every form that keeps the hard limits."""
        in_each = [combinations(members, n) for members, n in zip(self.field.domains, self.need, strict=True)]
        whole = (np.array(sorted(chain(*parts)), dtype=np.int64) for parts in product(*in_each))
        return [form for form in whole if not Search(self.field, self.limits, form, NOBODY).broken]

    def cost(self, form: Ints) -> tuple[float, float]:
        """Penalty and worst distance, counted plainly."""
        counts = np.array([np.sum(self.field.groups[form] == group) for group in range(3)])
        beside = np.maximum(0, counts - self.limits.high[:3]) + np.maximum(0, self.limits.low[:3] - counts)
        off = np.abs(self.field.curves[form].sum(axis=0) - self.limits.target)
        return float(self.limits.price[form].sum() + beside @ self.limits.weight[:3]), float(off.max())


def case(seed: int, items: int = 11) -> Case:
    """Two domains, pairs of enemies, prices, and targets that some form nearly meets."""
    rng = np.random.default_rng(seed)
    enemies: list[set[int]] = [set() for _ in range(items)]
    for first, second in rng.integers(0, items, (4, 2)).tolist():
        if first != second:
            enemies[first].add(second)
            enemies[second].add(first)
    here = field(
        domain=np.arange(items) % 2,
        curves=np.rint(rng.uniform(0, 65536, (items, 3))),
        groups=np.column_stack([np.where(rng.random(items) < 0.5, 0, 3), rng.integers(1, 3, items)]),
        enemies=tuple(tuple(sorted(each)) for each in enemies),
    )
    limits = Limits(
        price=np.where(rng.random(items) < 0.2, 30.0, 0.0),
        low=np.array([1.0, 0.0, 1.0, 0.0]),
        high=np.array([3.0, 2.0, 9.0, 9.0]),
        weight=np.array([HARD, 1.0, 1.0, 0.0]),
        hard=HARD,
        target=here.curves[rng.permutation(items)[:5]].sum(axis=0),
    )
    return Case(here, limits, np.array([3, 2]))


@pytest.mark.parametrize("seed", range(12))
def test_it_finds_the_best_of_all_forms(seed: int) -> None:
    this = case(seed)
    forms = this.forms()
    best = min(this.cost(form) for form in forms)
    found = optimum(this.field, this.limits, forms[0], NOBODY, TOLERANCE, seed, 1000)
    assert (found.penalty, found.worst) == this.cost(found.chosen)
    assert found.proved
    assert found.penalty == best[0] == found.least_penalty
    assert best[1] <= found.worst <= best[1] + (GAP + SPREAD) * TOLERANCE
    assert found.least_worst <= best[1] + 1e-6


@given(st.integers(0, 10**6), st.integers(0, 10))
@settings(max_examples=15, deadline=None)
def test_it_is_never_worse_than_the_search(seed: int, nodes: int) -> None:
    this = case(seed, items=40)
    search = Search(this.field, this.limits, np.arange(5), NOBODY)
    search.run(PCG64(seed), 0.0, 40)
    assume(not search.broken)
    found = optimum(this.field, this.limits, search.chosen(), NOBODY, TOLERANCE, seed, nodes)
    assert (found.penalty, found.worst) <= (search.penalty, search.worst)
    assert found.least_penalty <= found.penalty
    assert found.least_worst <= found.worst
    assert Search(this.field, this.limits, found.chosen, NOBODY).broken == 0


def test_fixed_items_are_counted_and_their_enemies_kept_off() -> None:
    this = case(3)
    fixed = np.array([next(item for item, enemies in enumerate(this.field.enemies) if enemies)])
    forms = [
        form
        for form in this.forms()
        if fixed[0] not in form and not Search(this.field, this.limits, form, fixed).broken
    ]
    found = optimum(this.field, this.limits, forms[-1], fixed, TOLERANCE, 1, 1000)
    best = min(
        (each.penalty, each.worst)
        for form in forms
        for each in [Search(this.field, this.limits, form, fixed)]
    )
    assert found.penalty == best[0]
    assert found.worst <= best[1] + (GAP + SPREAD) * TOLERANCE
    assert not {int(fixed[0]), *this.field.enemies[fixed[0]]} & set(found.chosen.tolist())


def test_another_seed_gives_another_form() -> None:
    this = case(1, items=100)
    start = np.array([0, 2, 4, 1, 3])
    assert Search(this.field, this.limits, start, NOBODY).broken == 0
    found = [
        tuple(optimum(this.field, this.limits, start, NOBODY, TOLERANCE, seed, 5).chosen.tolist())
        for seed in (1, 2, 2)
    ]
    assert found[0] != found[1]
    assert found[1] == found[2]


def lacking(this: Case, need: Ints, kind: Ints, bounds: tuple[int, int]) -> int:
    """The fewest items missing, over every set of items that are no enemies."""
    fewest = 10**6
    for size in range(len(this.field.domain) + 1):
        for chosen in combinations(range(len(this.field.domain)), size):
            if any(enemy in chosen for item in chosen for enemy in this.field.enemies[item]):
                continue
            have = np.bincount(this.field.domain[list(chosen)], minlength=2) if chosen else np.zeros(2, int)
            if np.any(have > need):
                continue
            of_kind = len(set(chosen) & set(kind.tolist()))
            fewest = min(fewest, int((need - have).sum()) + max(0, bounds[0] - of_kind, of_kind - bounds[1]))
    return fewest


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    ("need", "bounds"), [((3, 2), (1, 3)), ((4, 3), (4, 7)), ((4, 4), (0, 2)), ((5, 4), (6, 6))]
)
def test_no_less_than_the_least_is_missing(seed: int, need: tuple[int, int], bounds: tuple[int, int]) -> None:
    this = case(seed, items=9)
    kind = np.flatnonzero(this.field.groups[:, 0] == 0)
    found = shortage(this.field, np.array(need), kind, bounds)
    missing = int(found.missing.sum()) + found.too_few + found.too_many
    assert missing == lacking(this, np.array(need), kind, bounds)
    assert bool(found) == (missing > 0)


def test_what_can_be_had_is_had_where_something_is_missing() -> None:
    this = case(2, items=9)
    found = shortage(this.field, np.array([5, 4]), NOBODY, (0, 9))
    on_form = set(found.chosen.tolist())
    assert found
    assert not any(enemy in on_form for item in on_form for enemy in this.field.enemies[item])
    assert (
        np.bincount(this.field.domain[found.chosen]).tolist() == (np.array([5, 4]) - found.missing).tolist()
    )
