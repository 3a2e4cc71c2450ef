"""The runs of the laboratory, each with what it needs. `make faults` does them all, the tests some, in short."""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

from tests.faults import outage, power, strikes
from tests.faults.ground import POSTGRESQL, SQLITE, Ground
from tests.faults.lab import Run
from tests.faults.launch import SHIPPED, Build
from tests.faults.vfs import Failing

SEATS_A_SECOND = 30
"""More seats than candidates take in a second of undisturbed work."""


def kills(
    ground: Ground, kind: str, seed: int, times: int, build: Build = SHIPPED, between: float = 0.0
) -> Run:
    """SIGKILLs of servers, two of them on PostgreSQL, `between` them so many seconds of work."""
    processes = 2 if kind == POSTGRESQL else 1
    seats = 100 + int((8 + SEATS_A_SECOND * between) * times)
    with ground.laboratory("kills", kind, seed, seats=seats, processes=processes, build=build) as made:
        return made.under_load(partial(strikes.kills, times=times, between=between))


def database_kills(
    ground: Ground, seed: int, times: int, build: Build = SHIPPED, between: float = 0.0
) -> Run:
    """SIGKILLs and immediate shutdowns of PostgreSQL, `between` them so many seconds of work."""
    cluster = ground.cluster
    assert cluster is not None
    seats = 100 + int((12 + SEATS_A_SECOND * between) * times)
    with ground.laboratory("database kills", POSTGRESQL, seed, seats=seats, build=build) as made:
        return made.under_load(partial(strikes.database_kills, cluster=cluster, times=times, between=between))


def bad_lines(ground: Ground, kind: str, seed: int, seconds: float, build: Build = SHIPPED) -> Run:
    """Requests lost, repeated and reordered, answers lost."""
    processes = 2 if kind == POSTGRESQL else 1
    seats = 100 + int(20 * seconds)
    with ground.laboratory(
        "bad lines", kind, seed, seats=seats, processes=processes, bad_lines=True, build=build
    ) as made:
        return made.under_load(partial(strikes.quiet, seconds=seconds))


def bad_disk(ground: Ground, seed: int, times: int) -> Run:
    """SQLite's disk full, or failing to write or to sync."""
    disk = multiprocessing.get_context("forkserver").Value("i", Failing.NOT)
    with ground.laboratory("bad disk", SQLITE, seed, seats=100 + 12 * times, build=Build(disk=disk)) as made:
        return made.under_load(partial(strikes.bad_disk, disk=disk, times=times))


def no_room(ground: Ground, kind: str, seed: int, times: int) -> Run:
    """No file may grow."""
    cluster = ground.cluster if kind == POSTGRESQL else None
    with ground.laboratory("no room", kind, seed, seats=100 + 12 * times) as made:
        return made.under_load(partial(strikes.no_room, cluster=cluster, times=times))


def crowd(ground: Ground, kind: str, seed: int, seconds: float, readers: int = 60) -> Run:
    """More slow pages than connections while candidates save."""
    with ground.laboratory(
        "crowd", kind, seed, seats=100 + readers + int(20 * seconds), build=Build(slow=0.2)
    ) as made:
        seats = [made.seats.pop() for _ in range(readers)]
        return made.under_load(partial(strikes.crowd, seats=seats, seconds=seconds))


def double_ends(ground: Ground, kind: str, seed: int, attempts: int, at_once: int = 100) -> Run:
    """Each attempt ended by many requests at once, while others save."""
    processes = 2 if kind == POSTGRESQL else 1
    with ground.laboratory("double ends", kind, seed, seats=100 + 2 * attempts, processes=processes) as made:
        seats = [made.seats.pop() for _ in range(attempts)]
        return made.under_load(partial(strikes.double_ends, seats=seats, at_once=at_once), desks=4)


def power_losses(
    ground: Ground,
    kind: str,
    seed: int,
    times: int,
    seconds: float,
    build: Build = SHIPPED,
    options: Sequence[str] = (),
) -> Run:
    """Cut the power so often in a recording of so many seconds under load. `faults` counts the cuts.

    `options` are those of the PostgreSQL server that is recorded.
    """
    if kind == POSTGRESQL:
        return _postgresql_power_losses(ground, seed, times, seconds, build, options)
    with tempfile.TemporaryDirectory(dir=ground.folder, prefix="power-") as name:
        folder, seats = Path(name), 100 + int(20 * seconds)
        trace, base = folder / "trace", folder / "base.sqlite3"
        with ground.laboratory(
            "power losses", SQLITE, seed, seats=seats, build=replace(build, trace=str(trace))
        ) as made:
            shutil.copyfile(made.url.removeprefix("sqlite:///"), base)
            run = made.under_load(partial(strikes.quiet, seconds=seconds))
        for breaches in power.losses(trace, base, run.history, folder / "left", times, Random(seed)):
            run.breaches += breaches
            run.faults += 1
    return run


def _postgresql_power_losses(
    ground: Ground, seed: int, times: int, seconds: float, build: Build, options: Sequence[str]
) -> Run:
    cluster, seats = ground.cluster, 100 + int(20 * seconds)
    assert cluster is not None
    with outage.recording(cluster) as recording:
        traced = replace(build, trace=str(recording.trace))
        with ground.laboratory("power losses", POSTGRESQL, seed, seats=seats, build=traced) as made:
            with recording.running(options):
                run = made.under_load(partial(strikes.checkpoints, cluster=cluster, seconds=seconds))
            url = made.url
        for breaches, recovery in recording.outages(url, run.history, times, Random(seed)):
            run.breaches += breaches
            run.recoveries += [] if recovery is None else [recovery]
            run.faults += 1
    return run
