"""Item analysis: the figures, the flags and their sample sizes, and no NaN whatever the responses are."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.analysing import Analysed, analyse
from app.exam.analysis import summary_from_plain
from app.exam.answers import Answers, gathered
from app.exam.calibrating import recalibrate
from app.exam.clock import TimeOption
from app.exam.exam_figures import domain_worth
from app.exam.form import Form, Snapshot, assemble, bank_of
from app.exam.item_analysis import Document, Line, Rule, document_from_plain, line_from_plain
from app.exam.observation import Others
from app.exam.parameters import Parameters, calibrated
from app.exam.score import Mark
from app.psychometrics.ability import normal_prior
from tests.exam.banks import DAY
from tests.exam.observed import START, Answering, Bank, attempts, sat, small

BANK = small()


def silent(_done: int, _total: int, _note: str) -> None:
    """Nobody watches."""


def looked_at(answers: Answers, bank: Bank = BANK, **changes: Any) -> Analysed:
    """An analysis; `changes` are those of its setting."""
    return analyse(answers, replace(bank.setting(answers), **changes), silent)


def item(found: Analysed, number: int) -> tuple[Line, Document]:
    return found.items[number]


def rules(found: Analysed, number: int) -> set[Rule]:
    return {flag.rule for flag in found.items[number][0].flags}


def only(number: int, answering: Answering, bank: Bank = BANK) -> Answering:
    """One item that is answered in a way of its own, the others as the model says."""
    return lambda rng, theta, at: answering(rng, theta, at) if at == number else bank.right(rng, theta, at)


def test_a_line_has_what_was_counted() -> None:
    answers = sat(BANK, 120)
    line, document = item(looked_at(answers), 3)
    here = answers.version == 4
    assert line.count == int(np.sum(here))
    assert line.p == pytest.approx(float(np.mean(answers.marks[here] & 16 > 0)), abs=1e-4)
    assert sum(option.count for option in document.options) == line.count
    assert [option.key for option in document.options] == [o.key for o in BANK.items[3].options]
    assert sum(one.count for one in document.bins) == line.count
    assert document.timing is not None
    assert document.timing.median == line.seconds


def test_whole_documents_survive_storage() -> None:
    found = looked_at(sat(BANK, 60))
    stored = json.loads(json.dumps(found.summary.plain(), allow_nan=False))
    assert summary_from_plain(stored) == found.summary
    for line, document in found.items:
        assert line_from_plain(json.loads(json.dumps(line.plain(), allow_nan=False))) == line
        assert document_from_plain(json.loads(json.dumps(document.plain(), allow_nan=False))) == document


def test_nothing_is_flagged_below_a_hundred_responses() -> None:
    found = looked_at(sat(BANK, 200, answering=lambda _r, _t, at: at % 2 == 0))
    assert max(line.count for line, _ in found.items) < 100
    assert not found.summary.flags


def test_a_wrong_key_is_suspected() -> None:
    bank = small(14)
    found = looked_at(sat(bank, 250, answering=only(3, lambda _r, theta, _a: theta < 0, bank)), bank)
    assert {Rule.KEY, Rule.REVERSED} <= rules(found, 3)
    assert not any(Rule.KEY in rules(found, number) for number in range(14) if number != 3)


def test_hard_and_easy_items_are_told() -> None:
    bank = small(14)
    found = looked_at(
        sat(bank, 200, answering=lambda rng, theta, at: at > 0 and bank.right(rng, theta, at)), bank
    )
    assert Rule.HARD in rules(found, 0)
    found = looked_at(
        sat(bank, 200, answering=lambda rng, theta, at: at == 0 or bank.right(rng, theta, at)), bank
    )
    assert Rule.EASY in rules(found, 0)


def test_an_item_that_leaks_is_noticed() -> None:
    bank, turn = small(14), iter(range(10_000))
    found = looked_at(sat(bank, 400, answering=only(2, lambda _r, _t, _a: next(turn) > 170, bank)), bank)
    assert Rule.LEAK in rules(found, 2)
    line, document = item(found, 2)
    assert line.trend is not None
    assert document.exposures[0].residual < document.exposures[-1].residual


def known(bank: Bank, answers: Answers) -> Parameters:
    """A bank whose parameters were calibrated, on these responses."""
    stock = bank.stock(answers)
    rated = np.array([one.parameters.b for one in stock.members])
    made = recalibrate(answers, stock, rated, bank.parameters, Others())
    return calibrated("calibration-2", made.items, bank.parameters.reference)


def test_an_item_that_drifted_since_its_calibration_is_noticed() -> None:
    bank = small(14)
    before = list(attempts(bank, 300))
    used = known(bank, gathered(before))
    harder = only(5, lambda rng, theta, at: rng.random() < 0.2, bank)
    later = [
        replace(
            one, id=one.id + 300, person_id=one.person_id + 300, started_at=one.started_at + timedelta(300)
        )
        for one in attempts(bank, 200, seed=2, answering=harder)
    ]
    answers = gathered([*before, *later])
    setting = replace(bank.setting(answers, used), calibrated_at=START + timedelta(200))
    found = analyse(answers, setting, silent)
    assert Rule.DRIFT in rules(found, 5)
    assert found.summary.flags[Rule.DRIFT.value] <= 2
    assert found.items[4][1].fit is not None


def test_ratings_are_not_called_misfits() -> None:
    assert all(document.fit is None for _, document in looked_at(sat(BANK, 300)).items)


def test_groups_are_compared_when_both_are_large() -> None:
    bank = small(12)
    slower = [
        replace(one, time_option=TimeOption.TIMES_1_5) if one.id % 2 else one for one in attempts(bank, 440)
    ]
    _, document = item(looked_at(gathered(slower), bank), 0)
    (one,) = document.differences
    assert (one.focal, one.focal_count, one.reference_count) == ("with more time", 220, 220)
    _, document = item(looked_at(sat(bank, 440), bank), 0)
    assert document.differences == ()


def test_the_summary_counts_what_was_compared_between_groups() -> None:
    bank = small(12)
    slower = [
        replace(one, time_option=TimeOption.TIMES_2) if number % 2 else one
        for number, one in enumerate(attempts(bank, 440))
    ]
    longer, later = looked_at(gathered(slower), bank).summary.compared
    assert (longer.focal, longer.focal_count, longer.reference_count) == ("with more time", 220, 220)
    assert longer.items == sum(longer.levels.values()) == 12
    assert (later.focal_count, later.items) == (0, 0)


def typical_forms() -> list[Form]:
    """Forms of the small bank, as they would be made now."""
    snapshot = Snapshot(bank_of(BANK.items, BANK.exam, DAY, BANK.parameters), DAY)
    return [assemble(snapshot, seed) for seed in range(3)]


def test_subscores_are_worth_little_where_domains_are_alike_and_more_where_they_are_not() -> None:
    forms, prior = typical_forms(), normal_prior()
    alike = domain_worth(forms, prior, 0.01)
    apart = domain_worth(forms, prior, 1.2)
    assert [one.domain for one in alike] == ["D1", "D2"]
    assert [one.items for one in alike] == [6, 6]
    assert not any(one.reported for one in alike)
    assert all(one.reported == len(forms) for one in apart)
    assert all(one.own.low <= one.own.mean <= one.own.high for one in apart)


def test_a_summary_from_before_there_were_subscores_is_still_read() -> None:
    found = looked_at(sat(BANK, 60), typical=typical_forms()).summary
    stored = found.plain()
    assert summary_from_plain(json.loads(json.dumps(stored))) == found
    del stored["subscores"], stored["compared"]
    assert summary_from_plain(stored) == replace(found, subscores=(), compared=())


def test_items_that_go_together_are_neighbours() -> None:
    bank = small(12)
    last: dict[int, bool] = {}

    def answering(rng: np.random.Generator, theta: float, at: int) -> bool:
        if at in (1, 2):
            last[0] = last.pop(0) if 0 in last else bank.right(rng, theta, at)
            result = last[0]
            if len(last) == 1 and last.get(9):
                last.clear()
            else:
                last[9] = True
            return result
        return bank.right(rng, theta, at)

    found = looked_at(sat(bank, 300, answering=answering), bank)
    _, document = item(found, 1)
    assert document.neighbours[0].item == bank.items[2].id
    assert Rule.DEPENDENT in rules(found, 1)
    assert found.summary.dependent_pairs >= 1
    assert document.neighbours[0].excess > document.neighbours[1].excess


def test_use_is_that_of_the_ready_bank() -> None:
    found = looked_at(sat(BANK, 5), uses={BANK.items[0].id: 4}, forms=8)
    assert item(found, 0)[0].exposure == 0.5
    assert (found.summary.bank.used, found.summary.bank.highest) == (1, 0.5)


def test_the_summary_counts_what_was_there() -> None:
    summary = looked_at(sat(BANK, 150)).summary
    assert (summary.attempts, summary.candidates, summary.responses) == (150, 150, 1800)
    assert summary.scores is not None
    assert sum(summary.scores.counts) == 150
    assert summary.reliability is not None
    assert 0.2 < summary.reliability < 0.9
    assert summary.person_fit is None  # twelve responses are too few
    assert summary.time is not None
    assert summary.time.spread == pytest.approx(0.0, abs=0.15)
    assert not summary.domain_spread_estimated


def test_the_last_quarter_is_what_the_rest_foretells() -> None:
    summary = looked_at(sat(BANK, 300)).summary
    assert summary.time is not None
    assert summary.time.last_quarter is not None
    assert summary.time.last_quarter_error is not None
    assert abs(summary.time.last_quarter) < 4 * summary.time.last_quarter_error


def test_without_attempts_there_is_a_summary_that_says_so() -> None:
    found = looked_at(sat(BANK, 0))
    assert (found.summary.attempts, found.summary.reliability, found.summary.scores) == (0, None, None)
    assert len(found.items) == len(BANK.items)
    assert all(line.p is None and not line.flags for line, _ in found.items)


ANSWERINGS = st.sampled_from(("all right", "all wrong", "by item", "by the model"))
ALL = {
    "all right": lambda _r, _t, _a: True,
    "all wrong": lambda _r, _t, _a: False,
    "by item": lambda _r, _t, at: at % 2 == 0,
    "by the model": BANK.right,
}


@settings(max_examples=15)
@given(
    count=st.sampled_from((0, 1, 2, 3, 12)),
    answering=ANSWERINGS,
    is_open=st.booleans(),
    first=st.booleans(),
    seed=st.integers(0, 99),
    length=st.sampled_from((1, 3, 24)),
)
def test_there_is_no_nan_whatever_was_answered(
    count: int, answering: str, is_open: bool, first: bool, seed: int, length: int
) -> None:
    changes: dict[str, object] = {"choice": (), "mark": Mark.UNANSWERED} if is_open else {}
    answers = sat(BANK, count, seed, ALL[answering], length, first=first, **changes)
    found = looked_at(answers)
    json.dumps(
        [found.summary.plain(), [one.plain() for pair in found.items for one in pair]], allow_nan=False
    )
    if count and first:
        stock = BANK.stock(answers)
        rated = np.array([one.parameters.b for one in stock.members])
        made = recalibrate(answers, stock, rated, BANK.parameters, Others())
        for one in made.items:
            assert np.all(np.isfinite([one.a, one.b, one.se_a or 0.0, one.se_b or 0.0]))
            assert one.a > 0
        json.dumps(made.details, allow_nan=False)
