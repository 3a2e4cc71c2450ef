"""Readiness after each mock is what the report of that mock says."""

from __future__ import annotations

import random

import pytest

from app.exam.form import Form, assemble
from app.exam.gains import labelled
from app.exam.meaning import PRIOR, Evidence, meaning
from app.exam.parameters import ItemParameters, Parameters
from app.exam.readiness import predictions
from app.exam.score import Mark
from tests.exam.banks import bank, snapshot

BANK = bank(420)
PARAMETERS = Parameters(
    BANK.parameters,
    tuple(ItemParameters(one.id, one.version, one.a, one.b, one.c) for one in BANK.items),
    BANK.reference,
)
NO_PLACES = labelled(BANK.reference, {}, PRIOR.nodes)


def sitting(seed: int, share: float, met: set[str]) -> Evidence:
    """A form with about this share right; what was met before is not new."""
    form: Form = assemble(snapshot(BANK), seed)
    chance = random.Random(seed)
    marks = tuple(Mark.RIGHT if chance.random() < share else Mark.WRONG for _ in form.positions)
    first = tuple(place.id not in met for place in form.positions)
    met |= {place.id for place in form.positions}
    return Evidence(form, marks, first)


@pytest.fixture(scope="module")
def sat() -> list[Evidence]:
    """Four mocks of somebody who learns; their forms share items."""
    met: set[str] = set()
    return [sitting(seed, 0.5 + 0.1 * seed, met) for seed in range(4)]


def test_each_prediction_is_that_of_its_report(sat: list[Evidence]) -> None:
    made = predictions(sat, [PARAMETERS] * len(sat))
    for count, found in enumerate(made, 1):
        last = sat[count - 1]
        raw = sum(mark is Mark.RIGHT for mark in last.marks)
        told = meaning(last.form, raw, PARAMETERS, sat[:count], NO_PLACES, 0.3).prediction
        assert found.probability == pytest.approx(told.probability, abs=1e-12)
        assert (found.low, found.high) == pytest.approx((told.low, told.high), abs=1e-12)


def test_more_right_answers_raise_it(sat: list[Evidence]) -> None:
    made = [one.probability for one in predictions(sat, [PARAMETERS] * len(sat))]
    assert made[0] < made[-1]
    assert all(0 <= one <= 1 for one in made)


def test_a_mock_of_known_items_alone_changes_nothing_but_its_own_form(sat: list[Evidence]) -> None:
    again = Evidence(sat[-1].form, sat[-1].marks, (False,) * len(sat[-1].marks))
    before, after = predictions([*sat, again], [PARAMETERS] * 5)[-2:]
    assert after.ability == pytest.approx(before.ability, abs=1e-9)


def test_nobody_has_a_prediction_without_a_mock() -> None:
    assert predictions([], []) == ()
