"""Where imported items go in a pack, and which version of an item they become."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.exam.item import Item, Origin, Status
from app.exam.pack import Domain
from app.exam.quality import Standard
from app.exam.staging import (
    EVERYTHING_ELSE,
    MOST_DOMAINS,
    Target,
    admitted,
    category_of,
    domains_for,
    fate,
    mapped,
    pack_of,
)
from tests import packs as synthetic

STANDARD = Standard(date(2026, 11, 23))
DOMAINS = ("D1", "D2")


def imported(category: str = "") -> Item:
    """A ready item that says which category it comes from."""
    unmapped = {"category": category} if category else {}
    return replace(synthetic.item("lamp"), origin=Origin("csv", "a.csv", "row 2", "0" * 64, unmapped))


def test_an_item_goes_where_its_category_goes() -> None:
    item = mapped(imported("A / B"), {"A / B": Target("D2", "fog"), EVERYTHING_ELSE: Target("D1")})
    assert (item.domain, item.topic) == ("D2", "fog")


def test_what_has_no_target_of_its_own_goes_where_everything_else_goes() -> None:
    for category in ("", "A", "B"):
        item = mapped(imported(category), {"A": Target(), EVERYTHING_ELSE: Target("D2")})
        assert (item.domain, item.topic) == ("D2", "light/lamps")


def test_an_item_without_an_origin_has_no_category() -> None:
    assert category_of(synthetic.item("lamp")) == ""


def test_a_ready_item_without_a_fault_stays_ready() -> None:
    assert admitted(imported(), DOMAINS, (), STANDARD, 0) == imported()


def test_what_the_pack_does_not_have_is_taken_off_and_keeps_the_item_from_being_ready() -> None:
    item = admitted(imported(), ("D7",), ("fog",), STANDARD, 0)
    assert (item.domain, item.topic, item.status) == (None, None, Status.REVIEW)


def test_nothing_is_ready_that_somebody_must_approve_or_whose_image_says_nothing() -> None:
    assert admitted(imported(), DOMAINS, (), STANDARD, 1).status is Status.REVIEW
    for alt, status in (("", Status.REVIEW), ("A lamp", Status.READY)):
        stem = f"![{alt}](media/a.png)\n\n{imported().stem}"
        with_image = replace(imported(), stem=stem, media=("media/a.png",))
        assert admitted(with_image, DOMAINS, (), STANDARD, 0).status is status


def test_a_new_item_is_as_it_is() -> None:
    item = imported()
    assert fate(item, {}, None).item == item


def test_the_same_question_in_the_pack_is_left_as_the_pack_has_it() -> None:
    item = imported()
    assert fate(item, {1: item.content_sha256}, 1).item is None
    assert fate(item, {1: item.content_sha256, 2: "edited here"}, 2).item is None


def test_a_changed_question_is_the_next_version() -> None:
    what = fate(imported(), {1: "old", 2: "newer"}, 2)
    assert what.item is not None
    assert (what.item.version, what.replaces) == (3, 2)


def test_a_question_that_was_withdrawn_comes_back_under_its_number() -> None:
    item = imported()
    what = fate(item, {1: item.content_sha256}, None)
    assert (what.item, what.replaces) == (item, None)


@given(st.dictionaries(st.integers(1, 9), st.sampled_from(("x", "y"))), st.integers(1, 9))
def test_no_version_number_is_used_for_two_contents(known: dict[int, str], own: int) -> None:
    item = replace(imported(), version=own)
    what = fate(item, known, None)
    assert what.item is not None
    assert known.get(what.item.version) in (None, item.content_sha256)


def test_a_new_pack_gets_its_domains_from_the_first_level_of_categories() -> None:
    domains, mapping = domains_for(["A / x", "B", "A / y"], "Lamps")
    assert domains == (Domain("D1", "A"), Domain("D2", "B"))
    assert mapping == {"A / x": Target("D1"), "B": Target("D2"), "A / y": Target("D1")}


def test_without_categories_or_with_too_many_there_is_one_domain() -> None:
    for categories in ([], [""], [str(number) for number in range(MOST_DOMAINS + 1)]):
        assert domains_for(categories, "Lamps") == (
            (Domain("D1", "Lamps"),),
            {EVERYTHING_ELSE: Target("D1")},
        )


def test_a_pack_comes_back_from_its_head_and_items() -> None:
    pack = synthetic.pack()
    assert pack_of(replace(pack, items=()).plain(), pack.items) == pack
