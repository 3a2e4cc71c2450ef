"""The item versions that an exam's measurement is about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.exam.item import Status
from app.exam.parameters import Parameters
from app.exam.stock import Stock, cold_locations, stocked
from tests.exam.observed import small

BANK = small()


def stock(**changes: object) -> Stock:
    """A stock of the whole bank, with other arguments by name."""
    plain = {"bank": BANK.ids, "met": {}, "keys": {}, "known": BANK.parameters, "exam": BANK.exam}
    return stocked(**{**plain, **changes})  # type: ignore[arg-type]  # by name


def test_the_bank_is_in_it_with_its_parameters() -> None:
    found = stock()
    assert [one.item for one in found.members] == list(BANK.items)
    assert all(one.current for one in found.members)
    assert found.curve.b.tolist() == [item.b for item in BANK.parameters.items]


def test_an_earlier_version_that_was_answered_is_a_member_of_its_own() -> None:
    newer = {1: replace(BANK.items[0], version=2), **{n: one for n, one in BANK.ids.items() if n > 1}}
    found = stock(bank=newer, met={99: BANK.items[0]})
    old, new = found.members[:2]
    assert (old.item.version, old.current) == (1, False)
    assert (new.item.version, new.current) == (2, True)
    assert (found.numbers[99], found.numbers[1]) == (0, 1)


def test_the_same_version_stored_twice_is_one_member() -> None:
    found = stock(met={99: replace(BANK.items[0], status=Status.REVIEW)})
    assert len(found.members) == len(BANK.items)
    assert found.numbers[99] == found.numbers[1]
    assert found.members[0].item_version_id == 1


def test_a_corrected_key_stands() -> None:
    assert stock(keys={1: frozenset("b")}).members[0].key == frozenset("b")
    assert stock(keys={1: frozenset("b")}).members[1].key == BANK.items[1].key


@pytest.mark.parametrize("changes", [{"domain": "D9"}, {"status": Status.DRAFT}])
def test_what_cannot_be_measured_is_left_out(changes: dict[str, object]) -> None:
    other = replace(BANK.items[0], id="other", **changes)  # type: ignore[arg-type]  # by name
    found = stock(bank={**BANK.ids, 99: other})
    assert 99 not in found.numbers
    assert len(found.members) == len(BANK.items)


def test_cold_locations_are_those_of_the_first_version() -> None:
    moved = Parameters(
        "calibration-2",
        tuple(replace(item, b=item.b + 1, answered=50) for item in BANK.parameters.items[:20]),
        BANK.parameters.reference,
    )
    found = stock(known=moved)
    cold = cold_locations(found, BANK.parameters, BANK.items, BANK.exam)
    assert cold == pytest.approx([item.b for item in BANK.parameters.items])


def test_a_newcomer_is_put_on_the_scale_in_use() -> None:
    moved = Parameters(
        "calibration-2",
        tuple(replace(item, b=item.b + 1) for item in BANK.parameters.items[:-1]),
        BANK.parameters.reference,
    )
    was, now = BANK.parameters.items[-1].b, stock(known=moved).members[-1].parameters.b
    assert now - was == pytest.approx(1, abs=0.05)
    assert np.all(np.isfinite(stock(known=moved).curve.b))
