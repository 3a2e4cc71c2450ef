"""Field tables: the shape of a file written down once, from which its reader and its JSON Schema follow.

A shape reads a node strictly (a number is never taken for text, nor text for a number) and notes every fault
with its line; what it cannot read is `BAD`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from enum import Enum, StrEnum
from typing import Any, Final, Protocol

from app.exam.faults import Fault, Place, structure
from app.formats import text
from app.formats.yaml_tree import Node, plain

MAX_TEXT = 20_000
MAX_FAULTS = 5_000
HINTED_FAULTS = 100
HINTED_NAMES = 500
DATE_PATTERN = r"^\d{4}-\d{2}-\d{2}$"


class Bad(Enum):
    """The one value of what could not be read."""

    BAD = "bad"


BAD: Final = Bad.BAD


@dataclass(slots=True)
class Log:
    """Collects the faults of one file, or of one item in it."""

    file: str
    item: str | None = None
    faults: list[Fault] = field(default_factory=list)

    def note(self, line: int | None, rule: str, message: str) -> None:
        """Add a structure fault at a line of the file; a flood ends with a fault that says so."""
        if len(self.faults) == MAX_FAULTS:
            rule, message = "too-many-faults", f"more than {MAX_FAULTS} faults; mend these first"
        if len(self.faults) <= MAX_FAULTS:
            self.faults.append(structure(Place(self.file, line, self.item), rule, message))

    def hint(self, name: str, known: Collection[str]) -> str:
        """`; did you mean …?` with the nearest known name, or nothing.

        The search is slow, so it is made for the first faults and for short lists only.
        """
        if len(self.faults) >= HINTED_FAULTS or len(known) > HINTED_NAMES:
            return ""
        near = get_close_matches(name[:60].lower(), sorted(known), n=1, cutoff=0.6)
        return f"; did you mean {near[0]!r}?" if near else ""

    def of_item(self, item: str | None) -> Log:
        """A log that names the item and writes into this one."""
        return Log(self.file, item, self.faults)


class Shape(Protocol):
    """What a value must be."""

    def read(self, node: Node, log: Log) -> Any:
        """The value, or BAD after noting why."""

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema (draft 2020-12)."""


def describe(node: Node) -> str:
    """What stands there, in words, for a message."""
    value = node.value
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return "a list" if isinstance(value, list) else "a mapping"


def _mistyped(node: Node, log: Log, wanted: str, advice: str = "") -> Any:
    log.note(node.line, "wrong-type", f"expected {wanted}, found {describe(node)}{advice}")
    return BAD


@dataclass(frozen=True, slots=True)
class Text:
    """Text without white space around it. `form` says in words what the pattern asks for."""

    least: int = 1
    most: int = MAX_TEXT
    pattern: str = ""
    form: str = ""

    def read(self, node: Node, log: Log) -> Any:
        if not isinstance(node.value, str):
            advice = "; put it in quotes" if isinstance(node.value, int | float) else ""
            return _mistyped(node, log, "text", advice)
        value = node.value.strip()
        if found := text.problem(value):
            log.note(node.line, *found)
            return BAD
        if len(value) < self.least:
            log.note(node.line, "empty-text", "the text is empty")
            return BAD
        if len(value) > self.most:
            log.note(node.line, "too-long", f"{len(value)} characters; {self.most} are allowed")
            return BAD
        if self.pattern and not re.search(self.pattern, value):
            log.note(node.line, "malformed", f"{value[:60]!r} is not {self.form}")
            return BAD
        return value

    def schema(self) -> dict[str, Any]:
        pattern = {"pattern": self.pattern} if self.pattern else {}
        return {"type": "string", "minLength": self.least, "maxLength": self.most, **pattern}


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within bounds, both included."""

    least: int
    most: int

    def read(self, node: Node, log: Log) -> Any:
        if not isinstance(node.value, int) or isinstance(node.value, bool):
            return _mistyped(node, log, "a whole number")
        return _bounded(node, log, node.value, self.least, self.most)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds, both included; read as float."""

    least: float
    most: float

    def read(self, node: Node, log: Log) -> Any:
        if not isinstance(node.value, int | float) or isinstance(node.value, bool):
            return _mistyped(node, log, "a number")
        return _bounded(node, log, float(node.value), self.least, self.most)

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.least, "maximum": self.most}


