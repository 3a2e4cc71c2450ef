"""`cutscore backup`: a copy of the SQLite database while the server runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli_common import Json, now
from app.settings import from_environment
from app.store.backup import copy


def backup(
    target: Annotated[
        Path | None, typer.Argument(help="The file to make; left out, one with the time in its name.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy the SQLite database while the server runs, and check the copy. To restore: stop the server, put the copy
    in the place of the database, and remove the files -wal and -shm beside it."""
    path = target or Path(f"cutscore-{now():%Y%m%d-%H%M%S}.sqlite3")
    rows = copy(from_environment().database_url, path)
    if as_json:
        typer.echo(json.dumps({"file": str(path), "bytes": path.stat().st_size, "rows": rows}))
        return
    typer.echo(
        f"{path}: {path.stat().st_size:,} bytes, checked. {rows.get('attempt', 0):,} attempts, "
        f"{rows.get('response_event', 0):,} saves, {rows.get('person', 0):,} people."
    )
