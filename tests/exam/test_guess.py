"""What was expected before the start, against what came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.exam.guess import Compared, Guess, Verdict, read_guess
from app.exam.pack import Scale

SCALE = Scale()


@pytest.mark.parametrize(
    ("sure", "score", "guess"),
    [
        ("", "", Guess()),
        (" 80 ", "", Guess(0.8, None)),
        ("", "750", Guess(None, 750)),
        ("0", "100", Guess(0.0, 100)),
        ("100", "1000", Guess(1.0, 1000)),
    ],
)
def test_each_part_may_be_left_out(sure: str, score: str, guess: Guess) -> None:
    assert read_guess(sure, score, SCALE) == guess


@pytest.mark.parametrize("score", ["99", "1001", "7.5", "-750", "x", "\u0667\u0665\u0660", "9" * 5000])
def test_a_score_off_the_scale_is_refused_with_what_is_asked_for(score: str) -> None:
    with pytest.raises(Invalid, match="from 100 to 1000, or empty"):
        read_guess("", score, SCALE)


@pytest.mark.parametrize("sure", ["101", "-1", "½"])
def test_more_than_certain_is_refused(sure: str) -> None:
    with pytest.raises(Invalid, match="from 0 to 100, or empty"):
        read_guess(sure, "", SCALE)


@pytest.mark.parametrize(
    ("guessed", "verdict"),
    [
        (801, Verdict.OVER),
        (800, Verdict.FITS),
        (740, Verdict.FITS),
        (700, Verdict.FITS),
        (699, Verdict.UNDER),
    ],
)
def test_only_a_guess_outside_the_band_is_called_wrong(guessed: int, verdict: Verdict) -> None:
    assert Compared(guessed, 740, 700, 800).verdict is verdict


def test_without_a_band_nothing_is_called_wrong() -> None:
    assert Compared(1000, 100, None, None).verdict is Verdict.UNTOLD


@given(st.integers(100, 1000), st.integers(100, 1000), st.integers(0, 300), st.integers(0, 300))
def test_a_verdict_agrees_with_the_sign_of_the_difference(
    guessed: int, scaled: int, below: int, above: int
) -> None:
    found = Compared(guessed, scaled, scaled - below, scaled + above)
    assert (found.verdict is Verdict.OVER) is (found.off > above)
    assert (found.verdict is Verdict.UNDER) is (-found.off > below)
