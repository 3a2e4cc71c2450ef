"""The marginal objective as a function of one point."""

from __future__ import annotations

import numpy as np
import pytest

from app.psychometrics.expectation import Curves, Group
from app.psychometrics.marginal import Marginal
from app.psychometrics.maximisation import priors_around
from tests.psychometrics.candidates import study

MADE = study(80, 4, 3, 5, floor=0.2)


def marginal(*, common: bool = False, anchored: bool = False, priors: bool = False) -> Marginal:
    """Four items, the first of them anchored or not."""
    free = np.array([not anchored, True, True, True])
    return Marginal(
        blocks=tuple(MADE.responses.blocks()),
        start=Curves(np.ones(4), np.zeros(4), MADE.c),
        free=free,
        priors=priors_around(np.zeros(int(free.sum()))) if priors else None,
        common=common,
        is_anchored=anchored,
        nodes=61,
    )


@pytest.mark.parametrize("common", [False, True])
@pytest.mark.parametrize("anchored", [False, True])
def test_a_point_holds_slopes_intercepts_and_a_free_group(common: bool, anchored: bool) -> None:
    made = marginal(common=common, anchored=anchored)
    free = 4 - anchored
    point = made.first()
    assert len(point) == (1 if common else free) + free + 2 * anchored
    assert made.curves(point).a.tolist() == [1.0] * 4
    assert made.group(point) == Group(0.0, 1.0)


def test_fixed_items_do_not_move() -> None:
    made = marginal(anchored=True)
    curves = made.curves(made.first() + 0.5)
    assert curves.a.tolist() == [1.0, 1.5, 1.5, 1.5]
    assert curves.d.tolist() == [0.0, 0.5, 0.5, 0.5]


@pytest.mark.parametrize("common", [False, True])
@pytest.mark.parametrize("anchored", [False, True])
@pytest.mark.parametrize("priors", [False, True])
def test_the_gradient_points_where_the_objective_rises(common: bool, anchored: bool, priors: bool) -> None:
    made = marginal(common=common, anchored=anchored, priors=priors)
    point = made.first() + np.linspace(0.05, 0.3, len(made.first()))
    seen = made.view(point)
    for place in range(len(point)):
        nudge = 1e-4 * (np.arange(len(point)) == place)
        rise = (made.view(point + nudge).objective - made.view(point - nudge).objective) / 2e-4
        assert np.sign(seen.gradient[place]) == np.sign(rise) or abs(rise) < 1e-3


def test_the_gradient_by_slopes_and_intercepts_is_that_of_the_objective() -> None:
    made = marginal(priors=True)
    point = made.first() + np.linspace(0.05, 0.3, 8)
    by_slope, by_intercept = made.gradient(point)
    rises = [
        (made.view(point + nudge).objective - made.view(point - nudge).objective) / 2e-4
        for nudge in 1e-4 * np.eye(8)
    ]
    assert np.concatenate([by_slope, by_intercept]) == pytest.approx(rises, abs=1e-4)


def test_a_step_never_goes_down() -> None:
    made = marginal(anchored=True)
    point = made.first()
    for _ in range(20):
        seen = made.view(point)
        assert made.view(seen.following).objective >= seen.objective - 1e-9
        point = seen.following


def test_a_point_that_a_prior_forbids_is_seen_as_worse_than_any() -> None:
    made = marginal(priors=True)
    assert made.view(-made.first()).objective == -np.inf


def test_what_is_out_of_bounds_is_brought_back() -> None:
    made = marginal(anchored=True)
    far = made.bounded(np.array([99.0, -99.0, 0.5, 99.0, -99.0, 0.5, 99.0, -99.0]))
    assert far.tolist() == [10, -10, 0.5, 40, -40, 0.5, 10, pytest.approx(np.log(0.05))]


@pytest.mark.parametrize(
    ("mean", "sd", "at_bound"), [(0, 1, False), (0, 5, True), (0, 0.05, True), (-10, 1, True)]
)
def test_a_group_at_a_bound_is_noticed(mean: float, sd: float, at_bound: bool) -> None:
    made = marginal(anchored=True)
    point = np.concatenate([made.first()[:-2], [mean, np.log(sd)]])
    assert made.is_group_at_bound(point) is at_bound


@pytest.mark.parametrize("common", [False, True])
def test_the_mirror_image_has_the_same_likelihood_and_the_right_way_up(common: bool) -> None:
    made = marginal(common=common)
    up = made.first() + 0.1
    down = np.concatenate([-up[:-4], up[-4:]])
    assert made.view(down).objective == pytest.approx(made.view(up).objective)
    assert made.upright(down).tolist() == up.tolist()
    assert made.upright(up).tolist() == up.tolist()


def test_anchors_say_which_way_is_up() -> None:
    made = marginal(anchored=True)
    down = -made.first()
    assert made.upright(down) is down
