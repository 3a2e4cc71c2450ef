"""Saves: straight into the application, and over loopback to a real server; beside the ceiling in the same minute."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

import uvicorn
from starlette.types import ASGIApp

from app.main import create_app, settle
from app.store import attempts
from app.store.database import Database
from tests.bench import meter, wire
from tests.bench.ceiling import Ceiling
from tests.bench.figures import Figure
from tests.bench.meter import spread
from tests.bench.stage import Candidate, Stage, say, settings_for
from tests.bench.wire import Prepared, Request

MOST = 64
_SAVES = {1: 6, MOST: 32}  # of each candidate in one repeat, by how many are in flight
_OVER_LOOPBACK = 64
_sequences = count(1)


class Script:
    """What candidates save: one option after the other, from position 1 on, in a browser that changes."""

    def __init__(
        self, database: Database, candidates: Sequence[Candidate], attempt_ids: Sequence[int]
    ) -> None:
        self._candidates, self._ids = candidates, attempt_ids
        with database.reading() as tx:
            self._sheets = [
                attempts.get(tx, attempt_id, candidate.person_id).sheet
                for attempt_id, candidate in zip(attempt_ids, candidates, strict=True)
            ]

    def lanes(self, in_flight: int, saves: int, browser: int) -> list[list[Request]]:
        """As many lanes as are to be in flight; the saves of one candidate are all in one of them."""
        lanes: list[list[Request]] = [[] for _ in range(in_flight)]
        for position in range(1, saves + 1):
            for number, (candidate, sheet) in enumerate(zip(self._candidates, self._sheets, strict=True)):
                option = sheet.at(position).options[0].token
                token = candidate.tokens[browser]
                request = wire.save(self._ids[number], position, token, option, next(_sequences))
                lanes[number % in_flight].append(request)
        return lanes


async def in_process(
    stage: Stage, app: ASGIApp, bare: ASGIApp, script: Script, browsers: Sequence[int]
) -> list[Figure]:
    """CPU of a save, server and database together: one at a time, and with 64 in flight."""
    figures = []
    for target in (app, bare):
        await wire.send_all(
            target, [[Prepared(r) for r in lane] for lane in script.lanes(MOST, 1, browsers[0])]
        )
    for in_flight, saves in _SAVES.items():
        say(f"{stage.name}: saves, {in_flight} in flight")
        ours: list[float] = []
        ceiling: list[float] = []
        for browser in browsers:
            for target, samples in ((app, ours), (bare, ceiling)):
                lanes = [
                    [Prepared(request) for request in lane]
                    for lane in script.lanes(in_flight, saves, browser)
                ]
                before = stage.cpu()
                await wire.send_all(target, lanes)
                samples.append((stage.cpu() - before) * 1000 / sum(map(len, lanes)))
        target_text = f"≤ {0.45 if stage.server_process else 0.35}" if in_flight == MOST else ""
        figures.append(
            Figure(
                f"save, {in_flight} in flight",
                stage.name,
                "CPU ms",
                spread(ours),
                target_text,
                spread(ceiling),
            )
        )
    return figures


def over_loopback(
    stage: Stage, url: str, bare_url: str, script: Script, browsers: Sequence[int]
) -> list[Figure]:
    """Saves over 64 connections to a real server: how many a second, how long they take, and the CPU of each."""
    say(f"{stage.name}: saves over loopback")
    rates: tuple[list[float], list[float]] = ([], [])
    costs: tuple[list[float], list[float]] = ([], [])
    tails: tuple[list[float], list[float]] = ([], [])
    driver = []
    with _server(_application, url) as ours, _server(Ceiling, bare_url) as bare:
        for port, _ in (ours, bare):  # wait until it is up and warm
            warm = [[r.encoded() for r in lane] for lane in script.lanes(MOST, 1, browsers[0])]
            asyncio.run(wire.send_over_sockets(port, warm))
        for browser in browsers:
            for which, (port, pid) in enumerate((ours, bare)):
                lanes = [[r.encoded() for r in lane] for lane in script.lanes(MOST, _OVER_LOOPBACK, browser)]
                total = sum(map(len, lanes))
                own, cpu = meter.own_cpu(), meter.cpu_of_process(pid) + stage.database_cpu()
                began = time.perf_counter()
                seconds = asyncio.run(wire.send_over_sockets(port, lanes))
                rates[which].append(total / (time.perf_counter() - began))
                costs[which].append((meter.cpu_of_process(pid) + stage.database_cpu() - cpu) * 1000 / total)
                tails[which].append(statistics.quantiles(seconds, n=100)[98] * 1000)
                driver.append((meter.own_cpu() - own) * 1000 / total)
    note = f"the driver's own CPU: {statistics.median(driver):.2f} ms a save, on the same cores"
    return [
        Figure("save over HTTP, 64 connections", stage.name, "saves/s", spread(rates[0]), "≥ half the ceiling",
               spread(rates[1]), note),
        Figure("save over HTTP, 64 connections", stage.name, "CPU ms", spread(costs[0]), "", spread(costs[1])),
        Figure("save over HTTP, 64 connections", stage.name, "p99 ms", spread(tails[0]), "< 100", spread(tails[1])),
    ]  # fmt: skip


def _application(url: str) -> ASGIApp:
    return create_app(settings_for(url))


@contextmanager
def _server(make: Callable[[str], ASGIApp], url: str) -> Iterator[tuple[int, int]]:
    """A server process with the settings of `cutscore serve`: its port and its process id."""
    listener = socket.create_server((wire.HOST, 0), backlog=256)
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(make, url, listener))
    process.start()
    port = listener.getsockname()[1]
    listener.close()  # it lives on in the server: when that dies, whoever asks is told
    assert process.pid is not None
    try:
        yield port, process.pid
    finally:
        process.terminate()
        process.join()


def _serve(make: Callable[[str], ASGIApp], url: str, listener: socket.socket) -> None:
    app = make(url)
    settle()
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])
