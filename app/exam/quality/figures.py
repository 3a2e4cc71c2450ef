"""Figures of a bank for people: how the robots did, and how lengths, places and reading grades are spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.exam.item import Item
from app.exam.lexicon import Lexicon
from app.exam.quality.bank import absolute_rates, odds_ratio, position_test, ready
from app.exam.quality.chance import fisher_tail
from app.exam.quality.measures import reading_grade, without_select, words
from app.exam.quality.robots import answerable, key_positions, robots

QUANTILES = {"min": 0.0, "p5": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95, "max": 1.0}


def figures(items: Sequence[Item], lexicon: Lexicon | None) -> dict[str, Any]:
    """All figures of the items that claim to be ready, as plain values."""
    known = lexicon or Lexicon()
    bank = ready(items)
    found = robots(bank, known)
    counts = key_positions(answerable(bank))
    value, p = position_test(counts)
    rates = absolute_rates(bank, known)
    by_name = {robot.name: robot for robot in found}
    return {
        "items": len(bank),
        "single": len(answerable(bank)),
        "robots": [
            {
                "name": robot.name,
                "right": round(robot.right, 2),
                "share": round(robot.share, 4),
                "limit": robot.limit,
                "within": not robot.too_good,
            }
            for robot in found
        ],
        "longest_key_share": round(by_name["longest"].share, 4),
        "shortest_key_share": round(by_name["shortest"].share, 4),
        "key_positions": {
            "counts": dict(zip("ABCD", counts, strict=True)),
            "chi_square": round(value, 3),
            "p": round(p, 4),
        },
        "absolute_words": {
            "distractors": rates[0],
            "of_distractors": rates[1],
            "keys": rates[2],
            "of_keys": rates[3],
            "odds_ratio": round(odds_ratio(*rates), 3),
            "p": round(fisher_tail(*rates), 4),
        },
        "flesch_kincaid": spread([_grade(item, known) for item in bank]),
        "stem_words": spread([words(without_select(item.stem)) for item in bank]),
        "option_words": spread([words(option.text) for item in bank for option in item.options]),
    }


def _grade(item: Item, lexicon: Lexicon) -> float:
    names = (*(service.name for service in item.services), item.company or "", *lexicon.names)
    return reading_grade(without_select(item.stem), names)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Mean and quantiles of some values; nothing for none."""
    if not values:
        return {}
    found = np.quantile(np.array(values, dtype=np.float64), list(QUANTILES.values()))
    named = dict(zip(QUANTILES, found.tolist(), strict=True))
    return {"mean": round(float(np.mean(values)), 2), **{n: round(v, 2) for n, v in named.items()}}


def lines(found: dict[str, Any]) -> list[str]:
    """The figures as lines of text."""
    positions, absolute = found["key_positions"], found["absolute_words"]
    places = ", ".join(f"{letter} {count}" for letter, count in positions["counts"].items())
    robots_said = [
        f"  robot {robot['name']}: {robot['right']:g} of {found['single']} ({robot['share']:.1%}), "
        f"limit {robot['limit']:g}{'' if robot['within'] else ': TOO GOOD'}"
        for robot in found["robots"]
    ]
    spreads = [
        f"  {name.replace('_', ' ')}: "
        + ", ".join(f"{label} {value:g}" for label, value in found[name].items())
        for name in ("flesch_kincaid", "stem_words", "option_words")
    ]
    length = f"{found['longest_key_share']:.1%}, the shortest in {found['shortest_key_share']:.1%}"
    spoken = (
        f"  absolute words in {absolute['distractors']} of {absolute['of_distractors']} distractors and "
        f"{absolute['keys']} of {absolute['of_keys']} keys: odds ratio {absolute['odds_ratio']:g}, "
        f"p {absolute['p']:g}"
    )
    return [
        f"figures of {found['items']} ready items, {found['single']} of them with one key of four:",
        *robots_said,
        f"  the key is the longest option in {length}",
        f"  keys as written at {places}: chi-square {positions['chi_square']:g}, p {positions['p']:g}",
        spoken,
        *spreads,
    ]
