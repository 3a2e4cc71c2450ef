"""Traps against chance and against others."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from app.exam.item import Item, Option, Trap
from app.exam.traps import ENOUGH, Wrong, drawn
from tests.exam.banks import item

TRAPS = (Trap.INSECURE, Trap.COST_BLIND, Trap.OUTDATED)


def asked(number: int) -> Item:
    """An item with its key at a, and a distractor of each kind."""
    options = (Option("a", "a", key=True), *(Option(x, x, trap=t) for x, t in zip("bcd", TRAPS, strict=True)))
    return replace(item(f"i-{number}"), options=options)


def wrong(choices: str, others: dict[str, int] | None = None) -> list[Wrong]:
    """Wrong answers, one after the other."""
    return [
        Wrong(number, asked(number), frozenset("a"), (choice,), others or {})
        for number, choice in enumerate(choices, 1)
    ]


def test_a_kind_taken_each_time_draws() -> None:
    first, *others = drawn(wrong("b" * 8))
    assert (first.trap, first.taken, first.places) == (Trap.INSECURE, 8, tuple(range(1, 9)))
    assert first.by_chance == pytest.approx(8 / 3)
    assert first.error == pytest.approx(sqrt(8 * 2 / 9))
    assert first.draws
    assert not any(one.draws for one in others)


def test_one_wrong_answer_draws_nobody() -> None:
    assert not any(one.draws or one.draws_more for one in drawn(wrong("b", {"a": 900, "c": 90, "d": 10})))


def test_what_draws_everybody_draws_nobody_more_than_others() -> None:
    (first, *_) = drawn(wrong("b" * 8, {"a": 100, "b": 95, "c": 5}))
    assert first.draws
    assert first.by_others == pytest.approx(8 * 0.95)
    assert not first.draws_more


def test_what_draws_nobody_else_draws_more() -> None:
    (first, *_) = drawn(wrong("b" * 8, {"a": 100, "b": 5, "c": 95}))
    assert first.draws_more


def test_few_others_are_no_comparison() -> None:
    few = {"a": ENOUGH - 10, "b": 4, "c": 5}
    assert all(one.by_others is None for one in drawn(wrong("bc", few)))


def test_wrong_answers_by_chance_draw_one_candidate_in_twenty_at_most() -> None:
    rng = np.random.default_rng(1)
    told = [any(one.draws for one in drawn(wrong("".join(rng.choice(list("bcd"), 20))))) for _ in range(400)]
    assert np.mean(told) < 0.05


def test_right_answers_give_no_profile() -> None:
    assert drawn([]) == ()
