"""Two calibrations on one scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.psychometrics.linking import Link, mean_sigma, stocking_lord
from app.psychometrics.scale import Curve, curve

# Kolen & Brennan (2004), table 6.5: the twelve items that forms X and Y have in common, D = 1.7.
FORM_X = """
.4551 -.7101 .2087   .5839 -.8567 .2038   .7544  .0212 .1600   .6633  .0506 .1240
1.0690  .9610 .2986   .9672  .1950 .0535   .3479 2.2768 .1489  1.4579 1.0241 .2453
1.8811 1.4062 .1992   .7020 2.2401 .0853  1.4080 1.5556 .0789  1.2993 2.1589 .1075
"""
FORM_Y = """
.4416 -1.3349 .1559   .5730 -1.3210 .1913   .5987 -.7098 .1177   .6041 -.3539 .0818
.9902   .5320 .3024   .8081  -.1156 .0648   .4140 2.5538 .2410  1.3554  .5811 .2243
1.0417  .9392 .1651   .6336  1.8960 .0794  1.1347 1.0790 .0630   .9255 2.1337 .1259
"""
ITEM_27 = 8


def table(text: str) -> Curve:
    a, b, c = np.array([float(word) for word in text.split()]).reshape(-1, 3).T
    return curve(1.7 * a, b, c)


def without(items: Curve, place: int) -> Curve:
    return curve(*(np.delete(values, place) for values in (items.a, items.b, items.c)))


NEW, OLD = table(FORM_X), table(FORM_Y)


def test_mean_and_sigma_of_the_printed_example() -> None:
    assert mean_sigma(NEW.b, OLD.b).scale == pytest.approx(1.16889, abs=5e-6)


def test_mean_and_sigma_without_the_item_that_drifted() -> None:
    link = mean_sigma(np.delete(NEW.b, ITEM_27), np.delete(OLD.b, ITEM_27))
    assert link == pytest.approx((1.17607, -0.50419), abs=5e-6)


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (NEW, OLD, (1.10195, -0.47702)),
        (without(NEW, ITEM_27), without(OLD, ITEM_27), (1.09766, -0.46440)),
    ],
)
def test_stocking_and_lord_as_another_program_finds_them(
    new: Curve, old: Curve, expected: tuple[float, float]
) -> None:
    # EqUMP 0.3.6, one-sided, 161 nodes from -4 to 4
    assert stocking_lord(new, old) == pytest.approx(expected, abs=1e-5)


@given(st.floats(0.4, 2.5), st.floats(-2, 2))
def test_items_moved_by_a_link_are_linked_back(scale: float, shift: float) -> None:
    moved = Link(scale, shift).apply(OLD)
    assert mean_sigma(OLD.b, moved.b) == pytest.approx((scale, shift), abs=1e-9)
    assert stocking_lord(OLD, moved) == pytest.approx((scale, shift), abs=1e-5)


def test_one_wild_location_moves_stocking_and_lord_less() -> None:
    wild = OLD.b.copy()
    wild[0] -= 6.0
    off = curve(OLD.a, wild, OLD.c)
    assert abs(stocking_lord(OLD, off).shift) < abs(mean_sigma(OLD.b, wild).shift)


def test_a_link_keeps_the_curves() -> None:
    link = Link(1.3, -0.4)
    assert link.apply(NEW).at(link.scale * 0.7 + link.shift) == pytest.approx(NEW.at(0.7))


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_items_link_as_far_as_they_can(count: int) -> None:
    new, old = (curve(items.a[:count], items.b[:count], items.c[:count]) for items in (NEW, OLD))
    assert mean_sigma(new.b, old.b).scale == 1
    assert np.all(np.isfinite(stocking_lord(new, old)))


@given(st.lists(st.tuples(*[st.tuples(st.floats(0.05, 5), st.floats(-20, 20))] * 2), min_size=1, max_size=5))
def test_every_link_is_finite_and_rises(items: list[tuple[tuple[float, float], tuple[float, float]]]) -> None:
    first, second = (np.array([pair[side] for pair in items]).T for side in (0, 1))
    new, old = (curve(a, b, np.zeros(len(items))) for a, b in (first, second))
    for link in (mean_sigma(new.b, old.b), stocking_lord(new, old)):
        assert np.all(np.isfinite(link))
        assert link.scale > 0
