"""Equating and the reporting scale."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.scale import (
    Curve,
    Ends,
    conversion_table,
    curve,
    equated_shares,
    number_correct,
    scaled,
)

ENDS = Ends(100, 750, 1000)


def bank(rng: np.random.Generator, items: int) -> Curve:
    c = rng.choice([0.25, 0.1, 0.2, 0.0], items)
    return curve(rng.lognormal(-0.1, 0.3, items), rng.normal(-0.9, 0.9, items), c, np.full(items, 1 / items))


def drawn(rng: np.random.Generator, whole: Curve, items: int) -> Curve:
    pick = rng.choice(len(whole.a), items, replace=False)
    return curve(whole.a[pick], whole.b[pick], whole.c[pick])


def test_ten_thousand_random_forms_have_a_rising_scale_with_fixed_ends() -> None:
    rng = np.random.default_rng(7)
    whole = bank(rng, 60)
    for _ in range(10_000):
        items = int(rng.integers(1, 40))
        table = conversion_table(drawn(rng, whole, items), whole, float(rng.uniform(0.4, 0.9)), ENDS)
        assert table[0] == 100
        assert table[-1] == 1000
        assert len(table) == items + 1
        assert np.all(np.diff(table) > 0)


@given(
    st.lists(st.floats(-30, 30), min_size=1, max_size=12),
    st.floats(0.05, 4),
    st.sampled_from([0.0, 0.25, 0.5]),
)
def test_the_scale_rises_even_on_forms_far_from_the_reference(b: list[float], a: float, c: float) -> None:
    form = curve(np.full(len(b), a), b, np.full(len(b), c))
    table = conversion_table(form, curve([1.0, 0.8], [0.0, 0.5], [0.25, 0.1], [0.5, 0.5]), 0.7, ENDS)
    assert np.all(np.diff(table) > 0)
    assert (table[0], table[-1]) == (100, 1000)


def test_the_whole_reference_as_a_form_is_its_own_scale_above_the_floor() -> None:
    rng = np.random.default_rng(3)
    c = np.full(50, 0.2)
    a, b = rng.lognormal(0, 0.2, 50), rng.normal(0, 1, 50)
    shares = equated_shares(curve(a, b, c), curve(a, b, c, np.full(50, 1 / 50)))
    assert shares == pytest.approx(np.arange(51) / 50, abs=1e-9)


def test_below_the_guessing_floor_shares_lie_on_the_line_to_it() -> None:
    form = curve(np.ones(10), np.zeros(10), np.full(10, 0.25))
    reference = curve([1.0], [0.0], [0.2], [1.0])
    assert equated_shares(form, reference)[:3] == pytest.approx([0.0, 0.2 / 2.5, 0.4 / 2.5])


def test_a_harder_form_earns_more_for_the_same_count() -> None:
    reference = curve(np.ones(20), np.zeros(20), np.full(20, 0.2), np.full(20, 1 / 20))
    hard, easy = (curve(np.ones(20), np.full(20, b), np.full(20, 0.2)) for b in (0.5, -0.5))
    gap = equated_shares(hard, reference)[5:20] - equated_shares(easy, reference)[5:20]
    assert np.all(gap > 0)


def test_the_two_lines_meet_at_the_cut() -> None:
    assert scaled([0.0, 0.35, 0.7, 0.85, 1.0], 0.7, ENDS).tolist() == pytest.approx(
        [100, 425, 750, 875, 1000]
    )


@given(st.integers(0, 10_000), st.floats(0.001, 0.999))
def test_inverse_undoes_the_curve(seed: int, part: float) -> None:
    whole = bank(np.random.default_rng(seed), 30)
    value = whole.floor + part * (whole.ceiling - whole.floor)
    assert whole.at(whole.inverse(value)) == pytest.approx(value, abs=1e-10)


def test_inverse_reaches_far_into_the_tails_of_flat_items() -> None:
    flat = curve([0.05, 0.05], [40.0, -40.0], [0.25, 0.25])
    values = [0.5 + 1e-9, 2.0 - 1e-9]
    assert flat.at(flat.inverse(values)) == pytest.approx(values, abs=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.25, 1.0, 2.0])
def test_inverse_refuses_what_the_curve_never_is(value: float) -> None:
    with pytest.raises(ValueError, match="strictly between"):
        curve([1.0], [0.0], [0.25]).inverse(value)


@pytest.mark.parametrize(("share", "ends"), [(0.0, ENDS), (1.0, ENDS), (0.5, Ends(750, 750, 1000))])
def test_a_scale_without_room_on_both_sides_of_the_cut_is_refused(share: float, ends: Ends) -> None:
    with pytest.raises(ValueError, match="cut must lie between"):
        conversion_table(curve([1.0], [0.0], [0.0]), curve([1.0], [0.0], [0.0]), share, ends)


def test_a_form_without_items_is_refused() -> None:
    with pytest.raises(ValueError, match="without scored items"):
        conversion_table(curve([], [], []), curve([1.0], [0.0], [0.0]), 0.5, ENDS)


def test_number_correct_of_the_published_example() -> None:
    # Kolen & Brennan (2004), the recursion of Lord & Wingersky
    assert number_correct([0.26, 0.27, 0.18]) == pytest.approx([0.4430, 0.4167, 0.1277, 0.0126], abs=5e-5)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_number_correct_counts_every_pattern_once(p: list[float]) -> None:
    expected = np.zeros(len(p) + 1)
    for pattern in product([0, 1], repeat=len(p)):
        expected[sum(pattern)] += np.prod(
            [q if right else 1 - q for q, right in zip(p, pattern, strict=True)]
        )
    assert number_correct(p) == pytest.approx(expected, abs=1e-12)


def test_number_correct_takes_many_abilities_at_once() -> None:
    p = np.array([[0.2, 0.9], [0.5, 0.4]])
    assert number_correct(p)[1] == pytest.approx(number_correct(p[1]))
