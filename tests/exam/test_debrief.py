"""The debrief of an attempt: pace, changes, kinds of items, traps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from math import isfinite
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.attempt import Confidence
from app.exam.confidence import LEAST
from app.exam.debrief import Change, Debrief, Worked, debrief, settled
from app.exam.form import assemble
from app.exam.item import Bloom, Item, Option, Trap
from app.psychometrics.irt import probability
from tests.exam.banks import bank, item, snapshot

FORM = assemble(snapshot(bank(300)), 1)
TRAPS = (Trap.INSECURE, Trap.COST_BLIND, Trap.COST_BLIND)


def asked(number: int) -> Item:
    """An item with its key at a, one insecure distractor and two that are blind to cost."""
    options = (Option("a", "a", key=True), *(Option(x, x, trap=t) for x, t in zip("bcd", TRAPS, strict=True)))
    bloom = Bloom.APPLY if number % 2 else Bloom.EVALUATE
    return replace(item(f"i-{number}"), options=options, bloom=bloom)


def worked(right: Sequence[bool], **changes: Any) -> list[Worked]:
    """A whole form, answered with a (right) or b, each after 60 seconds as planned."""
    return [
        replace(
            Worked(
                place,
                asked(place.number),
                frozenset("a"),
                ok,
                True,
                60.0,
                60.0,
                settled=(("a" if ok else "b",),),
            ),
            **changes,
        )
        for place, ok in zip(FORM.positions, right, strict=True)
    ]


def finite(value: Any) -> bool:
    """Whether no number in it is NaN or infinite."""
    if is_dataclass(value):
        return all(finite(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, tuple):
        return all(map(finite, value))
    return not isinstance(value, float) or isfinite(value)


def test_an_answer_settles_when_its_question_is_left() -> None:
    saves = [(1, ("a",)), (1, ("a", "b")), (2, ("c",)), (1, ("b",)), (3, ()), (1, ("b",))]
    assert settled(saves) == {1: (("a", "b"), ("b",)), 2: (("c",),), 3: ((),)}


def test_changes_are_told_by_what_they_became() -> None:
    whole = worked([True] * 74)
    whole[0] = replace(whole[0], settled=(("b",), ("a",)))
    whole[1] = replace(whole[1], settled=(("a",), (), ("c",)), right=False)
    whole[2] = replace(whole[2], settled=(("b",), ("c",)), right=False)
    assert debrief(whole).changes == {Change.GAINED: (1,), Change.LOST: (2,), Change.NEITHER: (3,)}


def test_a_distractor_taken_is_compared_with_chance() -> None:
    whole = worked([place > 9 for place in range(74)])
    drawn = {one.trap: one for one in debrief(whole).traps}
    assert drawn[Trap.INSECURE].taken == 10
    assert drawn[Trap.INSECURE].by_chance == pytest.approx(10 / 3)
    assert drawn[Trap.INSECURE].places == tuple(range(1, 11))
    assert drawn[Trap.COST_BLIND].taken == 0
    assert drawn[Trap.COST_BLIND].by_chance == pytest.approx(20 / 3)


def test_time_is_told_by_quarters_and_by_questions() -> None:
    whole = worked([True] * 74)
    whole[4] = replace(whole[4], seconds=3.0)
    whole[5] = replace(whole[5], seconds=200.0)
    whole[73] = replace(whole[73], settled=(), seconds=0.0, right=False)
    pace = debrief(whole).pace
    assert [(one.first, one.last) for one in pace.quarters] == [(1, 19), (20, 38), (39, 56), (57, 74)]
    assert pace.quarters[0].spent.total_seconds() == 17 * 60 + 203
    assert pace.quarters[0].planned.total_seconds() == 19 * 60
    assert (pace.rushed, pace.overlong, pace.not_reached) == ((5,), (6,), 1)


def test_a_last_quarter_all_wrong_is_worse_than_expected() -> None:
    last = debrief(worked([place < 56 for place in range(74)])).pace.last
    assert last is not None
    assert last.deviate < -2


def test_one_kind_of_question_all_wrong_is_noticed_and_the_other_is_better() -> None:
    (thinking,) = [
        groups
        for name, groups in debrief(worked([place % 2 == 0 for place in range(74)])).groups
        if name == "Thinking"
    ]
    assert [(one.name, one.verdict) for one in thinking] == [
        ("apply", "better than expected"),
        ("evaluate", "worse than expected"),
    ]


def test_nothing_is_said_of_a_few_questions() -> None:
    whole = worked([True] * 74)
    whole = [replace(one, flagged=one.place.number < LEAST, right=one.place.number >= LEAST) for one in whole]
    assert debrief(whole).flags.group.verdict == "too few to tell"


def test_what_does_not_count_is_in_no_share() -> None:
    found = debrief(worked([True] * 74, counts=False))
    assert found.groups == ()
    assert found.pace.last is None
    assert all(quarter.group.total == 0 for quarter in found.pace.quarters)


def test_candidates_as_the_model_has_them_are_told_of_a_difference_one_time_in_twenty() -> None:
    rng, said = np.random.default_rng(5), []
    table = [[getattr(place, name) for place in FORM.positions] for name in "abc"]
    for theta in rng.normal(size=300):
        right = rng.random(74) < probability(theta, *table)
        for _, groups in debrief(worked(right.tolist())).groups:
            said += [one.verdict != "as expected" for one in groups]
    assert np.mean(said) == pytest.approx(0.05, abs=0.03)


@settings(max_examples=60)
@given(st.data())
def test_every_attempt_has_a_debrief_without_nan(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 74))
    flags = st.lists(st.booleans(), min_size=size, max_size=size)
    right, counts = data.draw(flags), data.draw(flags)
    seconds = data.draw(st.sampled_from([0.0, 0.5, 1e7]))
    confidence = data.draw(st.none() | st.sampled_from(Confidence))
    whole = [
        replace(one, counts=is_in, seconds=seconds, confidence=confidence)
        for one, is_in in zip(worked([*right, *[False] * (74 - size)])[:size], counts, strict=True)
    ]
    found = debrief(whole)
    assert isinstance(found, Debrief)
    assert finite(found)


def test_an_attempt_without_items_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one item"):
        debrief([])
