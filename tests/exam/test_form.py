"""Assembly of forms."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean

import pytest

from app.exam.blueprint import counts
from app.exam.expected_time import expected_seconds
from app.exam.form import Form, assemble, assemble_exactly, form_from_canonical, violations
from app.exam.item import ItemType, Service, Status
from app.exam.pack import Cut, Exam, MultipleAnswer
from app.exam.parameters import cold_started
from app.exam.snapshot import Bank, bank_from_canonical, bank_of, eligible, snapshot_from_canonical
from tests.exam.banks import DAY, bank, bank_from, exam, exam_with_pilots, item, snapshot

BANK = bank(420)
SNAPSHOT = snapshot(BANK)
FORM = assemble(SNAPSHOT, 1)


def test_five_hundred_forms_keep_every_hard_limit_and_are_all_distinct() -> None:
    forms = [assemble(SNAPSHOT, seed) for seed in range(500)]
    assert [violations(form, SNAPSHOT) for form in forms] == [()] * 500
    assert len({form.fingerprint for form in forms}) == 500
    assert max(form.tcc_deviation for form in forms) <= 0.05
    assert max(form.tif_deviation for form in forms) <= 0.05
    assert max(form.time_deviation or 0 for form in forms) <= 0.02
    used = Counter(place.id for form in forms for place in form.positions)
    assert len(used) >= 0.99 * len(BANK.items)
    assert max(used.values()) <= 2 * 500 * 74 / len(BANK.items)


def seconds(form: Form, of: Bank) -> float:
    """What the positions of a form are expected to take, pilots included."""
    times = {one.id: one.seconds or 0.0 for one in of.items}
    return sum(times[place.id] for place in form.positions)


@pytest.mark.parametrize("of", [exam(), exam_with_pilots()], ids=lambda one: str(one.id))
def test_forms_ask_for_the_time_of_average_items_pilots_included(of: Exam) -> None:
    this = bank(420, of=of)
    mean = {
        domain: fmean(one.seconds or 0.0 for one in this.items if one.domain == domain)
        for domain in of.blueprint
    }
    average = sum(need * mean[domain] for domain, need in counts(of).items())
    for seed in range(20):
        form = assemble(snapshot(this), seed)
        off = abs(seconds(form, this) / average - 1)
        assert off <= 0.02
        assert form.time_deviation == pytest.approx(off)


def test_forms_that_know_no_times_do_not_ask_for_equal_time() -> None:
    timeless = bank_from([replace(one, seconds=None) for one in BANK.items], BANK.exam)
    times = [seconds(assemble(snapshot(timeless), seed), BANK) for seed in range(20)]
    assert max(times) > 1.04 * min(times)


def test_the_scale_decides_at_the_half_point_on_every_form() -> None:
    for seed in range(20):
        table = assemble(SNAPSHOT, seed).conversion
        assert table[53] < 750 <= table[54]


def test_soft_limits_are_kept_in_a_large_bank() -> None:
    services = Counter(one.service for place in FORM.positions for one in BANK.items if one.id == place.id)
    assert max(services.values()) <= 3
    assert FORM.notes == ()


def test_soft_limits_that_cannot_be_kept_are_noted() -> None:
    same = bank_from([replace(one, service="only") for one in BANK.items], BANK.exam)
    form = assemble(snapshot(same), 1)
    assert "service only: 74 items, wanted 3 at most" in form.notes
    assert violations(form, snapshot(same)) == ()


def test_pilots_are_unscored_by_domain_and_the_least_answered() -> None:
    this = bank(420, of=exam_with_pilots())
    fresh = {one.id for index, one in enumerate(this.items) if index % 10 == 0}
    state = snapshot(this, answered={one.id: 50 for one in this.items if one.id not in fresh})
    form = assemble(state, 4)
    pilots = [place for place in form.positions if not place.scored]
    assert violations(form, state) == ()
    assert len(pilots) == 10
    assert {place.id for place in pilots} <= fresh
    assert len(form.conversion) == 66


def test_positions_are_numbered_in_a_shuffled_order() -> None:
    assert [place.number for place in FORM.positions] == list(range(1, 75))
    domains = [place.domain for place in FORM.positions]
    assert sum(one != other for one, other in pairwise(domains)) > 30


def test_the_same_seed_and_snapshot_give_the_same_form() -> None:
    assert assemble(snapshot(bank(420)), 1).canonical() == FORM.canonical()
    assert assemble(SNAPSHOT, 2).canonical() != FORM.canonical()


def test_the_same_form_comes_out_of_a_stored_snapshot() -> None:
    state = snapshot(BANK, seen=("item-0003", "item-0001"), exposure={"item-0002": 9, "item-0007": 0})
    first, second = state.canonical()
    stored = snapshot_from_canonical(bank_from_canonical(first), second)
    assert stored.canonical() == (first, second)
    assert assemble(stored, 5).canonical() == assemble(state, 5).canonical()


def test_a_snapshot_with_counts_by_id_as_the_first_were_gives_the_form_that_it_gave() -> None:
    state = snapshot(BANK, exposure={"item-0002": 9, "item-0007": 1}, answered={"item-0003": 4})
    by_id = json.loads(state.canonical()[1]) | {"exposure": state.exposure, "answered": state.answered}
    again = snapshot_from_canonical(BANK, json.dumps(by_id))
    assert again.canonical() == state.canonical()
    assert assemble(again, 5).canonical() == assemble(state, 5).canonical()


def test_a_snapshot_from_before_there_were_times_gives_the_form_that_it_gave() -> None:
    old = bank_from([replace(one, seconds=None) for one in BANK.items], BANK.exam)
    assert "seconds" not in json.loads(old.canonical)["items"][0]
    again = bank_from_canonical(old.canonical)
    assert again.sha256 == old.sha256
    form = assemble(snapshot(again), 1)
    assert form.fingerprint == "e6df92b17a6ef9fbe7438f60c5080621854dbf1e1ea21b1f1bfdb6b63a49d726"
    assert form.time_deviation is None


def test_a_form_from_before_there_were_times_is_read_and_written_as_it_was() -> None:
    old = replace(FORM, time_deviation=None).canonical()
    assert "time_deviation" not in json.loads(old)
    assert form_from_canonical(old).canonical() == old


def test_the_exact_form_is_valid_and_no_further_off_than_that_of_the_search() -> None:
    short = exam(items=22, pilots=2, cut=Cut(14.5, "for the tests"), multiple_answer=MultipleAnswer(4, 7))
    this = snapshot(bank(80, of=short, enemies=4))
    form, proof = assemble_exactly(this, 1)
    other = assemble(this, 1)
    assert violations(form, this) == ()
    assert worst(form) < worst(other)
    assert worst(form) == pytest.approx(proof.worst, abs=0.001)
    assert proof.least_worst <= proof.worst


def worst(form: Form) -> float:
    """The largest distance in units of the tolerance of curves."""
    return max(form.tcc_deviation, form.tif_deviation, (form.time_deviation or 0) * 0.05 / 0.02)


def test_the_same_form_comes_out_of_another_process() -> None:
    code = (
        "import hashlib; from app.exam.form import assemble; from tests.exam.banks import bank, snapshot;"
        "print(hashlib.sha256(assemble(snapshot(bank(420)), 1).canonical().encode()).hexdigest())"
    )
    for hash_seed in ("1", "2"):
        fresh = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert fresh.stdout.strip() == hashlib.sha256(FORM.canonical().encode()).hexdigest()


def test_the_order_in_which_items_were_loaded_decides_nothing() -> None:
    turned = replace(BANK, items=BANK.items[::-1])
    assert turned.sha256 == BANK.sha256
    assert assemble(snapshot(turned), 1).canonical() == FORM.canonical()


def test_a_snapshot_belongs_to_its_bank() -> None:
    with pytest.raises(ValueError, match="another bank"):
        snapshot_from_canonical(bank(400), SNAPSHOT.canonical()[1])


def test_a_bank_holds_one_version_of_an_item() -> None:
    with pytest.raises(ValueError, match="one version"):
        replace(BANK, items=(*BANK.items, replace(BANK.items[0], version=9)))


def test_a_form_survives_storage() -> None:
    assert form_from_canonical(FORM.canonical()) == FORM


def test_the_fingerprint_is_of_the_items_and_not_of_their_order() -> None:
    assert replace(FORM, positions=FORM.positions[::-1], seed=9).fingerprint == FORM.fingerprint
    newer = replace(FORM.positions[0], version=FORM.positions[0].version + 1)
    assert replace(FORM, positions=(newer, *FORM.positions[1:])).fingerprint != FORM.fingerprint


def test_disjoint_forms_are_found_as_long_as_there_are_any() -> None:
    """Four forms of exactly the blueprint's counts: the fourth is what the other three leave over."""
    this = exam(multiple_answer=None, per_service=None, per_company=None)
    items = bank(800, of=this, enemies=0).items
    quota = {"D1": 19 * 4, "D2": 21 * 4, "D3": 19 * 4, "D4": 15 * 4}
    kept = [
        one
        for domain, count in quota.items()
        for one in [each for each in items if each.domain == domain][:count]
    ]
    whole, seen = bank_from(kept, this), set[str]()
    for seed in range(4):
        form = assemble(snapshot(whole, seen=tuple(seen)), seed)
        assert form.seen_before == 0
        seen |= {place.id for place in form.positions}
    assert assemble(snapshot(whole, seen=tuple(seen)), 9).seen_before == 74


