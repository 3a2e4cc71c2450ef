"""One keep-alive connection as a browser holds it, with as little work of our own as can be."""

from __future__ import annotations

import asyncio
from typing import NamedTuple, cast

HOST = "127.0.0.1"
_END = b"\r\n\r\n"


class LostError(ConnectionError):
    """The connection ended before the answer was whole."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    head: bytes
    body: bytes

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return _header(self.head, b"location").decode()


class Connection(asyncio.Protocol):
    """Sends one request at a time; opens itself when it is needed and was lost."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._received = b""

    async def open(self) -> None:
        """Connect, unless it is connected. Raises LostError."""
        if self._transport is not None:
            return
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, HOST, self._port)
        except OSError as error:
            raise LostError(str(error)) from error

    async def send(self, request: bytes) -> Answer:
        """The answer to a request. Raises LostError."""
        await self.open()
        assert self._transport is not None
        assert self._waiting is None, "one request at a time"
        self._waiting, self._received = asyncio.get_running_loop().create_future(), b""
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The system connected us."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop has a class of its own

    def data_received(self, data: bytes) -> None:
        """Part of an answer came."""
        self._received += data
        if self._waiting is None:
            return
        answer = parsed(self._received)
        if answer is not None:
            waiting, self._waiting = self._waiting, None
            if not waiting.done():
                waiting.set_result(answer)
            if b"connection: close" in answer.head.lower():
                self._hang_up()

    def connection_lost(self, error: Exception | None) -> None:
        """The other side hung up."""
        self._transport = None
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(LostError("the connection was closed"))

    def _hang_up(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()


def parsed(received: bytes) -> Answer | None:
    """An answer, once it is whole. Every answer of Cutscore says its length."""
    end = received.find(_END)
    if end < 0:
        return None
    head = received[:end]
    start = end + len(_END)
    length = int(_header(head, b"content-length") or 0)
    if len(received) < start + length:
        return None
    return Answer(int(head[9:12]), head, received[start : start + length])


def _header(head: bytes, name: bytes) -> bytes:
    at = head.lower().find(b"\r\n" + name + b":")
    if at < 0:
        return b""
    begin = at + len(name) + 3
    end = head.find(b"\r\n", begin)
    return head[begin : end if end >= 0 else len(head)].strip()
