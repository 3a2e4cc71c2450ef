"""`python -m tests.bench.million`: what every page takes when a million attempts are stored."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from sqlalchemy import func, select, text

from app.main import create_app, settle
from app.recovery import recover
from app.store import tables
from app.store.database import Database
from tests.bench import meter
from tests.bench.crowd import Size, fill
from tests.bench.stage import Stage, settings_for, stages
from tests.bench.walk import METRICS_TOKEN, Look, Walk
from tests.databases import migrate

MOST_WHOLE = 100_000
PER_PERSON = 20


def main() -> None:
    """Fill a database, walk through it, print a table."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.million", description=__doc__)
    asked.add_argument("--attempts", type=int, default=1_000_000)
    asked.add_argument(
        "--whole", type=int, default=MOST_WHOLE, help="how many of them with responses and log"
    )
    asked.add_argument("--target", choices=("sqlite", "postgresql"), default="postgresql")
    asked.add_argument("--url", help="a database that stays: filled when it is empty, else taken as it is")
    asked.add_argument("--least", type=float, default=0.0, help="print pages only that take so many ms")
    asked.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    options = asked.parse_args()
    size = Size(
        options.attempts, max(100, options.attempts // PER_PERSON), min(options.whole, options.attempts)
    )
    with _stage(options.target, options.url) as stage:
        began = time.monotonic()
        fill(stage.url, size)
        facts = {"database": stage.name, "fill_seconds": round(time.monotonic() - began), **_facts(stage)}
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            looks, unseen = runner.run(_walk(stage))
    looks = sorted((look for look in looks if look.later >= options.least), key=lambda look: -look.later)
    if options.json:
        print(json.dumps({**facts, "unseen": unseen, "looks": [asdict(look) for look in looks]}))
        return
    print(_table(looks))
    print("\n" + ", ".join(f"{name}: {value}" for name, value in facts.items()))
    print("Not seen: " + ", ".join(unseen))


@contextmanager
def _stage(target: str, url: str | None) -> Iterator[Stage]:
    """A database that is gone afterwards, or the given one."""
    if url is None:
        with (
            tempfile.TemporaryDirectory(prefix="cutscore-million-") as name,
            stages(Path(name), [target]) as all_,
        ):
            yield next(all_)
        return
    migrate(url)
    is_sqlite = url.startswith("sqlite")
    process = None if is_sqlite else meter.postgresql_process(url)
    yield Stage("SQLite" if is_sqlite else "PostgreSQL", url, Path(), process)


def _facts(stage: Stage) -> dict[str, object]:
    """How much there is; statistics of the tables are made as PostgreSQL makes them by itself within minutes."""
    database = Database(stage.url)
    if not database.is_sqlite:
        with database._writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM (ANALYZE)"))
    size = "page_count * page_size FROM pragma_page_count, pragma_page_size"
    with database.reading() as tx:
        many = {
            name: tx.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one()
            for name in ("attempt", "score", "response", "response_event", "person")
        }
        whole = "pg_database_size(current_database())" if not database.is_sqlite else size
        bytes_ = tx.execute(text(f"SELECT {whole}")).scalar_one()
    began = time.perf_counter()
    recover(database, datetime.now(UTC))
    recovered = time.perf_counter() - began
    database.close()
    return {**many, "gigabytes": round(bytes_ / 1e9, 1), "recovery_ms": round(recovered * 1000, 1)}


async def _walk(stage: Stage) -> tuple[list[Look], list[str]]:
    settings = replace(settings_for(stage.url), metrics_token=METRICS_TOKEN)
    app = create_app(settings)
    settle()
    async with app.router.lifespan_context(app):
        return await Walk(stage, app).all()


def _table(looks: list[Look]) -> str:
    lines = ["| Page | Who | | First ms | Later ms | CPU ms | KB |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| `{look.route}` | {look.visitor} | {look.note} | {look.first:,.0f} | {look.later:,.1f} "
        f"| {look.cpu:,.1f} | {look.size / 1000:,.0f} |"
        for look in looks
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
