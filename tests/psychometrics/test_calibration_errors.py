"""Standard errors: those of the plain likelihood's own curvature, all together and item by item."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from app.psychometrics import calibration_errors
from app.psychometrics.calibration import Anchors, calibrate
from app.psychometrics.calibration_errors import Errors
from app.psychometrics.irt import Floats
from app.psychometrics.maximisation import Priors, priors_around
from app.psychometrics.responses import from_table
from tests.psychometrics.candidates import column, log_likelihood, study
from tests.psychometrics.lsat import section

GIVEN = section(7)
ANCHOR = Anchors(np.array([0]), np.array([1.1]), np.array([-1.5]))


def errors_by_differences(objective: Callable[[Floats], float], top: Floats) -> Floats:
    """Roots of the diagonal of the inverse of minus the second derivatives, these by differences."""
    size, h = len(top), 2e-3
    steps = h * np.eye(size)
    matrix = np.empty((size, size))
    for i in range(size):
        for j in range(i + 1):
            corners = [(s, t, objective(top + s * steps[i] + t * steps[j])) for s in (1, -1) for t in (1, -1)]
            matrix[i, j] = matrix[j, i] = -sum(s * t * value for s, t, value in corners) / (4 * h * h)
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(matrix))))


def plain(
    a: Floats, b: Floats, c: Floats, priors: Priors | None = None, mean: float = 0.0, sd: float = 1.0
) -> float:
    value = log_likelihood(GIVEN, a, -a * b, c, mean, sd)
    if priors is not None:
        of_a, of_b = priors.residuals(a, -a * b)
        value -= 0.5 * float(np.sum(of_a**2 + of_b**2))
    return value


@pytest.mark.parametrize("with_priors", [False, True])
@pytest.mark.parametrize("floor", [0.0, 0.15])
def test_of_the_2pl_they_are_those_of_the_plain_likelihood(with_priors: bool, floor: float) -> None:
    c = np.full(5, floor)
    priors = priors_around([-1.5, -0.5, -1.0, 0.0, -2.0]) if with_priors else None
    found = calibrate(GIVEN, c, priors=priors)
    assert (found.converged, found.errors) == (True, Errors.JOINT)
    top = np.concatenate([column(found, "a"), column(found, "b")])
    expected = errors_by_differences(lambda x: plain(x[:5], x[5:], c, priors), top)
    assert np.concatenate([column(found, "se_a"), column(found, "se_b")]) == pytest.approx(expected, rel=0.01)


def test_of_the_1pl_they_are_those_of_the_plain_likelihood() -> None:
    found = calibrate(GIVEN, np.zeros(5), common_slope=True)
    top = np.concatenate([column(found, "a")[:1], column(found, "b")])
    expected = errors_by_differences(lambda x: plain(np.full(5, x[0]), x[1:], np.zeros(5)), top)
    assert column(found, "se_a") == pytest.approx(np.full(5, expected[0]), rel=0.005)
    assert column(found, "se_b") == pytest.approx(expected[1:], rel=0.005)


def test_beside_an_anchor_they_allow_for_the_group_being_estimated() -> None:
    found = calibrate(GIVEN, np.zeros(5), common_slope=True, anchors=ANCHOR)
    assert found.converged

    def objective(x: Floats) -> float:
        a, b = np.append(1.1, np.full(4, x[0])), np.append(-1.5, x[1:5])
        return plain(a, b, np.zeros(5), None, x[5], x[6])

    top = np.concatenate([column(found, "a")[1:2], column(found, "b")[1:], found.group])
    expected = errors_by_differences(objective, top)
    assert [item.se_a for item in found.items[1:]] == pytest.approx(np.full(4, expected[0]), rel=0.01)
    assert [item.se_b for item in found.items[1:]] == pytest.approx(expected[1:5], rel=0.01)


@pytest.mark.parametrize("common", [False, True])
def test_item_by_item_they_are_nearly_the_same_on_a_sparse_bank(
    monkeypatch: pytest.MonkeyPatch, common: bool
) -> None:
    made = study(400, 60, 30, 3, floor=0.2)
    priors = priors_around(made.rated)
    joint = calibrate(made.responses, made.c, common_slope=common, priors=priors)
    monkeypatch.setattr(calibration_errors, "MOST_WORK", 0)
    single = calibrate(made.responses, made.c, common_slope=common, priors=priors)
    assert (joint.errors, single.errors) == (Errors.JOINT, Errors.BY_ITEM)
    for name in ("se_a", "se_b"):
        ratio = column(single, name) / column(joint, name)
        assert np.mean(ratio) == pytest.approx(1, abs=0.03)
        assert np.min(ratio) > 0.9


@pytest.mark.parametrize("most_work", [0, np.inf])
def test_what_the_responses_do_not_determine_has_no_errors_and_has_not_converged(
    monkeypatch: pytest.MonkeyPatch, most_work: float
) -> None:
    monkeypatch.setattr(calibration_errors, "MOST_WORK", most_work)
    # Those who saw the anchors saw nothing else, so that one item alone has to tell its slope.
    alone = np.full((6, 4), -1)
    alone[:4, :3] = [[1, 0, 1], [0, 0, 1], [1, 1, 0], [0, 1, 0]]
    alone[4:, 3] = [0, 1]
    anchors = Anchors(np.arange(3), np.ones(3), np.zeros(3))
    found = calibrate(from_table(alone, np.full(6, 50.0)), np.zeros(4), anchors=anchors, iterations=300)
    assert not found.converged
    assert found.items[3].se_b is None
    assert "do not determine it" in found.items[3].notes[0]
