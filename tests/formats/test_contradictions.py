"""The number that a stem asks for is found in the words that question writers use, and in no others."""

from __future__ import annotations

import pytest

from app.formats.contradictions import stated_number


@pytest.mark.parametrize(
    ("stem", "number"),
    [
        ("Which signals help? (Select TWO.)", 2),
        ("Which signals help? (Choose 3)", 3),
        ("Choose two answers.", 2),
        ("Pick any three of the following.", 3),
        ("Select the best two options.", 2),
        ("Which two signals help?", 2),
        ("Which of the three ships is lost?", 3),
        ("Help in fog (two answers).", 2),
        ("Choose one: which two signals help? Select 2.", 2),
    ],
)
def test_a_stated_number_is_found(stem: str, number: int) -> None:
    assert stated_number(stem) == number


@pytest.mark.parametrize(
    "stem",
    [
        "Which signal helps?",
        "A keeper has two lamps. Which one fails?",
        "Select a lamp.",
        "Choose all that apply.",
        "Two of the ships are lost.",
        "Select 2.5 metres or more?",
        "Choose 50 lamps.",
        "The keeper must select twofold light.",
    ],
)
def test_other_numbers_are_none(stem: str) -> None:
    assert stated_number(stem) is None