def test_overlap_is_least_under_the_multiple_answer_range_too() -> None:
    """All unseen items are multiple-choice: exactly as many seen ones are taken as the range asks for."""
    seen = tuple(one.id for one in BANK.items if one.type is ItemType.MULTIPLE)
    form = assemble(snapshot(BANK, seen=seen), 3)
    assert form.seen_before == 15


def test_seen_items_that_have_left_the_bank_are_no_trouble() -> None:
    assert assemble(snapshot(BANK, seen=("gone",), exposure={"gone": 4}), 1).seen_before == 0


def test_often_used_items_give_way() -> None:
    often = {one.id for index, one in enumerate(BANK.items) if index % 2}
    state = snapshot(BANK, exposure={one.id: 40 if one.id in often else 2 for one in BANK.items})
    used = Counter(place.id in often for seed in range(20) for place in assemble(state, seed).positions)
    assert used[True] < 0.8 * used[False]


def test_named_eligible_items_come_first() -> None:
    named = tuple(one.id for index, one in enumerate(BANK.items) if index % 2)
    assert {place.id for place in assemble(snapshot(BANK, eligibility=named), 1).positions} <= set(named)


def test_embargoed_items_stay_out_until_their_day() -> None:
    this = exam(embargo_days=183)
    newest = item(
        "new", services=(Service("old", date(2010, 1, 1)), Service("new", DAY - timedelta(days=182)))
    )
    just = item("just", services=(Service("new", DAY - timedelta(days=183)),))
    undated = item("undated", services=(Service("always"),))
    assert [one.id for one in eligible([newest, just, undated], this, DAY)] == ["just", "undated"]
    assert len(eligible([newest], this, DAY + timedelta(days=1))) == 1


