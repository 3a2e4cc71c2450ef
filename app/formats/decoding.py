"""Bytes of unknown encoding to text: the one place where foreign readers decode.

`decode(file, content)` gives the text with `\\n` line ends, and the faults: a warning that names the encoding when
it had to be guessed, an error (and no text) when the content is no text at all. Pure; never raises.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from app.exam.faults import Fault, Place, Severity, quality, structure

MAX_LINES = 2_000_000
MAX_TAGS = 1_000_000
PEEKED = 200_000
SAMPLE = 20_000
"""Bytes that the guess looks at: lines that are not plain ASCII, up to this many."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CANDIDATES = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "shift_jis",
    "euc_jp",
    "gb18030",
    "big5",
    "euc_kr",
]
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n?")
_NOT_ASCII_LINE = re.compile(rb"^[^\n\x80-\xff]*+[\x80-\xff][^\n]*+\n?", re.MULTILINE)
# What text of Western Europe never shows when it is read as such: signs inside words, capitals after small
# letters, long runs of accents.
_NOT_WESTERN = re.compile(
    "\\w[\u00a1-\u00af\u00b1-\u00b3\u00b5-\u00bf\u00d7\u00f7]\\w"
    "|[a-z\u00df-\u00ff][\u00c0-\u00de\u0152\u0160\u0178\u017d]"
    "|[\u00c0-\u00ff]{3}|\ufffd"
)


def peek(content: bytes) -> str | None:
    """The first part of a text, for readers that want to know whether it is theirs; None when it is no text."""
    part = content[:PEEKED]
    encoding, mark = next(((name, m) for m, name in _MARKS if content.startswith(m)), ("utf-8", b""))
    text = part[len(mark) :].decode(encoding, "replace")
    return None if "\x00" in text else _LINE_END.sub("\n", text)


def decode(file: str, content: bytes, most_lines: int = MAX_LINES) -> tuple[str | None, list[Fault]]:
    """The text of a file, and what is to be said about its encoding; None when it is no text.

    The order: a byte order mark, UTF-8, a guess. Lone halves of characters (surrogates) become U+FFFD with a
    warning; a NUL refuses the file, as text has none.
    """
    at = Place(file)
    text, faults = _decoded(at, content)
    if text is None:
        return None, faults
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        message = "the file holds NUL, so it is no text, or UTF-16 without a mark; save it as UTF-8"
        return None, [structure(Place(file, line), "not-text", message)]
    if found := _SURROGATE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        message = "the file holds halves of characters (surrogates), which were replaced by U+FFFD"
        faults.append(quality(Place(file, line), "lone-surrogate", Severity.WARNING, message))
        text = _SURROGATE.sub("\ufffd", text)
    text = _LINE_END.sub("\n", text) if "\r" in text else text
    if text.count("\n") > most_lines:
        return None, [structure(at, "too-many-lines", f"more than {most_lines} lines; split the file")]
    if text.count("<") > MAX_TAGS:
        return None, [structure(at, "too-many-tags", f"more than {MAX_TAGS} tags; split the file")]
    return text, faults


def _decoded(at: Place, content: bytes) -> tuple[str | None, list[Fault]]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding, "surrogatepass"), []
            except UnicodeDecodeError as error:
                byte = len(mark) + error.start
                message = f"the file begins as {encoding.upper()}, but byte {byte} is not; save it as UTF-8"
                return None, [structure(at, "bad-encoding", message)]
    try:
        return content.decode("utf-8", "surrogatepass"), []
    except UnicodeDecodeError:
        pass
    if b"\x00" in content:
        message = "the file is no text: it holds NUL bytes; is it an image or an archive?"
        return None, [structure(at, "not-text", message)]
    encoding = _guess(content)
    message = f"the file is not UTF-8; it was read as {encoding}: look at the letters with accents"
    return content.decode(encoding, "replace"), [quality(at, "guessed-encoding", Severity.WARNING, message)]


def _guess(content: bytes) -> str:
    sample = b""
    for found in _NOT_ASCII_LINE.finditer(content):
        sample += found[0][: SAMPLE - len(sample)]
        if len(sample) == SAMPLE:
            break
    if not _NOT_WESTERN.search(sample.decode("cp1252", "replace")):
        return "cp1252"
    best = from_bytes(sample, cp_isolation=_CANDIDATES, enable_fallback=False).best()
    return best.encoding if best else "cp1252"
