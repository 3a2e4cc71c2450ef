"""What a score means: band, chance on a fresh form, domains against the standard."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.form import Form, assemble
from app.exam.gains import Kind, Label, Part, labelled
from app.exam.meaning import PRIOR, Evidence, Meaning, meaning
from app.exam.parameters import ItemParameters, Parameters
from app.exam.score import Mark
from tests.exam.banks import bank, snapshot

BANK = bank(300)
FORM: Form = assemble(snapshot(BANK), 1)
LABELS = {
    item.id: Label(item.domain, (Part(Kind.TOPIC, item.topic), Part(Kind.SERVICE, item.service)))
    for item in BANK.items
    if item.topic and item.service
}
PLACES = labelled(BANK.reference, LABELS, PRIOR.nodes)


def known(se: float | None = None, answered: int = 0) -> Parameters:
    """The bank's parameters, as sure as told."""
    items = tuple(ItemParameters(i.id, i.version, i.a, i.b, i.c, se, se, answered) for i in BANK.items)
    return Parameters("synthetic", items, BANK.reference)


def sat(right: int, *, first: bool = True, form: Form = FORM) -> Evidence:
    """A sitting with so many right, from the first position on."""
    marks = [Mark.RIGHT if at.number <= right else Mark.WRONG for at in form.positions]
    return Evidence(form, marks, [first] * len(marks))


def means(right: int, *more: Evidence, parameters: Parameters | None = None) -> Meaning:
    """What so many right on the form mean, after other sittings."""
    evidence = [*more, sat(right)]
    return meaning(FORM, right, parameters or known(), evidence, PLACES, 0.35)


@pytest.mark.parametrize("right", [0, 1, 20, 53, 54, 73, 74])
def test_the_band_holds_the_score_and_stays_on_the_scale(right: int) -> None:
    found = means(right)
    assert FORM.scale.min <= found.low <= FORM.conversion[right] <= found.high <= FORM.scale.max


def test_calibrated_items_make_the_band_narrower() -> None:
    rough, fine = means(54), means(54, parameters=known(0.1, 500))
    assert fine.high - fine.low < rough.high - rough.low
    assert (rough.calibrated, fine.calibrated, fine.scored) == (0, 74, 74)


def test_more_right_is_a_better_chance() -> None:
    chances = [means(right).prediction.probability for right in range(0, 75, 6)]
    assert chances == sorted(chances)
    assert chances[0] < 0.05
    assert chances[-1] > 0.9


def test_what_was_seen_before_is_counted_apart_and_says_nothing() -> None:
    alone, after = means(54), means(54, sat(74, first=False))
    assert (after.new, after.repeated) == (74, 74)
    assert after.prediction == alone.prediction


def test_more_sittings_make_the_belief_surer() -> None:
    other = assemble(snapshot(BANK), 2)
    assert means(54, sat(54, form=other)).prediction.sd < means(54).prediction.sd


def test_a_domain_all_wrong_is_below_and_all_right_is_above() -> None:
    for right, verdict in ((0, "below"), (74, "above")):
        said = {one.subscore.verdict for one in means(right).domains if one.subscore}
        assert said <= {verdict}


def test_withdrawn_positions_count_for_nothing() -> None:
    evidence = Evidence(FORM, sat(54).marks, [True] * 74, frozenset(range(1, 11)))
    found = meaning(FORM, 44, known(), [evidence], PLACES, 0.35)
    assert found.new == 64


def test_a_reference_whose_items_nobody_knows_any_more_still_gives_domains() -> None:
    found = meaning(FORM, 54, known(), [sat(54)], labelled(BANK.reference, {}, PRIOR.nodes), 0.35)
    assert {one.domain for one in found.domains} == {label.domain for label in LABELS.values()}


def numbers(value: Any) -> list[float]:
    """Every number in a dataclass, however deep."""
    if is_dataclass(value):
        return [n for field in fields(value) for n in numbers(getattr(value, field.name))]
    if isinstance(value, tuple):
        return [n for one in value for n in numbers(one)]
    return [value] if isinstance(value, (int, float)) else []


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 74), st.sampled_from([None, 0.0, 0.3, 3.0]), st.floats(0.01, 1.5))
def test_nothing_is_ever_no_number(right: int, se: float | None, spread: float) -> None:
    found = meaning(FORM, right, known(se), [sat(right)], PLACES, spread)
    assert all(isfinite(number) for number in numbers(found))


def weak_in(domain: str) -> tuple[Evidence, int]:
    """A sitting with everything right but in one domain, and how many that is."""
    marks = [Mark.WRONG if at.domain == domain else Mark.RIGHT for at in FORM.positions]
    return Evidence(FORM, marks, [True] * len(marks)), marks.count(Mark.RIGHT)


@pytest.mark.parametrize("domain", ["D1", "D2", "D3", "D4"])
def test_the_weak_domain_is_where_there_is_most_to_gain(domain: str) -> None:
    evidence, raw = weak_in(domain)
    first, *others = meaning(FORM, raw, known(), [evidence], PLACES, 0.8).domains
    assert first.domain == domain
    assert 0 <= first.gain.low <= first.gain.points <= first.gain.high
    assert all(other.gain.points < first.gain.points for other in others)


def test_who_has_everything_right_has_nothing_to_gain() -> None:
    assert all(one.gain.high == 0 and one.gain.points < 1 for one in means(74).domains)


def test_of_two_equal_shortfalls_the_heavier_domain_comes_first() -> None:
    found = {one.domain: one for one in means(0).domains}
    gains = {name: one.gain.points for name, one in found.items()}
    assert gains["D2"] > gains["D4"]  # 29 against 20 of 100


def test_the_topic_missed_is_the_one_with_most_to_gain_of_its_domain() -> None:
    domain = "D2"
    topic = next(at.topic for at in FORM.positions if at.domain == domain)
    missed = [at.number for at in FORM.positions if (at.domain, at.topic) == (domain, topic)]
    marks = [Mark.WRONG if at.number in missed else Mark.RIGHT for at in FORM.positions]
    evidence = Evidence(FORM, marks, [True] * len(marks))
    found = {
        one.domain: one for one in meaning(FORM, 74 - len(missed), known(), [evidence], PLACES, 0.35).domains
    }
    first = found[domain].parts[0]
    assert (first.part, first.missed) == (Part(Kind.SERVICE, first.part.name), first.missed)
    topics = [part for part in found[domain].parts if part.part.kind is Kind.TOPIC]
    assert topics[0].part.name == topic
    assert topics[0].missed == tuple(missed)
    assert (topics[0].tally.right, topics[0].tally.total) == (0, len(missed))


def test_what_was_seen_before_says_nothing_of_domains_either() -> None:
    found = means(74, sat(0)).domains
    again = meaning(FORM, 74, known(), [sat(0), sat(74, first=False)], PLACES, 0.35)
    assert all(one.subscore for one in found)
    assert all(one.subscore is None and one.tally.total == 0 for one in again.domains)
    assert (again.first_seen.total, again.seen_again.total) == (0, 74)
