"""Whatever is sent to any operation, as anybody: it is refused or done, and never a fault of the program.

`make fuzz` sends very many; the suite a few hundred for each kind of person.
"""

from __future__ import annotations

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exam.person import Role
from tests.journeys.world import Browser, World
from tests.pages.fuzz import Request, operations, requests
from tests.pages.tokens import bearing

API = "/api/v1"
FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
ANYBODY = (None, *Role)


def visitor(world: World, role: Role | None) -> Browser:
    """A browser of this kind of person."""
    return world.browser() if role is None else world.visitor(role)


def send(browser: Browser, asked: Request) -> httpx.Response:
    """Send what was made up."""
    return browser.send(
        asked.operation.method,
        asked.address,
        params=[(name, value.encode("utf-8", "replace").decode()) for name, value in asked.query],
        data=asked.form or None,
    )


def wrong(answer: httpx.Response, *, for_program: bool) -> str:
    """What an answer has wrong, in a word; empty when it is as it should be."""
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    location = answer.headers.get("location", "/")
    if not location.startswith("/") or location.startswith("//"):
        return f"leads to {location}"
    if for_program and answer.status_code >= 400:
        said = answer.json()
        return "" if set(said) == {"error"} and isinstance(said["error"], str) else f"says {said}"
    return ""


@pytest.mark.parametrize("role", ANYBODY, ids=str)
def test_b24_no_request_is_a_fault_of_the_program(fresh_world: World, role: Role | None) -> None:
    made = requests([one for one in operations(fresh_world.app) if not one.path.startswith(API)])
    browser = visitor(fresh_world, role)
    kept = dict(browser.client.cookies)

    @settings(suppress_health_check=FIXTURES, max_examples=settings().max_examples // 2)
    @given(asked=made)
    def sent(asked: Request) -> None:
        browser.client.cookies.clear()
        browser.client.cookies.update(kept)  # a guest of an earlier request is not this one's
        assert wrong(send(browser, asked), for_program=False) == ""

    sent()
    fresh_world.settle()


@pytest.mark.parametrize("role", ANYBODY, ids=str)
def test_b24_no_request_to_the_api_is_a_fault_of_the_program(fresh_world: World, role: Role | None) -> None:
    made = requests([one for one in operations(fresh_world.app) if one.path.startswith(API)])
    program = (
        fresh_world.browser(Authorization="Bearer x", Accept="*/*")
        if role is None
        else bearing(fresh_world, fresh_world.visitor(role))
    )

    @settings(suppress_health_check=FIXTURES, max_examples=settings().max_examples // 2)
    @given(asked=made)
    def sent(asked: Request) -> None:
        assert wrong(send(program, asked), for_program=True) == ""

    sent()


@settings(suppress_health_check=FIXTURES, max_examples=4)
@given(content=st.binary(max_size=200), name=st.text(max_size=20), format_name=st.text(max_size=10))
def test_b24_no_file_to_check_is_a_fault_of_the_program(
    sqlite_world: World, content: bytes, name: str, format_name: str
) -> None:
    program = bearing(sqlite_world, sqlite_world.visitor(Role.INSTRUCTOR))
    query = {"name": name, "format": format_name}
    answer = program.send("POST", f"{API}/packs/check", params=query, content=content)
    assert answer.status_code in (200, 413, 422)
    assert isinstance(answer.json(), dict)
    export = program.send("GET", f"{API}/packs/towers/export", params={"format": format_name})
    assert export.status_code == 422


def test_every_operation_is_made_up_from(fresh_world: World) -> None:
    found = {str(one) for one in operations(fresh_world.app)}
    assert {"GET /api/v1/packs", "POST /people/log-in", "GET /audit", "POST /attempts"} <= found
    assert len(found) > 60


def test_a_fault_and_a_way_out_are_noticed() -> None:
    assert wrong(httpx.Response(500), for_program=False) == "500"
    assert wrong(httpx.Response(303, headers={"location": "//evil.example"}), for_program=False)
    assert wrong(httpx.Response(404, json={"detail": "no"}), for_program=True)
    assert wrong(httpx.Response(404, json={"error": "no"}), for_program=True) == ""
