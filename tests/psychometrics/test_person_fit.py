"""Person fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.psychometrics.irt import above_floor, probability
from app.psychometrics.person_fit import UNUSUAL, person_fit
from app.psychometrics.responses import from_table, responses
from app.psychometrics.scale import curve
from app.psychometrics.simulation import made_bank
from app.psychometrics.simulation_items import person_fit_size

BANK = made_bank(np.random.default_rng(16), 74)


def test_the_corrected_index_has_its_size_and_the_plain_one_has_not() -> None:
    found = person_fit_size(1, persons=10_000)
    assert 0.04 <= found.lz_star <= 0.06
    assert 0.005 <= found.lz <= 0.025


def test_the_ability_solves_the_equation_that_the_correction_supposes() -> None:
    right = np.random.default_rng(17).random((5, 74)) < 0.6
    for theta, row in zip(person_fit(BANK, from_table(right), 0.2, 1.1).ability, right, strict=True):
        p = probability(theta, BANK.a, BANK.b, BANK.c)
        weight = BANK.a * above_floor(theta, BANK.a, BANK.b) / p
        assert (0.2 - theta) / 1.1**2 + np.sum((row - p) * weight) == pytest.approx(0, abs=1e-6)


def test_plain_lz_is_the_standardised_log_likelihood() -> None:
    right = np.random.default_rng(18).random((1, 74)) < 0.6
    found = person_fit(BANK, from_table(right))
    p = probability(found.ability[0], BANK.a, BANK.b, BANK.c)
    logs = np.sum(np.where(right[0], np.log(p), np.log(1 - p)))
    mean = np.sum(p * np.log(p) + (1 - p) * np.log(1 - p))
    variance = np.sum(p * (1 - p) * np.log(p / (1 - p)) ** 2)
    assert found.lz[0] == pytest.approx((logs - mean) / np.sqrt(variance))


def test_one_who_misses_the_easy_and_gets_the_hard_is_unusual() -> None:
    order = np.argsort(BANK.b)
    strange, plain = np.zeros((2, 74), dtype=bool)
    strange[order[37:]] = True
    plain[order[:50]] = True
    found = person_fit(BANK, from_table(np.array([strange, plain])))
    assert found.lz_star[0] < UNUSUAL < found.lz_star[1]


def test_nothing_answered_is_nothing_unusual() -> None:
    found = person_fit(BANK, responses([], [], [], 74, [1.0, 1.0]))
    assert found.lz_star.tolist() == found.lz.tolist() == [0, 0]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0.01, 50), st.floats(-1e3, 1e3), st.floats(0, 0.9)), min_size=1, max_size=8),
    st.data(),
)
def test_no_pattern_makes_anything_infinite(
    items: list[tuple[float, float, float]], data: st.DataObject
) -> None:
    n = len(items)
    drawn = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    table = np.array([drawn, [True] * n, [False] * n])
    found = person_fit(curve(*np.array(items).T), from_table(table))
    for figures in (found.ability, found.lz, found.lz_star):
        assert np.all(np.isfinite(figures))
