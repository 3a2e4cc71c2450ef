"""Blackboard's question upload: each line is a question, and none is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats import blackboard, registry
from app.formats.drafts import is_broken
from app.formats.reading import Reading
from app.formats.source import from_bytes
from tests.formats.oracles import Told, told_by
from tests.formats.pieces import rules

FILE = """\
MC\tWhich horn carries far?\tLong\tcorrect\tShort\tincorrect
MA\tWhich help?\tHorn\tCorrect\tBell\tcorrect\tFlag\tIncorrect
TF\tFog is <b>dry</b>.\tfalse
ESS\tSay more.\tAs you like
MAT\tMatch\ta\tb\tc\td
"""
MEANT = [
    Told("single", "Which horn carries far?", (("Long", True), ("Short", False))),
    Told("multiple", "Which help?", (("Horn", True), ("Bell", True), ("Flag", False))),
    Told("single", "Fog is dry.", (("True", False), ("False", True))),
]


def read(text: str | bytes) -> Reading:
    return blackboard.read(from_bytes("fog.txt", text.encode() if isinstance(text, str) else text))


def told(reading: Reading) -> list[Told]:
    assert reading.pack is not None
    return [told_by(item) for item in reading.pack.items]


@pytest.mark.parametrize(
    "content",
    [
        FILE.encode(),
        FILE.encode("utf-8-sig"),
        FILE.encode("utf-16"),
        FILE.replace("\n", "\r\n").encode(),
        FILE.replace("Which help?", '"Which help?"').encode(),
        FILE.replace("\n", "\t\t\t\t\n\n").encode(),
    ],
)
def test_a_file_is_found_by_its_content_and_read(content: bytes) -> None:
    reading = registry.read_upload("any.dat", content)
    assert reading.format == "blackboard"
    assert told(reading) == MEANT
    assert [skipped.why.partition(" ")[0] for skipped in reading.skipped] == ["essay", "matching"]
    assert reading.faults == ()


@pytest.mark.parametrize(
    "text",
    ["", "MC", "MC Which?", "Question\tAnswer\nMC\tWhich?\n", "MC\tWhich?\ta\tcorrect\nWhich else?\ta\n"],
)
def test_other_content_is_not_taken_for_it(text: str) -> None:
    assert not blackboard.detect(from_bytes("a.txt", text.encode()))


def test_what_is_incomplete_comes_in_as_a_draft_that_says_so() -> None:
    reading = read(
        "MC\tWhich?\tHorn\tright\tFlag\tincorrect\nMC\tWhere?\tHere\tcorrect\tThere\nTF\tSo?\tperhaps\n"
    )
    assert told(reading) == [
        Told("single", "Which?", (("Horn", False), ("Flag", False))),
        Told("single", "Where?", (("Here", True), ("There", False))),
        Told("single", "So?", (("True", False), ("False", False))),
    ]
    assert rules(reading.faults).count("unknown-answer") == 3


def test_what_cannot_be_read_is_told_with_its_line() -> None:
    many = "\ta\tcorrect" * 200
    reading = read(f"MC\tWhich?\nXX\tWhat?\ta\tcorrect\nMC\t\ta\tcorrect\tb\tincorrect\nMC\tMany?{many}\n")
    assert [(fault.rule, fault.at.line) for fault in reading.faults] == [
        ("option-count", 1),
        ("no-type", 2),
        ("empty-stem", 3),
        ("option-count", 4),
    ]


def test_two_keys_of_a_single_choice_make_it_a_multiple_one() -> None:
    assert told(read("MC\tWhich?\tHorn\tcorrect\tBell\tcorrect\tFlag\tincorrect\n"))[0].kind == "multiple"


@given(st.lists(st.sampled_from([*FILE.splitlines(), "MC\tbroken", "YY\tno"]), max_size=20))
def test_every_line_is_accounted_for(lines: list[str]) -> None:
    reading = read("\n".join(lines))
    assert reading.pack is not None
    broken = sum(map(is_broken, reading.faults))
    assert len(reading.pack.items) + len(reading.skipped) + broken == len(lines)


@given(st.binary(max_size=200) | st.text('MCTFA\t\n"correct,in', max_size=200).map(str.encode))
def test_no_content_raises(content: bytes) -> None:
    reading = read(content)
    assert reading.pack is not None or reading.faults
