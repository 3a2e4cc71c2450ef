"""An item as fields of a form, and back."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

import pytest

from app.exam.item import Accepted, Demand, Item, ItemType, Option, Reference, Service, Status
from app.exam.item_fields import ItemFields, document, entered, shown
from app.formats import native_item
from tests import packs

FULL = replace(
    packs.item("lamp"),
    services=(Service("Amber Lamp, large", date(2024, 5, 1)), Service("Horn")),
    references=(Reference("Lamps | and: more", "https://example.org/a?b=c|d"),),
    constraints=(Demand("at night: always", (packs.item("lamp").options[1].id,)),),
    accepted=(Accepted("L08", "It: must be."),),
    enemies=("other",),
    facts=(1, 62),
    cover_test=False,
    rating=0.62,
    company="AnyCompany Freight",
    shuffle=False,
)
PACK = packs.pack(items=[FULL, replace(packs.item("other"), id="other")])


def posted(given: ItemFields) -> dict[str, list[str]]:
    """The fields as a browser sends them."""
    plain = {
        name: [value.replace("\n", "\r\n")] for name, value in asdict(given).items() if isinstance(value, str)
    }
    if given.shuffle != "yes":
        del plain["shuffle"]
    for name in ("id", "text", "why", "trap", "misconception"):
        plain[f"option_{name}"] = [getattr(one, name) for one in given.options]
    plain["key"] = [str(place) for place, one in enumerate(given.options) if one.key]
    return plain


def again(given: ItemFields, base: Item | None = FULL) -> Item:
    """The item that fields make."""
    item, problems = native_item.read(document(given, base, FULL.status), PACK)
    assert item is not None, problems
    return item


def test_a_form_that_nobody_touched_is_the_item() -> None:
    assert again(entered(posted(shown(FULL)))) == FULL


def test_every_field_can_be_written_anew() -> None:
    new = replace(again(replace(shown(FULL), id="quite-new"), None), id=FULL.id)
    assert new == replace(FULL, version=1)


@pytest.mark.parametrize("item", PACK.items)
def test_a_list_that_is_written_another_way_is_read_the_same(item: Item) -> None:
    fields = shown(item)
    spaced = replace(
        fields,
        services=f"{fields.services}\n\n",
        enemies=fields.enemies.replace("\n", ", "),
        facts=fields.facts.replace(",", " "),
    )
    assert again(spaced, item) == item


def test_an_emptied_option_is_left_out_and_a_new_one_gets_a_free_letter() -> None:
    item = replace(packs.item("lamp"), constraints=(), options=tuple(
        Option(name, f"Lamp {name}", key=name == "b") for name in "abcd"
    ))  # fmt: skip
    fields = posted(shown(item))
    fields["option_text"][0] = fields["option_why"][0] = " "
    for name, value in (("id", ""), ("text", "A new lamp"), ("why", ""), ("trap", ""), ("misconception", "")):
        fields[f"option_{name}"].append(value)
    made = again(entered(fields), item)
    assert [(one.id, one.text, one.key) for one in made.options] == [
        ("b", "Lamp b", True), ("c", "Lamp c", False), ("d", "Lamp d", False), ("a", "A new lamp", False),
    ]  # fmt: skip


def test_what_is_no_number_is_said_and_not_dropped() -> None:
    item, problems = native_item.read(document(replace(shown(FULL), rating="often"), FULL, FULL.status), PACK)
    assert item is None
    assert [problem.at for problem in problems] == [("rating",)]


def test_a_decimal_comma_is_a_point() -> None:
    assert again(replace(shown(FULL), rating="0,55")).rating == 0.55


def test_several_right_options_are_counted() -> None:
    keys = replace(shown(FULL), type=ItemType.MULTIPLE.value)
    keys = replace(keys, options=tuple(replace(one, key=place < 2) for place, one in enumerate(keys.options)))
    assert again(keys).select == 2


def test_an_empty_form_is_told_what_it_needs() -> None:
    item, problems = native_item.read(document(entered({}), None, Status.DRAFT), PACK)
    assert item is None
    assert {problem.at for problem in problems} == {("id",), ("stem",), ("options",)}
