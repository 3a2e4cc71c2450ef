"""Posteriors of ability on a grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.expectation import Curves, Group, abilities, expected, grid, node_count
from app.psychometrics.irt import probability
from app.psychometrics.responses import from_table
from tests.psychometrics.candidates import log_likelihood, study

FAR = st.floats(-30, 30)


@given(FAR, FAR, st.sampled_from([0.0, 0.1, 0.5]))
def test_logarithms_are_those_of_the_item_model(a: float, d: float, c: float) -> None:
    theta = np.array([-2.0, 0.3, 2.0])
    wrong, right, zero = np.exp(Curves(np.array([a]), np.array([d]), np.array([c])).logarithms(theta))
    chance = c + (1 - c) / (1 + np.exp(-(a * theta + d)))
    assert right == pytest.approx(chance, abs=1e-12)
    assert wrong == pytest.approx(1 - chance, abs=1e-12)
    assert zero.tolist() == [1, 1, 1]


def test_logarithms_are_finite_where_chances_are_none() -> None:
    flat = Curves(np.array([10.0]), np.array([40.0]), np.zeros(1))
    assert np.all(np.isfinite(flat.logarithms(np.array([-60.0, 60.0]))))


def test_the_grid_has_the_mean_and_spread_of_the_group() -> None:
    theta, log_share = grid(Group(0.7, 1.3), 61)
    share = np.exp(log_share)
    assert share.sum() == pytest.approx(1)
    assert share @ theta == pytest.approx(0.7)
    assert np.sqrt(share @ (theta - 0.7) ** 2) == pytest.approx(1.3, abs=1e-6)


def test_long_attempts_get_a_finer_grid() -> None:
    short, long = (node_count(from_table(np.ones((2, items), dtype=np.int64))) for items in (74, 600))
    assert (short, long) == (61, 121)


def test_the_log_likelihood_is_that_of_the_plain_sum() -> None:
    made = study(60, 12, 7, 1, floor=0.2)
    curves = Curves(made.a, -made.a * made.b, made.c)
    found = expected(made.responses.blocks(), curves, Group(0.3, 1.2), 61)
    plain = log_likelihood(made.responses, curves.a, curves.d, curves.c, 0.3, 1.2)
    assert found.log_likelihood == pytest.approx(plain, abs=1e-8)


def test_expected_counts_add_up_to_the_responses() -> None:
    made = study(60, 12, 7, 1)
    found = expected(made.responses.blocks(), Curves(made.a, -made.a * made.b, made.c), Group(), 61)
    wrong, right = made.responses.counts()
    assert found.wrong.sum(axis=1) == pytest.approx(wrong)
    assert found.right.sum(axis=1) == pytest.approx(right)
    assert found.people.sum() == pytest.approx(60)


def test_the_group_is_read_off_its_people() -> None:
    made = study(4_000, 40, 40, 2, mean=0.8, sd=1.4)
    mean, sd = 0.0, 1.0
    for _ in range(30):
        curves = Curves(made.a, -made.a * made.b, made.c)
        mean, sd = expected(made.responses.blocks(), curves, Group(mean, sd), 61).group()
    assert mean == pytest.approx(np.mean(made.theta), abs=0.03)
    assert sd == pytest.approx(np.std(made.theta), abs=0.03)


def test_a_person_without_responses_has_the_prior() -> None:
    mean, sd = abilities(from_table([[-1, -1]]), [1.0, 1.0], [0.0, 0.0], [0.0, 0.0], Group(0.5, 0.8))
    assert mean[0] == pytest.approx(0.5)
    assert sd[0] == pytest.approx(0.8, abs=1e-6)


def test_abilities_are_means_and_deviations_of_the_posterior() -> None:
    a, b, c = np.array([1.2, 0.7]), np.array([-0.5, 0.6]), np.array([0.25, 0.0])
    mean, sd = abilities(from_table([[1, 0]]), a, b, c)
    theta = np.linspace(-8, 8, 4_001)
    chance = probability(theta, a, b, c)
    density = np.exp(-0.5 * theta**2) * chance[:, 0] * (1 - chance[:, 1])
    density /= density.sum()
    assert mean[0] == pytest.approx(density @ theta, abs=1e-8)
    assert sd[0] == pytest.approx(np.sqrt(density @ (theta - mean[0]) ** 2), abs=1e-8)


def test_abilities_find_the_true_ones_as_near_as_they_say() -> None:
    made = study(2_000, 74, 74, 3)
    mean, sd = abilities(made.responses, made.a, made.b, made.c)
    assert np.std((made.theta - mean) / sd) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("b", [[np.nan, 0.0], [np.inf, 0.0], [0.0]])
def test_abilities_of_items_without_an_estimate_are_refused(b: list[float]) -> None:
    with pytest.raises(ValueError, match="leave items without an estimate out"):
        abilities(from_table([[1, 0]]), [1.0, 1.0], b, [0.0, 0.0])


def test_abilities_refuse_a_floor_that_is_none() -> None:
    with pytest.raises(ValueError, match="guessing floor"):
        abilities(from_table([[1]]), [1.0], [0.0], [1.0])
