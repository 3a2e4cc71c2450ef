"""CSV: tables of questions with a row that names the columns, Udemy's two templates among them.

The separator, the way of quoting and the columns are told from the content; `read` takes a mapping by hand where
they cannot be. A zip may hold one table and the images beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

from app.exam.faults import Fault, Place, structure
from app.formats.csv_cells import rows, sniff
from app.formats.csv_records import is_records, read_records
from app.formats.decoding import decode, peek
from app.formats.drafts import unreadable
from app.formats.media import Media
from app.formats.reading import Reading
from app.formats.source import Source
from app.formats.table import HEADER_WITHIN, Mapped, Preview, Row, Sheet, is_table, preview, read_sheets

NAME = "csv"
MAX_SIZE = 50_000_000
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
_NO_TABLE = ("<", "{", "[", "%PDF", "---\n", "# ", "```")


def detect(given: Source) -> bool:
    """Whether the one text of the source is a table: a row names known columns, or all rows are as wide."""
    table = _table(given)
    text = peek(table[1]) if table else None
    if text is None or text.lstrip("\ufeff \n").startswith(_NO_TABLE):
        return False
    return is_table(_rows(text)) or is_records(_rows(text))


def read(given: Source, mapped: Mapped = None) -> Reading:
    """Read the table. `mapped` is a mapping {field: column} as columns.py has it, or the name of a preset."""
    opened = _opened(given)
    if isinstance(opened, Reading):
        return opened
    sheet, media, faults = opened
    rows = iter(sheet.rows)
    first = list(islice(rows, HEADER_WITHIN))
    if mapped is None and is_records(first):
        return read_records(NAME, given, sheet.file, chain(first, rows), sheet.image, faults, media)
    sheet = replace(sheet, rows=chain(first, rows))
    return read_sheets(NAME, given, [sheet], mapped, faults, media.files)


def look(given: Source) -> Preview | None:
    """What the review page shows of a table before it is mapped; None when it cannot be read."""
    opened = _opened(given)
    return None if isinstance(opened, Reading) else preview(opened[0])


def _table(given: Source) -> tuple[str, bytes] | None:
    """The one file that is no image."""
    texts = [(name, c) for name, c in given.files.items() if not name.lower().endswith(_IMAGES)]
    return texts[0] if len(texts) == 1 else None


def _opened(given: Source) -> Reading | tuple[Sheet, Media, list[Fault]]:
    """The table of a source, its images, and what is to be said of its text; or why it cannot be read."""
    table = _table(given)
    if table is None:
        message = "a table is one file, with images beside it at most; hand in one at a time"
        return unreadable(NAME, [structure(Place(given.name), "not-one-file", message)])
    file, content = table
    if len(content) > MAX_SIZE:
        message = f"the table has more than {MAX_SIZE // 1_000_000} MB; split the file"
        return unreadable(NAME, [structure(Place(file), "too-large", message)])
    text, faults = decode(file, content)
    if text is None:
        return unreadable(NAME, faults)
    media = Media()
    return Sheet(file, _rows(text), image=media.among(given.files, file)), media, faults


def _rows(text: str) -> Iterator[Row]:
    sign, backslashed, start = sniff(text)
    return rows(text, sign, backslashed=backslashed, start=start)
