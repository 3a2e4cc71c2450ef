"""Response times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.psychometrics.simulation_items import time_recovery
from app.psychometrics.timing import (
    BETA,
    TimeModel,
    Times,
    expected_seconds,
    fit_times,
    median_seconds,
    rapid_guesses,
    speed,
)

MODEL = TimeModel(
    beta=np.log([60.0, 90.0, 120.0]),
    sigma=np.array([0.3, 0.4, 0.5]),
    tau=np.zeros(0),
    tau_error=np.zeros(0),
    spread=0.3,
)


def test_the_parameters_are_recovered_from_different_forms() -> None:
    found = time_recovery(1)
    assert found.beta < 0.03
    assert found.sigma < 0.02
    assert found.tau < 0.06
    assert found.spread == pytest.approx(0.3, abs=0.015)


def test_errors_of_speed_are_as_large_as_they_say() -> None:
    rng = np.random.default_rng(21)
    tau = rng.normal(0, 0.3, 800)
    item, person = np.tile(np.arange(20), 800), np.repeat(np.arange(800), 20)
    found = fit_times(Times(person, item, np.exp(4.5 - tau[person] + 0.6 * rng.normal(size=16_000)), 800, 20))
    away = (found.tau - (tau - tau.mean())) / found.tau_error
    assert np.std(away) == pytest.approx(1, abs=0.1)


def test_the_speed_of_a_newcomer_is_drawn_towards_the_middle() -> None:
    item, slow = np.array([0, 1, 2]), np.array([120.0, 180.0, 240.0])  # everything takes twice as long
    found = speed(MODEL, item, slow)
    assert -np.log(2) < found.tau < -0.3
    once = speed(MODEL, item[:1], slow[:1])
    assert found.tau < once.tau < 0
    assert found.error < once.error < MODEL.spread


def test_expected_time_is_the_mean_of_the_lognormal() -> None:
    draws = np.exp(MODEL.beta - 0.2 + MODEL.sigma * np.random.default_rng(22).normal(size=(200_000, 3)))
    assert expected_seconds(MODEL, [0, 1, 2], 0.2) == pytest.approx(float(draws.sum(axis=1).mean()), rel=0.01)


def test_no_items_take_no_time() -> None:
    assert expected_seconds(MODEL, []) == 0


@given(st.lists(st.lists(st.floats(0.1, 5000), max_size=9), min_size=1, max_size=6))
def test_medians_are_those_of_each_item(seconds: list[list[float]]) -> None:
    item = np.repeat(np.arange(len(seconds)), [len(times) for times in seconds])
    flat = np.array([time for times in seconds for time in times])
    found = median_seconds(Times(np.zeros(len(flat), dtype=np.int64), item, flat, 1, len(seconds)))
    assert found == pytest.approx([np.median(times) if times else 0 for times in seconds])


def test_a_rapid_guess_takes_less_than_a_tenth_of_the_median() -> None:
    median = np.array([100.0, 50.0])
    item, seconds = np.array([0, 0, 1, 1, 0]), np.array([9.9, 10.1, 4.0, 6.0, 0.0])
    assert rapid_guesses(item, seconds, median).tolist() == [True, False, True, False, False]


def test_a_time_of_nothing_is_not_counted() -> None:
    times = Times(np.array([0, 0]), np.array([0, 1]), np.array([80.0, 0.0]), 1, 2)
    assert fit_times(times).beta == pytest.approx([np.log(80), np.log(80)], abs=0.05)


def test_without_times_items_are_as_long_as_is_usual() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    found = fit_times(Times(nothing, nothing, np.zeros(0), 3, 2))
    assert found.beta == pytest.approx([BETA, BETA])
    assert found.tau.tolist() == [0, 0, 0]
    assert speed(found, nothing, np.zeros(0)) == pytest.approx((0, found.spread))


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 4), st.floats(-1, 1e12, allow_nan=False)), max_size=25
    )
)
def test_no_times_make_anything_infinite(given_times: list[tuple[int, int, float]]) -> None:
    person, item, seconds = np.array(given_times).reshape(-1, 3).T
    times = Times(person.astype(np.int64), item.astype(np.int64), seconds, 4, 5)
    found = fit_times(times, rounds=30)
    for figures in (found.beta, found.sigma, found.tau, found.tau_error, [found.spread]):
        assert np.all(np.isfinite(figures))
    assert np.isfinite(expected_seconds(found, [0, 1, 2, 3, 4], float(found.tau[0])))
    assert np.all(np.isfinite(median_seconds(times)))
