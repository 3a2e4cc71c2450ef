"""Rows of a table (CSV, XLSX) to questions, by a mapping of its columns.

A reader gives `Sheet`s: rows of cells with the lines they stand on. `read_sheets` finds the row that names the
columns, or takes the mapping that a person gave, and accounts for every row below it. Cells are text; what a
spreadsheet did to them (a date where `1-2` was typed) is said at the row. Pure; never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from app.exam.faults import Fault, Place, Severity, quality, structure
from app.formats import columns as tables
from app.formats.columns import Columns
from app.formats.drafts import MAX_QUESTIONS, Found, assemble, broken, unreadable
from app.formats.keys import Numbering, Numbers, numbering
from app.formats.markup import no_image
from app.formats.media import Image
from app.formats.reading import Reading, Skipped
from app.formats.source import Source
from app.formats.table_rows import Question, made, question

HEADER_WITHIN = 20
"""Titles and remarks may stand above the names of the columns, but not more rows of them than this."""
MAX_CELL = 64_000
MAX_BAD_ROWS = 1_000
MAX_GAP = 5_000
"""So many empty rows end a table: programs that format whole columns write a million of them."""

_ASKS = re.compile(r"stem|scenario|option|wrong|key|index|explanation|why|correct")
_DESCRIBES = re.compile(r"\((?:required|optional|default)\b", re.IGNORECASE)

Mapped = Mapping[str, str | int] | str | None
"""What a person said of the columns: a mapping by hand, the name of a preset, or nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of its file (or row of its sheet, from 1), and its cells as text.

    `problem` is a rule and a message when it could not be read; `notes` are warnings about its cells, each with the
    place of the cell, a rule and a message.
    """

    line: int
    cells: tuple[str, ...]
    problem: tuple[str, str] | None = None
    notes: tuple[tuple[int, str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return self.problem is None and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a source. `file` names it in places, `title` is that of a sheet among several."""

    file: str
    rows: Iterable[Row]
    title: str = ""
    image: Image = no_image


