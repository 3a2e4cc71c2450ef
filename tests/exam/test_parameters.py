"""Item parameters and the reference."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from app.errors import Invalid
from app.exam.item import Status
from app.exam.parameters import (
    COLD_START,
    ItemParameters,
    calibrated,
    cold_started,
    reference_from_plain,
    reference_weights,
)
from tests.exam.banks import exam, item

ITEMS = [
    item(f"i{number}", domain, keys, rating=0.5 + 0.05 * number)
    for number, (domain, keys) in enumerate(
        [("D1", 1), ("D1", 2), ("D2", 1), ("D3", 1), ("D4", 2), ("D4", 1)]
    )
]


def test_the_reference_has_the_share_of_the_cut_at_theta_cut() -> None:
    reference = cold_started(ITEMS, exam()).reference
    assert reference.theta_cut == 0
    assert reference.cut_share == pytest.approx(53.5 / 74)
    assert reference.curve.at(0.0) == pytest.approx(53.5 / 74)


def test_weights_are_the_domains_shares() -> None:
    weights = reference_weights(["D1", "D1", "D2"], {"D1": 30, "D2": 30, "D3": 40})
    assert weights == pytest.approx([0.25, 0.25, 0.5])


def test_floors_are_the_chances_of_a_blind_guess() -> None:
    parameters = cold_started(ITEMS, exam())
    assert [known.c for known in parameters.items[:2]] == [1 / 4, 1 / 10]


def test_the_implied_mean_rating_is_reported_beside_the_policy() -> None:
    assert cold_started(ITEMS, exam()).implied_mean_rating == pytest.approx(
        0.26 * 0.525 + 0.29 * 0.6 + 0.25 * 0.65 + 0.2 * 0.725
    )


def test_the_order_of_loading_decides_nothing() -> None:
    assert cold_started(ITEMS[::-1], exam()) == cold_started(ITEMS, exam())


def test_what_cannot_be_on_a_form_is_not_in_the_reference() -> None:
    others = [
        item("draft", status=Status.DRAFT),
        item("nowhere", None),
        item("no-key", keys=0),
        item("other", "D9"),
    ]
    assert cold_started([*ITEMS, *others], exam()) == cold_started(ITEMS, exam())


def test_parameters_are_of_one_version() -> None:
    parameters = cold_started(ITEMS, exam())
    assert parameters.label == COLD_START
    assert parameters.of("i0", 1) == parameters.items[0]
    assert parameters.of("i0", 2) is None


def test_every_unusable_rating_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        cold_started([*ITEMS, item("low", rating=0.3), item("high", rating=0.97)], exam())
    assert [fault.at.item for fault in caught.value.faults] == ["high", "low"]


def test_an_empty_bank_is_refused() -> None:
    with pytest.raises(Invalid, match="no ready items"):
        cold_started([], exam())


def test_a_cut_that_guessing_reaches_is_refused() -> None:
    with pytest.raises(Invalid, match="blind guessing"):
        cold_started([item("i", "D1")], exam(cut=type(exam().cut)(10.5, "too low")))


def test_calibration_keeps_the_standard_and_moves_theta_cut() -> None:
    start = cold_started(ITEMS, exam())
    harder = [ItemParameters(known.id, known.version, 1.1, known.b + 0.5, known.c) for known in start.items]
    after = calibrated("calibration-1", harder, start.reference)
    assert after.reference.cut_share == start.reference.cut_share
    assert after.reference.theta_cut > 0.3
    assert after.reference.curve.at(after.reference.theta_cut) == pytest.approx(53.5 / 74)


def test_items_without_new_values_keep_their_old_ones_in_the_reference() -> None:
    start = cold_started(ITEMS, exam())
    after = calibrated("calibration-1", [ItemParameters("i0", 1, 1.5, 1.0, 0.25)], start.reference)
    assert after.reference.items[1:] == start.reference.items[1:]
    assert (after.reference.items[0].a, after.reference.items[0].weight) == (
        1.5,
        start.reference.items[0].weight,
    )


def test_a_reference_survives_storage() -> None:
    reference = cold_started(ITEMS, exam()).reference
    assert reference_from_plain(asdict(reference)) == reference
