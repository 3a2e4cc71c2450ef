"""One tab with an exam page: what a candidate does there, and what is to be seen."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from app.exam.attempt import Response
from tests.browser.servers import Server


class Sitting:
    """An exam page in a tab."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        found = re.search(r"/attempts/(\d+)", page.url)
        assert found, page.url
        self.attempt_id = int(found[1])

    @property
    def path(self) -> str:
        """The address of the attempt at its server."""
        return f"/attempts/{self.attempt_id}"

    @property
    def report_url(self) -> str:
        """The whole address of the report."""
        return f"{self.server.address}/reports/{self.attempt_id}"

    @property
    def section(self) -> Locator:
        """The question on screen."""
        return self.page.locator("section.question.current")

    @property
    def length(self) -> int:
        """How many questions there are."""
        return self.page.locator("section.question").count()

    def position_of(self, selector: str) -> int:
        """The first position whose section matches a selector."""
        found = self.page.locator(f"section.question{selector}").first.get_attribute("data-position")
        assert found
        return int(found)

    @property
    def multiple(self) -> int:
        """A position where two options are asked for."""
        return self.position_of("[data-select='2']")

    @property
    def single(self) -> int:
        """A position where one option is asked for."""
        return self.position_of("[data-select='1']")

    def go(self, position: int) -> Locator:
        """Turn to a question by the navigator."""
        link = self.page.locator(f".numbers a[href='#q{position}']")
        if not link.is_visible():
            self.page.locator("#navigator summary").click()
        link.click()
        return self.shown(position)

    def shown(self, position: int) -> Locator:
        """Wait until a question is on screen."""
        expect(self.section).to_have_id(f"q{position}")
        return self.section

    def choose(self, index: int) -> str:
        """Click the option with this index (from 0) of the question on screen; its token."""
        token = self.token(index)
        self.section.locator(".option").nth(index).locator("label").click()
        return token

    def token(self, index: int) -> str:
        """The token of an option of the question on screen."""
        value = self.section.locator(".option input").nth(index).get_attribute("value")
        assert value
        return value

    def answer(self, position: int, index: int = 0) -> set[str]:
        """Turn to a question and choose as many options as it asks for, from `index` on; their tokens."""
        section = self.go(position)
        asked = int(section.get_attribute("data-select") or "1")
        return {self.choose(index + more) for more in range(asked)}

    def checked(self, position: int) -> set[str]:
        """The tokens that the page shows as chosen."""
        values: list[str] = self.page.locator(f"#q{position} .option input:checked").evaluate_all(
            "inputs => inputs.map(input => input.value)"
        )
        return set(values)

    def waiting(self) -> list[dict[str, Any]]:
        """The changes that wait in this browser."""
        found: list[dict[str, Any]] = self.page.evaluate(
            "id => JSON.parse(localStorage.getItem('cutscore:queue:' + id) ?? '[]')", self.attempt_id
        )
        return found

    def saved(self) -> None:
        """Wait until nothing waits to be sent any more."""
        self.page.wait_for_function(
            "id => localStorage.getItem('cutscore:queue:' + id) === null", arg=self.attempt_id
        )

    def stored(self, position: int) -> Response:
        """What the database holds at a position."""
        return self.server.responses(self.attempt_id).get(position, Response(position))

    def catch_up(self) -> None:
        """What happens when a candidate comes back to this tab: it asks the server how things stand."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/state")):
            self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def reload(self) -> None:
        """Load the page anew."""
        self.page.reload()
        expect(self.page.locator("html.js")).to_be_attached()

    def end(self) -> None:
        """End the exam by the links and buttons, and wait for the report."""
        self.page.locator(".leave a[href='#end']").click()
        self.page.locator("#end-button").click()
        self.page.wait_for_url(self.report_url)

    def select_text(self, start: int, end: int) -> None:
        """Select characters of the stem on screen, as dragging over them or Shift and arrows would."""
        self.section.locator(".stem").evaluate(
            """(stem, [start, end]) => {
                const walker = document.createTreeWalker(stem, NodeFilter.SHOW_TEXT);
                const range = document.createRange();
                for (let offset = 0, node; (node = walker.nextNode()); offset += node.length) {
                    const inside = (at) => offset <= at && at <= offset + node.length;
                    if (inside(start)) range.setStart(node, start - offset);
                    if (inside(end)) { range.setEnd(node, end - offset); break; }
                }
                getSelection().removeAllRanges();
                getSelection().addRange(range);
            }""",
            [start, end],
        )


def sideways(page: Page) -> int:
    """By how many pixels the page can be scrolled sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def settle(page: Page) -> None:
    """Wait until the page is drawn as it is now."""
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
