"""Journeys of a candidate: from the start of an exam to its report, whatever comes between."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.exam.attempt import AttemptKind, Ending
from app.store import scores
from tests import packs
from tests.journeys.world import Sitting, World
from tests.packs import NOON, PILOTED


def raw_score(sitting: Sitting) -> int:
    """The raw score that is stored for an attempt."""
    with sitting.browser.world.database.reading() as tx:
        return scores.of(tx, sitting.attempt.id).score.raw


def test_a_guest_sits_a_whole_exam_and_reads_report_and_review(world: World) -> None:
    guest = world.browser()
    assert guest.get("/").status_code == 200
    assert guest.get("/exams/short").status_code == 200
    sitting = guest.start()
    assert guest.get(sitting.path).status_code == 200
    sitting.answer(right=4)
    assert guest.get(f"{sitting.path}/end").status_code == 200
    assert sitting.end().headers["location"] == sitting.report
    report = guest.get(sitting.report)
    assert report.status_code == 200
    assert "4 of 6 right" in report.text
    review = guest.get(f"{sitting.report}/review")
    assert review.status_code == 200
    assert review.text.count('class="review-item"') == 6


def test_the_list_of_attempts_has_what_was_sat(world: World) -> None:
    guest = world.browser()
    sitting = guest.start()
    sitting.end()
    assert f'href="{sitting.report}"' in guest.get("/attempts").text


def test_pilots_are_left_out_of_the_score(world: World) -> None:
    sitting = world.browser().start(PILOTED)
    assert sitting.length == 8
    sitting.answer(right=8)
    sitting.end()
    assert raw_score(sitting) == 6
    assert "2 questions were on trial" in sitting.browser.get(sitting.report).text


def test_the_review_can_be_narrowed_to_what_went_wrong(world: World) -> None:
    sitting = world.browser().start()
    sitting.answer(right=4)
    sitting.end()
    wrong = sitting.browser.get(f"{sitting.report}/review?show=wrong").text
    assert wrong.count('class="review-item"') == 2


def test_registering_moves_a_guests_attempts_into_the_account(world: World) -> None:
    guest = world.browser()
    ended, other = guest.start(), guest.start(PILOTED)
    ended.end()
    answer = guest.post("/people/register", {"name": f"adopts{ended.attempt.id}", "password": "long enough!"})
    assert answer.status_code == 303
    assert guest.get(ended.report).status_code == 200
    assert guest.get(other.path).status_code == 200
    elsewhere = world.browser()
    elsewhere.log_in(f"adopts{ended.attempt.id}", "long enough!")
    assert elsewhere.get(ended.report).status_code == 200


def test_a_guests_open_exam_goes_on_as_practice_when_the_account_has_one_itself(world: World) -> None:
    person = world.account()
    own = person.start()
    guest = world.browser()
    second = guest.start()
    assert guest.log_in(person.name).status_code == 303
    assert guest.get(own.path).status_code == 200
    assert guest.get(second.path).status_code == 200
    assert [one.stored().kind for one in (own, second)] == [AttemptKind.MOCK, AttemptKind.PRACTICE]


def test_an_exam_goes_on_in_another_browser(world: World) -> None:
    person = world.account()
    sitting = person.start()
    chosen = sitting.tokens(2)
    sitting.save(2, chosen)
    world.clock.pass_(seconds=30)
    other = world.browser()
    other.log_in(person.name)
    resumed = other.sitting(sitting.attempt.id)
    assert resumed.chosen(2) == set(chosen)
    state = other.get(f"{resumed.path}/state").json()
    assert state == {"state": "open", "remaining_ms": 90_000, "revs": [0, 1, 0, 0, 0, 0]}


def test_f24_the_first_look_after_the_time_closes_the_exam(world: World) -> None:
    sitting = world.browser().start()
    sitting.answer(right=3)
    world.clock.pass_(hours=5)
    assert sitting.browser.get(sitting.path).headers["location"] == sitting.report
    assert sitting.browser.get(sitting.report).status_code == 200
    one = sitting.stored()
    assert one.ending is Ending.TIME
    assert one.clock.closed_at == NOON + timedelta(minutes=3)
    assert raw_score(sitting) == 3


def test_a_review_before_the_report_closes_the_exam_too(world: World) -> None:
    sitting = world.browser().start()
    world.clock.pass_(hours=1)
    first = sitting.browser.get(f"{sitting.report}/review")
    assert first.headers["location"] == sitting.report
    assert sitting.browser.get(sitting.report).status_code == 200


def test_a_start_closes_an_exam_that_has_run_out(world: World) -> None:
    guest = world.browser()
    first = guest.start()
    world.clock.pass_(minutes=3)
    second = guest.start()
    assert second.attempt.id != first.attempt.id
    assert first.stored().ending is Ending.TIME


def test_a_report_of_an_open_exam_leads_back_to_it(world: World) -> None:
    sitting = world.browser().start()
    assert sitting.browser.get(sitting.report).headers["location"] == sitting.path
    assert sitting.stored().clock.closed_at is None


@pytest.mark.parametrize(
    ("seconds", "status", "state"),
    [(119, 200, "open"), (120, 200, "locked"), (179, 200, "locked"), (180, 409, "final")],
)
def test_x06_a_save_counts_until_the_end_of_the_grace(
    world: World, seconds: int, status: int, state: str
) -> None:
    sitting = world.browser().start()
    world.clock.pass_(seconds=seconds)
    answer = sitting.save(1, sitting.tokens(1))
    assert (answer.status_code, answer.headers["cutscore-state"]) == (status, state)
    world.clock.pass_(hours=1)
    sitting.browser.get(sitting.report)
    assert raw_score(sitting) == int(status == 200)


def test_x06_what_came_too_late_is_shown_and_not_scored(world: World) -> None:
    sitting = world.browser().start()
    world.clock.pass_(minutes=4)
    assert sitting.save(1, sitting.tokens(1)).status_code == 409
    assert "1, kept and shown in the review" in sitting.browser.get(sitting.report).text
    assert "Late, not scored" in sitting.browser.get(f"{sitting.report}/review").text
    assert raw_score(sitting) == 0


def test_x07_a_save_after_the_explicit_end_is_refused_and_kept(world: World) -> None:
    sitting = world.browser().start()
    sitting.end()
    answer = sitting.save(1, sitting.tokens(1))
    assert (answer.status_code, answer.headers["cutscore-outcome"]) == (409, "late")
    assert "Late, not scored" in sitting.browser.get(f"{sitting.report}/review").text


def test_a_second_end_changes_nothing(world: World) -> None:
    sitting = world.browser().start()
    sitting.end()
    before = world.fingerprint()
    world.clock.pass_(seconds=10)
    assert sitting.end().headers["location"] == sitting.report
    assert world.fingerprint() == before


def test_a_pause_stops_the_clock_and_a_resume_moves_the_deadline(world: World) -> None:
    sitting = world.browser().start(mode="pausable")
    world.clock.pass_(seconds=50)
    assert sitting.browser.post(f"{sitting.path}/pause").status_code == 303
    world.clock.pass_(hours=2)
    state = sitting.browser.get(f"{sitting.path}/state").json()
    assert (state["state"], state["remaining_ms"]) == ("paused", 70_000)
    sitting.browser.post(f"{sitting.path}/resume")
    assert sitting.stored().clock.deadline_at == NOON + timedelta(hours=2, minutes=2)
    assert sitting.browser.get(f"{sitting.path}/state").json()["state"] == "open"


def test_a_save_while_paused_is_refused(world: World) -> None:
    sitting = world.browser().start(mode="pausable")
    sitting.browser.post(f"{sitting.path}/pause")
    answer = sitting.save(1, sitting.tokens(1))
    assert (answer.status_code, answer.headers["cutscore-state"]) == (409, "paused")
    sitting.browser.post(f"{sitting.path}/resume")
    assert sitting.chosen(1) == set()


def test_a_save_refused_while_paused_counts_when_it_comes_again_after_the_pause(world: World) -> None:
    sitting = world.browser().start(mode="pausable")
    sitting.browser.post(f"{sitting.path}/pause")
    chosen = sitting.tokens(1)
    fields = sitting.fields(chosen)
    sitting.browser.put(f"{sitting.path}/responses/1", fields)
    sitting.browser.post(f"{sitting.path}/resume")
    again = sitting.browser.put(f"{sitting.path}/responses/1", fields)
    assert (again.status_code, again.headers["cutscore-outcome"]) == (200, "accepted")
    assert sitting.chosen(1) != set()


def test_a_save_while_paused_is_not_reported_as_late(world: World) -> None:
    sitting = world.browser().start(mode="pausable")
    sitting.browser.post(f"{sitting.path}/pause")
    sitting.save(1, sitting.tokens(1))
    sitting.browser.post(f"{sitting.path}/resume")
    sitting.end()
    assert "Late answers" not in sitting.browser.get(sitting.report).text
    assert "Late, not scored" not in sitting.browser.get(f"{sitting.report}/review").text


@pytest.mark.parametrize("path", ["", "/questions/1", "/end"])
def test_the_questions_stay_closed_while_paused(world: World, path: str) -> None:
    sitting = world.browser().start(mode="pausable")
    sitting.browser.post(f"{sitting.path}/pause")
    assert "needs the lamp" not in sitting.browser.get(sitting.path + path).text


def test_the_report_says_that_the_exam_was_pausable(world: World) -> None:
    sitting = world.browser().start(mode="pausable")
    sitting.end()
    assert "Allowed: the clock could be stopped" in sitting.browser.get(sitting.report).text


def test_x07_a_strict_exam_cannot_be_paused(world: World) -> None:
    sitting = world.browser().start()
    assert sitting.browser.post(f"{sitting.path}/pause").status_code == 409
    assert sitting.stored().clock.paused_at is None


def test_a_paused_exam_can_be_ended_and_is_scored(world: World) -> None:
    sitting = world.browser().start(mode="pausable")
    sitting.answer(right=5)
    sitting.browser.post(f"{sitting.path}/pause")
    sitting.end()
    assert raw_score(sitting) == 5


def test_an_abandoned_exam_has_no_report_and_makes_room(world: World) -> None:
    sitting = world.browser().start(mode="pausable")
    sitting.browser.post(f"{sitting.path}/pause")
    assert sitting.browser.post(f"{sitting.path}/abandon").headers["location"] == "/attempts"
    assert sitting.stored().ending is Ending.ABANDONED
    assert sitting.browser.get(sitting.report).status_code == 404
    assert "Abandoned" in sitting.browser.get("/attempts").text
    assert sitting.browser.start().attempt.id != sitting.attempt.id


def test_a_running_exam_cannot_be_abandoned(world: World) -> None:
    sitting = world.browser().start()
    assert sitting.browser.post(f"{sitting.path}/abandon").status_code == 422
    assert sitting.stored().clock.closed_at is None


def test_an_untimed_exam_never_runs_out_and_can_be_abandoned(world: World) -> None:
    sitting = world.browser().start(time_option="untimed")
    world.clock.pass_(days=20)
    assert sitting.save(1, sitting.tokens(1)).status_code == 200
    assert sitting.browser.post(f"{sitting.path}/abandon").status_code == 303


def test_a_second_start_is_refused_and_leaves_the_first_exam_alone(world: World) -> None:
    sitting = world.browser().start()
    sitting.save(1, sitting.tokens(1))
    before = world.fingerprint()
    assert sitting.browser.post("/attempts", {"exam": "short"}).status_code == 409
    assert world.fingerprint() == before


def test_another_exam_may_be_open_at_the_same_time(world: World) -> None:
    guest = world.browser()
    assert guest.start().attempt.id != guest.start(PILOTED).attempt.id


def test_more_time_moves_the_deadline_and_is_in_the_report(world: World) -> None:
    sitting = world.browser().start(time_option="times-1.5")
    assert sitting.attempt.clock.deadline_at == NOON + timedelta(minutes=3)
    sitting.end()
    assert "Half as much time again" in sitting.browser.get(sitting.report).text


def test_the_scratchpad_keeps_notes_until_the_end(world: World) -> None:
    sitting = world.browser().start()
    assert sitting.browser.put(f"{sitting.path}/scratchpad", {"text": "first <b>"}).status_code == 204
    assert "first &lt;b&gt;" in sitting.browser.get(sitting.path).text
    sitting.end()
    assert sitting.browser.put(f"{sitting.path}/scratchpad", {"text": "later"}).status_code == 409
    assert sitting.stored().scratchpad == "first <b>"


def test_a_scratchpad_that_is_too_long_is_refused(world: World) -> None:
    sitting = world.browser().start()
    assert sitting.browser.put(f"{sitting.path}/scratchpad", {"text": "x" * 10_001}).status_code == 413


def test_marks_come_back_with_the_question(world: World) -> None:
    sitting = world.browser().start()
    token = sitting.attempt.sheet.at(3).options[0].token
    sitting.save(3, [], flagged="1", struck=token, highlight="4-12", confidence="fairly", elapsed_ms="900")
    question = sitting.browser.get(f"{sitting.path}/questions/3").text
    assert 'data-flagged="1"' in question
    assert 'data-highlights="4-12"' in question
    assert 'data-elapsed="900"' in question
    assert re.search(r'class="option struck">\s*<label>\s*<input[^>]*' + token, question)
    assert re.search(r'value="fairly" checked', question)


def test_f19_a_stale_save_of_another_tab_gets_the_newest_answer(world: World) -> None:
    first = world.browser().start()
    second = first.browser.sitting(first.attempt.id)
    right, wrong = first.tokens(1), first.tokens(1, right=False)
    first.save(1, right)
    answer = second.save(1, wrong)
    assert (answer.status_code, answer.headers["cutscore-outcome"]) == (409, "conflict")
    assert answer.headers["hx-retarget"] == "#q1"
    assert re.findall(r'value="(\w+)" checked', answer.text) == right
    assert second.save(1, wrong, base_rev=answer.headers["cutscore-rev"]).status_code == 200


def test_a_home_page_shows_an_open_exam_that_the_pack_no_longer_has(fresh_world: World) -> None:
    sitting = fresh_world.browser().start()
    with fresh_world.database.writing() as tx:
        packs.load(tx, packs.pack(version="2.0.0", exams=[packs.exam(PILOTED, items=8, pilots=2)]))
    for path in ("/", "/attempts", sitting.path):
        assert sitting.browser.get(path).status_code == 200, path
    sitting.answer(right=6)
    sitting.end()
    assert sitting.browser.get(sitting.report).status_code == 200
    assert raw_score(sitting) == 6
