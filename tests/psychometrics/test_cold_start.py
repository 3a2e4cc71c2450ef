"""Locations from ratings."""

from __future__ import annotations

import numpy as np
import pytest

from app.psychometrics.cold_start import SLOPE, cold_start, is_rating_fault
from app.psychometrics.scale import curve

RATINGS = [0.5, 0.6, 0.7, 0.8, 0.9]
FLOORS = np.array([0.25, 0.1, 0.25, 0.1, 0.25])
WEIGHTS = np.array([0.3, 0.1, 0.2, 0.2, 0.2])


def test_the_curve_has_the_share_of_the_cut_at_zero() -> None:
    b = cold_start(RATINGS, FLOORS, WEIGHTS, 0.72).b
    assert curve(np.full(5, SLOPE), b, FLOORS, WEIGHTS).at(0.0) == pytest.approx(0.72)


def test_the_implied_mean_is_weighted() -> None:
    expected = float(np.sum(WEIGHTS * RATINGS))
    assert cold_start(RATINGS, FLOORS, WEIGHTS, 0.72).implied_mean == pytest.approx(expected)


def test_items_rated_easier_are_placed_lower() -> None:
    b = cold_start(RATINGS, np.full(5, 0.2), WEIGHTS, 0.72).b
    assert np.all(np.diff(b) < 0)


def test_ratings_are_drawn_towards_the_mean() -> None:
    known = (np.array(RATINGS) - FLOORS) / (1 - FLOORS)
    raw = -np.log(known / (1 - known)) / SLOPE
    assert np.std(cold_start(RATINGS, FLOORS, WEIGHTS, 0.72).b) < 0.6 * np.std(raw)


def test_the_cut_moves_every_location_alike() -> None:
    low, high = (cold_start(RATINGS, FLOORS, WEIGHTS, cut).b for cut in (0.65, 0.75))
    assert np.ptp(low - high) == pytest.approx(0, abs=1e-9)
    assert np.all(low > high)


def test_an_unrated_item_is_taken_as_the_mean_of_the_others() -> None:
    b = cold_start([0.5, np.nan, 0.9], [0.2] * 3, [1 / 3] * 3, 0.7).b
    assert b[1] == pytest.approx((b[0] + b[2]) / 2)


def test_a_bank_without_ratings_has_one_location_and_no_implied_mean() -> None:
    start = cold_start([np.nan] * 3, [0.25] * 3, [1 / 3] * 3, 0.7)
    assert start.implied_mean is None
    assert np.ptp(start.b) == 0


@pytest.mark.parametrize("rating", [0.3, 0.97, 0.2, 1.0])
def test_a_rating_next_to_the_floor_or_to_certainty_is_a_fault(rating: float) -> None:
    assert is_rating_fault(rating, 0.25)
    with pytest.raises(ValueError, match="rated clearly"):
        cold_start([rating, 0.7], [0.25, 0.25], [0.5, 0.5], 0.7)


@pytest.mark.parametrize("rating", [0.31, 0.96])
def test_a_rating_just_inside_is_none(rating: float) -> None:
    assert not is_rating_fault(rating, 0.25)


def test_a_cut_at_the_guessing_floor_is_refused() -> None:
    with pytest.raises(ValueError, match="strictly between"):
        cold_start([0.6], [0.5], [1.0], 0.5)
