"""Whole exams of the shipped packs, from the first page to the last word of the review."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.keyboard import press_until
from tests.browser.servers import Program, Server
from tests.browser.sitting import Sitting
from tests.browser.visitor import Visitor

SHIPPED, QUESTIONS = "csa-pro", 74
LETTERS = "ABCDEFGHIJ"


def right_answers(server: Server, attempt_id: int, chosen: dict[int, set[str]]) -> int:
    """How many of the choices made are exactly the key."""
    sheet = server.attempt(attempt_id).sheet
    right = 0
    for position, item in enumerate(server.items(attempt_id), 1):
        ids = {o.option_id for o in sheet.at(position).options if o.token in chosen[position]}
        right += ids == set(item.key)
    return right


def check_report(page: Page, server: Server, attempt_id: int, chosen: dict[int, set[str]]) -> None:
    """The report says as many right answers as an independent count gives, and what that means."""
    raw = right_answers(server, attempt_id, chosen)
    expect(page.locator("h1")).to_contain_text("Pass" if raw > 53.5 else "Fail")
    expect(page.locator("main")).to_contain_text(f"You got {raw} of {QUESTIONS} right")


def check_review(page: Page, server: Server, attempt_id: int, chosen: dict[int, set[str]]) -> None:
    """The review marks exactly the options that were chosen, and exactly the keys as right."""
    expect(page.locator("article.review-item")).to_have_count(QUESTIONS)
    sheet = server.attempt(attempt_id).sheet
    shown: list[list[str]] = page.locator("article.review-item").evaluate_all(
        """items => items.map(item => ["chosen", "key"].map(kind =>
            [...item.querySelectorAll(`.review-option.${kind} > .letter`)].map(at => at.textContent).join("")))"""
    )
    for position, item in enumerate(server.items(attempt_id), 1):
        options = list(zip(LETTERS, sheet.at(position).options, strict=False))
        picked = "".join(letter for letter, option in options if option.token in chosen[position])
        keys = "".join(letter for letter, option in options if option.option_id in item.key)
        assert shown[position - 1] == [picked, keys], position


def answer_by_mouse(sitting: Sitting) -> dict[int, set[str]]:
    """Answer every question by clicks, walking with the button below."""
    chosen = {}
    for position in range(1, QUESTIONS + 1):
        section = sitting.shown(position)
        asked = int(section.get_attribute("data-select") or "1")
        chosen[position] = {sitting.choose((position + more) % 4) for more in range(asked)}
        sitting.page.locator("#next").click()
    return chosen


def test_a_whole_exam_by_mouse(shipped: Program, visit: Visit) -> None:
    visitor: Visitor = visit(shipped)
    page = visitor.open("/")
    page.get_by_role("link", name="Sit this exam").first.click()
    page.get_by_role("button", name="Start the exam").click()
    page.wait_for_url("**/attempts/*")
    sitting = visitor.sitting(page)
    assert sitting.length == QUESTIONS
    chosen = answer_by_mouse(sitting)
    expect(page.locator("#review-counts")).to_contain_text(f"{QUESTIONS} of {QUESTIONS} answered")
    page.locator("#review").get_by_role("link", name="End the exam").click()
    page.get_by_role("button", name="End exam").click()
    page.wait_for_url(sitting.report_url)
    assert shipped.choices(sitting.attempt_id) == chosen
    check_report(page, shipped, sitting.attempt_id, chosen)
    page.get_by_role("link", name="Review all questions").click()
    check_review(page, shipped, sitting.attempt_id, chosen)


def answer_by_keys(sitting: Sitting, position: int) -> set[str]:
    """Answer the question on screen: by letters, by digits, or by Tab and Space or arrows, in turn."""
    page, section = sitting.page, sitting.shown(position)
    expect(section.locator("h1")).to_be_focused()
    asked = int(section.get_attribute("data-select") or "1")
    places = [(position + more) % 4 for more in range(asked)]
    if position % 3 < 2:
        for place in places:
            page.keyboard.press("abcd"[place] if position % 3 else str(place + 1))
    elif asked == 1:
        press_until(page, "Tab", f"#q{position} .option:nth-of-type(1) input")
        page.keyboard.press("Space")
        for _ in range(places[0]):
            page.keyboard.press("ArrowDown")
    else:
        for place in sorted(places):
            press_until(page, "Tab", f"#q{position} .option:nth-of-type({place + 1}) input")
            page.keyboard.press("Space")
    return {sitting.token(place) for place in places}


def test_line_27_a_whole_exam_by_keyboard_only(shipped: Program, visit: Visit) -> None:
    visitor: Visitor = visit(shipped)
    page = visitor.open("/")
    press_until(page, "Tab", f"a[href='/exams/{SHIPPED}']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/exams/*")
    press_until(page, "Tab", ".start-button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/attempts/*")
    sitting = visitor.sitting(page)
    page.keyboard.press("n")
    sitting.shown(2)
    page.keyboard.press("p")
    chosen = {}
    for position in range(1, QUESTIONS + 1):
        chosen[position] = answer_by_keys(sitting, position)
        if position % 2:
            page.keyboard.press("n")
        else:
            press_until(page, "Tab", "#next")
            page.keyboard.press("Enter")
    expect(page.locator("#heading-review")).to_be_focused()
    press_until(page, "Shift+Tab", ".leave a[href='#end']", most=200, checked=False)
    page.keyboard.press("Enter")
    expect(page.locator("#heading-end")).to_be_focused()
    press_until(page, "Tab", "#end-button")
    page.keyboard.press("Enter")
    page.wait_for_url(sitting.report_url)
    assert shipped.choices(sitting.attempt_id) == chosen
    check_report(page, shipped, sitting.attempt_id, chosen)
    press_until(page, "Tab", f"a[href='/reports/{sitting.attempt_id}/review']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    check_review(page, shipped, sitting.attempt_id, chosen)


@pytest.mark.parametrize("start", ["/exams/quick", "/"])
def test_the_tutorial_leads_from_the_first_page_to_a_report(visitor: Visitor, start: str) -> None:
    page = visitor.open(start)
    page.get_by_role("button", name="Try five questions first").click()
    page.wait_for_url("**/attempts/*")
    sitting = visitor.sitting(page)
    assert sitting.length == 5
    chosen = {position: sitting.answer(position) for position in range(1, 6)}
    sitting.end()
    assert visitor.server.choices(sitting.attempt_id) == chosen
    expect(page.locator("h1")).to_contain_text("with")
