"""The report as a page of paper, and what a candidate keeps of a question."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.states_report import measured
from tests.browser.visitor import Visitor


def pages_of(page: Page, paper: str = "A4") -> int:
    """How many pages a page prints on."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper)))


def report_of(visitor: Visitor) -> Page:
    """The report of an exam with three answers."""
    measured(visitor.server.database)
    sitting = visitor.start()
    for position in (1, 2, 3):
        sitting.answer(position)
    sitting.end()
    return sitting.page


def test_the_summary_prints_on_one_page_and_the_details_follow(visitor: Visitor) -> None:
    page = report_of(visitor)
    whole = pages_of(page)
    page.evaluate("document.querySelectorAll('.details, footer').forEach((at) => at.remove())")
    for paper in ("A4", "Letter"):
        assert pages_of(page, paper) == 1
    assert whole > 1


def test_a_summary_that_is_too_long_would_be_noticed(visitor: Visitor) -> None:
    page = report_of(visitor)
    page.evaluate(
        "document.querySelector('.details').remove();"
        "document.querySelector('.summary').append(document.querySelector('.summary').cloneNode(true))"
    )
    assert pages_of(page) > 1


def test_nothing_on_paper_needs_a_colour(visitor: Visitor) -> None:
    page = report_of(visitor)
    page.emulate_media(media="print")
    coloured = page.evaluate(
        """() => [...document.querySelectorAll("main, main *")].filter((at) => {
            const style = getComputedStyle(at);
            const all = [style.color, style.fill, style.stroke, style.backgroundColor].join(" ");
            return [...all.matchAll(/rgba?\\((\\d+), (\\d+), (\\d+)/g)].some(([, r, g, b]) => r !== g || g !== b);
        }).map((at) => at.outerHTML.slice(0, 80))"""
    )
    assert coloured == []


def test_a_guest_tries_five_questions_and_is_led_on(visit: Visit) -> None:
    page = visit().open("/")
    page.get_by_role("button", name="Try five questions first").click()
    page.wait_for_url("**/attempts/*")
    expect(page.locator("section.question")).to_have_count(5)
