"""Searching and sorting the items of a pack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.exam.bank_search import Entry, Search, fitting, ordered
from app.exam.faults import Fault, Place, Severity, quality
from app.exam.item import Service, Status
from tests import packs

LAMP = Entry(1, replace(packs.item("lamp"), services=(Service("Amber Lamp"),), rating=None))
HORN = Entry(2, replace(packs.item("horn", "D2"), topic="fog/horns", status=Status.DRAFT, constraint=None))
ALL = (LAMP, HORN)
WARNING = quality(Place(), "L08", Severity.WARNING, "long")


def findings(entry: Entry) -> Sequence[Fault]:
    """The lamp has a warning, the horn nothing."""
    return (WARNING,) if entry is LAMP else ()


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), ALL),
        (Search(text="HORN tower"), (HORN,)),
        (Search(text="horn nowhere"), ()),
        (Search(text=packs.secret("lamp", "item")), (LAMP,)),
        (Search(domain="D2"), (HORN,)),
        (Search(topic="fog"), (HORN,)),
        (Search(service="Amber Lamp"), (LAMP,)),
        (Search(status="draft"), (HORN,)),
        (Search(constraint="none"), (HORN,)),
        (Search(finding="any"), (LAMP,)),
        (Search(finding="none"), (HORN,)),
        (Search(finding="warning"), (LAMP,)),
        (Search(finding="error"), ()),
        (Search(finding="L08"), (LAMP,)),
        (Search(finding="L09"), ()),
        (Search(domain="D1", finding="none"), ()),
    ],
)
def test_a_search_finds_what_fits_all_of_it(search: Search, found: tuple[Entry, ...]) -> None:
    assert tuple(fitting(ALL, search, findings)) == found


def test_the_rules_are_asked_only_of_what_fits_the_rest() -> None:
    asked: list[Entry] = []

    def noted(entry: Entry) -> Sequence[Fault]:
        asked.append(entry)
        return ()

    fitting(ALL, Search(domain="D2", finding="any"), noted)
    fitting(ALL, Search(domain="D1"), noted)
    assert asked == [HORN]


@pytest.mark.parametrize("down", [False, True])
def test_what_has_no_value_comes_last_either_way(down: bool) -> None:
    assert ordered(ALL, Search(sort="rating", down=down))[-1] == LAMP


def test_an_order_that_nobody_knows_is_that_of_the_ids() -> None:
    by_id = sorted(ALL, key=lambda one: one.item.id)
    assert ordered(ALL, Search(sort="moon")) == by_id
    assert ordered(ALL, Search(down=True)) == by_id[::-1]
