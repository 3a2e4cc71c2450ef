"""Writing items in the browser: previews, new versions, and that nothing is lost when two write at once."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from app.exam.item import Item, Status
from app.exam.item_fields import shown
from app.exam.person import Role
from tests import packs as synthetic
from tests.exam.test_item_fields import posted
from tests.journeys.world import Browser, World
from tests.pages.banks import held, share, shelf


def first(world: World, pack_id: str) -> Item:
    """The first item in use."""
    return held(world, pack_id).items[0]


def form(browser: Browser, pack_id: str, item: Item, **changes: str) -> dict[str, object]:
    """The form of an item as the page has it now, with changes."""
    page = browser.get(f"/packs/{pack_id}/items/{item.id}/edit").text
    found = re.search(r'name="based_on" value="(\d+)"', page)
    assert found
    fields = {**posted(shown(item)), "based_on": found[1], "code": item.id, "action": "save"}
    return fields | {name: [value] for name, value in changes.items()}


def save(browser: Browser, pack_id: str, item: Item, fields: dict[str, object]) -> tuple[int, str]:
    """Post the form; the status and the text of the answer, as people read it."""
    answer = browser.post(f"/packs/{pack_id}/items/{item.id}/edit", fields)
    return answer.status_code, html.unescape(answer.text)


def test_the_form_holds_all_of_the_item(world: World) -> None:
    browser, pack_id = shelf(world)
    item = first(world, pack_id)
    page = html.unescape(browser.get(f"/packs/{pack_id}/items/{item.id}/edit").text)
    for text in (item.stem, item.rationale, item.options[2].why, item.options[2].misconception):
        assert text in page
    assert item.references[0].url in page
    assert item.constraints[0].decides[0] in page


def test_a_changed_stem_is_a_new_version_of_item_and_pack(world: World) -> None:
    browser, pack_id = shelf(world)
    before = first(world, pack_id)
    fields = form(browser, pack_id, before, stem=before.stem + " Why?", note="Clearer")
    assert save(browser, pack_id, before, fields)[0] == 303
    after = first(world, pack_id)
    assert after == replace(before, stem=before.stem + " Why?", version=2)
    assert held(world, pack_id).version == "1.0.0+1"
    assert "Clearer" in browser.get(f"/packs/{pack_id}/items/{before.id}").text


def test_a_changed_rating_keeps_the_version_of_the_item(world: World) -> None:
    browser, pack_id = shelf(world)
    before = first(world, pack_id)
    assert save(browser, pack_id, before, form(browser, pack_id, before, rating="0.5"))[0] == 303
    assert first(world, pack_id) == replace(before, rating=0.5)


def test_a_preview_shows_the_item_and_its_findings_and_saves_nothing(world: World) -> None:
    browser, pack_id = shelf(world)
    item = first(world, pack_id)
    fields = form(browser, pack_id, item, stem="Is **this** a lamp?", action="preview")
    before = world.fingerprint()
    status, text = save(browser, pack_id, item, fields)
    assert status == 200
    assert "Is <strong>this</strong> a lamp?" in text
    assert "L25" in text
    live = browser.post(f"/packs/{pack_id}/preview", fields)
    assert live.text.startswith('<section id="preview"')
    assert "Is <strong>this</strong> a lamp?" in live.text
    assert world.fingerprint() == before


def test_what_cannot_be_saved_comes_back_as_it_was_entered_with_its_place(world: World) -> None:
    browser, pack_id = shelf(world)
    item = first(world, pack_id)
    fields = form(browser, pack_id, item, rating="often", enemies="nobody", note="My note")
    before = world.fingerprint()
    status, text = save(browser, pack_id, item, fields)
    assert status == 422
    assert 'href="#rating"' in text
    assert 'value="often"' in text
    assert "no item 'nobody'" in text
    assert 'value="My note"' in text
    assert world.fingerprint() == before


def test_saving_without_a_change_is_said(world: World) -> None:
    browser, pack_id = shelf(world)
    item = first(world, pack_id)
    status, text = save(browser, pack_id, item, form(browser, pack_id, item))
    assert status == 422
    assert "Nothing was changed" in text


def test_of_two_who_edit_the_same_item_the_second_sees_both_texts_and_loses_nothing(world: World) -> None:
    browser, pack_id = shelf(world)
    other = world.visitor(Role.INSTRUCTOR)
    share(world, pack_id, other)
    item = first(world, pack_id)
    theirs = form(browser, pack_id, item, rationale="What they think.")
    mine = form(other, pack_id, item, rationale="What I think.")
    assert save(browser, pack_id, item, theirs)[0] == 303
    status, text = save(other, pack_id, item, mine)
    assert status == 409
    assert "What they think." in re.sub(r"</?(?:ins|del|span)[^>]*>|\[(?:added|removed): |\]", "", text)
    assert "What I think.</textarea>" in text
    assert first(world, pack_id).rationale == "What they think."
    found = re.search(r'name="based_on" value="(\d+)"', text)
    assert found
    assert save(other, pack_id, item, {**mine, "based_on": found[1]})[0] == 303
    assert first(world, pack_id).rationale == "What I think."


def test_two_who_edit_different_items_do_not_meet(world: World) -> None:
    browser, pack_id = shelf(world)
    one, two = held(world, pack_id).items[:2]
    mine = form(browser, pack_id, one, rating="0.5")
    assert save(browser, pack_id, two, form(browser, pack_id, two, rating="0.4"))[0] == 303
    assert save(browser, pack_id, one, mine)[0] == 303
    assert [item.rating for item in held(world, pack_id).items[:2]] == [0.5, 0.4]


def test_an_edited_ready_item_is_reviewed_again_where_approvals_are_asked_for(world: World) -> None:
    browser, pack_id = shelf(world, approvals=1)
    item = first(world, pack_id)
    assert save(browser, pack_id, item, form(browser, pack_id, item, rating="0.5"))[0] == 303
    assert first(world, pack_id).status is Status.REVIEW


def test_an_edit_that_breaks_the_rules_takes_the_item_off_the_forms(world: World) -> None:
    browser, pack_id = shelf(world)
    item = first(world, pack_id)
    assert save(browser, pack_id, item, form(browser, pack_id, item, verified_on=""))[0] == 303
    assert first(world, pack_id).status is Status.REVIEW


def test_a_new_item_is_a_draft_at_the_end_of_the_pack(world: World) -> None:
    browser, pack_id = shelf(world)
    assert "New item" in browser.get(f"/packs/{pack_id}/new-item").text
    fields = {"id": "quite-new", "stem": "What now?", "option_text": ["This", "That"], "action": "save"}
    answer = browser.post(f"/packs/{pack_id}/new-item", fields)
    assert answer.headers["location"] == f"/packs/{pack_id}/items/quite-new"
    last = held(world, pack_id).items[-1]
    assert (last.id, last.version, last.status) == ("quite-new", 1, Status.DRAFT)
    assert [one.id for one in last.options] == ["a", "b"]


def test_an_id_that_is_taken_is_refused(world: World) -> None:
    browser, pack_id = shelf(world, items=[replace(synthetic.item("one"), id="Lamp-1")])
    fields = {"id": "lamp-1", "stem": "What now?", "option_text": ["This", "That"], "action": "save"}
    answer = browser.post(f"/packs/{pack_id}/new-item", fields)
    assert answer.status_code == 422
    assert "already" in answer.text
    assert "What now?" in answer.text


def test_a_stranger_cannot_write(world: World) -> None:
    owner, pack_id = shelf(world)
    item, stranger = first(world, pack_id), world.visitor(Role.INSTRUCTOR)
    fields = form(owner, pack_id, item, rating="0.5")
    before = world.fingerprint()
    for path in (f"items/{item.id}/edit", "new-item", "preview"):
        assert stranger.post(f"/packs/{pack_id}/{path}", fields).status_code == 404
    assert stranger.get(f"/packs/{pack_id}/items/{item.id}/edit").status_code == 404
    assert world.fingerprint() == before


def test_b17_hostile_text_is_shown_as_text(world: World) -> None:
    browser, pack_id = shelf(world)
    item = first(world, pack_id)
    bad = '<script>alert(1)</script> <img src=x onerror=alert(1)> {{ 7*7 }} <b hx-get="/x">b</b>?'
    answer = browser.post(
        f"/packs/{pack_id}/items/{item.id}/edit", form(browser, pack_id, item, stem=bad, action="preview")
    )
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert "<b hx-get" not in answer.text


def test_an_item_that_asks_what_another_one_asks_is_told_as_it_is_written(world: World) -> None:
    browser, pack_id = shelf(world)
    item, other = held(world, pack_id).items[:2]
    path = f"/packs/{pack_id}/items/{item.id}/edit"
    assert "L33" not in browser.get(path).text
    same = form(browser, pack_id, item, stem=other.stem, action="preview")
    assert f"the stem is that of item {other.id}" in browser.post(path, same).text
    assert f"the stem is that of item {other.id}" in browser.post(f"/packs/{pack_id}/preview", same).text
