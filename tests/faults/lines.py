"""Lines from a browser to a server: a good one, and a bad one that loses, repeats and reorders what it carries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

HOST = "127.0.0.1"
PATIENCE = 20.0  # seconds; a pool that is exhausted answers after five


class LostError(Exception):
    """No answer came. What was asked may have been done or not."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The head of an answer: its status and its headers, names in small letters."""

    status: int
    headers: dict[str, str]


@dataclass
class Line:
    """One connection, kept open, made anew when it broke, perhaps to another server. One request at a time."""

    port: int
    another: Callable[[], int] | None = None
    _ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Reply:
        """The answer to a request. Raises LostError."""
        try:
            async with asyncio.timeout(PATIENCE):
                if self._ends is None:
                    self._ends = await asyncio.open_connection(HOST, self.port)
                reader, writer = self._ends
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {n.lower(): v.strip() for n, _, v in (row.partition(":") for row in head[1:])}
                await reader.readexactly(int(headers.get("content-length", "0")))
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self.close()
            self.port = self.another() if self.another is not None else self.port
            raise LostError(str(error)) from error
        except asyncio.CancelledError:
            self.close()
            raise
        if headers.get("connection") == "close":
            self.close()
        return Reply(int(head[0].split()[1]), headers)

    def close(self) -> None:
        """Hang up."""
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None


@dataclass
class BadLine:
    """A line on which requests wait, overtake each other, come up to five times or never, and answers are lost."""

    port: int
    random: Random
    late: set[asyncio.Task[None]] = field(default_factory=set)

    async def ask(self, request: bytes) -> Reply:
        """The answer to the first copy that arrives. Raises LostError."""
        for _ in range(self.random.choice((0, 0, 0, 1, 4))):
            copy = asyncio.create_task(self._repeat(request, self.random.uniform(0, 0.2)))
            self.late.add(copy)
            copy.add_done_callback(self.late.discard)
        await asyncio.sleep(self.random.uniform(0, 0.05))
        fate = self.random.random()
        if fate < 0.1:
            raise LostError("the request was lost")
        reply = await _once(self.port, request)
        if fate > 0.9:
            raise LostError("the answer was lost")
        return reply

    async def settled(self) -> None:
        """Wait until no copy is under way."""
        while self.late:
            await asyncio.wait(self.late)

    def close(self) -> None:
        """Each request has a connection of its own."""

    async def _repeat(self, request: bytes, after: float) -> None:
        await asyncio.sleep(after)
        try:
            await _once(self.port, request)
        except LostError:
            return


async def _once(port: int, request: bytes) -> Reply:
    line = Line(port)
    try:
        return await line.ask(request)
    finally:
        line.close()
