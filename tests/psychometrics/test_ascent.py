"""Climbing by a map, and when it may say that it is at the top."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from app.psychometrics.ascent import View, climb
from app.psychometrics.irt import Floats

TOP = np.array([1.0, -2.0, 3.0])
RATES = np.array([0.2, 0.9, 0.99])


def anywhere(point: Floats) -> Floats:
    return point


def slow(point: Floats) -> View:
    """A map that goes a tenth, or a hundredth, of the way to the top."""
    off = TOP - point
    return View(-float(off @ off), point + (1 - RATES) * off, off)


def test_it_ends_at_the_top() -> None:
    found = climb(slow, np.zeros(3), anywhere, 1_000)
    assert found.is_top
    assert found.point == pytest.approx(TOP, abs=1e-4)


def test_long_strides_take_a_fraction_of_the_steps() -> None:
    point, steps = np.zeros(3), 0
    while np.max(np.abs(point - TOP)) > 1e-4:
        point, steps = slow(point).following, steps + 1
    assert climb(slow, np.zeros(3), anywhere, 1_000).iterations < steps / 10


def test_the_objective_never_falls() -> None:
    objectives = climb(slow, np.full(3, 50.0), anywhere, 1_000).objectives
    assert all(low <= high for low, high in pairwise(objectives))


def test_stopped_early_it_is_not_at_the_top() -> None:
    found = climb(slow, np.zeros(3), anywhere, 2)
    assert (found.is_top, found.iterations) == (False, 2)


def test_a_map_that_stands_still_where_the_objective_rises_has_no_top() -> None:
    found = climb(lambda point: View(0.0, point, np.array([0.1])), np.zeros(1), anywhere, 20)
    assert not found.is_top


def test_a_map_that_goes_down_ends_the_climb() -> None:
    found = climb(lambda point: View(-float(point[0]), point + 1.0, np.ones(1)), np.zeros(1), anywhere, 20)
    assert (found.is_top, found.objectives, found.point.tolist()) == (False, (0.0,), [0.0])


def test_at_a_bound_what_leads_outside_does_not_count() -> None:
    def bounded(point: Floats) -> Floats:
        return np.asarray(np.minimum(point, 2.0))

    def view(point: Floats) -> View:
        seen = slow(point)
        return seen._replace(following=bounded(seen.following))

    found = climb(view, np.zeros(3), bounded, 1_000)
    assert found.is_top
    assert found.point == pytest.approx([1.0, -2.0, 2.0], abs=1e-4)


def test_progress_is_told_in_order() -> None:
    told: list[tuple[int, float]] = []
    climb(slow, np.zeros(3), anywhere, 50, lambda number, objective: told.append((number, objective)))
    assert told == sorted(told)
    assert told
