"""Exams edited in the browser: a new version of the pack, held against the bank, and nothing lost or touched."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from app.exam.pack import Cut, Exam
from app.exam.person import Role
from app.store import forms, packs, parameters
from tests import packs as synthetic
from tests.journeys.world import Browser, World
from tests.pages.banks import held, shelf


def desk(world: World, **changes: object) -> tuple[Browser, str, str]:
    """An instructor with a pack of their own, and an exam in it of four items: its address."""
    browser, pack_id = shelf(world)
    code = f"exam-{pack_id}"
    own = synthetic.exam(code, items=4, multiple_answer=None, cut=Cut(2.5, "for the tests"))
    new = replace(held(world, pack_id), version="2.0.0", exams=(replace(own, **changes),))  # type: ignore[arg-type]  # fields of Exam, by name
    with world.database.writing() as tx:
        synthetic.load(tx, new)
        parameters.follow_pack(tx, new.exams[0], lambda: new.items, new.version, world.clock.now())
    return browser, f"/packs/{pack_id}/exams/{code}", pack_id


def form(text: str) -> dict[str, str]:
    """The fields of the form on a page."""
    body = text[text.index('name="based_on"') - 40 :]
    inputs = re.findall(r'<input[^>]* name="([\w.-]+)"[^>]* value="([^"]*)"', body)
    areas = re.findall(r'<textarea[^>]* name="([\w.-]+)"[^>]*>\n(.*?)</textarea>', body, re.DOTALL)
    return {name: unescape(value) for name, value in (*inputs, *areas)}


def exam_of(world: World, pack_id: str, code: str = "") -> Exam:
    """An exam of a pack as it is in use: the first, or that of an id."""
    return next(one for one in held(world, pack_id).exams if code in ("", one.id))


def test_the_page_says_how_many_forms_the_bank_gives(world: World) -> None:
    browser, path, _ = desk(world)
    text = browser.get(path).text
    assert "1 disjoint form possible" in text
    assert "every domain allows 1" in text


def test_a_saved_exam_is_in_use_as_a_new_version_with_a_note(world: World) -> None:
    browser, path, pack_id = desk(world)
    fields = form(browser.get(path).text) | {
        "minutes": "7",
        "cut": "1.5",
        "why": "Shorter.",
        "action": "save",
    }
    answer = browser.post(path, fields)
    assert answer.status_code == 303
    made = exam_of(world, pack_id)
    assert (made.minutes, made.cut.raw_equivalent) == (7, 1.5)
    assert "Saved" in browser.get(answer.headers["location"]).text
    assert "Saved" not in browser.get(path).text
    listed = browser.get(f"/packs/{pack_id}").text
    assert "2.0.0+1" in listed
    assert "Shorter." in listed
    with world.database.reading() as tx:
        used = parameters.in_use(tx, made.id)
    assert used is not None
    assert used.cut.raw_equivalent == 1.5


def test_without_a_note_the_history_says_which_fields_changed(world: World) -> None:
    browser, path, pack_id = desk(world)
    browser.post(path, form(browser.get(path).text) | {"minutes": "7", "action": "save"})
    assert "minutes" in browser.get(f"/packs/{pack_id}").text


def test_a_look_saves_nothing(world: World) -> None:
    browser, path, pack_id = desk(world)
    fields = form(browser.get(path).text) | {"items": "2", "cut": "1", "action": "look"}
    text = browser.post(path, fields).text
    assert "2 disjoint forms possible" in text
    assert "half point" in text
    assert exam_of(world, pack_id).items == 4


def test_a_shortfall_is_said_in_words(world: World) -> None:
    browser, path, _ = desk(world)
    text = browser.post(path, form(browser.get(path).text) | {"items": "6", "action": "look"}).text
    assert "No form can be made yet" in text
    assert "Domain D1 has 2 ready items, the blueprint needs 3." in text


def test_what_cannot_be_read_comes_back_as_it_was_entered(world: World) -> None:
    browser, path, pack_id = desk(world)
    fields = form(browser.get(path).text) | {"minutes": "soon", "share-D1": "60", "action": "save"}
    answer = browser.post(path, fields)
    assert answer.status_code == 422
    assert form(answer.text)["minutes"] == "soon"
    assert 'href="#minutes"' in answer.text
    mended = fields | {"minutes": "9"}
    assert "adds up to 110 per cent" in browser.post(path, mended).text
    assert held(world, pack_id).version == "2.0.0"


def test_a_cut_that_no_ability_reaches_is_refused_with_nothing_stored(world: World) -> None:
    browser, path, pack_id = desk(world)
    answer = browser.post(path, form(browser.get(path).text) | {"cut": "0.5", "action": "save"})
    assert answer.status_code == 422
    assert "blind guessing" in answer.text
    assert held(world, pack_id).version == "2.0.0"


def test_saving_without_a_change_is_refused(world: World) -> None:
    browser, path, pack_id = desk(world)
    answer = browser.post(path, form(browser.get(path).text) | {"action": "save"})
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text
    assert held(world, pack_id).version == "2.0.0"


def test_an_edit_of_an_older_exam_is_refused_with_nothing_lost(world: World) -> None:
    browser, path, pack_id = desk(world)
    opened = form(browser.get(path).text)
    browser.post(path, opened | {"minutes": "7", "action": "save"})
    late = browser.post(path, opened | {"title": "Late", "action": "save"})
    assert late.status_code == 409
    assert "meanwhile" in late.text
    assert form(late.text)["title"] == "Late"
    assert exam_of(world, pack_id).minutes == 7
    again = browser.post(path, form(late.text) | {"minutes": "7", "action": "save"})
    assert again.status_code == 303
    assert (exam_of(world, pack_id).title, exam_of(world, pack_id).minutes) == ("Late", 7)


def test_an_edit_of_something_else_in_the_pack_is_no_hindrance(world: World) -> None:
    browser, path, pack_id = desk(world)
    opened = form(browser.get(path).text)
    other = form(browser.get(f"/packs/{pack_id}/new-exam?like={exam_of(world, pack_id).id}").text)
    assert browser.post(
        f"/packs/{pack_id}/new-exam", other | {"id": f"more-{pack_id}", "title": "More", "action": "save"}
    ).status_code == 303  # fmt: skip
    assert browser.post(path, opened | {"minutes": "7", "action": "save"}).status_code == 303
    assert [one.minutes for one in held(world, pack_id).exams] == [7, 2]


def test_a_new_exam_is_made_from_one_that_is_there(world: World) -> None:
    browser, _, pack_id = desk(world)
    model = exam_of(world, pack_id)
    fields = form(browser.get(f"/packs/{pack_id}/new-exam?like={model.id}").text)
    assert fields["id"] == ""
    named = fields | {"id": f"new-{pack_id}", "title": "New", "action": "save"}
    answer = browser.post(f"/packs/{pack_id}/new-exam", named)
    assert answer.headers["location"].startswith(f"/packs/{pack_id}/exams/new-{pack_id}?saved=")
    assert exam_of(world, pack_id, f"new-{pack_id}") == replace(model, id=f"new-{pack_id}", title="New")
    assert browser.get(f"/exams/new-{pack_id}").status_code == 200
    assert browser.post(f"/packs/{pack_id}/new-exam", named).status_code == 422


def test_an_exam_of_another_pack_keeps_its_id(world: World) -> None:
    browser, _, pack_id = desk(world)
    fields = form(browser.get(f"/packs/{pack_id}/new-exam?like={exam_of(world, pack_id).id}").text)
    named = fields | {"id": synthetic.SHORT, "title": "Mine", "action": "save"}
    answer = browser.post(f"/packs/{pack_id}/new-exam", named)
    assert answer.status_code == 422
    assert "belongs to the pack towers" in answer.text


def test_forms_and_attempts_that_exist_are_untouched(world: World) -> None:
    browser, path, pack_id = desk(world)
    candidate = world.account()
    sitting = candidate.start(exam_of(world, pack_id).id)
    with world.database.reading() as tx:
        before = forms.get(tx, sitting.attempt.form_id)
    changed = {"items": "2", "cut": "1.5", "minutes": "60", "scale_cut": "500", "action": "save"}
    assert browser.post(path, form(browser.get(path).text) | changed).status_code == 303
    assert sitting.stored() == sitting.attempt
    with world.database.reading() as tx:
        assert forms.get(tx, sitting.attempt.form_id) == before
        assert packs.exam_of_form(tx, before.exam_version_id).exam.items == 4
    sitting.answer(4)
    assert sitting.end().status_code == 303
    assert "1000" in candidate.get(sitting.report).text


def test_to_strangers_the_exams_of_a_pack_are_not_there(world: World) -> None:
    _, path, pack_id = desk(world)
    stranger = world.visitor(Role.INSTRUCTOR)
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, {"action": "save"}).status_code == 404
    assert stranger.get(f"/packs/{pack_id}/new-exam").status_code == 404
    assert stranger.get(f"/packs/towers/exams/{path.rpartition('/')[2]}").status_code == 404
