"""The reserve: new items are kept for so many unseen mocks, unless the candidate says otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.pack import Domain
from app.exam.reserve import KEPT, SHARE, Reserve, mocks_after, open_to_practice, reserve_of
from tests.exam.banks import bank, exam

DOMAINS = tuple(Domain(name, name) for name in exam().blueprint)
BANK = bank(420, enemies=0)


def reserve(met: int = 0, practised: int = 0) -> Reserve:
    """That of a candidate who has met the first so many items of the bank."""
    names = [item.id for item in BANK.items]
    return reserve_of(BANK.exam, DOMAINS, BANK.items, names[:met], practised)


def test_a_new_candidate_may_practise_a_share_of_the_bank() -> None:
    names = [item.id for item in BANK.items]
    opened = open_to_practice(reserve(), names)
    assert 0 < len(opened) <= int(SHARE * len(BANK.items))
    kept = reserve()
    assert all(kept.take(name) for name in opened)
    assert kept.mocks >= KEPT


def test_what_was_practised_counts_against_the_share() -> None:
    names = [item.id for item in BANK.items]
    assert open_to_practice(reserve(practised=int(SHARE * len(BANK.items))), names) == ()


def test_what_was_met_before_costs_nothing() -> None:
    kept = reserve(met=10, practised=1000)
    assert kept.take(BANK.items[0].id)
    assert not kept.take(BANK.items[20].id)


def test_spending_takes_anything_and_says_what_it_costs() -> None:
    names = [item.id for item in BANK.items]
    kept = reserve(practised=1000).copy(spend=True)
    assert all(kept.take(name) for name in names)
    assert kept.mocks == 0


def test_trying_changes_nothing() -> None:
    kept = reserve()
    before = (kept.mocks, kept.allowed)
    open_to_practice(kept, [item.id for item in BANK.items])
    mocks_after(kept, [item.id for item in BANK.items], 40)
    assert (kept.mocks, kept.allowed) == before


@pytest.mark.parametrize("count", [0, 5, 40, 400])
def test_the_cost_is_named_at_worst(count: int) -> None:
    names = [item.id for item in BANK.items]
    kept = reserve()
    told = mocks_after(kept, names, count)
    for start in range(0, len(names) - min(count, len(names)) + 1, 37):
        real = kept.copy(spend=True)
        for name in names[start : start + count]:
            real.take(name)
        assert told <= real.mocks


@given(order=st.permutations(range(0, 420, 4)), met=st.integers(0, 420))
def test_whatever_is_taken_in_whatever_order_enough_mocks_remain(order: list[int], met: int) -> None:
    kept = reserve(met)
    first = kept.mocks
    taken = sum(kept.take(BANK.items[place].id) and BANK.items[place].id in kept.new for place in order)
    assert kept.mocks >= min(first, KEPT)
    assert taken <= SHARE * len(BANK.items)
    assert first >= KEPT or not taken
