"""`python -m tests.faults`: strike servers and databases under load, and print what was lost.

Ends with 1 when anything was. Histories, of what clients sent and heard, are kept with `--histories` only.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from math import inf
from pathlib import Path

from tests.faults import calls, runs
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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever stops this leaves no servers behind
    asked = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    asked.add_argument("--kills", type=int, default=50, help="of the server, for each kind of database (50)")
    asked.add_argument("--database-kills", type=int, default=20, help="of PostgreSQL (20)")
    asked.add_argument("--between", type=float, default=0.0, help="seconds of work between two kills (0)")
    asked.add_argument("--power-losses", type=int, default=200, help="for each kind of database (200)")
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
        totals: dict[tuple[str, str], Totals] = {}
        try:
            for run in asked_for(options, kinds):
                if time.monotonic() > until:
                    say("The time is up: what else was asked for is left out.")
                    break
                done = run(ground)
                totals.setdefault((done.what, done.database), Totals()).add(done)
                say(f"{done.what}, {done.database}, seed {done.seed}: {len(done.breaches)} breaches")
                for breach in done.breaches[:5]:
                    say(f"  {breach.kind}: {breach.text}")
        finally:  # what was done is worth knowing, even when something stopped the rest
            print(table(totals))
    sys.exit(any(one.breaches for one in totals.values()))


def say(text: str) -> None:
    """What is under way, for who waits."""
    print(text, file=sys.stderr, flush=True)


@dataclass
class Totals:
    """The runs of one kind on one kind of database. Histories are too large to be kept."""

    faults: int = 0
    sent: int = 0
    told: int = 0
    unknown: int = 0
    scored: int = 0
    seconds: float = 0.0
    breaches: Counter[Kind] = field(default_factory=Counter)
    recoveries: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)

    def add(self, run: Run) -> None:
        """Count one more run."""
        self.faults += run.faults
        self.sent += run.history.sends.total()
        self.told += len(run.history.told)
        self.unknown += run.history.unknown_keys()
        self.scored += run.scored
        self.seconds += run.seconds
        self.breaches.update(breach.kind for breach in run.breaches)
        self.recoveries += run.recoveries
        self.answers += run.history.seconds

    def row(self, what: str, database: str) -> tuple[str, ...]:
        """Its line of the table."""
        known = (Kind.LOST, Kind.DUPLICATED, Kind.CHANGED)
        answers = sorted(self.answers)
        return (
            what,
            database,
            str(self.faults),
            str(self.sent),
            str(self.told),
            str(self.unknown),
            f"{self.told / self.seconds:.0f}",
            *(str(self.breaches[kind]) for kind in known),
            str(sum(many for kind, many in self.breaches.items() if kind not in known)),
            str(self.scored),
            f"{statistics.median(self.recoveries):.2f}" if self.recoveries else "",
            f"{max(self.recoveries):.2f}" if self.recoveries else "",
            f"{1000 * answers[int(0.99 * (len(answers) - 1))]:.0f}" if answers else "",
        )


def asked_for(options: argparse.Namespace, kinds: list[str]) -> Iterator[Callable[[Ground], Run]]:
    """The runs, one after the other: those of one round first, then kills upon kills."""
    seed, seconds = options.seed, options.seconds
    if SQLITE in kinds:
        yield partial(runs.bad_disk, seed=seed, times=9)
    for kind in kinds:
        if kind == POSTGRESQL and not calls.available():
            say(f"{calls.MISSING} They are left out.")
        else:
            yield partial(
                runs.power_losses, kind=kind, seed=seed, times=options.power_losses, seconds=seconds
            )
        yield partial(runs.bad_lines, kind=kind, seed=seed, seconds=seconds)
        yield partial(runs.no_room, kind=kind, seed=seed, times=6)
        yield partial(runs.crowd, kind=kind, seed=seed, seconds=seconds)
        yield partial(runs.double_ends, kind=kind, seed=seed, attempts=options.double_ends // 100)
    rounds = [
        [
            partial(runs.kills, kind=kind, seed=n, times=t, between=options.between)
            for n, t in _rounds(options.kills, seed)
        ]
        for kind in kinds
    ]
    if POSTGRESQL in kinds:
        many = _rounds(options.database_kills, seed)
        rounds.append(
            [partial(runs.database_kills, seed=n, times=t, between=options.between) for n, t in many]
        )
    for together in zip_longest(*rounds):
        yield from filter(None, together)


def _rounds(total: int, seed: int) -> list[tuple[int, int]]:
    """The seed and the number of kills of each round."""
    return [(seed + n, min(ROUND, total - n * ROUND)) for n in range(-(-total // ROUND))]


def table(totals: dict[tuple[str, str], Totals]) -> str:
    """A Markdown table, with one line for each kind of run on each kind of database."""
    rows = [HEAD, tuple("---" for _ in HEAD), *(one.row(*key) for key, one in totals.items())]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


if __name__ == "__main__":
    main()
