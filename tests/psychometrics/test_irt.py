"""The item model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.irt import information, logistic, probability, slope

abilities = st.floats(-6, 6)
slopes = st.floats(0.2, 3)
floors = st.floats(0, 0.5)


def test_probability_is_half_way_above_the_floor_at_the_location() -> None:
    assert probability(0.7, [1.2], [0.7], [0.2])[0] == pytest.approx(0.6)


def test_shape_is_that_of_theta_and_then_the_items() -> None:
    assert probability(np.zeros((2, 3)), np.ones(4), np.zeros(4), np.zeros(4)).shape == (2, 3, 4)


def test_logistic_neither_overflows_nor_loses_the_tail() -> None:
    assert logistic([-1000.0, 1000.0]).tolist() == [0.0, 1.0]
    assert logistic(-700.0) == pytest.approx(np.exp(-700.0), rel=1e-12)


@given(abilities, slopes, abilities, floors)
def test_slope_is_the_derivative_of_probability(theta: float, a: float, b: float, c: float) -> None:
    step = 1e-5
    ends = probability([theta - step, theta + step], [a], [b], [c])[:, 0]
    assert slope(theta, [a], [b], [c])[0] == pytest.approx((ends[1] - ends[0]) / (2 * step), abs=1e-6)


@given(abilities, slopes, abilities, floors)
def test_information_is_squared_slope_over_variance(theta: float, a: float, b: float, c: float) -> None:
    p = probability(theta, [a], [b], [c])[0]
    expected = slope(theta, [a], [b], [c])[0] ** 2 / (p * (1 - p))
    assert information(theta, [a], [b], [c])[0] == pytest.approx(expected, rel=1e-6)


def test_information_far_below_an_item_without_floor_is_nothing() -> None:
    assert information(-2000.0, [1.0], [0.0], [0.0])[0] == 0.0
