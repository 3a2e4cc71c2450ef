"""One run: a profile against a target, what it measured, and whether all of it is in the database."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.store.database import Database
from tests.bench.stage import say
from tests.load.candidate import Candidate, Record, UnexpectedError
from tests.load.checker import Verdict, check
from tests.load.seats import enrol
from tests.load.targets import Target

AT_ONCE = 200
SAVES, MINUTES = 74, 170
"""The real pace: so many saves in so many minutes."""


@dataclass(frozen=True)
class Options:
    """How large a run is. `pace` is how much faster than real candidates answer."""

    candidates: int
    seconds: float
    pace: float = 1.0
    rounds: int = 1
    seed: int = 1

    @property
    def interval(self) -> float:
        """Seconds between two saves of one candidate."""
        return MINUTES * 60 / SAVES / self.pace


@dataclass
class Run:
    """A target, a database of our own on it, the candidates and what is measured."""

    target: Target
    options: Options
    database: Database
    record: Record = field(default_factory=Record)
    candidates: list[Candidate] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    memory: list[tuple[float, float]] = field(default_factory=list)
    _cpu: dict[str, float] = field(default_factory=dict)
    _began: float = 0.0
    _seconds: float = 0.0

    def enrol(self, name: str) -> None:
        """Log the candidates in."""
        say(f"{self.target.name}: {self.options.candidates} candidates")
        self.candidates = enrol(
            self.database, self.target.port, self.options.candidates, self.record, f"{name}-{time.time_ns()}"
        )

    async def connect(self) -> None:
        """Open all connections."""
        for begin in range(0, len(self.candidates), AT_ONCE):
            await asyncio.gather(*(one.arrive() for one in self.candidates[begin : begin + AT_ONCE]))

    def begin(self) -> float:
        """What comes now is measured; the time it begins."""
        self.memory.append((0.0, self.target.megabytes()))
        self._cpu, self._began = self.target.cpu(), time.perf_counter()
        return self._began

    def finish(self) -> None:
        """What was measured is over."""
        self._seconds = time.perf_counter() - self._began
        after = self.target.cpu()
        self._cpu = {name: after[name] - before for name, before in self._cpu.items()}
        self.memory.append((self._seconds, self.target.megabytes()))
        for one in self.candidates:
            one.connection.close()

    async def at(self, due: Sequence[float], do: Callable[[int, float], Awaitable[None]]) -> None:
        """Do the n-th thing when it is due (seconds from now), whether or not the ones before are done; wait for all.

        What fails for good is counted, and the others go on.
        """
        zero = time.perf_counter()

        async def one(number: int, when: float) -> None:
            try:
                await do(number, when)
            except UnexpectedError as error:
                self.notes.setdefault("errors", []).append(str(error)[:300])

        async with asyncio.TaskGroup() as tasks:
            for number in sorted(range(len(due)), key=due.__getitem__):
                wait = zero + due[number] - time.perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
                tasks.create_task(one(number, zero + due[number]))

    async def watch_memory(self, every: float) -> None:
        """Note the servers' memory until cancelled."""
        while True:
            await asyncio.sleep(every)
            self.memory.append((time.perf_counter() - self._began, self.target.megabytes()))

    def result(self, profile: str) -> Result:
        """Check everything, and sum up."""
        say(f"{self.target.name}: {profile}: checking every answer")
        verdict = check(self.database, self.record.sent.values())
        return Result(profile, self, verdict, self._seconds, self._cpu)


@dataclass(frozen=True)
class Result:
    """What a run came to."""

    profile: str
    run: Run
    verdict: Verdict
    seconds: float
    cpu: dict[str, float]

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing wrong, nothing given up."""
        return not self.verdict.faults and not self.run.record.given_up and not self.run.notes.get("errors")

    def growth(self) -> float | None:
        """By how much the servers' memory grows over the second half of the run, as a share, by a straight line. In
        the first half what is remembered fills up: the first reports are asked for after a whole sitting."""
        points = [point for point in self.run.memory if point[0] >= self.seconds / 2]
        if len(points) < 5:  # through fewer no line says anything
            return None
        slope, start = statistics.linear_regression(*zip(*points, strict=True))
        first = start + slope * points[0][0]
        return float(slope * (points[-1][0] - points[0][0]) / first)

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        record, options = self.run.record, self.run.options
        return {
            "profile": self.profile,
            "target": self.run.target.name,
            "candidates": options.candidates,
            "pace": options.pace,
            "seed": options.seed,
            "seconds": self.seconds,
            "requests": {
                what: quantiles(took) | {"rate": len(took) / self.seconds} for what, took in self.requests()
            },
            "failures": dict(record.failures),
            "given_up": dict(record.given_up),
            "cpu_seconds": self.cpu,
            "megabytes": [self.run.memory[0][1], self.run.memory[-1][1]],
            "growth": self.growth(),
            "acknowledged": self.verdict.acknowledged,
            "scores": self.verdict.scores,
            "faults": self.verdict.faults[:20],
            "fault_count": len(self.verdict.faults),
            **self.run.notes,
        }

    def requests(self) -> list[tuple[str, Sequence[float]]]:
        """What was asked, with the milliseconds of each."""
        return list(self.run.record.milliseconds.items())


def quantiles(milliseconds: Sequence[float]) -> dict[str, float]:
    """How many there are, their median, 99th percentile and largest, in milliseconds."""
    ordered = sorted(milliseconds)
    last = len(ordered) - 1
    places = {"p50_ms": round(0.5 * last), "p99_ms": round(0.99 * last), "max_ms": last}
    return {"count": len(ordered)} | {name: ordered[place] for name, place in places.items()}


def markdown(results: Sequence[Result]) -> str:
    """Two tables: the requests of each run, and what each run used and came to."""
    requests = [
        (
            "Profile",
            "Target",
            "Request",
            "Count",
            "A second",
            "p50 ms",
            "p99 ms",
            "Max ms",
            "Failed, then made good",
        )
    ]
    runs = [
        (
            "Profile",
            "Target",
            "Candidates",
            "Pace",
            "Seconds",
            "CPU s",
            "Memory MB",
            "Acknowledged",
            "Scores",
            "Faults",
            "Notes",
        )
    ]
    for result in results:
        plain = result.plain()
        for what, took in plain["requests"].items():
            failed = ", ".join(
                f"{n} of {k.partition(': ')[2]}"
                for k, n in plain["failures"].items()
                if k.startswith(f"{what}:")
            )
            figures = (f"{took[name]:,.1f}" for name in ("rate", "p50_ms", "p99_ms", "max_ms"))
            requests.append(
                (result.profile, plain["target"], what, f"{took['count']:,}", *figures, failed or "0")
            )
        cpu = ", ".join(f"{who} {seconds:.1f}" for who, seconds in plain["cpu_seconds"].items())
        growth = "" if plain["growth"] is None else f" ({plain['growth']:+.1%})"
        memory = f"{plain['megabytes'][0]:.0f} to {plain['megabytes'][1]:.0f}{growth}"
        faults = plain["fault_count"] + len(result.run.notes.get("errors", []))
        notes = "; ".join(f"{name}: {value}" for name, value in result.run.notes.items() if name != "errors")
        runs.append((result.profile, plain["target"], f"{plain['candidates']:,}", f"{plain['pace']:g}",
                     f"{result.seconds:.1f}", cpu, memory, f"{plain['acknowledged']:,}", f"{plain['scores']:,}",
                     str(faults), notes))  # fmt: skip
    return "\n\n".join("\n".join(_table(rows)) for rows in (requests, runs))


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]
