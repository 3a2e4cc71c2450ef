"""`cutscore calibrate --bank`: the items of an exam from the responses that the database holds."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import typer

from app import measuring
from app.errors import Invalid
from app.exam.pack import TUTORIAL
from app.settings import from_environment
from app.store import packs, parameters
from app.store.database import Database

WIDTH = 40  # of the bar


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a calibration came to, and the version that it is kept as."""

    made: Mapping[str, Any]
    label: str
    adopted: bool


def calibrate_bank(exam: str, adopt: str, as_json: bool) -> None:
    """Calibrate, propose the result as a new parameter version, and put it into use when `adopt` says why."""
    with _opened() as database:
        found = _proposed(database, exam or _only_exam(database), adopt)
    if as_json:
        document = {**found.made, "label": found.label, "adopted": found.adopted}
        typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
    else:
        for line in _lines(found):
            typer.echo(line)
    notes = found.made["details"]["notes"]
    for note in notes:
        typer.echo(f"Not converged: {note}. It was not put into use.", err=True)
    raise typer.Exit(1 if notes else 0)


def _proposed(database: Database, exam: str, adopt: str) -> Proposed:
    with _bar() as progress:
        made = measuring.calibrate({"database_url": database.url, "exam": exam}, progress)
    now, good = datetime.now(UTC), made["details"]["converged"]
    with database.writing() as tx:
        version_id = parameters.propose(tx, made, now, None)
        if adopt and good:
            parameters.adopt(tx, version_id, adopt, now, None)
        line, _ = parameters.get(tx, version_id)
    return Proposed(made, line.label, line.adopted_at is not None)


@contextmanager
def _opened() -> Iterator[Database]:
    database = Database(from_environment().database_url)
    try:
        database.upgrade()
        yield database
    finally:
        database.close()


def _only_exam(database: Database) -> str:
    with database.reading() as tx:
        names = [one.exam.id for one in packs.exams(tx) if one.exam.id != TUTORIAL]
    if len(names) != 1:
        raise Invalid(
            f"Say which exam: --exam with one of {', '.join(names) or 'none, since no pack is loaded'}."
        )
    return names[0]


@contextmanager
def _bar() -> Iterator[Callable[[int, int, str], None]]:
    """A bar for people who wait: on a terminal only."""

    def show(done: int, total: int, note: str) -> None:
        if sys.stderr.isatty():
            filled = WIDTH * done // max(total, 1)
            typer.echo(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {note:24}", err=True, nl=False)

    yield show
    if sys.stderr.isatty():
        typer.echo("", err=True)


def _lines(found: Proposed) -> Iterator[str]:
    details = found.made["details"]
    yield (
        f"{found.made['exam']}: {details['items']} items on {details['responses']} responses of "
        f"{details['attempts']} strict mocks; {'converged' if details['converged'] else 'NOT converged'}"
    )
    yield (
        f"candidates N({details['group']['mean']:.2f}, {details['group']['sd']:.2f}²), locations moved by "
        f"{details['rmse_change_b']:.2f} (root mean square), the cut from {details['theta_cut']['before']:.3f} "
        f"to {details['theta_cut']['after']:.3f}"
    )
    for one in details["left_out"]:
        yield f"left out: {one['count']} {one['why']}"
    for one in details["promoted"]:
        yield f"may be scored from now on: {one['item']} {one['version']} ({one['n']} responses)"
    for one in details["drifted"]:
        yield f"drifted: {one['item']} {one['version']}, from {one['old']:.2f} to {one['new']:.2f}"
    yield f"{found.label} is {'in use for forms from now on' if found.adopted else 'proposed, not in use'}"
