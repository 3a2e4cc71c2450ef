"""While the network or the server is gone: go on answering, and lose nothing."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, BrowserType, Dialog, Page, Route, expect
from playwright.sync_api import Error as BrowserError

from app.exam.attempt import Outcome
from tests.browser.conftest import Visit
from tests.browser.cuts import cuts
from tests.browser.profiles import Profile
from tests.browser.servers import Program, Server, ThreadServer
from tests.browser.sitting import Sitting
from tests.browser.visitor import Visitor

# Milliseconds of the page's own time, which a busy machine does not make longer.
BANNER_WITHIN = 10_000
FLUSHED_WITHIN = 5_000
NO_ANSWER_AFTER = 3_500  # so long the page waits for a word of a silent server
NO_ANSWER = r"net::ERR_|^htmx:(sendError|afterRequest)"


def accepted(server: Server, attempt_id: int) -> list[int]:
    """The positions whose choice was saved, in the order in which the saves arrived."""
    return [
        save.position
        for save, outcome in server.log(attempt_id)
        if outcome is Outcome.ACCEPTED and save.choice
    ]


def expect_banner(page: Page) -> None:
    """The page says that there is no connection."""
    expect(page.locator("#banner")).to_contain_text("No connection")


def stop_clock(page: Page) -> None:
    """A minute passes at once on the page, and then only as much time as the test says."""
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 60)
    # When this is answered, so is what the page asked in that minute.
    page.evaluate("() => fetch('/healthz')")


def test_line_34_f13_answers_given_without_a_network_are_sent_in_order(visitor: Visitor) -> None:
    visitor.expect_complaint(NO_ANSWER)
    sitting = visitor.start()
    first = sitting.answer(1)
    sitting.saved()
    visitor.context.set_offline(True)
    expect_banner(sitting.page)
    chosen = {position: sitting.answer(position, 1) for position in (3, 2, 5)}
    expect(sitting.page.locator("#saved")).to_have_text("Not saved yet")
    assert sitting.server.choices(sitting.attempt_id) == {1: first}
    visitor.context.set_offline(False)
    sitting.saved()
    assert sitting.server.choices(sitting.attempt_id) == {1: first, **chosen}
    order = [position for position in accepted(sitting.server, sitting.attempt_id) if position != 1]
    assert list(dict.fromkeys(order)) == [3, 2, 5]
    expect(sitting.page.locator("#banner")).to_be_empty()
    expect(sitting.page.locator("#saved")).to_have_text("Saved")


def test_f03_answers_given_while_the_server_is_down_are_saved_when_it_is_back(
    killable: Program, visit: Visit
) -> None:
    visitor = visit(killable)
    visitor.expect_complaint(NO_ANSWER)
    visitor.context.clock.install()
    sitting = visitor.start("tutorial")
    first = sitting.answer(1)
    sitting.saved()
    stop_clock(sitting.page)
    killable.kill()
    sitting.page.clock.run_for(BANNER_WITHIN - NO_ANSWER_AFTER)
    expect_banner(sitting.page)
    chosen = {position: sitting.answer(position, 1) for position in (4, 2)}
    killable.start()
    sitting.page.clock.run_for(FLUSHED_WITHIN // 2)
    expect(sitting.page.locator("#banner")).to_be_empty()
    sitting.page.clock.resume()
    sitting.saved()
    assert killable.choices(sitting.attempt_id) == {1: first, **chosen}


def test_f01_an_answer_is_kept_when_the_server_dies_before_it_arrives(
    killable: Program, visit: Visit
) -> None:
    visitor = visit(killable)
    visitor.expect_complaint(NO_ANSWER)
    sitting = visitor.start("tutorial")
    killable.kill()
    token = sitting.choose(0)
    expect_banner(sitting.page)
    killable.start()
    sitting.saved()
    assert killable.choices(sitting.attempt_id) == {1: {token}}


def leaving(page: Page) -> list[str]:
    """The dialogs that come up when the tab is closed; the candidate stays."""
    seen: list[str] = []

    def stay(dialog: Dialog) -> None:
        seen.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    return seen


def test_leaving_warns_while_answers_wait(visitor: Visitor) -> None:
    visitor.expect_complaint(NO_ANSWER)
    sitting = visitor.start()
    visitor.context.set_offline(True)
    sitting.choose(0)
    expect_banner(sitting.page)
    assert leaving(sitting.page) == ["beforeunload"]
    sitting.shown(1)


def test_leaving_does_not_warn_when_all_is_saved(visitor: Visitor) -> None:
    sitting = visitor.start()
    sitting.choose(0)
    sitting.saved()
    asked: list[str] = []
    sitting.page.on("dialog", lambda dialog: asked.append(dialog.type))
    with sitting.page.expect_event("close"):
        sitting.page.close(run_before_unload=True)
    assert not asked


def reload_without_network(sitting: Sitting) -> None:
    """Reload in spite of the warning: the browser shows its own error instead of the exam."""
    sitting.page.once("dialog", lambda dialog: dialog.accept())
    with pytest.raises(BrowserError, match="ERR_INTERNET_DISCONNECTED"):
        sitting.page.reload()


def test_f13_a_reload_without_a_network_loses_no_answer(visitor: Visitor) -> None:
    visitor.expect_complaint(NO_ANSWER)
    sitting = visitor.start()
    visitor.context.set_offline(True)
    chosen = {position: sitting.answer(position) for position in (2, 1)}
    reload_without_network(sitting)
    visitor.context.set_offline(False)
    sitting.page.goto(sitting.server.address + sitting.path)
    visitor.sitting(sitting.page)
    assert {position: sitting.checked(position) for position in (1, 2)} == chosen
    sitting.saved()
    assert sitting.server.choices(sitting.attempt_id) == chosen


def test_f16_the_queue_survives_a_restart_of_the_browser(
    chromium: BrowserType, server: ThreadServer, tmp_path: Path
) -> None:
    profile = Profile(chromium, tmp_path / "profile", server)
    with profile.running() as visitor:
        visitor.expect_complaint(NO_ANSWER)
        sitting = visitor.start()
        visitor.context.set_offline(True)
        chosen = {position: sitting.answer(position) for position in (1, 2, 3)}
        assert not server.choices(sitting.attempt_id)
    with profile.running() as visitor:
        again = visitor.resume(sitting.attempt_id)
        assert {position: again.checked(position) for position in chosen} == chosen
        again.saved()
    assert server.choices(sitting.attempt_id) == chosen


@pytest.mark.parametrize("status", [503, 429])
def test_f15_x17_a_busy_server_is_tried_again(visitor: Visitor, status: int) -> None:
    visitor.expect_complaint(str(status))
    sitting = visitor.start()
    refusals = iter(range(2))

    def busy_twice(route: Route) -> None:
        if next(refusals, None) is None:
            route.fallback()
        else:
            route.fulfill(status=status, body="busy", headers={"Retry-After": "2"})

    sitting.page.route("**/responses/*", busy_twice)
    began = time.monotonic()
    token = sitting.choose(0)
    sitting.saved()
    assert time.monotonic() - began > 4  # it waited before it tried again, as it was asked to
    assert sitting.server.choices(sitting.attempt_id) == {1: {token}}


def test_f36_without_storage_the_exam_works_and_says_what_is_missing(visitor: Visitor) -> None:
    visitor.context.add_init_script(
        """for (const area of ["localStorage", "sessionStorage"]) {
            Object.defineProperty(window, area, { get() { throw new DOMException("denied", "SecurityError"); } });
        }"""
    )
    sitting = visitor.start()
    expect(sitting.page.locator("#banner")).to_contain_text("saved only while you are online")
    token = sitting.choose(0)
    expect(sitting.page.locator("#saved")).to_have_text("Saved")
    assert sitting.server.choices(sitting.attempt_id) == {1: {token}}


def test_cuts_again_and_again_lose_no_answer(browser: Browser, server: ThreadServer) -> None:
    made = cuts(browser, server, 3, Random(1))
    assert (made.times, made.lost) == (3, 0)
