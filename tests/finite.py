"""Whether anything that was stored or shown is not a number."""

from __future__ import annotations

import json
import re
from math import isfinite

from sqlalchemy import text

from app.store import tables
from app.store.database import Database

NOT_FINITE = re.compile(r"\b(nan|inf|infinity|None)\b", re.IGNORECASE)


def shown_as_no_number(page: str) -> list[str]:
    """The words of a page, or of a file, that stand where a number should."""
    return NOT_FINITE.findall(re.sub(r"<[^>]*>", "", page))


def stored_as_no_number(database: Database) -> list[str]:
    """The columns of a SQLite database in which a number, or one in a document, is not finite."""
    found: list[str] = []
    with database.reading() as tx:
        for table in tables.metadata.sorted_tables:
            for row in tx.execute(text(f'SELECT * FROM "{table.name}"')).mappings():
                found += [f"{table.name}.{name}" for name, value in row.items() if not _is_finite(value)]
    return found


def _is_finite(value: object) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return True
    constants: list[str] = []
    try:
        json.loads(value, parse_constant=constants.append)
    except ValueError:  # words that only begin like a document
        return True
    return not constants
