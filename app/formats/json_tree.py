"""JSON from strangers to plain values: strict, within limits, every fault with its line.

Objects are `Object`s, dictionaries that know the line they begin on. NaN, Infinity, huge integers, duplicate keys,
lone surrogates and deep nesting are faults. A file with one object a line (JSON Lines) is a list. Pure; never raises.
"""

from __future__ import annotations

import math
import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # it is there, the stubs do not know it
from typing import Any

from app.exam.faults import Fault, Place, structure
from app.formats.decoding import decode

MAX_SIZE = 50_000_000
MAX_DEPTH = 64
MAX_VALUES = 1_000_000
MAX_DIGITS = 18
MAX_FAULTS = 50
_TOKEN = re.compile(r"[ \t\n]*+(?P<sign>[{}\[\]:,\"]|[^ \t\n{}\[\]:,\"]{0,400})")
_INTEGER = re.compile(r"-?(?:0|[1-9]\d*)")
_FLOAT = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {"true": True, "false": False, "null": None}
_NOT_FINITE = re.compile(r"[-+]?(?:nan|inf|infinity)", re.IGNORECASE)


class Object(dict[str, Any]):
    """An object and the line that it begins on."""

    __slots__ = ("line",)

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


class _StoppedError(Exception):
    """Nothing more can be read; the fault is noted."""


def parse(file: str, content: bytes) -> tuple[Any, list[Fault]]:
    """The value of a document, and what is wrong with it; None when it cannot be used."""
    if len(content) > MAX_SIZE:
        message = f"the file has more than {MAX_SIZE // 1_000_000} MB; split it"
        return None, [structure(Place(file), "too-large", message)]
    text, faults = decode(file, content)
    if text is None:
        return None, faults
    reader = _Reader(file, text, faults)
    try:
        values = reader.documents()
    except _StoppedError:
        return None, reader.faults
    if reader.spoilt:
        return None, reader.faults
    return (values[0] if len(values) == 1 else values), reader.faults


class _Reader:
    """Reads the values of a text one after the other. Recursion ends at MAX_DEPTH."""

    def __init__(self, file: str, text: str, faults: list[Fault]) -> None:
        self.file = file
        self.text = text
        self.faults = faults
        self.spoilt = False
        self._at = 0
        self._start = 0
        self._line, self._counted = 1, 0
        self._values = 0

    def documents(self) -> list[Any]:
        """The one document; several only when they are objects."""
        found: list[Any] = []
        while sign := self._sign():
            if found and not (isinstance(found[0], Object) and sign == "{"):
                self._stop("the document goes on after its end")
            found.append(self._value(sign, 0))
        if not found:
            self._stop("the file is empty", "empty")
        return found

    def _value(self, sign: str, depth: int) -> Any:
        self._values += 1
        if depth > MAX_DEPTH or self._values > MAX_VALUES:
            self._stop(f"more than {MAX_DEPTH} levels or {MAX_VALUES} values", "json-limit")
        if sign == "{":
            return self._object(depth)
        if sign == "[":
            return self._list(depth)
        if sign == '"':
            return self._string()
        return self._scalar(sign)

    def _list(self, depth: int) -> list[Any]:
        values: list[Any] = []
        sign = self._sign()
        while sign != "]":
            values.append(self._value(sign, depth + 1))
            sign = self._separator("]")
        return values

    def _object(self, depth: int) -> Object:
        made = Object(self._here())
        sign = self._sign()
        while sign != "}":
            if sign != '"':
                self._stop("the name of a field, in double quotes, is wanted")
            name = self._string()
            if name in made:
                self._note("duplicate-key", f"{name[:60]!r} stands twice in one object; keep one of them")
            if self._sign() != ":":
                self._stop(f"a colon is missing after {name[:60]!r}")
            made[name] = self._value(self._sign(), depth + 1)
            sign = self._separator("}")
        return made

    def _separator(self, end: str) -> str:
        """The end, or the sign after a comma."""
        sign = self._sign()
        if sign == end:
            return sign
        if sign != ",":
            self._stop(f"a comma or {end} is missing")
        sign = self._sign()
        if sign == end:
            self._stop(f"a comma stands before {end}; remove it")
        return sign

    def _sign(self) -> str:
        """The next sign or word; empty at the end."""
        found = _TOKEN.match(self.text, self._at)
        assert found is not None  # the pattern matches nothing, too
        self._start, self._at = found.start("sign"), found.end()
        return found["sign"]

    def _string(self) -> str:
        """The string whose opening quote was the last sign."""
        opened = self._start
        try:
            value, self._at = scanstring(self.text, self._at, False)
        except JSONDecodeError as error:
            self._start = max(opened, min(error.pos, len(self.text)))
            closed = "is not closed" if "Unterminated" in error.msg else f"cannot be read: {error.msg}"
            self._stop(f"a string {closed}")
        if _SURROGATE.search(value):
            self._start = opened
            message = "a string holds half of a character (a lone surrogate); write the whole one"
            self._note("lone-surrogate", message)
        return str(value)

    def _scalar(self, word: str) -> int | float | bool | None:
        if word in _WORDS:
            return _WORDS[word]
        if _INTEGER.fullmatch(word):
            if len(word) <= MAX_DIGITS:
                return int(word)
            self._note("huge-integer", f"a number of more than {MAX_DIGITS} digits; put it in quotes")
            return None
        if _NOT_FINITE.fullmatch(word) or _FLOAT.fullmatch(word):
            number = float(word)
            if math.isfinite(number):
                return number
            self._note("not-a-number", f"{word[:40]} is no usable number; put it in quotes if it is text")
            return None
        self._stop(
            f"{word[:40]!r} is no value; put texts in double quotes" if word else "the file ends too early"
        )
        return None

    def _here(self) -> int:
        """The line of the last sign."""
        if self._start > self._counted:
            self._line += self.text.count("\n", self._counted, self._start)
            self._counted = self._start
        return self._line

    def _note(self, rule: str, message: str) -> None:
        self.faults.append(structure(Place(self.file, self._here()), rule, message))
        self.spoilt = True
        if len(self.faults) >= MAX_FAULTS:
            raise _StoppedError

    def _stop(self, message: str, rule: str = "malformed-json") -> None:
        self._note(rule, message)
        raise _StoppedError
