"""Chances in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pages.render import chance, in_ten


@pytest.mark.parametrize(
    ("value", "words", "figure"),
    [
        (0.0, "fewer than 1 in 20", "under 1%"),
        (0.06, "about 1 in 10", "6%"),
        (0.44, "about 4 in 10", "44%"),
        (0.94, "about 9 in 10", "94%"),
        (0.951, "more than 19 in 20", "95%"),
        (1.0, "more than 19 in 20", "over 99%"),
    ],
)
def test_a_chance_is_told_in_words_and_figures(value: float, words: str, figure: str) -> None:
    assert (in_ten(value), chance(value)) == (words, figure)


@given(st.floats(0, 1))
def test_no_chance_is_told_as_certain(value: float) -> None:
    assert chance(value) not in ("0%", "100%")
