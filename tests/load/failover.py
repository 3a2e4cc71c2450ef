"""`python -m tests.load.failover`: kill the primary under load, promote the standby, and look for every answer.

One server process on a primary with a synchronous standby; candidates save. The primary is killed at once with all
its processes, the standby promoted a moment later. Nobody tells the server: it finds the new primary by itself.

With `--behind` the standby gets nothing of what comes in the last moment before the kill. A synchronous one loses
nothing by that, since nobody was told that it is saved; with `--control` the standby is asynchronous, and that
acknowledged answers are then missing must be noticed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from app.store.database import Database
from tests.bench.stage import say
from tests.databases import command
from tests.load.cluster import PATIENCE, Pair, pair
from tests.load.profiles import longest_gap, saves, sit
from tests.load.run import Options, Result, Run
from tests.load.targets import Target, allow_files, servers

NOTICED_AFTER = 0.2
"""Seconds from the kill to the promotion: what Patroni needs to notice comes on top elsewhere (its ttl, 30 s)."""
BEHIND = 10
"""Saves that a standby which is held back does not get before the kill."""


@dataclass(frozen=True)
class Failover:
    """What one failover came to, in seconds."""

    result: Result
    killed_after: float
    promotion: float
    unavailable: float

    @property
    def lost(self) -> int:
        """How many acknowledged answers are missing."""
        return sum(fault.endswith("is lost") for fault in self.result.verdict.faults)


def fail_over(
    options: Options, processes: int = 1, *, synchronous: bool = True, behind: bool = False
) -> Failover:
    """Run one. The kill comes at a random moment in the middle third; `behind`: after saves of which the standby got
    nothing."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cutscore-load-")))
        nodes = stack.enter_context(pair(synchronous=synchronous))
        command(nodes.primary.address, "CREATE DATABASE load")
        url = nodes.address("load")
        target = Target(
            "primary and standby", url, servers(stack, folder, url, processes, behind_proxy=False)
        )
        database = Database(url, pool_size=2)
        stack.callback(database.close)
        run = Run(target, options, database)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            strike = _Strike(run, nodes, waited_for=synchronous, behind=behind)
            killed_after, promotion = runner.run(_profile(run, strike))
        database.close()  # its connections were to the one that is gone
        return Failover(run.result("failover"), killed_after, promotion, longest_gap(run))


async def _profile(run: Run, strike: _Strike) -> tuple[float, float]:
    sit(run, "failover")
    await run.connect()
    run.begin()
    third = run.options.seconds / 3
    kill_after = random.Random(run.options.seed).uniform(third, 2 * third)
    over = asyncio.get_running_loop().run_in_executor(None, strike.after, kill_after)
    await saves(run)
    promotion = await over
    run.finish()
    return kill_after, promotion


@dataclass(frozen=True)
class _Strike:
    """What happens to the primary."""

    run: Run
    nodes: Pair
    waited_for: bool
    behind: bool

    def after(self, seconds: float) -> float:
        """Kill and promote; how long the promotion took."""
        time.sleep(seconds)
        if self.behind:
            self._fall_behind()
        self.nodes.primary.kill()
        time.sleep(NOTICED_AFTER)
        began = time.perf_counter()
        self.nodes.standby.promote()
        return time.perf_counter() - began

    def _fall_behind(self) -> None:
        """Hold the standby back until some saves were acknowledged; until they were sent, where none can be."""
        self.nodes.primary.hold_back()
        enough = self._saves() + BEHIND
        end = time.monotonic() + PATIENCE
        while self._saves() < enough:
            assert time.monotonic() < end, "no saves came while the standby was held back"
            time.sleep(0.01)

    def _saves(self) -> int:
        record = self.run.record
        if self.waited_for:
            return sum(len(one.saves) for one in record.sent.values())
        return len(record.acknowledged_at)


def main() -> None:
    """Some failovers, each on a pair of its own."""
    asked = argparse.ArgumentParser(prog="python -m tests.load.failover", description=__doc__)
    asked.add_argument("--times", type=int, default=5)
    asked.add_argument("--candidates", type=int, default=100)
    asked.add_argument("--seconds", type=float, default=20)
    asked.add_argument("--pace", type=float, default=200)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--behind", action="store_true", help="hold the standby back before the kill")
    asked.add_argument(
        "--control", action="store_true", help="do so with one that nobody waits for: some are lost"
    )
    options = asked.parse_args()
    how = {"synchronous": not options.control, "behind": options.behind or options.control}
    allow_files()
    print("| Seed | Killed after s | Promotion s | No save acknowledged for s | Sent again | Acknowledged | Lost |"
          " Other faults |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    good = True
    for seed in range(options.seed, options.seed + options.times):
        say(f"failover {seed}: {datetime.now(UTC):%H:%M:%S}")
        one = fail_over(Options(options.candidates, options.seconds, options.pace, seed=seed), **how)
        again = sum(one.result.run.record.failures.values())
        acknowledged, faults = one.result.verdict.acknowledged, len(one.result.verdict.faults)
        print(f"| {seed} | {one.killed_after:.1f} | {one.promotion:.2f} | {one.unavailable:.2f} | {again} |"
              f" {acknowledged:,} | {one.lost} | {faults - one.lost} |", flush=True)  # fmt: skip
        as_wanted = 0 < one.lost == faults if options.control else one.result.is_good
        good = good and as_wanted
        if not as_wanted:
            say(json.dumps(one.result.plain()["faults"] + one.result.run.notes.get("errors", [])[:5]))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
