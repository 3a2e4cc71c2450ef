"""Health is told to whoever asks by whatever name: load balancers ask by address."""

from __future__ import annotations

import pytest

from tests.journeys.world import World

FOREIGN = ["evil.example", "10.0.0.7:8000", ""]


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_told_under_every_host_name(sqlite_world: World, path: str, host: str) -> None:
    assert sqlite_world.browser().get(path, Host=host).status_code == 200


@pytest.mark.parametrize("path", ["/healthz/", "/readyz/x", "/people/log-in", "/static/healthz"])
def test_nothing_else_is_served_under_a_foreign_name(sqlite_world: World, path: str) -> None:
    assert sqlite_world.browser().get(path, Host=FOREIGN[0]).status_code == 400


def test_an_unsafe_request_from_elsewhere_is_refused_there_too(sqlite_world: World) -> None:
    answer = sqlite_world.browser().send(
        "POST", "/healthz", headers={"Host": "evil.example", "Origin": "null"}
    )
    assert answer.status_code == 403
