"""The maximisation step on its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.expectation import Curves, Expected
from app.psychometrics.maximisation import Objective, Priors, maximised, penalty, priors_around

THETA = np.linspace(-4, 4, 21)
PEOPLE = 1_000 * np.exp(-0.5 * THETA**2) / np.sum(np.exp(-0.5 * THETA**2))


def objective(
    a: list[float], d: list[float], c: list[float], *, common: bool = False, priors: Priors | None = None
) -> Objective:
    """Counts that are just what items with these parameters would bring."""
    curves = Curves(np.array(a), np.array(d), np.array(c))
    wrong, right, _ = np.split(np.exp(curves.logarithms(THETA)), [len(a), 2 * len(a)])
    return Objective(
        Expected(0.0, THETA, PEOPLE * wrong, PEOPLE * right, PEOPLE), np.array(c), priors, common
    )


@pytest.mark.parametrize("c", [0.0, 0.25])
def test_it_finds_the_parameters_that_made_the_counts(c: float) -> None:
    a, d = maximised(objective([0.4, 1.0, 2.2], [2.5, -0.3, -3.0], [c] * 3), np.ones(3), np.zeros(3))
    assert a == pytest.approx([0.4, 1.0, 2.2], abs=1e-4)
    assert d == pytest.approx([2.5, -0.3, -3.0], abs=1e-4)


def test_a_common_slope_stays_common() -> None:
    made = objective([0.8, 0.8, 0.8], [1.0, 0.0, -2.0], [0.1] * 3, common=True)
    a, d = maximised(made, np.ones(3), np.zeros(3))
    assert a == pytest.approx([0.8] * 3, abs=1e-4)
    assert d == pytest.approx([1.0, 0.0, -2.0], abs=1e-4)


@given(
    st.floats(-3, 3),
    st.floats(-6, 6),
    st.floats(0.05, 5),
    st.floats(-8, 8),
    st.sampled_from([0.0, 0.25]),
    st.booleans(),
)
def test_no_step_goes_down(a: float, d: float, from_a: float, from_d: float, c: float, prior: bool) -> None:
    made = objective([a], [d], [c], priors=priors_around([0.0]) if prior else None)
    start = np.array([from_a]), np.array([from_d])
    assert made.value(*maximised(made, *start)) >= made.value(*start) - 1e-9


@given(st.floats(0.1, 3), st.floats(-4, 4), st.booleans())
def test_the_gradient_is_that_of_the_value(a: float, d: float, common: bool) -> None:
    made = objective([1.0, 0.7], [0.5, -1.0], [0.25, 0.0], common=common, priors=priors_around([0.3, -0.4]))
    at, h = (np.array([a, a]), np.array([d, d / 2])), 1e-5
    slopes = made.slopes(*at)
    by_a = (made.value(at[0] + h, at[1]) - made.value(at[0] - h, at[1])) / (2 * h)
    by_d = (made.value(at[0], at[1] + h) - made.value(at[0], at[1] - h)) / (2 * h)
    assert slopes.a == pytest.approx(by_a, rel=1e-4, abs=1e-3)
    assert slopes.d == pytest.approx(by_d, rel=1e-4, abs=1e-3)


def test_the_penalty_counts_standard_deviations() -> None:
    priors = Priors(*(np.array([value]) for value in (1.0, 0.5, 0.0, 0.2)))
    off = penalty(priors, np.exp([0.2]), -np.exp([0.2]) * 2.0, common=False)  # 1 of log a, 2 of b
    assert off == pytest.approx([0.5 * (1 + 4)])


def test_a_common_slope_has_its_prior_once() -> None:
    priors = priors_around(np.zeros(4))
    slopes = np.full(4, np.exp(-0.1 + 0.3))  # one standard deviation above the mean
    assert np.sum(penalty(priors, slopes, np.zeros(4), common=True)) == pytest.approx(0.5)


def test_a_prior_forbids_slopes_that_are_not_positive() -> None:
    assert penalty(priors_around([0.0, 0.0]), np.array([0.0, -1.0]), np.zeros(2), common=False).tolist() == [
        np.inf,
        np.inf,
    ]


def test_items_that_nobody_saw_keep_the_modes_of_their_priors() -> None:
    nothing = Expected(0.0, THETA, np.zeros((1, 21)), np.zeros((1, 21)), PEOPLE)
    a, d = maximised(Objective(nothing, np.zeros(1), priors_around([0.6]), False), np.ones(1), np.zeros(1))
    assert a == pytest.approx([np.exp(-0.1)])
    assert -d / a == pytest.approx([0.6])
