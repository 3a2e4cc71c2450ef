"""Regrades from the item page: what they would do is said first; then bank, scores, report and review follow."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app.exam.item import Item, Status
from app.exam.person import Role
from app.store import own_data, packs, regrades, scores
from tests.analyses import analysed
from tests.journeys.world import Browser, Sitting, World
from tests.packs import SHORT


@pytest.fixture
def sat(fresh_world: World) -> Iterator[Sitting]:
    """An attempt with three of six right: the first three positions."""
    sitting = fresh_world.browser().start()
    sitting.answer(3)
    assert sitting.end().status_code == 303
    yield sitting
    fresh_world.settle()


def path(sitting: Sitting, position: int) -> str:
    """The regrade page of the item at a position."""
    return f"/exams/{SHORT}/items/{sitting.attempt.sheet.at(position).item_version_id}/regrade"


def item_at(sitting: Sitting, position: int) -> Item:
    """The item at a position."""
    return sitting.items[sitting.attempt.sheet.at(position).item_version_id]


def chosen_wrongly(sitting: Sitting, position: int) -> list[str]:
    """What the candidate chose at a position that is wrong by the key."""
    tokens = set(sitting.tokens(position, right=False))
    return [o.option_id for o in sitting.attempt.sheet.at(position).options if o.token in tokens]


def finished(world: World, browser: Browser, job: str) -> str:
    """The address that a job leads to, once it is done."""
    world.settle()
    return browser.get(f"{job}/progress").headers["hx-redirect"]


def foreseen(world: World, browser: Browser, sitting: Sitting, position: int, key: list[str] | None) -> str:
    """The address of the confirmation page."""
    fields = {"action": "withdraw" if key is None else "key", "key": key or [], "reason": "It was wrong."}
    answer = browser.post(path(sitting, position), fields)
    assert answer.status_code == 303, answer.text
    return finished(world, browser, answer.headers["location"])


def regrade(world: World, sitting: Sitting, position: int, key: list[str] | None) -> str:
    """Correct or withdraw the item at a position; the address that it ends at."""
    browser = world.visitor(Role.INSTRUCTOR)
    page = browser.get(foreseen(world, browser, sitting, position, key)).text
    (job,) = re.findall(r'name="job" value="(\d+)"', page)
    answer = browser.post(f"{path(sitting, position)}/confirm", {"job": job})
    assert answer.status_code == 303, answer.text
    return finished(world, browser, answer.headers["location"])


def fact(page: str, name: str) -> str:
    """The value of a line of facts."""
    (found,) = re.findall(rf"<dt>{name}</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    return str(found).strip()


def test_nothing_changes_before_it_is_confirmed(fresh_world: World, sat: Sitting) -> None:
    browser = fresh_world.visitor(Role.INSTRUCTOR)
    see = foreseen(fresh_world, browser, sat, 4, chosen_wrongly(sat, 4))
    page = browser.get(see).text
    assert fact(page, "Attempts touched") == "1"
    assert (fact(page, "Fail to pass"), fact(page, "Pass to fail")) == ("1", "0")
    assert "points, from +" in fact(page, "Scores that move")
    with fresh_world.database.reading() as tx:
        assert len(scores.history(tx, sat.attempt.id)) == 1
        assert regrades.keys(tx) == {}


def test_a_corrected_key_passes_who_had_it_right_and_the_report_shows_both_scores(
    fresh_world: World, sat: Sitting
) -> None:
    see = regrade(fresh_world, sat, 4, chosen_wrongly(sat, 4))
    assert "given another key. It was wrong." in fresh_world.visitor(Role.INSTRUCTOR).get(see).text
    with fresh_world.database.reading() as tx:
        first, second = scores.history(tx, sat.attempt.id)
    assert (first.score.passed, second.score.passed) == (False, True)
    report = sat.browser.get(sat.report).text
    assert "Scores of this attempt" in report
    assert f"before, it was {first.score.displayed} (fail)" in report
    assert "It was wrong." in report
    review = sat.browser.get(f"{sat.report}/review").text
    assert review.count("Key corrected after you sat it:") == 1
    assert review.count("Your answer, right") == sum(item_at(sat, n).select for n in (1, 2, 3, 4))


def test_the_item_page_shows_both_scores_and_that_its_figures_are_older(
    fresh_world: World, sat: Sitting
) -> None:
    analysed(fresh_world.database, SHORT, fresh_world.clock.now())
    fresh_world.clock.pass_(minutes=1)
    see = regrade(fresh_world, sat, 4, chosen_wrongly(sat, 4))
    page = fresh_world.visitor(Role.INSTRUCTOR).get(see).text
    assert "1 attempt was scored again, 1 with another result." in page
    with fresh_world.database.reading() as tx:
        first, second = scores.history(tx, sat.attempt.id)
    cells = re.search(rf'<th scope="row">{sat.attempt.id}</th>(.*?)</tr>', page)
    assert cells
    shown = re.sub(r"<[^>]*>", " ", cells[1]).split()
    assert shown[-4:] == [str(first.score.displayed), "Fail", str(second.score.displayed), "Pass"]
    assert "From before the correction." in page


def test_an_attempt_erased_since_is_counted_on_the_item_page_and_not_shown(
    fresh_world: World, sat: Sitting
) -> None:
    see = regrade(fresh_world, sat, 4, chosen_wrongly(sat, 4))
    keeper = fresh_world.visitor(Role.INSTRUCTOR)
    assert "Scores before and after" in keeper.get(see).text
    with fresh_world.database.writing() as tx:
        own_data.erase(tx, sat.attempt.person_id, keep_answers=False)
    page = keeper.get(see).text
    assert "1 attempt was scored again" in page
    assert "Scores before and after" not in page


def test_the_bank_gets_a_new_version_with_the_key_and_not_ready(fresh_world: World, sat: Sitting) -> None:
    key = chosen_wrongly(sat, 4)
    regrade(fresh_world, sat, 4, key)
    with fresh_world.database.reading() as tx:
        bank = packs.bank(tx, packs.exam(tx, SHORT).pack_version_id).values()
    (new,) = (item for item in bank if item.id == item_at(sat, 4).id)
    assert (new.version, new.key) == (2, frozenset(key))
    assert new.status is not Status.READY  # the old key has no misconception yet
    assert not any(option.misconception for option in new.options if option.key)


def test_a_withdrawn_item_is_retired_and_counts_for_nobody(fresh_world: World, sat: Sitting) -> None:
    regrade(fresh_world, sat, 4, None)
    with fresh_world.database.reading() as tx:
        bank = packs.bank(tx, packs.exam(tx, SHORT).pack_version_id).values()
        score = scores.of(tx, sat.attempt.id).score
    assert [item.status for item in bank if item.id == item_at(sat, 4).id] == [Status.RETIRED]
    assert (score.raw, score.scored, score.dropped) == (3, 5, (4,))
    assert "Withdrawn, not scored after you sat it:" in sat.browser.get(f"{sat.report}/review").text
    assert "You got 3 of 5 right" in sat.browser.get(sat.report).text


def test_the_least_that_passes_is_that_of_the_form_as_it_is_scored(fresh_world: World, sat: Sitting) -> None:
    before = re.findall(r"on this form (\d+) were enough", sat.browser.get(sat.report).text)
    for position in (4, 5, 6):
        regrade(fresh_world, sat, position, None)
    report = sat.browser.get(sat.report).text
    assert re.findall(r"on this form (\d+) were enough", report) < before
    assert '<span class="pass">Pass</span> with 1000' in report


def test_a_score_that_is_behind_is_made_again_when_its_report_or_review_is_opened(
    fresh_world: World, sat: Sitting
) -> None:
    version_id = sat.attempt.sheet.at(1).item_version_id
    with fresh_world.database.writing() as tx:
        who = fresh_world.attempt(sat.attempt.id).person_id
        regrades.add(tx, version_id, None, None, "Nobody can tell.", fresh_world.clock.now(), who)
    assert "Nobody can tell." in sat.browser.get(f"{sat.report}/review").text
    with fresh_world.database.reading() as tx:
        assert [one.reason for one in scores.history(tx, sat.attempt.id)][1:] == ["Nobody can tell."]
    assert "Scores of this attempt" in sat.browser.get(sat.report).text


def test_what_a_stopped_server_left_behind_is_scored_from_the_item_page(
    fresh_world: World, sat: Sitting
) -> None:
    version_id = sat.attempt.sheet.at(1).item_version_id
    with fresh_world.database.writing() as tx:
        who = fresh_world.attempt(sat.attempt.id).person_id
        regrades.add(tx, version_id, None, None, "Nobody can tell.", fresh_world.clock.now(), who)
    fresh_world.visitor(Role.INSTRUCTOR).post(f"{path(sat, 1)}/again")
    fresh_world.settle()
    with fresh_world.database.reading() as tx:
        assert scores.of(tx, sat.attempt.id).score.dropped == (1,)


def test_a_correction_is_made_once(fresh_world: World, sat: Sitting) -> None:
    regrade(fresh_world, sat, 4, None)
    browser = fresh_world.visitor(Role.INSTRUCTOR)
    answer = browser.post(path(sat, 4), {"action": "withdraw", "reason": "Again."})
    assert answer.status_code == 422
    assert "withdrawn already" in answer.text


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"action": "withdraw", "reason": " "}, "Say in a sentence why"),
        ({"action": "key", "reason": "So."}, "Choose "),
        ({"action": "key", "reason": "So.", "key": ["nothing"]}, "Choose "),
    ],
)
def test_what_cannot_be_done_comes_back_with_its_problem(
    world: World, fields: dict[str, object], problem: str
) -> None:
    with world.database.reading() as tx:
        version_id = min(packs.bank(tx, packs.exam(tx, SHORT).pack_version_id))
    browser = world.visitor(Role.INSTRUCTOR)
    answer = browser.post(f"/exams/{SHORT}/items/{version_id}/regrade", fields)
    assert answer.status_code == 422
    assert problem in answer.text


def test_the_key_as_it_is_is_no_correction(world: World) -> None:
    with world.database.reading() as tx:
        bank = packs.bank(tx, packs.exam(tx, SHORT).pack_version_id)
    version_id = min(bank)
    fields = {"action": "key", "reason": "So.", "key": sorted(bank[version_id].key)}
    answer = world.visitor(Role.INSTRUCTOR).post(f"/exams/{SHORT}/items/{version_id}/regrade", fields)
    assert "This is the key as it is" in answer.text


def test_nothing_is_confirmed_that_nobody_looked_at(world: World) -> None:
    with world.database.reading() as tx:
        version_id = min(packs.bank(tx, packs.exam(tx, SHORT).pack_version_id))
    answer = world.visitor(Role.INSTRUCTOR).post(
        f"/exams/{SHORT}/items/{version_id}/regrade/confirm", {"job": str(2**40)}
    )
    assert answer.status_code == 404


def test_an_exam_whose_every_item_was_withdrawn_ends_without_a_score(fresh_world: World) -> None:
    sitting = fresh_world.browser().start()
    who = sitting.attempt.person_id
    with fresh_world.database.writing() as tx:
        for at in sitting.attempt.sheet.items:
            regrades.add(tx, at.item_version_id, None, None, "Nobody can tell.", fresh_world.clock.now(), who)
    assert sitting.end().status_code == 303
    assert sitting.stored().clock.closed_at is not None
    page = sitting.browser.get(sitting.report)
    assert page.status_code == 404
    assert "all of its questions were withdrawn" in page.text
    assert sitting.browser.get("/attempts").status_code == 200
    assert sitting.browser.start().attempt.id != sitting.attempt.id
