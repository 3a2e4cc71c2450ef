"""The ceiling: what a save costs with nothing around it. A bare ASGI callable, one connection, one group commit.

It checks nothing and knows nobody: it takes the body, writes the two rows that a save writes (the log's and the
projection's), durably, many waiting ones in one transaction, and answers.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from secrets import token_hex

import psycopg
from starlette.types import Receive, Scope, Send

Row = tuple[int, int, int, str, str]
_EVENT = (
    "INSERT INTO response_event (attempt_id, position, client_id, client_seq, idempotency_key, base_rev, outcome,"
    " rev, choice, marks, at) VALUES (?, ?, 'raw', ?, ?, 0, 'accepted', NULL, '[\"a\"]', '{}', ?)"
)
_RESPONSE = (
    "INSERT INTO response (attempt_id, position, rev, choice, marks, client_id, client_seq)"
    " VALUES (?, ?, 1, '[\"a\"]', '{}', 'raw', ?) ON CONFLICT (attempt_id, position) DO UPDATE SET"
    " rev = response.rev + 1, choice = excluded.choice, marks = excluded.marks, client_seq = excluded.client_seq"
)


class Ceiling:
    """The bare callable."""

    def __init__(self, url: str) -> None:
        self._flush = _into_postgresql(url) if url.startswith("postgresql") else _into_sqlite(url)
        self._waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self._thread = ThreadPoolExecutor(1)
        self._running: asyncio.Task[None] | None = None
        self._run_name, self._numbers = token_hex(4), count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one save."""
        if scope["type"] != "http":
            return
        await receive()
        _, _, attempt_id, _, position = scope["path"].split("/")
        number = next(self._numbers)
        row = (int(attempt_id), int(position), number, f"{self._run_name}-{number}", str(datetime.now(UTC)))
        loop = asyncio.get_running_loop()
        committed = loop.create_future()
        self._waiting.append((row, committed))
        if self._running is None:
            self._running = loop.create_task(self._run())
        await committed
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"Saved"})

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            rows = [row for row, _ in group]
            flushed = asyncio.get_running_loop().run_in_executor(self._thread, self._flush, rows)
            error = (await asyncio.gather(flushed, return_exceptions=True))[0]
            for _, committed in group:
                if error is None:
                    committed.set_result(None)
                else:
                    committed.set_exception(error)
        self._running = None


def _into_sqlite(url: str) -> Callable[[list[Row]], None]:
    connection = sqlite3.connect(
        url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
    )
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")

    def flush(rows: list[Row]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_EVENT, rows)
        connection.executemany(_RESPONSE, [row[:3] for row in rows])
        connection.execute("COMMIT")

    return flush


def _into_postgresql(url: str) -> Callable[[list[Row]], None]:
    connection = psycopg.connect(url)
    event, response = _EVENT.replace("?", "%s").encode(), _RESPONSE.replace("?", "%s").encode()

    def flush(rows: list[Row]) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(event, rows)
            cursor.executemany(response, [row[:3] for row in rows])

    return flush
