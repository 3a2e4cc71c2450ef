"""`cutscore simulate`: the program measures itself against its targets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from app import loading, plotting, simulating, simulating_reports
from app.cli_common import Json, now
from app.drawing import svg
from app.exam.parameters import cold_started
from app.exam.snapshot import Bank, bank_of
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
    plots: Annotated[
        Path | None,
        typer.Option(
            help="Instead, draw the plots of docs/psychometrics.md into this folder.", metavar="FOLDER"
        ),
    ] = None,
) -> None:
    """Sit simulated candidates through the real assembly and scoring, and hold every promise against its target."""
    rows = []
    own = _bank(exam_id)
    sizes = (candidates, seed, forms)
    for row in _rows(own, *sizes) if plots is None else _drawn(own, plots, *sizes):
        rows.append(row)
        if not as_json:
            typer.echo(f"{row.name:<72} {row.target:>14} {row.found:>28}  {MARKS[row.met]}".rstrip())
    if as_json:
        document = {"exam": exam_id, "seed": seed, "rows": [asdict(row) for row in rows]}
        typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
    raise typer.Exit(1 if any(row.met is False for row in rows) else 0)


def _bank(exam_id: str) -> Bank:
    """An exam's own bank of today, at its cold start."""
    day = now()
    items, exam = loading.find_exam(from_environment().packs, exam_id, day)
    return bank_of(items, exam, day.date(), cold_started(items, exam))


def _drawn(own: Bank, folder: Path, candidates: int, seed: int, forms: int) -> Iterator[Row]:
    """Draw the plots, and say in a row what is on each; then the table of what a calibration recovers."""
    assembled, _ = simulating.forms_of(own, forms, seed)
    learnt = plotting.recoveries(seed, candidates)
    drawings = plotting.drawings(own, assembled) | {"recovery.svg": plotting.recovery(learnt[plotting.SHOWN])}
    folder.mkdir(parents=True, exist_ok=True)
    for name, drawing in drawings.items():
        (folder / name).write_text(svg(drawing), "utf-8")
        yield Row(str(folder / name), "", drawing.description, None)
    yield Row("Recovered", "", "error of b | bias of b | r of b | 95 % interval holds b | error of a", None)
    yield from (found.row for found in learnt)


def _rows(own: Bank, candidates: int, seed: int, forms: int) -> Iterator[Row]:
    scale = min(1.0, forms / FORMS)
    yield from simulating.scale_rows(seed, int(SCALES * scale))
    yield from simulating.sittings_rows(own, candidates, seed)
    yield from simulating_reports.reporting_rows(own, candidates, seed)
    made = simulating.made_bank(own.exam, LARGE, np.random.default_rng(seed))
    for bank in (own, made):
        assembled, spent = simulating.forms_of(bank, forms, seed)
        yield from simulating.assembly_rows(bank, assembled, spent)
        if bank is made:
            yield from simulating.alike_rows(bank, assembled)
    yield from simulating.learning_rows(seed)
    yield from simulating.measurement_rows(seed, scale)
    yield from simulating.calibration_rows(seed)
