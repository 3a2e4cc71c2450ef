"""What a candidate expects before the start, and how it compares with what came."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.errors import Invalid
from app.exam.pack import Scale

LONGEST = 9
"""Digits that are read: more of them are no number on any scale."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What somebody said before the start: `sure` to pass (0 to 1), and the scaled `score`; None: nothing."""

    sure: float | None = None
    score: int | None = None


class Verdict(StrEnum):
    """What a guessed score came to, the band of the score taken into account."""

    OVER = "overestimated"
    UNDER = "underestimated"
    FITS = "fits"
    UNTOLD = "no band to hold it against"


@dataclass(frozen=True, slots=True)
class Compared:
    """A guessed score beside the one that was made, and the scores (`low` to `high`) that fit the answers; None:
    nothing is known of them."""

    guessed: int
    scaled: int
    low: int | None
    high: int | None

    @property
    def off(self) -> int:
        """Points by which the guess was too high; below 0: too low."""
        return self.guessed - self.scaled

    @property
    def verdict(self) -> Verdict:
        """Over- or underestimated only where the guess lies outside the band: inside, it may be the score that is
        off."""
        if self.low is None or self.high is None:
            return Verdict.UNTOLD
        if self.guessed > self.high:
            return Verdict.OVER
        return Verdict.UNDER if self.guessed < self.low else Verdict.FITS


def read_guess(sure: str, score: str, scale: Scale) -> Guess:
    """A guess from the fields of a form: a percentage and a score, each of which may be empty. Raises Invalid."""
    percent = _whole(sure, 0, 100, "How sure you are")
    return Guess(
        None if percent is None else percent / 100,
        _whole(score, scale.min, scale.max, "The score that you expect"),
    )


def _whole(text: str, least: int, most: int, what: str) -> int | None:
    given = text.strip()
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= LONGEST and least <= int(given) <= most):
        raise Invalid(f"{what} is a whole number from {least} to {most}, or empty.")
    return int(given)
