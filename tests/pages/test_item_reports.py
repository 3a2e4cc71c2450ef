"""What candidates report of items, and the answers that they read."""

from __future__ import annotations

import re

from app.exam.person import Role
from tests.journeys.world import Browser, Sitting, World


def ended(world: World) -> Sitting:
    """An exam that somebody with an account has ended."""
    sitting = world.visitor(Role.CANDIDATE).start()
    sitting.end()
    return sitting


def address(sitting: Sitting, position: int = 2) -> str:
    return f"{sitting.report}/questions/{position}/problem"


def queued(browser: Browser, text: str) -> str | None:
    """The address to which the answer to a report goes; None when it does not wait for one."""
    found = re.search(
        rf">{text}<.*?action=\"(/item-reports/\d+/answer)\"", browser.get("/item-reports").text, re.DOTALL
    )
    return found[1] if found else None


def test_a_report_is_made_from_the_review_and_answered_from_the_queue(world: World) -> None:
    sitting, instructor = ended(world), world.visitor(Role.INSTRUCTOR)
    candidate, text = sitting.browser, f"The key is wrong {sitting.attempt.id}"
    assert address(sitting) in candidate.get(f"{sitting.report}/review").text
    assert candidate.post(address(sitting), {"text": f" {text} "}).status_code == 303
    assert text in candidate.get(address(sitting)).text
    path = queued(instructor, text)
    assert path is not None
    assert not re.search(rf"\b{candidate.name}\b", instructor.get("/item-reports").text)
    assert instructor.post(path, {"text": "The key was mended."}).status_code == 303
    assert queued(instructor, text) is None
    assert "The key was mended." in candidate.get(address(sitting)).text


def test_a_second_word_waits_for_the_answer_to_the_first(world: World) -> None:
    sitting, instructor = ended(world), world.visitor(Role.INSTRUCTOR)
    text = f"First {sitting.attempt.id}"
    assert sitting.browser.post(address(sitting), {"text": text}).status_code == 303
    assert sitting.browser.post(address(sitting), {"text": "Second"}).status_code == 409
    path = queued(instructor, text)
    assert path is not None
    instructor.post(path, {"text": "Seen."})
    assert instructor.post(path, {"text": "Seen again."}).status_code == 409
    assert sitting.browser.post(address(sitting), {"text": "Third"}).status_code == 303


def test_an_empty_or_endless_report_is_refused(world: World) -> None:
    sitting = ended(world)
    before = world.fingerprint()
    for text in (" ", "x" * 1001):
        assert sitting.browser.post(address(sitting), {"text": text}).status_code == 422
    assert world.fingerprint() == before


def test_nothing_can_be_reported_of_an_open_exam_or_of_a_question_that_is_not_there(world: World) -> None:
    sitting = world.visitor(Role.CANDIDATE).start()
    answer = sitting.browser.post(address(sitting), {"text": "Wrong"})
    assert answer.headers["location"] == sitting.report
    sitting.end()
    assert "You said" not in sitting.browser.get(address(sitting)).text
    assert sitting.browser.get(address(sitting, 99)).status_code == 404


def test_a_report_of_a_strangers_pack_is_not_there(world: World) -> None:
    sitting = ended(world)
    sitting.browser.post(address(sitting), {"text": "Wrong"})
    assert (
        world.visitor(Role.INSTRUCTOR).post(f"/item-reports/{2**40}/answer", {"text": "Seen."}).status_code
        == 404
    )


def test_b17_hostile_text_in_a_report_is_text(world: World) -> None:
    sitting, instructor = ended(world), world.visitor(Role.INSTRUCTOR)
    sitting.browser.post(address(sitting), {"text": "<script>alert(1)</script>{{ 7*7 }}"})
    page = instructor.get("/item-reports").text
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page
