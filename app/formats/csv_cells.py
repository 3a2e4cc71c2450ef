"""The text of a CSV file to rows of cells, and a cell to text that no spreadsheet takes for a formula.

Quotes as people and programs write them: doubled or with a backslash, with line ends inside. A quote that is never
closed spoils its own line only. `harmless` and `plain` are the two ways of one convention: a cell that begins like a
formula gets an apostrophe before it (OWASP ASVS 5.0, 1.2.10). Pure; never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from app.formats.columns import PRESETS, guess, preset_of
from app.formats.table import MAX_CELL, Row

DELIMITERS = ",;\t|"
SNIFFED = 64_000
"""Characters that the separator is told from."""
SNIFFED_ROWS = 30
MAX_CELLS = 500
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(?P<sign>[^\n\"])\"?\n", re.IGNORECASE)
_FORMULA = re.compile(r"'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[-+]?\d[\d.,]*%?")
_EMPTY = re.compile("\n+")
_OPENING = re.compile(' {0,8}"')
_NEEDS_QUOTES = re.compile(r'[",;\t|\r\n]|^\s|\s$')


def harmless(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def plain(cell: str) -> str:
    """The text of a cell that `harmless` made."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell, 1) else cell


def quoted(text: str) -> str:
    """A cell as it is written, in quotes where it needs them."""
    cell = harmless(text)
    return '"{}"'.format(cell.replace('"', '""')) if _NEEDS_QUOTES.search(cell) else cell


def sniff(text: str) -> tuple[str, bool, int]:
    """The separator, whether a backslash stands before quotes in cells, and where the table begins in the text.

    The separator under which a row names known columns wins, else the one that gives the most regular rows.
    """
    said = _SEPARATOR_LINE.match(text)
    start = said.end() if said else int(text.startswith("\ufeff"))
    part = text[start : start + SNIFFED]
    signs = said["sign"] if said else DELIMITERS
    ways = [
        (sign, backslashed)
        for sign in signs
        for backslashed in ((False, True) if '\\"' in part else (False,))
    ]
    sign, backslashed = max(ways, key=lambda way: _fit(part, *way))
    return sign, backslashed, start


def _fit(part: str, sign: str, backslashed: bool) -> tuple[int, int, int, int]:
    """How well a way of reading fits: known columns, quotes in their places, rows as wide as most, their width."""
    first = list(
        islice((row for row in rows(part, sign, backslashed=backslashed) if not row.is_empty), SNIFFED_ROWS)
    )
    cells = [row.cells for row in first]
    known = max((len(guess(each) or ()) for each in cells), default=0)
    if preset := preset_of(cells):
        known = max(known, len(PRESETS[preset]))
    misplaced = sum(bool(row.notes or row.problem) for row in first)
    widths = [len(each) for each in cells if len(each) > 1]
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
    return known, -misplaced, widths.count(usual), usual


def rows(text: str, sign: str, *, backslashed: bool = False, start: int = 0) -> Iterator[Row]:
    """The rows of a table, one after the other, each with the line that it begins on."""
    at, line = start, 1 + text.count("\n", 0, start)
    while at < len(text):
        if empty := _EMPTY.match(text, at):
            line, at = line + empty.end() - at, empty.end()
            continue
        row, end = _row(text, at, line, sign, backslashed=backslashed)
        yield row
        line += text.count("\n", at, end)
        at = end


def _row(text: str, at: int, line: int, sign: str, *, backslashed: bool) -> tuple[Row, int]:
    """The row that begins at a place, and the place of the next one."""
    start, cells, notes = at, list[str](), list[tuple[int, str, str]]()
    eol = text.find("\n", at)
    eol = len(text) if eol < 0 else eol
    while True:
        if opening := _OPENING.match(text, at):
            content, at = _quoted(text, opening.end(), backslashed=backslashed)
            if content is None:
                end = text.find("\n", start)
                problem = ("unclosed-quote", f"a quote is not closed within {MAX_CELL} characters")
                return Row(line, (text[start : start + 80],), problem), len(text) if end < 0 else end + 1
            cell = content
            if at > eol:
                eol = text.find("\n", at)
                eol = len(text) if eol < 0 else eol
            end = text.find(sign, at, eol)
            end = eol if end < 0 else end
            if rest := text[at:end].rstrip():
                cell += rest
                message = f"{rest[:40]!r} follows a closing quote; write a quote inside a cell twice"
                notes.append((len(cells), "misplaced-quote", message))
        else:
            end = text.find(sign, at, eol)
            end = eol if end < 0 else end
            cell = text[at:end]
        cells.append(plain(cell))
        if end >= eol:
            return Row(line, tuple(cells), notes=tuple(notes)), eol + 1
        if len(cells) >= MAX_CELLS:
            problem = ("too-many-cells", f"a row of more than {MAX_CELLS} cells; is the separator right?")
            return Row(line, tuple(cells), problem), eol + 1
        at = end + 1


def _quoted(text: str, start: int, *, backslashed: bool) -> tuple[str | None, int]:
    """The content of a cell in quotes and the place behind them; None when they are not closed soon enough."""
    limit = start + 2 * MAX_CELL
    at = start
    while True:
        end = text.find('"', at, limit)
        if end < 0:
            return None, start
        before = end
        while backslashed and before > start and text[before - 1] == "\\":
            before -= 1
        if (end - before) % 2:
            at = end + 1
        elif text.startswith('"', end + 1):
            at = end + 2
        else:
            break
    content = text[start:end].replace('""', '"')
    return (content.replace('\\"', '"').replace("\\\\", "\\") if backslashed else content), end + 1
