"""A fault: what is wrong in a pack, where, by which rule, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Structure faults refuse the load; quality faults only bar an item from being ready."""

    STRUCTURE = "structure"
    QUALITY = "quality"


class Severity(StrEnum):
    """An error must be mended, a warning may be accepted by name, info is only shown."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault is: file, line (from 1) and item; unknown parts are left out."""

    file: str = ""
    line: int | None = None
    item: str | None = None

    def __str__(self) -> str:
        parts = [
            f"{self.file}:{self.line}" if self.line else self.file,
            f"item {self.item}" if self.item else "",
        ]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule at one place. `rule` is a stable name such as `unknown-field` or `L02`."""

    at: Place
    rule: str
    kind: Kind
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.at}: {self.severity} {self.rule}: {self.message}"


def structure(at: Place, rule: str, message: str) -> Fault:
    """A fault that makes the pack impossible to deliver or to score."""
    return Fault(at, rule, Kind.STRUCTURE, Severity.ERROR, message)


def quality(at: Place, rule: str, severity: Severity, message: str) -> Fault:
    """A fault against the item-writing standard."""
    return Fault(at, rule, Kind.QUALITY, severity, message)
