"""Siblings: a card is asked as another item about the same matter, and turns among them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.exam.siblings import asked_for, siblings
from tests.exam.banks import item

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FAMILY = siblings([item("a", enemies=("b",)), item("b"), item("c", enemies=("a",)), item("d")])


def test_enmity_makes_siblings_both_ways() -> None:
    assert {"a": {"b", "c"}, "b": {"a"}, "c": {"a"}} == FAMILY


def ask(met: dict[str, int], available: str = "abcd", *, spend: bool = True) -> str | None:
    """What is asked for the card of `a`, items having been met so many days ago."""
    last = {name: NOON - timedelta(days=days) for name, days in met.items()}
    return asked_for("a", FAMILY, last, available, lambda _name: spend)


def test_a_sibling_is_asked_rather_than_the_same_item() -> None:
    assert ask({"a": 3, "b": 3, "c": 2}) == "b"


def test_the_one_met_longest_ago_is_asked_so_that_they_take_turns() -> None:
    assert ask({"a": 9, "b": 1, "c": 2}) == "a"


def test_a_new_sibling_is_asked_first_when_the_reserve_lets_go_of_it() -> None:
    assert ask({"a": 9, "b": 1}) == "c"
    assert ask({"a": 9, "b": 10}, spend=False) == "b"


def test_an_item_without_siblings_is_asked_itself() -> None:
    assert asked_for("d", FAMILY, {}, "abcd", lambda _name: False) == "d"


def test_a_retired_item_is_asked_as_its_sibling_and_else_sleeps() -> None:
    assert ask({"a": 9, "b": 1}, available="bd") == "b"
    assert ask({"a": 9, "b": 1}, available="d") is None
