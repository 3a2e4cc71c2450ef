"""`python -m tests.faults`: strike servers and databases under load, and print what was lost.

Ends with 1 when anything was. Histories, of what clients sent and heard, are kept with `--histories` only.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import zip_longest
from math import inf
from pathlib import Path

from tests.faults import runs
from tests.faults.checker import Kind
from tests.faults.cluster import cluster
from tests.faults.ground import POSTGRESQL, SQLITE, Ground
from tests.faults.lab import Run

ROUND = 25
"""Kills on one database before it is checked and the next one begins."""
HEAD = (
    "Run",
    "Database",
    "Faults",
    "Sent",
    "Acknowledged",
    "Unknown",
    "Saves/s",
    "Lost",
    "Duplicated",
    "Changed",
    "Other",
    "Scored",
    "Recovery s, median",
    "worst",
    "Answer ms, p99",
)


def main() -> None:
    """Run what was asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    asked.add_argument("--kills", type=int, default=50, help="of the server, for each kind of database (50)")
    asked.add_argument("--database-kills", type=int, default=20, help="of PostgreSQL (20)")
    asked.add_argument("--power-losses", type=int, default=200, help="of SQLite (200)")
    asked.add_argument("--double-ends", type=int, default=1000, help="of attempts, 100 at once (1000)")
    asked.add_argument(
        "--seconds", type=float, default=5, help="of the runs that have no number of faults (5)"
    )
    asked.add_argument("--minutes", type=float, default=inf, help="after which no new run begins")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--database", choices=(SQLITE, POSTGRESQL), action="append", help="only this one")
    asked.add_argument("--histories", type=Path, help="a folder to keep histories in, outside the repository")
    options = asked.parse_args()
    if options.histories is not None:
        options.histories.mkdir(parents=True, exist_ok=True)
    kinds = options.database or [SQLITE, POSTGRESQL]
    until = time.monotonic() + 60 * options.minutes
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cutscore-faults-")))
        server = stack.enter_context(cluster()) if POSTGRESQL in kinds else None
        ground = Ground(folder, server, options.histories)
        done: list[Run] = []
        for run in asked_for(options, kinds):
            if time.monotonic() > until:
                print("The time is up: what else was asked for is left out.", file=sys.stderr)
                break
            done.append(run(ground))
            print(f"{done[-1].what}, {done[-1].database}, seed {done[-1].seed}: "
                  f"{len(done[-1].breaches)} breaches", file=sys.stderr, flush=True)  # fmt: skip
            for breach in done[-1].breaches[:5]:
                print(f"  {breach.kind}: {breach.text}", file=sys.stderr)
    print(table(done))
    sys.exit(any(run.breaches for run in done))


def asked_for(options: argparse.Namespace, kinds: list[str]) -> Iterator[Callable[[Ground], Run]]:
    """The runs, one after the other: those of one round first, then kills upon kills."""
    seed, seconds = options.seed, options.seconds
    if SQLITE in kinds:
        yield partial(runs.bad_disk, seed=seed, times=9)
        yield partial(runs.power_losses, seed=seed, times=options.power_losses, seconds=seconds)
    for kind in kinds:
        yield partial(runs.bad_lines, kind=kind, seed=seed, seconds=seconds)
        yield partial(runs.no_room, kind=kind, seed=seed, times=6)
        yield partial(runs.crowd, kind=kind, seed=seed, seconds=seconds)
        yield partial(runs.double_ends, kind=kind, seed=seed, attempts=options.double_ends // 100)
    rounds = [
        [partial(runs.kills, kind=kind, seed=n, times=t) for n, t in _rounds(options.kills, seed)]
        for kind in kinds
    ]
    if POSTGRESQL in kinds:
        many = _rounds(options.database_kills, seed)
        rounds.append([partial(runs.database_kills, seed=n, times=t) for n, t in many])
    for together in zip_longest(*rounds):
        yield from filter(None, together)


def _rounds(total: int, seed: int) -> list[tuple[int, int]]:
    """The seed and the number of kills of each round."""
    return [(seed + n, min(ROUND, total - n * ROUND)) for n in range(-(-total // ROUND))]


def table(done: list[Run]) -> str:
    """A Markdown table, with one line for each kind of run on each kind of database."""
    together: dict[tuple[str, str], list[Run]] = {}
    for run in done:
        together.setdefault((run.what, run.database), []).append(run)
    rows = [HEAD, tuple("---" for _ in HEAD), *(_row(*key, each) for key, each in together.items())]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _row(what: str, database: str, each: list[Run]) -> tuple[str, ...]:
    kinds = Counter(breach.kind for run in each for breach in run.breaches)
    known = (Kind.LOST, Kind.DUPLICATED, Kind.CHANGED)
    told = sum(len(run.history.told) for run in each)
    recoveries = sorted(second for run in each for second in run.recoveries)
    seconds = sorted(second for run in each for second in run.history.seconds)
    return (
        what,
        database,
        str(sum(run.faults for run in each)),
        str(sum(run.history.sends.total() for run in each)),
        str(told),
        str(sum(run.history.unknown_keys() for run in each)),
        f"{told / sum(run.seconds for run in each):.0f}",
        *(str(kinds[kind]) for kind in known),
        str(sum(many for kind, many in kinds.items() if kind not in known)),
        str(sum(run.scored for run in each)),
        f"{statistics.median(recoveries):.2f}" if recoveries else "",
        f"{recoveries[-1]:.2f}" if recoveries else "",
        f"{1000 * seconds[int(0.99 * (len(seconds) - 1))]:.0f}" if seconds else "",
    )


if __name__ == "__main__":
    main()
