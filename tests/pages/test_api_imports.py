"""What the pipeline of a question repository does by the API, and that its description says what happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import httpx
import pytest

from app.exam.person import Role
from app.formats import native_write, registry
from tests import packs as synthetic
from tests.analyses import version_in_use
from tests.journeys.world import Browser, World
from tests.packs import SHORT
from tests.pages.banks import shelf
from tests.pages.openapi import breaches, unlike
from tests.pages.tokens import bearing

API = "/api/v1"
IMPORTS = f"{API}/packs/imports"
CSV = """Question,Option 1,Option 2,Correct Answer,Domain
What lights the tower?,A lamp,A bell,1,Light
What is heard in fog?,A lamp,A horn,2,Fog
Write an essay,,,,Fog
"""
_numbers = count(1)
Call = Callable[..., Any]


@pytest.fixture
def program(sqlite_world: World) -> Browser:
    """A program with the token of an instructor, for tests that need child processes and no second database."""
    return bearing(sqlite_world, sqlite_world.visitor(Role.INSTRUCTOR))


def calling(program: Browser) -> Call:
    """A way to call routes whose answers are held to the description; gives the JSON or the bytes of an answer."""
    document = program.world.browser().get(f"{API}/openapi.json").json()

    def call(method: str, path: str, status: int = 200, **named: Any) -> Any:
        filled = path.format(**named.pop("at", {}))
        answer = program.send(method, filled + named.pop("query", ""), **named)
        assert answer.status_code == status, answer.text
        assert breaches(answer, document, method, path) == []
        return answer.json() if "json" in answer.headers["content-type"] else answer.content

    return call


def done(program: Browser, call: Call, job: dict[str, Any]) -> dict[str, Any]:
    """A job once it has ended."""
    assert job["state"] == "running"
    program.world.settle()
    ended: dict[str, Any] = call("GET", API + "/jobs/{job_id}", at={"job_id": job["job"]})
    return ended


def read(program: Browser, call: Call, content: bytes | str, name: str) -> int:
    """Hand a file in and wait until it is read; the id of its import."""
    raw = content.encode() if isinstance(content, str) else content
    job = done(program, call, call("POST", IMPORTS, 202, query=f"?name={name}", content=raw))
    assert job["state"] == "done", job
    import_id: int = job["import_id"]
    return import_id


def test_a_pipeline_checks_hands_in_confirms_fetches_and_reads(world: World) -> None:
    program, name = bearing(world, world.visitor(Role.INSTRUCTOR)), f"piped-{next(_numbers)}"
    call = calling(program)
    exam = synthetic.exam(f"exam-{name}")
    items = [synthetic.item(f"{name}{n}", f"D{n % 2 + 1}", keys=1 + n % 2) for n in range(8)]
    given = replace(synthetic.pack(exams=[exam], items=items), id=name)
    content = native_write.write(given)
    checked = call("POST", API + "/packs/check", query="?name=pack.yaml", content=content)
    assert (checked["format"], checked["items"]) == ("native", 8)

    import_id = read(program, call, content, "pack.yaml")
    at = {"import_id": import_id}
    one = call("GET", IMPORTS + "/{import_id}", at=at)
    assert (one["state"], one["pack"], one["new"], one["items"], one["ready"]) == ("staged", name, True, 8, 8)
    assert name not in {each["id"] for each in call("GET", API + "/packs")["packs"]}

    job = done(program, call, call("POST", IMPORTS + "/{import_id}/confirm", 202, at=at))
    assert (job["state"], job["import_id"]) == ("done", import_id)
    one = call("GET", IMPORTS + "/{import_id}", at=at)
    assert (one["state"], one["version"]) == ("confirmed", given.version)
    line = next(each for each in call("GET", API + "/packs")["packs"] if each["id"] == name)
    assert line["exams"] == [exam.id]
    assert line["items"] == {"ready": 8}

    fetched = call("GET", API + "/packs/{pack_id}/export", at={"pack_id": name}, query="?format=native")
    pack = registry.read_upload("pack.yaml", fetched).pack
    assert pack is not None
    assert pack.items == given.items
    statistics = call("GET", API + "/exams/{exam_id}/items", at={"exam_id": exam.id})
    assert statistics == {"exam": exam.id, "analysed_at": None, "items": []}
    found = call("GET", API + "/exams/{exam_id}/results", at={"exam_id": exam.id})
    assert found == {"exam": exam.id, "results": [], "next": None}
    assert call("POST", IMPORTS + "/{import_id}/confirm", 409, at=at)["error"]
    assert call("POST", IMPORTS + "/{import_id}/discard", 409, at=at)["error"]
    assert world.browser().get(IMPORTS + f"/{import_id}").status_code == 401


def test_statistics_and_results_are_as_described(world: World) -> None:
    with world.database.writing() as tx:
        version_in_use(tx, SHORT, world.clock.now())
    sitting = world.account().start()
    sitting.end()
    call = calling(bearing(world, world.visitor(Role.INSTRUCTOR)))
    assert call("GET", API + "/exams/{exam_id}/items", at={"exam_id": SHORT})["exam"] == SHORT
    assert call("GET", API + "/exams/{exam_id}/results", at={"exam_id": SHORT})["results"]


def test_categories_go_where_the_request_says(sqlite_world: World) -> None:
    owner, pack_id = shelf(sqlite_world)
    program = bearing(sqlite_world, owner)
    call = calling(program)
    import_id = read(program, call, CSV, "lamps.csv")
    one = call("GET", IMPORTS + "/{import_id}", at={"import_id": import_id})
    assert (one["items"], one["left_out"], one["new"]) == (2, 1, True)
    assert one["left_out_lines"][0]["at"] == "lamps.csv:4"
    assert [each["name"] for each in one["categories"]] == ["Light", "Fog"]

    def confirm(status: int, **body: object) -> dict[str, Any]:
        at = {"import_id": import_id}
        answer: dict[str, Any] = call("POST", IMPORTS + "/{import_id}/confirm", status, at=at, json=body)
        return answer

    assert "no category" in confirm(422, pack=pack_id, categories={"Gulls": {"domain": "D1"}})["error"]
    assert "no domain" in confirm(422, pack=pack_id, categories={"Fog": {"domain": "D9"}})["error"]
    assert "domains from the file" in confirm(422, pack="quite-new", categories={"Fog": {}})["error"]
    assert "small letters" in confirm(422, pack="Not an id")["error"]
    assert "cannot be read" in confirm(422, pack=pack_id, colour="red")["error"]
    targets = {"Fog": {"domain": "D2"}, "": {"domain": "D1"}}
    assert done(program, call, confirm(202, pack=pack_id, categories=targets))["state"] == "done"
    exported = call("GET", API + "/packs/{pack_id}/export", at={"pack_id": pack_id})
    pack = registry.read_upload("pack.yaml", exported).pack
    assert pack is not None
    assert [item.domain for item in pack.items[-2:]] == ["D1", "D2"]


def test_a_discarded_import_goes_nowhere(program: Browser) -> None:
    call = calling(program)
    at = {"import_id": read(program, call, CSV, "lamps.csv")}
    assert call("POST", IMPORTS + "/{import_id}/discard", at=at)["state"] == "discarded"
    assert call("POST", IMPORTS + "/{import_id}/confirm", 409, at=at)["error"]


def test_a_job_that_failed_says_why(program: Browser) -> None:
    call = calling(program)
    at = {"import_id": read(program, call, "<quiz></quiz>", "empty.xml")}
    job = done(program, call, call("POST", IMPORTS + "/{import_id}/confirm", 202, at=at))
    assert job["state"] == "failed"
    assert "no question" in job["note"]


def test_the_imports_and_jobs_of_others_are_not_there(program: Browser) -> None:
    call = calling(program)
    job = call("POST", IMPORTS, 202, query="?name=lamps.csv", content=CSV.encode())
    import_id = done(program, call, job)["import_id"]
    stranger = calling(bearing(program.world, program.world.visitor(Role.INSTRUCTOR)))
    assert stranger("GET", API + "/jobs/{job_id}", 404, at={"job_id": job["job"]})["error"]
    for way in ("/confirm", "/discard"):
        assert stranger("POST", IMPORTS + "/{import_id}" + way, 404, at={"import_id": import_id})["error"]
    assert stranger("GET", IMPORTS + "/{import_id}", 404, at={"import_id": import_id})["error"]


def test_an_unknown_format_and_a_file_that_is_too_large_are_refused(program: Browser) -> None:
    call = calling(program)
    call("GET", API + "/packs")  # the first use of a token is noted
    before = program.world.fingerprint()
    assert "scroll" in call("POST", IMPORTS, 422, query="?format=scroll", content=b"x")["error"]
    assert "at most 20 MB" in call("POST", IMPORTS, 413, content=b"x" * (21 * 2**20))["error"]
    assert program.world.fingerprint() == before


def test_nothing_of_a_file_is_taken_from_somebody_without_a_token(world: World) -> None:
    before = world.fingerprint()
    for path in (IMPORTS, f"{API}/packs/check"):
        taken: list[int] = []

        async def pieces(counts: list[int] = taken) -> Any:
            for number in range(50):
                counts.append(number)
                yield b"x" * 65536

        answer = world.browser(Authorization="Bearer nobody").send("POST", path, content=pieces())
        assert answer.status_code == 401
        assert len(taken) <= 1
    assert world.fingerprint() == before


def test_every_route_describes_what_it_takes_and_every_error(world: World) -> None:
    document = world.browser().get(f"{API}/openapi.json").json()
    routes = {(m, p): one for p, methods in document["paths"].items() for m, one in methods.items()}
    assert len(routes) == 10
    for (method, path), one in routes.items():
        assert one["summary"], path
        assert one["description"], path
        assert {"401", "403", "422", "503"} <= set(one["responses"]), path
        assert all(answer.get("content") for answer in one["responses"].values()), path
        assert all(each.get("description") for each in one.get("parameters", ()) if each["in"] == "query")
        assert (method == "post") is ("requestBody" in one) or path.endswith("/discard")
    shapes = document["components"]["schemas"]
    assert "HTTPValidationError" not in shapes
    assert all(shape.get("description") for shape in shapes.values())


def test_an_answer_that_is_not_as_described_is_caught(world: World) -> None:
    document = world.browser().get(f"{API}/openapi.json").json()
    wrong = httpx.Response(200, json={"packs": [{"id": 7}], "more": 1})
    found = breaches(wrong, document, "GET", f"{API}/packs")
    assert "$.packs[0].id: 7 is no string" in found
    assert "$.packs[0]: no version" in found
    assert "$: more is not described" in found
    assert breaches(httpx.Response(418), document, "GET", f"{API}/packs") == ["418 is not described"]
    assert list(unlike(True, {"type": "integer"}, document, "$"))
    assert list(unlike("x", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, document, "$"))
    assert list(unlike("x", {"enum": ["y"]}, document, "$"))


def test_the_page_names_every_route_and_shape_of_the_description(world: World) -> None:
    document = world.browser().get(f"{API}/openapi.json").json()
    page = world.visitor(Role.INSTRUCTOR).get(f"{API}/docs").text
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page
    for name in document["components"]["schemas"]:
        assert f'id="shape-{name}"' in page
    assert "<td>no: <code>0</code></td>" in page  # `after`
    assert "<td>no: <code>false</code></td>" in page  # `ready`
    assert "<code>left_out</code> questions were skipped" in page
