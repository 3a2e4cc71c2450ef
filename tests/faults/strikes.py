"""The faults: what strikes servers and databases while candidates work."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Sequence

from tests.bench.wire import Request
from tests.databases import command
from tests.faults.clients import BEFORE_AGAIN, SEE_OTHER
from tests.faults.cluster import Cluster
from tests.faults.lab import Laboratory
from tests.faults.launch import POINTS, Server
from tests.faults.lines import Line, LostError
from tests.faults.stage import Seat
from tests.faults.vfs import Disk, Failing

PAUSE = (0.02, 0.2)
"""Seconds under load between two faults."""
BETWEEN_CHECKPOINTS = (0.05, 0.5)
"""Seconds under load between two checkpoints."""
NEW_SEGMENT = 0.2
"""How often the log goes on in a new segment at a checkpoint; the old one is filled up, which takes 2,000 writes."""
LONGEST_WAIT = 20.0
"""Seconds that a save has to come and be refused."""
UNAVAILABLE = 503
AT_A_POINT = 1.0
"""Seconds that a server has to reach its fail point; then it is killed where it is."""


async def kills(
    laboratory: Laboratory, times: int, points: Sequence[str] = POINTS, between: float = 0.0
) -> None:
    """SIGKILL of a server: at a random moment, or at a point that it was given at its start; `between` two of them
    so many seconds of work."""
    random = laboratory.random
    for _ in range(times):
        await asyncio.sleep(between)
        server = random.choice(laboratory.servers)
        if server.point:
            await _dead(server, AT_A_POINT)
        else:
            await asyncio.sleep(random.uniform(*PAUSE))
        point = random.choice(points) if points and random.random() < 0.5 else ""
        await _killed(laboratory, server, point, random.randint(1, 3 if point == "scored" else 30))
    for server in laboratory.servers:
        if server.point:
            await _killed(laboratory, server, "", 0)


async def _killed(laboratory: Laboratory, server: Server, point: str, after: int) -> None:
    """Kill a server, start it with a fail point, and wait until it answers, however often it dies before that."""
    while True:
        began = time.perf_counter()
        server.kill()
        server.start(point, after)
        laboratory.run.faults += 1
        answer = asyncio.create_task(laboratory.answers(server, began))
        dead = asyncio.create_task(_dead(server, None))
        await asyncio.wait([answer, dead], return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            laboratory.run.recoveries.append(await answer)
            dead.cancel()
            return
        answer.cancel()
        point = ""


async def _dead(server: Server, seconds: float | None) -> None:
    """Wait until a server is dead, but not longer than so many seconds, if they are given."""
    loop, dead = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(server.process.sentinel, dead.set)
    try:
        async with asyncio.timeout(seconds):
            await dead.wait()
    except TimeoutError:
        return
    finally:
        loop.remove_reader(server.process.sentinel)


async def database_kills(laboratory: Laboratory, cluster: Cluster, times: int, between: float = 0.0) -> None:
    """SIGKILL of all of PostgreSQL, or an immediate shutdown, and a new start."""
    for _ in range(times):
        await asyncio.sleep(between + laboratory.random.uniform(*PAUSE))
        began = time.perf_counter()
        if laboratory.random.random() < 0.5:
            await asyncio.to_thread(cluster.kill)
        else:
            await asyncio.to_thread(cluster.shut_down_at_once)
        await asyncio.to_thread(cluster.start)
        await laboratory.all_answer(began)


async def bad_disk(laboratory: Laboratory, disk: Disk[int], times: int) -> None:
    """SQLite's disk is full, or fails to write, or to sync, for a moment each time."""
    for number in range(times):
        await asyncio.sleep(laboratory.random.uniform(*PAUSE))
        disk.value = (Failing.FULL, Failing.WRITES, Failing.SYNCS)[number % 3]
        await _felt(laboratory)
        disk.value = Failing.NOT
        await laboratory.all_answer(time.perf_counter())


