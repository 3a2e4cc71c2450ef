"""Text comes out of bytes whatever wrote them, and a guess is always told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.faults import Severity
from app.formats.decoding import decode
from tests.formats.pieces import rules


def decoded(content: bytes) -> tuple[str | None, list[str]]:
    text, faults = decode("a.txt", content)
    return text, rules(tuple(faults))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_with_a_mark_or_in_utf8_needs_no_guess(encoding: str) -> None:
    assert decoded("Größe 日本".encode(encoding)) == ("Größe 日本", [])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Welche Größe? “Café”, naïve", "cp1252"),
        ("Привет мир, как дела сегодня", "cp1251"),
        ("Zażółć gęślą jaźń", "cp1250"),
        ("日本語のテキスト、質問です。", "shift_jis"),
    ],
)
def test_an_old_encoding_is_guessed_and_named(text: str, encoding: str) -> None:
    found, faults = decode("a.txt", text.encode(encoding))
    assert found == text
    assert [fault.rule for fault in faults] == ["guessed-encoding"]
    assert faults[0].severity is Severity.WARNING
    assert encoding in faults[0].message


def test_line_ends_become_one_kind() -> None:
    assert decoded(b"a\r\nb\rc\n") == ("a\nb\nc\n", [])


@pytest.mark.parametrize(
    "content", [b"a\nb\x00", b"\x89PNG\r\n\x1a\n\x00\x00", "ab".encode("utf-16-le"), b"\xff\x00"]
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    assert decoded(content) == (None, ["not-text"])


def test_a_mark_that_lies_is_refused_with_the_byte() -> None:
    text, faults = decode("a.txt", b"\xef\xbb\xbfabc\xff")
    assert text is None
    assert "byte 6" in faults[0].message


@pytest.mark.parametrize("content", [b"a\n\xed\xa0\x80b", "a\n\ud800b".encode("utf-16", "surrogatepass")])
def test_half_a_character_is_replaced_and_its_line_told(content: bytes) -> None:
    text, faults = decode("a.txt", content)
    assert text == "a\n\ufffdb"
    assert [(fault.rule, fault.at.line) for fault in faults] == [("lone-surrogate", 2)]


def test_b23_a_long_line_of_ascii_does_not_hold_up_the_guess() -> None:
    text, _ = decoded(b"a" * 1_000_000 + b"\nGr\xf6\xdfe\n")
    assert text is not None
    assert text.endswith("\nGröße\n")


@given(st.binary(max_size=300))
def test_any_bytes_become_text_or_a_fault(content: bytes) -> None:
    text, faults = decode("a.txt", content)
    if text is None:
        assert len(faults) == 1
    else:
        text.encode("utf-8")
        assert "\r" not in text
