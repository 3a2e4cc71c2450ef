"""Blackboard's question upload: one question a line, its parts with tabs between them.

    MC	Which signal helps in fog?	The long horn	correct	The flag	incorrect
    MA	Which two?	Horn	correct	Bell	correct	Flag	incorrect
    TF	Fog is wet.	true

`MC` has one right answer, `MA` several, `TF` is true or false; other codes are of kinds that are not delivered. A
spreadsheet that wrote the file has put some parts in quotes. Pure; never raises.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.exam.faults import Fault, Place
from app.formats.decoding import decode, peek
from app.formats.drafts import (
    MAX_QUESTIONS,
    Found,
    FoundOption,
    assemble,
    broken,
    too_many_options,
    unreadable,
)
from app.formats.loose import text_of
from app.formats.markup import Gathered
from app.formats.reading import Reading, Skipped
from app.formats.source import Source

NAME = "blackboard"
MAX_LINES = 100_000
LOOKED_AT = 50
CHOICES = {"MC": False, "MA": True}
"""Codes of questions with options, and whether several are right."""
TRUE_FALSE = "TF"
OTHERS = {
    "ESS": "essay",
    "FIB": "fill-in-the-blank",
    "FIB_PLUS": "fill-in-the-blank",
    "FIL": "file response",
    "JUMBLED_SENTENCE": "jumbled sentence",
    "MAT": "matching",
    "NUM": "numerical",
    "OP": "opinion scale",
    "ORD": "ordering",
    "QUIZ_BOWL": "quiz bowl",
    "SR": "short response",
}
_MARKS = {"correct": True, "incorrect": False}
_TRUTHS = {"true": True, "false": False}


def detect(given: Source) -> bool:
    """Whether every one of the first lines begins with a code and a tab."""
    if len(given.files) != 1:
        return False
    text = peek(next(iter(given.files.values())))
    first = [line for line in (text or "").split("\n")[:LOOKED_AT] if line.strip()]
    return bool(first) and all(_code(line.partition("\t")[0]) and "\t" in line for line in first)


def read(given: Source) -> Reading:
    """Read every file of the source."""
    found: list[Found] = []
    skipped: list[Skipped] = []
    faults: list[Fault] = []
    readable = False
    for name, content in sorted(given.files.items()):
        text, told = decode(name, content, MAX_LINES)
        faults += told
        readable = readable or text is not None
        for number, line in enumerate((text or "").split("\n"), 1):
            if len(found) + len(skipped) + len(faults) > MAX_QUESTIONS:
                break
            if not line.strip():
                continue
            made = _question(Place(name, number), [_cell(part) for part in line.rstrip("\r\n").split("\t")])
            if isinstance(made, Found):
                found.append(made)
            elif isinstance(made, Skipped):
                skipped.append(made)
            else:
                faults.append(made)
    return assemble(NAME, given, found, skipped, faults) if readable else unreadable(NAME, faults)


def _code(cell: str) -> str:
    """The code that a line begins with, or nothing."""
    code = _cell(cell.lstrip("\ufeff")).upper()
    return code if code in CHOICES or code in OTHERS or code == TRUE_FALSE else ""


def _cell(part: str) -> str:
    bare = part.strip()
    quoted = len(bare) > 1 and bare.startswith('"') and bare.endswith('"')
    return bare[1:-1].replace('""', '"').strip() if quoted else bare


def _question(at: Place, cells: Sequence[str]) -> Found | Skipped | Fault:
    code, stem, parts = _code(cells[0]), cells[1] if len(cells) > 1 else "", list(cells[2:])
    if not code:
        known = ", ".join((*CHOICES, TRUE_FALSE))
        message = f"the line begins with {cells[0][:40]!r}, which is no kind of question; it may be {known}"
        return broken(at, "no-type", message)
    if code in OTHERS:
        return Skipped(at, f"{OTHERS[code]} questions are not delivered")
    while parts and not parts[-1]:  # a spreadsheet makes all lines as long as the longest
        parts.pop()
    pairs = _true_false(parts) if code == TRUE_FALSE else list(zip(parts[::2], parts[1::2], strict=False))
    if code != TRUE_FALSE and len(parts) % 2:
        pairs.append((parts[-1], ""))
    if problem := too_many_options(len(pairs)):
        return broken(at, *problem)
    odd = sorted({mark for _, mark in pairs if mark.casefold() not in _MARKS})
    notes = [("unknown-answer", f"{odd[0][:40]!r} says neither correct nor incorrect")] if odd else []
    gathered = Gathered()
    options = tuple(
        FoundOption(gathered.take(text_of(text)), key=_MARKS.get(mark.casefold(), False))
        for text, mark in pairs
    )
    keys = sum(option.key for option in options)
    return Found(
        at,
        gathered.take(text_of(stem)),
        options,
        CHOICES.get(code, False) or keys > 1,
        locator=f"line {at.line}",
        shuffle=code != TRUE_FALSE,
        unmapped=gathered.unmapped,
        notes=(*notes, *gathered.notes),
    )


def _true_false(parts: Sequence[str]) -> list[tuple[str, str]]:
    truth = _TRUTHS.get(parts[0].casefold()) if parts else None
    marks = ("", "") if truth is None else ("correct", "incorrect") if truth else ("incorrect", "correct")
    return list(zip(("True", "False"), marks, strict=True))
