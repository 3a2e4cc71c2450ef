"""How an attempt was spent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.ability import normal_prior
from app.psychometrics.irt import probability
from app.psychometrics.pacing import last_quarter, not_reached
from app.psychometrics.simulation import made_bank

PRIOR = normal_prior(count=61)
FORM = made_bank(np.random.default_rng(23), 74)


def attempts(tired: float) -> list[float]:
    """Deviates of the last quarter, for persons who are `tired` units of ability less able at the end."""
    rng, found = np.random.default_rng(24), []
    ability = np.where(np.arange(74) < 56, 0.0, -tired)
    for theta in rng.normal(size=400):
        chance = probability(theta + ability, FORM.a, FORM.b, FORM.c).diagonal()
        quarter = last_quarter(FORM, rng.random(74) < chance, PRIOR)
        found += [quarter.deviate] if quarter else []
    return found


def test_the_last_quarter_of_a_steady_candidate_is_a_normal_deviate() -> None:
    found = attempts(0.0)
    assert np.mean(found) == pytest.approx(0, abs=0.15)
    assert np.std(found) == pytest.approx(1, abs=0.1)


def test_one_who_tires_falls_below() -> None:
    assert np.mean(attempts(1.5)) < -1.5


def test_harder_items_at_the_end_are_expected() -> None:
    order = np.argsort(FORM.b)
    form = type(FORM)(FORM.a[order], FORM.b[order], FORM.c[order], FORM.weight)
    found = last_quarter(form, np.arange(74) < 56, PRIOR)
    assert found is not None
    assert found.count == 18
    assert found.observed == 0
    assert found.expected < 0.99


@given(st.lists(st.booleans(), max_size=74))
def test_every_last_quarter_is_finite(right: list[bool]) -> None:
    n = len(right)
    form = type(FORM)(FORM.a[:n], FORM.b[:n], FORM.c[:n], FORM.weight[:n])
    found = last_quarter(form, np.array(right, dtype=bool), PRIOR)
    assert (found is None) is (n < 4)
    if found:
        assert 0 <= found.expected <= 1
        assert np.isfinite(found.deviate)
        assert found.error > 0


@pytest.mark.parametrize(
    ("answered", "count"), [([], 0), ([1, 0, 1], 0), ([1, 0, 1, 0, 0], 2), ([0, 0], 2), ([1, 1], 0)]
)
def test_what_was_not_reached_is_open_to_the_end(answered: list[int], count: int) -> None:
    assert not_reached(np.array(answered, dtype=bool)) == count
