"""`cutscore simulate`: the program measures itself against its targets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import numpy as np
import typer

from app import loading, simulating
from app.cli_common import Json, now
from app.exam.parameters import cold_started
from app.exam.snapshot import bank_of
from app.settings import from_environment
from app.simulating import LARGE, Row

FORMS = 500
SCALES = 10_000
MARKS = {True: "met", False: "NOT MET", None: ""}


def simulate(
    exam_id: Annotated[str, typer.Option("--exam", help="The id of an exam.")],
    candidates: Annotated[
        int, typer.Option(min=10, help="Simulated candidates on the exam's own bank.")
    ] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="Decides everything.")] = 1,
    forms: Annotated[int, typer.Option(min=10, help="Forms of each bank that are looked at.")] = FORMS,
    as_json: Json = False,
) -> None:
    """Sit simulated candidates through the real assembly and scoring, and hold every promise against its target."""
    rows = []
    for row in _rows(exam_id, candidates, seed, forms):
        rows.append(row)
        if not as_json:
            typer.echo(f"{row.name:<72} {row.target:>14} {row.found:>28}  {MARKS[row.met]}".rstrip())
    if as_json:
        document = {"exam": exam_id, "seed": seed, "rows": [asdict(row) for row in rows]}
        typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
    raise typer.Exit(1 if any(row.met is False for row in rows) else 0)


def _rows(exam_id: str, candidates: int, seed: int, forms: int) -> Iterator[Row]:
    day = now()
    items, exam = loading.find_exam(from_environment().packs, exam_id, day)
    own = bank_of(items, exam, day.date(), cold_started(items, exam))
    scale = min(1.0, forms / FORMS)
    yield from simulating.scale_rows(seed, int(SCALES * scale))
    yield from simulating.sittings_rows(own, candidates, seed)
    made = simulating.made_bank(exam, LARGE, np.random.default_rng(seed))
    for bank in (own, made):
        assembled, spent = simulating.forms_of(bank, forms, seed)
        yield from simulating.assembly_rows(bank, assembled, spent)
        if bank is made:
            yield from simulating.alike_rows(bank, assembled)
    yield from simulating.learning_rows(seed)
    yield from simulating.measurement_rows(seed, scale)
    yield from simulating.calibration_rows(seed)