async def _felt(laboratory: Laboratory) -> None:
    """Wait a moment, and until a save was refused: on a busy machine none may come for a while."""
    refused, end = laboratory.run.history.refusals, time.perf_counter() + LONGEST_WAIT
    before = refused[UNAVAILABLE]
    await asyncio.sleep(laboratory.random.uniform(*PAUSE))
    while refused[UNAVAILABLE] == before and time.perf_counter() < end:
        await asyncio.sleep(PAUSE[0])


async def no_room(laboratory: Laboratory, cluster: Cluster | None, times: int) -> None:
    """No file of whoever writes the database may grow, by a limit of the system, for a moment each time."""
    servers = [server.process.pid for server in laboratory.servers]
    for _ in range(times):
        await asyncio.sleep(laboratory.random.uniform(*PAUSE))
        await asyncio.to_thread(
            _limit, servers if cluster is None else cluster.processes(), cluster, full=True
        )
        await _felt(laboratory)
        began = time.perf_counter()
        await asyncio.to_thread(_limit, servers, None, full=False)
        if cluster is not None:
            await asyncio.to_thread(_make_room, cluster)
        await laboratory.all_answer(began)


def _make_room(cluster: Cluster) -> None:
    """Lift the limit. PostgreSQL may have ended by then, or be about to: it starts its processes anew, under it."""
    while cluster.process.poll() is None:
        _limit(cluster.processes()[:1], cluster, full=False)
        _limit(cluster.processes()[1:], cluster, full=False)  # those that came meanwhile, too
        if cluster.answers():
            return
    cluster.start()


def _limit(processes: Sequence[int | None], cluster: Cluster | None, *, full: bool) -> None:
    """Let files of these processes grow no more, or again. Their own user may say so; root may not everywhere."""
    user = None if cluster is None else cluster.user
    for process in processes:
        limiting = ["prlimit", f"--pid={process}", f"--fsize={0 if full else 'unlimited'}:"]
        subprocess.run(limiting, user=user, check=False, capture_output=True)  # it may have ended meanwhile


async def crowd(laboratory: Laboratory, seats: Sequence[Seat], seconds: float) -> None:
    """More people ask for slow pages than there are connections, all the time."""
    until = time.perf_counter() + seconds

    async def look(seat: Seat) -> None:
        line = laboratory.line()
        while time.perf_counter() < until:
            try:
                reply = await line.ask(Request("GET", f"/attempts/{seat.attempt_id}", seat.token).encoded())
            except LostError:
                continue
            if reply.status >= 400:
                laboratory.run.history.refuse(reply.status)
        line.close()

    await asyncio.gather(*map(look, seats))
    laboratory.run.faults += len(seats)


async def quiet(laboratory: Laboratory, seconds: float) -> None:
    """Nothing happens for so long, but what lines do by themselves."""
    await asyncio.sleep(seconds)


async def checkpoints(laboratory: Laboratory, cluster: Cluster, seconds: float) -> None:
    """PostgreSQL writes down what it would have kept in memory for minutes, again and again for so long."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        await asyncio.sleep(laboratory.random.uniform(*BETWEEN_CHECKPOINTS))
        if laboratory.random.random() < NEW_SEGMENT:
            await asyncio.to_thread(command, cluster.address, "SELECT pg_switch_wal()")
        await asyncio.to_thread(command, cluster.address, "CHECKPOINT")


async def double_ends(laboratory: Laboratory, seats: Sequence[Seat], at_once: int) -> None:
    """Each of these attempts is ended by so many requests at once."""
    lines = [Line(laboratory.random.choice(laboratory.servers).build.port) for _ in range(at_once)]
    history = laboratory.run.history

    async def end(seat: Seat, line: Line) -> None:
        request = Request("POST", f"/attempts/{seat.attempt_id}/end", seat.token).encoded()
        while True:
            history.end(seat.attempt_id)
            try:
                reply = await line.ask(request)
            except LostError:  # a server hangs up when nothing came for a while
                continue
            if reply.status == SEE_OTHER:
                history.ended(seat.attempt_id)
                return
            history.refuse(reply.status)
            await asyncio.sleep(BEFORE_AGAIN)

    for seat in seats:
        await asyncio.gather(*(end(seat, line) for line in lines))
        laboratory.run.faults += at_once
    for line in lines:
        line.close()
