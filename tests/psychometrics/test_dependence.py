"""Local dependence."""

from __future__ import annotations

import numpy as np
import pytest

from app.psychometrics.ability import normal_prior
from app.psychometrics.dependence import LIMIT, Dependence, dependence
from app.psychometrics.irt import probability
from app.psychometrics.patterns import abilities
from app.psychometrics.responses import Responses, responses
from app.psychometrics.scale import Curve
from app.psychometrics.simulation import made_bank, made_responses


def example(persons: int = 2500, twins: bool = False) -> tuple[Curve, Responses, np.ndarray]:
    """Different forms; with `twins` the second item repeats the first one's answer."""
    rng = np.random.default_rng(15)
    bank = made_bank(rng, 30)
    given = made_responses(rng, bank, rng.normal(size=persons), 20)
    if twins:
        first = np.zeros(persons, dtype=bool)
        one, other = given.item == 0, given.item == 1
        first[given.person[one]] = given.right[one]
        both = np.isin(given.person, given.person[one]) & other
        right = given.right.copy()
        right[both] = first[given.person[both]]
        given = responses(given.person, given.item, right, 30, given.weight)
    return bank, given, abilities(bank, given, normal_prior(count=61)).mean


def found(persons: int = 2500, twins: bool = False) -> Dependence:
    return dependence(*example(persons, twins))


def test_q3_is_the_correlation_of_residuals_of_those_who_had_both() -> None:
    bank, given, ability = example(300)
    table = np.full((300, 30), np.nan)
    chance = probability(ability, bank.a, bank.b, bank.c)
    table[given.person, given.item] = given.right - chance[given.person, given.item]
    pairs = dependence(bank, given, ability, least=50)
    assert len(pairs.q3) > 100
    for place in range(0, len(pairs.q3), 17):
        both = table[:, [pairs.first[place], pairs.second[place]]]
        both = both[~np.isnan(both).any(axis=1)]
        assert pairs.count[place] == len(both)
        assert pairs.q3[place] == pytest.approx(np.corrcoef(both.T)[0, 1])


def test_independent_items_keep_below_the_limit() -> None:
    assert np.max(found().excess) < LIMIT


def test_the_excess_is_centred() -> None:
    pairs = found()
    assert np.mean(pairs.q3) < 0
    assert np.mean(pairs.excess) == pytest.approx(0)


def test_twins_stand_out() -> None:
    pairs = found(twins=True)
    worst = int(np.argmax(pairs.excess))
    assert (pairs.first[worst], pairs.second[worst]) == (0, 1)
    assert pairs.excess[worst] > 2 * LIMIT


def test_pairs_with_few_persons_in_common_are_left_out() -> None:
    assert len(found(100).q3) == 0


def test_nobody_has_no_pairs() -> None:
    bank = made_bank(np.random.default_rng(1), 4)
    assert len(dependence(bank, responses([], [], [], 4, []), np.zeros(0)).q3) == 0
