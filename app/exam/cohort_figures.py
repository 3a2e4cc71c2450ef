"""What a cohort's results come to: the distribution of scores, domains by member, and the items most missed.

Of each member the latest attempt that has a score counts. Every share comes with its interval, and nothing is
said of what too few answers tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from statistics import mean, stdev

from app.exam.pack import Scale
from app.exam.score import Mark, Score
from app.psychometrics.significance import student_point, wilson

LEAST_ITEMS = 8
"""Of one member's items in a domain, before it is shaded."""
LEAST_PEOPLE = 5
"""Of members, before something is said of all of them."""
BINS = 18
MOST_MISSED = 12
SHADES = 5
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """A share of one between the ends of its interval (95 %)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """So many scores from `low` up to, not including, `high`; `passed`: at or above the cut."""

    low: int
    high: int
    count: int
    passed: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One member in one domain: `right` of `total`. `shade` from 0 (nothing right) to SHADES - 1, or None when
    the items are too few to tell."""

    right: int
    total: int
    share: Share
    shade: int | None


@dataclass(frozen=True, slots=True)
class DomainMean:
    """One domain over all members: the mean of their shares, None while there are too few of them."""

    domain: str
    people: int
    mean: Share | None


@dataclass(frozen=True, slots=True)
class Missed:
    """One item: `missed` of the `total` members who had it; the unanswered are among them."""

    item_version_id: int
    missed: int
    total: int
    unanswered: int
    share: Share


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a cohort. `passed` is None while there are too few scores; `cells` by person and domain."""

    scores: int
    passes: int
    passed: Share | None
    lowest: int
    middle: float
    highest: int
    bins: tuple[Bin, ...]
    domains: tuple[DomainMean, ...]
    cells: Mapping[int, Mapping[str, Cell]]
    missed: tuple[Missed, ...]


def figures(
    scale: Scale, domains: Sequence[str], got: Mapping[int, Score], items: Mapping[int, Sequence[int]]
) -> Figures | None:
    """The figures of members with a score: `got` and `items` (item versions in order) by person; None without any."""
    if not got:
        return None
    shown = sorted(score.displayed for score in got.values())
    passes = sum(score.passed for score in got.values())
    cells = {person: _cells(score) for person, score in got.items()}
    return Figures(
        scores=len(shown),
        passes=passes,
        passed=share(passes, len(shown)) if len(shown) >= LEAST_PEOPLE else None,
        lowest=shown[0],
        middle=(shown[(len(shown) - 1) // 2] + shown[len(shown) // 2]) / 2,
        highest=shown[-1],
        bins=bins(scale, shown),
        domains=tuple(_mean(domain, cells) for domain in domains),
        cells=cells,
        missed=most_missed(got, items),
    )


@cache
def share(count: int, total: int) -> Share:
    """A share with Wilson's interval; of nothing, from 0 to 1."""
    low, high = (float(end) for end in wilson(count, total))
    return Share(count / total if total else 0.0, low, high)


def bins(scale: Scale, shown: Sequence[int]) -> tuple[Bin, ...]:
    """The scale in bins of one width, a whole multiple of five, with the cut between two of them."""
    width = 5 * ceil((scale.max - scale.min) / BINS / 5)
    counts = Counter(floor((score - scale.cut) / width) for score in shown)
    first, last = floor((scale.min - scale.cut) / width), floor((scale.max - scale.cut) / width)
    return tuple(
        Bin(scale.cut + number * width, scale.cut + (number + 1) * width, counts[number], number >= 0)
        for number in range(first, last + 1)
    )


def most_missed(got: Mapping[int, Score], items: Mapping[int, Sequence[int]]) -> tuple[Missed, ...]:
    """The items that most members missed, by the low end of the interval, so that many count for more than few.

    Items that fewer than LEAST_PEOPLE members had are left out, and withdrawn ones.
    """
    had, missed, empty = Counter[int](), Counter[int](), Counter[int]()
    for person, score in got.items():  # a thousand members: whole lists are counted at once
        places = enumerate(zip(items[person], score.marks, strict=True), 1)
        asked = [place for position, place in places if position not in score.dropped]
        had.update([version_id for version_id, _ in asked])
        missed.update([version_id for version_id, mark in asked if mark is not Mark.RIGHT])
        empty.update([version_id for version_id, mark in asked if mark is Mark.UNANSWERED])
    enough = [one for one, total in had.items() if total >= LEAST_PEOPLE and missed[one]]
    lows, highs = wilson([missed[one] for one in enough], [had[one] for one in enough])
    lines = [
        Missed(one, missed[one], had[one], empty[one], Share(missed[one] / had[one], float(low), float(high)))
        for one, low, high in zip(enough, lows, highs, strict=True)
    ]
    return tuple(sorted(lines, key=lambda line: (-line.share.low, line.item_version_id))[:MOST_MISSED])


def _cells(score: Score) -> dict[str, Cell]:
    return {tally.name: _cell(tally.right, tally.total) for tally in score.domains}


@cache
def _cell(right: int, total: int) -> Cell:
    got = share(right, total)
    shade = min(floor(got.value * SHADES), SHADES - 1) if total >= LEAST_ITEMS else None
    return Cell(right, total, got, shade)


def _mean(domain: str, cells: Mapping[int, Mapping[str, Cell]]) -> DomainMean:
    """The mean of the members' shares; its interval is that of a mean over people, not over answers: the answers
    of one person are alike."""
    shares = [own[domain].share.value for own in cells.values() if domain in own and own[domain].total]
    if len(shares) < LEAST_PEOPLE:
        return DomainMean(domain, len(shares), None)
    middle = mean(shares)
    half = student_point(LEVEL, len(shares) - 1) * stdev(shares) / len(shares) ** 0.5
    return DomainMean(domain, len(shares), Share(middle, max(middle - half, 0.0), min(middle + half, 1.0)))
