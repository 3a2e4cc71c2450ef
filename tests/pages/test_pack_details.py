"""A pack's own page: who may see it, what it says, and the files in which it leaves."""

from __future__ import annotations

from app.exam.person import Role
from app.formats import registry
from tests import packs as synthetic
from tests.journeys.world import World
from tests.pages.banks import share, shelf


def test_the_page_says_what_the_pack_holds(world: World) -> None:
    text = world.visitor(Role.INSTRUCTOR).get("/packs/towers").text
    assert "24 ready" in text
    assert "/exams/short/measurement" in text
    assert "1.0.0" in text
    assert all(f"format={name}" in text for name in registry.WRITERS)


def test_a_downloaded_pack_reads_back_the_same(world: World) -> None:
    answer = world.visitor(Role.INSTRUCTOR).get("/packs/towers/export?format=moodle")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="towers-')
    reading = registry.read_upload("a-file", answer.content)
    assert reading.pack is not None
    assert {item.stem for item in reading.pack.items} == {item.stem for item in synthetic.pack().items}


def test_a_format_that_nothing_writes_is_refused_with_those_there_are(world: World) -> None:
    answer = world.visitor(Role.INSTRUCTOR).get("/packs/towers/export?format=scroll")
    assert answer.status_code == 422
    assert "moodle" in answer.text


def test_a_pack_is_there_for_its_owner_and_those_it_is_shared_with(world: World) -> None:
    owner, pack_id = shelf(world)
    friend, stranger = world.visitor(Role.INSTRUCTOR), world.visitor(Role.INSTRUCTOR)
    share(world, pack_id, friend)
    for browser, expected in ((owner, 200), (friend, 200), (world.visitor(Role.ADMIN), 200), (stranger, 404)):
        assert browser.get(f"/packs/{pack_id}").status_code == expected
        assert (f"/packs/{pack_id}" in browser.get("/packs").text) is (expected == 200)
    assert stranger.get(f"/packs/{pack_id}/export").status_code == 404
    assert stranger.get(f"/packs/{pack_id}").text == stranger.get("/packs/nowhere").text.replace(
        "nowhere", pack_id
    )
