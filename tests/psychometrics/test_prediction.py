"""The chance of passing next time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.ability import normal_prior, number_right_likelihood, pattern_likelihood, posterior
from app.psychometrics.decision import pass_chance
from app.psychometrics.prediction import passing_typical, predict
from app.psychometrics.scale import conversion_table
from app.psychometrics.simulation import CUT, ENDS, made_bank, made_form

PRIOR = normal_prior()
RNG = np.random.default_rng(5)
BANK = made_bank(RNG, 400)
FORMS = [made_form(RNG, BANK, 74) for _ in range(2)]
TYPICAL = passing_typical(BANK, 74, 54, PRIOR.nodes)


def test_a_typical_form_is_passed_as_often_as_real_ones_are() -> None:
    theta, theta_cut = np.linspace(-3, 3, 25), float(BANK.inverse(CUT))
    many = [made_form(RNG, BANK, 74) for _ in range(400)]
    # a form is passed by who has at least the count that is expected at the cut
    real = np.mean(
        [pass_chance(form, np.arange(75) - float(form.at(theta_cut)), 0.0, theta) for form in many], axis=0
    )
    assert passing_typical(BANK, 74, 54, theta) == pytest.approx(real, abs=0.015)


def test_a_single_form_is_passed_by_its_own_table() -> None:
    form, table = FORMS[0], conversion_table(FORMS[0], BANK, CUT, ENDS)
    passed = np.sum(np.exp(number_right_likelihood(form, PRIOR.nodes))[table >= ENDS.cut], axis=0)
    assert pass_chance(form, table, ENDS.cut, PRIOR.nodes) == pytest.approx(passed)


def test_a_better_result_foretells_a_better_chance() -> None:
    logs = number_right_likelihood(FORMS[0], PRIOR.nodes)
    chances = [predict(posterior(PRIOR, row), TYPICAL).probability for row in logs]
    assert np.all(np.diff(chances) > 0)
    assert chances[20] < 0.01
    assert chances[74] > 0.99


@given(st.integers(0, 74), st.floats(0, 5), st.floats(0, 1))
def test_the_probability_and_the_interval_are_chances(x: int, attempts: float, location_sd: float) -> None:
    logs = number_right_likelihood(FORMS[1], PRIOR.nodes)[x]
    found = predict(posterior(PRIOR, logs), TYPICAL, attempts, location_sd)
    assert 0 <= found.low <= found.high <= 1
    assert 0 <= found.probability <= 1


def test_more_attempts_with_the_same_result_narrow_the_interval() -> None:
    logs = number_right_likelihood(FORMS[0], PRIOR.nodes)[54]
    once, thrice = (predict(posterior(PRIOR, k * logs), TYPICAL, k) for k in (1, 3))
    assert thrice.sd < once.sd
    assert thrice.high - thrice.low < once.high - once.low


def test_items_seen_before_count_for_less() -> None:
    right = np.arange(74) < 70
    fresh, seen = (
        predict(posterior(PRIOR, pattern_likelihood(FORMS[0], right, PRIOR.nodes, weight)), TYPICAL)
        for weight in (np.ones(74), np.where(np.arange(74) < 37, 0.0, 1.0))
    )
    assert seen.sd > fresh.sd


def test_uncertain_items_widen_the_interval() -> None:
    belief = posterior(PRIOR, number_right_likelihood(FORMS[0], PRIOR.nodes)[54])
    sure, unsure = (predict(belief, TYPICAL, 1, sd) for sd in (0.0, 0.4))
    assert unsure.sd == pytest.approx(np.hypot(sure.sd, 0.4), abs=1e-3)
    assert unsure.high - unsure.low > sure.high - sure.low


def test_nothing_known_gives_the_share_of_the_population() -> None:
    found = predict(PRIOR, TYPICAL, 0.0)
    assert found.probability == pytest.approx(float(PRIOR.mass @ TYPICAL), abs=0.02)
    assert found.low < 0.01
    assert found.high > 0.99
