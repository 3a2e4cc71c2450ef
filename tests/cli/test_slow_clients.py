"""B02: a request that comes in a byte at a time is given up and its place is free; one that comes in is not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.slow_clients import Impatient

HEAD = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 400\r\n\r\n"


class Hasty(Impatient):
    """As the real one, in a hurry."""

    patience = 0.3
    between_looks = 0.05
    slowest = 100


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with how much came."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[uvicorn.Server, int]]:
    """A server in a thread, and its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    made = uvicorn.Server(uvicorn.Config(echo, http=Hasty, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=made.run, kwargs={"sockets": [listening]})
    thread.start()
    while not made.started:
        time.sleep(0.01)
    yield made, listening.getsockname()[1]
    made.should_exit = True
    thread.join()
    listening.close()


def drip(server: tuple[uvicorn.Server, int], first: bytes, drops: bytes = b"x") -> bytes:
    """What comes back when so much is sent at once, and then a byte at a time until the server has enough."""
    with socket.create_connection(("127.0.0.1", server[1]), timeout=60) as client:
        client.settimeout(0.05)
        client.sendall(first)
        while True:
            try:
                return client.recv(10_000)
            except TimeoutError:
                client.sendall(drops)


def no_connection_is_held(server: uvicorn.Server) -> bool:
    held, end = server.server_state, time.monotonic() + 60
    while (held.connections or held.tasks) and time.monotonic() < end:
        time.sleep(0.01)
    return not held.connections and not held.tasks


@pytest.mark.parametrize(
    "first", [b"GET /", b"GET / HTTP/1.1\r\nX-Slow: ", HEAD], ids=["line", "head", "body"]
)
def test_b02_a_request_that_comes_in_by_drops_is_given_up(
    server: tuple[uvicorn.Server, int], first: bytes
) -> None:
    answer = drip(server, first)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert answer.endswith(b"Nothing of it was kept.")
    assert no_connection_is_held(server[0])


def test_b02_a_connection_on_which_nothing_comes_is_given_up(server: tuple[uvicorn.Server, int]) -> None:
    assert drip(server, b"", b"").startswith(b"HTTP/1.1 408 ")


def test_b02_a_second_request_by_drops_is_given_up(server: tuple[uvicorn.Server, int]) -> None:
    with socket.create_connection(("127.0.0.1", server[1]), timeout=60) as client:
        client.sendall(HEAD + b"x" * 400)
        assert client.recv(10_000).endswith(b"400")
        client.sendall(b"GET /")
        assert client.recv(10_000).startswith(b"HTTP/1.1 408 ")


def test_b02_a_request_that_comes_in_steadily_is_answered(server: tuple[uvicorn.Server, int]) -> None:
    assert drip(server, HEAD, b"x" * 50).endswith(b"\r\n\r\n400")
