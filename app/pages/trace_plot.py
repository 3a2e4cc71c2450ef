"""The trace plot of an item: the share that chose each option, by ability, as lines for the template to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from app.exam.item_analysis import Bin

TOP, BOTTOM, LABEL_HEIGHT = 14.0, 254.0, 16.0
FEWEST_BINS = 2


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of the trace plot, in a box 1000 wide: its label stands at `label_y`."""

    label: str
    style: str
    points: str
    label_y: float


@dataclass(frozen=True, slots=True)
class TracePlot:
    """The trace plot. `ticks` are (place from 0 to 1000, ability), `levels` (place, share)."""

    traces: tuple[Trace, ...]
    ticks: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, str], ...]


def trace_plot(bins: Sequence[Bin], letters: Sequence[tuple[str, bool]]) -> TracePlot | None:
    """The share that chose each option, (letter, key), by ability, and the item's curve; None for too few."""
    low, high = (
        min((one.ability for one in bins), default=0.0),
        max((one.ability for one in bins), default=0.0),
    )
    if len(bins) < FEWEST_BINS or low == high:
        return None

    def across(ability: float) -> float:
        return round(1000 * (ability - low) / (high - low), 1)

    def line(shares: Sequence[float]) -> str:
        return " ".join(
            f"{across(one.ability)},{_up(share)}" for one, share in zip(bins, shares, strict=True)
        )

    ends = [bins[-1].shares[place] for place in range(len(letters))] + [bins[-1].expected]
    heights = spread_out([_up(end) for end in ends])
    distractors = [letter for letter, key in letters if not key]
    traces = [
        Trace(
            label=f"{letter} key" if key else letter,
            style="trace-key" if key else f"trace-{distractors.index(letter) % 5}",
            points=line([one.shares[place] for one in bins]),
            label_y=heights[place],
        )
        for place, (letter, key) in enumerate(letters)
    ]
    traces.append(Trace("Curve", "trace-model", line([one.expected for one in bins]), heights[-1]))
    whole = range(ceil(low), floor(high) + 1)
    return TracePlot(
        traces=tuple(traces),
        ticks=tuple((across(value), f"{value:g}") for value in (whole or (low, high))),
        levels=tuple((_up(share), f"{share:.0%}") for share in (0.0, 0.5, 1.0)),
    )


def spread_out(heights: Sequence[float]) -> list[float]:
    """Heights for labels, as near to those given as leaves each of them room, within the plot."""
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    made = [0.0] * len(heights)
    at = TOP - LABEL_HEIGHT
    for place in order:
        at = made[place] = max(heights[place], at + LABEL_HEIGHT)
    limit = BOTTOM + LABEL_HEIGHT
    for place in reversed(order):
        limit = made[place] = min(made[place], limit - LABEL_HEIGHT)
    return made


def _up(share: float) -> float:
    return round(BOTTOM + (TOP - BOTTOM) * share, 1)