def _bounded(node: Node, log: Log, value: float, least: float, most: float) -> Any:
    if not least <= value <= most:
        log.note(node.line, "out-of-range", f"{value} is not between {least} and {most}")
        return BAD
    return value


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false, and nothing that only looks like it."""

    def read(self, node: Node, log: Log) -> Any:
        return node.value if isinstance(node.value, bool) else _mistyped(node, log, "true or false")

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar date as text, YYYY-MM-DD."""

    def read(self, node: Node, log: Log) -> Any:
        if isinstance(node.value, str) and re.fullmatch(DATE_PATTERN, node.value):
            try:
                return date.fromisoformat(node.value)
            except ValueError:
                pass
        log.note(node.line, "bad-date", f"expected a date as YYYY-MM-DD, found {describe(node)}")
        return BAD

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date", "pattern": DATE_PATTERN}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a fixed set of names."""

    names: type[StrEnum]

    def read(self, node: Node, log: Log) -> Any:
        names = [name.value for name in self.names]
        if node.value in names:
            return self.names(str(node.value))
        message = f"expected one of {', '.join(names)}; found {describe(node)}"
        log.note(node.line, "unknown-value", message + log.hint(str(node.value), names))
        return BAD

    def schema(self) -> dict[str, Any]:
        return {"enum": [name.value for name in self.names]}


@dataclass(frozen=True, slots=True)
class Exactly:
    """One fixed number: the version of the format."""

    value: int

    def read(self, node: Node, log: Log) -> Any:
        if node.value == self.value and isinstance(node.value, int) and not isinstance(node.value, bool):
            return self.value
        log.note(node.line, "unknown-version", f"expected {self.value}, found {describe(node)}")
        return BAD

    def schema(self) -> dict[str, Any]:
        return {"const": self.value}


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one shape; read as tuple. One bad entry makes the whole list bad."""

    of: Shape
    least: int = 0
    most: int = 1_000

    def read(self, node: Node, log: Log) -> Any:
        if not isinstance(node.value, list):
            return _mistyped(node, log, "a list")
        if not self.least <= len(node.value) <= self.most:
            message = f"{len(node.value)} entries; {self.least} to {self.most} are allowed"
            log.note(node.line, "wrong-count", message)
            if len(node.value) > self.most:
                return BAD
        values = tuple(self.of.read(child, log) for child in node.value)
        return BAD if BAD in values else values

    def schema(self) -> dict[str, Any]:
        least = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": self.of.schema(), **least, "maxItems": self.most}


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping whose names are free (within a pattern) and whose values have one shape."""

    pattern: str
    of: Shape

    def read(self, node: Node, log: Log) -> Any:
        if not isinstance(node.value, dict):
            return _mistyped(node, log, "a mapping")
        values = {name: self.of.read(child, log) for name, child in node.value.items()}
        return BAD if BAD in values.values() else values

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "patternProperties": {self.pattern: self.of.schema()},
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class Anything:
    """A mapping of whatever a source said, kept as it is."""

    def read(self, node: Node, log: Log) -> Any:
        return plain(node) if isinstance(node.value, dict) else _mistyped(node, log, "a mapping")

    def schema(self) -> dict[str, Any]:
        return {"type": "object"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record."""

    shape: Shape
    required: bool = False


def needed(shape: Shape) -> Field:
    """A field that must be there."""
    return Field(shape, required=True)


def maybe(shape: Shape) -> Field:
    """A field that may be left out."""
    return Field(shape)


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known fields. `build` makes its value of the fields that were there."""

    name: str
    fields: Mapping[str, Field]
    build: Callable[..., Any] = dict

    def read(self, node: Node, log: Log) -> Any:
        if not isinstance(node.value, dict):
            return _mistyped(node, log, f"the fields of {self.name}")
        values = {
            name: f.shape.read(node.value[name], log) for name, f in self.fields.items() if name in node.value
        }
        for name, child in node.value.items():
            if name not in self.fields:
                message = f"{self.name} has no field {name[:60]!r}{log.hint(name, self.fields)}"
                log.note(child.line, "unknown-field", message)
        missing = [name for name, f in self.fields.items() if f.required and name not in node.value]
        for name in missing:
            log.note(node.line, "missing-field", f"{self.name} needs the field {name!r}")
        if missing or any(values[name] is BAD for name, f in self.fields.items() if f.required):
            return BAD
        return self.build(**{name: value for name, value in values.items() if value is not BAD})

    def schema(self) -> dict[str, Any]:
        required = [name for name, f in self.fields.items() if f.required]
        return {
            "type": "object",
            "properties": {name: f.shape.schema() for name, f in self.fields.items()},
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }
