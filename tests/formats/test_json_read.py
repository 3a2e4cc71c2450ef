"""JSON: questions under the names that people use come in, each entry is accounted for, nothing unsound is read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.item import ItemType
from app.formats import json_read, registry
from app.formats.drafts import is_broken
from app.formats.reading import Reading
from app.formats.source import Source, from_bytes
from tests.formats.oracles import Told, ours
from tests.formats.pieces import mutated, rules

FILE = """\
{"questions": [
 {"question": "Which horn?", "options": ["Long", "Short", "Silver"], "answer": 0, "explanation": "Low tones."},
 {"question": "Which help?", "options": {"A": "Horn", "B": "Bell", "C": "Flag"}, "correct": ["A", "B"],
  "category": "Fog"},
 {"stem": "Is it lit?", "choices": [{"text": "Yes", "correct": true, "feedback": "Right."},
                                    {"text": "No", "correct": false}], "tags": ["night"]},
 {"question": "Fog is wet", "type": "true_false", "answer": true},
 {"question": "Say it", "type": "essay"},
 {"question": "No key", "options": ["a", "b"]},
 {"question": "", "options": ["a", "b"], "answer": "a"},
 "stray"
]}
"""


def read(text: str) -> Reading:
    return json_read.read(from_bytes("fog.json", text.encode()))


def test_questions_are_read_under_many_names() -> None:
    reading = read(FILE)
    assert reading.pack is not None
    horn, help_in_fog, lit, wet, unkeyed = reading.pack.items
    assert (horn.stem, horn.rationale, sorted(horn.key)) == ("Which horn?", "Low tones.", ["a"])
    assert (help_in_fog.type, sorted(help_in_fog.key), help_in_fog.topic) == (
        ItemType.MULTIPLE,
        ["a", "b"],
        "fog",
    )
    assert [(o.text, o.key, o.why) for o in lit.options] == [("Yes", True, "Right."), ("No", False, "")]
    assert [(o.text, o.key) for o in wet.options] == [("True", True), ("False", False)]
    assert unkeyed.key == frozenset()
    assert lit.origin is not None
    assert (lit.origin.locator, lit.origin.unmapped) == ("/questions/3", {"tags": ["night"]})


def test_what_is_left_out_is_told_with_its_place() -> None:
    reading = read(FILE)
    assert [(str(skipped.at), skipped.why) for skipped in reading.skipped] == [
        ("fog.json:8", "essay questions are not delivered")
    ]
    assert [(f.rule, f.at.line) for f in reading.faults if is_broken(f)] == [
        ("no-question", 1),
        ("empty-stem", 10),
    ]
    assert "no-key" in rules(reading.faults)


@pytest.mark.parametrize(
    "text",
    [
        (
            '{"question": "a?", "options": ["b", "c"], "answer": "A"}\n'
            '{"question": "d?", "options": ["e", "f"], "answer": "f"}\n'
        ),
        (
            '[{"prompt": "a?", "choices": ["b", "c"], "correct_answer": "b"},'
            ' {"prompt": "d?", "choices": ["e", "f"], "correct_answer": "f"}]'
        ),
        (
            '{"quiz": {"part": [{"question": "a?", "a": "b", "b": "c", "answer": "a"},'
            ' {"question": "d?", "a": "e", "b": "f", "answer": "b"}]}}'
        ),
    ],
)
def test_the_shape_around_the_questions_does_not_matter(text: str) -> None:
    source = from_bytes("upload", text.encode())
    assert registry.detect(source) is registry.FORMATS[json_read.NAME]
    assert ours(registry.read(source)) == [
        Told("single", "a?", (("b", True), ("c", False))),
        Told("single", "d?", (("e", False), ("f", True))),
    ]


def test_names_can_be_mapped_by_hand() -> None:
    source = from_bytes("a.json", b'[{"ask": "a?", "options": ["b", "c"], "solution": "c"}]')
    mapped = json_read.read(source, {"stem": "ask", "key": "solution"})
    assert ours(mapped) == [Told("single", "a?", (("b", False), ("c", True)))]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('[{"question": "a", "options": ["b", "c"], "answer": NaN}]', "not-a-number"),
        ("[-Infinity]", "not-a-number"),
        ("[1e999]", "not-a-number"),
        ("[" + "9" * 300 + "]", "huge-integer"),
        ("[" + "9" * 1_000_000 + "]", "huge-integer"),
        ('[{"question": "a", "question": "b"}]', "duplicate-key"),
        ('["\\ud800"]', "lone-surrogate"),
        ("[" * 100_000, "json-limit"),
        ('{"a":' * 100_000, "json-limit"),
        ("[1,]", "malformed-json"),
        ('["a', "malformed-json"),
        ('[{"question": "a"', "malformed-json"),
        ("[] []", "malformed-json"),
        ("", "empty"),
        ('{"a": 1}', "no-questions"),
        ("\x00", "not-text"),
    ],
)
def test_b08_b10_what_is_unsound_is_refused(text: str, rule: str) -> None:
    reading = read(text)
    assert reading.pack is None
    assert rules(reading.faults)[0] == rule


def test_b10_a_fault_names_its_line() -> None:
    (fault,) = read('[{"question": "a",\n "options": ["b", "c"],\n "answer": NaN}]').faults
    assert (str(fault.at), fault.rule) == ("fog.json:3", "not-a-number")


@pytest.mark.parametrize(
    "text", ['{"name": "cutscore", "version": "1.0"}', "[1, 2, 3]", '{"options": {"a": 1}}', "", "{"]
)
def test_other_json_is_not_taken_for_questions(text: str) -> None:
    assert not json_read.detect(from_bytes("a.json", text.encode()))


_entries = st.sampled_from(
    [
        {"question": "a?", "options": ["b", "c"], "answer": "b"},
        {"question": "a?", "options": ["b", "c"]},
        {"question": "a?", "options": ["b", "c", "d"], "answer": ["b", "c"]},
        {"question": "a?", "type": "essay"},
        {"question": "a?", "options": ["b"], "answer": "b"},
        {"question": "", "options": ["b", "c"]},
        "stray",
        7,
        {},
    ]
)


@settings(max_examples=60)
@given(st.lists(_entries, max_size=6))
def test_every_entry_is_accounted_for(drawn: list[object]) -> None:
    entries = [{"question": "first?", "options": ["b", "c"], "answer": "b"}, *drawn]
    reading = read(json.dumps(entries))
    assert reading.pack is not None
    counted = len(reading.pack.items) + len(reading.skipped) + sum(map(is_broken, reading.faults))
    assert counted == len(entries)


@settings(max_examples=60)
@given(st.data())
def test_no_change_of_a_file_makes_the_reader_fail(data: st.DataObject) -> None:
    content = mutated(data, FILE.encode())
    source = Source("a.json", {"a.json": content}, content)
    json_read.detect(source)
    json_read.read(source)


def test_a_question_that_is_an_object_in_an_object_is_one_question() -> None:
    choices = [{"label": "A", "text": "Short"}, {"label": "B", "text": "Long"}]
    entry = {"question": {"stem": "Which horn?", "choices": choices}}
    reading = read(
        json.dumps([{"id": "h1", **entry, "answerKey": "B"}, {"id": "h2", **entry, "answerKey": "A"}])
    )
    assert reading.pack is not None
    assert [[o.text for o in item.options if o.key] for item in reading.pack.items] == [["Long"], ["Short"]]


def test_a_title_is_the_question_where_there_is_no_other() -> None:
    text = (
        '{"title": "Survey", "elements": [{"type": "radiogroup", "name": "q1", "title": "a?", "choices": ["b", "c"],'
        ' "correctAnswer": "c"}, {"type": "comment", "name": "q2", "title": "Write"}]}'
    )
    source = from_bytes("upload", text.encode())
    assert registry.detect(source) is registry.FORMATS[json_read.NAME]
    reading = registry.read(source)
    assert ours(replace(reading, skipped=())) == [Told("single", "a?", (("b", False), ("c", True)))]
    assert len(reading.skipped) == 1


def test_a_list_of_answers_under_a_letter_holds_the_options() -> None:
    reading = read('[{"q": "a?", "a": ["b", "c"], "correct": 1}]')
    assert ours(reading) == [Told("single", "a?", (("b", False), ("c", True)))]


def test_a_number_that_is_the_place_of_one_option_and_the_text_of_another_is_left_open() -> None:
    reading = read('[{"question": "2 + 2?", "options": ["3", "4", "5", "6"], "answer": "4"}]')
    assert "ambiguous-answer" in rules(reading.faults)
    assert reading.pack is not None
    assert not reading.pack.items[0].key


@pytest.mark.parametrize(
    ("marks", "right"),
    [((100, 0), "a"), ((0, 1.0), "b"), ((1, 1), "ab"), ((100, 50), ""), ((0, 0), ""), ((1, None), "")],
)
def test_marks_at_the_options_tell_the_key_where_all_that_have_any_have_as_many(
    marks: tuple[float | None, ...], right: str
) -> None:
    options = [{"text": text, "weight": mark} for text, mark in zip("bc", marks, strict=True)]
    pack = read(json.dumps([{"question": "a?", "options": options}])).pack
    assert pack is not None
    assert pack.items[0].key == frozenset(right)


def test_an_answer_against_the_marks_of_the_options_is_told() -> None:
    options = '[{"text": "b", "correct": true}, {"text": "c", "correct": false}]'
    assert "keys-disagree" in rules(
        read(f'[{{"question": "a?", "options": {options}, "answer": "c"}}]').faults
    )
    assert rules(read(f'[{{"question": "a?", "options": {options}, "answer": "b"}}]').faults) == []


def test_the_id_of_an_option_may_be_the_answer() -> None:
    reading = read(
        '[{"question": "a?", "options": [{"id": 7, "text": "b"}, {"id": 9, "text": "c"}], "correctOptionId": 9}]'
    )
    assert ours(reading) == [Told("single", "a?", (("b", False), ("c", True)))]
