"""`python -m tests.load [PROFILE…]`: put a real server under load, check every answer, print tables.

Everything is on this machine: requests go to 127.0.0.1, the databases are made for the run and removed after it.
Without a profile each of them is run in small, in a few minutes. The measurements of docs/operating.md say with
which options they were made.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import uvloop

from app.store.database import Database
from tests.bench.stage import say
from tests.load.profiles import PROFILES
from tests.load.run import Options, Result, Run, markdown
from tests.load.targets import MissingError, Target, allow_files, postgresql_target, sqlite_target

SMALL = {
    "steady": Options(200, 10, pace=60),
    "starts": Options(60, 10),
    "finishes": Options(60, 5),
    "autosubmit": Options(60, 1),
    "unasked": Options(60, 1),
    "journeys": Options(20, 2, pace=600),
    "soak": Options(10, 30),
    "rolling": Options(100, 40, pace=30),
    "killing": Options(100, 40, pace=30),
}
BEHIND_A_PROXY = frozenset({"rolling", "killing"})
"""Profiles in which servers end: somebody else has to go on."""
MOST_CANDIDATES, MOST_SECONDS = 20_000, 24 * 3600


def main() -> None:
    """Run what was asked for. The exit status is 0 only when nothing was lost and nothing went wrong."""
    asked = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    asked.add_argument("profiles", nargs="*", metavar="PROFILE", help=", ".join(PROFILES))
    asked.add_argument("--target", choices=("sqlite", "postgresql"), action="append", help="only this one")
    asked.add_argument("--processes", type=int, default=2, help="of the server, on PostgreSQL (2)")
    asked.add_argument("--candidates", type=int, help=f"at most {MOST_CANDIDATES:,}")
    asked.add_argument("--seconds", type=float, help="how long, or over what time they come")
    asked.add_argument("--pace", type=float, help="how much faster than 74 answers in 170 minutes")
    asked.add_argument("--rounds", type=int, help="of journeys, or of restarts")
    asked.add_argument("--seed", type=int)
    asked.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    options = asked.parse_args()
    unknown = set(options.profiles) - PROFILES.keys()
    if unknown:
        asked.error(f"unknown: {', '.join(sorted(unknown))}. There are {', '.join(PROFILES)}.")
    if (options.candidates or 0) > MOST_CANDIDATES or (options.seconds or 0) > MOST_SECONDS:
        asked.error(f"at most {MOST_CANDIDATES:,} candidates and {MOST_SECONDS:,} seconds")
    given = {name: getattr(options, name) for name in ("candidates", "seconds", "pace", "rounds", "seed")}
    chosen = {
        name: replace(SMALL[name], **{key: value for key, value in given.items() if value is not None})
        for name in options.profiles or PROFILES
    }
    allow_files()
    results: list[Result] = []
    try:
        for kind in options.target or ("sqlite", "postgresql"):
            results += _on(kind, chosen, options.processes)
    except MissingError as error:
        sys.exit(str(error))
    if options.json:
        print(json.dumps({"cores": os.cpu_count(), "runs": [result.plain() for result in results]}))
    else:
        print(markdown(results))
        for result in results:
            for fault in [*result.verdict.faults[:20], *result.run.notes.get("errors", [])[:20]]:
                print(f"\n{result.profile}, {result.run.target.name}: {fault}")
    sys.exit(0 if all(result.is_good for result in results) else 1)


def _on(kind: str, chosen: dict[str, Options], processes: int) -> list[Result]:
    wanted = {name: how for name, how in chosen.items() if kind == "postgresql" or name not in BEHIND_A_PROXY}
    if not wanted:
        return []
    results = []
    with (
        tempfile.TemporaryDirectory(prefix="cutscore-load-") as name,
        _target(kind, Path(name), processes) as target,
    ):
        say(f"{target.name}: ready")
        database = Database(target.url, pool_size=2)
        for profile, options in wanted.items():
            run = Run(target, options, database)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(PROFILES[profile](run))
            results.append(run.result(profile))
        database.close()
    return results


def _target(kind: str, folder: Path, processes: int) -> AbstractContextManager[Target]:
    return sqlite_target(folder) if kind == "sqlite" else postgresql_target(folder, processes)


if __name__ == "__main__":
    main()
