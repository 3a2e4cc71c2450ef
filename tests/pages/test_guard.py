"""The guard: hosts, cross-site requests, sizes, and the headers of every answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.exam.person import Role
from app.pages.guard import SECURITY_HEADERS, Guard
from app.pages.render import static_digest
from app.store import people
from app.store.database import Database
from tests.journeys.routes import SAFE, routes
from tests.journeys.world import HOST, Browser, World
from tests.pages.test_authority import FILLED, OF_TOKENS, ROUTES

UNSAFE = [route for route in (*ROUTES, *sorted(OF_TOKENS)) if route[0] not in SAFE]
CROSS_SITE = {
    "nothing": {},
    "another origin": {"Origin": "https://evil.example"},
    "no origin": {"Origin": "null"},
    "a longer host": {"Origin": f"http://{HOST}.evil.example"},
    "another port": {"Origin": "http://127.0.0.1:9999"},
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a sibling": {"Sec-Fetch-Site": "same-site", "Origin": f"http://{HOST}"},
    "no address": {"Origin": "http://["},
    "a bearer beside a cookie": {"Authorization": "Bearer x", "Cookie": "cutscore=y"},
}


def bare(world: World) -> Browser:
    """A browser that says nothing of where its requests come from."""
    made = world.browser()
    del made.client.headers["Origin"]
    return made


@pytest.mark.parametrize("headers", CROSS_SITE.values(), ids=CROSS_SITE)
@pytest.mark.parametrize("route", UNSAFE, ids="{0[0]} {0[1]}".format)
def test_x10_no_other_site_can_change_anything(
    sqlite_world: World, route: tuple[str, str], headers: dict[str, str]
) -> None:
    method, path = route
    answer = bare(sqlite_world).send(method, path.format(**FILLED, attempt_id=1), headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text


def test_every_unsafe_route_is_in_the_matrix(sqlite_world: World) -> None:
    assert {route for route in routes(sqlite_world.app) if route[0] not in SAFE} == set(UNSAFE)


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Origin": f"http://{HOST}"}, {"Authorization": "Bearer x"}],
)
def test_the_own_site_and_bearers_without_cookies_come_in(
    sqlite_world: World, headers: dict[str, str]
) -> None:
    answer = bare(sqlite_world).send("POST", "/attempts", data={"exam": "short"}, headers=headers)
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "[", "[::1", "user@evil.example", "a b"]
)
def test_b25_a_foreign_host_is_refused(sqlite_world: World, host: str) -> None:
    assert sqlite_world.browser().get("/", Host=host).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.1:8000", "[::1]:8000"])
def test_the_own_hosts_are_served(sqlite_world: World, host: str) -> None:
    assert sqlite_world.browser().get("/healthz", Host=host).status_code == 200


ANSWERS = {
    "found": ("GET", "/", 200),
    "redirected": ("GET", "/attempts", 303),
    "health": ("GET", "/healthz", 200),
    "missing": ("GET", "/nowhere", 404),
    "missing item": ("GET", "/attempts/99999999", 303),
    "wrong method": ("DELETE", "/attempts", 405),
    "too large": ("POST", "/attempts", 413),
    "static": ("GET", f"/static/{static_digest()}/base.css", 200),
    "htmx": ("GET", f"/static/{static_digest()}/htmx.js", 200),
    "missing static": ("GET", f"/static/{static_digest()}/nothing.css", 404),
}


@pytest.mark.parametrize("case", ANSWERS.values(), ids=ANSWERS)
def test_x11_every_answer_has_the_security_headers(sqlite_world: World, case: tuple[str, str, int]) -> None:
    method, path, status = case
    body = b"x" * 70_000 if status == 413 else b""
    answer = sqlite_world.browser().send(method, path, content=body)
    assert answer.status_code == status
    assert_guarded(answer, kept=path.startswith("/static/") and status == 200)


@pytest.mark.parametrize("route", ROUTES, ids="{0[0]} {0[1]}".format)
def test_x11_x25_every_route_has_the_security_headers(sqlite_world: World, route: tuple[str, str]) -> None:
    method, path = route
    visitor = sqlite_world.visitor(Role.CANDIDATE)
    assert_guarded(visitor.send(method, path.format(**FILLED, attempt_id=1)), kept=False)


def assert_guarded(answer: httpx.Response, *, kept: bool) -> None:
    """The headers are there, and only static files may be kept by browsers."""
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers.get_list(name) == [value]
    expected = "public, max-age=31536000, immutable" if kept else "no-store"
    assert answer.headers.get_list("cache-control") == [expected]


def test_a_fault_of_the_program_is_answered_with_headers_and_without_details(sqlite_world: World) -> None:
    @sqlite_world.app.get("/broken")
    def broken() -> None:
        raise RuntimeError("the secret inside")

    try:
        answer = sqlite_world.browser().get("/broken")
    finally:
        sqlite_world.app.router.routes.pop()
    assert answer.status_code == 500
    assert "secret inside" not in answer.text
    assert_guarded(answer, kept=False)


def test_secure_cookies_ask_for_secure_transport(fresh_world: World) -> None:
    secure = Guard(fresh_world.app, replace(fresh_world.site.settings, secure_cookies=True))
    assert (b"strict-transport-security", b"max-age=31536000") in secure._headers


LARGE = b"text=" + b"x" * 70_000
FORMS = [
    route for route in UNSAFE if "{attempt_id}" in route[1] or route[1] in ("/attempts", "/people/log-in")
]


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
@pytest.mark.parametrize("route", FORMS, ids="{0[0]} {0[1]}".format)
def test_b01_a_body_over_the_limit_is_refused(
    sqlite_world: World, route: tuple[str, str], chunked: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(LARGE), 10_000):
            yield LARGE[start : start + 10_000]

    method, path = route
    visitor = sqlite_world.visitor(Role.CANDIDATE)
    sitting = visitor.start()
    address = path.format(**FILLED, attempt_id=sitting.attempt.id)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    before = sqlite_world.fingerprint()
    answer = visitor.send(method, address, content=pieces() if chunked else LARGE, headers=headers)
    reads_nothing = path.rpartition("/")[2] in ("end", "pause", "resume", "abandon", "revoke")
    if chunked and reads_nothing:
        return
    assert answer.status_code == 413
    assert sqlite_world.fingerprint() == before


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "", "9" * 5000, "٣"])
def test_b01_a_length_that_cannot_be_read_is_refused(sqlite_world: World, length: str) -> None:
    headers = [(b"content-length", length.encode())]
    answer = sqlite_world.browser().send("POST", "/attempts", headers=headers)
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize(
    "path",
    [
        "/attempts/" + "9" * 5000,
        "/attempts/" + "9" * 5000 + "/responses/1",
        "/attempts/1/responses/" + "9" * 5000,
        "/attempts/-1/responses/1",
        "/attempts/x/responses/1",
        "/attempts/1/questions/0",
        "/reports/1e3",
        "/reports/%00",
        "/exams/%00",
        "/exams/" + "x" * 5000,
        "/people/links/%00",
        f"/static/{static_digest()}/../../pyproject.toml",
        f"/static/{static_digest()}/%2e%2e/pyproject.toml",
        f"/static/{static_digest()}/%00",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_b24_b25_a_strange_address_is_never_a_fault_of_the_program(
    world: World, method: str, path: str
) -> None:
    visitor = world.visitor(Role.CANDIDATE)
    assert visitor.send(method, path).status_code in (404, 405, 422)


@pytest.mark.parametrize(
    "ranges", ["0-1", "0-", "-5", *(["0-1," * 5_000 + "0-1"]), "9-1", "x", "0-99999999999"]
)
def test_b25_many_ranges_are_refused(sqlite_world: World, ranges: str) -> None:
    path = f"/static/{static_digest()}/base.css"
    whole = sqlite_world.browser().get(path)
    answer = sqlite_world.browser().get(path, Range=f"bytes={ranges}")
    assert answer.status_code in (200, 206, 400, 416)
    assert len(answer.content) <= len(whole.content) + 1_000


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/debug", "/console", "/admin"])
def test_x23_nothing_is_open_that_only_developers_need(sqlite_world: World, path: str) -> None:
    assert sqlite_world.browser().get(path).status_code == 404
    assert sqlite_world.app.debug is False


def test_x23_a_new_server_has_no_account(database: Database) -> None:
    with database.reading() as tx:
        assert people.accounts(tx) == ()
        assert not people.has_admin(tx)


def test_who_goes_away_in_the_middle_of_a_file_is_no_fault(
    sqlite_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    instructor = sqlite_world.visitor(Role.INSTRUCTOR)
    cookies = "; ".join(f"{one.name}={one.value}" for one in instructor.client.cookies.jar)
    headers = [
        (b"host", HOST.encode()),
        (b"origin", f"http://{HOST}".encode()),
        (b"cookie", cookies.encode()),
    ]
    headers.append((b"content-type", b"multipart/form-data; boundary=x"))
    scope = {"type": "http", "method": "POST", "path": "/packs/import", "raw_path": b"/packs/import"}
    scope |= {"query_string": b"", "headers": headers, "client": ("10.9.9.9", 1), "scheme": "http"}
    came = [{"type": "http.request", "body": b"--x\r\n", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return came.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    before = sqlite_world.fingerprint()
    sqlite_world.portal.call(sqlite_world.app, scope, receive, send)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert sqlite_world.fingerprint() == before
