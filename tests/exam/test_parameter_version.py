"""The chain of events behind the scores of an exam."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.errors import Invalid
from app.exam.pack import Cut
from app.exam.parameter_version import (
    Event,
    first,
    version_from_plain,
    with_calibration,
    with_pack_cut,
    with_reference,
    with_standard,
)
from app.exam.parameters import completed
from tests.exam.banks import exam, item

ITEMS = [
    item(f"i{number}", domain, keys, rating=0.55 + 0.04 * number)
    for number, (domain, keys) in enumerate(
        [("D1", 1), ("D1", 2), ("D2", 1), ("D3", 1), ("D4", 2), ("D4", 1)]
    )
]
START = first(ITEMS, exam())


def test_the_first_version_has_the_cut_of_the_pack() -> None:
    assert (START.label, START.cut, START.set_here) == ("cold-start-1", exam().cut, False)


def test_a_version_survives_its_json() -> None:
    again = version_from_plain(START.exam, 1, Event.COLD_START, json.loads(json.dumps(START.plain())), {})
    assert again == START


def test_a_pack_with_the_same_cut_is_no_event() -> None:
    assert with_pack_cut(START, exam()) is None


def test_a_pack_with_another_cut_moves_the_ability_of_the_cut() -> None:
    after = with_pack_cut(START, exam(cut=Cut(60.5, "a stricter policy")))
    assert after is not None
    assert after.label == "pack-cut-2"
    assert after.parameters.reference.cut_share == pytest.approx(60.5 / 74)
    assert after.parameters.reference.theta_cut > START.parameters.reference.theta_cut


def test_the_same_cut_of_fewer_items_is_another_cut() -> None:
    after = with_pack_cut(START, exam(items=70))
    assert after is not None
    assert after.parameters.reference.cut_share == pytest.approx(53.5 / 70)
    assert with_pack_cut(after, exam(items=70)) is None


def test_a_standard_moves_to_the_nearest_half_point_and_keeps_the_mean() -> None:
    after = with_standard(START, exam(), 0.741, "Five raters", {"raters": 5})
    assert (after.cut, after.cut_mean, after.details) == (Cut(54.5, "Five raters"), 0.741, {"raters": 5})
    assert after.parameters.reference.cut_share == pytest.approx(54.5 / 74)


def test_a_pack_does_not_undo_a_standard_that_was_set_here() -> None:
    after = with_standard(START, exam(), 0.741, "Five raters", {})
    assert with_pack_cut(after, exam(cut=Cut(60.5, "a stricter policy"))) is None


@pytest.mark.parametrize("mean", [0.05, 1.0])
def test_a_standard_out_of_reach_is_refused(mean: float) -> None:
    with pytest.raises(Invalid, match="out of reach"):
        with_standard(START, exam(), mean, "Nobody", {})


def test_a_calibration_changes_items_and_keeps_the_share_of_the_cut() -> None:
    harder = replace(START.parameters.items[0], b=START.parameters.items[0].b + 1, se_b=0.1, answered=300)
    after = with_calibration(START, [harder], {})
    assert after.parameters.of("i0", 1) == harder
    assert after.parameters.of("i1", 1) == START.parameters.of("i1", 1)
    assert after.parameters.reference.cut_share == START.parameters.reference.cut_share
    assert after.parameters.reference.theta_cut > START.parameters.reference.theta_cut


def test_a_newcomer_is_put_on_the_scale_in_use() -> None:
    moved = [replace(known, b=known.b + 2) for known in START.parameters.items]
    used = with_calibration(START, moved, {}).parameters
    alone = completed(START.parameters, [*ITEMS, item("new", "D2")], exam()).of("new", 1)
    among = completed(used, [*ITEMS, item("new", "D2")], exam()).of("new", 1)
    assert alone is not None
    assert among is not None
    assert among.b == pytest.approx(alone.b + 2)


def test_a_newcomer_leaves_the_reference_alone() -> None:
    after = completed(START.parameters, [*ITEMS, item("new", "D2")], exam())
    assert after.reference == START.parameters.reference


def test_a_new_reference_asks_for_the_same_ability() -> None:
    bank = [*ITEMS, item("easy", "D2", rating=0.9), item("hard", "D3", rating=0.35)]
    after = with_reference(START, bank, exam())
    assert {one.id for one in after.parameters.reference.items} == {one.id for one in bank}
    # within the half point that the cut is moved by
    reference = after.parameters.reference
    assert abs(reference.curve.at(0.0) - reference.cut_share) <= 0.5 / 74


def test_numbers_follow_the_version_it_is_based_on() -> None:
    after = with_calibration(START, [], {}).numbered(5)
    assert (after.based_on, after.sequence, after.label) == (1, 5, "calibration-5")
    assert after.parameters.label == "calibration-5"
