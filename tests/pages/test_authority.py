"""Who may do what: matrices of every route against every kind of person, generated from the route table.

A route without a row here fails, so that nobody adds one without saying who may use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from app.exam.person import Role
from tests.journeys.routes import routes
from tests.journeys.world import Sitting, World
from tests.packs import PILOTED
from tests.pages.tokens import bearing

ANYBODY, SOMEBODY, INSTRUCTOR, ADMIN = "anybody", "somebody", "instructor", "admin"
WHO_MAY = {
    ("GET", "/"): ANYBODY,
    ("GET", "/api/v1/docs"): INSTRUCTOR,
    ("GET", "/api/v1/openapi.json"): ANYBODY,
    ("GET", "/assignments/{assignment_id}"): SOMEBODY,
    ("GET", "/assignments/{assignment_id}/members/{person_id}"): INSTRUCTOR,
    ("GET", "/assignments/{assignment_id}/results"): INSTRUCTOR,
    ("GET", "/assignments/{assignment_id}/results.csv"): INSTRUCTOR,
    ("GET", "/assignments/{assignment_id}/window"): INSTRUCTOR,
    ("GET", "/attempts"): SOMEBODY,
    ("GET", "/cohorts"): SOMEBODY,
    ("GET", "/cohorts/{cohort_id}"): INSTRUCTOR,
    ("GET", "/cohorts/{cohort_id}/close"): INSTRUCTOR,
    ("GET", "/cohorts/{cohort_id}/new-assignment"): INSTRUCTOR,
    ("GET", "/audit"): ADMIN,
    ("GET", "/exams/{exam_id}"): ANYBODY,
    ("GET", "/exams/{exam_id}/items"): INSTRUCTOR,
    ("GET", "/exams/{exam_id}/items.csv"): INSTRUCTOR,
    ("GET", "/exams/{exam_id}/items/{item_version_id}"): INSTRUCTOR,
    ("GET", "/exams/{exam_id}/items/{item_version_id}/regrade"): INSTRUCTOR,
    ("GET", "/exams/{exam_id}/measurement"): INSTRUCTOR,
    ("GET", "/exams/{exam_id}/measurement/report"): INSTRUCTOR,
    ("GET", "/exams/{exam_id}/measurement/report.md"): INSTRUCTOR,
    ("GET", "/exams/{exam_id}/measurement/{version_id}"): INSTRUCTOR,
    ("GET", "/exams/{exam_id}/standard"): INSTRUCTOR,
    ("GET", "/exams/{exam_id}/standard/items.csv"): INSTRUCTOR,
    ("GET", "/healthz"): ANYBODY,
    ("GET", "/invitations/{token}"): ANYBODY,
    ("GET", "/item-reports"): INSTRUCTOR,
    ("GET", "/jobs/{job_id}"): INSTRUCTOR,
    ("GET", "/jobs/{job_id}/progress"): INSTRUCTOR,
    ("GET", "/metrics"): ANYBODY,
    ("GET", "/media/{sha256}"): ANYBODY,
    ("GET", "/notes"): SOMEBODY,
    ("GET", "/packs"): INSTRUCTOR,
    ("GET", "/packs/{pack_id}"): INSTRUCTOR,
    ("GET", "/packs/{pack_id}/export"): INSTRUCTOR,
    ("GET", "/packs/{pack_id}/exams/{exam_id}"): INSTRUCTOR,
    ("GET", "/packs/{pack_id}/items"): INSTRUCTOR,
    ("GET", "/packs/{pack_id}/items/{item_id}"): INSTRUCTOR,
    ("GET", "/packs/{pack_id}/items/{item_id}/edit"): INSTRUCTOR,
    ("GET", "/packs/{pack_id}/new-item"): INSTRUCTOR,
    ("GET", "/packs/import"): INSTRUCTOR,
    ("GET", "/packs/imports"): INSTRUCTOR,
    ("GET", "/packs/imports/{import_id}"): INSTRUCTOR,
    ("GET", "/people"): ADMIN,
    ("GET", "/people/account"): SOMEBODY,
    ("GET", "/people/account/data.json"): SOMEBODY,
    ("GET", "/people/account/delete"): SOMEBODY,
    ("GET", "/people/links/{token}"): ANYBODY,
    ("GET", "/people/log-in"): ANYBODY,
    ("GET", "/people/register"): ANYBODY,
    ("GET", "/people/tokens"): INSTRUCTOR,
    ("GET", "/practice"): SOMEBODY,
    ("GET", "/practice/{set_id}"): SOMEBODY,
    ("GET", "/practice/{set_id}/{position}"): SOMEBODY,
    ("GET", "/readyz"): ANYBODY,
    ("POST", "/assignments/{assignment_id}/extra-time"): INSTRUCTOR,
    ("POST", "/assignments/{assignment_id}/release"): INSTRUCTOR,
    ("POST", "/assignments/{assignment_id}/window"): INSTRUCTOR,
    ("POST", "/assignments/{assignment_id}/withdraw"): INSTRUCTOR,
    ("GET", "/study"): SOMEBODY,
    ("GET", "/study/settings"): SOMEBODY,
    ("GET", "/status"): ADMIN,
    ("GET", "/verify/{token}"): ANYBODY,
    ("POST", "/attempts"): ANYBODY,
    ("POST", "/cohorts"): INSTRUCTOR,
    ("POST", "/cohorts/{cohort_id}/close"): INSTRUCTOR,
    ("POST", "/cohorts/{cohort_id}/invitation"): INSTRUCTOR,
    ("POST", "/cohorts/{cohort_id}/invitation/withdraw"): INSTRUCTOR,
    ("POST", "/cohorts/{cohort_id}/leave"): SOMEBODY,
    ("POST", "/cohorts/{cohort_id}/members/{person_id}/remove"): INSTRUCTOR,
    ("POST", "/cohorts/{cohort_id}/name"): INSTRUCTOR,
    ("POST", "/cohorts/{cohort_id}/new-assignment"): INSTRUCTOR,
    ("POST", "/cohorts/{cohort_id}/shares"): INSTRUCTOR,
    ("POST", "/cohorts/{cohort_id}/shares/{person_id}/end"): INSTRUCTOR,
    ("POST", "/exams/{exam_id}/items/{item_version_id}/regrade"): INSTRUCTOR,
    ("POST", "/exams/{exam_id}/items/{item_version_id}/regrade/again"): INSTRUCTOR,
    ("POST", "/exams/{exam_id}/items/{item_version_id}/regrade/confirm"): INSTRUCTOR,
    ("POST", "/exams/{exam_id}/measurement/analyse"): INSTRUCTOR,
    ("POST", "/exams/{exam_id}/measurement/calibrate"): INSTRUCTOR,
    ("POST", "/exams/{exam_id}/measurement/reference"): INSTRUCTOR,
    ("POST", "/exams/{exam_id}/measurement/{version_id}/adopt"): INSTRUCTOR,
    ("POST", "/exams/{exam_id}/standard"): INSTRUCTOR,
    ("GET", "/packs/{pack_id}/new-exam"): INSTRUCTOR,
    ("POST", "/packs/{pack_id}/exams/{exam_id}"): INSTRUCTOR,
    ("POST", "/invitations/{token}"): ANYBODY,
    ("POST", "/item-reports/answer"): INSTRUCTOR,
    ("POST", "/packs/{pack_id}/items/status"): INSTRUCTOR,
    ("POST", "/packs/{pack_id}/new-exam"): INSTRUCTOR,
    ("POST", "/packs/{pack_id}/items/{item_id}/edit"): INSTRUCTOR,
    ("POST", "/packs/{pack_id}/new-item"): INSTRUCTOR,
    ("POST", "/packs/{pack_id}/preview"): INSTRUCTOR,
    ("POST", "/packs/import"): INSTRUCTOR,
    ("POST", "/packs/imports/{import_id}"): INSTRUCTOR,
    ("POST", "/packs/imports/{import_id}/discard"): INSTRUCTOR,
    ("POST", "/packs/imports/{import_id}/read"): INSTRUCTOR,
    ("POST", "/packs/imports/{import_id}/undo"): INSTRUCTOR,
    ("POST", "/people/account/delete"): SOMEBODY,
    ("POST", "/people/account/password"): SOMEBODY,
    ("POST", "/people/links/{token}"): ANYBODY,
    ("POST", "/people/log-in"): ANYBODY,
    ("POST", "/people/log-out"): ANYBODY,
    ("POST", "/people/register"): ANYBODY,
    ("POST", "/people/sessions/revoke-others"): SOMEBODY,
    ("POST", "/people/sessions/{session_id}/revoke"): SOMEBODY,
    ("POST", "/people/tokens"): INSTRUCTOR,
    ("POST", "/people/tokens/{token_id}/revoke"): INSTRUCTOR,
    ("POST", "/people/{person_id}/link"): ADMIN,
    ("POST", "/people/{person_id}/role"): ADMIN,
    ("POST", "/practice"): SOMEBODY,
    ("POST", "/practice/{set_id}/end"): SOMEBODY,
    ("POST", "/practice/{set_id}/{position}"): SOMEBODY,
    ("POST", "/study"): SOMEBODY,
    ("POST", "/study/settings"): SOMEBODY,
}
# What the owner of an open attempt gets. Everybody else gets 404; who is not logged in is asked to.
OF_THE_OWNER = {
    ("GET", "/attempts/{attempt_id}"): 200,
    ("GET", "/attempts/{attempt_id}/end"): 200,
    ("GET", "/attempts/{attempt_id}/questions/{position}"): 200,
    ("GET", "/attempts/{attempt_id}/state"): 200,
    ("GET", "/reports/{attempt_id}"): 303,
    ("GET", "/reports/{attempt_id}/questions/{position}"): 303,
    ("GET", "/reports/{attempt_id}/questions/{position}/problem"): 303,
    ("GET", "/reports/{attempt_id}/verification"): 303,
    ("POST", "/reports/{attempt_id}/questions/{position}/note"): 303,
    ("POST", "/reports/{attempt_id}/verification"): 303,
    ("POST", "/reports/{attempt_id}/verification/revoke"): 303,
    ("GET", "/reports/{attempt_id}/review"): 303,
    ("GET", "/reports/{attempt_id}/debrief"): 303,
    ("GET", "/reports/{attempt_id}/result.json"): 303,
    ("GET", "/reports/{attempt_id}/answers.csv"): 303,
    ("GET", "/reports/{attempt_id}/gains.csv"): 303,
    ("POST", "/attempts/{attempt_id}/abandon"): 422,
    ("POST", "/reports/{attempt_id}/questions/{position}/problem"): 303,
    ("POST", "/attempts/{attempt_id}/end"): 303,
    ("POST", "/attempts/{attempt_id}/pause"): 409,
    ("POST", "/attempts/{attempt_id}/responses"): 303,
    ("POST", "/attempts/{attempt_id}/resume"): 303,
    ("PUT", "/attempts/{attempt_id}/responses/{position}"): 200,
    ("PUT", "/attempts/{attempt_id}/scratchpad"): 204,
}
# Open to the tokens of instructors alone: tests/pages/test_api.py.
OF_TOKENS = {
    ("GET", "/api/v1/exams/{exam_id}/items"): 200,
    ("GET", "/api/v1/exams/{exam_id}/results"): 200,
    ("GET", "/api/v1/packs"): 200,
    ("GET", "/api/v1/packs/{pack_id}/export"): 200,
    ("POST", "/api/v1/packs/check"): 422,
    ("GET", "/api/v1/jobs/{job_id}"): 404,
    ("GET", "/api/v1/packs/imports/{import_id}"): 404,
    ("POST", "/api/v1/packs/imports"): 202,
    ("POST", "/api/v1/packs/imports/{import_id}/confirm"): 404,
    ("POST", "/api/v1/packs/imports/{import_id}/discard"): 404,
}
FILLED = {
    "assignment_id": str(2**40),
    "cohort_id": str(2**40),
    "token_id": str(2**40),
    "exam_id": "short",
    "token": "x",
    "session_id": str(2**40),
    "set_id": str(2**40),
    "person_id": str(2**40),
    "job_id": str(2**40),
    "version_id": str(2**40),
    "pack_id": "towers",
    "item_id": "nowhere",
    "item_version_id": str(2**40),
    "import_id": str(2**40),
    "position": "1",
    "sha256": "0" * 64,
}
ROUTES = sorted({*WHO_MAY, *OF_THE_OWNER})
LACKS = {ANYBODY: (), SOMEBODY: (None,), INSTRUCTOR: (None, Role.CANDIDATE), ADMIN: (None, *tuple(Role)[:2])}


def missing_rows(
    served: list[tuple[str, str]], *tables: Mapping[tuple[str, str], object]
) -> set[tuple[str, str]]:
    """Routes that stand in none of the tables."""
    known = {route for table in tables for route in table}
    return {route for route in served if route not in known and not route[1].startswith("/static/")}


def test_x04_every_route_has_a_row(sqlite_world: World) -> None:
    served = routes(sqlite_world.app)
    assert missing_rows(served, WHO_MAY, OF_THE_OWNER, OF_TOKENS) == set()
    assert set(ROUTES) <= set(served)


def test_a_route_without_a_row_is_caught() -> None:
    assert missing_rows([("GET", "/secrets")], WHO_MAY, OF_THE_OWNER) == {("GET", "/secrets")}


def test_every_route_of_an_attempt_is_in_the_owners_matrix(sqlite_world: World) -> None:
    assert {route for route in routes(sqlite_world.app) if "{attempt_id}" in route[1]} == set(OF_THE_OWNER)


@dataclass
class Fields:
    """What each route is sent: good enough to be done, were it allowed."""

    sitting: Sitting | None = None

    def of(self, method: str, path: str) -> dict[str, object]:
        """The fields for a route."""
        if method == "PUT" and path.endswith("{position}") and self.sitting:
            return self.sitting.fields(self.sitting.tokens(1))
        return {"role": "admin", "exam": PILOTED, "text": "notes", "name": "", "password": ""}


@pytest.mark.parametrize("route", sorted(OF_THE_OWNER), ids="{0[0]} {0[1]}".format)
def test_x03_x04_an_attempt_is_its_owners_alone(world: World, route: tuple[str, str]) -> None:
    method, path = route
    owner = world.browser()
    sitting = owner.start()
    fields = Fields(sitting).of(method, path)
    address = path.format(**FILLED, attempt_id=sitting.attempt.id)
    before = world.fingerprint()

    anonymous = world.browser().send(method, address, data=fields)
    assert anonymous.status_code == (303 if method == "GET" else 401)
    assert method != "GET" or anonymous.headers["location"].startswith("/people/log-in?next=")
    for role in Role:
        stranger = world.visitor(role)
        before = world.fingerprint()
        refused = stranger.send(method, address, data=fields)
        nowhere = stranger.send(method, path.format(**FILLED, attempt_id=2**40), data=fields)
        assert (refused.status_code, refused.text) == (404, nowhere.text)
    assert world.fingerprint() == before

    assert owner.send(method, address, data=fields).status_code == OF_THE_OWNER[route]


@pytest.mark.parametrize("route", sorted(WHO_MAY), ids="{0[0]} {0[1]}".format)
def test_x05_a_page_is_open_to_its_roles_alone(world: World, route: tuple[str, str]) -> None:
    method, path = route
    for role in (None, *Role):
        visitor = world.browser() if role is None else world.visitor(role)
        before = world.fingerprint()
        answer = visitor.send(method, path.format(**FILLED), data=Fields().of(method, path))
        if role in LACKS[WHO_MAY[route]]:
            asked_in = 303 if method == "GET" else 401
            assert answer.status_code == (asked_in if role is None else 403), role
            assert world.fingerprint() == before
        else:
            assert answer.status_code not in (401, 403, 500), role
            assert not answer.headers.get("location", "").startswith("/people/log-in"), role


@pytest.mark.parametrize("route", sorted(OF_TOKENS), ids="{0[0]} {0[1]}".format)
def test_x05_the_api_is_open_to_the_tokens_of_instructors_alone(world: World, route: tuple[str, str]) -> None:
    method, path = route[0], route[1].format(**FILLED)
    for role in Role:
        visitor = world.visitor(role)
        assert visitor.send(method, path).status_code == 401  # a cookie opens nothing
        answer = bearing(world, visitor).send(method, path, headers={"Origin": "http://elsewhere.example"})
        assert answer.status_code == (403 if role is Role.CANDIDATE else OF_TOKENS[route])
        assert role is not Role.CANDIDATE or "error" in answer.json()
