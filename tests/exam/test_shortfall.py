"""What is said when there is no form, and that nothing is said when there is one."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from app.errors import Invalid
from app.exam.form import assemble, shortfalls, violations
from app.exam.item import ItemType
from app.exam.pack import Cut, MultipleAnswer
from app.exam.snapshot import Snapshot
from tests.exam.banks import bank, bank_from, exam, exam_with_pilots, snapshot

BANK = bank(420, enemies=0)


def without(domain: str, left: int) -> Snapshot:
    """A bank with so few items of a domain."""
    others = [one for one in BANK.items if one.domain != domain]
    kept = [one for one in BANK.items if one.domain == domain][:left]
    return snapshot(bank_from([*kept, *others], BANK.exam))


def of_domain(state: Snapshot, domain: str) -> list[str]:
    """The ids of a domain's items."""
    return [one.id for one in state.bank.items if one.domain == domain]


def hostile(state: Snapshot, among: Iterable[str], to: Iterable[str]) -> Snapshot:
    """The bank, some of its items being enemies of others."""
    haters, hated = set(among), tuple(to)
    items = [
        replace(one, enemies=tuple(name for name in hated if name != one.id)) if one.id in haters else one
        for one in state.bank.items
    ]
    return snapshot(bank_from(items, state.bank.exam))


def explanation(state: Snapshot) -> str:
    """What `assemble` says."""
    with pytest.raises(Invalid) as refused:
        assemble(state, 1)
    return str(refused.value)


def test_a_domain_with_too_few_items_is_named_with_both_numbers() -> None:
    missing = shortfalls(without("D3", 12))
    assert [str(one) for one in missing] == ["Domain D3 has 12 ready items, the blueprint needs 19."]
    assert explanation(without("D3", 12)) == "Domain D3 has 12 ready items, the blueprint needs 19."


def test_exactly_enough_items_are_enough() -> None:
    state = without("D3", 19)
    assert shortfalls(state) == ()
    assert violations(assemble(state, 1), state) == ()


def all_of(kind: ItemType) -> Snapshot:
    """A bank of one type."""
    return snapshot(bank_from([replace(one, type=kind) for one in BANK.items], BANK.exam))


def test_a_multiple_answer_range_that_cannot_be_reached_is_explained() -> None:
    assert "At most 0 multiple-answer items" in str(shortfalls(all_of(ItemType.SINGLE))[0])
    assert "A form would hold 74 multiple-answer items" in str(shortfalls(all_of(ItemType.MULTIPLE))[0])


def test_enemies_that_leave_a_domain_too_few_items_are_named() -> None:
    state = without("D3", 20)
    three = of_domain(state, "D3")[:3]
    missing = shortfalls(hostile(state, three, three))
    assert [(one.subject, one.ready, one.needed) for one in missing] == [("enemies", 18, 19)]
    said = str(missing[0])
    assert said.startswith(
        "Of the 20 ready items of domain D3 only 18 can be on one form with the rest of it"
    )
    assert all(name in said for name in three)


def test_two_large_camps_of_enemies_in_a_domain_are_seen_through() -> None:
    state = without("D3", 30)
    ids = of_domain(state, "D3")
    missing = shortfalls(hostile(state, ids[:14], ids[14:]))
    assert [(one.subject, one.ready, one.needed) for one in missing] == [("enemies", 16, 19)]
    assert "and 21" not in str(missing[0])
    assert "more pairs" in str(missing[0])


def test_an_enemy_of_a_whole_domain_is_named() -> None:
    state = without("D3", 19)
    hub = of_domain(state, "D3")[0]
    said = explanation(hostile(state, of_domain(state, "D1"), [hub]))
    assert "Of the 19 ready items of domain D3 only 18 can be on one form" in said
    assert f"({hub} and " in said
    assert "the blueprint needs 19" in said


def feud(state: Snapshot, kind: ItemType) -> Snapshot:
    """The bank, all items of one type being each other's enemies."""
    names = [one.id for one in state.bank.items if one.type is kind]
    return hostile(state, names, names)


def test_enemies_that_leave_too_few_multiple_answer_items_are_named() -> None:
    said = explanation(feud(snapshot(bank(150, enemies=0)), ItemType.MULTIPLE))
    assert said.startswith(
        "At most 1 multiple-answer items fit into a form, because enemies are kept apart (item-"
    )
    assert said.endswith("; the exam needs 15.")


def test_enemies_that_leave_too_few_multiple_choice_items_are_named() -> None:
    this = bank(220, enemies=0)
    even = [replace(one, type=list(ItemType)[number % 2]) for number, one in enumerate(this.items)]
    said = explanation(feud(snapshot(bank_from(even, this.exam)), ItemType.SINGLE))
    assert said.startswith(
        "A form would hold 73 multiple-answer items or more, because enemies are kept apart (item-"
    )
    assert said.endswith("; the exam allows 25.")


@pytest.mark.parametrize("enemies", [0, 20, 200])
def test_nothing_is_said_of_a_bank_that_has_forms(enemies: int) -> None:
    for this in (exam(), exam_with_pilots()):
        assert shortfalls(snapshot(bank(420, of=this, enemies=enemies))) == ()


def test_there_is_a_form_just_when_nothing_is_said_to_be_missing() -> None:
    small = exam(
        items=8, cut=Cut(4.5, "for the tests"), pilots=1, multiple_answer=MultipleAnswer(2, 3),
        blueprint={"D1": 50, "D2": 50}, per_service=None, per_company=None,
    )  # fmt: skip
    explained = 0
    for seed in range(14):
        chance = random.Random(seed)
        items = chance.sample(bank(60, of=small, seed=seed, enemies=0).items, 14)
        names = [one.id for one in items]
        state = hostile(snapshot(bank_from(items, small)), chance.sample(names, 6), chance.sample(names, 5))
        if shortfalls(state):
            explained += 1
            assert explanation(state) == " ".join(map(str, shortfalls(state)))
        else:
            assert violations(assemble(state, seed), state) == ()
    assert 3 < explained < 11
