"""Item parameters of a bank, and the frozen reference that every form of an exam is equated to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from app.errors import Invalid
from app.exam.faults import Fault, Place, Severity, quality
from app.exam.item import Item, Status
from app.exam.pack import Exam
from app.psychometrics import scale
from app.psychometrics.cold_start import (
    HIGHEST_RATING,
    MARGIN_ABOVE_FLOOR,
    SLOPE,
    cold_start,
    is_rating_fault,
)

COLD_START = "cold-start-1"
"""The parameter version of a bank without responses; the number is raised when the method changes."""


@dataclass(frozen=True, slots=True)
class ItemParameters:
    """Slope, location and guessing floor of one item version (`app.psychometrics.irt`).

    `se_a`, `se_b`: standard errors, None where nothing was estimated; `answered`: the responses behind them.
    """

    id: str
    version: int
    a: float
    b: float
    c: float
    se_a: float | None = None
    se_b: float | None = None
    answered: int = 0


@dataclass(frozen=True, slots=True)
class ReferenceItem:
    """One item version of the reference. `weight`: its domain's share by the number of items there."""

    id: str
    version: int
    weight: float
    a: float
    b: float
    c: float


@dataclass(frozen=True)
class Reference:
    """The frozen bank that scores mean something on: tau(theta) = sum of weight P(theta).

    `cut_share` is the standard (the share right of a minimally qualified candidate), `theta_cut` where tau
    has it.
    """

    items: tuple[ReferenceItem, ...]
    cut_share: float
    theta_cut: float

    @cached_property
    def curve(self) -> scale.Curve:
        """tau as a curve."""
        return scale.curve(
            *([getattr(item, name) for item in self.items] for name in ("a", "b", "c", "weight"))
        )


@dataclass(frozen=True)
class Parameters:
    """One parameter version of a bank, `label` its name.

    `implied_mean_rating` is what the ratings alone would make the cut's share; it is shown beside the policy.
    """

    label: str
    items: tuple[ItemParameters, ...]
    reference: Reference
    implied_mean_rating: float | None = None
    _by_version: dict[tuple[str, int], ItemParameters] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_version", {(item.id, item.version): item for item in self.items})

    def of(self, item_id: str, version: int) -> ItemParameters | None:
        """The parameters of an item version, None when this parameter version does not know it."""
        return self._by_version.get((item_id, version))

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "label": self.label,
            "items": [asdict(item) for item in self.items],
            "reference": asdict(self.reference),
            "implied_mean_rating": self.implied_mean_rating,
        }


def parameters_from_plain(plain: dict[str, Any]) -> Parameters:
    """Parameters from stored JSON: no checks."""
    return Parameters(
        plain["label"],
        tuple(ItemParameters(**item) for item in plain["items"]),
        reference_from_plain(plain["reference"]),
        plain["implied_mean_rating"],
    )


def cold_started(items: Iterable[Item], exam: Exam) -> Parameters:
    """Parameters of an exam's ready bank before there are responses; theta_cut is 0 by convention.

    Items that are not ready, or lack a key or a domain of the blueprint, are left out; embargoed ones are
    not, so that the reference does not change by the day. Invalid, with a fault for each, when ratings cannot
    be used, and when nothing is left.
    """
    ready = sorted(
        (
            item
            for item in items
            if item.status is Status.READY and item.domain in exam.blueprint and item.key
        ),
        key=lambda item: item.id,
    )
    if not ready:
        raise Invalid(f"Exam {exam.id} has no ready items with a domain of its blueprint: review some first.")
    faults = tuple(_rating_faults(ready))
    if faults:
        raise Invalid("Some ratings cannot be used for a first difficulty: correct them first.", faults)
    weights = reference_weights([str(item.domain) for item in ready], exam.blueprint)
    floors = [item.guessing_floor for item in ready]
    ratings = [np.nan if item.rating is None else item.rating for item in ready]
    try:
        start = cold_start(ratings, floors, weights, exam.cut_share)
    except ValueError as error:
        raise Invalid(f"The cut of exam {exam.id} is not above what blind guessing would reach.") from error
    known = tuple(
        ItemParameters(item.id, item.version, SLOPE, float(b), floor)
        for item, b, floor in zip(ready, start.b, floors, strict=True)
    )
    frozen = tuple(
        ReferenceItem(item.id, item.version, weight, item.a, item.b, item.c)
        for item, weight in zip(known, weights, strict=True)
    )
    return Parameters(COLD_START, known, Reference(frozen, exam.cut_share, 0.0), start.implied_mean)


def completed(known: Parameters, items: Iterable[Item], exam: Exam) -> Parameters:
    """Parameters for every ready item of a bank: those known, and for item versions that came later a cold start.

    Newcomers are put on the scale that is in use: their first locations are moved by what the items known to
    both are apart on average. The reference stays what it is. Invalid as `cold_started`.
    """
    start = cold_started(items, exam)
    common = [(known.of(item.id, item.version), item) for item in start.items]
    newcomers = [item for old, item in common if old is None]
    if not newcomers:
        return known
    apart = [old.b - item.b for old, item in common if old is not None]
    shift = sum(apart) / len(apart) if apart else known.reference.theta_cut
    return replace(known, items=(*known.items, *(replace(item, b=item.b + shift) for item in newcomers)))


def with_cut(known: Parameters, cut_share: float) -> Parameters:
    """The same items and reference under another standard. Invalid when no ability reaches it."""
    curve = known.reference.curve
    if not curve.floor < cut_share < curve.ceiling:
        raise Invalid(
            f"A cut of {cut_share:.1%} of the items is out of reach: blind guessing alone gives {curve.floor:.1%}."
        )
    theta_cut = float(curve.inverse(cut_share))
    return replace(known, reference=replace(known.reference, cut_share=cut_share, theta_cut=theta_cut))


def calibrated(label: str, items: Sequence[ItemParameters], reference: Reference) -> Parameters:
    """A new parameter version on an adopted reference: its item versions, weights and cut_share stay.

    Reference items take their new parameters where there are any, and theta_cut is worked out again.
    """
    new = {(item.id, item.version): item for item in items}
    moved = []
    for item in reference.items:
        known = new.get((item.id, item.version))
        moved.append(replace(item, a=known.a, b=known.b, c=known.c) if known else item)
    renewed = replace(reference, items=tuple(moved))
    theta_cut = float(renewed.curve.inverse(reference.cut_share))
    return Parameters(label, tuple(items), replace(renewed, theta_cut=theta_cut))


def reference_weights(domains: Sequence[str], blueprint: Mapping[str, float]) -> list[float]:
    """The weight of each item: its domain's share of the blueprint by the number of items there.

    The weights sum to 1. A domain without items is left out of the whole, so that the shares of the others
    still make one.
    """
    whole = sum(blueprint[name] for name in set(domains))
    return [blueprint[name] / whole / domains.count(name) for name in domains]


def reference_from_plain(plain: dict[str, Any]) -> Reference:
    """A reference from stored JSON: no checks."""
    return Reference(**{**plain, "items": tuple(ReferenceItem(**item) for item in plain["items"])})


def _rating_faults(items: Iterable[Item]) -> Iterable[Fault]:
    for item in items:
        if item.rating is not None and is_rating_fault(item.rating, item.guessing_floor):
            lowest = item.guessing_floor + MARGIN_ABOVE_FLOOR
            message = f"rating {item.rating:g} must be above {lowest:.2f} and below {HIGHEST_RATING}"
            yield quality(Place(item=item.id), "rating", Severity.ERROR, message)
