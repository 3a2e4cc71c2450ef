"""Accuracy, consistency, reliability and standard errors of a form."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.psychometrics.ability import normal_prior
from app.psychometrics.decision import marginal_reliability, pass_chance, quality, score_error
from app.psychometrics.irt import probability
from app.psychometrics.scale import curve

FORM = curve([0.8, 1.2, 1.6], [-1.0, 0.0, 0.7], [0.25, 0.0, 0.1])
TABLE = np.array([100.0, 420.0, 760.0, 1000.0])
PRIOR = normal_prior(count=61)


def patterns(theta: float) -> tuple[np.ndarray, np.ndarray]:
    """The score of every pattern, and its chance."""
    p = probability(theta, FORM.a, FORM.b, FORM.c)
    every = np.array(list(product([0, 1], repeat=3)))
    return TABLE[every.sum(axis=1)], np.prod(np.where(every, p, 1 - p), axis=1)


def test_the_chance_to_pass_sums_the_patterns_that_do() -> None:
    scores, chance = patterns(0.4)
    assert pass_chance(FORM, TABLE, 750, 0.4) == pytest.approx(chance[scores >= 750].sum())


def test_the_conditional_error_is_the_spread_over_all_patterns() -> None:
    scores, chance = patterns(-0.6)
    mean = chance @ scores
    assert score_error(FORM, TABLE, -0.6) == pytest.approx(np.sqrt(chance @ (scores - mean) ** 2))


def test_accuracy_and_consistency_sum_over_ability() -> None:
    found = quality(FORM, TABLE, 750, 0.25, PRIOR)
    p = np.array([c[s >= 750].sum() for s, c in map(patterns, PRIOR.nodes)])
    right = np.where(PRIOR.nodes >= 0.25, p, 1 - p)
    assert found.accuracy == pytest.approx(PRIOR.mass @ right)
    assert found.consistency == pytest.approx(PRIOR.mass @ (p**2 + (1 - p) ** 2))
    assert found.accuracy + found.false_pass + found.false_fail == pytest.approx(1)


def test_a_form_that_says_nothing_is_not_reliable() -> None:
    flat = curve(np.full(5, 1e-6), np.zeros(5), np.full(5, 0.25))
    assert quality(flat, np.linspace(100, 1000, 6), 750, 0, PRIOR).reliability == pytest.approx(0, abs=1e-6)


def test_a_longer_form_is_more_reliable() -> None:
    many = curve(*(np.tile(values, 20) for values in (FORM.a, FORM.b, FORM.c)))
    short, long = (
        quality(form, np.linspace(100, 1000, len(form.a) + 1), 750, 0, PRIOR) for form in (FORM, many)
    )
    assert short.reliability < 0.5
    assert long.reliability > 0.8
    assert short.error_at_cut > long.error_at_cut


def test_marginal_reliability_is_the_explained_share() -> None:
    assert marginal_reliability([-1.0, 1.0], [0.5, 0.5]) == pytest.approx(0.8)


@pytest.mark.parametrize("count", [0, 1])
def test_there_is_no_reliability_of_one_candidate(count: int) -> None:
    assert marginal_reliability(np.zeros(count), np.zeros(count)) is None


def test_there_is_no_reliability_where_nothing_varies() -> None:
    assert marginal_reliability([0.0, 0.0], [0.0, 0.0]) is None


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0.01, 30), st.floats(-300, 300), st.floats(0, 0.6)), min_size=1, max_size=6),
    st.floats(-10, 10),
)
def test_all_figures_are_finite_and_all_shares_shares(
    items: list[tuple[float, float, float]], theta_cut: float
) -> None:
    form = curve(*np.array(items).T)
    found = quality(form, np.linspace(100, 1000, len(items) + 1), 750, theta_cut, PRIOR)
    shares = [found.accuracy, found.consistency, found.reliability]
    assert all(-1e-9 <= share <= 1 + 1e-9 for share in shares)
    assert np.isfinite(found.error_at_cut)
    assert np.all(np.isfinite(found.error))
