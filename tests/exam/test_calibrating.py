"""Calibration of a bank: what moves, what stays, on which scale, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.errors import Invalid
from app.exam.answers import Answers
from app.exam.calibrating import Recalibrated, recalibrate
from app.exam.observation import Others
from app.exam.parameters import Parameters, calibrated
from app.exam.stock import cold_locations
from tests.exam.observed import Bank, sat, small

BANK = small()


def again(bank: Bank, answers: Answers, known: Parameters | None = None) -> Recalibrated:
    """A calibration while `known` is in use: the cold start, unless told otherwise."""
    used = known or bank.parameters
    stock = bank.stock(answers, used)
    rated = cold_locations(stock, bank.parameters, bank.items, bank.exam)
    return recalibrate(answers, stock, rated, used, Others())


def adopted(bank: Bank, made: Recalibrated, **changes: Any) -> Parameters:
    """The parameters after it was adopted; `changes` are those of every item."""
    new = tuple(replace(item, **changes) for item in made.items)
    kept = [item for item in bank.parameters.items if item.id not in {one.id for one in new}]
    return calibrated("calibration-2", (*new, *kept), bank.parameters.reference)


def locations(bank: Bank, made: Recalibrated) -> np.ndarray:
    """New locations in the order of the bank, those of items that nobody saw as they were."""
    new = {item.id: item.b for item in made.items}
    return np.array([new.get(item.id, item.b) for item in bank.parameters.items])


def off(bank: Bank, b: np.ndarray) -> float:
    """Root mean squared error of locations, whatever their origin."""
    gap = b - bank.b
    return float(np.std(gap))


def test_three_hundred_candidates_bring_locations_nearer_to_the_truth() -> None:
    bank = small(60, seed=3)
    cold = np.array([item.b for item in bank.parameters.items])
    warm = locations(bank, again(bank, sat(bank, 300, length=20)))
    assert off(bank, warm) < 0.6 * off(bank, cold)
    assert np.corrcoef(warm, bank.b)[0, 1] > np.corrcoef(cold, bank.b)[0, 1] + 0.15


def test_each_response_counts_once() -> None:
    answers = sat(BANK, 150)
    once = again(BANK, answers)
    twice = again(BANK, answers, adopted(BANK, once))
    assert locations(BANK, twice) == pytest.approx(locations(BANK, once), abs=1e-3)
    assert twice.details["link"]["items"] == len(BANK.items)


def test_items_that_nobody_saw_are_left_alone() -> None:
    made = again(BANK, sat(BANK, 1))
    assert len(made.items) == 12
    assert {item.answered for item in made.items} == {1}


def test_the_candidates_are_found_on_the_scale_in_use() -> None:
    made = again(BANK, sat(BANK, 400))
    cut = made.details["theta_cut"]
    assert cut["before"] == 0
    assert abs(cut["after"]) < 0.5
    true = (0.1 - np.mean(BANK.b)) / np.std(BANK.b)
    found = (made.details["group"]["mean"] - np.mean(locations(BANK, made))) / np.std(BANK.b)
    assert found == pytest.approx(true, abs=0.25)


def test_well_known_items_are_anchors() -> None:
    made = again(BANK, sat(BANK, 150))
    known = adopted(BANK, made, answered=600)
    later = again(BANK, sat(BANK, 150, seed=2), known)
    assert later.details["anchors"] >= 25
    stayed = [
        old.b for old, new in zip(known.items, later.items, strict=True) if (old.a, old.b) == (new.a, new.b)
    ]
    assert len(stayed) == later.details["anchors"]


def test_an_anchor_that_drifted_moves_and_is_named() -> None:
    made = again(BANK, sat(BANK, 300))
    known = adopted(BANK, made, answered=600)
    moved = replace(known, items=(replace(known.items[0], b=known.items[0].b + 4), *known.items[1:]))
    later = again(BANK, sat(BANK, 300), moved)
    assert [one["item"] for one in later.details["drifted"]] == [known.items[0].id]
    assert later.items[0].b < moved.items[0].b - 2


def test_a_pilot_that_does_well_may_be_scored() -> None:
    bank = small(14)
    answers = sat(bank, 400, scored=False)
    made = again(bank, answers)
    named = {one["item"] for one in made.details["promoted"]}
    assert named
    assert named <= {item.id for item in made.items if (item.se_b or 9) <= 0.25}
    assert again(bank, answers, adopted(bank, made)).details["promoted"] == []


def test_no_pilot_is_named_where_there_are_none() -> None:
    assert again(small(14), sat(small(14), 300)).details["promoted"] == []


def test_nothing_to_calibrate_from_is_said_in_words() -> None:
    for answers in (sat(BANK, 0), sat(BANK, 2, first=False)):
        with pytest.raises(Invalid, match="nothing to calibrate from"):
            again(BANK, answers)
