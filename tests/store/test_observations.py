"""Observations: which attempts are read, and what is said of each item of theirs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest

from app.exam.attempt import Attempt, AttemptKind, Ending
from app.exam.observation import Observation, ObservedAttempt, Others
from app.exam.person import Role
from app.exam.score import Mark
from app.store import attempts, observations, people, regrades, scores
from tests.packs import NOON, SHORT
from tests.store.bench import Bench, Someone, incoming


def sat(
    bench: Bench,
    who: Someone,
    kind: AttemptKind = AttemptKind.MOCK,
    *,
    pausable: bool = False,
    answered: Iterable[int] = (),
    days: int = 0,
) -> Attempt:
    """An attempt in which these positions were answered, with the first options; ended by its candidate."""
    start = NOON + timedelta(days=days)
    with bench.database.writing() as tx:
        made = attempts.start(tx, bench.new(who, pausable=pausable, kind=kind), start)
        one = attempts.get(tx, made, who.id)
    group = []
    for position in answered:
        at = bench.sheet.at(position)
        tokens = bench.tokens(position, range(at.select))
        group.append(incoming(who, one.id, position, tokens, start, elapsed_ms=1500 * position))
    if group:
        bench.save(*group)
    with bench.database.writing() as tx:
        scores.close(tx, one, Ending.SUBMITTED, start + timedelta(minutes=1))
    return one


def read(bench: Bench) -> list[ObservedAttempt]:
    with bench.database.reading() as tx:
        return list(observations.read(tx, SHORT))


def of(bench: Bench, one: Attempt) -> tuple[Observation, ...]:
    return next(found.observations for found in read(bench) if found.id == one.id)


def correct(bench: Bench, position: int, key: tuple[str, ...] | None, one: Attempt) -> None:
    """A correction of the item at a position, and the new score of an attempt."""
    with bench.database.writing() as tx:
        who = people.add(tx, name=None, password_hash=None, role=Role.INSTRUCTOR, is_guest=True, now=NOON)
        regrades.add(tx, bench.sheet.at(position).item_version_id, key, None, "Wrong.", NOON, who.id)
        scores.rescore(tx, one.id, NOON)


def test_strict_mocks_that_were_scored_are_read_and_no_others(own: Bench) -> None:
    strict = sat(own, own.someone())
    sat(own, own.someone(), AttemptKind.PRACTICE)
    sat(own, own.someone(), pausable=True)
    own.start(own.someone())
    with own.database.reading() as tx:
        assert observations.count(tx, SHORT, 10) == 1
        assert observations.count(tx, SHORT, 0) == 0
        assert observations.others(tx, SHORT) == Others(practice=1, not_strict=1, without_score=1)
    assert [one.id for one in read(own)] == [strict.id]


@pytest.mark.parametrize("kind", list(AttemptKind))
def test_what_a_candidate_met_before_is_not_first(own: Bench, kind: AttemptKind) -> None:
    who, other = own.someone(), own.someone()
    sat(own, who, kind)
    again, fresh = sat(own, who, days=7), sat(own, other, days=8)
    assert not any(at.first for at in of(own, again))
    assert all(at.first for at in of(own, fresh))


def test_what_comes_after_the_last_answer_was_not_reached(own: Bench) -> None:
    found = of(own, sat(own, own.someone(), answered=(1, 3)))
    assert [at.reached for at in found] == [True] * 3 + [False] * 3
    assert [at.mark is Mark.UNANSWERED for at in found] == [False, True, False, True, True, True]
    assert [at.seconds for at in found] == [1.5, 0, 4.5, 0, 0, 0]


def test_marks_are_those_of_the_key_as_corrected(own: Bench) -> None:
    one = sat(own, own.someone(), answered=(1,))
    at = of(own, one)[0]
    correct(own, 1, at.choice, one)
    assert of(own, one)[0].mark is Mark.RIGHT
    with own.database.reading() as tx:
        assert regrades.keys(tx) == {at.item_version_id: frozenset(at.choice)}


def test_a_withdrawn_item_is_told_from_a_pilot(own: Bench) -> None:
    one = sat(own, own.someone(), answered=(1, 2))
    correct(own, 1, None, one)
    found = of(own, one)
    assert [(at.dropped, at.scored) for at in found[:2]] == [(True, False), (False, True)]
    with own.database.reading() as tx:
        assert regrades.keys(tx) == {}


def test_evidence_is_of_the_latest_mocks_whose_results_show(own: Bench) -> None:
    who = own.someone()
    mocks = [sat(own, who, answered=[1], days=number) for number in range(5)]
    held = [mocks[2].id, mocks[3].id]
    with own.database.reading() as tx:
        asked = (tx, who.id, SHORT, mocks[4].id)
        assert len(observations.evidence(*asked, most=2)) == 3
        assert len(observations.evidence(*asked, held, most=2)) == 3
        assert len(observations.evidence(*asked, held, most=9)) == 3
        assert len(observations.evidence(*asked, most=0)) == 1
