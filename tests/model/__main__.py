"""`python -m tests.model`: let the machine run for a while on both kinds of database, and count its steps.

Ends with the difference, if there is one: the steps that led to it, and the seed to see it again with.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.databases import migrate, postgresql_database, postgresql_server
from tests.model import machine
from tests.model.site import Sites, fill

EXAMPLES, STEPS = 5, 200
KINDS = ("sqlite", "postgresql")


def main() -> None:
    """Run what was asked for."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever stops this leaves no servers behind
    asked = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    asked.add_argument("--seconds", type=float, default=60, help="for each kind of database (60)")
    asked.add_argument("--seed", type=int, default=1, help="of the first examples (1)")
    asked.add_argument("--database", choices=KINDS, action="append", help="only this one")
    options = asked.parse_args()
    for kind in options.database or KINDS:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cutscore-model-")))
            runner = stack.enter_context(asyncio.Runner())
            template = f"sqlite:///{folder / 'template.sqlite3'}"
            if kind == "postgresql":
                server = stack.enter_context(postgresql_server())
                template = stack.enter_context(postgresql_database(server, "model_template"))
            migrate(template)
            fill(template)
            report(Sites(template, folder, runner), kind, options.seed, options.seconds)


def report(sites: Sites, kind: str, seed: int, seconds: float) -> None:
    """Run for so many seconds, and say how many steps were made."""
    began, steps = time.monotonic(), 0
    while time.monotonic() < began + seconds:
        print(f"\r{kind}: {steps} steps, now seed {seed}", end="", flush=True)
        steps += machine.run(sites, EXAMPLES, STEPS, seed)
        seed += 1
    rate = steps / (time.monotonic() - began)
    print(f"\r{kind}: {steps} steps, no difference; {rate:.0f} steps/s, up to seed {seed - 1}")


if __name__ == "__main__":
    main()
