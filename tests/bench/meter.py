"""CPU time: of this process, of a server's process, and of all processes of a PostgreSQL server."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

CpuClock = Callable[[], float]
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Spread:
    """What repeats came to. The minimum is what the program costs, the median what it cost on this machine."""

    least: float
    median: float
    mean: float
    p95: float


def spread(samples: Sequence[float]) -> Spread:
    """Sum up one or more samples."""
    ordered = sorted(samples)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return Spread(ordered[0], statistics.median(ordered), statistics.fmean(ordered), p95)


def own_cpu() -> float:
    """Seconds of CPU that this process has used, all threads, system calls included."""
    return time.process_time()


def cpu_of_process(pid: int) -> float:
    """Seconds of CPU that a process has used, all threads; counted in ticks of (usually) 10 ms."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICK


def cpu_of_children(pid: int) -> float:
    """Seconds of CPU that the children of a process have used, those that ended included."""
    ended = _stat(pid)
    seconds = (int(ended[13]) + int(ended[14])) / _TICK
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            seconds += int(Path(f"/proc/{child}/schedstat").read_text().split()[0]) / 1e9
        except FileNotFoundError:  # it ended meanwhile, and is counted above the next time
            continue
    return seconds


def postgresql_process(address: str) -> int | None:
    """The process that started all others of a PostgreSQL server; None when it is not on this machine."""
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        is_here = (
            Path(f"/proc/{row[0]}/comm").exists() and "postgres" in Path(f"/proc/{row[0]}/comm").read_text()
        )
        return int(_stat(row[0])[1]) if is_here else None


def _stat(pid: int) -> list[str]:
    # The name in parentheses may hold spaces, so what follows it is split: fields from the third on.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
