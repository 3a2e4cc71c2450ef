"""`cutscore audit`: hold the audit log against itself, and hand it out."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from app.cli_common import Json, open_database, say
from app.errors import Invalid
from app.exam.audit import Head, check
from app.settings import from_environment
from app.store import audit

app = typer.Typer(no_args_is_help=True, help="The log of what instructors and administrators did.")
Known = Annotated[
    str, typer.Option(help="What an earlier check printed, as 120:4f3c…: the log must still have that entry.")
]


@app.command()
def verify(known: Known = "", as_json: Json = False) -> None:
    """Check every entry. Exit status 1 when one was changed, taken out or put in."""
    held_to = _head(known)
    with open_database(from_environment()) as database, database.reading() as tx:
        found = check(audit.everything(tx), audit.head(tx), held_to)
    if as_json:
        document = {"entries": found.entries, "head": asdict(found.head), "breaches": list(found.breaches)}
        typer.echo(json.dumps(document))
    else:
        for line in found.breaches:
            say(line)
        if not found.breaches:
            typer.echo(f"{found.entries} entries hold together. Keep this somewhere else: {found.head}")
    sys.exit(1 if found.breaches else 0)


@app.command()
def export() -> None:
    """Print every entry as one line of JSON, oldest first."""
    with open_database(from_environment()) as database, database.reading() as tx:
        for entry in audit.everything(tx):
            typer.echo(json.dumps(entry.plain() | {"sha256": entry.sha256}, ensure_ascii=False))


def _head(text: str) -> Head | None:
    if not text:
        return None
    read = re.fullmatch(r"([0-9]{1,15}):([0-9a-f]{64})", text.strip())
    if read is None:
        raise Invalid(f"--known {text!r} is not what a check prints: a number, a colon and 64 hex digits.")
    return Head(int(read[1]), read[2])
