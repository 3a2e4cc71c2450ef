"""Tables of responses as CSV, and of guessing floors: what `cutscore calibrate` reads.

The header names the items; each row is a person; a cell is 1 (right), 0 (wrong) or empty (not seen). A column `n` or
`freq`, in any case, says how many persons a row stands for. Pure; everything that is wrong is said at once.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.errors import Invalid
from app.exam.faults import Fault
from app.formats.decoding import decode
from app.formats.fields import Log
from app.formats.reading import refused
from app.formats.text import problem
from app.psychometrics.irt import Floats
from app.psychometrics.responses import Responses, from_table

COUNT_NAMES = ("n", "freq")
LARGEST_COUNT = 1_000_000_000

_CELLS = {"1": 1, "0": 0, "": 255}
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_WHOLE = re.compile(r"[0-9]{1,10}")
_FLOOR_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class ResponseFile:
    """What a file holds: `items`, the names of the columns, and the `responses` of its persons.

    `warnings` change nothing in the numbers.
    """

    items: tuple[str, ...]
    responses: Responses
    warnings: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class _Head:
    """The header: all names in order, and the number of the column that counts persons, if there is one."""

    names: list[str]
    count: int | None

    @property
    def items(self) -> list[int]:
        """Columns of items."""
        return [column for column in range(len(self.names)) if column != self.count]


def read(name: str, content: bytes) -> ResponseFile:
    """Read a table of responses. Invalid, with every fault, when it cannot be taken as it is."""
    log = Log(name)
    rows = _rows(name, content, log)
    head = _head(next(rows, None), log)
    codes, counts = [], []
    for row in rows:
        if head is None:
            break
        if len(row.cells) != len(head.names):
            log.note(row.line, "ragged-row", f"{len(row.cells)} cells, but the header has {len(head.names)}")
            continue
        codes.append(_codes(row, head, log))
        counts.append(_count(row, head, log))
    if head is not None and not codes and not refused(log.faults):
        log.note(None, "no-persons", "there is no row below the header; write one for each person")
    if head is None or refused(log.faults):
        raise Invalid(f"The responses in {name} cannot be used; nothing was calibrated.", log.faults)
    table = np.frombuffer(b"".join(codes), dtype=np.int8).reshape(len(codes), -1)
    items = tuple(head.names[column] for column in head.items)
    return ResponseFile(items, from_table(table, np.array(counts, dtype=np.float64)), tuple(log.faults))


def read_floors(name: str, content: bytes, items: tuple[str, ...]) -> Floats:
    """Guessing floors (n,) of items from rows `item,c`, with or without that as a header.

    Invalid, with every fault, unless each of the items is there once and no others are.
    """
    log = Log(name)
    known = {item: place for place, item in enumerate(items)}
    floors = np.full(len(items), -1.0)
    for number, row in enumerate(_rows(name, content, log)):
        cells = [cell.strip() for cell in row.cells]
        if len(cells) != _FLOOR_COLUMNS:
            log.note(row.line, "ragged-row", f"{len(cells)} cells; write two, the item and its c")
        elif number == 0 and cells[1].casefold() == "c" and cells[0] not in known:
            continue
        elif cells[0] not in known:
            log.note(
                row.line, "unknown-item", f"there are no responses to {cells[0]!r}{log.hint(cells[0], items)}"
            )
        elif floors[known[cells[0]]] >= 0:
            log.note(row.line, "duplicate-item", f"{cells[0]!r} has a c already; leave one of them out")
        else:
            floors[known[cells[0]]] = _floor(row.line, cells, log)
    if not refused(log.faults):
        for place in np.flatnonzero(floors < 0).tolist():
            log.note(
                None, "missing-item", f"{items[place]!r} has no c; add a row, with 0 if it cannot be guessed"
            )
    if refused(log.faults):
        raise Invalid(f"The guessing floors in {name} cannot be used; nothing was calibrated.", log.faults)
    return floors


def _rows(name: str, content: bytes, log: Log) -> Iterator[_Row]:
    """The rows that are not blank, as far as they can be told apart."""
    text, faults = decode(name, content)
    log.faults.extend(faults)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if cells:
                yield _Row(reader.line_num, cells)
    except csv.Error as error:
        log.note(reader.line_num, "bad-csv", f"this is no CSV: {error}; check the quotes")


def _head(row: _Row | None, log: Log) -> _Head | None:
    """The header, None when columns cannot be told by it."""
    if row is None:
        if not log.faults:
            log.note(
                None,
                "empty-file",
                "the file is empty; write a header of item names and a row for each person",
            )
        return None
    names = [cell.strip() for cell in row.cells]
    if all(name in _CELLS for name in names):
        log.note(row.line, "no-header", "the first row holds responses; begin with a row of item names")
        return None
    used = [title for sign, title in _OTHER_SEPARATORS.items() if len(names) == 1 and sign in names[0]]
    if used:
        log.note(row.line, "not-commas", f"the columns are separated by {used[0]}; separate them by commas")
        return None
    counts = [column for column, name in enumerate(names) if name.casefold() in COUNT_NAMES]
    for column in counts[1:]:
        message = f"column {column + 1} counts persons, as column {counts[0] + 1} does; leave one of them out"
        log.note(row.line, "two-counts", message)
    head = _Head(names, counts[0] if counts else None)
    first: dict[str, int] = {}
    for column in head.items:
        if why := _name_problem(names[column], first):
            log.note(row.line, "bad-name", f"column {column + 1} {why}")
        first.setdefault(names[column], column)
    if not head.items:
        log.note(row.line, "no-items", "the header names no item; write a column for each")
    return head


def _name_problem(name: str, first: dict[str, int]) -> str | None:
    if not name:
        return "has no name; if it numbers the rows, leave it out"
    if name in first:
        return f"is named {name!r}, as column {first[name] + 1} is; give each item a name of its own"
    if found := problem(name):
        return f"has a name that cannot be used: {found[1]}"
    return None


def _codes(row: _Row, head: _Head, log: Log) -> bytes:
    """The responses of a row, a byte each."""
    cells = row.cells if head.count is None else row.cells[: head.count] + row.cells[head.count + 1 :]
    try:
        return bytes(map(_CELLS.__getitem__, cells))
    except KeyError:
        return bytes(_code(row, column, head, log) for column in head.items)


def _code(row: _Row, column: int, head: _Head, log: Log) -> int:
    cell = row.cells[column].strip()
    if cell not in _CELLS:
        message = f"column {column + 1}: {cell[:40]!r} is no response; write 1, 0 or nothing"
        log.of_item(head.names[column]).note(row.line, "bad-response", message)
        return 0
    return _CELLS[cell]


def _count(row: _Row, head: _Head, log: Log) -> int:
    if head.count is None:
        return 1
    cell = row.cells[head.count].strip()
    if not (_WHOLE.fullmatch(cell) and int(cell) <= LARGEST_COUNT):
        message = f"column {head.count + 1}: {cell[:40]!r} is no number of persons; write 0, 1, 2, …"
        log.note(row.line, "bad-count", message)
        return 0
    return int(cell)


def _floor(line: int, cells: list[str], log: Log) -> float:
    try:
        floor = float(cells[1].replace("_", "?"))
    except ValueError:
        floor = -1.0
    if not 0.0 <= floor < 1.0:
        message = f"{cells[1][:40]!r} is no guessing floor; write a number from 0 to below 1, such as 0.25"
        log.of_item(cells[0]).note(line, "bad-floor", message)
        return 0.0
    return floor
