"""Each rule of the item-writing standard catches its flaw and leaves a good item in peace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.exam.faults import Fault, Kind, Place, Severity, quality, structure
from app.exam.item import (
    Accepted,
    Bloom,
    DecidingConstraint,
    Demand,
    Item,
    ItemType,
    Option,
    Reference,
    Status,
    Trap,
)
from app.exam.pack import Cut, Domain, Exam, Pack, Scale, Topic
from app.exam.quality import (
    RULES,
    Standard,
    check,
    check_item,
    delivered_status,
    hidden_characters,
    question_of,
    words,
)

TODAY = date(2026, 11, 23)
WHY = "The ships must see the light all night, and this option keeps or loses it."
SCENE = (
    "A keeper sees the lamp flicker in a storm. The ships that pass the rock steer by it until dawn. A spare lamp "
    "stands in the store, and a boat comes twice a week."
)
FOG = (
    "Fog comes in before dusk, and the crews of two ships can no longer see the rock. The station has a horn, a "
    "bell and a mast for flags. The crews know the signals of the coast by heart."
)
QUESTION = "What should the keeper do first to keep the light?"


def option(name: str, text: str, *, key: bool = False) -> Option:
    if key:
        return Option(name, text, key=True, why=WHY)
    return Option(name, text, why=WHY, trap=Trap.PARTIAL_SOLUTION, misconception="Half of it is enough.")


SINGLE = Item(
    id="lamp-001",
    version=1,
    status=Status.READY,
    type=ItemType.SINGLE,
    stem=f"{SCENE}\n\n{QUESTION}",
    options=(
        option("a", "Light the spare lamp and repair the first."),
        option("b", "Light the spare lamp and sell the first.", key=True),
        option("c", "Wait for the day and repair the lamp."),
        option("d", "Wait for the ship that brings a lamp."),
    ),
    constraints=(Demand("until dawn", ("a", "c", "d")),),
    references=(Reference("Lamps", "https://example.org/lamps"),),
    domain="D1",
    objective="1.1",
    topic="light",
    constraint=DecidingConstraint.RESILIENCE,
    bloom=Bloom.APPLY,
    rating=0.6,
    verified_on=TODAY,
)
MULTIPLE = replace(
    SINGLE,
    id="horn-001",
    type=ItemType.MULTIPLE,
    stem=f"{FOG}\n\nWhich two signals should be given? (Select TWO.)",
    options=(
        option("a", "The long horn every two minutes", key=True),
        option("b", "The short horn every two minutes", key=True),
        option("c", "The bell between two horn signals"),
        option("d", "The red flag on the mast"),
        option("e", "The white flag on the mast"),
    ),
    constraints=(Demand("in fog", ("c", "d", "e")),),
)


def broken_rules(item: Item, as_of: date = TODAY) -> list[str]:
    found = check_item(item, as_of, Place(item=item.id))
    return [fault.rule for fault in found if fault.severity is Severity.ERROR]


def with_text(item: Item, name: str, text: str) -> Item:
    return replace(item, options=tuple(replace(o, text=text) if o.id == name else o for o in item.options))


def with_question(question: str, item: Item = SINGLE) -> Item:
    return replace(item, stem=f"{SCENE}\n\n{question}")


def with_option(item: Item, name: str, **changes: Any) -> Item:
    return replace(item, options=tuple(replace(o, **changes) if o.id == name else o for o in item.options))


@pytest.mark.parametrize("item", [SINGLE, MULTIPLE], ids=["single", "multiple"])
@pytest.mark.parametrize("rule", RULES)
def test_a_good_item_passes(item: Item, rule: str) -> None:
    assert [finding for check in RULES[rule] for finding in check(item, Standard(TODAY))] == []


FLAWS: list[tuple[str, Item]] = [
    ("L01", replace(SINGLE, options=SINGLE.options[:3])),
    ("L01", with_option(SINGLE, "a", key=True)),
    ("L01", replace(MULTIPLE, options=MULTIPLE.options[:4])),
    ("L01", with_option(with_option(MULTIPLE, "c", key=True), "d", key=True)),
    ("L02", with_question(f"{QUESTION} (Select ONE.)")),
    ("L02", with_question("Which two signals should be given?", MULTIPLE)),
    ("L02", with_question("Which two signals should be given? (Select THREE.)", MULTIPLE)),
    ("L02", with_question("Which two signals should be given? (Choose two)", MULTIPLE)),
    ("L03", with_question("The keeper thinks.")),
    ("L03", with_question("Lamp?")),
    ("L03", with_question("Which of the following is true?")),
    ("L03", with_question("Choose the signals. (Select TWO.)", MULTIPLE)),
    ("L04", with_text(SINGLE, "d", "All of the above are right here.")),
    ("L04", with_text(SINGLE, "d", "Do both of these in turn.")),
    ("L05", with_text(SINGLE, "d", "None of the above is right.")),
    ("L05", with_text(SINGLE, "d", "No change is needed")),
    ("L05", with_text(SINGLE, "d", "None")),
    ("L06", with_question("What should the keeper NOT do?")),
    ("L06", with_question("What should the keeper do EXCEPT light the lamp?")),
    ("L06", with_question("Which step is LEAST likely to help?")),
    ("L06", with_question("Which statement is incorrect?")),
    ("L06", with_question("Which of the following is not a lamp?")),
    ("L06", with_question("Which answer is false?")),
    ("L17", with_text(SINGLE, "d", "A and B")),
    ("L17", with_text(SINGLE, "d", "both A and C.")),
    ("L17", with_text(SINGLE, "d", "1, 2 and 3")),
    ("L17", with_text(SINGLE, "d", "I and III only")),
    ("L18", with_text(SINGLE, "d", "True")),
    ("L18", with_text(SINGLE, "d", "no.")),
    ("L19", with_question("Which lamp is in the ____ room?")),
    ("L25", replace(SINGLE, stem="word " * 260 + QUESTION)),
    ("L25", with_text(SINGLE, "d", "Wait for it.")),
    ("L25", with_text(SINGLE, "d", "wait " * 61)),
    ("L28", with_option(SINGLE, "b", why="")),
    ("L28", with_option(SINGLE, "a", why="Incorrect, as the light must be seen all night long.")),
    ("L29", replace(SINGLE, references=())),
    ("L29", replace(SINGLE, references=(Reference("Lamps", "http://example.org"),))),
    ("L30", replace(SINGLE, verified_on=None)),
    ("L30", replace(SINGLE, verified_on=TODAY - timedelta(days=366))),
    ("L35", with_option(SINGLE, "a", misconception="")),
    ("L35", with_option(SINGLE, "a", trap=None)),
    ("L40", replace(SINGLE, rationale="The lamp\u200b.")),
    ("L40", with_option(SINGLE, "a", why=f"{WHY} \u202e")),
    ("required", replace(SINGLE, domain=None)),
    ("required", replace(SINGLE, objective=None)),
    ("required", replace(SINGLE, topic=None)),
    ("required", replace(SINGLE, rating=None)),
    ("required", replace(SINGLE, bloom=None)),
    ("required", replace(SINGLE, constraint=None)),
    ("rating", replace(SINGLE, rating=0.30)),
    ("rating", replace(SINGLE, rating=0.97)),
    ("rating", replace(MULTIPLE, rating=0.15)),
    ("accepted", replace(SINGLE, accepted=(Accepted("L13", "a"), Accepted("L14", "b")))),
]


@pytest.mark.parametrize(("rule", "item"), FLAWS, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(FLAWS)])
def test_a_flaw_is_caught_by_its_rule(rule: str, item: Item) -> None:
    assert rule in broken_rules(item)


@pytest.mark.parametrize(
    ("rule", "item"),
    [
        ("L03", with_question("Which design meets the needs with the LEAST effort?")),
        ("L05", with_text(SINGLE, "d", "Change none but the first lamp.")),
        ("L06", with_question("Which lamp gives the fewest false alarms?")),
        ("L06", with_question("Which design has the LEAST operational overhead?")),
        ("L06", with_question("The lamp should NOT go out. Which step comes first?")),
        ("L17", with_text(SINGLE, "d", "Use lamps A and B in turn.")),
        ("L18", with_text(SINGLE, "d", "Yes, light the spare lamp.")),
        ("L19", with_question("Which lamp is named `__init__` here?")),
        ("L29", replace(SINGLE, references=(), facts=(62,))),
        ("L30", replace(SINGLE, verified_on=TODAY - timedelta(days=365))),
        ("required", replace(SINGLE, services=())),
        ("rating", replace(SINGLE, rating=0.31)),
        ("rating", replace(MULTIPLE, rating=0.16)),
        ("accepted", replace(SINGLE, accepted=(Accepted("L13", "a"),))),
    ],
)
def test_what_only_looks_like_a_flaw_passes(rule: str, item: Item) -> None:
    assert rule not in broken_rules(item)


def test_a_warning_accepted_by_name_is_only_shown() -> None:
    early = replace(SINGLE, verified_on=TODAY + timedelta(days=1))
    (found,) = check_item(early, TODAY, Place())
    assert (found.rule, found.severity) == ("L30", Severity.WARNING)
    (shown,) = check_item(replace(early, accepted=(Accepted("L30", "another time zone"),)), TODAY, Place())
    assert (shown.severity, "another time zone" in shown.message) == (Severity.INFO, True)


def test_an_error_cannot_be_accepted() -> None:
    item = with_question("The keeper thinks.")
    assert broken_rules(replace(item, accepted=(Accepted("L03", "it is fine"),))) == ["L03"]


def exam(raw_equivalent: float) -> Exam:
    return Exam("keeper", "Keeper", 10, 20, {"D1": 100.0}, Scale(), Cut(raw_equivalent, "panel"))


def pack(*items: Item, cut: float = 6.5) -> Pack:
    return Pack("p", "1", "P", "en", "", (), (Domain("D1", "Light"),), (exam(cut),), items)


def test_check_names_the_place_of_an_item() -> None:
    place = Place("a.yaml", 7, "lamp-001")
    found = check(pack(replace(SINGLE, rating=0.1)), TODAY, {"lamp-001": place})
    assert [(fault.at, fault.rule, fault.kind) for fault in found] == [(place, "rating", Kind.QUALITY)]


def test_check_without_places_still_names_the_item() -> None:
    (found,) = check(pack(replace(SINGLE, rating=0.1)), TODAY, {})
    assert str(found.at) == "item lamp-001"


def test_a_retired_item_is_left_in_peace() -> None:
    assert check(pack(replace(SINGLE, rating=0.1, status=Status.RETIRED)), TODAY, {}) == ()


TOPICS = (Topic("light", "Light"), Topic("light/lamps", "Lamps"))


@pytest.mark.parametrize("topic", ["light", "light/lamps"])
def test_a_topic_that_the_pack_lists_is_good(topic: str) -> None:
    assert check(replace(pack(replace(SINGLE, topic=topic)), topics=TOPICS), TODAY, {}) == ()


def test_a_topic_that_the_pack_does_not_list_is_an_error_that_names_the_nearest() -> None:
    place = Place("items/a.yaml", 7, "lamp-001")
    wrong = replace(pack(replace(SINGLE, topic="light/lamp")), topics=TOPICS)
    (found,) = check(wrong, TODAY, {"lamp-001": place})
    assert (found.at, found.rule, found.severity) == (place, "unknown-topic", Severity.ERROR)
    assert found.message == "the pack lists no topic 'light/lamp'; the nearest is 'light/lamps'"
    assert delivered_status(SINGLE, [found]) is Status.REVIEW


def test_a_pack_that_lists_no_topics_leaves_them_free() -> None:
    assert check(pack(replace(SINGLE, topic="anything")), TODAY, {}) == ()


@pytest.mark.parametrize(("cut", "warned"), [(6.5, False), (6.0, True), (6.25, True)])
def test_a_cut_that_is_not_on_a_half_point_is_a_warning(cut: float, warned: bool) -> None:
    place = Place("pack.yaml", 3)
    expected = [(place, "cut-half-point", Severity.WARNING)] if warned else []
    found = check(pack(SINGLE, cut=cut), TODAY, {"exam:keeper": place})
    assert [(fault.at, fault.rule, fault.severity) for fault in found] == expected


@pytest.mark.parametrize(
    ("status", "fault", "delivered"),
    [
        (Status.READY, quality(Place(item="lamp-001"), "L02", Severity.ERROR, ""), Status.REVIEW),
        (Status.READY, quality(Place(item="lamp-001"), "L14", Severity.WARNING, ""), Status.READY),
        (Status.READY, quality(Place(item="horn-001"), "L02", Severity.ERROR, ""), Status.READY),
        (Status.READY, structure(Place(item="lamp-001"), "select", ""), Status.READY),
        (Status.DRAFT, quality(Place(item="lamp-001"), "L02", Severity.ERROR, ""), Status.DRAFT),
        (Status.RETIRED, quality(Place(item="lamp-001"), "L02", Severity.ERROR, ""), Status.RETIRED),
    ],
)
def test_a_quality_error_only_bars_an_item_from_being_ready(
    status: Status, fault: Fault, delivered: Status
) -> None:
    assert delivered_status(replace(SINGLE, status=status), [fault]) is delivered


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("one two", 2), ("read/write to `s3.example.com` on-premises", 4), ("- 5 % of 10,000", 3)],
)
def test_words_are_counted_as_people_count_them(text: str, count: int) -> None:
    assert words(text) == count


@pytest.mark.parametrize(
    ("stem", "question"),
    [
        ("A. B! What now?", "What now?"),
        ("A scenario without a stop\n\nWhat now? (Select TWO.)", "What now?"),
        ("", ""),
        ("  (Select TWO.)", ""),
    ],
)
def test_the_question_is_the_last_sentence(stem: str, question: str) -> None:
    assert question_of(stem) == question


def test_hidden_characters_are_named_once() -> None:
    assert hidden_characters("a\u200bb\u200bc\u202e") == (
        "U+200B ZERO WIDTH SPACE",
        "U+202E RIGHT-TO-LEFT OVERRIDE",
    )
    assert hidden_characters("naïve — 日本") == ()
