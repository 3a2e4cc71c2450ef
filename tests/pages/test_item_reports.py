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


def queued(browser: Browser, text: str, query: str = "") -> str | None:
    """The id of a report in the queue; None when it is not there."""
    page = browser.get(f"/item-reports{query}").text
    before, found, _ = page.partition(f">{text}<")
    return re.findall(r'name="report" value="(\d+)"', before)[-1] if found else None


def answered(browser: Browser, *reports: str | None, text: str = "Seen.", query: str = "") -> int:
    """Answer reports; the status."""
    return browser.post(f"/item-reports/answer{query}", {"report": reports, "text": text}).status_code


def test_a_report_is_made_from_the_review_and_answered_from_the_queue(world: World) -> None:
    sitting, instructor = ended(world), world.visitor(Role.INSTRUCTOR)
    candidate, text = sitting.browser, f"The key is wrong {sitting.attempt.id}"
    assert address(sitting) in candidate.get(f"{sitting.report}/review").text
    assert candidate.post(address(sitting), {"text": f" {text} "}).status_code == 303
    assert text in candidate.get(address(sitting)).text
    report = queued(instructor, text)
    assert report is not None
    assert not re.search(rf"\b{candidate.name}\b", instructor.get("/item-reports").text)
    assert answered(instructor, report, text="The key was mended.") == 303
    assert queued(instructor, text) is None
    assert "The key was mended." in candidate.get(address(sitting)).text


def test_a_second_word_waits_for_the_answer_to_the_first(world: World) -> None:
    sitting, instructor = ended(world), world.visitor(Role.INSTRUCTOR)
    text = f"First {sitting.attempt.id}"
    assert sitting.browser.post(address(sitting), {"text": text}).status_code == 303
    assert sitting.browser.post(address(sitting), {"text": "Second"}).status_code == 409
    report = queued(instructor, text)
    assert answered(instructor, report) == 303
    assert answered(instructor, report, text="Seen again.") == 409
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
    instructor = world.visitor(Role.INSTRUCTOR)
    for report in (2**40, 2**70, 0):
        assert answered(instructor, str(report)) == 404
    assert answered(instructor) == 422


def test_b17_hostile_text_in_a_report_is_text(world: World) -> None:
    sitting, instructor = ended(world), world.visitor(Role.INSTRUCTOR)
    sitting.browser.post(address(sitting), {"text": "<script>alert(1)</script>{{ 7*7 }}"})
    page = instructor.get("/item-reports").text
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page


def test_reports_are_shown_by_pack_kind_and_state(world: World) -> None:
    sitting, instructor = ended(world), world.visitor(Role.INSTRUCTOR)
    text = f"It says gull {sitting.attempt.id}"
    sitting.browser.post(address(sitting), {"text": text, "kind": "typo"})
    assert "A slip of the pen" in sitting.browser.get(address(sitting)).text
    for query, there in (
        ("?kind=typo", True),
        ("?kind=typo&pack=towers", True),
        ("?kind=outdated", False),
        ("?pack=nowhere", False),
        ("?state=answered", False),
    ):
        assert (queued(instructor, text, query) is not None) is there, query
    query = "?kind=typo&pack=towers"
    answer = instructor.post(
        f"/item-reports/answer{query}", {"report": queued(instructor, text), "text": "Mended."}
    )
    assert answer.headers["location"] == "/item-reports?pack=towers&kind=typo&state=waiting"
    assert text in instructor.get("/item-reports?state=answered").text
    assert instructor.get("/item-reports?kind=nonsense").status_code == 422


def test_a_report_of_an_unknown_kind_is_refused(world: World) -> None:
    sitting = ended(world)
    answer = sitting.browser.post(address(sitting), {"text": "Hm", "kind": "nonsense"})
    assert answer.status_code == 422


def test_many_reports_get_one_answer_and_those_answered_keep_theirs(world: World) -> None:
    sitting, instructor = ended(world), world.visitor(Role.INSTRUCTOR)
    texts = [f"Number {number} of {sitting.attempt.id}" for number in (1, 2, 3)]
    for number, text in enumerate(texts, 1):
        sitting.browser.post(address(sitting, number), {"text": text})
    first, *others = [queued(instructor, text) for text in texts]
    assert answered(instructor, first, text="By itself.") == 303
    assert answered(instructor, first, *others, text="All alike.") == 303
    pages = [sitting.browser.get(address(sitting, number)).text for number in (1, 2, 3)]
    assert ["By itself." in page for page in pages] == [True, False, False]
    assert ["All alike." in page for page in pages] == [False, True, True]


def test_one_report_that_is_not_there_leaves_all_unanswered(world: World) -> None:
    sitting, instructor = ended(world), world.visitor(Role.INSTRUCTOR)
    text = f"Alone {sitting.attempt.id}"
    sitting.browser.post(address(sitting), {"text": text})
    report = queued(instructor, text)
    assert answered(instructor, report, str(2**40)) == 404
    assert queued(instructor, text) == report
