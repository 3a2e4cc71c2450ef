"""The exam screen's navigator, review screen and end: lines 19 to 23."""

from __future__ import annotations

from itertools import combinations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.sitting import Sitting
from tests.browser.visitor import PHONE, Visitor


def prepared(visitor: Visitor) -> Sitting:
    """An attempt with all stages: answered, incomplete, unseen, and one answered question that is flagged."""
    sitting = visitor.start()
    sitting.go(1)
    sitting.section.get_by_role("button", name="Clear answer").click()
    sitting.answer(2)
    sitting.answer(3)
    sitting.page.locator("#flag").click()
    sitting.saved()
    return sitting


def test_line_19_the_navigator_is_a_list_of_links_whose_names_say_the_state(visitor: Visitor) -> None:
    sitting = prepared(visitor)
    navigator = sitting.page.get_by_role("navigation", name="Questions")
    items = navigator.locator("ol > li")
    expect(items).to_have_count(6)
    expect(navigator.locator("[role]")).to_have_count(0)
    names = [item.get_by_role("link").get_attribute("aria-label") for item in items.all()]
    assert names[:4] == [
        "Question 1, incomplete",
        "Question 2, answered",
        "Question 3, answered, flagged",
        "Question 4, unseen",
    ]
    expect(navigator.locator("[aria-current=step]")).to_have_attribute(
        "aria-label", "Question 3, answered, flagged"
    )
    expect(navigator.locator("[aria-current=step]")).to_have_count(1)


# All of how a square is drawn, but for its colours.
_SHAPE = """link => {
    const names = ["borderStyle", "borderWidth", "fontWeight", "textDecorationLine", "outlineStyle"];
    const before = getComputedStyle(link, "::before"), after = getComputedStyle(link, "::after");
    const parts = names.map((name) => getComputedStyle(link)[name]);
    for (const part of [before, after]) parts.push(part.content, part.width, part.height, part.clipPath);
    const filled = (style) => style.backgroundColor !== getComputedStyle(document.body).backgroundColor
        && style.backgroundColor !== "rgba(0, 0, 0, 0)";
    return JSON.stringify([...parts, filled(getComputedStyle(link))]);
}"""


@pytest.mark.parametrize("colours", ["none", "active"])
def test_line_20_unseen_incomplete_answered_and_flagged_differ_by_more_than_colour(
    visit: Visit, colours: str
) -> None:
    sitting = prepared(visit(forced_colors=colours))
    sitting.go(5)
    shapes = {
        position: sitting.page.locator(f".numbers a[href='#q{position}']").evaluate(_SHAPE)
        for position in (1, 2, 3, 4)
    }
    for one, other in combinations(shapes, 2):
        assert shapes[one] != shapes[other], (one, other)


def small_targets(page: Page, least: int) -> list[str]:
    """What can be pressed, is no link within a text, and is smaller than it should be."""
    found: list[str] = page.evaluate(
        """least => [...document.querySelectorAll("a, button, summary, input, select, textarea, [role=button]")]
            .filter(element => element.checkVisibility({ opacityProperty: false, visibilityProperty: true }))
            .filter(element => !element.matches("p a, li p a, dd a, .skip, .sentence, input[type=hidden]"))
            .map(element => [element, (element.closest("label") ?? element).getBoundingClientRect()])
            .filter(([, box]) => box.width < least || box.height < least)
            .map(([element, box]) => `${element.outerHTML.slice(0, 80)}: ${box.width} x ${box.height}`)""",
        least,
    )
    return found


@pytest.mark.parametrize("screen", ["q1", "review", "end"])
def test_line_21_targets_are_at_least_24_pixels_and_44_on_touch(visit: Visit, screen: str) -> None:
    mouse = visit().start().page
    touch = visit(viewport=PHONE, has_touch=True, is_mobile=True).start().page
    touch.locator("#navigator summary").click()
    for page, least in ((mouse, 24), (touch, 44)):
        page.evaluate("id => { location.hash = '#' + id; }", screen)
        expect(page.locator(f"#{screen}.current")).to_be_visible()
        assert not small_targets(page, least)


def listed(page: Page) -> list[int]:
    """The questions that the review screen shows."""
    lines = page.locator(".review-list li:visible")
    return [int(text) for text in lines.evaluate_all("all => all.map(line => line.dataset.position)")]


def test_line_22_the_review_screen_counts_filters_and_links(visitor: Visitor) -> None:
    sitting = prepared(visitor)
    page = sitting.page
    page.get_by_role("navigation", name="Questions").get_by_role("link", name="Review").click()
    expect(page.locator("#review-counts")).to_have_text("2 of 6 answered, 1 incomplete, 3 unseen, 1 flagged.")
    for name, positions in (
        ("All", [1, 2, 3, 4, 5, 6]),
        ("Incomplete", [1]),
        ("Flagged", [3]),
        ("Unseen", [4, 5, 6]),
    ):
        page.get_by_role("group", name="Show").get_by_text(name).click()
        assert listed(page) == positions
    page.locator(".review-list").get_by_role("link", name="Question 5", exact=True).click()
    sitting.shown(5)


def test_line_22_the_questions_of_a_filter_can_be_gone_through(visitor: Visitor) -> None:
    sitting = prepared(visitor)
    page = sitting.page
    page.locator(".leave a[href='#review']").click()
    page.get_by_role("group", name="Show").get_by_text("Unseen").click()
    page.get_by_role("button", name="Go through these").click()
    for position in (4, 5, 6):
        sitting.shown(position)
        page.locator("#next").click()
    expect(page.locator("#heading-review")).to_be_focused()


def test_line_23_the_end_is_confirmed_and_returning_is_the_default(visitor: Visitor) -> None:
    sitting = prepared(visitor)
    page = sitting.page
    page.locator(".leave a[href='#end']").click()
    expect(page.locator("#end-counts")).to_have_text("4 unanswered, 1 flagged")
    expect(page.locator("#heading-end")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Return to the exam")).to_be_focused()
    page.keyboard.press("Enter")
    sitting.shown(3)
    assert sitting.server.closings(sitting.attempt_id) == 0
