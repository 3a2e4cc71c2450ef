"""Bookmarks and private notes, and the page of one question where they are made."""

from __future__ import annotations

import re

from app.exam.person import Role
from tests.journeys.world import Browser, Sitting, World
from tests.packs import SHORT


def ended(browser: Browser) -> Sitting:
    """An attempt that is over."""
    sitting = browser.start()
    sitting.save(1, sitting.tokens(1, right=False))
    sitting.end()
    return sitting


def kept(sitting: Sitting, position: int, **fields: str) -> None:
    """Keep a note on a question."""
    answer = sitting.browser.post(f"{sitting.report}/questions/{position}/note", fields)
    assert answer.status_code == 303


def text_of(page: str) -> str:
    """A page as a reader has it."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_a_note_is_kept_shown_beside_its_question_and_found_by_its_words(world: World) -> None:
    sitting = ended(world.browser())
    kept(sitting, 2, text="mind the Fog", bookmarked="true")
    kept(sitting, 3, text="lamps")
    assert "mind the Fog" in sitting.browser.get(f"{sitting.report}/questions/2").text
    assert "mind the Fog" in sitting.browser.get(f"{sitting.report}/review?show=kept").text
    found = sitting.browser.get("/notes?search=FOG+mind").text
    assert "mind the Fog" in found
    assert "lamps" not in text_of(found).partition("Search")[2].replace("lamp was", "")
    assert "Nothing fits" in sitting.browser.get("/notes?search=nowhere-at-all").text
    assert sitting.browser.get("/notes?bookmarked=true").text.count('class="entry"') == 1


def test_a_note_follows_its_question_into_another_attempt(world: World) -> None:
    browser = world.browser()
    first = ended(browser)
    for position in range(1, first.length + 1):
        kept(first, position, text=f"number {position}")
    second = ended(browser)
    while not {at.item_version_id for at in first.attempt.sheet.items} & {
        at.item_version_id for at in second.attempt.sheet.items
    }:
        second = ended(browser)
    assert "number " in browser.get(f"{second.report}/review?show=kept").text


def test_nothing_to_keep_removes_it(world: World) -> None:
    sitting = ended(world.browser())
    kept(sitting, 1, text="something")
    kept(sitting, 1)
    assert "You have kept nothing yet" in sitting.browser.get("/notes").text


def test_a_note_is_nobody_elses(world: World) -> None:
    sitting = ended(world.browser())
    kept(sitting, 1, text="a private thing")
    stranger = world.visitor(Role.ADMIN)
    assert "a private thing" not in stranger.get("/notes").text
    assert stranger.get(f"{sitting.report}/questions/1").status_code == 404


def test_a_note_too_long_is_refused(world: World) -> None:
    sitting = ended(world.browser())
    assert sitting.browser.post(f"{sitting.report}/questions/1/note", {"text": "x" * 2001}).status_code == 422


def test_what_is_on_an_open_mock_is_withheld_until_its_end(world: World) -> None:
    browser = world.browser()
    first = ended(browser)
    for position in range(1, first.length + 1):
        kept(first, position, text=f"number {position}")
    mine = [at.item_version_id for at in first.attempt.sheet.items]
    while True:
        running = browser.start()
        common = [
            n
            for n, at in enumerate(mine, 1)
            if at in {x.item_version_id for x in running.attempt.sheet.items}
        ]
        if common:
            break
        running.end()
    assert f"number {common[0]}" not in browser.get("/notes").text
    assert browser.get(f"{first.report}/questions/{common[0]}").status_code == 404
    review = browser.get(f"{first.report}/review").text
    assert f'id="q{common[0]}"' not in review
    assert "withheld" in review
    running.end()
    assert f"number {common[0]}" in browser.get("/notes").text
    assert browser.get(f"{first.report}/questions/{common[0]}").status_code == 200


def test_the_history_of_an_answer_is_told_in_order(world: World) -> None:
    sitting = world.browser().start()
    right, wrong = sitting.tokens(1), sitting.tokens(1, right=False)
    sitting.save(1, wrong, flagged="1")
    world.clock.pass_(seconds=30)
    sitting.save(1, right, struck=wrong[0], confidence="sure")
    sitting.end()
    said = text_of(sitting.browser.get(f"{sitting.report}/questions/1").text)
    steps = ["Opened the question", "Flagged it for review", "Chose ", "Struck out ", "Took the flag away",
             "Said: sure", "Changed "]  # fmt: skip
    places = [said.index(step) for step in steps]
    assert places == sorted(places)
    assert "0:00:30" in said


def test_a_question_says_how_its_topic_went_in_other_attempts(world: World) -> None:
    browser = world.browser()
    first, second = ended(browser), ended(browser)
    said = browser.get(f"{second.report}/questions/1").text
    assert f'href="{first.report}"' in said
    assert f" of {first.length}" in text_of(said)


def test_a_guest_who_registers_keeps_the_notes(world: World) -> None:
    browser = world.browser()
    kept(ended(browser), 1, text="kept as a guest")
    answer = browser.post(
        "/people/register", {"name": f"noter{id(browser)}", "password": "a good long password"}
    )
    assert answer.status_code == 303
    assert "kept as a guest" in browser.get("/notes").text
    assert browser.start(SHORT).attempt.id
