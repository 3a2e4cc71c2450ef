"""No test reaches beyond this machine."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.conftest import OutsideNetworkError


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("10.0.0.1", 443), ("2001:db8::1", 80)])
def test_x15_connecting_outside_is_refused(address: tuple[str, int]) -> None:
    with pytest.raises(OutsideNetworkError):
        socket.create_connection(address, timeout=0.1)


def test_resolving_a_name_is_refused() -> None:
    with pytest.raises(OutsideNetworkError):
        socket.getaddrinfo("example.org", 80)


def test_sending_a_datagram_outside_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, pytest.raises(OutsideNetworkError):
        sender.sendto(b"x", ("192.0.2.1", 53))


def test_connecting_outside_from_an_event_loop_is_refused() -> None:
    with pytest.raises(OutsideNetworkError):
        asyncio.run(asyncio.wait_for(asyncio.open_connection("192.0.2.1", 80), 1))


def test_connecting_to_this_machine_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
