"""`cutscore packs`: check, load, export packs, and tell what they cover."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from app import exporting, loading
from app.cli_common import AsOf, Json, day_of, now, open_database, say
from app.errors import Invalid, Missing
from app.exam import coverage
from app.exam.quality.figures import figures
from app.exam.quality.figures import lines as figure_lines
from app.formats import registry
from app.formats.reading import acceptable, report
from app.settings import from_environment

app = typer.Typer(no_args_is_help=True, help="Check, load and export packs.")

PROGRESS_FROM = 500
PROGRESS_WIDTH = 40
MOST_LEFT = 50


@app.command("check")
def packs_check(
    paths: Annotated[list[Path], typer.Argument(help="Folders, zips or files.")],
    format_name: Annotated[
        str, typer.Option("--format", help="Read as this format, whatever it looks like.")
    ] = "",
    as_json: Json = False,
    ready: Annotated[
        bool, typer.Option("--ready", help="Hold every item to the rules for ready ones.")
    ] = False,
    as_of: AsOf = "",
    against: Annotated[
        list[Path] | None, typer.Option(help="A text that nothing may be copied from; may be given again.")
    ] = None,
    show_figures: Annotated[
        bool,
        typer.Option("--figures", help="Also show what the test-wise robots got, and how lengths spread."),
    ] = False,
) -> None:
    """Check packs: every fault at once, each with file, line, item and rule."""
    day = day_of(as_of)
    texts = [_text(path) for path in against or ()]
    good = True
    documents = []
    for path in paths:
        reading, faults = loading.read_and_check(path, day, format_name or None, texts, show_progress)
        good &= acceptable(reading, faults, every_item=ready)
        documents.append(report(reading, faults))
        if show_figures:
            documents[-1]["figures"] = (
                figures(reading.pack.items, reading.pack.lexicon) if reading.pack else {}
            )
        if not as_json:
            for fault in faults:
                typer.echo(str(fault))
            last = documents[-1]
            typer.echo(f"{path}: {last['items']} items ({last['single']} single, {last['multiple']} multiple), "
                       f"{len(last['skipped'])} skipped, {len(faults)} findings")  # fmt: skip
            for line in figure_lines(last["figures"]) if last.get("figures") else ():
                typer.echo(line)
    if as_json:
        typer.echo(
            json.dumps(documents[0] if len(documents) == 1 else _merged(documents), ensure_ascii=False)
        )
    raise typer.Exit(0 if good else 1)


def _text(path: Path) -> str:
    """The text of a file, whatever its encoding: what is no UTF-8 is taken for Latin-1."""
    if not path.is_file():
        raise Missing(f"There is no file {path}.")
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def show_progress(done: int, of: int) -> None:
    """A bar for people who watch a large pack being checked: on a terminal only."""
    if of >= PROGRESS_FROM and sys.stderr.isatty():
        filled = PROGRESS_WIDTH * done // of
        bar = "#" * filled + "." * (PROGRESS_WIDTH - filled)
        typer.echo(f"\r[{bar}] {done} of {of} items", err=True, nl=done == of)


def _merged(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """One document for several packs: counts added up, lists joined; the format is named if all share it."""
    formats = {document["format"] for document in documents}
    return {
        "format": formats.pop() if len(formats) == 1 else None,
        **{name: sum(document[name] for document in documents) for name in ("items", "single", "multiple")},
        **{name: [one for document in documents for one in document[name]] for name in ("skipped", "faults")},
        **({"figures": [d["figures"] for d in documents]} if any("figures" in d for d in documents) else {}),
    }


@app.command("load")
def packs_load(path: Path) -> None:
    """Load a pack into the database and put it into use."""
    with open_database(from_environment()) as database:
        loaded = loading.load(database, path, now())
    state = "loaded" if loaded.new else "is in use already"
    typer.echo(f"{loaded.pack.id} {loaded.pack.version} {state}: {len(loaded.pack.items)} items.")


@app.command("export")
def packs_export(
    pack: Annotated[str, typer.Argument(help="The id of a loaded pack.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    format_name: Annotated[
        str, typer.Option("--format", help=f"The format to write: {', '.join(registry.WRITERS)}.")
    ] = "native",
) -> None:
    """Write a loaded pack to a file, and say on standard error what the format could not carry."""
    with open_database(from_environment()) as database:
        made = exporting.exported(database, pack, format_name)
    output.write_bytes(made.content)
    say(f"Wrote {output}.")
    for line in exporting.told(made.left, MOST_LEFT):
        say(f"  left out of {line}")


@app.command("coverage")
def packs_coverage(
    path: Annotated[Path, typer.Argument(help="A folder or zip with a coverage.yaml.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file to write; standard output if left out.")
    ] = None,
) -> None:
    """Write the table of subjects and the items that cover them; no item may lack unless the pack says why."""
    reading = registry.read_path(path)
    if reading.pack is None:
        raise Invalid(f"The pack {path} cannot be read.", reading.faults)
    if not reading.coverage:
        raise Missing(f"The pack {path} has no coverage.yaml. List its subjects there: see docs/formats.md.")
    text = coverage.document(reading.pack.title, reading.coverage, reading.pack.items)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_bytes(text.encode())
        say(f"Wrote {output}.")
    found = coverage.problems(reading.coverage, reading.pack.items)
    for problem in found:
        say(problem)
    raise typer.Exit(1 if found else 0)
