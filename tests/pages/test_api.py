"""The JSON API: tokens that are shown once, and answers by the same rules as the pages."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.exam.person import Role
from app.formats import native_write, registry
from app.store import tables
from tests import packs as synthetic
from tests.analyses import version_in_use
from tests.journeys.world import World
from tests.packs import SHORT
from tests.pages.banks import shelf
from tests.pages.tokens import bearing


def test_a_token_is_shown_once_kept_as_a_hash_and_opens_the_api_until_it_is_revoked(world: World) -> None:
    browser = world.visitor(Role.INSTRUCTOR)
    shown = browser.post("/people/tokens", {"name": "Nightly checks"}).text
    found = re.search(r"<p><code>([\w-]{40,})</code></p>", shown)
    assert found is not None
    token = found[1]
    assert token not in browser.get("/people/tokens").text
    with world.database.reading() as tx:
        assert token not in repr(tx.execute(select(tables.api_token)).all())
    program = world.browser(Authorization=f"Bearer {token}")
    assert program.get("/api/v1/packs").status_code == 200
    revoke = re.search(r"/people/tokens/\d+/revoke", browser.get("/people/tokens").text)
    assert revoke is not None
    assert world.visitor(Role.ADMIN).post(revoke[0]).status_code == 404
    assert browser.post(revoke[0]).status_code == 303
    refused = program.get("/api/v1/packs")
    assert refused.status_code == 401
    assert "Bearer" in refused.json()["error"]


def test_a_token_without_a_purpose_is_refused(world: World) -> None:
    assert world.visitor(Role.INSTRUCTOR).post("/people/tokens", {"name": " "}).status_code == 422


def test_a_token_that_has_run_out_opens_nothing(world: World) -> None:
    program = bearing(world, world.visitor(Role.INSTRUCTOR), days=0)
    assert program.get("/api/v1/packs").status_code == 401


def test_the_packs_of_others_are_not_there(world: World) -> None:
    owner, pack_id = shelf(world)
    mine, theirs = bearing(world, owner), bearing(world, world.visitor(Role.INSTRUCTOR))
    line = next(one for one in mine.get("/api/v1/packs").json()["packs"] if one["id"] == pack_id)
    assert line["items"] == {"ready": 4}
    assert pack_id not in theirs.get("/api/v1/packs").text
    refused = theirs.get(f"/api/v1/packs/{pack_id}/export")
    assert refused.status_code == 404
    assert "error" in refused.json()


def test_a_file_is_checked_as_the_command_does(sqlite_world: World) -> None:
    program = bearing(sqlite_world, sqlite_world.visitor(Role.INSTRUCTOR))
    content = native_write.write(synthetic.pack(version="9.9.9"))
    answer = program.send("POST", "/api/v1/packs/check?name=pack.yaml", content=content)
    document = answer.json()
    assert (document["format"], document["items"], document["multiple"]) == ("native", 24, 8)
    wrong = program.send(
        "POST", "/api/v1/packs/check", content=content.replace(b"cutscore: 1", b"cutscore: 7")
    )
    assert wrong.status_code == 422
    assert wrong.json()["faults"][0]["kind"] == "structure"


def test_an_exported_pack_reads_back(sqlite_world: World) -> None:
    program = bearing(sqlite_world, sqlite_world.visitor(Role.INSTRUCTOR))
    answer = program.get("/api/v1/packs/towers/export?format=native")
    assert answer.status_code == 200
    assert registry.read_upload("a-file", answer.content).pack is not None
    unknown = program.get("/api/v1/packs/towers/export?format=scroll")
    assert unknown.status_code == 422
    assert "moodle" in unknown.json()["error"]


def test_results_name_attempts_and_nobody(world: World) -> None:
    candidate = world.account()
    sitting = candidate.start()
    sitting.answer(sitting.length)
    sitting.end()
    program = bearing(world, world.visitor(Role.INSTRUCTOR))
    text = program.get(f"/api/v1/exams/{SHORT}/results?after={sitting.attempt.id - 1}").text
    assert candidate.name not in text
    (line,) = program.get(f"/api/v1/exams/{SHORT}/results?after={sitting.attempt.id - 1}").json()["results"]
    assert (line["attempt"], line["raw"], line["scored"], line["scaled"]) == (sitting.attempt.id, 6, 6, 1000)
    assert line["passed"] is True


def test_item_statistics_are_empty_before_the_first_analysis(world: World) -> None:
    with world.database.writing() as tx:
        version_in_use(tx, SHORT, world.clock.now())
    program = bearing(world, world.visitor(Role.INSTRUCTOR))
    answer = program.get(f"/api/v1/exams/{SHORT}/items").json()
    assert answer["exam"] == SHORT
    assert (answer["analysed_at"] is None) is (answer["items"] == [])
    assert program.get("/api/v1/exams/nowhere/items").json()["error"]


def test_the_description_names_every_route_and_how_to_get_in(world: World) -> None:
    made = world.browser().get("/api/v1/openapi.json").json()
    assert set(made["paths"]) >= {"/api/v1/packs/check", "/api/v1/packs", "/api/v1/exams/{exam_id}/results"}
    assert made["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
