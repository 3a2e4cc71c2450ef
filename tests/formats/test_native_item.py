"""An item from a form is held to what a file is held to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.exam.item_fields import document, shown
from app.formats import native_item
from app.formats.native_item import Way
from tests import packs

PACK = packs.pack(4)
ITEM = PACK.items[1]


def plain(**changes: Any) -> dict[str, Any]:
    """The fields of a good item, with changes."""
    return {**document(shown(ITEM), ITEM, ITEM.status), **changes}


def test_a_good_item_is_read() -> None:
    assert native_item.read(plain(), PACK) == (ITEM, ())


@pytest.mark.parametrize(
    ("changes", "at", "words"),
    [
        ({"domain": "D9"}, ("domain",), "no domain 'D9'"),
        ({"enemies": [ITEM.id]}, ("enemies", 0), "own enemy"),
        ({"enemies": ["nobody"]}, ("enemies", 0), "no item 'nobody'"),
        ({"stem": ""}, ("stem",), "empty"),
        ({"stem": "Look \u202e here?"}, ("stem",), ""),
        ({"rating": 2.0}, ("rating",), ""),
        ({"verified_on": "tomorrow"}, ("verified_on",), ""),
        ({"references": [{"title": "x", "url": "javascript:1"}]}, ("references", 0, "url"), ""),
        ({"stem": "![a](media/a.png) Why?"}, (), "media"),
        ({"lamp": "x"}, ("lamp",), "no field"),
    ],
)
def test_a_structure_fault_names_its_field(changes: dict[str, Any], at: Way, words: str) -> None:
    item, problems = native_item.read(plain(**changes), PACK)
    assert item is None
    assert [problem.at for problem in problems] == [at]
    assert words in problems[0].message


def test_a_fault_in_an_option_names_the_option() -> None:
    options = [*plain()["options"][:3], {"id": "x", "text": ""}]
    _, problems = native_item.read(plain(options=options), PACK)
    assert ("options", 3, "text") in {problem.at for problem in problems}


def test_only_a_draft_may_lack_a_key() -> None:
    options = [replace(one, key=False) for one in shown(ITEM).options]
    given = replace(shown(ITEM), options=tuple(options))
    for status, good in (("draft", True), ("review", False)):
        item, _ = native_item.read({**document(given, ITEM, ITEM.status), "status": status}, PACK)
        assert (item is not None) is good
