"""Study: what comes into the queue, when it is asked again and as what, and what a candidate may settle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete

from app.exam.item import Item, Status
from app.exam.meaning import RECENT
from app.exam.pack import TUTORIAL
from app.exam.person import Role
from app.exam.study_events import NOTHING
from app.store import packs as stored_packs
from app.store import regrades, study, tables
from tests import packs
from tests.analyses import version_in_use
from tests.journeys.world import Browser, Sitting, World
from tests.packs import NOON, SHORT
from tests.pages.drills import Drill, begun, cards_of, drill, person_of, rows_of

PLAN = {"exam": SHORT, "exam_date": "", "time_zone": "UTC", "day_starts": "4", "most": "30"}


TOLD = re.compile(r'would pass a fresh exam <span class="soft">\((\d+%)\)')
"""What a report says of the chance to pass again."""


def sat(world: World, right: int = 2) -> Sitting:
    """An exam of six with so many right, ended."""
    sitting = world.browser().start()
    sitting.answer(right)
    sitting.end()
    return sitting


def item_at(sitting: Sitting, position: int) -> Item:
    """The item at a position of an exam."""
    return sitting.items[sitting.attempt.sheet.at(position).item_version_id]


def study_now(browser: Browser) -> Drill:
    """Begin what is to be asked today, or go on with it."""
    return begun(browser.post("/study"), browser)


def heading(browser: Browser) -> str:
    """What the page says first."""
    (found,) = re.findall("<h1>(.*?)</h1>", browser.get("/study").text)
    return str(found)


def settle(browser: Browser, **changes: str) -> None:
    """Keep a plan."""
    answer = browser.post("/study/settings", PLAN | changes)
    assert answer.status_code == 303, answer.text


def test_an_empty_queue_says_how_it_begins(fresh_world: World) -> None:
    page = fresh_world.visitor(Role.CANDIDATE).get("/study").text
    assert "Nothing to repeat yet" in page
    assert f'href="/exams/{SHORT}"' in page
    assert "Only a strict mock can tell how ready you are" in page


def test_what_was_missed_in_a_mock_or_guessed_comes_into_the_queue(world: World) -> None:
    sitting = world.browser().start()
    sitting.save(1, sitting.tokens(1), confidence="guessing")
    sitting.save(2, sitting.tokens(2), confidence="sure")
    sitting.save(3, sitting.tokens(3, right=False), confidence="sure")
    sitting.save(4, [], seen="1")  # looked at, and left open
    sitting.end()
    assert heading(sitting.browser) == "3 questions today"
    assert set(cards_of(sitting.browser)) == {item_at(sitting, position).id for position in (1, 3, 4)}


def test_the_tutorial_and_an_abandoned_exam_bring_nothing(world: World) -> None:
    browser = world.visitor(Role.CANDIDATE)
    sitting = browser.start(time_option="untimed")
    sitting.answer(0)
    browser.post(f"{sitting.path}/abandon")
    assert heading(browser) == "Nothing to repeat yet"
    assert TUTORIAL not in browser.get("/practice").text


def test_an_exam_that_ran_out_is_taken_in_without_a_look_at_its_report(world: World) -> None:
    sitting = world.browser().start()
    sitting.answer(0)
    world.clock.pass_(minutes=4)
    assert heading(sitting.browser) == "6 questions today"
    assert sitting.stored().clock.closed_at == NOON + timedelta(minutes=3)


def test_an_answer_moves_a_card_to_a_later_day(world: World) -> None:
    browser = sat(world, right=4).browser
    one = study_now(browser)
    assert (one.length, study_now(browser).set_id) == (2, one.set_id)  # it is gone on with
    one.answer(1, confidence="sure")
    one.answer(2, right=False)
    one.end()
    known, unknown = (cards_of(browser)[item.id] for item in one.items)
    today = world.clock.time.date()
    assert unknown.due == today + timedelta(days=1) <= known.due
    assert heading(browser) == "Nothing more today"
    assert browser.post("/study").headers["location"] == "/study"
    world.clock.pass_(days=1)
    assert unknown.due == world.clock.time.date()
    assert heading(browser) in ("1 question today", "2 questions today")


def test_options_are_shuffled_anew_each_time(world: World) -> None:
    browser = sat(world, right=0).browser
    orders: dict[str, set[tuple[str, ...]]] = {}
    for _ in range(5):
        one = study_now(browser)
        for item, at in zip(one.items, one.sheet.items, strict=True):
            orders.setdefault(item.id, set()).add(tuple(option.option_id for option in at.options))
        one.answer_all(right=False)
        world.clock.pass_(days=1)
    assert all(len(found) > 1 for found in orders.values())


def test_a_card_is_asked_as_its_sibling(fresh_world: World) -> None:
    sitting = sat(fresh_world, right=5)
    missed = item_at(sitting, 6)
    on_form = {item.id for item in sitting.items.values()}
    old = packs.pack(36, version="1.1.0")  # so many that the sibling need not be kept for mocks
    sibling = next(one for one in old.items if one.id not in on_form and one.domain == missed.domain)
    items = tuple(replace(one, enemies=(missed.id,)) if one.id == sibling.id else one for one in old.items)
    with fresh_world.database.writing() as tx:
        packs.load(tx, replace(old, items=items))
    fresh_world.clock.pass_(hours=1)
    one = study_now(sitting.browser)
    assert [item.id for item in one.items] == [sibling.id]
    one.answer_all(right=False)
    assert set(cards_of(sitting.browser)) == {missed.id}  # one matter, one card
    fresh_world.clock.pass_(days=1)
    assert [item.id for item in study_now(sitting.browser).items] == [missed.id]  # they take turns


def test_a_corrected_key_takes_back_what_was_wrong_by_it(fresh_world: World) -> None:
    sitting = sat(fresh_world, right=5)
    at = sitting.attempt.sheet.at(6)
    chosen = {o.option_id for o in at.options if o.token in sitting.tokens(6, right=False)}
    assert set(cards_of(sitting.browser)) == set()
    sitting.browser.get("/study")
    assert set(cards_of(sitting.browser)) == {item_at(sitting, 6).id}
    instructor = person_of(sitting.browser)
    with fresh_world.database.writing() as tx:
        regrades.add(tx, at.item_version_id, chosen, None, "It was the other one.", NOON, instructor)
    assert heading(sitting.browser) == "Nothing to repeat yet"
    assert cards_of(sitting.browser) == {}


def test_a_corrected_key_brings_what_was_right_by_it(fresh_world: World) -> None:
    sitting = sat(fresh_world, right=6)
    assert heading(sitting.browser) == "Nothing to repeat yet"
    at = sitting.attempt.sheet.at(1)
    other = {o.option_id for o in at.options if o.token in sitting.tokens(1, right=False)}
    with fresh_world.database.writing() as tx:
        regrades.add(
            tx, at.item_version_id, other, None, "It was the other one.", NOON, person_of(sitting.browser)
        )
    assert heading(sitting.browser) == "1 question today"
    one = study_now(sitting.browser)
    one.answer(1)  # by the old key
    assert "The key was corrected" in one.page(1).text
    assert "question 1: wrong" in re.sub("<[^>]*>", "", one.page(1).text).lower()


def test_a_withdrawn_and_a_retired_item_rest_and_come_back(fresh_world: World) -> None:
    sitting = sat(fresh_world, right=4)
    first, second = (item_at(sitting, position) for position in (5, 6))
    browser = sitting.browser
    assert heading(browser) == "2 questions today"
    new = packs.pack(version="2.0.0")
    retired = tuple(replace(one, status=Status.RETIRED) if one.id == first.id else one for one in new.items)
    version_id = sitting.attempt.sheet.at(6).item_version_id
    with fresh_world.database.writing() as tx:
        packs.load(tx, replace(new, items=retired))
        regrades.add(tx, version_id, None, None, "Nobody can tell.", NOON, person_of(browser))
    assert heading(browser) == "Nothing to repeat yet"
    assert set(cards_of(browser)) == {first.id}  # a withdrawn question was never wrong
    with fresh_world.database.writing() as tx:
        packs.load(tx, packs.pack(version="3.0.0"))
    assert heading(browser) == "1 question today"
    assert {item.id for item in study_now(browser).items} == {first.id}
    assert second.id not in cards_of(browser)


def test_questions_of_an_open_mock_rest(world: World) -> None:
    browser = sat(world, right=0).browser
    for _ in range(6):
        mock = browser.start()
        mine = {item.id for item in mock.items.values()} & set(cards_of(browser))
        browser.get("/study")
        if mine:
            break
        mock.end()
    assert mine
    assert "kept back while an exam of yours is open" in browser.get("/study").text
    assert not {item.id for item in study_now(browser).items} & {item.id for item in mock.items.values()}


def test_a_plan_hands_everything_out_before_the_exam(world: World) -> None:
    browser = sat(world, right=0).browser
    browser.get("/study")
    settle(browser, exam_date=(world.clock.time.date() + timedelta(days=3)).isoformat(), most="2")
    page = browser.get("/study").text
    assert "in 3 days" in page
    assert "too few days" not in page
    assert heading(browser) == "2 questions today"
    settle(browser, exam_date=(world.clock.time.date() + timedelta(days=1)).isoformat(), most="4")
    assert heading(browser) == "4 questions today"
    assert "6 first repetitions a day would be needed; you allow 4" in browser.get("/study").text


def test_the_limit_of_a_day_holds_over_its_sittings(world: World) -> None:
    browser = sat(world, right=0).browser
    settle(browser, most="4")
    study_now(browser).answer_all(right=False)
    assert browser.post("/study").headers["location"] == "/study"
    assert heading(browser) == "Nothing more today"
    drill(browser, show="missed", spend="0").answer_all(right=False)  # practice is no part of the plan
    assert heading(browser) == "Nothing more today"


@pytest.mark.parametrize(
    ("zone", "starts", "day"),
    [
        ("UTC", "4", date(2026, 11, 22)),
        ("UTC", "0", date(2026, 11, 23)),
        ("Asia/Tokyo", "4", date(2026, 11, 23)),
        ("America/Los_Angeles", "0", date(2026, 11, 22)),
    ],
)
def test_days_are_those_of_the_candidate(world: World, zone: str, starts: str, day: date) -> None:
    world.clock.time = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
    sitting = sat(world, right=5)
    settle(sitting.browser, time_zone=zone, day_starts=starts)
    sitting.browser.get("/study")
    (card,) = cards_of(sitting.browser).values()
    assert card.last == day
    assert zone in sitting.browser.get("/study").text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("exam", "nowhere", "one of the exams"),
        ("exam_date", "soon", "year-month-day"),
        ("exam_date", "2026-11-23", "a day after today"),
        ("exam_date", "2036-11-23", "within three years"),
        ("time_zone", "Mars/Olympus", "a place from the list"),
        ("time_zone", "../../etc/passwd", "a place from the list"),
        ("day_starts", "5", "when a day begins"),
        ("most", "0", "whole number"),
        ("most", "²", "whole number"),
        ("most", "9" * 5000, "whole number"),
    ],
)
def test_a_plan_that_cannot_be_kept_says_why(world: World, field: str, value: str, words: str) -> None:
    browser = world.visitor(Role.CANDIDATE)
    before = list(rows_of(world, "study_plan"))
    answer = browser.post("/study/settings", PLAN | {field: value})
    assert answer.status_code == 422
    assert words in answer.text
    assert list(rows_of(world, "study_plan")) == before


def test_readiness_is_what_the_report_says_and_study_does_not_move_it(fresh_world: World) -> None:
    with fresh_world.database.writing() as tx:
        version_in_use(tx, SHORT, NOON)
    sitting = sat(fresh_world, right=4)
    browser = sitting.browser
    report = browser.get(sitting.report).text
    (told,) = TOLD.findall(report)
    page = browser.get("/study").text
    assert f"a chance of about <strong>{told}</strong>" in page
    assert "Studying does not move this figure" in page
    study_now(browser).answer_all()
    assert f"a chance of about <strong>{told}</strong>" in browser.get("/study").text
    fresh_world.clock.pass_(days=1)
    second = browser.start()
    second.answer(1)
    second.end()
    (after,) = TOLD.findall(browser.get(second.report).text)
    page = browser.get("/study").text
    assert f"a chance of about <strong>{after}</strong>" in page
    assert page.count('<circle class="ready-point"') == 2
    with fresh_world.database.reading() as tx:
        rows = list(rows_of(fresh_world, "readiness"))
        assert stored_packs.exam(tx, SHORT)
    assert len(rows) == 2


def test_readiness_worked_out_mock_by_mock_is_that_of_all_at_once(fresh_world: World) -> None:
    with fresh_world.database.writing() as tx:
        version_in_use(tx, SHORT, NOON)
    browser = fresh_world.visitor(Role.CANDIDATE)
    for number in range(RECENT + 3):
        sitting = browser.start()
        sitting.answer(number % 6)
        sitting.end()
        assert browser.get("/study").status_code == 200
        fresh_world.clock.pass_(days=1)
    one_by_one = list(rows_of(fresh_world, "readiness"))
    assert len(one_by_one) == RECENT + 3
    with fresh_world.database.writing() as tx:
        tx.execute(delete(tables.readiness))
    browser.get("/study")
    assert sorted(rows_of(fresh_world, "readiness")) == sorted(one_by_one)


def test_the_report_leads_to_practice_of_the_weakest_domain(fresh_world: World) -> None:
    with fresh_world.database.writing() as tx:
        version_in_use(tx, SHORT, NOON)
    sitting = fresh_world.browser().start()
    for position in range(1, 7):
        right = item_at(sitting, position).domain == "D1"
        sitting.save(position, sitting.tokens(position, right=right))
    sitting.end()
    report = sitting.browser.get(sitting.report).text
    links: Mapping[str, str] = {
        words: href for href, words in re.findall(r'<a href="(/practice[^"]*)">([^<]*)</a>', report)
    }
    assert "what you missed" in links
    for href in links.values():
        assert sitting.browser.get(href.replace("&amp;", "&")).status_code == 200


def test_the_caches_can_be_made_anew_from_the_log(world: World) -> None:
    browser = sat(world, right=3).browser
    for day in range(4):
        world.clock.pass_(days=1, minutes=day)
        if "today" in heading(browser):
            study_now(browser).answer_all(right=day % 2 == 0, confidence="guessing")
    world.clock.pass_(minutes=1)
    drill(browser, count="6", at_once="0").answer_all(right=False)
    world.clock.pass_(hours=1)
    second = browser.start()
    second.answer(2)
    second.end()
    browser.get("/study")
    who = person_of(browser)
    with world.database.writing() as tx:
        before = study.progress(tx, who)
        study.put(tx, who, before, NOTHING)
        study.out_of_date(tx, who)
        assert study.progress(tx, who) == NOTHING
    browser.get("/study")
    with world.database.reading() as tx:
        assert study.progress(tx, who) == before
