"""Confidence against results: whether candidates know what they know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from app.exam.attempt import Confidence
from app.psychometrics.significance import wilson

NOTABLE = 2.0
"""Standard errors from which on a difference is said to be one."""

LEAST = 8
"""Items below which nothing is said of a group."""

SAID: Mapping[Confidence, float] = {
    Confidence.SURE: 0.95,
    Confidence.FAIRLY: 0.7,
    Confidence.GUESSING: 0.3,
}
"""The chance of being right that the words are taken for."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of confidence: how often it was right, and the positions where that is a surprise."""

    said: Confidence
    right: int
    total: int
    low: float
    high: float
    surprises: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """Confidence against results. `brier` = `reliability` - `resolution` + `uncertainty` (Murphy 1973), with the
    words taken for the chances of SAID; `bias` above 0: more was claimed than was right, `error` its standard error.
    """

    levels: tuple[Level, ...]
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    bias: float
    error: float

    @property
    def verdict(self) -> str:
        """Over- or underconfidence, in a word."""
        if sum(level.total for level in self.levels) < LEAST or abs(self.bias) < NOTABLE * self.error:
            return "about right"
        return "too high" if self.bias > 0 else "too low"


def trust(said: Sequence[tuple[int, Confidence, bool]]) -> Trust | None:
    """Answers as (position, what was said of it, whether it was right); None when nothing was said."""
    if not said:
        return None
    chance = np.array([SAID[level] for _, level, _ in said], dtype=np.float64)
    right = np.array([is_right for _, _, is_right in said], dtype=np.float64)
    mean = float(np.mean(right))
    levels, reliability, resolution = [], 0.0, 0.0
    for level in SAID:
        members = [(place, is_right) for place, words, is_right in said if words is level]
        if not members:
            continue
        hits, total = sum(is_right for _, is_right in members), len(members)
        low, high = (float(side) for side in wilson(hits, total))
        surprising = level is Confidence.GUESSING
        surprises = tuple(place for place, is_right in members if is_right is surprising)
        levels.append(Level(level, hits, total, low, high, surprises))
        reliability += total * (SAID[level] - hits / total) ** 2 / len(said)
        resolution += total * (hits / total - mean) ** 2 / len(said)
    return Trust(
        levels=tuple(levels),
        brier=float(np.mean(np.square(chance - right))),
        reliability=reliability,
        resolution=resolution,
        uncertainty=mean * (1.0 - mean),
        bias=float(np.mean(chance - right)),
        error=sqrt(float(np.mean(chance * (1.0 - chance))) / len(said)),
    )
