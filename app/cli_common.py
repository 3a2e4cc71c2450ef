"""What the commands share: a line for people, the day, the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from app.errors import Invalid
from app.settings import Settings
from app.store.database import Database

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
AsOf = Annotated[str, typer.Option(help="The date the rules go by, YYYY-MM-DD; today if left out.")]


def say(text: str) -> None:
    """A line for people."""
    typer.echo(text, err=True)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def day_of(text: str) -> datetime:
    """The start of a day, or now when there is none. Raises Invalid."""
    if not text:
        return now()
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError as error:
        raise Invalid(f"--as-of {text!r} is not a date: write YYYY-MM-DD.") from error


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database, brought to head."""
    database = Database(settings.database_url)
    try:
        database.upgrade()
        yield database
    finally:
        database.close()
