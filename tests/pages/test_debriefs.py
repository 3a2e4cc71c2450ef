"""The page that says how an attempt was worked on."""

from __future__ import annotations

import re

from app.exam.person import Role
from tests.analyses import analysed
from tests.journeys.world import Sitting, World
from tests.packs import SHORT


def text_of(sitting: Sitting) -> str:
    """The debrief as a reader has it."""
    answer = sitting.browser.get(f"{sitting.report}/debrief")
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def test_a_changed_answer_is_counted_by_what_it_cost(world: World) -> None:
    sitting = world.browser().start()
    sitting.save(1, sitting.tokens(1, right=True))
    sitting.save(2, sitting.tokens(2, right=True))
    sitting.save(1, sitting.tokens(1, right=False))
    sitting.end()
    said = text_of(sitting)
    assert "Changing answers cost you: it won 0 and lost 1." in said
    assert "Right to wrong 1 " in said


def test_an_attempt_without_answers_has_a_debrief_that_says_nothing_false(world: World) -> None:
    sitting = world.browser().start()
    sitting.end()
    said = text_of(sitting)
    assert f"{sitting.length} at the end were left open" in said
    assert "You changed no answer" in said
    assert "You said of no answer how sure you were" in said
    assert not re.search(r"\b(nan|inf|none)\b", said, re.IGNORECASE)


def test_an_open_attempt_has_no_debrief(world: World) -> None:
    sitting = world.browser().start()
    answer = sitting.browser.get(f"{sitting.report}/debrief")
    assert answer.status_code == 303


def test_nobody_else_sees_a_debrief(world: World) -> None:
    sitting = world.browser().start()
    sitting.end()
    assert world.visitor(Role.CANDIDATE).get(f"{sitting.report}/debrief").status_code == 404


def test_the_report_leads_to_the_debrief(world: World) -> None:
    sitting = world.browser().start()
    sitting.end()
    assert f'href="{sitting.report}/debrief"' in sitting.browser.get(sitting.report).text


def test_red_herrings_are_compared_with_others_when_enough_have_answered(fresh_world: World) -> None:
    def wrong() -> Sitting:
        sitting = fresh_world.browser().start()
        sitting.answer(0)
        sitting.end()
        return sitting

    assert "Too few candidates have answered these questions" in text_of(wrong())
    analysed(fresh_world.database, SHORT, fresh_world.clock.time)
    said = text_of(wrong())
    assert "had they fallen where those of other candidates did" in said
    assert "Others Questions" in said


def test_a_flag_that_brought_back_to_a_wrong_answer_paid_off(world: World) -> None:
    sitting = world.browser().start()
    sitting.save(1, sitting.tokens(1, right=False), flagged="1")
    sitting.save(2, sitting.tokens(2))
    sitting.save(1, sitting.tokens(1))
    sitting.end()
    assert "the flags paid off, they won 1" in text_of(sitting)


def test_what_was_sure_and_wrong_and_guessed_and_right_is_listed_by_domain(world: World) -> None:
    sitting = world.browser().start()
    sitting.save(1, sitting.tokens(1, right=False), confidence="sure")
    sitting.save(2, sitting.tokens(2), confidence="guessing")
    sitting.end()
    said = text_of(sitting)
    assert re.search(r"Sure and wrong .*(Light|Fog) 1 ", said)
    assert re.search(r"Guessed and right .*(Light|Fog) 2 ", said)
