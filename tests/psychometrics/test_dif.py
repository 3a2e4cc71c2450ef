"""Differential item functioning."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.psychometrics.dif import ENOUGH, Dif, mantel_haenszel, matched
from app.psychometrics.simulation_items import dif_size

# Admissions to Berkeley, autumn 1973, six departments (Bickel, Hammel & O'Connell 1975):
# men admitted and rejected, women admitted and rejected.
BERKELEY = np.array(
    [
        [512, 313, 89, 19],
        [353, 207, 17, 8],
        [120, 205, 202, 391],
        [138, 279, 131, 244],
        [53, 138, 94, 299],
        [22, 351, 24, 317],
    ]
)


def test_the_common_odds_ratio_and_its_interval_are_the_published_ones() -> None:
    """As R's mantelhaen.test prints them: 0.9046968 (0.7719074 to 1.0603298), X-squared 1.4269, p .2323."""
    cells = np.repeat(np.arange(24), BERKELEY.ravel())
    found = mantel_haenszel(cells % 2 == 0, cells % 4 >= 2, cells // 4)
    assert found is not None
    odds, error = exp(found.delta / -2.35), found.error / 2.35
    assert odds == pytest.approx(0.9046968, abs=1e-6)
    assert (odds * exp(-1.959964 * error), odds * exp(1.959964 * error)) == pytest.approx(
        (0.7719074, 1.0603298), abs=1e-6
    )
    assert found.p == pytest.approx(0.2323, abs=1e-4)


def test_sound_items_are_rejected_no_more_often_than_the_level() -> None:
    assert dif_size(7, rounds=15) <= 0.05


def test_items_harder_for_one_group_are_found() -> None:
    assert dif_size(1, rounds=4, shift=0.6) > 0.7


def test_an_item_harder_for_the_focal_group_has_a_negative_delta() -> None:
    focal = np.arange(800) % 2 == 1
    right = np.arange(800) % 10 < np.where(focal, 4, 8)
    found = mantel_haenszel(right, focal, np.arange(800) // 200)
    assert found is not None
    assert found.delta < 0
    assert found.level == "C"


@pytest.mark.parametrize(
    ("delta", "error", "p", "level"),
    [
        (0.99, 0.1, 0.001, "A"),
        (-1.4, 0.2, 0.001, "B"),
        (1.6, 0.2, 0.001, "C"),
        (-1.6, 0.2, 0.001, "C"),
        (1.6, 0.4, 0.001, "B"),
        (2.5, 2.0, 0.2, "A"),
    ],
)
def test_the_levels_are_those_of_ets(delta: float, error: float, p: float, level: str) -> None:
    assert Dif(delta, error, p, 300, 300).level == level


@pytest.mark.parametrize("few", [True, False])
def test_nothing_is_said_on_fewer_than_two_hundred_in_a_group(few: bool) -> None:
    focal = np.arange(1000) < ENOUGH - few
    right = np.arange(1000) % 3 > 0
    assert (mantel_haenszel(right, focal, np.arange(1000) % 5) is None) is few


def test_strata_are_of_like_size_and_rise_in_ability() -> None:
    ability = np.random.default_rng(20).normal(size=107)
    strata = matched(ability, 10)
    assert np.ptp(np.bincount(strata)) <= 1
    assert np.all(np.diff(strata[np.argsort(ability)]) >= 0)


@settings(max_examples=60)
@given(st.integers(0, 99), st.sampled_from([0.0, 0.02, 0.5, 1.0]), st.integers(1, 400))
def test_every_figure_is_finite_or_there_is_none(seed: int, share: float, strata: int) -> None:
    rng = np.random.default_rng(seed)
    focal = np.arange(500) < 250
    found = mantel_haenszel(rng.random(500) < share, focal, matched(rng.normal(size=500), strata))
    if found:
        assert np.all(np.isfinite([found.delta, found.error]))
        assert 0 <= found.p <= 1
        assert abs(found.delta) < 2.35 * log(1e6)
