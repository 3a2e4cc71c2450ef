"""Drift between calibrations, and with exposure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.drift import LIMIT, exposure_watch, robust_z

RNG = np.random.default_rng(19)


def test_the_robust_z_divides_by_the_quartiles() -> None:
    moved = robust_z(np.zeros(5), [-0.2, -0.1, 0.0, 0.1, 1.0])
    assert moved == pytest.approx((np.array([-0.2, -0.1, 0.0, 0.1, 1.0])) / (0.74 * 0.2))


def test_items_that_drift_do_not_hide_each_other() -> None:
    old = RNG.normal(size=60)
    new = old + 0.1 * RNG.normal(size=60)
    new[:4] -= 1.5
    found = robust_z(old, new)
    assert np.all(found[:4] < -LIMIT)
    assert np.mean(np.abs(found[4:]) > LIMIT) < 0.05


def test_a_common_shift_is_no_drift() -> None:
    old = np.arange(20.0)
    noise = 0.05 * RNG.normal(size=20)
    assert robust_z(old, old + noise + 3) == pytest.approx(robust_z(old, old + noise))


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), max_size=10))
def test_every_robust_z_is_finite(pairs: list[tuple[float, float]]) -> None:
    old, new = np.array(pairs).reshape(-1, 2).T
    assert np.all(np.isfinite(robust_z(old, new)))


def test_an_item_that_leaks_has_a_trend() -> None:
    expected = RNG.uniform(0.4, 0.8, 600)
    leaking = RNG.random(600) < np.minimum(0.97, expected + np.linspace(0, 0.3, 600))
    found = exposure_watch(leaking, expected)
    assert found.trend > 3
    assert found.residual[-1] > found.residual[0] + 0.1
    assert found.count.tolist() == [120] * 5


def test_the_trend_of_a_sound_item_is_a_normal_deviate() -> None:
    expected = RNG.uniform(0.2, 0.95, 200)
    trends = [exposure_watch(RNG.random(200) < expected, expected).trend for _ in range(500)]
    assert np.mean(trends) == pytest.approx(0, abs=0.15)
    assert np.std(trends) == pytest.approx(1, abs=0.1)


def test_residuals_and_their_errors_are_those_of_the_bin() -> None:
    expected = np.full(100, 0.8)
    found = exposure_watch(np.arange(100) % 2 == 0, expected, bins=2)
    assert found.residual == pytest.approx([-0.3, -0.3], abs=0.011)
    assert found.error == pytest.approx([0.4 / 50**0.5] * 2)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=50))
def test_every_watch_is_finite(pairs: list[tuple[bool, float]]) -> None:
    right = np.array([one[0] for one in pairs], dtype=bool)
    found = exposure_watch(right, np.array([one[1] for one in pairs]))
    assert np.isfinite(found.trend)
    assert np.all(np.isfinite(found.residual))
    assert np.all(np.isfinite(found.error))
