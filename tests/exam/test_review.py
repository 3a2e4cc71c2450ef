"""The steps of an item's review, and what stands in the way of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.exam.faults import Fault, Place, Severity, quality
from app.exam.item import Item, ItemType, Status
from app.exam.review import Standing, Step, after_edit, hindrance, possible
from tests import packs

ME, OTHER, THIRD = 1, 2, 3
ERROR = quality(Place(item="x"), "L28", Severity.ERROR, "no why")
WARNING = quality(Place(item="x"), "L08", Severity.WARNING, "long key")


def standing(
    status: Status, *, item: Item | None = None, findings: tuple[Fault, ...] = (), approved: tuple[int, ...] = (),
    author: int | None = ME, wanted: int = 1,
) -> Standing:  # fmt: skip
    """An item of mine in a pack that asks for one approval."""
    made = replace(item or packs.item("lamp"), status=status)
    return Standing(made, findings, frozenset(approved), author, wanted)


def without_key(kind: ItemType = ItemType.SINGLE) -> Item:
    item = packs.item("lamp")
    return replace(item, type=kind, options=tuple(replace(option, key=False) for option in item.options))


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        (Status.DRAFT, {Step.SUBMIT, Step.RETIRE}),
        (Status.REVIEW, {Step.APPROVE, Step.READY, Step.RETURN, Step.RETIRE}),
        (Status.READY, {Step.RETURN, Step.RETIRE}),
        (Status.RETIRED, {Step.RESTORE}),
    ],
)
def test_each_status_has_its_steps(status: Status, steps: set[Step]) -> None:
    assert set(possible(standing(status))) == steps


def test_nobody_is_asked_to_approve_where_the_pack_does_not_want_it() -> None:
    here = standing(Status.REVIEW, wanted=0)
    assert Step.APPROVE not in possible(here)
    assert "no approval" in hindrance(Step.APPROVE, here, OTHER)
    assert hindrance(Step.READY, here, ME) == ""


def test_a_step_from_another_status_says_what_the_status_is() -> None:
    assert hindrance(Step.READY, standing(Status.DRAFT), ME) == "it is a draft"
    assert hindrance(Step.SUBMIT, standing(Status.REVIEW), ME) == "it is in review"


def test_who_wrote_an_item_cannot_approve_it() -> None:
    assert "somebody else" in hindrance(Step.APPROVE, standing(Status.REVIEW), ME)
    assert hindrance(Step.APPROVE, standing(Status.REVIEW), OTHER) == ""
    assert hindrance(Step.APPROVE, standing(Status.REVIEW, author=None), ME) == ""


def test_nobody_approves_twice() -> None:
    assert "already" in hindrance(Step.APPROVE, standing(Status.REVIEW, approved=(OTHER,)), OTHER)


@pytest.mark.parametrize(
    ("approved", "wanted", "left"),
    [((), 1, "1 more person has"), ((ME,), 1, "1 more person has"), ((OTHER,), 1, ""),
     ((OTHER,), 3, "2 more people have"), ((OTHER, THIRD), 2, "")],
)  # fmt: skip
def test_an_item_is_ready_when_enough_others_approved(
    approved: tuple[int, ...], wanted: int, left: str
) -> None:
    found = hindrance(Step.READY, standing(Status.REVIEW, approved=approved, wanted=wanted), ME)
    assert found.startswith(left)
    assert bool(found) is bool(left)


def test_an_error_of_the_rules_bars_ready_and_a_warning_does_not() -> None:
    assert "L28" in hindrance(Step.READY, standing(Status.REVIEW, findings=(ERROR,), approved=(OTHER,)), ME)
    assert hindrance(Step.READY, standing(Status.REVIEW, findings=(WARNING,), approved=(OTHER,)), ME) == ""


@pytest.mark.parametrize(
    "item",
    [
        without_key(),
        replace(packs.item("lamp"), type=ItemType.MULTIPLE),
        replace(
            packs.item("lamp", keys=2),
            options=tuple(replace(one, key=True) for one in packs.item("lamp", keys=2).options),
        ),
    ],
)
def test_what_cannot_be_delivered_stays_a_draft(item: Item) -> None:
    assert hindrance(Step.SUBMIT, standing(Status.DRAFT, item=item), ME)


def test_an_edit_of_a_ready_item_is_reviewed_again_where_approvals_are_asked_for() -> None:
    assert after_edit(Status.READY, 1) is Status.REVIEW
    assert after_edit(Status.READY, 0) is Status.READY
    assert after_edit(Status.DRAFT, 1) is Status.DRAFT
