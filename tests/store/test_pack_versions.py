"""Edits of a pack in use: each is a new version, and nothing that exists is touched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.errors import Conflict, Invalid, Missing
from app.exam.item import Item, Status
from app.store import pack_versions, packs
from app.store.database import Transaction
from tests import packs as synthetic
from tests.packs import NOON, SHORT
from tests.store.bench import Bench


def first_item(tx: Transaction) -> Item:
    """The first item of the pack in use."""
    return packs.whole(tx, synthetic.pack().id).items[0]


def revise(tx: Transaction, *items: Item, based_on: int | None = None) -> int:
    """Change these items."""
    statuses = {one.id: one.status for one in items}
    return pack_versions.revise(tx, synthetic.pack().id, items, statuses, NOON, based_on=based_on)


def test_a_changed_item_is_in_use_at_its_place_and_the_others_stay(own: Bench) -> None:
    with own.database.writing() as tx:
        before = packs.whole(tx, synthetic.pack().id)
        changed = replace(before.items[0], version=2, stem=before.items[0].stem + " Say why.")
        revise(tx, changed)
        after = packs.whole(tx, synthetic.pack().id)
    assert after.items == (changed, *before.items[1:])
    assert after.exams == before.exams


def test_a_new_item_comes_last(own: Bench) -> None:
    with own.database.writing() as tx:
        new = synthetic.item("quite-new")
        revise(tx, new)
        assert packs.whole(tx, synthetic.pack().id).items[-1] == new


def test_edits_are_numbered_behind_the_version_of_the_author(own: Bench) -> None:
    with own.database.writing() as tx:
        one = first_item(tx)
        revise(tx, replace(one, rating=0.5))
        revise(tx, replace(one, rating=0.6))
        assert packs.whole(tx, synthetic.pack().id).version == f"{synthetic.pack().version}+2"


@pytest.mark.parametrize(
    ("before", "after"),
    [("1.0.0", "1.0.0+1"), ("1.0.0+spring", "1.0.0+spring.1"), ("2", "2+1")],
)
def test_whatever_the_author_calls_a_version_its_edits_are_told_apart(
    own: Bench, before: str, after: str
) -> None:
    with own.database.writing() as tx:
        synthetic.load(tx, synthetic.pack(version=before))
        revise(tx, replace(first_item(tx), rating=0.5))
        assert packs.whole(tx, synthetic.pack().id).version == after
        revise(tx, replace(first_item(tx), rating=0.6))
        assert packs.whole(tx, synthetic.pack().id).version == after[:-1] + "2"


def test_a_form_that_was_made_keeps_its_items(own: Bench) -> None:
    at = own.sheet.at(1)
    with own.database.writing() as tx:
        old = packs.items(tx, [at.item_version_id])[at.item_version_id]
        revise(tx, replace(old, version=2, stem="Something else altogether?"))
        assert packs.items(tx, [at.item_version_id])[at.item_version_id] == old


def test_who_edits_an_older_version_is_told(own: Bench) -> None:
    with own.database.writing() as tx:
        based_on = packs.exam(tx, SHORT).pack_version_id
        revise(tx, replace(first_item(tx), rating=0.5))
        with pytest.raises(Conflict, match="changed this pack meanwhile"):
            revise(tx, replace(first_item(tx), rating=0.6), based_on=based_on)


def test_another_key_under_the_same_version_is_refused(own: Bench) -> None:
    with own.database.writing() as tx:
        one = first_item(tx)
        other = tuple(replace(option, key=not option.key) for option in one.options)
        with pytest.raises(Invalid, match="without raising their version"):
            revise(tx, replace(one, options=other))


def test_a_status_is_what_it_is_told_to_be(own: Bench) -> None:
    with own.database.writing() as tx:
        one = replace(first_item(tx), status=Status.RETIRED)
        version_id = revise(tx, one)
        assert [item.status for item in packs.bank(tx, version_id).values() if item.id == one.id] == [
            Status.RETIRED
        ]


def test_a_pack_that_is_not_there_cannot_be_edited(own: Bench) -> None:
    with own.database.writing() as tx, pytest.raises(Missing):
        pack_versions.revise(tx, "nowhere", [], {}, NOON)


def test_a_changed_exam_keeps_its_place_and_everything_else_stays(own: Bench) -> None:
    with own.database.writing() as tx:
        before = packs.whole(tx, synthetic.pack().id)
        changed = replace(before.exams[0], minutes=9)
        pack_versions.revise_exam(tx, before.id, changed, NOON, note="Longer")
        after = packs.whole(tx, before.id)
    assert after.exams == (changed, *before.exams[1:])
    assert after.items == before.items


def test_a_new_exam_comes_last(own: Bench) -> None:
    with own.database.writing() as tx:
        new = synthetic.exam("quite-new")
        pack_versions.revise_exam(tx, synthetic.pack().id, new, NOON)
        assert packs.whole(tx, synthetic.pack().id).exams[-1] == new


def test_an_exam_is_not_changed_behind_the_back_of_another_edit(own: Bench) -> None:
    with own.database.writing() as tx:
        opened = packs.exam(tx, SHORT).pack_version_id
        pack_versions.revise_exam(tx, synthetic.pack().id, synthetic.exam("other"), NOON, based_on=opened)
        with pytest.raises(Conflict):
            pack_versions.revise_exam(tx, synthetic.pack().id, synthetic.exam("late"), NOON, based_on=opened)
