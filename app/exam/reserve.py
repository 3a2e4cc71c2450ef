"""The reserve: items a candidate has not met, kept so that fresh mocks remain possible.

A mock of items that were met before says more about memory than about the exam. So practice takes new items only as
long as KEPT mocks without a common item, all new, can still be made, and at most SHARE of the bank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from app.exam.exam_outlook import DomainRoom, disjoint, rooms_of
from app.exam.item import ItemType
from app.exam.pack import Domain, Exam
from app.exam.snapshot import BankItem

KEPT = 3
SHARE = 0.25


@dataclass
class Reserve:
    """The new items of one candidate by name, and what taking some of them leaves.

    `allowed` is how many may still be taken under SHARE; `spend` lets everything be taken. `rooms` are the domains of
    the blueprint with the new items that are left for them.
    """

    exam: Exam
    new: Mapping[str, BankItem]
    rooms: dict[str, DomainRoom]
    allowed: int
    spend: bool = False

    @property
    def mocks(self) -> int:
        """How many mocks of new items, without a common one, the counts allow."""
        return disjoint(self.exam, tuple(self.rooms.values()))[0]

    def take(self, name: str) -> bool:
        """Take an item unless that is not allowed, and whether it was; one that was met before costs nothing."""
        item = self.new.get(name)
        if item is None:
            return True
        before = self.rooms[item.domain]
        if not self.spend and self.allowed < 1:
            return False
        is_multiple = item.type is ItemType.MULTIPLE
        self.rooms[item.domain] = replace(
            before, ready=before.ready - 1, multiple=before.multiple - is_multiple
        )
        if not self.spend and self.mocks < KEPT:
            self.rooms[item.domain] = before
            return False
        self.allowed -= 1
        return True

    def copy(self, *, spend: bool = False) -> Reserve:
        """One to try things with."""
        return Reserve(self.exam, self.new, dict(self.rooms), self.allowed, spend)


def reserve_of(
    exam: Exam, domains: Sequence[Domain], bank: Sequence[BankItem], met: Iterable[str], practised: int
) -> Reserve:
    """The reserve of a candidate who has met these items; `practised` of the bank in practice only."""
    known = set(met)
    new = {item.id: item for item in bank if item.id not in known}
    rooms = {room.domain.id: room for room in rooms_of(exam, domains, tuple(new.values()))}
    return Reserve(exam, new, rooms, max(0, int(SHARE * len(bank)) - practised))


def open_to_practice(kept: Reserve, names: Iterable[str]) -> tuple[str, ...]:
    """Those of some new items that practice may take, one after the other."""
    left = kept.copy()
    return tuple(name for name in names if name in left.new and left.take(name))


def mocks_after(kept: Reserve, names: Iterable[str], count: int) -> int:
    """How many mocks of new items remain at worst when `count` of the new ones among `names` are taken.

    The worst is to take them all from one domain, or all of one type.
    """
    new = [kept.new[name] for name in names if name in kept.new]
    ways: list[Callable[[BankItem], bool]] = [
        *(partial(_is_of, room.domain.id) for room in kept.rooms.values()),
        lambda item: item.type is ItemType.MULTIPLE,
        lambda item: item.type is ItemType.SINGLE,
    ]
    return min(_mocks_without(kept, sorted(new, key=way, reverse=True)[:count]) for way in ways)


def _is_of(domain: str, item: BankItem) -> bool:
    return item.domain == domain


def _mocks_without(kept: Reserve, items: Iterable[BankItem]) -> int:
    left = kept.copy(spend=True)
    for item in items:
        left.take(item.id)
    return left.mocks
