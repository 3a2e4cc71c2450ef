"""The bank of a pack in the browser: searching it, looking at an item, and the way of items to a form."""

from __future__ import annotations

import re
from dataclasses import replace

from app.exam.item import Item, Status
from app.exam.person import Role
from tests import packs as synthetic
from tests.journeys.world import Browser, World
from tests.pages.banks import held, share, shelf


def ids(browser: Browser, pack_id: str) -> dict[str, str]:
    """The ids of stored versions by the author's id, as the list has them."""
    text = browser.get(f"/packs/{pack_id}/items").text
    return {
        code: number
        for number, code in re.findall(r'name="item" value="(\d+)"><span class="[^"]+">Choose ([^<]+)<', text)
    }


def take(browser: Browser, pack_id: str, step: str, *codes: str, **more: str) -> int:
    """Take a step with items; the status of the answer."""
    known = ids(browser, pack_id)
    fields = {"step": step, "item": [known[code] for code in codes], **more}
    return browser.post(f"/packs/{pack_id}/items/status", fields).status_code


def draft(code: str) -> Item:
    """A draft that lacks nothing."""
    return replace(synthetic.item(code), status=Status.DRAFT)


def statuses(world: World, pack_id: str) -> list[Status]:
    """The statuses of the items in use, in the pack's order."""
    return [item.status for item in held(world, pack_id).items]


def test_a_search_shows_what_fits_and_keeps_what_was_asked(world: World) -> None:
    browser, pack_id = shelf(world)
    code = held(world, pack_id).items[1].id
    text = browser.get(f"/packs/{pack_id}/items?domain=D2&text={code}").text
    assert "1 of 4 items" in text
    assert code in text
    assert '<option value="D2" selected>' in text
    assert "No item fits" in browser.get(f"/packs/{pack_id}/items?text=nowhere").text


def test_a_long_bank_comes_in_pages(world: World) -> None:
    items = [replace(draft(f"long{number:03}"), id=f"long-{number:03}") for number in range(101)]
    browser, pack_id = shelf(world, items=items)
    first = browser.get(f"/packs/{pack_id}/items").text
    assert "long-099" in first
    assert "long-100" not in first
    assert "?start=100" in first
    assert "long-100" in browser.get(f"/packs/{pack_id}/items?start=100").text


def test_an_item_shows_key_reasons_findings_and_facts(world: World) -> None:
    bad = replace(draft("bad"), verified_on=None)
    browser, pack_id = shelf(world, items=[bad])
    text = browser.get(f"/packs/{pack_id}/items/{bad.id}").text
    assert bad.options[0].why.rpartition(" ")[2] in text
    assert "Right" in text
    assert "L30 error" in text
    assert "Light" in text
    assert "resilience" in text


def test_x28_nothing_of_a_strangers_pack_is_shown_or_done(world: World) -> None:
    owner, pack_id = shelf(world)
    code, stranger = held(world, pack_id).items[0].id, world.visitor(Role.INSTRUCTOR)
    number = ids(owner, pack_id)[code]
    before = world.fingerprint()
    for path in ("items", f"items/{code}"):
        assert stranger.get(f"/packs/{pack_id}/{path}").status_code == 404
    moved = stranger.post(f"/packs/{pack_id}/items/status", {"step": "retire", "item": number})
    assert moved.status_code == 404
    assert world.fingerprint() == before


def test_an_item_that_is_not_there_is_not_found(world: World) -> None:
    browser, pack_id = shelf(world)
    assert browser.get(f"/packs/{pack_id}/items/nowhere").status_code == 404


def test_an_item_goes_from_draft_to_ready_with_a_second_persons_approval(world: World) -> None:
    one = draft("way")
    author, pack_id = shelf(world, items=[one], approvals=1)
    second = world.visitor(Role.INSTRUCTOR)
    share(world, pack_id, second)
    assert take(author, pack_id, "submit", one.id) == 303
    assert take(author, pack_id, "ready", one.id) == 409
    assert "1 more person has to approve it" in author.get(f"/packs/{pack_id}/items/{one.id}").text
    assert take(second, pack_id, "approve", one.id) == 303
    assert f"approved by 1 of 1: {second.name}" in author.get(f"/packs/{pack_id}/items/{one.id}").text
    assert take(author, pack_id, "ready", one.id) == 303
    assert statuses(world, pack_id) == [Status.READY]


def test_a_step_with_many_is_one_version_of_the_pack_and_names_what_it_left(world: World) -> None:
    items = [draft("one"), draft("two"), replace(draft("three"), status=Status.RETIRED)]
    browser, pack_id = shelf(world, items=items)
    known = ids(browser, pack_id)
    fields = {"step": "submit", "item": list(known.values()), "note": "A first look."}
    answer = browser.post(f"/packs/{pack_id}/items/status", fields)
    assert answer.status_code == 409
    assert "Done with 2 items, not with 1" in answer.text
    assert "it is retired" in answer.text
    assert statuses(world, pack_id) == [Status.REVIEW, Status.REVIEW, Status.RETIRED]
    assert held(world, pack_id).version == "1.0.0+1"
    assert "A first look." in browser.get(f"/packs/{pack_id}").text


def test_an_item_that_breaks_the_rules_is_not_made_ready(world: World) -> None:
    bad = replace(draft("bad"), verified_on=None, status=Status.REVIEW)
    browser, pack_id = shelf(world, items=[bad])
    answer = browser.post(
        f"/packs/{pack_id}/items/status", {"step": "ready", "item": ids(browser, pack_id)[bad.id]}
    )
    assert answer.status_code == 409
    assert "L30" in answer.text
    assert statuses(world, pack_id) == [Status.REVIEW]


def test_a_version_that_is_no_longer_in_use_is_not_moved(world: World) -> None:
    one = draft("old")
    browser, pack_id = shelf(world, items=[one])
    before = ids(browser, pack_id)[one.id]
    assert take(browser, pack_id, "submit", one.id) == 303
    answer = browser.post(f"/packs/{pack_id}/items/status", {"step": "retire", "item": before})
    assert answer.status_code == 409
    assert "changed them meanwhile" in answer.text


def test_versions_are_listed_with_what_each_changed(world: World) -> None:
    one = draft("story")
    browser, pack_id = shelf(world, items=[one])
    assert take(browser, pack_id, "submit", one.id, note="To be looked at") == 303
    text = browser.get(f"/packs/{pack_id}/items/{one.id}").text
    assert "<dt>Status</dt>" in text
    assert re.search(r"<del>.*removed.*draft.*</del><ins>.*added.*review", text)
    assert browser.name in text
    assert "To be looked at" in text


def test_choosing_nothing_is_said(world: World) -> None:
    browser, pack_id = shelf(world)
    answer = browser.post(f"/packs/{pack_id}/items/status", {"step": "retire"})
    assert answer.status_code == 422
    assert "Choose from one" in answer.text
