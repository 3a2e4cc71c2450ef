"""Results that do not show yet: on no channel, until the window closes or somebody releases them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.store import withheld
from tests import packs
from tests.journeys.routes import routes
from tests.journeys.test_secrets import leaks
from tests.journeys.world import Browser, Sitting, World
from tests.packs import NOON
from tests.pages.classes import Class, Task, field, new_class
from tests.pages.test_authority import FILLED

HOURS = timedelta(hours=1)
FILES = ("/result.json", "/answers.csv")
PARTS = ("", "/review", "/debrief", "/questions/1/problem", *FILES)
IN_FILES = ('"passed"', '"raw"', '"scaled"')
RESULT = ("Pass</span> with", "Fail</span> with", "of 6 right", "Pass</strong>", "Fail</strong>")


def ended(world: World, **rules: str) -> tuple[Task, Sitting]:
    """An attempt that a member has ended, three of six right."""
    group = new_class(world)
    member = group.member()
    task = group.assign(**rules)
    return task, task.sit(member)


def seen_by(task: Task, sitting: Sitting) -> list[str]:
    """Every answer to whatever its candidate can get about an attempt, and anything else that can be got."""
    browser, attempt_id = sitting.browser, sitting.attempt.id
    filled = {**FILLED, "attempt_id": attempt_id, "assignment_id": task.id, "cohort_id": task.of.cohort_id}
    filled["person_id"] = task.of.id_of(browser)
    browser.seen = []
    for method, path in routes(browser.world.app):
        if method == "GET" and "/static/" not in path:
            browser.get(path.format(**filled))
    browser.post(f"/reports/{attempt_id}/questions/1/problem", {"text": "What is it?"})
    found = browser.seen
    browser.seen = None
    return found


def shows_results(sitting: Sitting) -> bool:
    """Whether the report, the review, the debrief and the files are open; all are or none."""
    opened = {sitting.browser.get(sitting.report + part).status_code == 200 for part in PARTS[1:]}
    report = sitting.browser.get(sitting.report).text
    opened.add("3 of 6 right" in report)
    assert len(opened) == 1
    return opened.pop()


@pytest.mark.parametrize("release", ["after-window", "by-hand"])
def test_nothing_of_an_unreleased_result_reaches_its_candidate(world: World, release: str) -> None:
    task, sitting = ended(world, release=release)
    secrets = packs.secrets_of(packs.pack().items)
    seen = seen_by(task, sitting)
    assert any("Your exam is over" in text for text in seen)
    assert leaks(seen, secrets) == set()
    own = [text for text in seen if "/attempts" in text[:20] or "/reports" in text[:20]]
    assert not [word for word in RESULT for text in own if word in text]
    files = [
        text for text in seen if "/openapi.json" not in text[:40]
    ]  # which only says that there are such words
    assert not [word for word in IN_FILES for text in files if word in text]
    assert "Not shown yet" in sitting.browser.get("/attempts").text
    assert not shows_results(sitting)


def test_a_released_result_is_found_by_the_same_search(world: World) -> None:
    task, sitting = ended(world, release="by-hand")
    assert task.of.instructor.post(f"{task.path}/release").status_code == 303
    seen = seen_by(task, sitting)
    assert leaks(seen, packs.explained(sitting.items.values()))
    assert [word for word in RESULT for text in seen if word in text]
    assert [word for word in IN_FILES for text in seen if word in text]
    assert shows_results(sitting)


def test_results_at_once_show_at_once(world: World) -> None:
    _, sitting = ended(world, release="at-once")
    assert shows_results(sitting)


def test_results_after_the_window_show_when_it_closes(world: World) -> None:
    _, sitting = ended(world, release="after-window")
    world.clock.pass_(hours=8, seconds=-1)
    assert not shows_results(sitting)
    world.clock.pass_(seconds=1)
    assert shows_results(sitting)


def test_results_wait_for_who_sits_with_extra_time_after_the_window(world: World) -> None:
    group = new_class(world)
    link = group.link()
    early, late = group.member(link), group.member(link)
    task = group.assign(release="after-window", closes=field(NOON + 2 * timedelta(minutes=1)), form="same")
    task.give(late, 10)
    sitting, going = task.sit(early), task.start(late)
    world.clock.pass_(minutes=5)
    assert going.browser.get(f"{going.path}/state").json()["state"] == "open"
    assert not shows_results(sitting)
    going.end()
    assert shows_results(sitting)


def test_an_end_by_the_clock_is_scored_and_held_back(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(release="by-hand")
    sitting = task.start(member)
    sitting.answer(3)
    world.clock.pass_(minutes=4)
    assert "Your exam is over" in member.get(sitting.report).text
    assert ">Ended<" in task.results()
    task.of.instructor.post(f"{task.path}/release")
    assert shows_results(sitting)


def test_leaving_the_cohort_opens_nothing(world: World) -> None:
    task, sitting = ended(world, release="by-hand")
    sitting.browser.post(f"{task.of.path}/leave")
    assert not shows_results(sitting)


def test_a_report_of_ones_own_says_nothing_of_a_result_that_is_held_back(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(release="by-hand")
    other = member.start()
    other.answer(3)
    other.end()
    before = member.get(other.report).text
    held = task.start(member)
    held.answer(6)
    held.end()
    assert member.get(other.report).text == before


def items_of(group: Class, browser: Browser) -> dict[int, str]:
    with group.world.database.reading() as tx:
        return withheld.items_of(tx, group.id_of(browser), group.world.clock.time)


def test_items_are_kept_from_practice_as_long_as_their_results_are_held_back(world: World) -> None:
    group = new_class(world)
    member = group.member()
    assert items_of(group, member) == {}
    own = group.assign(release="by-hand")
    assert items_of(group, member) == {}
    own.sit(member)
    assert len(items_of(group, member)) == 6
    group.instructor.post(f"{own.path}/release")
    assert items_of(group, member) == {}


def test_items_of_the_one_form_for_all_are_kept_from_practice_before_it_is_sat(world: World) -> None:
    group = new_class(world)
    member = group.member()
    group.assign(form="same")
    assert len(items_of(group, member)) == 6
    world.clock.pass_(hours=8)
    assert items_of(group, member) == {}


def test_a_form_of_ones_own_keeps_away_from_what_is_about_to_be_asked(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(form="same")
    to_come = items_of(group, member)
    for _ in range(2):
        sitting = member.start()
        assert not {one.id for one in sitting.items.values()} & set(to_come.values())
        sitting.end()
    assert {one.id for one in task.start(member).items.values()} == set(to_come.values())
