"""What a reader hands back, and the document that `packs check --json` prints of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.exam.coverage import Coverage
from app.exam.faults import Fault, Kind, Place, Severity
from app.exam.item import ItemType, Status
from app.exam.pack import Pack


@dataclass(frozen=True, slots=True)
class Skipped:
    """A question of a kind that is not delivered: where it stands and why it was left out."""

    at: Place
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading: a pack, or the faults that refuse it (lesser faults may stand beside a pack).

    `places` says where each item stands (by id) and each exam (by `exam:` and its id). `media` has the bytes
    of the images that the pack's items name. `coverage` is what the pack says that its items cover.
    """

    format: str | None
    pack: Pack | None
    faults: tuple[Fault, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    media: Mapping[str, bytes] = field(default_factory=dict)
    coverage: tuple[Coverage, ...] = ()


def refused(faults: Iterable[Fault]) -> bool:
    """Whether the faults refuse the load as a whole: one structure error is enough."""
    return any(fault.kind is Kind.STRUCTURE and fault.severity is Severity.ERROR for fault in faults)


def report(reading: Reading, faults: Iterable[Fault]) -> dict[str, Any]:
    """The document of `packs check --json`: counts of what would be imported, what not, and every fault.

    `faults` are all that are to be shown: those of the reading and those of the quality rules.
    """
    items = reading.pack.items if reading.pack else ()
    single = sum(item.type is ItemType.SINGLE for item in items)
    return {
        "format": reading.format,
        "items": len(items),
        "single": single,
        "multiple": len(items) - single,
        "skipped": [{"at": str(skipped.at), "why": skipped.why} for skipped in reading.skipped],
        "faults": [
            {
                "at": str(fault.at),
                "rule": fault.rule,
                "kind": fault.kind.value,
                "severity": fault.severity.value,
                "message": fault.message,
            }
            for fault in faults
        ],
    }


def acceptable(reading: Reading, faults: Iterable[Fault], *, every_item: bool = False) -> bool:
    """Whether `packs check` ends with status 0.

    It does not on structure faults (a warning of that kind stands for a question that could not be imported), nor
    on quality errors of items that claim to be ready (of any item with `every_item`, the option --ready); a
    quality error of no item (of an exam) always counts.
    """
    everything = tuple(faults)
    if reading.pack is None or any(fault.kind is Kind.STRUCTURE for fault in everything):
        return False
    ready = {item.id for item in reading.pack.items if every_item or item.status is Status.READY}
    errors = (
        fault for fault in everything if fault.kind is Kind.QUALITY and fault.severity is Severity.ERROR
    )
    return not any(fault.at.item is None or fault.at.item in ready for fault in errors)
