"""The proxy of docker-compose.yml before a small server of our own, which says in which order requests reach it."""

from __future__ import annotations

import csv
import os
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.load.connection import HOST
from tests.load.targets import PATIENCE, proxy_configuration, running_proxy
from tests.ports import reserved_port

HAPROXY_WAIVER = "CUTSCORE_WITHOUT_HAPROXY"
HELD, DROPPED = "/held", "/dropped"
"""Paths that the server answers when it is told to, or never: it hangs up."""


class Reached(NamedTuple):
    """A request that reached the server."""

    method: str
    path: str
    headers: Sequence[tuple[str, str]]


@dataclass
class Proxied:
    """A server behind the proxy, which takes one request at a time; the others wait in the proxy."""

    reached: list[Reached] = field(default_factory=list)
    port: int = 0
    looks: int = 0
    """The port where the proxy says how many wait."""
    go_on: threading.Event = field(default_factory=threading.Event)
    _sockets: list[socket.socket] = field(default_factory=list)

    def send(self, method: str, path: str, headers: str = "") -> socket.socket:
        """Send a request on a connection of its own, without waiting for the answer."""
        connection = socket.create_connection((HOST, self.port), timeout=PATIENCE)
        self._sockets.append(connection)
        length = "" if method == "GET" else "Content-Length: 0\r\n"
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: test\r\n{length}{headers}\r\n".encode())
        return connection

    def status(self, connection: socket.socket) -> int:
        """Wait for the answer; its status."""
        return int(connection.recv(100).split()[1])

    def hold(self) -> socket.socket:
        """Keep the server busy until it may go on."""
        connection = self.send("GET", HELD)
        _wait(lambda: [one.path for one in self.reached] == [HELD])
        return connection

    def wait_for_waiting(self, count: int) -> None:
        """Wait until so many requests wait in the proxy."""
        _wait(lambda: self._waiting() == count)

    def _waiting(self) -> int:
        with urllib.request.urlopen(f"http://{HOST}:{self.looks}/;csv", timeout=PATIENCE) as answer:
            rows = list(csv.DictReader(answer.read().decode().removeprefix("# ").splitlines()))
        return sum(int(row["qcur"] or 0) for row in rows if row["pxname"] == "servers")

    def close(self) -> None:
        """Hang up everywhere."""
        self.go_on.set()
        for connection in self._sockets:
            connection.close()


Proxy = Callable[[Callable[[str], str]], AbstractContextManager[Proxied]]
"""Starts the proxy with the configuration that ships, changed by a function."""


@pytest.fixture
def proxy(tmp_path: Path) -> Proxy:
    """The proxy. A missing HAProxy is a failure, unless it is waived."""
    if os.environ.get(HAPROXY_WAIVER):
        pytest.skip(f"waived by {HAPROXY_WAIVER}")

    @contextmanager
    def started(change: Callable[[str], str]) -> Iterator[Proxied]:
        with ExitStack() as stack:
            made = Proxied()
            server = ThreadingHTTPServer((HOST, 0), _handler(made))
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            made.port, made.looks = (stack.enter_context(reserved_port()) for _ in range(2))
            text = change(proxy_configuration(made.port, [server.server_port]))
            one_at_a_time = text.replace(
                f"{HOST}:{server.server_port}", f"{HOST}:{server.server_port} maxconn 1"
            )
            looks = f"listen looks\n    bind {HOST}:{made.looks}\n    stats enable\n    stats uri /\n"
            stack.enter_context(running_proxy(tmp_path, made.port, f"{one_at_a_time}\n{looks}"))
            stack.callback(made.close)
            made.reached.clear()
            yield made

    return started


def _handler(made: Proxied) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            if self.path != "/readyz":
                made.reached.append(Reached(self.command, self.path, self.headers.items()))
            if self.path == HELD:
                made.go_on.wait(PATIENCE)
            if self.path == DROPPED:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - these names are asked for

        def log_message(self, *said: object) -> None:
            """Nobody reads it."""

    return Handler


def _wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < end
        time.sleep(0.01)
