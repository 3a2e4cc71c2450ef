"""Practice: what is asked, when a key is seen, what is kept back, and that no score is touched."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import pytest
from markupsafe import Markup

from app.exam.item import Status
from app.exam.person import Role
from app.store import observations, people
from tests import packs
from tests.journeys.routes import routes
from tests.journeys.test_secrets import leaks
from tests.journeys.world import Sitting, World
from tests.packs import SHORT
from tests.pages.drills import Drill, cards_of, drill, person_of, rows_of
from tests.pages.test_authority import FILLED


def sat(world: World, right: int = 2) -> Sitting:
    """An exam of six with so many right, ended."""
    sitting = world.browser().start()
    sitting.answer(right)
    sitting.end()
    return sitting


def everything_before_an_answer(one: Drill) -> list[str]:
    """All that a candidate can get of a set in which nothing was answered."""
    browser = one.browser
    browser.seen = []
    for method, path in routes(browser.world.app):
        if method == "GET" and "/static/" not in path:
            for position in ("1", "2"):
                filled = FILLED | {"set_id": str(one.set_id), "position": position}
                browser.get(path.format(**filled, attempt_id=2**40))
    browser.post(f"{one.path}/1", {"act": "check"})
    browser.post(f"{one.path}/1", {"choice": ["other"]})
    browser.post(f"{one.path}/2", {"choice": one.tokens(2)})
    browser.post(f"{one.path}/1", {"choice": one.tokens(1), "confidence": "very"})
    browser.get(f"{one.path}/1", **{"HX-Request": "true"})
    browser.send("PUT", f"{one.path}/1")
    return browser.seen


def test_no_secret_gets_out_before_an_answer(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    one = drill(world.visitor(Role.CANDIDATE), count="10")
    seen = everything_before_an_answer(one)
    assert sum("needs the lamp" in text for text in seen) >= 3
    secrets = packs.secrets_of(packs.pack().items)
    assert leaks(seen, secrets) == set()
    assert leaks([caplog.text], secrets) == set()


def test_a_planted_leak_is_caught(world: World) -> None:
    one = drill(world.visitor(Role.CANDIDATE), count="10")
    version_id, item = one.sheet.at(1).item_version_id, one.items[0]
    pages = world.site.pages
    one.page(1)
    before = pages[version_id]
    pages[version_id] = replace(before, stem=before.stem + Markup(item.rationale))
    try:
        seen = everything_before_an_answer(one)
    finally:
        pages[version_id] = before
    assert leaks(seen, packs.secrets_of(packs.pack().items))


def test_after_an_answer_its_question_is_explained_and_no_other(world: World) -> None:
    one = drill(world.visitor(Role.CANDIDATE), count="5")
    assert one.answer(1, right=False).headers["location"] == f"{one.path}/1"
    page = one.page(1).text
    explained = packs.explained([one.items[0]])
    assert leaks([page], explained) == explained
    assert "question 1: wrong" in " ".join(re.sub("<[^>]*>", "", page).lower().split())
    others = packs.secrets_of(one.items[1:]) - packs.secrets_of([one.items[0]])
    assert leaks([page, one.page(2).text, one.browser.get(one.path).text], others) == set()


def test_with_answers_explained_at_the_end_nothing_is_told_before_and_all_then(world: World) -> None:
    one = drill(world.visitor(Role.CANDIDATE), count="5", at_once="0")
    assert one.answer(1, right=False).headers["location"] == f"{one.path}/2"
    one.answer(2)
    secrets = packs.secrets_of(one.items)
    told = [one.page(1).text, one.page(2).text, one.page(3).text, one.browser.get(one.path).text]
    assert leaks(told, secrets) == set()
    assert not cards_of(one.browser)
    one.answer(1, right=True)  # it may be changed
    one.answer(2, right=False)
    one.end()
    assert "1 of 2 right" in one.browser.get(one.path).text
    for position in (1, 2):
        explained = packs.explained([one.items[position - 1]])
        assert leaks([one.page(position).text], explained) == explained
    assert set(cards_of(one.browser)) == {one.items[1].id}
    assert one.page(4).status_code == 303  # it was not come to, and stays unseen


def test_a_second_answer_and_one_ahead_change_nothing(world: World) -> None:
    one = drill(world.visitor(Role.CANDIDATE), count="5")
    one.answer(1)
    before = list(rows_of(world, "practice_answer", "study_card", "met_item"))
    assert one.answer(1, right=False).headers["location"] == f"{one.path}/1"
    assert one.answer(4).headers["location"] == f"{one.path}/2"
    assert one.page(4).headers["location"] == f"{one.path}/2"
    assert list(rows_of(world, "practice_answer", "study_card", "met_item")) == before


def test_an_answer_that_is_none_says_so_and_not_to_know_is_a_miss(world: World) -> None:
    one = drill(world.visitor(Role.CANDIDATE), count="5")
    refused = one.browser.post(f"{one.path}/1", {"act": "check"})
    assert refused.status_code == 422
    assert "or say that you do not know" in refused.text
    assert one.browser.post(f"{one.path}/1", {"act": "unknown"}).status_code == 303
    assert "not known" in one.page(1).text
    assert set(cards_of(one.browser)) == {one.items[0].id}


def test_a_set_is_its_owners_alone(world: World) -> None:
    one = drill(world.visitor(Role.CANDIDATE), count="5")
    stranger = world.visitor(Role.CANDIDATE)
    for path in (one.path, f"{one.path}/1"):
        assert stranger.get(path).status_code == 404
    for path in (f"{one.path}/1", f"{one.path}/end"):
        assert stranger.post(path, {"choice": one.tokens(1)}).status_code == 404
    assert one.answer(1).status_code == 303


def test_missed_only_asks_what_was_missed(world: World) -> None:
    sitting = sat(world, right=2)
    one = drill(sitting.browser, show="missed", spend="0")
    missed = {sitting.items[at.item_version_id].id for at in sitting.attempt.sheet.items[2:]}
    assert {item.id for item in one.items} == missed
    one.answer_all()
    again = sitting.browser.post("/practice", {"exam": SHORT, "show": "missed"})
    assert again.status_code == 422  # nothing is missed any more


def test_the_chooser_counts_what_each_choice_holds(world: World) -> None:
    sitting = sat(world, right=4)
    page = sitting.browser.get(f"/practice?exam={SHORT}&domain=D1").text
    rows = dict(
        re.findall(r'<a href="[^"]*"[^>]*>(Light|Fog)</a></th>((?:<td class="number">\d+</td>)+)', page)
    )
    counts = {name: [int(n) for n in re.findall(r"\d+", row)] for name, row in rows.items()}
    assert {sum(one) for one in counts.values()} == {12}
    assert [sum(one) for one in zip(*counts.values(), strict=True)] == [2, 4, 18]
    assert 'name="domain" value="D1"' in page


def test_new_questions_are_kept_for_unseen_mocks_unless_the_candidate_says_otherwise(world: World) -> None:
    browser = world.visitor(Role.CANDIDATE)
    one = drill(browser, show="unseen", spend="0", count="20")
    assert one.length == 6  # of 24, with three mocks of six to be kept
    one.answer_all()
    refused = browser.post("/practice", {"exam": SHORT, "show": "unseen"})
    assert refused.status_code == 422
    page = browser.get(f"/practice?exam={SHORT}&show=unseen").text
    assert "You have 3 such mocks now" in page
    (left,) = re.findall(r"a set of 5 leaves (\d+)", page)
    assert int(left) < 3
    assert drill(browser, show="unseen", count="5").length == 5


def test_a_mock_after_practice_counts_what_was_met_there_as_seen(world: World) -> None:
    browser = world.visitor(Role.CANDIDATE)
    drill(browser, count="20").answer_all()
    drill(browser, count="20", show="unseen").answer_all()
    assert "6 of 6 seen before" in browser.get(f"/exams/{SHORT}").text
    sitting = browser.start()
    sitting.end()
    with world.database.reading() as tx:
        (evidence,) = observations.evidence(tx, person_of(browser), SHORT, sitting.attempt.id)
    assert evidence.first == (False,) * 6


def test_practice_touches_no_score_and_is_no_data_for_calibration(world: World) -> None:
    sitting = sat(world)
    names = ("score", "form", "item_exposure", "response", "response_event", "attempt", "attempt_event")
    report, before = sitting.browser.get(sitting.report).text, list(rows_of(world, *names))
    with world.database.reading() as tx:
        count = observations.count(tx, SHORT, 1_000)
    drill(sitting.browser, count="10").answer_all(right=False, confidence="sure")
    assert sitting.browser.get(sitting.report).text == report
    assert list(rows_of(world, *names)) == before
    with world.database.reading() as tx:
        assert observations.count(tx, SHORT, 1_000) == count


def test_questions_of_an_open_mock_are_kept_back_and_come_back_after_it(fresh_world: World) -> None:
    browser = fresh_world.visitor(Role.CANDIDATE)
    first = browser.start()
    first.answer(0)
    first.end()
    earlier = drill(browser, show="missed", spend="0")
    assert earlier.answer(1, right=False).status_code == 303
    for _ in range(12):  # until a mock has a question of the set
        mock = browser.start()
        on_mock = {at.item_version_id for at in mock.attempt.sheet.items}
        shared = [p for p in range(1, 7) if earlier.sheet.at(p).item_version_id in on_mock]
        if shared:
            break
        mock.end()
    assert shared
    page = browser.get(f"/practice?exam={SHORT}").text
    assert "An exam of yours is open." in page
    for position in shared:
        if position > 2:
            continue
        kept = earlier.page(position)
        assert "This question is kept back" in kept.text
        assert leaks([kept.text], packs.secrets_of([earlier.items[position - 1]])) == set()
        assert earlier.items[position - 1].stem[:40] not in kept.text
    new = drill(browser, count="100")
    assert not {at.item_version_id for at in new.sheet.items} & on_mock
    mock.end()
    assert "An exam of yours is open." not in browser.get(f"/practice?exam={SHORT}").text


def test_a_kept_back_question_is_passed_without_an_answer(world: World) -> None:
    browser = world.visitor(Role.CANDIDATE)
    one = drill(browser, count="24", spend="1")
    browser.start()
    position = 1
    while "kept back" not in one.page(position).text:
        one.answer(position)
        position += 1
    answers = len(list(rows_of(world, "practice_answer")))
    passed = browser.post(f"{one.path}/{position}", {"act": "pass", "choice": one.tokens(position)})
    assert passed.headers["location"] == f"{one.path}/{position + 1}"
    assert len(list(rows_of(world, "practice_answer"))) == answers


def test_a_timed_set_ends_by_its_clock_and_counts_what_was_answered(world: World) -> None:
    one = drill(world.visitor(Role.CANDIDATE), count="6", timed="1", at_once="0")
    assert "data-remaining" in one.page(1).text
    one.answer(1, right=False)
    world.clock.pass_(seconds=121)  # 20 seconds a question
    assert one.answer(2).headers["location"] == one.path
    assert "0 of 1 right" in one.browser.get(one.path).text
    assert set(cards_of(one.browser)) == {one.items[0].id}
    assert one.end().status_code == 303
    assert len(cards_of(one.browser)) == 1


def test_options_come_in_another_order_and_under_other_tokens(world: World) -> None:
    browser = world.visitor(Role.CANDIDATE)
    sets = [drill(browser, count="20") for _ in range(3)]
    orders: dict[int, set[tuple[str, ...]]] = {}
    tokens = [option.token for one in sets for at in one.sheet.items for option in at.options]
    for one in sets:
        for at in one.sheet.items:
            order = tuple(option.option_id for option in at.options)
            orders.setdefault(at.item_version_id, set()).add(order)
    assert any(len(found) > 1 for found in orders.values())
    assert len(set(tokens)) > 0.99 * len(tokens)


def test_practice_of_a_guest_goes_to_the_account_that_is_made(world: World) -> None:
    sitting = sat(world, right=0)
    guest = sitting.browser
    drill(guest, show="missed", spend="0").answer_all(right=False)
    before, guest_id = cards_of(guest), person_of(guest)
    assert before
    answer = guest.post("/people/register", {"name": f"keeper{guest_id}", "password": "a good long password"})
    assert answer.status_code == 303
    guest.get("/study")
    assert person_of(guest) != guest_id
    assert cards_of(guest) == before
    with world.database.reading() as tx:
        assert people.get(tx, person_of(guest)).name.startswith("keeper")


def test_only_ready_items_are_asked_and_an_edited_one_in_its_new_version(fresh_world: World) -> None:
    sitting = sat(fresh_world, right=0)
    missed = [sitting.items[at.item_version_id] for at in sitting.attempt.sheet.items]
    edited, retired = missed[0], missed[1]
    changes = {
        edited.id: replace(edited, version=2, stem=edited.stem.replace("burn", "shine")),
        retired.id: replace(retired, status=Status.RETIRED),
    }
    new = packs.pack(version="2.0.0")
    items = tuple(changes.get(one.id, one) for one in new.items)
    with fresh_world.database.writing() as tx:
        packs.load(tx, replace(new, items=items))
    one = drill(sitting.browser, show="missed", spend="0", count="20")
    asked = {item.id: item for item in one.items}
    assert asked[edited.id].version == 2
    assert retired.id not in asked
    assert len(asked) == 5


def test_there_is_nothing_to_practise_without_an_exam(fresh_world: World) -> None:
    browser = fresh_world.visitor(Role.CANDIDATE)
    assert browser.get("/practice?exam=nowhere").status_code == 404
    assert browser.post("/practice", {"exam": "tutorial"}).status_code == 404


@pytest.mark.parametrize("field", ["domain", "topic", "service", "constraint", "trap", "show"])
def test_an_unknown_choice_fits_nothing(world: World, field: str) -> None:
    browser = world.visitor(Role.CANDIDATE)
    page = browser.get(f"/practice?exam={SHORT}&{field}=nowhere")
    assert (page.status_code, "Nothing fits this choice" in page.text) == (200, True)
    assert browser.post("/practice", {"exam": SHORT, field: "nowhere"}).status_code == 422
