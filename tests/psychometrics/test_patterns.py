"""Responses of many persons."""

from __future__ import annotations

import numpy as np
import pytest

from app.psychometrics.ability import normal_prior, pattern_likelihood, posterior
from app.psychometrics.irt import probability
from app.psychometrics.patterns import abilities, log_likelihood, rest
from app.psychometrics.responses import Responses, responses
from app.psychometrics.scale import Curve, curve
from app.psychometrics.simulation import made_bank, made_responses

PRIOR = normal_prior()
BANK = made_bank(np.random.default_rng(1), 12)


def some() -> Responses:
    rng = np.random.default_rng(2)
    return made_responses(rng, BANK, rng.normal(size=30), 5)


def items_of(places: np.ndarray) -> Curve:
    return curve(BANK.a[places], BANK.b[places], BANK.c[places])


def test_the_likelihood_of_each_person_is_that_of_the_person_alone() -> None:
    given, whole = some(), log_likelihood(BANK, some(), PRIOR.nodes)
    for person in range(30):
        own = given.person == person
        alone = pattern_likelihood(items_of(given.item[own]), given.right[own], PRIOR.nodes)
        assert whole[person] == pytest.approx(alone)


def test_the_rest_leaves_out_the_response_and_nothing_else() -> None:
    given, found = some(), rest(BANK, some(), PRIOR)
    for entry in range(0, 150, 7):
        others = (given.person == given.person[entry]) & (np.arange(150) != entry)
        logs = pattern_likelihood(items_of(given.item[others]), given.right[others], PRIOR.nodes)
        belief, item = posterior(PRIOR, logs), given.item[entry]
        chance = probability(PRIOR.nodes, BANK.a[[item]], BANK.b[[item]], BANK.c[[item]])[:, 0]
        assert found.ability[entry] == pytest.approx(belief.mean)
        assert found.expected[entry] == pytest.approx(belief.mass @ chance)


def test_responses_are_as_often_right_as_the_rest_expects() -> None:
    rng = np.random.default_rng(3)
    bank = made_bank(rng, 40)
    given = made_responses(rng, bank, rng.normal(size=2000), 20)
    expected = rest(bank, given, PRIOR).expected
    spread = np.sqrt(np.sum(expected * (1 - expected)))
    assert abs(np.sum(given.right) - np.sum(expected)) < 3 * spread


def test_one_who_answered_nothing_has_the_prior() -> None:
    found = abilities(BANK, responses([1], [3], [True], 12, [1.0, 1.0]), PRIOR)
    assert found.mean[0] == pytest.approx(PRIOR.mean)
    assert found.mean[1] > 0


def test_the_rest_of_a_single_response_is_the_prior() -> None:
    assert rest(BANK, responses([0], [3], [True], 12, [1.0]), PRIOR).ability == pytest.approx([0.0])


def test_nobody_makes_empty_arrays() -> None:
    nobody = responses([], [], [], 12, [])
    assert abilities(BANK, nobody, PRIOR).mean.shape == (0,)
    assert rest(BANK, nobody, PRIOR).expected.shape == (0,)
