"""A foreign text is mended so that nothing is left to refuse, and what was done is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.text import mended, problem


@pytest.mark.parametrize(
    ("text", "better", "told"),
    [
        ("plain\n\ttext é", "plain\n\ttext é", ""),
        ("a\u200bb\u202ec\ufeff", "abc", "removed"),
        ("cafe\u0301", "café", "composed"),
        ("a\x07b\x0bc\x85", "ab\nc\n", "control characters"),
        ("a\ue000b\ud800", "a\ufffdb\ufffd", "without a meaning"),
        ("q" + "\u0323" * 9, "q" + "\u0323" * 4, "combining marks"),
    ],
)
def test_what_nobody_can_see_or_read_is_mended_and_told(text: str, better: str, told: str) -> None:
    found, done = mended(text)
    assert found == better
    assert told in "; ".join(done)
    assert bool(done) is (found != text)


@given(st.text() | st.text("a\u0301\u0323\u0345\u200b\ue000\x00\u1100\u1161\u11a8", max_size=12))
def test_a_mended_text_has_no_problem_and_needs_no_second_mending(text: str) -> None:
    once = mended(text)[0]
    assert problem(once) is None
    assert mended(once) == (once, ())
