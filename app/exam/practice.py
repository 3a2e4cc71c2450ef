"""What to drill: the choices that a candidate has, how many items each holds, and the draw of a set."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from app.exam.item import Item
from app.exam.reserve import Reserve
from app.exam.topics import chapter_of

LARGEST_SET = 100
DOUBT = 4.0
"""So many answers of the candidate's usual quality are added to each group, so that one miss of one says little."""


class Standing(StrEnum):
    """How a candidate stands to an item: not met yet, missed when it was answered last, or met and not missed."""

    NEW = "unseen"
    MISSED = "missed"
    MET = "met"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to drill; an empty field asks for nothing. `topic` is a chapter or a subject, `show` a `Standing`."""

    domain: str = ""
    topic: str = ""
    service: str = ""
    constraint: str = ""
    trap: str = ""
    show: str = ""

    def values(self) -> tuple[str, ...]:
        """What is asked for, in the order of WAYS."""
        return tuple(getattr(self, name) for name in WAYS)


Ways = Callable[[Item], tuple[str, ...]]
WAYS: dict[str, Ways] = {
    "domain": lambda item: (item.domain or "",),
    "topic": lambda item: tuple(dict.fromkeys((chapter_of(item.topic), item.topic))) if item.topic else (),
    "service": lambda item: tuple(service.name for service in item.services),
    "constraint": lambda item: (item.constraint.value,) if item.constraint else (),
    "trap": lambda item: tuple(dict.fromkeys(option.trap.value for option in item.options if option.trap)),
}
"""The ways in which items are grouped, by the name of the field: the groups that an item is in."""


@dataclass(frozen=True, slots=True)
class Group:
    """Items that have something in common, by how the candidate stands to them. `gain` orders groups, most first."""

    value: str
    missed: int
    met: int
    new: int
    gain: float

    @property
    def total(self) -> int:
        """All of them."""
        return self.missed + self.met + self.new


def fitting(wanted: Wanted, items: Iterable[Item], standings: Mapping[str, Standing]) -> tuple[Item, ...]:
    """The items that are wanted."""
    asked = [(value, ways) for value, ways in zip(wanted.values(), WAYS.values(), strict=True) if value]
    return tuple(
        item
        for item in items
        if (not wanted.show or standings[item.id] == wanted.show)
        and all(value in ways(item) for value, ways in asked)
    )


def groups(
    way: str,
    wanted: Wanted,
    items: Iterable[Item],
    standings: Mapping[str, Standing],
    weights: Mapping[str, float],
) -> tuple[Group, ...]:
    """The groups of one way among the items that are wanted otherwise; where most is to gain first.

    What there is to gain is the weight of a group in the exam times the share missed of what was met in it, drawn
    towards the share of all. `weights` are those of items, by the blueprint.
    """
    beside = fitting(replace(wanted, **{way: ""}), items, standings)
    members: dict[str, list[str]] = {}
    for item in beside:
        for value in WAYS[way](item):
            members.setdefault(value, []).append(item.id)
    usual = _share_missed(Counter(standings.values()), 0.5)
    found = [_group(value, names, standings, weights, usual) for value, names in members.items()]
    return tuple(sorted(found, key=lambda group: (-group.gain, group.value)))


def _group(
    value: str,
    names: Sequence[str],
    standings: Mapping[str, Standing],
    weights: Mapping[str, float],
    usual: float,
) -> Group:
    stands = Counter(standings[name] for name in names)
    gain = sum(weights[name] for name in names) * _share_missed(stands, usual)
    return Group(value, stands[Standing.MISSED], stands[Standing.MET], stands[Standing.NEW], gain)


def draw(
    wanted: Wanted,
    items: Sequence[Item],
    standings: Mapping[str, Standing],
    family: Mapping[str, Collection[str]],
    kept: Reserve,
    count: int,
    seed: int,
) -> tuple[str, ...]:
    """The ids of at most `count` items that are wanted, in the order in which they are asked.

    No two siblings; new ones only as far as the reserve lets go of them.
    """
    names = sorted(item.id for item in fitting(wanted, items, standings))
    random.Random(f"practice:{seed}").shuffle(names)  # noqa: S311 - reproducible from the stored seed; not a secret
    return tuple(islice(_apart(names, family, kept), min(count, LARGEST_SET)))


def _apart(names: Iterable[str], family: Mapping[str, Collection[str]], kept: Reserve) -> Iterator[str]:
    barred: set[str] = set()
    for name in names:
        if name not in barred and kept.take(name):
            barred |= {name, *family.get(name, ())}
            yield name


def _share_missed(stands: Counter[Standing], usual: float) -> float:
    met = stands[Standing.MISSED] + stands[Standing.MET]
    return (stands[Standing.MISSED] + DOUBT * usual) / (met + DOUBT)
