"""The distribution of ability among those who answered."""

from __future__ import annotations

import numpy as np
import pytest

from app.psychometrics.expectation import Group
from app.psychometrics.population import group, prior_of
from app.psychometrics.responses import responses
from app.psychometrics.simulation import made_bank, made_responses


def test_mean_and_spread_are_found() -> None:
    rng = np.random.default_rng(1)
    bank = made_bank(rng, 100)
    found = group(bank, made_responses(rng, bank, rng.normal(0.5, 0.8, 2000), 40))
    assert found == pytest.approx((0.5, 0.8), abs=0.06)


def test_nobody_is_taken_for_a_standard_group() -> None:
    bank = made_bank(np.random.default_rng(1), 5)
    assert group(bank, responses([], [], [], 5, [])) == Group(0.0, 1.0)


@pytest.mark.parametrize("right", [True, False])
def test_few_do_not_decide_alone(right: bool) -> None:
    bank = made_bank(np.random.default_rng(1), 20)
    found = group(bank, responses(np.zeros(20), np.arange(20), np.full(20, right), 20, np.ones(1)))
    assert abs(found.mean) < 1
    assert 0.5 < found.sd < 2.5


def test_the_prior_has_the_mean_and_spread_of_the_group() -> None:
    prior = prior_of(Group(0.4, 1.3))
    assert [float(prior.mean), float(prior.sd)] == pytest.approx([0.4, 1.3], abs=1e-4)
