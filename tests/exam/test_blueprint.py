"""Items per domain."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.blueprint import counts, largest_remainder, pilot_counts, scored_counts
from tests.exam.banks import exam, exam_with_pilots

WEIGHTS = {"D1": 26.0, "D2": 29.0, "D3": 25.0, "D4": 20.0}


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (74, [19, 21, 19, 15]),
        (75, [19, 22, 19, 15]),
        (65, [17, 19, 16, 13]),
        (10, [3, 3, 2, 2]),
        (20, [5, 6, 5, 4]),
        (300, [78, 87, 75, 60]),
        (370, [96, 107, 93, 74]),
        (0, [0, 0, 0, 0]),
    ],
)
def test_published_counts(items: int, expected: list[int]) -> None:
    assert list(largest_remainder(WEIGHTS, items).values()) == expected


def test_ties_go_to_the_lower_domain_number_whatever_the_order_written() -> None:
    assert largest_remainder({"D10": 1, "D2": 1, "D1": 2}, 2) == {"D10": 0, "D2": 1, "D1": 1}


def test_a_tie_in_decimals_is_a_tie() -> None:
    assert largest_remainder({"D1": 0.1, "D2": 0.2, "D3": 0.1}, 2) == {"D1": 1, "D2": 1, "D3": 0}


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8).filter(any), st.integers(0, 500))
def test_counts_sum_up_and_are_within_one_of_the_share(weights: list[int], items: int) -> None:
    named = {f"D{number}": float(weight) for number, weight in enumerate(weights, 1)}
    shared = largest_remainder(named, items)
    assert sum(shared.values()) == items
    for name, weight in named.items():
        assert abs(shared[name] - Fraction(items * int(weight), sum(weights))) < 1


@pytest.mark.parametrize("weights", [{}, {"D1": 0.0}, {"D1": 2.0, "D2": -1.0}])
def test_weights_without_sense_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="blueprint"):
        largest_remainder(weights, 10)


def test_a_form_is_its_scored_items_and_its_pilots() -> None:
    this = exam_with_pilots()
    assert list(scored_counts(this).values()) == [17, 19, 16, 13]
    assert list(pilot_counts(this).values()) == [3, 3, 2, 2]
    assert list(counts(this).values()) == [20, 22, 18, 15]
    assert sum(pilot_counts(exam()).values()) == 0
