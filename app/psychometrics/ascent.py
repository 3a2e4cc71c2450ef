"""Climbing to the top of an objective by a map that never goes down, in longer strides than its own.

SQUAREM (Varadhan & Roland 2008, scheme S3): two steps of the map give a direction and how fast the steps
shrink; the extrapolation from them is taken only when the objective there is no lower.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from app.psychometrics.irt import Floats

CHANGE = 1e-6
"""At the top: the map changes no coordinate by more,"""

GRADIENT = 1e-4
"""and no derivative of the objective that points inside the bounds is larger, in units of the root of its
information."""

_REACH = 4.0  # the longest stride at first, and how many times longer it may get after one that long did well
_ROUNDING = 1e-10  # of the objective

Progress: TypeAlias = Callable[[int, float], None]
"""Told the number of the iteration and the objective there."""


class View(NamedTuple):
    """What is seen from a point: the objective, where the map leads, and the derivatives of the objective."""

    objective: float
    following: Floats
    gradient: Floats


@dataclass(frozen=True, slots=True)
class Climb:
    """Where a climb ended. `objectives`: of every point kept, none lower than the one before but by rounding."""

    point: Floats
    objectives: tuple[float, ...]
    iterations: int
    is_top: bool


def climb(
    view: Callable[[Floats], View],
    start: Floats,
    bounded: Callable[[Floats], Floats],
    iterations: int,
    progress: Progress | None = None,
) -> Climb:
    """Climb until the top, or until so many points were viewed. `bounded` brings a point back to its bounds.

    A map that would go down, by more than rounding explains, ends the climb before its top.
    """

    def is_top(point: Floats, here: View) -> bool:
        change = np.abs(here.following - point)
        # At a bound what leads outside counts for nothing.
        ways = np.abs(bounded(point + here.gradient) - point)
        return bool(np.all(change <= CHANGE) and np.all(ways <= GRADIENT))

    point, here, seen = start, view(start), 1
    objectives = [here.objective]
    reach = _REACH
    while not is_top(point, here) and seen < iterations:
        before, passed = point, here
        after, seen = view(passed.following), seen + 1
        if after.objective < passed.objective - _ROUNDING * abs(passed.objective):
            break
        point, here = passed.following, after
        objectives.append(here.objective)
        first, second = point - before, here.following - point
        stride = min(_stride(first, second), reach)
        if stride > 1.0 and not is_top(point, here) and seen < iterations:
            ahead = bounded(before + 2.0 * stride * first + stride**2 * (second - first))
            beyond, seen = view(ahead), seen + 1
            if beyond.objective >= here.objective:
                reach = reach * _REACH if stride == reach else reach
                point, here = ahead, beyond
                objectives.append(here.objective)
            else:
                reach = max(_REACH, reach / _REACH)
        if progress is not None:
            progress(seen, here.objective)
    return Climb(point, tuple(objectives), seen, is_top(point, here))


def _stride(first: Floats, second: Floats) -> float:
    bend = float(np.linalg.norm(second - first))
    return float(np.linalg.norm(first)) / bend if bend > 0 else 1.0
