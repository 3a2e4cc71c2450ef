"""`cutscore calibrate`: item parameters from a table of responses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from app.cli_bank import calibrate_bank
from app.errors import Invalid, Missing
from app.formats import response_csv
from app.psychometrics import calibration
from app.psychometrics.calibration import Calibration, Estimate
from app.psychometrics.maximisation import UNRATED_SPREAD, priors_around


class Model(StrEnum):
    """What is estimated of an item."""

    ONE = "1pl"
    TWO = "2pl"


def calibrate(
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV: a header of item names, a row a person; 1, 0 or empty (not seen)."),
    ] = None,
    model: Annotated[
        Model, typer.Option(help="2pl: a slope of its own for each item; 1pl: one slope for all.")
    ] = Model.TWO,
    priors: Annotated[
        bool, typer.Option("--priors", help="The mode of the posterior instead of maximum likelihood.")
    ] = False,
    floors: Annotated[
        Path | None, typer.Option("--c", help="CSV: item, c; guessing floors, 0 if left out.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
    bank: Annotated[
        bool, typer.Option("--bank", help="Instead of a file, the responses that the database holds.")
    ] = False,
    exam: Annotated[str, typer.Option(help="With --bank: the id of an exam.")] = "",
    adopt: Annotated[
        str, typer.Option(help="With --bank: put the result into use, for this reason.", metavar="REASON")
    ] = "",
) -> None:
    """Estimate item parameters from responses, with theta ~ N(0, 1) and D = 1, and store nothing.

    With --bank, those of an exam's items on their own scale; the result is kept as a proposal.
    """
    if bank == (file is not None):
        raise Invalid("Name a file of responses, or --bank for those of the database.")
    if file is None:
        if priors or floors or model is not Model.TWO:
            raise Invalid("--bank has its own model: leave out --model, --priors and --c.")
        calibrate_bank(exam, adopt, as_json)
        return
    if exam or adopt:
        raise Invalid("--exam and --adopt go with --bank: leave them out for a file.")
    given = response_csv.read(file.name, _content(file))
    many = len(given.items)
    c = (
        np.zeros(many)
        if floors is None
        else response_csv.read_floors(floors.name, _content(floors), given.items)
    )
    try:
        found = calibration.calibrate(
            given.responses,
            c,
            common_slope=model is Model.ONE,
            priors=priors_around(np.zeros(many), UNRATED_SPREAD) if priors else None,
        )
    except ValueError as error:
        raise Invalid(f"{file.name} cannot be calibrated: {error}.") from error
    if as_json:
        typer.echo(json.dumps(document(given.items, found), ensure_ascii=False, allow_nan=False))
    else:
        for line in table(given.items, found):
            typer.echo(line)
    for remark in [*map(str, given.warnings), *_remarks(given.items, found)]:
        typer.echo(remark, err=True)
    good = found.converged and not any(item.notes for item in found.items)
    raise typer.Exit(0 if good else 1)


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise Missing(f"There is no file {path}.")
    return path.read_bytes()


def document(names: tuple[str, ...], found: Calibration) -> dict[str, Any]:
    """The document of --json. What has no estimate is null."""
    keys = ("a", "b", "c", "se_a", "se_b")
    return {
        "items": [
            {"id": name, **{key: getattr(item, key) for key in keys}}
            for name, item in zip(names, found.items, strict=True)
        ],
        "log_likelihood": found.log_likelihood,
        "persons": round(found.persons),
        "converged": found.converged,
    }


def table(names: tuple[str, ...], found: Calibration) -> Iterator[str]:
    """The same for people: a row for each item, and what they rest on."""
    width = max(len("item"), *map(len, names))
    yield f"{'item':{width}}  {'a':>8}  {'SE':>7}  {'b':>8}  {'SE':>7}  {'c':>5}"
    for name, item in zip(names, found.items, strict=True):
        yield f"{name:{width}}  {_figures(item)}"
    yield (
        f"{len(names)} items, {found.persons:.0f} persons: log-likelihood {found.log_likelihood:.3f}, "
        f"{'converged' if found.converged else 'NOT converged'} after {found.iterations} iterations; "
        f"standard errors: {found.errors}"
    )


def _figures(item: Estimate) -> str:
    cells = ((item.a, 8), (item.se_a, 7), (item.b, 8), (item.se_b, 7))
    shown = [f"{'-':>{width}}" if value is None else f"{value:{width}.3f}" for value, width in cells]
    return "  ".join([*shown, f"{item.c:5.3f}"])


def _remarks(names: tuple[str, ...], found: Calibration) -> Iterator[str]:
    """What keeps the status from being 0."""
    for note in found.notes:
        yield f"Not converged: {note}."
    for name, item in zip(names, found.items, strict=True):
        for note in item.notes:
            yield f"{name}: {note}."