@dataclass(frozen=True, slots=True)
class Preview:
    """What the review page shows before a mapping is settled: the header, the first rows, and the guess."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: Columns
    preset: str | None


@dataclass(slots=True)
class _Pile:
    found: list[Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    broken: int = 0

    @property
    def count(self) -> int:
        return len(self.found) + len(self.skipped) + self.broken


def read_sheets(
    format_name: str,
    given: Source,
    sheets: Sequence[Sheet],
    mapped: Mapped,
    faults: Iterable[Fault] = (),
    media: Mapping[str, bytes] | None = None,
) -> Reading:
    """The reading of all tables of a source. Refused when none of them can be mapped, or when one is too long."""
    pile = _Pile(faults=list(faults))
    if not sheets:
        message = "there is no sheet of questions in it; save the workbook again with at least one"
        return unreadable(format_name, [*pile.faults, structure(Place(given.name), "no-sheet", message)])
    refusals: list[list[Fault]] = []
    for sheet in sheets:
        refusal = _read_sheet(sheet, mapped, pile, alone=len(sheets) == 1)
        if refusal:
            refusals.append(refusal)
            if any(fault.rule in ("too-many-questions", "too-many-bad-rows") for fault in refusal):
                return unreadable(format_name, [*pile.faults, *refusal])
    if len(refusals) == len(sheets):
        return unreadable(format_name, [*pile.faults, *chain.from_iterable(refusals)])
    for refusal in refusals:
        at, rule = refusal[0].at, "sheet-left-out"
        message = f"the sheet was left out: {refusal[0].message}"
        pile.faults.append(quality(at, rule, Severity.INFO, message))
    return assemble(format_name, given, pile.found, pile.skipped, pile.faults, media)


def is_table(rows: Iterable[Row]) -> bool:
    """Whether the first rows look like a table of questions: named columns, a preset, or at least the same width."""
    first = [row for row in islice(rows, HEADER_WITHIN) if not row.is_empty]
    cells = [row.cells for row in first]
    if any(tables.guess(each) for each in cells) or tables.preset_of(cells):
        return True
    widths = {len(each) for each in cells}
    regular = len(widths) == 1 and widths.pop() > 2 and len(cells) > 2  # noqa: PLR2004
    return regular and not any(row.problem for row in first)


def preview(sheet: Sheet, shown: int = 5) -> Preview:
    """The header of a table as far as it can be told, the first rows below it, and the mapping guessed from it."""
    rows = [row for row in islice(sheet.rows, HEADER_WITHIN + shown) if not row.is_empty]
    place, columns, preset = _header(rows)
    header = rows[place].cells if rows and place >= 0 else ()
    return Preview(
        header, tuple(row.cells for row in rows[place + 1 : place + 1 + shown]), columns or {}, preset
    )


def _header(rows: Sequence[Row]) -> tuple[int, Columns | None, str | None]:
    """The place of the row that names the columns (-1 when there is none), the mapping, and the preset it fits."""
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        if columns := tables.guess(row.cells):
            fits = (name for name, fields in tables.PRESETS.items() if fields == columns)
            return place, columns, next(fits, None)
    if preset := tables.preset_of([row.cells for row in rows]):
        first = [cell.strip().lower() for cell in rows[0].cells]
        headless = len(first) > 1 and first[1] in ("multiple-choice", "multi-select")
        return (-1 if headless else 0), tables.PRESETS[preset], preset
    return 0, None, None


def _read_sheet(sheet: Sheet, mapped: Mapped, pile: _Pile, *, alone: bool) -> list[Fault]:
    """Read one table into the pile; the faults that refuse it, if any."""
    at = Place(sheet.file)
    rows = _filled(sheet, pile.faults)
    first = list(islice(rows, HEADER_WITHIN))
    if not first:
        return [structure(at, "empty", "the table is empty; is it the right file?")]
    place, columns, preset = _header(first)
    header = first[place].cells if place >= 0 else ()
    if mapped is not None:
        columns, refusal = _by_hand(mapped, header, at)
        if refusal:
            return refusal
    if columns is None:
        shown = ", ".join(cell.strip()[:40] for cell in header[:20])
        message = (
            f"no row names its columns in a way that is known (the first one has: {shown}); "
            "name the columns question, option 1, option 2 …, answer, or map them by hand"
        )
        return [structure(Place(sheet.file, first[0].line), "columns-unknown", message)]
    below = chain(first[place + 1 :], rows)
    fixed = preset is not None or isinstance(mapped, str)
    return _read_rows(sheet, header, columns, below, pile, title="" if alone else sheet.title, fixed=fixed)


def _filled(sheet: Sheet, faults: list[Fault]) -> Iterator[Row]:
    """The rows that hold anything, up to a gap that no author leaves."""
    gap = 0
    for row in sheet.rows:
        gap = gap + 1 if row.is_empty else 0
        if gap > MAX_GAP:
            message = f"the table was read up to {MAX_GAP} empty rows in a row"
            faults.append(quality(Place(sheet.file, row.line), "rows-left-out", Severity.INFO, message))
            return
        if not gap:
            yield row


def _by_hand(mapped: Mapped, header: Sequence[str], at: Place) -> tuple[Columns | None, list[Fault]]:
    if isinstance(mapped, str):
        if mapped in tables.PRESETS:
            return tables.PRESETS[mapped], []
        known = ", ".join(tables.PRESETS)
        return None, [structure(at, "unknown-preset", f"there is no preset {mapped!r}; known are {known}")]
    return tables.by_hand(mapped or {}, header, at)


def _read_rows(
    sheet: Sheet,
    header: Sequence[str],
    columns: Columns,
    rows: Iterator[Row],
    pile: _Pile,
    *,
    title: str,
    fixed: bool,
) -> list[Fault]:
    """Read the rows below the header; the faults that refuse the file, if any. `fixed` numbers count from 1."""
    read: list[tuple[Row, Question]] = []
    bad = idle = 0
    for row in rows:
        if row.problem is None and _is_idle(row, header, columns, first=not read):
            idle += 1
            continue
        if pile.count + len(read) + bad >= MAX_QUESTIONS:
            message = f"more than {MAX_QUESTIONS} rows with questions; split the file"
            return [structure(Place(sheet.file, row.line), "too-many-questions", message)]
        problem = row.problem or _row_problem(row, header, columns)
        if problem:
            bad += 1
            pile.faults.append(broken(Place(sheet.file, row.line), *problem))
            if bad > MAX_BAD_ROWS:
                message = f"more than {MAX_BAD_ROWS} rows cannot be read; is it a table at all?"
                return [structure(Place(sheet.file, row.line), "too-many-bad-rows", message)]
        else:
            read.append((row, question(row.cells, header, columns)))
    pile.broken += bad
    if idle:
        message = (
            f"{idle} rows were left out that hold no question, options or answer, or say what belongs there"
        )
        pile.faults.append(quality(Place(sheet.file), "rows-left-out", Severity.INFO, message))
    usual = Numbers.FROM_ZERO if "index" in columns else Numbers.FROM_ONE
    told = Numbering(usual, sure=True) if fixed else numbering(((q.key, q.texts) for _, q in read), usual)
    if not told.sure and "index" in columns:
        message = (
            f"the numbers of the keys are taken to count {told.meaning.value}, which the file leaves open; "
            "look at one question"
        )
        pile.faults.append(quality(Place(sheet.file), "key-numbering", Severity.WARNING, message))
    for row, each in read:
        result = made(Place(sheet.file, row.line), each, told, sheet.image)
        if isinstance(result, Found):
            pile.found.append(_with_row(result, row, columns, title))
        elif isinstance(result, Skipped):
            pile.skipped.append(result)
        else:
            pile.faults.append(result)
            pile.broken += 1
    return []


def _is_idle(row: Row, header: Sequence[str], columns: Columns, *, first: bool) -> bool:
    """Whether nothing in a row is part of a question: it has but a number, names the columns again, or, as the first
    one of a template, says what belongs into them."""
    held = {field: row.cells[place].strip() for field, place in columns.items() if place < len(row.cells)}
    told = [cell for field, cell in held.items() if _ASKS.match(field)]
    described = first and _DESCRIBES.search(held.get("stem", "")) is not None
    return (
        not any(told)
        or row.cells == header
        or (described and sum(map(bool, map(_DESCRIBES.search, told))) > 1)
    )


def _row_problem(row: Row, header: Sequence[str], columns: Columns) -> tuple[str, str] | None:
    longest = max(map(len, row.cells), default=0)
    if longest > MAX_CELL:
        return "too-long", f"a cell of more than {MAX_CELL} characters; are all quotes closed?"
    width = max(len(header), *(place + 1 for place in columns.values()))
    spare = [cell.strip() for cell in row.cells[width:] if cell.strip()]
    if spare:
        message = (
            f"the row has {len(row.cells)} cells, the table {width} columns ({spare[0][:40]!r} is left over); "
            "put texts that hold the separator in quotes"
        )
        return "row-width", message
    return None


def _with_row(found: Found, row: Row, columns: Columns, title: str) -> Found:
    """The question with what is known of its row and sheet."""
    unmapped: dict[str, Any] = {**found.unmapped, **({"sheet": title} if title else {})}
    category = found.category or ((title,) if title else ())
    used = set(columns.values())
    of_cells = [(rule, message) for place, rule, message in row.notes if place in used]
    known = {rule for rule, _ in of_cells}
    notes = (*of_cells, *(note for note in found.notes if note[0] not in known))
    return replace(found, category=category, unmapped=unmapped, notes=notes, locator=f"row {row.line}")
