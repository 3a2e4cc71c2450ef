"""XLSX: the sheets of a workbook as tables of questions, by the same columns as CSV. Only values are read.

The archive and its parts are judged before openpyxl sees them: sizes, no document types. Dates, formulas and errors
are said at their row, since they are seldom what the author of an option typed. Never raises.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise, repeat
from typing import Any

from openpyxl import load_workbook

from app.exam.faults import Fault, Place, Severity, quality, structure
from app.formats.columns import MOST_COLUMNS
from app.formats.drafts import unreadable
from app.formats.reading import Reading
from app.formats.source import Source
from app.formats.table import Mapped, Preview, Row, Sheet, preview, read_sheets

NAME = "xlsx"
MAX_PART = 40_000_000
MAX_TREE_PART = 5_000_000
"""Parts that are read as a whole (styles, the list of sheets …) are never this large."""
MAX_TAGS = 3_000_000
MAX_STRING_TAGS = 1_400_000
"""Texts that sheets share are held in memory, all of them: enough for 20,000 questions of 17 texts."""
MAX_PIECE = 2_000_000
"""One row of a sheet, or one of its texts."""
MAX_SHEETS = 50
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_STREAMED = re.compile(r"xl/(worksheets/[^/]+|sharedStrings)\.xml", re.IGNORECASE)
_DEFINES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)
_PIECE_END = re.compile(rb"</(?:\w+:)?(?:row|si)>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CARRIAGE_RETURN = re.compile(r"_x000[dD]_\n?")
_WHOLE = 10**15


def detect(given: Source) -> bool:
    """Whether it is a workbook: one of Excel's, or of another kind that we can at least name."""
    return "xl/workbook.xml" in given.files or _other_kind(given) is not None


def read(given: Source, mapped: Mapped = None) -> Reading:
    """Read all sheets that name their columns. `mapped` is a mapping by hand (columns.py) or the name of a preset."""
    if fault := _refusal(given):
        return unreadable(NAME, [fault])
    faults: list[Fault] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of openpyxl, about what it leaves out and we do not want
            return read_sheets(NAME, given, _sheets(given, faults), mapped, faults)
    except MemoryError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part leads it to
        return unreadable(NAME, [_damaged(given, error)])


