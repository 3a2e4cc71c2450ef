"""The swap search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.random import PCG64

from app.psychometrics.assembly import Demand, Pool, assemble, perfect, shortage
from app.psychometrics.search import Limits, Search

EVERY = 40


def pool(items: int = EVERY, domains: int = 2, enemies: list[tuple[int, int]] | None = None) -> Pool:
    rng = np.random.default_rng(5)
    return Pool(
        domain=np.arange(items) % domains,
        multiple=np.arange(items) // 2 % 2 == 0,
        groups=np.column_stack([np.arange(items) % 5, 5 + np.arange(items) % 3]),
        group_count=8,
        enemies=np.array(enemies or [], dtype=np.int64).reshape(-1, 2),
        curves=rng.uniform(0, 1, (items, 3)),
    )


def demand(items: int = EVERY, **changes: object) -> Demand:
    plain = Demand(
        scored=np.array([6, 6]),
        pilots=np.array([0, 0]),
        multiple=(0, 12),
        low=np.zeros(8, dtype=np.int64),
        high=np.full(8, 12),
        target=np.full(3, 6.0),
        whole=np.zeros(3, dtype=np.bool_),
        seen=np.zeros(items, dtype=np.bool_),
        exposure=np.zeros(items, dtype=np.int64),
        eligible=None,
        answered=np.zeros(items, dtype=np.int64),
        tolerance=0.05,
        steps=200,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the tests name fields of Demand


def test_domain_counts_are_exact() -> None:
    chosen = assemble(pool(), demand(scored=np.array([3, 9])), 1).scored
    assert np.bincount(pool().domain[chosen]).tolist() == [3, 9]


def test_curves_meet_their_target() -> None:
    chosen = assemble(pool(), demand(), 1).scored
    assert np.max(np.abs(pool().curves[chosen].sum(axis=0) - 6)) <= 0.05


def test_the_same_seed_gives_the_same_form_and_another_seed_another() -> None:
    first, again, other = (assemble(pool(), demand(), seed).scored.tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_enemies_are_kept_apart_when_only_one_choice_does() -> None:
    # 0, 2, 4... are one domain: of its 20 items the first 14 are enemies in pairs, 13 can be together
    pairs = [(item, item + 2) for item in range(0, 28, 4)]
    chosen = assemble(pool(enemies=pairs), demand(scored=np.array([13, 2])), 3)
    assert chosen.broken == 0
    on_form = set(chosen.scored.tolist())
    assert not any({first, second} <= on_form for first, second in pairs)


def test_enemies_of_pilots_are_kept_apart_when_the_least_answered_leave_no_room() -> None:
    # domain 1 needs all its items but one; the least answered item is the enemy of two of them
    answered = np.ones(EVERY, dtype=np.int64)
    answered[0] = 0
    wanted = demand(scored=np.array([5, 19]), pilots=np.array([1, 0]), answered=answered, multiple=(0, 30))
    chosen = assemble(pool(enemies=[(0, 1), (0, 3)]), wanted, 1)
    assert chosen.broken == 0
    assert len(chosen.pilots) == 1
    assert 0 not in chosen.pilots


def test_a_form_is_found_where_the_search_alone_is_stuck() -> None:
    """Nine items of domain 0 are enemies of all ten others, so a form of ten takes just those.

    From any form that begins with one of the nine, every single exchange makes it worse.
    """
    few, many = range(0, 18, 2), range(18, 38, 2)
    this = pool(38, enemies=[(one, other) for one in few for other in many])
    for seed in range(10):
        chosen = assemble(this, demand(38, scored=np.array([10, 6]), multiple=(0, 16)), seed)
        assert chosen.broken == 0
        assert set(many) <= set(chosen.scored.tolist())


def test_an_impossible_wish_is_counted_as_broken() -> None:
    everyone = [(item, item + 2) for item in range(0, 38, 2)]
    assert assemble(pool(enemies=everyone), demand(scored=np.array([20, 0])), 1).broken > 0


@pytest.mark.parametrize("limits", [(6, 6), (0, 0), (9, 10)])
def test_the_multiple_answer_range_is_kept(limits: tuple[int, int]) -> None:
    chosen = assemble(pool(), demand(multiple=limits), 1).scored
    assert limits[0] <= np.sum(pool().multiple[chosen]) <= limits[1]


def test_seen_items_are_left_out_when_enough_are_left() -> None:
    seen = np.arange(EVERY) < 28
    chosen = assemble(pool(), demand(seen=seen), 1).scored
    assert not np.any(seen[chosen])


def test_no_more_seen_items_than_must_be() -> None:
    seen = np.arange(EVERY) < 32
    chosen = assemble(pool(), demand(seen=seen), 1).scored
    assert np.sum(seen[chosen]) == 4


def test_items_held_back_by_exposure_control_give_way() -> None:
    eligible = np.arange(EVERY) >= 20
    assert np.all(assemble(pool(), demand(eligible=eligible), 1).scored >= 20)


def test_items_used_often_are_held_back_more_often() -> None:
    exposure = np.where(np.arange(EVERY) < 8, 100, 10)
    used = np.zeros(EVERY)
    for seed in range(60):
        used[assemble(pool(), demand(exposure=exposure, steps=8), seed).scored] += 1
    assert used[:8].mean() < 0.6 * used[8:].mean()


def test_soft_limits_are_met_where_they_can_be() -> None:
    chosen = assemble(pool(), demand(high=np.array([3, 3, 3, 3, 3, 4, 4, 4])), 1).scored
    assert np.bincount(pool().groups[chosen].ravel()).tolist()[5:] == [4, 4, 4]


def test_pilots_are_the_least_answered_and_not_among_the_scored() -> None:
    answered = np.arange(EVERY)[::-1].copy()
    chosen = assemble(pool(), demand(answered=answered, pilots=np.array([2, 1])), 1)
    assert chosen.pilots.tolist() == [36, 38, 39]
    assert not set(chosen.pilots.tolist()) & set(chosen.scored.tolist())
    assert sorted(chosen.order.tolist()) == list(range(15))


def test_pilots_add_to_a_target_of_the_whole_form() -> None:
    wanted = demand(
        pilots=np.array([2, 2]), target=np.array([6.0, 6.0, 8.0]), whole=np.array([False, False, True])
    )
    chosen = assemble(pool(), wanted, 1)
    curves = pool().curves
    scored, pilots = curves[chosen.scored].sum(axis=0), curves[chosen.pilots].sum(axis=0)
    assert np.max(np.abs(scored[:2] - 6)) <= 0.05
    assert abs(scored[2] + pilots[2] - 8) <= 0.05


def test_a_selection_made_perfect_keeps_its_pilots_and_comes_nearer() -> None:
    wanted = demand(pilots=np.array([1, 0]), multiple=(5, 6), tolerance=0.5)
    first = assemble(pool(enemies=[(0, 2), (1, 3)]), wanted, 1)
    better, proof = perfect(pool(enemies=[(0, 2), (1, 3)]), wanted, first, 1)
    off = [np.max(np.abs(pool().curves[each.scored].sum(axis=0) - 6)) for each in (first, better)]
    assert better.pilots.tolist() == first.pilots.tolist()
    assert proof.least_worst <= proof.worst <= off[0]
    assert proof.worst == pytest.approx(off[1], abs=0.001)
    assert 5 <= np.sum(pool().multiple[[*better.scored, *better.pilots]]) <= 6


def test_a_shortage_is_counted_in_items() -> None:
    everyone = [(item, item + 2) for item in range(0, 38, 2)]
    missing = shortage(pool(enemies=everyone), np.array([12, 6]), (0, 18))
    assert missing.missing.tolist() == [2, 0]
    assert not shortage(pool(enemies=everyone), np.array([10, 6]), (0, 18))


def test_too_few_items_in_a_domain_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer items"):
        assemble(pool(), demand(scored=np.array([21, 0])), 1)


def test_the_running_penalty_is_the_one_counted_afresh() -> None:
    """A search that has moved knows the same prices as one that begins where it stands."""
    this = pool(enemies=[(0, 2), (1, 3), (0, 5), (7, 9)])
    limits = Limits(
        price=(np.arange(EVERY) % 7 * 50).astype(np.float64),
        low=np.array([2.0] * 8 + [3.0, 0.0]),
        high=np.array([2.0] * 8 + [3.0, 99.0]),
        weight=np.array([1.0] * 8 + [1e6, 0.0]),
        hard=1e6,
        target=np.full(3, 6 * 65536.0),
    )
    fixed = np.array([38, 39])
    search = Search(this.field, limits, np.arange(12), fixed)
    search.run(PCG64(1), 0.0, 100)
    fresh = Search(this.field, limits, search.chosen(), fixed)
    assert search.penalty == fresh.penalty
    assert search.worst == fresh.worst
    assert search.prices() == fresh.prices()
