"""The page that says how an attempt was worked on."""

from __future__ import annotations

import re

from app.exam.person import Role
from tests.journeys.world import Sitting, World


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
