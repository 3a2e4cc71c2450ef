"""`python -m tests.bench`: measure assembly, calibration, saves, starts, ends and reviews, and print a table."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import tempfile
import time
from pathlib import Path

import uvloop

from app.main import create_app, settle
from app.store.database import Database
from tests.bench import calibration, cohorts, forms, saves
from tests.bench.ceiling import Ceiling
from tests.bench.figures import Figure, markdown
from tests.bench.saves import Script
from tests.bench.sittings import Sittings
from tests.bench.stage import Stage, fill, say, settings_for, stages, syncs_per_second

DATABASES = ("sqlite", "postgresql")


def main() -> None:
    """Run what was asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    asked.add_argument("--repeats", type=int, default=3, help="of each measurement of saves (3)")
    asked.add_argument("--database", choices=DATABASES, action="append", help="only this one")
    options = asked.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cutscore-bench-") as name:
        folder = Path(name)
        machine = {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "syncs_per_second": round(syncs_per_second(folder)),
            "load_average": os.getloadavg()[0],
        }
        figures = forms.assembly() + calibration.calibrations()
        with stages(folder, options.database or list(DATABASES)) as all_stages:
            for stage in all_stages:
                figures += measure(stage, options.repeats)
    machine["seconds"] = round(time.monotonic() - began)
    if options.json:
        print(json.dumps({"machine": machine, "figures": [figure.plain() for figure in figures]}))
    else:
        print(markdown(figures))
        print("\n" + ", ".join(f"{name}: {value}" for name, value in machine.items()))


def measure(stage: Stage, repeats: int) -> list[Figure]:
    """Everything on one kind of database."""
    say(f"{stage.name}: filling")
    # Each browser saves in one repeat only: the limit on saves a second is part of what is measured.
    sittings = Sittings(stage, fill(stage.url, browsers=3 * repeats))
    settle()  # as `cutscore serve` does; here it also covers what belongs to the benchmark
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = [runner.run(_start(sittings, "start: assemble, store, page"))]
        with stage.copy() as bare_url:
            database = Database(stage.url)
            script = Script(database, sittings.candidates, sittings.attempts)
            database.close()
            figures += runner.run(_save(stage, bare_url, script, range(2 * repeats)))
            figures += saves.over_loopback(
                stage, stage.url, bare_url, script, range(2 * repeats, 3 * repeats)
            )
        figures += runner.run(_end(sittings))
        figures.append(runner.run(_start(sittings, "the same with an earlier form")))
        figures.append(runner.run(_cohort(stage)))
    return figures


async def _start(sittings: Sittings, what: str) -> Figure:
    app = create_app(settings_for(sittings.stage.url))
    async with app.router.lifespan_context(app):
        return await sittings.start(app, what)


async def _save(stage: Stage, bare_url: str, script: Script, browsers: range) -> list[Figure]:
    app = create_app(settings_for(stage.url))
    async with app.router.lifespan_context(app):
        return await saves.in_process(stage, app, Ceiling(bare_url), script, browsers)


async def _end(sittings: Sittings) -> list[Figure]:
    app = create_app(settings_for(sittings.stage.url))
    async with app.router.lifespan_context(app):
        return [await sittings.finish(app), await sittings.review(app)]


async def _cohort(stage: Stage) -> Figure:
    app = create_app(settings_for(stage.url))
    async with app.router.lifespan_context(app):
        return await cohorts.results(stage, app)


if __name__ == "__main__":
    main()
