"""Aiken: what Moodle reads, and the ways in which people bend it; what is unfinished is told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.item import Item, ItemType
from app.formats import aiken, registry
from app.formats.drafts import MAX_QUESTIONS, is_broken
from app.formats.reading import Reading
from app.formats.source import Source, from_bytes
from tests.formats.pieces import rules

FILE = """\
Which signal carries farthest in *fog*?
A) The long horn
B) The <red> flag
C.The bell
ANSWER: A

What must be lit at night?
A) The lamp
B) The stove
ANSWER: A
"""


def read(text: str) -> Reading:
    return aiken.read(from_bytes("fog.txt", text.encode()))


def items(text: str) -> tuple[Item, ...]:
    pack = read(text).pack
    assert pack is not None
    return pack.items


def broken(text: str) -> list[tuple[str, int | None]]:
    return [(fault.rule, fault.at.line) for fault in read(text).faults if is_broken(fault)]


def test_a_file_is_read_with_its_options_and_keys() -> None:
    first, second = items(FILE)
    assert first.stem == "Which signal carries farthest in \\*fog\\*?"
    assert [(o.id, o.text, o.key) for o in first.options] == [
        ("a", "The long horn", True),
        ("b", "The \\<red> flag", False),
        ("c", "The bell", False),
    ]
    assert (second.type, second.key) == (ItemType.SINGLE, frozenset("a"))
    assert [place.line for name, place in read(FILE).places.items() if name != "pack:"] == [1, 7]
    assert read(FILE).faults == ()


@pytest.mark.parametrize("answer", ["ANSWER: B", "ANSWER:B", "Answer: B", "ANSWER: B)", "ANSWER: B."])
def test_the_answer_is_one_letter(answer: str) -> None:
    (item,) = items(f"Which?\nA) x\nB) y\n{answer}\n")
    assert item.key == {"b"}


@pytest.mark.parametrize("answer", ["A, C", "A,C", "AC", "A and C", "A & C", "C; A"])
def test_several_letters_make_a_multiple_answer_item(answer: str) -> None:
    (item,) = items(f"Which?\nA) x\nB) y\nC) z\nANSWER: {answer}\n")
    assert (item.type, item.key) == (ItemType.MULTIPLE, frozenset("ac"))


@pytest.mark.parametrize("answer", ["D", "", "the second one", "A, D"])
def test_an_answer_that_is_no_option_leaves_the_key_open(answer: str) -> None:
    reading = read(f"Which?\nA) x\nB) y\nANSWER: {answer}\n")
    assert reading.pack is not None
    assert reading.pack.items[0].key == frozenset()
    assert "unknown-answer" in rules(reading.faults)


def test_a_question_may_have_several_lines_and_an_option_may_go_on() -> None:
    (item,) = items(
        "A storm comes.\n\nWhat is done?\nFirst of all?\n\nA) Light\nthe lamp\n\nB) Wait\nfor it\nANSWER: A\n"
    )
    assert item.stem == "A storm comes.\n\nWhat is done?\\\nFirst of all?"
    assert [option.text for option in item.options] == ["Light\\\nthe lamp", "Wait\\\nfor it"]


def test_what_is_unfinished_is_broken_and_the_others_come_in() -> None:
    text = """\
One option
A) x
ANSWER: A

A) No question
B) above
ANSWER: A

No answer
A) x
B) y

Twice the letter
A) x
A) y
ANSWER: A

ANSWER: B

Good
A) x
B) y
ANSWER: B

