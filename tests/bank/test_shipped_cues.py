"""The shipped bank against the test-wise robots: what a program that knows nothing of the subject gets right."""

from __future__ import annotations

from typing import Any

import pytest

from app.exam.quality.figures import figures
from app.formats import registry
from app.settings import ROOT


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """The figures of questions/csa-pro."""
    pack = registry.read_path(ROOT / "questions" / "csa-pro").pack
    assert pack is not None
    return figures(pack.items, pack.lexicon)


def test_no_robot_beats_chance(shown: dict[str, Any]) -> None:
    assert [robot["name"] for robot in shown["robots"] if not robot["within"]] == []


def test_keys_are_spread_over_the_places(shown: dict[str, Any]) -> None:
    assert shown["key_positions"]["p"] > 0.01


def test_absolute_words_are_no_cue(shown: dict[str, Any]) -> None:
    absolute = shown["absolute_words"]
    assert absolute["odds_ratio"] <= 1.5 or absolute["p"] >= 0.01
