"""`python -m tests.load.failover`: kill the primary under load, promote the standby, and look for every answer.

One server process on a primary with a synchronous standby; candidates save. The primary is killed at once with all
its processes, the standby promoted a moment later. Nobody tells the server: it finds the new primary by itself.
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
from tests.load.cluster import Node, Pair, pair
from tests.load.profiles import longest_gap, saves, sit
from tests.load.run import Options, Result, Run
from tests.load.targets import Target, allow_files, servers

NOTICED_AFTER = 0.2
"""Seconds from the kill to the promotion: what Patroni needs to notice comes on top elsewhere (its ttl, 30 s)."""


@dataclass(frozen=True)
class Failover:
    """What one failover came to, in seconds."""

    result: Result
    killed_after: float
    promotion: float
    unavailable: float


def fail_over(options: Options, processes: int = 1) -> Failover:
    """Run one. The kill comes at a random moment in the middle third."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cutscore-load-")))
        nodes = stack.enter_context(pair())
        command(nodes.primary.address, "CREATE DATABASE load")
        url = nodes.address("load")
        target = Target(
            "primary and standby", url, servers(stack, folder, url, processes, behind_proxy=False)
        )
        database = Database(url, pool_size=2)
        stack.callback(database.close)
        run = Run(target, options, database)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            killed_after, promotion = runner.run(_profile(run, nodes))
        database.close()  # its connections were to the one that is gone
        return Failover(run.result("failover"), killed_after, promotion, longest_gap(run))


async def _profile(run: Run, nodes: Pair) -> tuple[float, float]:
    sit(run, "failover")
    await run.connect()
    run.begin()
    third = run.options.seconds / 3
    kill_after = random.Random(run.options.seed).uniform(third, 2 * third)
    over = asyncio.get_running_loop().run_in_executor(
        None, _take_over, nodes.primary, nodes.standby, kill_after
    )
    await saves(run)
    promotion = await over
    run.finish()
    return kill_after, promotion


def _take_over(primary: Node, standby: Node, after: float) -> float:
    """Kill and promote; how long the promotion took."""
    time.sleep(after)
    primary.kill()
    time.sleep(NOTICED_AFTER)
    began = time.perf_counter()
    standby.promote()
    return time.perf_counter() - began


def main() -> None:
    """Some failovers, each on a pair of its own."""
    asked = argparse.ArgumentParser(prog="python -m tests.load.failover", description=__doc__)
    asked.add_argument("--times", type=int, default=5)
    asked.add_argument("--candidates", type=int, default=100)
    asked.add_argument("--seconds", type=float, default=20)
    asked.add_argument("--pace", type=float, default=200)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    allow_files()
    print(
        "| Seed | Killed after s | Promotion s | No save acknowledged for s | Sent again | Acknowledged | Faults |"
    )
    print("|---|---|---|---|---|---|---|")
    good = True
    for seed in range(options.seed, options.seed + options.times):
        say(f"failover {seed}: {datetime.now(UTC):%H:%M:%S}")
        one = fail_over(Options(options.candidates, options.seconds, options.pace, seed=seed))
        again = sum(one.result.run.record.failures.values())
        acknowledged, faults = one.result.verdict.acknowledged, len(one.result.verdict.faults)
        print(f"| {seed} | {one.killed_after:.1f} | {one.promotion:.2f} | {one.unavailable:.2f} | {again} |"
              f" {acknowledged:,} | {faults} |", flush=True)  # fmt: skip
        good = good and one.result.is_good
        if not one.result.is_good:
            say(json.dumps(one.result.plain()["faults"] + one.result.run.notes.get("errors", [])[:5]))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
