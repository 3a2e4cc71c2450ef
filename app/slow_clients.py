"""Connections on which next to nothing comes in are closed: whoever sends a byte a second, in the head of a request
or in its body, must not hold a place for ever.

uvicorn ends idle connections between two requests, but waits without end for the rest of one.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GIVEN_UP = b"The request came in too slowly and was given up. Nothing of it was kept."
REQUEST_TIMEOUT = (
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: %d\r\n\r\n%b"
) % (len(GIVEN_UP), GIVEN_UP)


class Impatient(HttpToolsProtocol):
    """One connection, looked at now and then: while a request is coming in, at least `slowest` bytes a second do, on
    average over `patience` seconds. A save at the worst is one packet of a few hundred bytes, and comes again."""

    patience = 15.0
    between_looks = 5.0
    slowest = 100

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to look."""
        super().connection_made(transport)
        self._received = self._then = 0
        self._since: float | None = None
        self._look = self.loop.call_later(self.between_looks, self._looked)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking."""
        self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count, and go on as uvicorn does."""
        self._received += len(data)
        super().data_received(data)

    def _looked(self) -> None:
        if self.transport.is_closing():
            return
        now = self.loop.time()
        if not self._coming_in():
            self._since = None
        elif self._since is None:
            self._since, self._then = now, self._received
        elif now - self._since >= self.patience:
            if self._received - self._then < self.slowest * self.patience:
                self._give_up()
                return
            self._since, self._then = now, self._received
        self._look = self.loop.call_later(self.between_looks, self._looked)

    def _coming_in(self) -> bool:
        """Whether the rest of a request is due, and it is not us who do not read it."""
        cycle: Any = self.cycle
        if self.flow.read_paused:
            return False
        if cycle is None or cycle.response_complete:
            return self.timeout_keep_alive_task is None  # that timer runs between two requests
        return bool(cycle.more_body)

    def _give_up(self) -> None:
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(REQUEST_TIMEOUT)
        self.transport.close()
