"""Item statistics, option tables and flags."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.psychometrics.ability import normal_prior
from app.psychometrics.classical import (
    ENOUGH,
    Concern,
    ItemStatistics,
    OptionStatistics,
    flags,
    item_statistics,
    option_table,
)
from app.psychometrics.patterns import rest
from app.psychometrics.simulation import made_bank, made_responses

RIGHT = np.array([True, True, False, True, False, False])
REST = np.array([1.2, 0.7, -0.3, 0.1, 0.4, -1.0])


def sound(count: int = ENOUGH, p: float = 0.6, correlation: float | None = 0.3) -> ItemStatistics:
    return ItemStatistics(count, p, 0.5, 0.7, correlation)


def option(key: bool = False, share: float = 0.2, correlation: float | None = -0.2) -> OptionStatistics:
    return OptionStatistics(key, int(share * ENOUGH), share, 0.0, correlation)


def test_the_share_right_has_its_interval() -> None:
    found = item_statistics(RIGHT, REST)
    assert (found.count, found.p) == (6, 0.5)
    assert (found.p_low, found.p_high) == pytest.approx((0.1876, 0.8124), abs=1e-4)


def test_the_correlation_is_with_the_rest() -> None:
    assert item_statistics(RIGHT, REST).correlation == pytest.approx(np.corrcoef(RIGHT, REST)[0, 1])


@pytest.mark.parametrize("right", [[], [True], [True, True], [False, False]])
def test_an_item_that_all_or_none_got_right_has_no_correlation(right: list[bool]) -> None:
    found = item_statistics(np.array(right, dtype=bool), np.arange(float(len(right))))
    assert found.correlation is None
    assert found.p == (np.mean(right) if right else None)


def test_telling_items_correlate_more_and_reversed_ones_below_nothing() -> None:
    rng, prior = np.random.default_rng(8), normal_prior(count=61)
    bank = made_bank(rng, 40)
    given = made_responses(rng, bank, rng.normal(size=1500), 30)
    others = rest(bank, given, prior).ability
    turned = given.item == 0
    found = [
        item_statistics(given.right[given.item == i], others[given.item == i]).correlation for i in range(40)
    ]
    assert np.corrcoef(bank.a, np.array(found, dtype=float))[0, 1] > 0.6
    miskeyed = item_statistics(~given.right[turned], others[turned])
    assert Concern.REVERSED in {flag.concern for flag in flags(miskeyed)}


def test_options_are_counted_with_the_rest_of_those_who_chose_them() -> None:
    chosen = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]], dtype=bool)
    key, distractor, nobody = option_table(chosen, [True, False, False], REST)
    assert (key.key, key.count, key.share) == (True, 3, 0.5)
    assert key.rest == pytest.approx(2.0 / 3)
    assert key.correlation == pytest.approx(np.corrcoef(chosen[:, 0], REST)[0, 1])
    assert (distractor.key, distractor.count) == (False, 3)
    assert (nobody.count, nobody.rest, nobody.correlation) == (0, None, None)


@pytest.mark.parametrize(
    ("item", "concern", "limit"),
    [
        (sound(p=0.24), Concern.HARD, 0.25),
        (sound(p=0.96), Concern.EASY, 0.95),
        (sound(correlation=0.14), Concern.WEAK, 0.15),
        (sound(correlation=-0.01), Concern.REVERSED, 0.0),
    ],
)
def test_a_figure_past_its_limit_is_flagged(item: ItemStatistics, concern: Concern, limit: float) -> None:
    assert [(flag.concern, flag.limit, flag.count) for flag in flags(item)] == [(concern, limit, ENOUGH)]


@pytest.mark.parametrize(
    ("wrong", "concern"),
    [
        (option(share=0.04), Concern.RARE_DISTRACTOR),
        (option(correlation=0.05), Concern.ATTRACTIVE_DISTRACTOR),
    ],
)
def test_a_distractor_that_does_not_work_is_flagged_by_its_place(
    wrong: OptionStatistics, concern: Concern
) -> None:
    options = [option(key=True, correlation=0.4), option(), wrong]
    assert [(flag.concern, flag.option) for flag in flags(sound(), options)] == [(concern, 2)]


def test_a_sound_item_has_no_flags() -> None:
    assert flags(sound(), [option(key=True, correlation=0.4), option(), option(correlation=None)]) == ()


def test_nothing_is_flagged_on_too_few_responses() -> None:
    assert flags(sound(ENOUGH - 1, p=0.01, correlation=-0.9), [option(share=0.0)]) == ()


def test_only_a_reversed_item_is_suspended() -> None:
    assert [concern for concern in Concern if concern.suspends] == [Concern.REVERSED]


@given(arrays(bool, st.tuples(st.integers(0, 30), st.just(4))), st.integers(0, 9))
def test_no_figure_is_anything_but_finite(chosen: np.ndarray, seed: int) -> None:
    others = np.random.default_rng(seed).normal(size=len(chosen))
    item = item_statistics(chosen[:, 0], others)
    figures = [item.p, item.p_low, item.p_high, item.correlation]
    for one in option_table(chosen, [True, False, False, False], others):
        figures += [one.share, one.rest, one.correlation]
    assert np.all(np.isfinite([figure for figure in figures if figure is not None]))
