"""A visitor: one browser profile, and a record of everything its console complained about."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from tests.browser.servers import Server
from tests.browser.sitting import Sitting
from tests.browser.towers import QUICK

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PASSWORD = "a good long password"
PATIENCE = 30_000  # ms that an act or a navigation may take
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Visitor:
    """One browser profile at one server. Its console must stay clean but for what a test expects."""

    context: BrowserContext
    server: Server
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE)
        self.context.on("console", lambda said: self._hear(said.type, said.text))
        self.context.on("weberror", lambda error: self._hear("error", str(error.error)))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def expect_complaint(self, pattern: str) -> None:
        """What the console may say in this test, such as that a request got no answer."""
        self.expected.append(pattern)

    def check_console(self) -> None:
        """Fail on any complaint that was not expected."""
        left = [text for text in self.complaints if not any(re.search(one, text) for one in self.expected)]
        assert not left, left

    def open(self, path: str) -> Page:
        """A new tab at a path of the server."""
        page = self.context.new_page()
        page.goto(self.server.address + path)
        return page

    def register(self, name: str) -> Page:
        """Make an account by the form."""
        page = self.open("/people/register")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Register").click()
        page.wait_for_url(self.server.address + "/")
        return page

    def log_in(self, name: str) -> Page:
        """Log in by the form."""
        page = self.open("/people/log-in")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Log in").click()
        page.wait_for_url(self.server.address + "/")
        return page

    def start(self, exam: str = QUICK, time: str = "standard", mode: str = "strict") -> Sitting:
        """Start an exam from its page."""
        page = self.open(f"/exams/{exam}")
        page.locator(f"[name=time_option][value='{time}']").check()
        page.locator(f"[name=mode][value={mode}]").check()
        page.get_by_role("button", name="Start the exam").click()
        page.wait_for_url("**/attempts/*")
        return self.sitting(page)

    def resume(self, attempt_id: int) -> Sitting:
        """Another tab on an attempt."""
        return self.sitting(self.open(f"/attempts/{attempt_id}"))

    def sitting(self, page: Page) -> Sitting:
        """The exam page that this tab shows, ready to be used."""
        made = Sitting(page, self.server)
        expect(page.locator("html.js")).to_be_attached()
        return made


def context_options(**changes: Any) -> dict[str, Any]:
    """Options of a browser context: a desktop unless changed; nothing moves, so that colours are the final ones."""
    plain = {"viewport": DESKTOP, "reduced_motion": "reduce", "locale": "en-GB"}
    return plain | changes
