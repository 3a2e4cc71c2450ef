"""The commands. Exit status 0 only when all is well; --json prints one JSON document and nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from app import cli_calibrate, loading
from app.errors import CutscoreError, Invalid, Missing
from app.exam import coverage
from app.exam.form import Form, assemble, assemble_exactly
from app.exam.item import Item
from app.exam.pack import TUTORIAL, Exam
from app.exam.parameters import cold_started
from app.exam.quality.figures import figures
from app.exam.quality.figures import lines as figure_lines
from app.exam.snapshot import Snapshot, bank_of
from app.formats import native_write, registry
from app.formats.reading import acceptable, report
from app.main import create_app, settle
from app.pages.credentials import FIRST_ADMIN, PASSWORD, make_link
from app.pages.depends import Site
from app.settings import Settings, from_environment
from app.store import packs as stored_packs
from app.store import people
from app.store.database import Database

app = typer.Typer(
    name="cutscore",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A timed certification mock-exam simulator.",
)
packs_app = typer.Typer(no_args_is_help=True, help="Check, load and export packs.")
forms_app = typer.Typer(no_args_is_help=True, help="Assemble forms.")
accounts_app = typer.Typer(no_args_is_help=True, help="Administer accounts.")
app.add_typer(packs_app, name="packs")
app.add_typer(forms_app, name="forms")
app.add_typer(accounts_app, name="accounts")
app.command()(cli_calibrate.calibrate)

PROGRESS_FROM = 500
PROGRESS_WIDTH = 40

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
AsOf = Annotated[str, typer.Option(help="The date the rules go by, YYYY-MM-DD; today if left out.")]


def main() -> None:
    """Run a command; what is wrong goes to standard error, in words."""
    try:
        app()
    except CutscoreError as error:
        say(str(error))
        for fault in getattr(error, "faults", ()):
            say(f"  {fault}")
        sys.exit(1)


def say(text: str) -> None:
    """A line for people."""
    typer.echo(text, err=True)


def _now() -> datetime:
    return datetime.now(UTC)


def _day(text: str) -> datetime:
    if not text:
        return _now()
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError as error:
        raise Invalid(f"--as-of {text!r} is not a date: write YYYY-MM-DD.") from error


@contextmanager
def _open_database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        database.upgrade()
        yield database
    finally:
        database.close()


@app.command()
def serve() -> None:
    """Bring the database to head, load the packs, and serve."""
    settings = from_environment()
    database = Database(settings.database_url)
    database.upgrade()
    for path in settings.packs:
        _load_at_start(database, path)
    site_app = create_app(settings, database)
    with database.writing() as tx:
        if not people.has_admin(tx):
            link = make_link(tx, Site(settings, database), FIRST_ADMIN, None, _now())
            say(f"Nobody administers this server yet. To become its administrator, open once: {link}")
    say(f"Cutscore is at {settings.base_url} (stop with Ctrl+C)")
    settle()
    uvicorn.run(
        site_app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        proxy_headers=settings.proxy_headers,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


def _load_at_start(database: Database, path: Path) -> None:
    """A pack that cannot be loaded does not keep the server from starting: the one in use stays in use."""
    try:
        loaded = loading.load(database, path, _now(), keep_edits=True)
    except CutscoreError as error:
        say(str(error))
        for fault in getattr(error, "faults", ()):
            say(f"  {fault}")
        return
    if loaded.kept:
        say(f"{loaded.pack.id} was edited on this site and stays; `cutscore packs load {path}` would replace it.")
    if loaded.new:
        say(f"Loaded {loaded.pack.id} {loaded.pack.version}: {len(loaded.pack.items)} items.")


@packs_app.command("check")
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
    day = _day(as_of)
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


@packs_app.command("load")
def packs_load(path: Path) -> None:
    """Load a pack into the database and put it into use."""
    with _open_database(from_environment()) as database:
        loaded = loading.load(database, path, _now())
    state = "loaded" if loaded.new else "is in use already"
    typer.echo(f"{loaded.pack.id} {loaded.pack.version} {state}: {len(loaded.pack.items)} items.")


@packs_app.command("export")
def packs_export(
    pack: Annotated[str, typer.Argument(help="The id of a loaded pack.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    format_name: Annotated[str, typer.Option("--format", help="The format to write.")] = "native",
) -> None:
    """Write a loaded pack to a file."""
    if format_name != "native":
        raise Invalid(f"There is no writer for {format_name!r}: write --format native.")
    with _open_database(from_environment()) as database, database.reading() as tx:
        output.write_bytes(native_write.write(stored_packs.whole(tx, pack)))
    say(f"Wrote {output}.")


@packs_app.command("coverage")
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


@forms_app.command("assemble")
def forms_assemble(
    exam_id: Annotated[str, typer.Option("--exam", help="The id of an exam.")],
    count: Annotated[int, typer.Option(min=1, max=100_000)] = 1,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    as_of: AsOf = "",
    as_json: Json = False,
    exact: Annotated[
        bool, typer.Option("--exact", help="Come as near to the targets as some seconds a form can.")
    ] = False,
) -> None:
    """Assemble forms from the packs at hand for a candidate without history. Nothing is stored."""
    day = _day(as_of)
    items, exam = _find_exam(from_environment(), exam_id, day)
    snapshot = Snapshot(bank_of(items, exam, day.date(), cold_started(items, exam)), day.date())
    seeds = range(seed, seed + count)
    forms = [assemble_exactly(snapshot, one)[0] if exact else assemble(snapshot, one) for one in seeds]
    if as_json:
        document = {
            "exam": exam.id,
            "theta_cut": snapshot.bank.reference.theta_cut,
            "forms": [_form_document(form) for form in forms],
        }
        typer.echo(json.dumps(document))
        return
    for form in forms:
        typer.echo(f"seed {form.seed}: {len(form.positions)} items, fingerprint {form.fingerprint[:16]}, "
                   f"TCC off by {form.tcc_deviation:.2f}, TIF by {form.tif_deviation:.2f}, "
                   f"time by {form.time_deviation or 0:.1%}")  # fmt: skip
        for note in form.notes:
            typer.echo(f"  {note}")


def _find_exam(settings: Settings, exam_id: str, day: datetime) -> tuple[tuple[Item, ...], Exam]:
    known = []
    for path in settings.packs:
        reading, faults = loading.read_and_check(path, day)
        if reading.pack is None:
            raise Invalid(f"The pack {path} cannot be read.", faults)
        for exam in reading.pack.exams:
            if exam.id == exam_id:
                return loading.delivered(reading.pack, faults), exam
            known.append(exam.id)
    names = ", ".join(name for name in known if name != TUTORIAL)
    raise Missing(f"There is no exam {exam_id!r}; there are {names}.")


def _form_document(form: Form) -> dict[str, Any]:
    names = ("id", "version", "domain", "type", "scored", "a", "b", "c")
    items = [{name: asdict(at)[name] for name in names} for at in form.positions]
    return {
        "seed": form.seed,
        "items": items,
        "conversion": list(form.conversion),
        "tcc_deviation": form.tcc_deviation,
        "tif_deviation": form.tif_deviation,
    }


@accounts_app.command("list")
def accounts_list() -> None:
    """All accounts, with their roles."""
    with _open_database(from_environment()) as database, database.reading() as tx:
        for person in people.everybody(tx):
            typer.echo(f"{person.name}\t{person.role}")


@accounts_app.command("password-link")
def accounts_password_link(name: str) -> None:
    """Print a one-time link by which somebody chooses a new password."""
    settings = from_environment()
    with _open_database(settings) as database, database.writing() as tx:
        found = people.by_name(tx, name.strip().lower())
        if found is None:
            raise Missing(f"There is no account {name!r}. `cutscore accounts list` shows them.")
        typer.echo(make_link(tx, Site(settings, database), PASSWORD, found[0].id, _now()))
