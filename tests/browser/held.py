"""Requests that wait until a test lets them go: what a page shows meanwhile stays as long as the test needs."""

from __future__ import annotations

import time

from playwright.sync_api import Page, Request, Route

from tests.browser.visitor import PATIENCE


class Held:
    """The requests of a page to addresses like `pattern`, from now on."""

    def __init__(self, page: Page, pattern: str) -> None:
        self._page = page
        self._pattern = pattern
        self._waiting: list[Route] = []
        page.route(pattern, self._hold)

    def _hold(self, route: Route, _request: Request) -> None:
        self._waiting.append(route)

    def next(self) -> Route:
        """The oldest that waits, once there is one; it is the caller's from then on."""
        until = time.monotonic() + PATIENCE / 1000
        while not self._waiting:
            assert time.monotonic() < until, f"no request to {self._pattern}"
            self._page.wait_for_timeout(20)  # lets the page go on
        return self._waiting.pop(0)

    def let_go(self) -> None:
        """Send all that wait, and hold nothing any more."""
        self._page.unroute(self._pattern)
        while self._waiting:
            self._waiting.pop(0).continue_()