def test_only_ready_items_with_key_and_domain_are_eligible() -> None:
    states = [item(status.value, status=status) for status in Status]
    others = [item("nowhere", None), item("elsewhere", "D9"), item("no-key", keys=0)]
    assert [one.id for one in eligible([*states, *others], exam(), DAY)] == ["ready"]


def test_a_bank_is_made_of_items_and_parameters() -> None:
    this = exam()
    items = [
        item(
            "i1",
            keys=2,
            services=(Service("first"), Service("second")),
            enemies=("i9",),
            company="c",
            topic="t",
        ),
        item("i2", objective="1.1"),
    ]
    made = bank_of([*items, item("unknown")], this, DAY, cold_started(items, this))
    assert [one.id for one in made.items] == ["i1", "i2"]
    assert [one.seconds for one in made.items] == expected_seconds(items, this)
    first = made.items[0]
    assert (first.service, first.company, first.topic, first.enemies, first.c) == (
        "first",
        "c",
        "t",
        ("i9",),
        0.1,
    )


def test_a_small_bank_gives_forms_and_says_how_far_off_they_are() -> None:
    this = snapshot(bank(121, enemies=4))
    for seed in range(10):
        form = assemble(this, seed)
        assert violations(form, this) == ()
        assert form.tcc_deviation < 1
