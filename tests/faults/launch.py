"""The server under test in a process of its own: as it ships, or with what a test does to it.

Nothing of this is in the program. A fail point wraps what the save goes through and kills the process the n-th time
that it is reached; a fault build breaks one promise, so that the checker can show that it sees it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from sqlalchemy import Connection, Engine, event, text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.exam import attempt
from app.exam.attempt import Decision, Response, Save
from app.exam.clock import State
from app.main import create_app
from app.pages import saves
from app.settings import Settings
from app.store import database, responses, scores
from app.store.database import Database
from app.store.responses import Answer, Incoming
from tests.faults.lines import HOST
from tests.faults.vfs import Disk, Trace, watch_files

POINTS = ("written", "committed", "answering", "answered", "scored")
"""Before the commit of a group of saves; after it; before the answer is sent; after; inside the commit of an end."""
BUILDS = ("acks-early", "no-base-rev", "unsynced")


@dataclass(frozen=True)
class Build:
    """What is to be served: the database, the port, what is wrong with the program (one of BUILDS), where it dies.

    With `trace` every write to SQLite's files and every answer is recorded there; `disk` is how writes fail. With
    `slow` every read of a page takes so many seconds more, inside its transaction.
    """

    url: str = ""
    port: int = 0
    wrong: str = ""
    point: str = ""
    after: int = 0
    trace: str = ""
    disk: Disk[int] | None = None
    slow: float = 0.0


SHIPPED = Build()


@dataclass
class Server:
    """A server process on the build's port. It can be killed and started again."""

    build: Build
    process: BaseProcess = field(init=False)
    point: str = ""

    def start(self, point: str = "", after: int = 0) -> None:
        """Start it; with a fail point, it kills itself there."""
        build = replace(self.build, point=point, after=after)
        self.point = point
        # A process that has everything imported waits to be forked: a start costs what the program itself does.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.faults.launch"])
        self.process = context.Process(target=serve, args=(build,), daemon=True)
        self.process.start()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process.is_alive():
            self.process.kill()
        self.process.join()

    def stop(self) -> None:
        """End it as an operator would."""
        if self.process.is_alive():
            self.process.terminate()
        self.process.join()


def serve(build: Build) -> None:
    """Serve until killed."""
    with ExitStack() as stack:
        trace = stack.enter_context(Trace(build.trace)) if build.trace else None
        if trace is not None or build.disk is not None:
            watch_files(trace, build.disk)
        if build.wrong:
            _WRONG[build.wrong]()
        if build.point:
            _die_at(build.point, build.after)
        if build.slow:
            _slow_reads(build.slow)
        app: ASGIApp = create_app(Settings(database_url=build.url, trusted_hosts=(HOST,), packs=()))
        if trace is not None:
            app = _recorded(app, trace)
        uvicorn.run(
            app, host=HOST, port=build.port, log_level="critical", access_log=False, server_header=False
        )


def _die_at(point: str, after: int) -> None:
    left = after

    def reached() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    endpoint: Any = saves.SaveResponse
    if point == "written":
        responses.save_all = _then(responses.save_all, reached)
    elif point == "scored":
        scores.close = _then(scores.close, reached)
    elif point == "committed":
        endpoint._flush = _then(endpoint._flush, reached)
    elif point == "answering":
        endpoint._answer = _first(endpoint._answer, reached)
    else:
        endpoint.__call__ = _afterwards(endpoint.__call__, reached)


def _then(inner: Callable[..., Any], reached: Callable[[], None]) -> Callable[..., Any]:
    def outer(*given: Any, **named: Any) -> Any:
        result = inner(*given, **named)
        reached()
        return result

    return outer


def _first(inner: Callable[..., Any], reached: Callable[[], None]) -> Callable[..., Any]:
    def outer(*given: Any) -> Any:
        reached()
        return inner(*given)

    return outer


def _afterwards(inner: Callable[..., Any], reached: Callable[[], None]) -> Callable[..., Any]:
    async def outer(*given: Any) -> None:
        await inner(*given)
        reached()

    return outer


def _acks_early() -> None:
    """Wrong: the answer goes out when the saves are written, and the commit comes a moment later."""

    def flush(self: Any, group: list[Incoming]) -> Sequence[Answer]:
        written: SimpleQueue[Sequence[Answer]] = SimpleQueue()

        def write() -> None:
            with self._site.database.writing() as tx:
                written.put(responses.save_all(tx, group, self._site.sheets))
                time.sleep(0.02)

        threading.Thread(target=write).start()
        return written.get()

    endpoint: Any = saves.SaveResponse
    endpoint._flush = flush


def _no_base_rev() -> None:
    """Wrong: whoever saves last wins, whatever they had seen."""
    right = attempt.decide

    def decide(save: Save, current: Response, state: State) -> Decision:
        return right(replace(save, base_rev=current.rev), current, state)

    changed: Any = responses
    changed.decide = decide


def _unsynced() -> None:
    """Wrong: SQLite does not wait for the disk, nor does PostgreSQL."""
    tuned, made = database._tune_sqlite, Database.__init__

    def tune(engine: Engine, begin: str) -> None:
        tuned(engine, begin)

        @event.listens_for(engine, "connect")
        def connected(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous=OFF")

    def init(self: Database, *given: Any, **named: Any) -> None:
        made(self, *given, **named)
        if not self.is_sqlite:

            @event.listens_for(self._writer, "begin")
            def begun(connection: Connection) -> None:
                connection.execute(text("SET LOCAL synchronous_commit = off"))

    changed: Any = database
    changed._tune_sqlite = tune
    Database.__init__ = init  # type: ignore[method-assign]  # this is what is wrong with the build


_WRONG = {"acks-early": _acks_early, "no-base-rev": _no_base_rev, "unsynced": _unsynced}


def _slow_reads(seconds: float) -> None:
    """Pages keep their connection for so long; saves read over a connection for writing."""
    quick = Database.reading

    def reading(self: Database) -> Any:
        entered = quick(self)
        enter = entered.__enter__

        class Slow:
            def __enter__(self) -> Connection:
                tx = enter()
                time.sleep(seconds)
                return tx

            def __exit__(self, *error: Any) -> None:
                entered.__exit__(*error)

        return Slow()

    Database.reading = reading  # type: ignore[method-assign]  # slower, and else the same


def _recorded(app: ASGIApp, trace: Trace) -> ASGIApp:
    """The application, with each acknowledged save written down just before its answer leaves."""

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        body = b""

        async def read() -> Message:
            nonlocal body
            message = await receive()
            body += message.get("body", b"")
            return message

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["method"] == "PUT":
                headers = {name.lower(): value.decode() for name, value in message["headers"]}
                if b"cutscore-outcome" in headers:
                    key = parse_qs(body.decode())["idempotency_key"][0]
                    trace.told(key, headers[b"cutscore-outcome"], int(headers[b"cutscore-rev"]))
            await send(message)

        await app(scope, read, answer)

    return outer
