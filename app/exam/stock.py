"""The item versions that an exam's measurement is about: those of its bank, and earlier ones that were answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from app.exam.item import Item, Status
from app.exam.pack import Exam
from app.exam.parameters import ItemParameters, Parameters, completed
from app.psychometrics.irt import Floats
from app.psychometrics.scale import Curve, curve


@dataclass(frozen=True, slots=True)
class Member:
    """One version of an item, by its author's number. `key` with corrections.

    `item_version_id` is its latest stored form: what does not change the question may be stored again under the
    same number. `current`: it is the one in the bank.
    """

    item_version_id: int
    item: Item
    key: frozenset[str]
    current: bool
    parameters: ItemParameters

    @property
    def name(self) -> str:
        """How flags name it."""
        return f"{self.item.id} {self.item.version}"


@dataclass(frozen=True, slots=True)
class Stock:
    """n members, and the number among them of each stored item version."""

    members: tuple[Member, ...]
    numbers: Mapping[int, int]

    @property
    def curve(self) -> Curve:
        """The members' parameters as they are in use, each of weight 1."""
        return curve(*([getattr(one.parameters, name) for one in self.members] for name in "abc"))

    @property
    def floors(self) -> Floats:
        """Guessing floors (n,)."""
        return np.array([one.parameters.c for one in self.members], dtype=np.float64)

    @property
    def calibrated_on(self) -> Floats:
        """The responses behind the parameters in use (n,)."""
        return np.array([one.parameters.answered for one in self.members], dtype=np.float64)


def stocked(
    bank: Mapping[int, Item],
    met: Mapping[int, Item],
    keys: Mapping[int, frozenset[str]],
    known: Parameters,
    exam: Exam,
) -> Stock:
    """The stock: `bank` and `met` by item version id, `keys` of the corrected ones, `known` parameters in use.

    Items that cannot be measured are left out: never ready, or of a domain that the blueprint no longer has.
    Invalid as `parameters.cold_started`.
    """
    everything = with_earlier(known, bank.values(), met.values(), exam)
    members: dict[tuple[str, int], Member] = {}
    numbers: dict[int, tuple[str, int]] = {}
    for version_id, item in sorted({**met, **bank}.items(), key=lambda one: (one[0] in bank, one[0])):
        parameters = everything.of(item.id, item.version)
        if parameters is None or not item.key:
            continue
        name = item.id, item.version
        key = keys.get(version_id, item.key)
        members[name] = Member(version_id, item, key, version_id in bank, parameters)
        numbers[version_id] = name
    place = {name: number for number, name in enumerate(sorted(members))}
    return Stock(
        tuple(members[name] for name in place),
        {version_id: place[name] for version_id, name in numbers.items()},
    )


def with_earlier(
    known: Parameters, bank: Iterable[Item], earlier: Collection[Item], exam: Exam
) -> Parameters:
    """Parameters for the ready bank as forms have them, and a cold start for other versions that were met."""
    items = tuple(bank)
    now = completed(known, items, exam)
    unknown = [item for item in earlier if now.of(item.id, item.version) is None]
    if not unknown:
        return now
    return completed(now, (*items, *(replace(item, status=Status.READY) for item in unknown)), exam)


def cold_locations(stock: Stock, first: Parameters, bank: Iterable[Item], exam: Exam) -> Floats:
    """The locations (n,) that ratings alone give the members, on the scale of the cold start, `first`."""
    everything = with_earlier(first, bank, [one.item for one in stock.members], exam)
    found = [everything.of(one.item.id, one.item.version) or one.parameters for one in stock.members]
    return np.array([one.b for one in found], dtype=np.float64)