Only a text"""
    assert [item.stem for item in items(text)] == ["Good"]
    assert broken(text) == [
        ("option-count", 1),
        ("empty-stem", 5),
        ("no-answer", 9),
        ("duplicate-letter", 13),
        ("empty-stem", 18),
        ("no-answer", 25),
    ]


@pytest.mark.parametrize("text", [FILE, FILE.replace("\n", "\r\n"), f"\ufeff{FILE}", f"Intro\n\n{FILE}"])
def test_aiken_is_recognised_by_its_content(text: str) -> None:
    found = registry.detect(from_bytes("a.dat", text.encode()))
    assert found is not None
    assert found.name == "aiken"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Which?\nA) x\nB) y\n",
        b"ANSWER: A\n",
        b"a) x\nb) y\nANSWER: a\n",
        b"# Quiz\n\nWhich?\nA) x\nB) y\nANSWER: A\n",
        b"**Which?**\nA) x\nB) y\nANSWER: A\n",
        b"<p>\nA) x\nANSWER: A\n",
        b"1. Which?\nA) x\nB) y\nANSWER: A\n",
        b"Q7: Which?\nA) x\nB) y\nANSWER: A\n",
        b"Question 1\r\nWhich?\r\nA) x\r\nB) y\r\nANSWER: A\r\n",
        b"Which?\nA) x\nB) y\nANSWER: A\nExplanation: since x.\n\nWhere?\nA) x\nB) y\nANSWER: B\n",
        b"\x00",
    ],
)
def test_other_content_is_not_taken_for_aiken(content: bytes) -> None:
    assert not aiken.detect(from_bytes("aiken.txt", content))


def test_numbers_and_reasons_are_left_to_the_reader_of_plain_text() -> None:
    first = "Question 1\nWhich?\nA) x\nB) y\nANSWER: A\nExplanation: since x.\n"
    text = f"{first}\nQuestion 2\nWhere?\nA) x\nB) y\nANSWER: B\n"
    reading = registry.read_upload("a.txt", text.encode())
    assert reading.pack is not None
    assert [(item.stem, item.rationale) for item in reading.pack.items] == [
        ("Which?", "since x."),
        ("Where?", ""),
    ]
    assert reading.faults == ()


def test_a_stem_may_begin_with_a_number() -> None:
    assert aiken.detect(from_bytes("a.txt", b"1.5 V or 3.0 V?\nA) x\nB) y\nANSWER: A\n"))


def test_a_file_that_is_no_text_is_refused() -> None:
    reading = aiken.read(from_bytes("a.txt", b"\x00\x01"))
    assert (reading.pack, rules(reading.faults)) == (None, ["not-text"])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("x\nA) x\n" * (MAX_QUESTIONS + 2), "too-many-questions"),
        ("x\n" + "A) x\n" * 30 + "ANSWER: A", "duplicate-letter"),
        ("x\n" + "".join(f"{chr(65 + n)}) {n}\n" for n in range(26)) + "ANSWER: A", "option-count"),
        ("x" * 300_000 + "\nA) x\nB) y\nANSWER: A", "too-long"),
    ],
)
def test_a_flood_is_refused(text: str, rule: str) -> None:
    assert rules(read(text).faults) == [rule]


@settings(max_examples=100)
@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            ["Which?", "A) x", "B) y", "C. z", "ANSWER: A", "ANSWER: B, C", "", "ANSWER:", "a) b"]
        ),
        max_size=12,
    ).map(lambda lines: "\n".join(lines).encode())
)
def test_no_content_raises(content: bytes) -> None:
    source = Source("a.txt", {"a.txt": content}, content)
    reading = aiken.read(source)
    assert reading.pack is not None or reading.faults
    aiken.detect(source)


@given(st.integers(1, 6), st.integers(0, 3))
def test_every_question_is_accounted_for(good: int, unfinished: int) -> None:
    whole = [f"Number {n}?\nA) x\nB) y\nANSWER: A\n" for n in range(good)] + [
        "What?\nA) x\nB) y\n"
    ] * unfinished
    reading = read("\n".join(whole))
    assert reading.pack is not None
    assert len(reading.pack.items) == good
    assert sum(map(is_broken, reading.faults)) == unfinished


@pytest.mark.parametrize("answer", ["B. The flag", "B) the flag", "The flag"])
def test_an_answer_may_say_the_text_of_its_option(answer: str) -> None:
    (item,) = items(f"What is red?\nA) The horn\nB) The flag\nANSWER: {answer}\n")
    assert item.key == {item.options[1].id}
