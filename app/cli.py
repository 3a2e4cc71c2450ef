"""The commands. Exit status 0 only when all is well; --json prints one JSON document and nothing else."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from uvicorn.config import LOGGING_CONFIG

from app import cli_audit, cli_backup, cli_calibrate, cli_packs, cli_simulate, loading, logs
from app.cli_common import AsOf, Json, day_of, now, open_database, say
from app.errors import CutscoreError, Missing
from app.exam.form import Form, assemble, assemble_exactly
from app.exam.parameters import cold_started
from app.exam.snapshot import Snapshot, bank_of
from app.main import Application, create_app, settle
from app.pages.credentials import FIRST_ADMIN, PASSWORD, make_link
from app.pages.site import Site
from app.recovery import recover
from app.settings import Settings, from_environment
from app.slow_clients import Impatient
from app.store import people
from app.store.database import Database

KEEP_ALIVE_SECONDS = 75
"""How long an idle connection stays open: longer than a proxy keeps one, so that it sends into none that closes."""

app = typer.Typer(
    name="cutscore",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A timed certification mock-exam simulator.",
)
forms_app = typer.Typer(no_args_is_help=True, help="Assemble forms.")
accounts_app = typer.Typer(no_args_is_help=True, help="Administer accounts.")
app.add_typer(cli_packs.app, name="packs")
app.add_typer(forms_app, name="forms")
app.add_typer(accounts_app, name="accounts")
app.add_typer(cli_audit.app, name="audit")
app.command()(cli_backup.backup)
app.command()(cli_calibrate.calibrate)
app.command()(cli_simulate.simulate)


def main() -> None:
    """Run a command; what is wrong goes to standard error, in words."""
    try:
        app()
    except CutscoreError as error:
        say(str(error))
        for fault in getattr(error, "faults", ()):
            say(f"  {fault}")
        sys.exit(1)


@app.command()
def serve() -> None:
    """Bring the database to head, load the packs, and serve."""
    settings = from_environment()
    database = Database(settings.database_url)
    database.upgrade()
    recover(database, now())
    for path in settings.packs:
        _load_at_start(database, path)
    site_app = create_app(settings, database)
    with database.writing() as tx:
        if not people.has_admin(tx):
            link = make_link(tx, Site(settings, database), FIRST_ADMIN, None, now())
            say(f"Nobody administers this server yet. To become its administrator, open once: {link}")
    say(f"Cutscore is at {settings.base_url} (stop with Ctrl+C)")
    listen(site_app, settings)


def listen(site_app: Application, settings: Settings) -> None:
    """Answer requests until told to stop; then finish those under way, for at most ten seconds."""
    settle()
    if settings.log == "json":
        logs.use_json()
    uvicorn.run(
        site_app,
        http=Impatient,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        log_config=None if settings.log == "json" else LOGGING_CONFIG,
        access_log=False,
        proxy_headers=settings.proxy_headers,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=10,
    )


def _load_at_start(database: Database, path: Path) -> None:
    """A pack that cannot be loaded does not keep the server from starting: the one in use stays in use."""
    try:
        loaded = loading.load(database, path, now(), keep_edits=True)
    except CutscoreError as error:
        say(str(error))
        for fault in getattr(error, "faults", ()):
            say(f"  {fault}")
        return
    if loaded.kept:
        say(
            f"{loaded.pack.id} was edited on this site and stays; `cutscore packs load {path}` would replace it."
        )
    if loaded.new:
        say(f"Loaded {loaded.pack.id} {loaded.pack.version}: {len(loaded.pack.items)} items.")


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
    day = day_of(as_of)
    items, exam = loading.find_exam(from_environment().packs, exam_id, day)
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
    with open_database(from_environment()) as database, database.reading() as tx:
        for person in people.accounts(tx):
            typer.echo(f"{person.name}\t{person.role}")


@accounts_app.command("password-link")
def accounts_password_link(name: str) -> None:
    """Print a one-time link by which somebody chooses a new password."""
    settings = from_environment()
    with open_database(settings) as database, database.writing() as tx:
        found = people.by_name(tx, name.strip().lower())
        if found is None:
            raise Missing(f"There is no account {name!r}. `cutscore accounts list` shows them.")
        typer.echo(make_link(tx, Site(settings, database), PASSWORD, found[0].id, now()))
