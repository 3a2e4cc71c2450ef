"""Requests as a browser sends them, and two ways to send them: straight into an ASGI callable, and over a socket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message, Scope

HOST = "127.0.0.1"
_BROWSER = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "accept-language": "en-US,en;q=0.5",
    "accept-encoding": "gzip, deflate, br, zstd",
    "connection": "keep-alive",
    "sec-fetch-site": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request of one browser."""

    method: str
    path: str
    token: str
    body: bytes = b""
    accept: str = "text/html"
    bearer: str = ""  # of a program

    def headers(self) -> dict[str, str]:
        """The headers, as Firefox and htmx write them."""
        headers = {"host": HOST, "accept": self.accept, **_BROWSER, "cookie": f"cutscore={self.token}"}
        if self.bearer:
            headers["authorization"] = f"Bearer {self.bearer}"
        if self.method not in ("GET", "HEAD"):
            headers |= {
                "origin": f"http://{HOST}",
                "content-type": "application/x-www-form-urlencoded",
                "content-length": str(len(self.body)),
            }
        if self.method == "PUT":
            headers |= {
                "hx-request": "true",
                "hx-target": "saved",
                "hx-current-url": f"http://{HOST}/attempts/1",
            }
        return headers

    def encoded(self) -> bytes:
        """The request as it goes over a socket."""
        lines = [
            f"{self.method} {self.path} HTTP/1.1",
            *(f"{n}: {v}" for n, v in self.headers().items()),
            "",
            "",
        ]
        return "\r\n".join(lines).encode() + self.body

    def scope(self) -> Scope:
        """The request as a server hands it to an ASGI callable."""
        path, _, query = self.path.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in self.headers().items()],
            "client": (HOST, 50000),
            "server": (HOST, 8000),
            "state": {},
        }


def save(attempt_id: int, position: int, token: str, option: str, sequence: int) -> Request:
    """The save that a change of one answer makes."""
    client = "4f1c7a0e9b2d4c55"
    fields = {
        "choice": option,
        "seen": "1",
        "elapsed_ms": 81_250,
        "client_id": client,
        "client_seq": sequence,
        "idempotency_key": f"{client}-{sequence}",
        "base_rev": 0,
    }
    path = f"/attempts/{attempt_id}/responses/{position}"
    return Request("PUT", path, token, urlencode(fields).encode(), "*/*")


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Prepared:
    """A request made ready beforehand, so that making it is not measured."""

    def __init__(self, request: Request) -> None:
        self._scope, self._body = request.scope(), request.body
        self.answer = Answer()

    async def send_to(self, app: ASGIApp) -> None:
        """Send it; the answer is kept. RuntimeError when it is an error."""
        await self.look(app)
        if self.answer.status >= 400:
            raise RuntimeError(f"{self._scope['path']}: {self.answer.status} {self.answer.body[:300]!r}")

    async def look(self, app: ASGIApp) -> None:
        """Send it; the answer is kept, whatever it is."""
        await app(self._scope, self._receive, self._send)

    async def _receive(self) -> Message:
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answer.status = message["status"]
            self.answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.answer.body += message.get("body", b"")


async def ask(app: ASGIApp, request: Request) -> Answer:
    """The answer of an ASGI callable to one request."""
    prepared = Prepared(request)
    await prepared.send_to(app)
    return prepared.answer


async def send_all(app: ASGIApp, lanes: Sequence[Sequence[Prepared]]) -> None:
    """Send the requests of each lane one after the other, all lanes at once."""

    async def drive(lane: Sequence[Prepared]) -> None:
        for request in lane:
            await request.send_to(app)

    await asyncio.gather(*(drive(lane) for lane in lanes))


async def send_over_sockets(port: int, lanes: Sequence[Sequence[bytes]]) -> list[float]:
    """The same over connections of their own; the seconds that each request took. RuntimeError on an error."""
    connections = [await asyncio.open_connection(HOST, port) for _ in lanes]

    async def drive(number: int) -> list[float]:
        reader, writer = connections[number]
        seconds = []
        for request in lanes[number]:
            sent = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 2"):
                raise RuntimeError(head.decode())
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            seconds.append(time.perf_counter() - sent)
        return seconds

    try:
        return [second for lane in await asyncio.gather(*map(drive, range(len(lanes)))) for second in lane]
    finally:
        for _, writer in connections:
            writer.close()