def look(given: Source) -> dict[str, Preview]:
    """What the review page shows of each sheet, by its title, before it is mapped; empty when nothing can be read."""
    if _refusal(given):
        return {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return {sheet.title: preview(sheet) for sheet in _sheets(given, [])}
    except MemoryError:
        raise
    except Exception:
        return {}


def _damaged(given: Source, error: Exception) -> Fault:
    message = f"the workbook is damaged ({type(error).__name__}: {str(error)[:200]}); save it again as .xlsx"
    return structure(Place(given.name), "bad-workbook", message)


def _other_kind(given: Source) -> str | None:
    """What kind of workbook it is that cannot be read here."""
    if given.raw is not None and given.raw.startswith(_OLD_OFFICE):
        return "an old Office file (.xls)"
    if given.files.get("mimetype", b"").startswith(_OPEN_DOCUMENT):
        return "an OpenDocument spreadsheet (.ods)"
    return "a binary workbook (.xlsb)" if "xl/workbook.bin" in given.files else None


def _refusal(given: Source) -> Fault | None:
    """Why a workbook is not even opened."""
    at = Place(given.name)
    if kind := _other_kind(given):
        return structure(at, "other-workbook", f"this is {kind}; save it as .xlsx or CSV")
    if given.raw is None or "xl/workbook.xml" not in given.files:
        return structure(at, "bad-workbook", "this is no .xlsx file; hand in the file itself, not a folder")
    for name, content in given.files.items():
        if name.endswith((".xml", ".rels")) and (why := _part_problem(name, content)):
            return structure(at, "workbook-limit", f"its part {name[:100]} {why}")
    return None


def _part_problem(name: str, content: bytes) -> str | None:
    streamed = _STREAMED.fullmatch(name)
    most = MAX_PART if streamed else MAX_TREE_PART
    if len(content) > most:
        return f"has more than {most // 1_000_000} MB; split the workbook"
    if _DEFINES.search(content):
        return "brings definitions of its own (DOCTYPE), which are refused"
    if _ENCODING.match(content) or b"\x00" in content[:200]:
        return "is not in UTF-8; save the workbook again"
    tags = MAX_STRING_TAGS if "sharedstrings" in name.lower() else MAX_TAGS
    if content.count(b"<") > tags:
        return f"has more than {tags} tags; split the workbook"
    if streamed:
        ends = [0, *(end.end() for end in _PIECE_END.finditer(content)), len(content)]
        if max(end - start for start, end in pairwise(ends)) > MAX_PIECE:
            return f"has a row or a text of more than {MAX_PIECE // 1_000_000} MB"
    return None


def _sheets(given: Source, faults: list[Fault]) -> list[Sheet]:
    """The sheets, whose rows are read as they are asked for. Raises anything when a part is damaged."""
    raw = given.raw or b""
    values = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    has_formulas = any(_STREAMED.fullmatch(name) and _FORMULA.search(c) for name, c in given.files.items())
    formulas = load_workbook(io.BytesIO(raw), read_only=True, keep_links=False) if has_formulas else None
    found = [sheet for sheet in values.worksheets if hasattr(sheet, "reset_dimensions")]
    if len(found) > MAX_SHEETS:
        message = f"only the first {MAX_SHEETS} sheets were read; there are {len(found)}"
        faults.append(quality(Place(given.name), "sheets-left-out", Severity.WARNING, message))
        found = found[:MAX_SHEETS]
    sheets = []
    for sheet in found:
        file = given.name if len(found) == 1 else f"{given.name}#{sheet.title}"
        beside = formulas[sheet.title] if formulas is not None else None
        sheets.append(Sheet(file, _rows(sheet, beside), sheet.title))
    return sheets


def _rows(sheet: Any, beside: Any) -> Iterator[Row]:
    same: Iterable[Any] = repeat(()) if beside is None else _cells(beside)
    for line, (cells, formulas) in enumerate(zip(_cells(sheet), same, strict=False), 1):
        yield _row(line, cells, formulas)


def _cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # what a workbook says of its size need not be true
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(min_row=1, min_col=1, max_col=MOST_COLUMNS)
    return rows


def _row(line: int, cells: tuple[Any, ...], formulas: tuple[Any, ...]) -> Row:
    texts: list[str] = []
    notes: list[tuple[int, str, str]] = []
    for place, cell in enumerate(cells):
        if cell.value is None and (place >= len(formulas) or formulas[place].value is None):
            texts.append("")
            continue
        text, note = _text(cell)
        if place < len(formulas) and formulas[place].data_type == "f":
            typed = str(getattr(formulas[place].value, "text", formulas[place].value))
            text, note = _formula(typed, text)
        texts.append(text)
        if note:
            notes.append((place, *note))
    while texts and not texts[-1]:
        texts.pop()
    return Row(line, tuple(texts), notes=tuple(notes))


def _formula(typed: str, value: str) -> tuple[str, tuple[str, str]]:
    if value:
        return value, ("formula", f"a cell is the formula {typed[:60]!r}; its value {value[:60]!r} was taken")
    return typed, ("formula", f"a cell is the formula {typed[:60]!r} without a value; it was taken as text")


def _text(cell: Any) -> tuple[str, tuple[str, str] | None]:
    """The text that a cell shows, or nearly, and a note when it is not what was typed."""
    value = cell.value
    if value is None:
        return "", None
    if isinstance(value, str):
        return _CARRIAGE_RETURN.sub("\n", value), None
    if isinstance(value, bool):
        return str(value).upper(), None
    if isinstance(value, datetime | date | time | timedelta):
        shown = str(value).removesuffix(" 00:00:00")
        message = (
            f"a cell holds the date {shown!r}, which a spreadsheet may have made of other input (such as 1-2)"
        )
        return shown, ("spreadsheet-change", message)
    if isinstance(value, float) and "%" in str(cell.number_format):
        return f"{value * 100:.15g}%", None
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value)), None
    return (f"{value:.15g}" if isinstance(value, float) else str(value)), None
