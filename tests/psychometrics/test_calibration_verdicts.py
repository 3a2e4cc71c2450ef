"""When a calibration may say that it converged, what it says of items without an estimate, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.psychometrics.calibration import Anchors, calibrate
from app.psychometrics.calibration_errors import Errors
from app.psychometrics.maximisation import Priors, priors_around
from app.psychometrics.responses import Responses, from_table
from tests.psychometrics.candidates import column, study
from tests.psychometrics.lsat import section

FIVE = np.zeros(5)


def test_stopped_after_two_iterations_it_has_not_converged() -> None:
    found = calibrate(section(6), FIVE, iterations=2)
    assert not found.converged
    assert found.iterations == 2
    assert "still moving after 2 iterations" in found.notes[0]


def test_items_that_sort_people_perfectly_have_no_slope() -> None:
    guttman = np.tril(np.ones((6, 5), dtype=np.int64), -1)
    found = calibrate(from_table(guttman, np.full(6, 50.0)), FIVE, iterations=200)
    assert not found.converged
    assert any("bound" in note for note in found.notes)
    assert all("bound" in " ".join(item.notes) for item in found.items[1:4])


def test_a_group_that_runs_to_a_bound_has_not_converged() -> None:
    anchors = Anchors(np.arange(3), np.ones(3), np.zeros(3))
    all_or_nothing = from_table([[1, 1, 1], [0, 0, 0]], [500.0, 500.0])
    found = calibrate(all_or_nothing, np.zeros(3), anchors=anchors)
    assert not found.converged
    assert "the group ran to a bound" in found.notes[0]


def test_the_scale_points_upwards() -> None:
    made = study(1_000, 12, 12, 6).responses
    keys = np.arange(12) < 8  # wrong: most slopes are negative, as long as the scale stays the right way up
    mirrored = Responses(made.person, made.item, made.right ^ keys[made.item], made.weight, 12)
    slopes = column(calibrate(mirrored, np.zeros(12), with_errors=False), "a")
    assert np.sum(slopes) > 0
    assert (slopes > 0).tolist() == keys.tolist()


def test_priors_determine_even_those() -> None:
    guttman = np.tril(np.ones((6, 5), dtype=np.int64), -1)
    found = calibrate(from_table(guttman, np.full(6, 50.0)), FIVE, priors=priors_around(FIVE))
    assert found.converged
    assert np.all(np.diff(column(found, "b")) > 0)


EXTREME = np.column_stack(
    [np.random.default_rng(2).integers(0, 2, (60, 4)), np.ones(60), np.zeros(60), -np.ones(60)]
)


def test_items_without_an_estimate_are_left_out_and_say_why() -> None:
    found = calibrate(from_table(EXTREME), np.zeros(7), iterations=50)
    assert [item.notes[0].split(":")[0] for item in found.items[4:]] == [
        "everybody who saw it got it right",
        "everybody who saw it got it wrong",
        "nobody saw it",
    ]
    assert {(item.a, item.b, item.se_a, item.se_b) for item in found.items[4:]} == {(None,) * 4}
    without = calibrate(from_table(EXTREME[:, :4]), np.zeros(4), iterations=50)
    assert found.items[:4] == without.items


def test_priors_give_every_item_an_estimate() -> None:
    found = calibrate(from_table(EXTREME), np.zeros(7), priors=priors_around(np.full(7, 0.3)))
    assert found.converged
    assert found.items[4].b is not None
    assert found.items[4].b < -0.5
    unseen = found.items[6]
    assert unseen.a == pytest.approx(np.exp(-0.1))
    assert unseen.b == pytest.approx(0.3)
    assert unseen.se_b == pytest.approx(0.72, abs=0.001)


def test_a_wrong_key_shows_as_a_negative_slope() -> None:
    made = study(1_000, 10, 10, 9).responses
    wrong_key = Responses(made.person, made.item, made.right ^ (made.item == 4), made.weight, 10)
    found = calibrate(wrong_key, np.zeros(10))
    assert found.items[4].a is not None
    assert found.items[4].a < 0
    assert "check its key" in found.items[4].notes[0]
    assert [item.notes for item in found.items[:4]] == [()] * 4


def test_items_with_nothing_in_common_have_no_location() -> None:
    table = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    found = calibrate(from_table(table, [20.0, 30.0, 30.0, 20.0]), np.zeros(2), common_slope=True)
    assert [item.b for item in found.items] == [None, None]
    assert "no location" in found.items[0].notes[0]


def test_errors_can_be_left_out() -> None:
    found = calibrate(section(6), FIVE, with_errors=False)
    assert (found.converged, found.errors) == (True, Errors.NONE)
    assert {(item.se_a, item.se_b) for item in found.items} == {(None, None)}


def test_progress_is_told() -> None:
    told: list[tuple[int, float]] = []
    found = calibrate(section(6), FIVE, progress=lambda number, objective: told.append((number, objective)))
    assert told[-1] == (found.iterations, found.objectives[-1])


# --- Refusals


PRIORS = priors_around(np.zeros(3))
TWO = from_table([[1, 0, -1], [0, 1, -1]])


@pytest.mark.parametrize(
    ("given_responses", "options", "what"),
    [
        (from_table(np.full((2, 3), -1)), {}, "no responses"),
        (from_table(np.zeros((0, 3))), {}, "no responses"),
        (from_table([[1, 0, 1]], [0]), {}, "no responses"),
        (TWO, {}, "needs 3 items"),
        (from_table([[1, 1, 1], [1, 1, 1]]), {}, "needs 3 items"),
        (from_table([[1, 1, 1], [1, 1, 0]]), {"common_slope": True}, "needs 2 items"),
        (TWO, {"priors": priors_around(np.zeros(2))}, "needs priors"),
        (
            TWO,
            {"priors": Priors(PRIORS.b_mean, 0 * PRIORS.b_sd, PRIORS.log_a_mean, PRIORS.log_a_sd)},
            "above 0",
        ),
        (TWO, {"anchors": Anchors(np.array([3]), np.ones(1), np.ones(1))}, "different items"),
        (TWO, {"anchors": Anchors(np.array([0, 0]), np.ones(2), np.ones(2))}, "different items"),
        (TWO, {"anchors": Anchors(np.array([0]), np.ones(1), np.ones(2))}, "different items"),
        (TWO, {"anchors": Anchors(np.array([0]), np.zeros(1), np.ones(1))}, "an anchor has"),
        (TWO, {"anchors": Anchors(np.array([0]), np.ones(1), np.array([np.nan]))}, "an anchor has"),
        (TWO, {"anchors": Anchors(np.array([2]), np.ones(1), np.ones(1))}, "nobody answered an anchored"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_with_the_reason(
    given_responses: Responses, options: dict[str, Any], what: str
) -> None:
    with pytest.raises(ValueError, match=what):
        calibrate(given_responses, np.zeros(3), **options)


@pytest.mark.parametrize("c", [[0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, -0.1], [0.0, 0.0, np.nan]])
def test_a_floor_that_is_none_is_refused(c: list[float]) -> None:
    with pytest.raises(ValueError, match="guessing floor"):
        calibrate(TWO, c)
