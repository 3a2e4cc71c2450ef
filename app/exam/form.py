"""A form: one assembled, ordered set of item versions, frozen with its parameters and conversion table."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from app.errors import Invalid
from app.exam.blueprint import pilot_counts, scored_counts
from app.exam.item import ItemType, canonical
from app.exam.numbers import KINDS, NODES, curve_sums
from app.exam.pack import Scale
from app.exam.shortfall import Shortfall
from app.exam.snapshot import BankItem, Snapshot, bank_of, eligible
from app.psychometrics import assembly, scale

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "Form",
    "Position",
    "Shortfall",
    "Snapshot",
    "assemble",
    "bank_of",
    "eligible",
    "form_from_canonical",
    "shortfalls",
    "violations",
]

TOLERANCE = 0.05
"""Points, and units of information, within which a form's curves are as good as its target's."""

STEPS = 2000
"""How long the search for a form goes on, in looks at one domain."""


@dataclass(frozen=True, slots=True)
class Position:
    """One place on a form, `number` from 1, and the item version on it. `scored` is false for a pilot."""

    number: int
    id: str
    version: int
    domain: str
    topic: str | None
    objective: str | None
    type: ItemType
    scored: bool
    a: float
    b: float
    c: float


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is stored.

    `conversion[x]` is the unrounded scaled score for x right of the scored positions. `bank` is the hash of
    the bank it was made from and `parameters` its parameter version. The deviations are the largest distances
    of its characteristic curve (in points) and of its information from the target. `notes` say in words which
    soft limits were not met.
    """

    exam: str
    seed: int
    bank: str
    parameters: str
    positions: tuple[Position, ...]
    conversion: tuple[float, ...]
    scale: Scale
    theta_cut: float
    tcc_deviation: float
    tif_deviation: float
    seen_before: int
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Hash of the sorted item versions: two forms with the same items have the same one, in any order."""
        versions = sorted([position.id, position.version] for position in self.positions)
        return hashlib.sha256(canonical(versions).encode()).hexdigest()

    def canonical(self) -> str:
        """Canonical JSON of the whole form."""
        whole = _fields(self) | {
            "positions": list(map(_fields, self.positions)),
            "scale": _fields(self.scale),
        }
        return canonical(whole)


def _fields(of: DataclassInstance) -> dict[str, Any]:
    # `asdict` would copy every value of every position.
    return {field.name: getattr(of, field.name) for field in fields(of)}


def form_from_canonical(text: str) -> Form:
    """A form from its stored JSON: no checks."""
    plain: dict[str, Any] = json.loads(text)
    positions = tuple(Position(**{**place, "type": ItemType(place["type"])}) for place in plain["positions"])
    frozen = {
        "conversion": tuple(plain["conversion"]),
        "scale": Scale(**plain["scale"]),
        "notes": tuple(plain["notes"]),
    }
    return Form(**{**plain, **frozen, "positions": positions})


def shortfalls(snapshot: Snapshot) -> tuple[Shortfall, ...]:
    """What is missing for the exam's forms, in words; empty when counting finds nothing in the way.

    Enemies of different domains can still leave no valid form: only `assemble` finds that out.
    """
    return snapshot.bank.shortfalls


def assemble(snapshot: Snapshot, seed: int) -> Form:
    """The form that this seed (0 or more) makes of this snapshot; the same bit for bit, every time.

    Hard: counts by domain, multiple-answer range, enemies apart. Then, in this order: as few items as can be
    that the candidate has seen, little-used items first, soft limits, curves near the bank's. Invalid, with
    the explanation, when there is no such form.
    """
    missing = shortfalls(snapshot)
    if missing:
        raise Invalid(" ".join(str(one) for one in missing))
    chosen = _select(snapshot, seed)
    if chosen.broken:
        raise Invalid(
            "No form was found that keeps enemies apart and the number of multiple-answer items in range: "
            "more ready items are needed, or fewer enemies."
        )
    items, numbers = snapshot.bank.items, snapshot.bank.numbers
    together = [(items[i], True) for i in chosen.scored.tolist()] + [
        (items[i], False) for i in chosen.pilots.tolist()
    ]
    ordered = [together[place] for place in chosen.order.tolist()]
    scored = [item for item, counts in ordered if counts]
    reference = snapshot.bank.reference
    off = np.abs(curve_sums(scored, reference.theta_cut) - numbers.target)
    seen = set(snapshot.seen)
    return Form(
        exam=snapshot.bank.exam.id,
        seed=seed,
        bank=snapshot.bank.sha256,
        parameters=snapshot.bank.parameters,
        positions=tuple(_position(number, *place) for number, place in enumerate(ordered, 1)),
        conversion=_conversion(snapshot, scored),
        scale=snapshot.bank.exam.scale,
        theta_cut=reference.theta_cut,
        tcc_deviation=float(off[: len(NODES)].max()),
        tif_deviation=float(off[len(NODES) :].max()),
        seen_before=sum(item.id in seen for item, _ in ordered),
        notes=_notes(snapshot, [item for item, _ in ordered]),
    )


def violations(form: Form, snapshot: Snapshot) -> tuple[str, ...]:
    """Every hard limit that a form breaks, in words; empty for a valid form. It asks the search nothing."""
    exam, bank = snapshot.bank.exam, {item.id: item for item in snapshot.bank.items}
    found = []
    ids = [place.id for place in form.positions]
    found += [
        f"item {name} is on the form {count} times" for name, count in Counter(ids).items() if count > 1
    ]
    for place in form.positions:
        item = bank.get(place.id)
        if item is None or item.version != place.version:
            found.append(f"item {place.id} version {place.version} is not in the bank")
        elif (place.domain, place.type, place.a, place.b, place.c) != (
            item.domain,
            item.type,
            item.a,
            item.b,
            item.c,
        ):
            found.append(f"position {place.number} does not say what the bank says of item {place.id}")
    for scored, wanted in ((True, scored_counts(exam)), (False, pilot_counts(exam))):
        have = Counter(place.domain for place in form.positions if place.scored is scored)
        kind = "scored" if scored else "pilot"
        for domain in sorted(set(wanted) | set(have)):
            if have[domain] != wanted.get(domain, 0):
                found.append(f"domain {domain} has {have[domain]} {kind} items, not {wanted.get(domain, 0)}")
    multiple = sum(place.type is ItemType.MULTIPLE for place in form.positions)
    limit = exam.multiple_answer
    if limit and not limit.min <= multiple <= limit.max:
        found.append(f"{multiple} multiple-answer items are not {limit.min} to {limit.max}")
    on_form = set(ids)
    for name in sorted(on_form & set(bank)):
        found += [f"items {name} and {enemy} are enemies" for enemy in bank[name].enemies if enemy in on_form]
    if [place.number for place in form.positions] != list(range(1, len(ids) + 1)):
        found.append("positions are not numbered from 1")
    return tuple(found) + _scale_violations(form)


def _scale_violations(form: Form) -> tuple[str, ...]:
    table, length = form.conversion, sum(place.scored for place in form.positions)
    found = []
    if len(table) != length + 1:
        found.append(f"the conversion table has {len(table)} entries for {length} scored items")
    if table and (table[0] != form.scale.min or table[-1] != form.scale.max):
        found.append(f"the scale runs from {table[0]} to {table[-1]}")
    if any(low >= high for low, high in pairwise(table)):
        found.append("the scale does not rise with every item")
    return tuple(found)


def _select(snapshot: Snapshot, seed: int) -> assembly.Selection:
    bank, numbers = snapshot.bank, snapshot.bank.numbers
    demand = assembly.Demand(
        scored=numbers.scored,
        pilots=numbers.pilots,
        multiple=numbers.multiple,
        low=np.array([limit.low for limit in numbers.soft], dtype=np.int64),
        high=np.array([limit.high for limit in numbers.soft], dtype=np.int64),
        target=numbers.target,
        seen=_flags(snapshot, snapshot.seen),
        exposure=np.array([snapshot.exposure.get(item.id, 0) for item in bank.items], dtype=np.int64),
        eligible=_flags(snapshot, snapshot.eligibility) if snapshot.eligibility else None,
        answered=np.array([snapshot.answered.get(item.id, 0) for item in bank.items], dtype=np.int64),
        tolerance=TOLERANCE,
        # Near curves come last: to a candidate with a history they are worth less waiting.
        steps=STEPS // 4 if snapshot.seen else STEPS,
    )
    return assembly.assemble(numbers.pool, demand, seed)


def _flags(snapshot: Snapshot, names: Iterable[str]) -> assembly.Flags:
    """True for the items of the bank that are named; seen items may have left the bank since."""
    places = snapshot.bank.places
    flags = np.zeros(len(snapshot.bank.items), dtype=np.bool_)
    flags[[places[name] for name in names if name in places]] = True
    return flags


def _position(number: int, item: BankItem, scored: bool) -> Position:
    return Position(
        number=number,
        id=item.id,
        version=item.version,
        domain=item.domain,
        topic=item.topic,
        objective=item.objective,
        type=item.type,
        scored=scored,
        a=item.a,
        b=item.b,
        c=item.c,
    )


def _conversion(snapshot: Snapshot, scored: Sequence[BankItem]) -> tuple[float, ...]:
    form = scale.curve(*np.array([(item.a, item.b, item.c) for item in scored], dtype=np.float64).T)
    at, bank = snapshot.bank.exam.scale, snapshot.bank
    ends = scale.Ends(at.min, at.cut, at.max)
    return tuple(
        scale.conversion_table(form, bank.numbers.reference, bank.reference.cut_share, ends).tolist()
    )


def _notes(snapshot: Snapshot, items: Sequence[BankItem]) -> tuple[str, ...]:
    have = Counter((kind, name(item)) for item in items for kind, name in KINDS.items())
    found = []
    for limit in snapshot.bank.numbers.soft:
        count = have[limit.kind, limit.name]
        if not limit.low <= count <= limit.high:
            wanted = f"{limit.low} to {limit.high}" if limit.low else f"{limit.high} at most"
            found.append(f"{limit.kind} {limit.name}: {count} items, wanted {wanted}")
    return tuple(found)
