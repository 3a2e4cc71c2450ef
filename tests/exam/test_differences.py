"""What changed between two versions of an item."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.differences import MOST_WORDS, Change, compared, differences
from app.exam.item import (
    Accepted,
    Bloom,
    DecidingConstraint,
    Demand,
    Item,
    ItemType,
    Reference,
    Service,
    Status,
)
from tests import packs

ITEM = packs.item("lamp")
OTHER: dict[str, object] = {
    "status": Status.DRAFT,
    "type": ItemType.MULTIPLE,
    "stem": "Another stem?",
    "options": ITEM.options[:3],
    "rationale": "Another.",
    "references": (Reference("Other", "https://example.org/"),),
    "domain": "D2",
    "objective": "9.9",
    "topic": "fog",
    "services": (Service("Horn", date(2020, 1, 1)),),
    "constraint": DecidingConstraint.COST,
    "bloom": Bloom.APPLY,
    "rating": 0.5,
    "company": "AnyCompany",
    "constraints": (Demand("cheap", ("a",)),),
    "cover_test": False,
    "enemies": ("other",),
    "facts": (1,),
    "verified_on": date(2020, 1, 1),
    "shuffle": False,
    "accepted": (Accepted("L08", "It must be."),),
    "media": ("media/a.png",),
}


def test_the_same_item_has_no_differences() -> None:
    assert differences(ITEM, ITEM) == ()


def test_every_field_that_people_edit_is_looked_at() -> None:
    assert set(OTHER) == {field.name for field in fields(Item)} - {"id", "version", "origin"}


@pytest.mark.parametrize("name", OTHER)
def test_a_change_of_any_field_is_seen(name: str) -> None:
    changed = replace(ITEM, **{name: OTHER[name]})  # type: ignore[arg-type]  # fields of Item, by name
    assert differences(ITEM, changed)


def test_a_changed_word_is_all_that_is_marked() -> None:
    pieces = compared("the lamp burns all night", "the lamp burns every night")
    assert [(one.change, one.text) for one in pieces] == [
        (Change.SAME, "the lamp burns "),
        (Change.REMOVED, "all"),
        (Change.ADDED, "every"),
        (Change.SAME, " night"),
    ]


def test_texts_with_little_in_common_are_shown_as_replaced() -> None:
    pieces = compared("the lamp burns all night long", "what they think of the horn")
    assert [one.text for one in pieces] == ["the lamp burns all night long", "what they think of the horn"]


def test_very_long_texts_are_shown_as_replaced() -> None:
    before, after = "a " * MOST_WORDS, "b " * MOST_WORDS
    assert [one.change for one in compared(before, after)] == [Change.REMOVED, Change.ADDED]


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_can_be_read_from_the_pieces(before: str, after: str) -> None:
    pieces = compared(before, after)
    assert "".join(one.text for one in pieces if one.change is not Change.ADDED) == before
    assert "".join(one.text for one in pieces if one.change is not Change.REMOVED) == after
