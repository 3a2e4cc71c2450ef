"""Who chooses which option, by ability: the points of an item's trace lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.psychometrics.irt import Floats
from app.psychometrics.responses import Flags, Ints
from app.psychometrics.significance import wilson

BINS = 10
LEAST = 10
"""Persons that a bin should have: fewer bins rather than thinner ones."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Bins of like numbers of persons, from low ability to high; B of them, none without persons.

    `ability` (B,) is their mean, `count` (B,) their number; `share` (B, k) of them chose each option, between
    `low` and `high` (B, k; Wilson, 95 %).
    """

    ability: Floats
    count: Ints
    share: Floats
    low: Floats
    high: Floats


def trace(ability: Floats, chosen: Flags, bins: int = BINS) -> Trace:
    """The trace of k options: `ability` (r,), best the rest score; `chosen` (r, k), or (r, 1) for right."""
    many = max(1, min(bins, len(ability) // LEAST)) if len(ability) else 0
    order = np.argsort(ability, kind="stable")
    groups = np.array_split(order, many) if many else []
    count = np.array([len(group) for group in groups], dtype=np.int64)
    hits = np.array([np.sum(chosen[group], axis=0) for group in groups]).reshape(many, chosen.shape[1])
    low, high = wilson(hits, count[:, np.newaxis])
    return Trace(
        ability=np.array([np.mean(ability[group]) for group in groups]),
        count=count,
        share=hits / np.maximum(count[:, np.newaxis], 1),
        low=low,
        high=high,
    )
