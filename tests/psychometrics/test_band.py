"""The band around a score."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.psychometrics.band import Band, band, band_of
from app.psychometrics.scale import Curve, Ends, conversion_table, curve, scaled
from app.psychometrics.simulation import CUT, ENDS, made_bank, made_form

SHARES = Ends(0.0, 0.5, 1.0)  # with a cut at .5 the scaled score is the share right itself


def coins(n: int) -> tuple[Curve, Curve]:
    """A form of n like items without guessing, and its reference."""
    a, b, c = np.full((3, n), [[1.1], [0.2], [0.0]])
    return curve(a, b, c), curve(a, b, c, np.full(n, 1 / n))


def example(sd: float = 0.0) -> tuple[np.ndarray, Band]:
    rng = np.random.default_rng(4)
    bank = made_bank(rng, 300)
    form = made_form(rng, bank, 74)
    table = conversion_table(form, bank, CUT, ENDS)
    return table, band(form, bank, CUT, ENDS, table, np.full(74, sd))


@pytest.mark.parametrize("x", range(11))
def test_on_like_items_the_band_is_clopper_and_pearsons_interval(x: int) -> None:
    form, reference = coins(10)
    found = band(form, reference, 0.5, SHARES, np.arange(11) / 10)

    def at_most(count: int, p: float) -> float:
        return sum(comb(10, k) * p**k * (1 - p) ** (10 - k) for k in range(count + 1))

    if x > 0:
        assert 1 - at_most(x - 1, float(found.low[x])) == pytest.approx(0.05, abs=5e-4)
    if x < 10:
        assert at_most(x, float(found.high[x])) == pytest.approx(0.05, abs=5e-4)


def test_three_of_ten_as_tables_of_the_interval_print_it() -> None:
    form, reference = coins(10)
    found = band(form, reference, 0.5, SHARES, np.arange(11) / 10)
    assert (found.low[3], found.high[3]) == pytest.approx((0.0873, 0.6066), abs=2e-4)


def test_the_band_reaches_the_ends_of_the_scale_at_the_ends() -> None:
    _, found = example()
    assert found.low[0] == 100
    assert found.high[74] == 1000
    assert found.low[74] < 1000
    assert found.high[0] > 100


def test_below_the_guessing_floor_the_band_ends_at_the_score_of_guessing() -> None:
    bank = made_bank(np.random.default_rng(4), 300)
    _, found = example()
    assert found.high[0] == pytest.approx(float(scaled(bank.floor, CUT, ENDS)), abs=0.5)
    assert found.low[20] == pytest.approx(float(scaled(bank.floor, CUT, ENDS)), abs=0.5)


def test_uncertain_locations_widen_the_band_in_quadrature() -> None:
    table, narrow = example()
    _, wide = example(0.5)
    _, wider = example(1.0)
    once, twice = (
        np.square(table - found.low)[40:70] - np.square(table - narrow.low)[40:70] for found in (wide, wider)
    )
    assert np.all(once > 0)
    assert twice == pytest.approx(4 * once)


def test_a_higher_level_makes_a_wider_band() -> None:
    form, reference = coins(20)
    table = np.arange(21) / 20
    narrow, wide = (band(form, reference, 0.5, SHARES, table, level=level) for level in (0.8, 0.95))
    assert np.all(wide.low <= narrow.low)
    assert np.all(wide.high[:-1] > narrow.high[:-1])


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.floats(0.05, 4), st.floats(-30, 30), st.sampled_from([0.0, 0.1, 0.25])),
        min_size=1,
        max_size=12,
    ),
    st.floats(0, 2),
)
def test_every_band_holds_its_score_and_stays_on_the_scale(
    items: list[tuple[float, float, float]], sd: float
) -> None:
    form = curve(*np.array(items).T)
    reference = curve([1.0, 0.8], [0.0, 0.5], [0.25, 0.1], [0.5, 0.5])
    table = conversion_table(form, reference, 0.7, ENDS)
    low, high = band(form, reference, 0.7, ENDS, table, np.full(len(items), sd))
    assert np.all((low >= 100) & (low <= table))
    assert np.all((high >= table) & (high <= 1000))


@pytest.mark.parametrize("sd", [0.0, 0.72])
def test_the_band_of_one_score_is_that_of_all_scores(sd: float) -> None:
    rng = np.random.default_rng(4)
    bank = made_bank(rng, 300)
    form = made_form(rng, bank, 74)
    table = conversion_table(form, bank, CUT, ENDS)
    whole = band(form, bank, CUT, ENDS, table, np.full(74, sd))
    for right in (0, 1, 20, 53, 54, 73, 74):
        found = band_of(right, form, bank, CUT, ENDS, table, np.full(74, sd))
        assert found == pytest.approx((whole.low[right], whole.high[right]), abs=1e-6)
