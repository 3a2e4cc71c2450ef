"""Tails and intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.significance import chi_square_tail, correlation, normal_point, wilson


@pytest.mark.parametrize(
    ("statistic", "freedom", "tail"),
    [(3.8415, 1, 0.05), (5.9915, 2, 0.05), (15.0863, 5, 0.01), (18.3070, 10, 0.05), (43.773, 30, 0.05)],
)
def test_chi_square_tails_of_the_printed_table(statistic: float, freedom: int, tail: float) -> None:
    assert chi_square_tail(statistic, freedom) == pytest.approx(tail, abs=2e-6)


@given(st.floats(0, 1e6), st.integers(1, 400))
def test_a_chi_square_tail_is_a_chance(statistic: float, freedom: int) -> None:
    assert 0 <= chi_square_tail(statistic, freedom) <= 1


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_as_newcombe_prints_them(count: int, total: int, low: float, high: float) -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3
    assert wilson(count, total) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 50), st.integers(0, 50))
def test_an_interval_holds_its_share(count: int, more: int) -> None:
    low, high = wilson(count, count + more)
    share = count / max(1, count + more)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


def test_nothing_seen_leaves_everything_possible() -> None:
    assert wilson(0, 0) == pytest.approx((0.0, 1.0))


def test_the_normal_point_of_ninety_per_cent() -> None:
    assert normal_point(0.9) == pytest.approx(1.6449, abs=1e-4)


def test_correlation_is_the_product_moment() -> None:
    x, y = np.random.default_rng(1).normal(size=(2, 40))
    assert correlation(x, y) == pytest.approx(np.corrcoef(x, y)[0, 1])


@pytest.mark.parametrize("x", [[], [1.0], [2.0, 2.0, 2.0]])
def test_what_does_not_vary_has_no_correlation(x: list[float]) -> None:
    assert correlation(x, list(range(len(x)))) is None
