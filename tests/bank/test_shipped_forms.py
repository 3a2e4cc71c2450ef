"""The shipped packs: what they hold, and that the forms made of them keep every promise of their exams."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

from app import loading
from app.exam import blueprint
from app.exam.form import assemble, violations
from app.exam.item import Bloom, Item, ItemType, Status
from app.exam.pack import Exam
from app.exam.parameters import cold_started
from app.exam.score import is_half_point
from app.exam.snapshot import Snapshot, bank_of
from app.settings import ROOT

FORMS = 500
AS_OF = datetime(2026, 11, 23, tzinfo=UTC)


@cache
def shipped() -> tuple[tuple[Exam, ...], tuple[Item, ...]]:
    """The exams and the items, as delivered, of questions/csa-pro."""
    reading, faults = loading.read_and_check(ROOT / "questions" / "csa-pro", AS_OF)
    assert reading.pack is not None, faults
    return reading.pack.exams, loading.delivered(reading.pack, faults)


@cache
def snapshot_of(number: int) -> Snapshot:
    """What the forms of one of the shipped exams are made of, for a candidate without history."""
    exams, items = shipped()
    exam = exams[number]
    return Snapshot(bank_of(items, exam, AS_OF.date(), cold_started(items, exam)), AS_OF.date())


def test_every_shipped_item_is_ready() -> None:
    assert {item.status for item in shipped()[1]} == {Status.READY}


def test_the_shipped_bank_has_the_items_that_the_blueprint_asks_for() -> None:
    domains = Counter(item.domain for item in shipped()[1])
    least = {"D1": 108, "D2": 122, "D3": 105, "D4": 85}
    assert all(domains[name] >= count for name, count in least.items()), domains


def test_a_quarter_to_three_tenths_of_the_shipped_bank_is_multiple_answer() -> None:
    items = shipped()[1]
    share = sum(item.type is ItemType.MULTIPLE for item in items) / len(items)
    assert 0.25 <= share <= 0.30, share


def test_the_key_is_not_given_away_by_its_length() -> None:
    single = [item for item in shipped()[1] if item.type is ItemType.SINGLE]
    for pick in (max, min):
        picked = [pick(item.options, key=lambda option: len(option.text)).key for item in single]
        assert sum(picked) <= 0.32 * len(single), (pick.__name__, sum(picked), len(single))


@pytest.mark.parametrize("number", [0, 1], ids=["csa-pro", "sap-c02"])
def test_the_cut_of_a_shipped_exam_is_on_a_half_point(number: int) -> None:
    assert is_half_point(shipped()[0][number])


@pytest.mark.parametrize(
    ("number", "quotas"),
    [(0, {"D1": 19, "D2": 21, "D3": 19, "D4": 15}), (1, {"D1": 20, "D2": 22, "D3": 18, "D4": 15})],
    ids=["csa-pro", "sap-c02"],
)
def test_the_shipped_blueprint_rounds_to_the_published_counts(number: int, quotas: dict[str, int]) -> None:
    assert blueprint.counts(shipped()[0][number]) == quotas


def test_five_hundred_forms_of_the_shipped_bank_have_no_violation_are_alike_and_all_distinct() -> None:
    snapshot = snapshot_of(0)
    forms = [assemble(snapshot, seed) for seed in range(FORMS)]
    broken = {form.seed: found for form in forms if (found := violations(form, snapshot))}
    assert broken == {}
    assert max(form.tcc_deviation for form in forms) <= 0.05
    assert max(form.tif_deviation for form in forms) <= 0.05
    assert max(form.time_deviation or 1 for form in forms) <= 0.02
    assert len({form.fingerprint for form in forms}) == FORMS


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_candidate_sits_five_mocks_without_meeting_an_item_twice(seed: int) -> None:
    snapshot = snapshot_of(0)
    seen: set[str] = set()
    for mock in range(5):
        form = assemble(replace(snapshot, seen=tuple(sorted(seen))), seed * 10 + mock)
        names = {position.id for position in form.positions}
        assert violations(form, snapshot) == ()
        assert names.isdisjoint(seen)
        seen |= names
    assert len(seen) == 5 * 74


def test_every_task_has_twelve_items_and_none_is_mere_recall() -> None:
    items = shipped()[1]
    tasks = Counter(item.objective for item in items)
    assert len(tasks) == 20
    assert min(tasks.values()) >= 12, tasks
    thinking = Counter(item.bloom for item in items)
    assert set(thinking) <= set(Bloom)
    assert thinking[Bloom.ANALYZE] + thinking[Bloom.EVALUATE] >= 0.6 * len(items)


def test_no_deciding_constraint_is_rare_or_everywhere() -> None:
    items = shipped()[1]
    constraints = Counter(item.constraint for item in items)
    assert all(0.08 <= count / len(items) <= 0.30 for count in constraints.values()), constraints


def test_forms_with_pilots_have_no_violation_and_score_sixty_five_items() -> None:
    snapshot = snapshot_of(1)
    for seed in range(50):
        form = assemble(snapshot, seed)
        assert violations(form, snapshot) == ()
        assert sum(position.scored for position in form.positions) == 65
        assert len(form.conversion) == 66
