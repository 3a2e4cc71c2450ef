"""YAML (and so JSON) to plain values with a line for every node, and nothing that surprises.

Only what a pack needs: mappings with text keys, lists, and the scalars of the YAML 1.2 core schema. Dates,
yes/no and base 60 stay text. Anchors, aliases, tags, merge keys, duplicate keys, deep nesting, NaN, Infinity
and huge integers are faults at their line. Built on parser events, so no object is ever made from a tag and
no alias is ever expanded.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import yaml

from app.exam.faults import Fault, Place, structure

MAX_DEPTH = 64
MAX_NODES = 1_000_000
MAX_FAULTS = 100
"""Where reading one file stops: nobody mends more than this at once, and a flood must not fill the memory."""
MAX_DIGITS = 18

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """One value and the line (from 1) where it stands; a value of a mapping has the line of its key."""

    line: int
    value: Scalar | list[Node] | dict[str, Node]


class BadScalarError(ValueError):
    """A plain scalar that looks like a number but cannot be one; `rule` is the name of the fault."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class _Stopped(Exception):  # noqa: N818
    """Nothing more can be read of this file; the fault is already noted."""


_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_NOT_FINITE = re.compile(r"[-+]?(\.inf|\.Inf|\.INF|Infinity)|\.nan|\.NaN|\.NAN|NaN")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NUMBER_START = frozenset("+-.0123456789IN")
_SURROGATE_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)


def resolve_plain(text: str) -> Scalar:
    """The value of an unquoted scalar by the YAML 1.2 core schema. Raises BadScalarError."""
    if text in _NULLS:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if text[0] not in _NUMBER_START:
        return text
    if _NOT_FINITE.fullmatch(text):
        raise BadScalarError("not-a-number", f"{text} is no usable number; put it in quotes if it is text")
    if _INTEGER.fullmatch(text):
        return int(_short(text))
    if _OCTAL.fullmatch(text):
        return int(_short(text)[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(_short(text)[2:], 16)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            raise BadScalarError("not-a-number", "the number is too large; put it in quotes if it is text")
        return number
    return text


def _short(digits: str) -> str:
    if len(digits.lstrip("+-")) > MAX_DIGITS:
        raise BadScalarError("huge-integer", f"more than {MAX_DIGITS} digits; put it in quotes if it is text")
    return digits


def parse(file: str, content: bytes) -> tuple[Node | None, tuple[Fault, ...]]:
    """The tree of one file, and every fault found. The tree is None when nothing could be read.

    A tree that comes with faults is only good for finding more of them: refused parts read as null.
    """
    builder = _Builder(file)
    try:
        text = _decode(content, builder)
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except _Stopped:
        pass
    except yaml.YAMLError as error:
        builder.note(_line_of(error, content), "syntax", f"this is not valid YAML: {_problem(error)}")
    if builder.root is None and not builder.faults:
        builder.note(1, "empty", "the file is empty")
    return builder.root, tuple(builder.faults)


def plain(node: Node) -> Any:
    """The node as plain values, lines dropped."""
    if isinstance(node.value, dict):
        return {name: plain(child) for name, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def _decode(content: bytes, builder: _Builder) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        builder.note(line, "not-utf-8", "the file is not UTF-8 text; save it with the encoding UTF-8")
        raise _Stopped from None
    # JSON writes a character beyond U+FFFF as two escapes; YAML does not know that.
    if text.lstrip()[:1] in ("{", "["):
        text = _SURROGATE_PAIR.sub(_join_surrogates, text)
    return text


def _join_surrogates(match: re.Match[str]) -> str:
    high, low = int(match[2], 16), int(match[3], 16)
    return f"{match[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def _line_of(error: yaml.YAMLError, content: bytes) -> int:
    if isinstance(error, yaml.reader.ReaderError):
        return content.count(b"\n", 0, error.position) + 1
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark else 1


def _problem(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        return "it holds a control character"
    problem = str(getattr(error, "problem", None) or "it cannot be read")
    if "mapping values are not allowed" in problem:
        return f"{problem}; put text that holds a colon in double quotes"
    return problem


@dataclass(slots=True)
class _Frame:
    """A mapping or list under construction, the key that waits for its value, the lines of those before."""

    node: Node
    key: str | None = None
    key_line: int = 0
    seen: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Builder:
    """Takes parser events one at a time and hangs each value where it belongs, without recursion."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    root: Node | None = None
    stack: list[_Frame] = field(default_factory=list)
    documents: int = 0
    nodes: int = 0

    def note(self, line: int, rule: str, message: str) -> None:
        self.faults.append(structure(Place(self.file, line), rule, message))
        if len(self.faults) == MAX_FAULTS:
            message = f"more than {MAX_FAULTS} faults; the rest of the file was not read"
            self.faults.append(structure(Place(self.file, line), "too-many-faults", message))
            raise _Stopped

    def stop(self, line: int, rule: str, message: str) -> None:
        self.note(line, rule, message)
        raise _Stopped

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.ScalarEvent):
            self.check(event, line)
            if self.awaits_key:
                self.begin_entry(event.value, line, plain_key=event.style is None or event.style == "")
            else:
                self.hang(Node(self.line_here(line), self.scalar(event, line)))
        elif isinstance(event, yaml.CollectionStartEvent):
            self.check(event, line)
            if self.awaits_key:
                self.stop(line, "complex-key", "a list or mapping cannot be a field name")
            node = Node(self.line_here(line), {} if isinstance(event, yaml.MappingStartEvent) else [])
            self.hang(node)
            self.stack.append(_Frame(node))
            if len(self.stack) > MAX_DEPTH:
                self.stop(line, "too-deep", f"nested more than {MAX_DEPTH} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.AliasEvent):
            self.note(line, "alias", "aliases (*name) are not allowed; write the value out")
            if self.awaits_key:
                raise _Stopped
            self.hang(Node(self.line_here(line), None))
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.stop(line, "several-documents", "a file holds one YAML document; remove the line ---")

    @property
    def awaits_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].node.value, dict) and self.stack[-1].key is None

    def line_here(self, line: int) -> int:
        return self.stack[-1].key_line if self.stack and self.stack[-1].key is not None else line

    def check(self, event: Any, line: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.stop(line, "too-large", f"more than {MAX_NODES} values in one file")
        if event.anchor is not None:
            self.note(line, "anchor", "anchors (&name) are not allowed; write the value out")
        if event.tag is not None:
            self.note(line, "tag", f"tags are not allowed: remove {event.tag[:60]!r}")

    def scalar(self, event: yaml.ScalarEvent, line: int) -> Scalar:
        if event.style or event.tag is not None:
            return str(event.value)
        try:
            return resolve_plain(event.value)
        except BadScalarError as bad:
            self.note(line, bad.rule, str(bad))
            return None

    def begin_entry(self, name: str, line: int, *, plain_key: bool) -> None:
        frame = self.stack[-1]
        composed = unicodedata.normalize("NFC", name)
        if plain_key and name == "<<":
            self.note(line, "merge-key", "merge keys (<<) are not allowed; write the fields out")
        elif composed in frame.seen:
            first = frame.seen[composed]
            self.note(line, "duplicate-key", f"{name[:60]!r} stood already in line {first}; keep one of them")
        frame.seen.setdefault(composed, line)
        frame.key, frame.key_line = name, line

    def hang(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        if isinstance(frame.node.value, dict):
            assert frame.key is not None
            frame.node.value.setdefault(frame.key, node)
            frame.key = None
        elif isinstance(frame.node.value, list):
            frame.node.value.append(node)
