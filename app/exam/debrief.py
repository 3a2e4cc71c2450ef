"""A debrief: how a candidate worked and thought in one attempt, item by item, beside what was to be expected.

What is "expected" of a group of items follows from the ability that all other items of the attempt show and from the
group's parameters: so a hard group does not look like a weak one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from math import sqrt

import numpy as np

from app.exam.attempt import Confidence
from app.exam.confidence import LEAST, NOTABLE, Trust, trust
from app.exam.form import Position
from app.exam.item import Bloom, Item, ItemType
from app.exam.traps import Drawn, Wrong, drawn
from app.psychometrics import pacing
from app.psychometrics.ability import Distribution, log_chances, normal_prior, posterior
from app.psychometrics.irt import Floats, probability
from app.psychometrics.responses import Flags as Booleans
from app.psychometrics.scale import Curve, curve
from app.psychometrics.significance import wilson
from app.psychometrics.timing import RAPID

QUARTERS = 4
OVERLONG = 2.5
"""So many times the expected time is long, whatever the item."""

LONG_STEM = 110
"""Words of a stem from which on it is long: about the median of a professional exam."""

_PRIOR = normal_prior()


@dataclass(frozen=True, slots=True)
class Worked:
    """One position as it was worked on.

    `key` is the key with its corrections; `settled` what stood each time the item was left, in order, the last
    being the answer. `expected` are the seconds it is expected to take. `counts`: it is part of the score; `flagged`:
    it was at some time. `others`: how many candidates chose each option, as far as that is known.
    """

    place: Position
    item: Item
    key: frozenset[str]
    right: bool
    counts: bool
    seconds: float
    expected: float
    flagged: bool = False
    confidence: Confidence | None = None
    settled: tuple[tuple[str, ...], ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)

    @property
    def choice(self) -> tuple[str, ...]:
        """The answer that stood at the end."""
        return self.settled[-1] if self.settled else ()


@dataclass(frozen=True, slots=True)
class Group:
    """Some items together: right of total, the 95 % interval of that share, and the share expected (± error)."""

    name: str
    right: int
    total: int
    low: float
    high: float
    expected: float
    error: float

    @property
    def verdict(self) -> str:
        """What may be said of it."""
        if self.total < LEAST or self.error == 0:
            return "too few to tell"
        away = (self.right / self.total - self.expected) / self.error
        if away <= -NOTABLE:
            return "worse than expected"
        return "better than expected" if away >= NOTABLE else "as expected"


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of the form, in the order of delivery; the time `spent` on screen and the expected."""

    first: int
    last: int
    spent: timedelta
    planned: timedelta
    group: Group


@dataclass(frozen=True, slots=True)
class Pace:
    """Where the time went. The lists hold positions; `not_reached` counts those left open at the end; `last` is the
    last quarter against what the first three let expect, None for a form that is too short."""

    quarters: tuple[Quarter, ...]
    last: pacing.LastQuarter | None
    rushed: tuple[int, ...]
    overlong: tuple[int, ...]
    not_reached: int


class Change(StrEnum):
    """What a changed answer came to."""

    GAINED = "wrong to right"
    LOST = "right to wrong"
    NEITHER = "wrong to wrong"


@dataclass(frozen=True, slots=True)
class Flags:
    """Whether flags paid off: the flagged as a `group`, and the positions come back to and changed, by the change."""

    group: Group
    changes: Mapping[Change, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Crossed:
    """One kind of thinking in each domain: `groups` by domain."""

    thinking: str
    groups: Mapping[str, Group]


@dataclass(frozen=True, slots=True)
class Debrief:
    """All of it. `groups` by heading; `changes` name positions; `thinking` by domain, empty when items do not tell;
    `trust` None when nothing was said."""

    pace: Pace
    groups: tuple[tuple[str, tuple[Group, ...]], ...]
    changes: Mapping[Change, tuple[int, ...]]
    flags: Flags
    thinking: tuple[Crossed, ...]
    traps: tuple[Drawn, ...]
    trust: Trust | None


def debrief(worked: Sequence[Worked]) -> Debrief:
    """The debrief of an attempt; `worked` in the order of the form. ValueError for an empty form."""
    if not worked:
        raise ValueError("an attempt has at least one item")
    counted = [one for one in worked if one.counts]

    logs = _logs(counted)

    def group(name: str, members: Iterable[Worked]) -> Group:
        own = {one.place.number for one in members if one.counts}
        inside = np.array([one.place.number in own for one in counted], dtype=np.bool_)
        belief = posterior(_PRIOR, np.sum(logs[~inside], axis=0))
        return _group(name, [one for one in counted if one.place.number in own], belief)

    return Debrief(
        pace=_pace(worked, counted, group),
        groups=tuple(_groups(counted, group)),
        changes=_changes(worked),
        flags=Flags(
            group("flagged", (one for one in worked if one.flagged)),
            _changes([one for one in worked if one.flagged]),
        ),
        thinking=tuple(_thinking(counted, group)),
        traps=drawn(
            Wrong(one.place.number, one.item, one.key, one.choice, one.others)
            for one in counted
            if not one.right
        ),
        trust=trust(
            [
                (one.place.number, one.confidence, one.right)
                for one in counted
                if one.confidence and one.choice
            ]
        ),
    )


def settled(saves: Iterable[tuple[int, tuple[str, ...]]]) -> dict[int, tuple[tuple[str, ...], ...]]:
    """For each position the answers that stood when it was left: ticks on the way to one are no changes.

    `saves` are (position, choice) in the order in which they were made.
    """
    left: dict[int, list[tuple[str, ...]]] = {}
    whole = list(saves)
    for here, after in pairwise([*whole, (0, ())]):
        stood = left.setdefault(here[0], [])
        if here[0] != after[0] and (not stood or stood[-1] != here[1]):
            stood.append(here[1])
    return {position: tuple(stood) for position, stood in left.items()}


def _curve(members: Sequence[Worked]) -> Curve:
    return curve(*([getattr(one.place, name) for one in members] for name in "abc"))


def _right(members: Sequence[Worked]) -> Booleans:
    return np.array([one.right for one in members], dtype=np.bool_)


def _logs(counted: Sequence[Worked]) -> Floats:
    """log P(what came of each | ability), at the prior's nodes. Shape (n, K)."""
    both = log_chances(_curve(counted), _PRIOR.nodes)
    return np.asarray(both[_right(counted).astype(np.int64), np.arange(len(counted))])


def _group(name: str, members: Sequence[Worked], belief: Distribution) -> Group:
    right, total = sum(one.right for one in members), len(members)
    if not total:
        return Group(name, 0, 0, 0.0, 1.0, 0.0, 0.0)
    low, high = (float(side) for side in wilson(right, total))
    items = _curve(members)
    chance = probability(belief.nodes, items.a, items.b, items.c)
    each = np.mean(chance, axis=1)
    expected = float(belief.mass @ each)
    coins = float(belief.mass @ np.sum(chance * (1.0 - chance), axis=1)) / total**2
    ability = float(belief.mass @ np.square(each - expected))
    return Group(name, right, total, low, high, expected, sqrt(coins + ability))


def _pace(
    worked: Sequence[Worked], counted: Sequence[Worked], group: Callable[[str, Iterable[Worked]], Group]
) -> Pace:
    parts = [
        [worked[place] for place in part.tolist()]
        for part in np.array_split(np.arange(len(worked)), QUARTERS)
        if len(part)
    ]
    quarters = tuple(
        Quarter(
            part[0].place.number,
            part[-1].place.number,
            timedelta(seconds=sum(one.seconds for one in part)),
            timedelta(seconds=sum(one.expected for one in part)),
            group(f"{part[0].place.number} to {part[-1].place.number}", part),
        )
        for part in parts
    )
    answered = [one for one in worked if one.choice]
    return Pace(
        quarters,
        pacing.last_quarter(_curve(counted), _right(counted), _PRIOR) if len(counted) >= LEAST else None,
        tuple(one.place.number for one in answered if 0 < one.seconds < RAPID * one.expected),
        tuple(one.place.number for one in worked if one.seconds > OVERLONG * one.expected),
        pacing.not_reached(np.array([bool(one.choice) for one in worked], dtype=np.bool_)),
    )


def _groups(
    counted: Sequence[Worked], group: Callable[[str, Iterable[Worked]], Group]
) -> Iterator[tuple[str, tuple[Group, ...]]]:
    """The items by what they ask of a candidate; a heading with one group alone would say nothing."""
    ways: tuple[tuple[str, Callable[[Item], str]], ...] = (
        ("Thinking", lambda item: str(item.bloom or "")),
        ("What decides", lambda item: str(item.constraint or "").replace("-", " ")),
        ("Answers", lambda item: "several" if item.type is ItemType.MULTIPLE else "one"),
        ("Reading", lambda item: "long questions" if _words(item) >= LONG_STEM else "short questions"),
    )
    for heading, name in ways:
        names = sorted({name(one.item) for one in counted} - {""})
        found = tuple(group(each, (one for one in counted if name(one.item) == each)) for each in names)
        if len(found) > 1:
            yield heading, found


def _thinking(
    counted: Sequence[Worked], group: Callable[[str, Iterable[Worked]], Group]
) -> Iterator[Crossed]:
    """Each kind of thinking in each domain, in the order of demand."""
    domains = sorted({one.place.domain for one in counted})
    for bloom in Bloom:
        inside = [one for one in counted if one.item.bloom is bloom]
        if inside:
            yield Crossed(
                str(bloom),
                {name: group(name, (one for one in inside if one.place.domain == name)) for name in domains},
            )


def _words(item: Item) -> int:
    return len(item.stem.split())


def _changes(worked: Sequence[Worked]) -> dict[Change, tuple[int, ...]]:
    found: dict[Change, list[int]] = {change: [] for change in Change}
    for one in worked:
        given = [choice for choice in one.settled if choice]
        for before, after in pairwise(given):
            if before != after:
                found[_change(set(before) == one.key, set(after) == one.key)].append(one.place.number)
    return {change: tuple(places) for change, places in found.items()}


def _change(was_right: bool, is_right: bool) -> Change:
    if is_right:
        return Change.GAINED
    return Change.LOST if was_right else Change.NEITHER
