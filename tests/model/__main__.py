"""`python -m tests.model`: let the machine run for long on both kinds of database, and count its steps.

Each seed has a new database. Ends with the difference, if there is one: the steps that led to it, and how to see it
again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count, islice

from tests.databases import migrate, postgresql_database, postgresql_server
from tests.model.driving import ROUNDS, STEPS, open_worker, play_here
from tests.model.site import fill

KINDS = ("sqlite", "postgresql")


def main() -> None:
    """Run what was asked for."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever stops this leaves no servers behind
    asked = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    asked.add_argument(
        "--steps", type=int, default=10_000, help="at least, for each kind of database (10000)"
    )
    asked.add_argument(
        "--seed", type=int, default=1, help=f"the first one; each is {ROUNDS * STEPS} steps (1)"
    )
    asked.add_argument("--database", choices=KINDS, action="append", help="only this one")
    asked.add_argument("--workers", type=int, default=1, help="processes at once (1)")
    options = asked.parse_args()
    for kind in options.database or KINDS:
        with tempfile.TemporaryDirectory(prefix="cutscore-model-") as folder, _template(kind, folder) as url:
            report(kind, url, folder, options.seed, options.steps, options.workers)


@contextmanager
def _template(kind: str, folder: str) -> Iterator[str]:
    with ExitStack() as stack:
        url = f"sqlite:///{folder}/template.sqlite3"
        if kind == "postgresql":
            server = stack.enter_context(postgresql_server())
            url = stack.enter_context(postgresql_database(server, "model_template"))
        migrate(url)
        fill(url)
        yield url


def report(kind: str, url: str, folder: str, seed: int, wanted: int, workers: int) -> None:
    """Play seeds until so many steps were made, by so many processes, and say how it went."""
    began, steps, requests, seeds = time.monotonic(), 0, 0, count(seed)
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, spawned, open_worker, (url, folder)) as pool:
        under_way = [(number, pool.submit(play_here, number)) for number in islice(seeds, workers)]
        while under_way:
            number, future = under_way.pop(0)
            try:
                played = future.result()
            except Exception as error:
                error.add_note(f"Again: python -m tests.model --database {kind} --seed {number} --steps 1")
                raise
            steps, requests = steps + played.steps, requests + played.requests
            if steps < wanted:
                last = next(seeds)
                under_way.append((last, pool.submit(play_here, last)))
            print(f"\r{kind}: {steps} steps, seed {number}", end="", flush=True)
    rate = steps / (time.monotonic() - began)
    done = f"{steps} steps with {requests} requests, no difference; {rate:.0f} steps/s"
    print(f"\r{kind}: {done}, seeds {seed} to {number}")


if __name__ == "__main__":
    main()
