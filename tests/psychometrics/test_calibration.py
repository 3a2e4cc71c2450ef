"""Calibration: published values, simulated banks found again, anchors, and what never happens to the objective."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.psychometrics.calibration import Anchors, Calibration, calibrate
from app.psychometrics.calibration_errors import Errors
from app.psychometrics.expectation import Group
from app.psychometrics.irt import Floats
from app.psychometrics.maximisation import priors_around
from app.psychometrics.responses import Responses, from_table, responses
from tests.psychometrics.candidates import Study, column, log_likelihood, study
from tests.psychometrics.lsat import section

FIVE = np.zeros(5)


def error(estimates: Floats, truth: Floats) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean((estimates - truth) ** 2)))


# --- Published values


def test_section_6_by_the_2pl_has_the_published_column() -> None:
    found = calibrate(section(6), FIVE)
    assert found.converged
    assert found.log_likelihood == pytest.approx(-2466.653, abs=0.001)
    assert column(found, "b") == pytest.approx([-3.3597, -1.3696, -0.2799, -1.8659, -3.1236], abs=0.005)
    assert column(found, "a") == pytest.approx([0.8254, 0.7229, 0.8905, 0.6886, 0.6575], abs=0.005)
    assert found.errors is Errors.JOINT
    assert column(found, "se_b") == pytest.approx([0.867, 0.307, 0.100, 0.434, 0.870], rel=0.05)


def test_section_6_by_the_1pl_has_the_published_column() -> None:
    found = calibrate(section(6), FIVE, common_slope=True)
    a, b = column(found, "a"), column(found, "b")
    assert found.converged
    assert -a * b == pytest.approx([2.73, 0.999, 0.240, 1.306, 2.099], abs=0.005)
    assert a**2 == pytest.approx(np.full(5, 0.570), abs=0.005)


def test_section_7_by_the_2pl_has_the_published_column() -> None:
    found = calibrate(section(7), FIVE)
    a, b = column(found, "a"), column(found, "b")
    assert found.converged
    assert found.log_likelihood == pytest.approx(-2658.805, abs=0.001)
    assert a == pytest.approx([0.988, 1.081, 1.706, 0.765, 0.736], abs=0.01)
    assert -a * b == pytest.approx([1.856, 0.808, 1.804, 0.486, 1.855], abs=0.01)


def test_section_7_by_the_1pl_has_the_published_column() -> None:
    found = calibrate(section(7), FIVE, common_slope=True)
    a, b = column(found, "a"), column(found, "b")
    assert a == pytest.approx(np.full(5, 1.011), abs=0.005)
    assert -a * b == pytest.approx([1.868, 0.791, 1.461, 0.521, 1.993], abs=0.005)


# --- Simulated banks


@pytest.fixture(scope="module")
def bank() -> Study:
    """2,000 candidates with 74 items each of a bank of 300."""
    return study(2_000, 300, 74, 11)


@pytest.fixture(scope="module")
def with_priors(bank: Study) -> Calibration:
    return calibrate(bank.responses, bank.c, priors=priors_around(bank.rated), with_errors=False)


@pytest.fixture(scope="module")
def by_likelihood(bank: Study) -> Calibration:
    return calibrate(bank.responses, bank.c)


def test_a_bank_of_300_is_found_again_from_2000_candidates(bank: Study, with_priors: Calibration) -> None:
    assert with_priors.converged
    assert error(column(with_priors, "b"), bank.b) <= 0.17
    assert error(column(with_priors, "a"), bank.a) <= 0.17


def test_priors_around_noisy_ratings_beat_maximum_likelihood(
    bank: Study, with_priors: Calibration, by_likelihood: Calibration
) -> None:
    assert by_likelihood.converged
    for name, truth in (("a", bank.a), ("b", bank.b)):
        assert error(column(with_priors, name), truth) < error(column(by_likelihood, name), truth)
    assert error(column(by_likelihood, "a"), bank.a) < 0.2


@pytest.mark.parametrize("name", ["a", "b"])
def test_standard_errors_are_as_large_as_the_errors(
    bank: Study, by_likelihood: Calibration, name: str
) -> None:
    off = (column(by_likelihood, name) - getattr(bank, name)) / column(by_likelihood, f"se_{name}")
    assert np.std(off) == pytest.approx(1, abs=0.1)


def test_a_known_guessing_floor_stays_and_is_allowed_for() -> None:
    made = study(2_000, 40, 40, 4, floor=0.25)
    found = calibrate(made.responses, made.c, priors=priors_around(made.rated))
    blind = calibrate(made.responses, np.zeros(40), priors=priors_around(made.rated))
    assert column(found, "c").tolist() == made.c.tolist()
    assert error(column(found, "b"), made.b) < 0.2 < error(column(blind, "b"), made.b)


def test_a_common_slope_is_found_with_its_locations() -> None:
    made = study(1_000, 60, 40, 5, slope=1.3)
    found = calibrate(made.responses, made.c, common_slope=True)
    assert column(found, "a") == pytest.approx(np.full(60, 1.3), abs=0.06)
    assert len(set(column(found, "a"))) == 1
    assert error(column(found, "b"), made.b) < 0.12


# --- Anchors


@pytest.fixture(scope="module")
def able() -> Study:
    """An able group on a bank of 80."""
    return study(1_500, 80, 50, 7, mean=0.8, sd=1.3)


KNOWN = np.arange(0, 80, 2)


@pytest.fixture(scope="module")
def anchored(able: Study) -> Calibration:
    """Every other item anchored."""
    return calibrate(able.responses, able.c, anchors=Anchors(KNOWN, able.a[KNOWN], able.b[KNOWN]))


def test_anchors_place_an_able_group_and_the_other_items(able: Study, anchored: Calibration) -> None:
    assert anchored.converged
    assert anchored.group.mean == pytest.approx(np.mean(able.theta), abs=0.06)
    assert anchored.group.sd == pytest.approx(np.std(able.theta), abs=0.06)
    others = column(anchored, "b")[1::2] - able.b[1::2]
    assert np.mean(others) == pytest.approx(0, abs=0.04)
    assert np.std(others) < 0.25


def test_anchored_items_stay_as_they_are(able: Study, anchored: Calibration) -> None:
    assert column(anchored, "a")[KNOWN] == pytest.approx(able.a[KNOWN])
    assert column(anchored, "b")[KNOWN] == pytest.approx(able.b[KNOWN])
    held = [anchored.items[item] for item in KNOWN.tolist()]
    assert {(item.se_a, item.se_b, item.notes) for item in held} == {(None, None, ())}


def test_without_anchors_the_scale_is_the_groups_own(able: Study) -> None:
    found = calibrate(able.responses, able.c)
    assert found.group == Group(0.0, 1.0)
    expected = (able.b - np.mean(able.theta)) / np.std(able.theta)
    assert np.mean(column(found, "b") - expected) == pytest.approx(0, abs=0.05)


def test_with_all_items_anchored_only_the_group_is_estimated(able: Study) -> None:
    found = calibrate(able.responses, able.c, anchors=Anchors(np.arange(80), able.a, able.b))
    assert (found.converged, found.errors) == (True, Errors.NONE)
    assert found.group.mean == pytest.approx(np.mean(able.theta), abs=0.06)


def test_anchors_serve_a_common_slope_and_priors_too(able: Study) -> None:
    found = calibrate(
        able.responses,
        able.c,
        common_slope=True,
        priors=priors_around(np.zeros(80), 2.0),
        anchors=Anchors(KNOWN, able.a[KNOWN], able.b[KNOWN]),
    )
    assert found.converged
    assert len(set(column(found, "a")[1::2])) == 1
    assert found.group.mean == pytest.approx(np.mean(able.theta), abs=0.1)


# --- The objective


def small(priors: bool = True) -> tuple[Study, Calibration]:
    """A small bank with floors, and its calibration."""
    made = study(150, 6, 5, 21, floor=0.2)
    return made, calibrate(made.responses, made.c, priors=priors_around(made.rated) if priors else None)


def test_the_log_likelihood_is_that_of_the_plain_sum() -> None:
    made, found = small()
    a, b = column(found, "a"), column(found, "b")
    assert found.log_likelihood == pytest.approx(log_likelihood(made.responses, a, -a * b, made.c), abs=1e-6)


def test_no_neighbour_of_an_estimate_is_better() -> None:
    made, found = small()
    prior = priors_around(made.rated)

    def objective(a: Floats, b: Floats) -> float:
        of_a, of_b = prior.residuals(a, -a * b)
        return log_likelihood(made.responses, a, -a * b, made.c) - 0.5 * float(np.sum(of_a**2 + of_b**2))

    a, b = column(found, "a"), column(found, "b")
    top = objective(a, b)
    for item in range(6):
        for step in (-0.02, 0.02):
            nudge = step * (np.arange(6) == item)
            assert objective(a + nudge, b) < top
            assert objective(a, b + nudge) < top


def test_the_objective_never_falls() -> None:
    objectives = calibrate(section(6), FIVE).objectives
    assert len(objectives) > 5
    assert all(low <= high + 1e-9 for low, high in pairwise(objectives))


def test_doubling_every_weight_is_doubling_every_person() -> None:
    made = study(150, 6, 5, 21).responses
    twice = Responses(made.person, made.item, made.right, 2 * made.weight, 6)
    copies = responses(
        np.concatenate([made.person, made.person + 150]),
        np.tile(made.item, 2),
        np.tile(made.right, 2),
        6,
        np.ones(300),
    )
    first, second = (
        calibrate(given, np.zeros(6), priors=priors_around(np.zeros(6))) for given in (twice, copies)
    )
    assert first.log_likelihood == pytest.approx(second.log_likelihood, abs=1e-8)
    for name in ("a", "b", "se_a", "se_b"):
        assert column(first, name) == pytest.approx(column(second, name), abs=1e-6)
    assert (first.persons, second.persons) == (300, 300)


@hypothesis_settings(max_examples=10)
@given(st.permutations(range(40)), st.permutations(range(6)))
def test_the_order_of_persons_and_items_changes_nothing(persons: list[int], items: list[int]) -> None:
    rng = np.random.default_rng(8)
    table = np.where(rng.random((40, 6)) < 0.8, rng.random((40, 6)) < 0.6, -1)
    priors = priors_around(np.zeros(6))
    plain = calibrate(from_table(table), np.zeros(6), priors=priors)
    mixed = calibrate(from_table(table[persons][:, items]), np.zeros(6), priors=priors)
    for name in ("a", "b", "se_a", "se_b"):
        assert column(mixed, name) == pytest.approx(column(plain, name)[items], abs=1e-5)


CELLS = st.integers(-1, 1)
TABLES = st.integers(1, 5).flatmap(
    lambda items: st.lists(st.lists(CELLS, min_size=items, max_size=items), min_size=1, max_size=7)
)


@hypothesis_settings(max_examples=80)
@given(TABLES, st.booleans(), st.booleans(), st.booleans(), st.sampled_from([0.0, 0.25]))
def test_whatever_the_responses_nothing_is_ever_nan_and_the_objective_never_falls(
    table: list[list[int]], common: bool, prior: bool, anchored: bool, c: float
) -> None:
    items = len(table[0])
    options: dict[str, Any] = {
        "common_slope": common,
        "priors": priors_around(np.zeros(items)) if prior else None,
        "anchors": Anchors(np.array([0]), np.array([1.2]), np.array([-0.5])) if anchored else None,
    }
    try:
        found = calibrate(from_table(table), np.full(items, c), iterations=25, **options)
    except ValueError as refusal:
        assert str(refusal)  # noqa: PT017 -- both ways are right
        return
    numbers = [getattr(item, name) for item in found.items for name in ("a", "b", "se_a", "se_b")]
    assert np.all(np.isfinite([number for number in numbers if number is not None]))
    assert np.isfinite([found.log_likelihood, *found.group]).all()
    assert all(low <= high + 1e-7 for low, high in pairwise(found.objectives))
    assert all(item.notes for item in found.items if item.a is None or item.b is None)
