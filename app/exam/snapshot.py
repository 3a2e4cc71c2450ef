"""What a form is assembled from, frozen: the bank (shared by many forms) and what is known of one candidate.

The canonical JSON of both parts is stored with the form, so that the same seed can be run again years later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from app.exam.expected_time import expected_seconds
from app.exam.item import Item, ItemType, Status, canonical
from app.exam.numbers import Numbers, numbers_of
from app.exam.pack import Exam, exam_from_plain
from app.exam.parameters import ItemParameters, Parameters, Reference, reference_from_plain
from app.exam.shortfall import Shortfall, counted, kept_apart


@dataclass(frozen=True, slots=True)
class BankItem:
    """One item version that may be put on a form, and all that assembly and scoring need of it.

    `id` is unique in the bank; `enemies` are ids of the same kind; `service` is the primary one; `c` is the
    guessing floor, `a` and `b` the parameters of `app.psychometrics.irt`; `seconds` the expected time, None in
    snapshots from before it was asked for.
    """

    id: str
    version: int
    domain: str
    type: ItemType
    a: float
    b: float
    c: float
    objective: str | None = None
    topic: str | None = None
    service: str | None = None
    company: str | None = None
    enemies: tuple[str, ...] = ()
    seconds: float | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON values; without a time that is not known, so that older banks keep their hash."""
        whole = asdict(self)
        if self.seconds is None:
            del whole["seconds"]
        return whole


@dataclass(frozen=True)
class Bank:
    """The part of a snapshot that many forms share, addressed by the hash of its content.

    Items are kept in the order of their ids, so that the order in which they were loaded decides nothing.
    Keep one `Bank` for many forms: what is derived from it is computed once.
    """

    exam: Exam
    items: tuple[BankItem, ...]
    reference: Reference
    parameters: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(sorted(self.items, key=lambda item: item.id)))
        if len({item.id for item in self.items}) != len(self.items):
            raise ValueError("a bank holds one version of an item")

    @cached_property
    def canonical(self) -> str:
        """Canonical JSON."""
        return canonical(
            {
                "exam": asdict(self.exam),
                "items": [item.plain() for item in self.items],
                "reference": asdict(self.reference),
                "parameters": self.parameters,
            }
        )

    @cached_property
    def sha256(self) -> str:
        """Hash of the canonical JSON: the name under which the store keeps it, once."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @cached_property
    def numbers(self) -> Numbers:
        """The bank as arrays, for assembly."""
        return numbers_of(self.exam, self.items, self.reference)

    @cached_property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """Why no form can be made of this bank; empty when there is one."""
        return counted(self.exam, self.items) or kept_apart(self.items, self.numbers)

    @cached_property
    def places(self) -> dict[str, int]:
        """The index of each item by its id."""
        return {item.id: index for index, item in enumerate(self.items)}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that decides a form, but the seed.

    `seen` are the item ids of the candidate's earlier forms. `exposure` counts how often each item was put on
    a form, `answered` how many responses it has; what is not named has 0. `eligibility` names the items that
    exposure control lets through; empty means that assembly draws it from `exposure`.
    """

    bank: Bank
    as_of: date
    seen: tuple[str, ...] = ()
    exposure: Mapping[str, int] = field(default_factory=dict)
    answered: Mapping[str, int] = field(default_factory=dict)
    eligibility: tuple[str, ...] = ()

    def canonical(self) -> tuple[str, str]:
        """Canonical JSON in two parts: the bank's, and the candidate's (which names the bank by its hash)."""
        candidate = {
            "bank": self.bank.sha256,
            "as_of": self.as_of.isoformat(),
            "seen": sorted(set(self.seen)),
            "exposure": self.by_place(self.exposure),
            "answered": self.by_place(self.answered),
            "eligibility": sorted(set(self.eligibility)),
        }
        return self.bank.canonical, canonical(candidate)

    def by_place(self, counts: Mapping[str, int]) -> list[int]:
        """Counts by id in the order of the bank's items: a quarter of the text, and it is stored with each form."""
        return [counts.get(item.id, 0) for item in self.bank.items]


def eligible(items: Iterable[Item], exam: Exam, as_of: date) -> tuple[Item, ...]:
    """The items that may be put on a form of this exam on that day.

    Left out: what is not ready, has no key or no domain of the blueprint, and what is under embargo: any of
    its services came out later than `as_of` minus the exam's embargo.
    """
    newest = as_of - timedelta(days=exam.embargo_days)
    return tuple(
        item
        for item in items
        if item.status is Status.READY
        and item.domain in exam.blueprint
        and item.key
        and not any(service.since is not None and service.since > newest for service in item.services)
    )


def bank_of(items: Iterable[Item], exam: Exam, as_of: date, parameters: Parameters) -> Bank:
    """The bank of an exam on a day: its eligible items, but those without parameters."""
    known = [
        (item, found)
        for item in eligible(items, exam, as_of)
        if (found := parameters.of(item.id, item.version)) is not None
    ]
    times = expected_seconds([item for item, _ in known], exam)
    return Bank(
        exam,
        tuple(_bank_item(item, found, time) for (item, found), time in zip(known, times, strict=True)),
        parameters.reference,
        parameters.label,
    )


def _bank_item(item: Item, known: ItemParameters, seconds: float) -> BankItem:
    return BankItem(
        id=item.id,
        version=item.version,
        domain=str(item.domain),
        type=item.type,
        a=known.a,
        b=known.b,
        c=known.c,
        objective=item.objective,
        topic=item.topic,
        service=item.services[0].name if item.services else None,
        company=item.company,
        enemies=tuple(sorted(item.enemies)),
        seconds=seconds,
    )


def bank_from_canonical(text: str) -> Bank:
    """A bank from its stored JSON: no checks."""
    plain: dict[str, Any] = json.loads(text)
    items = tuple(
        BankItem(**{**item, "type": ItemType(item["type"]), "enemies": tuple(item["enemies"])})
        for item in plain["items"]
    )
    return Bank(
        exam_from_plain(plain["exam"]), items, reference_from_plain(plain["reference"]), plain["parameters"]
    )


def snapshot_from_canonical(bank: Bank, text: str) -> Snapshot:
    """A snapshot from the stored JSON of its candidate part. ValueError if made from another bank."""
    plain: dict[str, Any] = json.loads(text)
    if plain["bank"] != bank.sha256:
        raise ValueError("this snapshot was made from another bank")
    return Snapshot(
        bank=bank,
        as_of=date.fromisoformat(plain["as_of"]),
        seen=tuple(plain["seen"]),
        exposure=_by_id(bank, plain["exposure"]),
        answered=_by_id(bank, plain["answered"]),
        eligibility=tuple(plain["eligibility"]),
    )


def _by_id(bank: Bank, counts: dict[str, int] | list[int]) -> Mapping[str, int]:
    """Counts by id, as they were stored with the first forms, or by place."""
    if isinstance(counts, dict):
        return counts
    return {item.id: count for item, count in zip(bank.items, counts, strict=True)}
