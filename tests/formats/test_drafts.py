"""What a foreign reader found becomes a pack of drafts that our own format holds, and everything is accounted for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.faults import Kind, Place, Severity, quality
from app.exam.item import Item, ItemType, Status
from app.exam.pack import Pack
from app.formats import native, native_write
from app.formats.drafts import (
    MAX_QUESTIONS,
    Found,
    FoundOption,
    Target,
    assemble,
    broken,
    is_broken,
    unreadable,
    with_mapping,
)
from app.formats.reading import Reading, Skipped, acceptable, refused
from app.formats.source import Source, from_bytes
from tests.formats.pieces import rules

SOURCE = from_bytes("fog signals.txt", b"the bytes")
PLACE = Place("fog signals.txt", 3)
PIXEL = "media/0123456789abcdef.png"
RIGHT, WRONG = FoundOption("The long horn", key=True, feedback="It carries."), FoundOption("The flag")
QUESTION = Found(PLACE, "Which signal helps in fog?", (RIGHT, WRONG))


def assembled(*found: Found, **more: Any) -> Reading:
    return assemble("mine", SOURCE, found, **more)


def pack_of(reading: Reading) -> Pack:
    assert reading.pack is not None
    return reading.pack


def only(found: Found) -> tuple[Item, list[str]]:
    """The item of a question, and the rules that it breaks."""
    reading = assembled(found)
    (item,) = pack_of(reading).items
    assert {fault.kind for fault in reading.faults} <= {Kind.QUALITY}
    assert {fault.at for fault in reading.faults} <= {replace(PLACE, item=item.id)}
    return item, rules(reading.faults)


def test_a_question_becomes_a_draft_that_says_where_it_is_from() -> None:
    item, noted = only(replace(QUESTION, locator="question 7", feedback="In short.", title="Fog"))
    assert (item.status, item.version, item.type, item.domain) == (Status.DRAFT, 1, ItemType.SINGLE, None)
    assert (item.stem, item.rationale) == ("Which signal helps in fog?", "In short.")
    assert [(o.id, o.text, o.key, o.why) for o in item.options] == [
        ("a", "The long horn", True, "It carries."),
        ("b", "The flag", False, ""),
    ]
    assert item.origin is not None
    assert (item.origin.format, item.origin.file, item.origin.locator) == (
        "mine",
        "fog signals.txt",
        "question 7",
    )
    assert item.origin.unmapped == {"title": "Fog"}
    assert noted == []


def test_the_pack_is_named_after_its_source() -> None:
    pack = pack_of(assembled(QUESTION))
    assert (pack.id, pack.title, pack.domains, pack.exams) == ("fog-signals", "fog signals.txt", (), ())


def test_ids_are_the_same_on_every_reading_and_none_is_given_twice() -> None:
    other = replace(QUESTION, options=(*QUESTION.options, FoundOption("The bell")))
    ids = [item.id for item in pack_of(assembled(QUESTION, other, QUESTION)).items]
    assert ids == [item.id for item in pack_of(assembled(QUESTION, other, QUESTION)).items]
    assert len(set(ids)) == 3
    assert ids[0] == pack_of(assembled(QUESTION)).items[0].id


def test_an_id_stays_while_what_the_question_is_known_by_stays() -> None:
    titled = replace(QUESTION, title="Fog 1")
    known = replace(QUESTION, ident="q-17", title="Fog")
    changed = (FoundOption("Another", key=True), WRONG)
    assert only(titled)[0].id == only(replace(titled, stem="Another?", options=changed))[0].id
    assert only(known)[0].id == only(replace(known, stem="Another?", category=("A",)))[0].id
    assert only(titled)[0].id != only(replace(titled, category=("A",)))[0].id


def test_categories_become_topics_with_their_words_as_titles() -> None:
    found = [
        replace(QUESTION, stem=f"{n}?", category=c)
        for n, c in enumerate([("Fog", "C", "x"), ("Fog",), ("C++",), ("C",), ()])
    ]
    pack = pack_of(assembled(*found))
    topics = [item.topic for item in pack.items]
    assert topics[:3] == ["fog/c-x", "fog", "c"]
    assert topics[3] not in (None, "c")
    assert topics[4] is None
    assert {topic.id: topic.title for topic in pack.topics} == {
        "fog": "Fog", "fog/c-x": "C / x", "c": "C++", topics[3]: "C"
    }  # fmt: skip


def test_more_topics_than_a_pack_may_list_are_left_untitled() -> None:
    pack = pack_of(assembled(*(replace(QUESTION, stem=f"{n}?", category=(f"C{n}",)) for n in range(301))))
    assert pack.topics == ()
    assert pack.items[300].topic == "c300"


def test_a_category_can_be_mapped_to_a_domain_and_a_topic() -> None:
    found = [replace(QUESTION, stem=f"{n}?", category=c) for n, c in enumerate([("A", "B"), ("C",), ()])]
    mapping = {"A / B": Target("D1", "fog"), "C": Target("D2")}
    pack = with_mapping(pack_of(assembled(*found)), mapping)
    assert [(item.domain, item.topic) for item in pack.items] == [("D1", "fog"), ("D2", "c"), (None, None)]
    assert [topic.id for topic in pack.topics] == ["c"]


def test_what_has_no_place_is_kept_as_plain_values() -> None:
    item, _ = only(
        replace(QUESTION, tags=("x",), unmapped={"penalty": float("inf"), "deep": {"a": (1, None)}, "no": ""})
    )
    assert item.origin is not None
    assert item.origin.unmapped == {"tags": ["x"], "penalty": "inf", "deep": {"a": [1, None]}}
    json.dumps(item.origin.unmapped, allow_nan=False)


def test_too_much_of_it_is_only_named() -> None:
    item, _ = only(replace(QUESTION, unmapped={"blob": "x" * 60_000}))
    assert item.origin is not None
    assert item.origin.unmapped == {"left_out": "more than 50000 characters in blob"}


def test_hidden_characters_are_mended_with_a_note() -> None:
    item, noted = only(replace(QUESTION, stem=" Which\u200b cafe\u0301?\x07 "))
    assert (item.stem, noted) == ("Which café?", ["mended-text"])


def test_an_option_without_a_text_is_left_out_with_a_note() -> None:
    item, noted = only(replace(QUESTION, options=(RIGHT, FoundOption(" "), WRONG)))
    assert ([o.id for o in item.options], noted) == (["a", "b"], ["empty-option"])


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        (replace(QUESTION, stem=" \u200b"), "empty-stem"),
        (replace(QUESTION, options=(FoundOption("", key=True), WRONG)), "empty-key"),
        (replace(QUESTION, options=(RIGHT,)), "option-count"),
        (replace(QUESTION, options=(RIGHT, *[FoundOption(str(n)) for n in range(20)])), "option-count"),
        (replace(QUESTION, feedback="x" * 20_001), "too-long"),
        (replace(QUESTION, stem=" ".join(f"![x](media/{n}.png)" for n in range(51))), "too-many-images"),
    ],
)
def test_a_question_that_fits_no_item_is_broken_and_the_others_come_in(found: Found, rule: str) -> None:
    reading = assembled(found, QUESTION)
    assert len(pack_of(reading).items) == 1
    assert rules(reading.faults) == [rule]
    assert is_broken(reading.faults[0])
    assert not refused(reading.faults)
    assert not acceptable(reading, reading.faults)


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        (replace(QUESTION, options=(WRONG, FoundOption("The bell"))), "no-key"),
        (replace(QUESTION, options=(RIGHT, replace(WRONG, key=True))), "several-keys"),
        (replace(QUESTION, options=(RIGHT, WRONG), multiple=True), "one-key"),
        (replace(QUESTION, options=(RIGHT, replace(WRONG, key=True)), multiple=True), "all-keys"),
        (replace(QUESTION, stem="What helps? (Choose two.)"), "stated-number"),
        (replace(QUESTION, choose=2), "stated-number"),
        (replace(QUESTION, options=(RIGHT, WRONG, replace(WRONG, text="The  flag"))), "identical-options"),
        (replace(QUESTION, options=(RIGHT, replace(WRONG, weight=50.0))), "partial-credit"),
    ],
)
def test_a_contradiction_is_a_warning_at_its_item(found: Found, rule: str) -> None:
    assert only(found)[1] == [rule]


def test_shares_that_add_up_are_no_partial_credit() -> None:
    thirds = tuple(FoundOption(str(n), key=True, weight=33.3 + n / 10) for n in range(3))
    assert only(replace(QUESTION, options=(*thirds, WRONG), multiple=True))[1] == []


def test_a_key_that_cannot_be_told_is_left_to_the_instructor() -> None:
    item, _ = only(replace(QUESTION, options=(RIGHT, replace(WRONG, key=True), FoundOption("The bell"))))
    assert item.key == frozenset()
    assert item.origin is not None
    assert item.origin.unmapped["keys"] == ["a", "b"]


def test_the_same_stem_twice_is_told_at_the_second_one() -> None:
    second = replace(QUESTION, place=Place("fog signals.txt", 9), stem="which  signal helps in fog?")
    reading = assembled(QUESTION, second)
    assert [(fault.rule, fault.at.line) for fault in reading.faults] == [("duplicate-stem", 9)]


def test_only_images_that_items_use_are_kept() -> None:
    question = replace(QUESTION, stem=f"![Fog]({PIXEL}) Which `![a](media/a.png)`?")
    reading = assembled(question, media={PIXEL: b"x", "media/other.png": b"y"})
    assert reading.media == {PIXEL: b"x"}
    assert pack_of(reading).items[0].media == (PIXEL,)


def test_a_source_without_a_question_says_so() -> None:
    assert rules(assembled().faults) == ["no-questions"]
    assert rules(assembled(skipped=[Skipped(PLACE, "an essay")]).faults) == []


def test_too_many_questions_are_refused() -> None:
    reading = assembled(skipped=[Skipped(PLACE, "an essay")] * (MAX_QUESTIONS + 1))
    assert (reading.pack, rules(reading.faults)) == (None, ["too-many-questions"])


def test_an_unreadable_file_has_no_pack() -> None:
    fault = quality(PLACE, "x", Severity.WARNING, "y")
    assert unreadable("mine", [fault]) == Reading("mine", None, (fault,))


def test_the_hash_of_a_folder_is_that_of_all_its_files() -> None:
    folder = assemble("mine", Source("folder", {"a": b"x", "b": b"y"}), [QUESTION])
    other = assemble("mine", Source("folder", {"a": b"xb", "": b"y"}), [QUESTION])
    origins = [pack_of(reading).items[0].origin for reading in (folder, other, assembled(QUESTION))]
    assert len({origin.sha256 for origin in origins if origin}) == 3


_text = st.text(max_size=30) | st.sampled_from(
    ["", " ", "Choose two", "a\u0301", "\u202eb", "\x00", "yes", "\ud800"]
)
_short = st.sampled_from(["", "a", "a\u0301", "\u202eb", "C++"])
_option = st.builds(
    FoundOption, text=_text, key=st.booleans(), feedback=_text, weight=st.none() | st.floats(-100, 100)
)
_found = st.builds(
    Found,
    place=st.just(PLACE),
    stem=_text,
    options=st.lists(_option, max_size=12).map(tuple),
    multiple=st.booleans(),
    locator=_short,
    title=_short,
    ident=_short,
    feedback=_text,
    category=st.lists(_short, max_size=3).map(tuple),
    tags=st.lists(_short, max_size=2).map(tuple),
    choose=st.none() | st.integers(0, 9),
    shuffle=st.booleans(),
    unmapped=st.dictionaries(_short, _text | st.floats() | st.lists(_text, max_size=2), max_size=3),
)


@settings(max_examples=80)
@given(st.lists(_found, max_size=4), _text)
def test_every_question_is_accounted_for_and_the_pack_is_one_of_ours(found: list[Found], name: str) -> None:
    reading = assemble("mine", Source(name, {name: b""}, b""), found)
    left_out = sum(is_broken(fault) for fault in reading.faults)
    pack = pack_of(reading)
    assert len(pack.items) + left_out == len(found)
    again = native.read({"pack.yaml": native_write.write(pack)})
    if "identical-options" in rules(reading.faults):  # which our own format refuses
        assert set(rules(again.faults)) == {"duplicate-option-text"}
    else:
        assert (again.pack, again.faults) == (pack, ())


def test_broken_stands_for_one_question() -> None:
    assert is_broken(broken(PLACE, "x", "y"))
    assert not is_broken(quality(PLACE, "x", Severity.WARNING, "y"))
