"""Scoring."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.pack import Cut, Scale
from app.exam.score import (
    SCORING_VERSION,
    Mark,
    Tally,
    is_half_point,
    least_to_pass,
    mark,
    nearest_half_point,
    score,
)
from tests.exam.banks import exam, exam_with_pilots

PLAIN = Scale()


@dataclass(frozen=True)
class Place:
    """The least that a stored position has to say."""

    number: int
    id: str
    domain: str
    topic: str | None
    scored: bool = True


@dataclass(frozen=True)
class Stored:
    """The least that a stored form has to say."""

    positions: tuple[Place, ...]
    conversion: tuple[float, ...]
    scale: Scale = PLAIN


FORM = Stored(
    (
        Place(1, "w", "D2", "storage"),
        Place(2, "x", "D1", "network"),
        Place(3, "y", "D1", None),
        Place(4, "z", "D1", "storage", scored=False),
    ),
    (100.0, 400.25, 749.9999, 1000.0),
)
KEYS = {"w": {"a"}, "x": {"a", "c"}, "y": {"b"}, "z": {"d"}}


def test_only_the_whole_key_is_right() -> None:
    got = [mark({"a", "c"}, response) for response in ({"a", "c"}, {"a"}, {"a", "b", "c"}, {"b"}, (), None)]
    assert got == [Mark.RIGHT, Mark.WRONG, Mark.WRONG, Mark.WRONG, Mark.UNANSWERED, Mark.UNANSWERED]


def test_right_of_total_by_domain_and_topic() -> None:
    got = score(FORM, KEYS, {1: {"a"}, 2: {"c", "a"}})
    assert (got.raw, got.scored, got.unanswered, got.version) == (2, 3, 1, SCORING_VERSION)
    assert got.domains == (Tally("D1", 1, 2, 1), Tally("D2", 1, 1, 0))
    assert got.topics == (Tally("network", 1, 1, 0), Tally("storage", 1, 1, 0))


def test_the_displayed_score_never_rounds_up_to_a_pass() -> None:
    got = score(FORM, KEYS, {1: {"a"}, 2: {"c", "a"}})
    assert (got.scaled, got.displayed, got.passed) == (749.9999, 749, False)


def test_pilots_are_reported_apart_and_do_not_count() -> None:
    without, having = score(FORM, KEYS, {1: {"a"}}), score(FORM, KEYS, {1: {"a"}, 4: {"d"}})
    assert having.pilots == Tally("", 1, 1, 0)
    assert (having.raw, having.scaled, having.domains, having.topics) == (
        without.raw,
        without.scaled,
        without.domains,
        without.topics,
    )


def test_marks_are_in_the_order_of_the_form() -> None:
    got = score(FORM, KEYS, {1: {"b"}, 3: {"b"}, 4: {"d"}})
    assert got.marks == (Mark.WRONG, Mark.UNANSWERED, Mark.RIGHT, Mark.RIGHT)


def test_nothing_right_is_the_least_and_all_right_the_most() -> None:
    everything = {place.number: KEYS[place.id] for place in FORM.positions}
    assert (score(FORM, KEYS, {}).displayed, score(FORM, KEYS, everything).displayed) == (100, 1000)


def test_a_score_exactly_at_the_cut_passes() -> None:
    form = Stored(FORM.positions, (100.0, 750.0, 800.0, 1000.0))
    assert score(form, KEYS, {1: {"a"}}).passed


@given(st.floats(100, 1000))
def test_pass_is_decided_on_the_unrounded_score_and_display_agrees(scaled: float) -> None:
    got = score(Stored(FORM.positions, (50.0, scaled, 1001.0, 1002.0)), KEYS, {1: {"a"}})
    assert got.passed is (scaled >= 750)
    assert got.passed is (got.displayed >= 750)


def test_a_table_for_another_number_of_items_is_refused() -> None:
    with pytest.raises(ValueError, match="3 scored positions"):
        score(Stored(FORM.positions, (100.0, 1000.0)), KEYS, {})


def test_an_item_without_key_cannot_be_scored() -> None:
    with pytest.raises(KeyError):
        score(FORM, {}, {})


@pytest.mark.parametrize(
    ("cut", "kept"), [(53.5, True), (53.0, False), (53.25, False), (74.5, False), (-0.5, False)]
)
def test_the_half_point_rule(cut: float, kept: bool) -> None:
    assert is_half_point(exam(cut=Cut(cut, "test"))) is kept


def test_the_half_point_is_of_the_scored_items() -> None:
    assert is_half_point(exam_with_pilots())
    assert not is_half_point(exam(items=75, pilots=10, cut=Cut(66.5, "beyond the scored items")))


@pytest.mark.parametrize(("raw", "nearest"), [(52.7, 52.5), (53.2, 53.5), (53.0, 53.5), (53.5, 53.5)])
def test_a_standard_is_moved_to_the_nearest_half_point(raw: float, nearest: float) -> None:
    assert nearest_half_point(raw) == nearest


def test_the_least_that_passes_goes_by_the_forms_own_conversion() -> None:
    harder = Stored((), (100.0, 400.0, 751.0, 1000.0))
    easier = Stored((), (100.0, 300.0, 749.9, 1000.0))
    assert (least_to_pass(harder), least_to_pass(easier)) == (2, 3)
