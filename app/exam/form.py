"""A form: one assembled, ordered set of item versions, frozen with its parameters and conversion table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from app.errors import Invalid
from app.exam.item import ItemType, canonical
from app.exam.numbers import NODES, TOLERANCE, Numbers, curve_sums
from app.exam.pack import Scale
from app.exam.shortfall import Shortfall
from app.exam.snapshot import BankItem, Snapshot, bank_of, eligible
from app.exam.violations import violations
from app.psychometrics import assembly, scale
from app.psychometrics.exact import Optimum

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "Form",
    "Position",
    "Shortfall",
    "Snapshot",
    "assemble",
    "assemble_exactly",
    "bank_of",
    "eligible",
    "form_from_canonical",
    "shortfalls",
    "violations",
]

STEPS = 3000
"""How long the search for a form goes on, in looks at one domain: fifty are enough for half of all forms."""

STEPS_WITH_HISTORY = 500
"""Near curves come last: to a candidate with a history they are worth less waiting."""


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
    of its characteristic curve (in points) and of its information from the target; `time_deviation` is that of
    its expected time, as a share of the target's, None on forms from before there was one. `notes` say in words
    which soft limits were not met.
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
    time_deviation: float | None = None

    @property
    def fingerprint(self) -> str:
        """Hash of the sorted item versions: two forms with the same items have the same one, in any order."""
        versions = sorted([position.id, position.version] for position in self.positions)
        return hashlib.sha256(canonical(versions).encode()).hexdigest()

    def canonical(self) -> str:
        """Canonical JSON of the whole form; without a time that is not known, as older forms were written."""
        whole = _fields(self) | {
            "positions": list(map(_fields, self.positions)),
            "scale": _fields(self.scale),
        }
        if self.time_deviation is None:
            del whole["time_deviation"]
        return canonical(whole)


def _fields(of: DataclassInstance) -> dict[str, Any]:
    # `asdict` would copy every value of every position.
    return {name: getattr(of, name) for name in _names(type(of))}


@cache
def _names(of: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(of))


@lru_cache(maxsize=200)  # an end, its report and its review want the same one
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
    """What is missing for the exam's forms, in words; empty when there is a form."""
    return snapshot.bank.shortfalls


def assemble(snapshot: Snapshot, seed: int) -> Form:
    """The form that this seed (0 or more) makes of this snapshot; the same bit for bit, every time.

    Hard: counts by domain, multiple-answer range, enemies apart. Then, in this order: as few items as can be
    that the candidate has seen, little-used items first, soft limits, curves and expected time near the bank's.
    Invalid, with the explanation, when there is no such form.
    """
    _require(snapshot)
    numbers = snapshot.bank.numbers
    return _form(snapshot, seed, assembly.assemble(numbers.pool, _demand(snapshot), seed))


def assemble_exactly(snapshot: Snapshot, seed: int) -> tuple[Form, Optimum]:
    """The form with the smallest distances from the targets that some seconds of work find, and what they prove.

    It has the pilots of the form that the search makes. It is the same again only with the same version of the
    solver on the same kind of machine. Invalid when there is no form.
    """
    _require(snapshot)
    pool, demand = snapshot.bank.numbers.pool, _demand(snapshot)
    start = assembly.assemble(pool, replace(demand, tolerance=0.0, steps=STEPS), seed)
    chosen, proof = assembly.perfect(pool, demand, start, seed)
    return _form(snapshot, seed, chosen), proof


def _require(snapshot: Snapshot) -> None:
    """Invalid, with the explanation, when there is no form."""
    missing = shortfalls(snapshot)
    if missing:
        raise Invalid(" ".join(str(one) for one in missing))


def _form(snapshot: Snapshot, seed: int, chosen: assembly.Selection) -> Form:
    items, numbers = snapshot.bank.items, snapshot.bank.numbers
    together = [(items[i], True) for i in chosen.scored.tolist()] + [
        (items[i], False) for i in chosen.pilots.tolist()
    ]
    ordered = [together[place] for place in chosen.order.tolist()]
    scored = [item for item, counts in ordered if counts]
    reference = snapshot.bank.reference
    off = np.abs(curve_sums(scored, reference.theta_cut) - numbers.target[: 2 * len(NODES)])
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
        notes=_notes(numbers, [*chosen.scored, *chosen.pilots]),
        time_deviation=_time_deviation(numbers.seconds, [item for item, _ in ordered]),
    )


def _time_deviation(target: float | None, items: Sequence[BankItem]) -> float | None:
    if target is None:
        return None
    return abs(sum(item.seconds or 0.0 for item in items) / target - 1)


def _demand(snapshot: Snapshot) -> assembly.Demand:
    numbers = snapshot.bank.numbers
    return assembly.Demand(
        scored=numbers.scored,
        pilots=numbers.pilots,
        multiple=numbers.multiple,
        low=numbers.low,
        high=numbers.high,
        target=numbers.target,
        whole=numbers.whole,
        seen=_flags(snapshot, snapshot.seen),
        exposure=np.array(snapshot.by_place(snapshot.exposure), dtype=np.int64),
        eligible=_flags(snapshot, snapshot.eligibility) if snapshot.eligibility else None,
        answered=np.array(snapshot.by_place(snapshot.answered), dtype=np.int64),
        tolerance=TOLERANCE,
        steps=STEPS_WITH_HISTORY if snapshot.seen else STEPS,
    )


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


def _notes(numbers: Numbers, chosen: Sequence[int]) -> tuple[str, ...]:
    # group -1 is none
    counts = np.bincount(numbers.pool.groups[chosen].ravel() + 1, minlength=len(numbers.soft) + 1)[1:]
    found = []
    for group in np.flatnonzero((counts < numbers.low) | (counts > numbers.high)).tolist():
        limit = numbers.soft[group]
        wanted = f"{limit.low} to {limit.high}" if limit.low else f"{limit.high} at most"
        found.append(f"{limit.kind} {limit.name}: {counts[group]} items, wanted {wanted}")
    return tuple(found)
