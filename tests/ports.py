"""Ports for programs that tests start."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port of this machine that inside the block only who asks for it by its number gets, even after a restart."""
    with socket.socket() as holder:
        # Bound without listening: the system gives it to nobody else, and a server may still listen on it.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        port: int = holder.getsockname()[1]
        yield port
