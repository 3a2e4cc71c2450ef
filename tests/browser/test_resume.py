"""Coming back: after a reload, a crash of the browser, and from another device."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserType, expect

from tests.browser.conftest import Visit
from tests.browser.marking import check_page, check_stored, mark_up
from tests.browser.profiles import Profile
from tests.browser.servers import ThreadServer
from tests.browser.visitor import Visitor

TOLERANCE = 60  # seconds between two readings of a clock on a busy machine; what tests tell apart are minutes


def seconds_left(text: str) -> int:
    """The clock on the page, in seconds."""
    hours, minutes, seconds = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def test_f17_a_reload_keeps_everything_and_the_question(visitor: Visitor) -> None:
    sitting = visitor.start()
    marked = [mark_up(sitting, sitting.single), mark_up(sitting, sitting.multiple)]
    sitting.page.locator(".scratch summary").click()
    sitting.page.locator("#scratchpad").fill("come back to the lamp")
    expect(sitting.page.locator("#scratchpad-state")).to_have_text("Saved")
    sitting.saved()
    sitting.reload()
    sitting.shown(marked[-1].position)
    for one in marked:
        check_page(sitting, one)
        check_stored(sitting, one)
    expect(sitting.page.locator("#scratchpad")).to_have_value("come back to the lamp")


def test_a_reload_loses_no_time(visitor: Visitor, server: ThreadServer) -> None:
    sitting = visitor.start()
    server.clock.skip(minutes=7)
    sitting.reload()
    shown = seconds_left(sitting.page.locator("#clock").inner_text())
    assert abs(shown - (40 - 7) * 60) <= TOLERANCE


def test_f16_a_killed_browser_resumes_with_everything(
    chromium: BrowserType, server: ThreadServer, tmp_path: Path
) -> None:
    profile = Profile(chromium, tmp_path / "profile", server)
    with profile.running() as visitor:
        attempt_id = visitor.start().attempt_id  # a browser that ran once has put its cookies on the disk
    with profile.running() as visitor:
        sitting = visitor.resume(attempt_id)
        marked = [mark_up(sitting, sitting.single), mark_up(sitting, sitting.multiple)]
        sitting.saved()
        server.clock.skip(minutes=5)
        profile.kill()
    with profile.running() as visitor:
        page = visitor.open("/")
        page.get_by_role("link", name="Go on with").click()
        page.wait_for_url("**/attempts/*")
        sitting = visitor.sitting(page)
        assert sitting.attempt_id == attempt_id
        for one in marked:
            check_page(sitting, one)
            check_stored(sitting, one)
        assert seconds_left(page.locator("#clock").inner_text()) <= (40 - 5) * 60


def test_another_device_goes_on_after_logging_in(visit: Visit) -> None:
    first, name = visit(), "traveller"
    first.register(name)
    sitting = first.start()
    marked = mark_up(sitting, sitting.multiple)
    sitting.saved()
    second = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = second.log_in(name)
    page.get_by_role("link", name="Go on with").tap()
    page.wait_for_url("**/attempts/*")
    check_page(second.sitting(page), marked)
