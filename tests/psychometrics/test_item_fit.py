"""Item fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.psychometrics.ability import normal_prior
from app.psychometrics.calibration import calibrate
from app.psychometrics.irt import probability
from app.psychometrics.item_fit import rest_fit, s_x2
from app.psychometrics.patterns import rest
from app.psychometrics.responses import Responses, responses
from app.psychometrics.scale import Curve, curve
from app.psychometrics.simulation import made_bank, made_responses
from app.psychometrics.simulation_items import item_fit_size

PRIOR = normal_prior(count=61)


def one_form(persons: int, careless: bool) -> tuple[Curve, np.ndarray]:
    """A form and its responses; when `careless`, the able lose interest in the first item."""
    rng = np.random.default_rng(11)
    form, theta = made_bank(rng, 30), rng.normal(size=persons)
    chance = probability(theta, form.a, form.b, form.c)
    if careless:
        chance[:, 0] = np.where(theta > 0.3, 0.5, chance[:, 0])
    return form, rng.random(chance.shape) < chance


def test_sound_items_are_rejected_no_more_often_than_the_level() -> None:
    found = item_fit_size(1, rounds=6)
    assert 0.02 <= found.s_x2 <= 0.07
    assert 0.035 <= found.rest_fit <= 0.065


def test_an_item_that_the_able_get_wrong_is_found_on_one_form() -> None:
    found = s_x2(*one_form(1500, careless=True), PRIOR)
    assert found[0] is not None
    assert found[0].p < 1e-6


def test_the_same_item_passes_when_it_behaves() -> None:
    found = s_x2(*one_form(1500, careless=False), PRIOR)
    assert found[0] is not None
    assert found[0].p > 0.01


@pytest.mark.parametrize(("careless", "suspected"), [(True, True), (False, False)])
def test_the_rest_fit_finds_the_item_among_different_forms(careless: bool, suspected: bool) -> None:
    form, right = one_form(1500, careless)
    some = np.random.default_rng(12).random(right.shape) < 0.6
    person, item = np.nonzero(some)
    sparse = responses(person, item, right[some], 30, np.ones(1500))
    others, here = rest(form, sparse, PRIOR), sparse.item == 0
    found = rest_fit(sparse.right[here], others.expected[here], others.ability[here])
    assert found is not None
    assert (found.p < 1e-3) is suspected


def test_estimated_parameters_cost_two_degrees_of_freedom() -> None:
    """With parameters from the same responses the size stays near the level."""
    rng, surprising = np.random.default_rng(13), []
    for _ in range(4):
        bank = made_bank(rng, 100)
        given = made_responses(rng, bank, rng.normal(size=1000), 50)
        found = fitted(given, bank.c)
        others = rest(found, given, PRIOR)
        for item in range(100):
            here = given.item == item
            fit = rest_fit(given.right[here], others.expected[here], others.ability[here])
            surprising += [fit.p < 0.05] if fit else []
    assert 0.03 <= np.mean(surprising) <= 0.08


def fitted(given: Responses, c: np.ndarray) -> Curve:
    items = calibrate(given, c, with_errors=False).items
    a, b = np.array([(item.a, item.b) for item in items], dtype=np.float64).T
    return curve(a, b, c)


def test_groups_carry_the_shares_that_the_statistic_sums() -> None:
    rng = np.random.default_rng(14)
    expected = rng.uniform(0.3, 0.9, 400)
    right = rng.random(400) < expected
    found = rest_fit(right, expected, expected, groups=4, estimated=0)
    assert found is not None
    assert found.freedom == 4
    parts = np.array_split(np.argsort(expected, kind="stable"), 4)
    z = [(right[p].sum() - expected[p].sum()) ** 2 / (expected[p] * (1 - expected[p])).sum() for p in parts]
    assert found.statistic == pytest.approx(sum(z))
    assert found.observed == pytest.approx([right[p].mean() for p in parts])
    assert found.expected == pytest.approx([expected[p].mean() for p in parts])


def test_s_x2_expects_what_all_patterns_of_a_score_say() -> None:
    """On three items, from the joint distribution of all eight patterns."""
    form, right = curve([1.0, 1.4, 0.7], [-0.5, 0.2, 0.0], [0.2, 0.0, 0.1]), one_form(900, False)[1][:, :3]
    chance = probability(PRIOR.nodes, form.a, form.b, form.c)
    every = np.array([[x >> i & 1 for i in range(3)] for x in range(8)], dtype=bool)
    mass = np.array([PRIOR.mass @ np.prod(np.where(p, chance, 1 - chance), axis=1) for p in every])
    found = s_x2(form, right, PRIOR, estimated=0)[1]
    assert found is not None
    for place, score in enumerate((1, 2)):
        group = every.sum(axis=1) == score
        assert found.expected[place] == pytest.approx(mass[group & every[:, 1]].sum() / mass[group].sum())
        assert found.observed[place] == pytest.approx(right[right.sum(axis=1) == score, 1].mean())


def test_too_few_persons_have_no_fit() -> None:
    assert rest_fit(np.ones(8, dtype=bool), np.full(8, 0.7), np.arange(8.0)) is None
    assert rest_fit(np.zeros(0, dtype=bool), np.zeros(0), np.zeros(0)) is None
    assert s_x2(made_bank(np.random.default_rng(1), 1), np.ones((50, 1), dtype=bool), PRIOR) == (None,)
    assert s_x2(made_bank(np.random.default_rng(1), 2), np.ones((0, 2), dtype=bool), PRIOR) == (None, None)


@settings(max_examples=40)
@given(st.integers(1, 5), st.integers(0, 60), st.integers(0, 99), st.floats(0, 1))
def test_every_fit_is_a_chance(items: int, persons: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    found = s_x2(made_bank(rng, items), rng.random((persons, items)) < share, PRIOR, estimated=0)
    for fit in (one for one in found if one):
        assert 0 <= fit.p <= 1
        assert np.isfinite(fit.statistic)
