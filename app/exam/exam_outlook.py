"""What the bank has for an exam: items by domain, what is missing, and how many forms without a common item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.errors import Invalid
from app.exam.blueprint import pilot_counts, scored_counts
from app.exam.item import Item, ItemType
from app.exam.pack import Domain, Exam
from app.exam.parameters import cold_started
from app.exam.score import is_half_point, nearest_half_point
from app.exam.snapshot import BankItem, bank_of, eligible


@dataclass(frozen=True, slots=True)
class DomainRoom:
    """One domain of the blueprint: its places on a form, the ready items for them, and the forms those give."""

    domain: Domain
    scored: int
    pilots: int
    ready: int
    multiple: int

    @property
    def places(self) -> int:
        """Items of a form."""
        return self.scored + self.pilots

    @property
    def forms(self) -> int | None:
        """Forms without a common item; None when a form has no item of it."""
        return self.ready // self.places if self.places else None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a bank has for an exam on a day. `forms` is how many disjoint ones the counts allow, and `limit` says what
    allows no more; `shortfalls` say why there is none, `warnings` what is allowed but should be looked at."""

    domains: tuple[DomainRoom, ...]
    forms: int
    limit: str
    shortfalls: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def ready(self) -> int:
        """Items that may be put on a form."""
        return sum(room.ready for room in self.domains)

    @property
    def multiple(self) -> int:
        """Those of them with several answers."""
        return sum(room.multiple for room in self.domains)


def outlook(exam: Exam, domains: Sequence[Domain], items: Sequence[Item], as_of: date) -> Outlook:
    """What the items, with their statuses as delivered, have for an exam that is without structure faults."""
    rooms = rooms_of(exam, domains, eligible(items, exam, as_of))
    forms, limit = disjoint(exam, rooms)
    return Outlook(rooms, forms, limit, _shortfalls(exam, items, as_of), tuple(_warnings(exam, rooms)))


def disjoint(exam: Exam, rooms: Sequence[DomainRoom]) -> tuple[int, str]:
    """How many forms without a common item the counts allow, and in words what allows no more.

    Enemies are not looked at: they must not be on one form, but may well be on two.
    """
    allowed = {room.domain.id: room.forms for room in rooms if room.forms is not None}
    most = min(allowed.values(), default=0)
    forms = next((count for count in range(most, 0, -1) if _multiple_fit(exam, rooms, count)), 0)
    if forms < most:
        return forms, f"the domains allow {most}, the range of multiple-answer items {forms}"
    tight = [name for name, count in allowed.items() if count == most]
    if len(tight) == len(allowed):
        return forms, f"every domain allows {most}"
    others = min(count for count in allowed.values() if count > most)
    return (
        forms,
        f"{_listed(tight)} {'allows' if len(tight) == 1 else 'allow'} {most}, the others {others} or more",
    )


def _multiple_fit(exam: Exam, rooms: Iterable[DomainRoom], forms: int) -> bool:
    """Whether so many forms can share the multiple-answer items out within the exam's range."""
    limit = exam.multiple_answer
    if limit is None:
        return True
    least = most = 0
    for room in rooms:
        need = forms * room.places
        most += min(need, room.multiple)
        least += max(0, need - (room.ready - room.multiple))
    return most >= forms * limit.min and least <= forms * limit.max


def rooms_of(
    exam: Exam, domains: Sequence[Domain], ready: Sequence[Item | BankItem]
) -> tuple[DomainRoom, ...]:
    """The domains of the blueprint, with what these items give them."""
    scored, pilots = scored_counts(exam), pilot_counts(exam)
    held = Counter(item.domain for item in ready)
    multiple = Counter(item.domain for item in ready if item.type is ItemType.MULTIPLE)
    return tuple(
        DomainRoom(one, scored[one.id], pilots[one.id], held[one.id], multiple[one.id])
        for one in domains
        if one.id in exam.blueprint
    )


def _shortfalls(exam: Exam, items: Sequence[Item], as_of: date) -> tuple[str, ...]:
    try:
        bank = bank_of(items, exam, as_of, cold_started(items, exam))
    except Invalid as error:
        return (str(error), *map(str, error.faults))
    return tuple(map(str, bank.shortfalls))


def _warnings(exam: Exam, rooms: Iterable[DomainRoom]) -> Iterable[str]:
    cut = exam.cut.raw_equivalent
    if not is_half_point(exam):
        yield (
            f"The cut {cut:g} is not on a half point, so forms that differ by a hair fall on different sides of it. "
            f"Set it to {nearest_half_point(cut):g}."
        )
    for room in rooms:
        if not room.places:
            yield f"{room.domain.id} has a share, but it is too small for an item on a form."


def more_needed(outlook: Outlook) -> Mapping[str, int]:
    """How many more ready items of which domain one form more would need."""
    wanted = {room.domain.id: (outlook.forms + 1) * room.places - room.ready for room in outlook.domains}
    return {name: count for name, count in wanted.items() if count > 0}


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
