"""Ability on a grid."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.ability import (
    location_error,
    log_chances,
    normal_prior,
    number_right_likelihood,
    pattern_likelihood,
    posterior,
)
from app.psychometrics.irt import probability
from app.psychometrics.scale import curve

FORM = curve([0.8, 1.2, 1.6, 0.5], [-1.0, 0.0, 0.7, 2.0], [0.25, 0.0, 0.1, 0.2])
PRIOR = normal_prior(0.3, 1.2)

shares = st.floats(0.01, 0.99)


def brute_force(x: int) -> np.ndarray:
    """P(x right | node), summed over all patterns."""
    chance = probability(PRIOR.nodes, FORM.a, FORM.b, FORM.c)
    whole = np.zeros(len(PRIOR.nodes))
    for pattern in product([False, True], repeat=4):
        if sum(pattern) == x:
            whole += np.prod(np.where(pattern, chance, 1 - chance), axis=1)
    return whole


def test_the_prior_has_its_mean_and_spread() -> None:
    assert PRIOR.mean == pytest.approx(0.3)
    assert PRIOR.sd == pytest.approx(1.2, abs=1e-5)


def test_a_prior_without_spread_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        normal_prior(0.0, 0.0)


@pytest.mark.parametrize(("share", "point"), [(0.05, -1.6449), (0.5, 0.0), (0.9, 1.2816)])
def test_quantiles_are_those_of_the_normal_distribution(share: float, point: float) -> None:
    assert normal_prior().quantile(share) == pytest.approx(point, abs=0.003)


@given(shares, shares)
def test_quantiles_rise_with_the_share(one: float, other: float) -> None:
    belief = posterior(PRIOR, number_right_likelihood(FORM, PRIOR.nodes)[2])
    low, high = belief.quantile(min(one, other)), belief.quantile(max(one, other))
    assert low <= high


def test_blurring_adds_variances() -> None:
    assert normal_prior().blurred(0.75).sd == pytest.approx(1.25, abs=1e-4)


def test_blurring_by_nothing_changes_nothing() -> None:
    assert normal_prior().blurred(0.0).mass == pytest.approx(normal_prior().mass)


@pytest.mark.parametrize("x", range(5))
def test_number_right_sums_all_patterns(x: int) -> None:
    assert np.exp(number_right_likelihood(FORM, PRIOR.nodes)[x]) == pytest.approx(brute_force(x), rel=1e-9)


@pytest.mark.parametrize("x", range(5))
def test_the_posterior_is_bayes_theorem(x: int) -> None:
    joint = PRIOR.mass * brute_force(x)
    belief = posterior(PRIOR, number_right_likelihood(FORM, PRIOR.nodes)[x])
    assert belief.mass == pytest.approx(joint / joint.sum())
    assert belief.mean == pytest.approx(joint @ PRIOR.nodes / joint.sum())


def test_a_pattern_multiplies_its_responses() -> None:
    right = np.array([True, False, True, False])
    chance = probability(PRIOR.nodes, FORM.a, FORM.b, FORM.c)
    expected = np.prod(np.where(right, chance, 1 - chance), axis=1)
    assert np.exp(pattern_likelihood(FORM, right, PRIOR.nodes)) == pytest.approx(expected)


def test_a_response_of_weight_nothing_is_no_evidence() -> None:
    right = np.array([True, False, True, False])
    without = curve(FORM.a[:3], FORM.b[:3], FORM.c[:3])
    left_out = pattern_likelihood(FORM, right, PRIOR.nodes, [1.0, 1.0, 1.0, 0.0])
    assert left_out == pytest.approx(pattern_likelihood(without, right[:3], PRIOR.nodes))


def test_a_response_of_half_weight_leaves_more_doubt_than_a_whole_one() -> None:
    right = np.ones(4, dtype=bool)
    half, whole = (
        posterior(PRIOR, pattern_likelihood(FORM, right, PRIOR.nodes, np.full(4, w))) for w in (0.5, 1.0)
    )
    assert PRIOR.mean < half.mean < whole.mean


def test_no_responses_leave_the_prior() -> None:
    nobody = pattern_likelihood(curve([], [], []), np.zeros(0, dtype=bool), PRIOR.nodes)
    assert posterior(PRIOR, nobody).mass == pytest.approx(PRIOR.mass)


def test_more_right_is_more_ability() -> None:
    beliefs = posterior(PRIOR, number_right_likelihood(FORM, PRIOR.nodes))
    assert np.all(np.diff(beliefs.mean) > 0)


@given(
    st.lists(st.tuples(st.floats(0.01, 50), st.floats(-1e4, 1e4), st.floats(0, 0.9)), min_size=1, max_size=6),
    st.data(),
)
def test_no_finite_item_makes_anything_infinite(
    items: list[tuple[float, float, float]], data: st.DataObject
) -> None:
    form = curve(*np.array(items).T)
    right = np.array(data.draw(st.lists(st.booleans(), min_size=len(items), max_size=len(items))))
    prior = normal_prior(count=31)
    for logs in (pattern_likelihood(form, right, prior.nodes), number_right_likelihood(form, prior.nodes)):
        belief = posterior(prior, logs)
        for figure in (belief.mean, belief.sd, belief.quantile(0.1), belief.blurred(0.3).mean):
            assert np.all(np.isfinite(figure))
    assert np.all(np.isfinite(log_chances(form, prior.nodes)))
    assert np.all(np.isfinite(location_error(form, np.full(len(items), 0.3), prior.nodes)))


def test_location_error_of_one_item_is_the_error_of_its_location() -> None:
    assert location_error(curve([1.3], [0.4], [0.2]), [0.25], 0.1) == pytest.approx(0.25)


def test_location_errors_of_like_items_average_out() -> None:
    form = curve(np.ones(16), np.zeros(16), np.zeros(16))
    assert location_error(form, np.full(16, 0.4), [0.0, 1.0]) == pytest.approx([0.1, 0.1])
