"""Images of items, from a file on somebody's disk to an exam without a network."""

from __future__ import annotations

import os
import re

from playwright.sync_api import FilePayload, Page, expect

from app.exam.person import Role
from app.formats import native_write
from tests import pictured
from tests.browser.conftest import Visit
from tests.browser.servers import ThreadServer
from tests.browser.stage import Stage
from tests.browser.states_images import item_with_an_image_added, pictured_exam
from tests.browser.states_imports import confirm, hand_in
from tests.browser.test_outage import NO_ANSWER, expect_banner
from tests.browser.visitor import PHONE
from tests.pictured import MEDIA, STEM

OWN = f"pictured-{os.getpid()}"
LOADED = "() => [...document.images].every((image) => image.complete && image.naturalWidth > 0)"


def width(page: Page) -> float:
    """How wide the image in the stem of the question on screen is."""
    box = page.locator("section.current .figure img").bounding_box()
    assert box is not None
    return box["width"]


def test_an_imported_image_is_in_the_exam_also_when_the_network_is_cut(
    visit: Visit, server: ThreadServer
) -> None:
    visitor = Stage(visit, server, server).somebody(Role.INSTRUCTOR)
    visitor.expect_complaint(NO_ANSWER)
    new = pictured.pack(OWN, exam=OWN)
    page = hand_in(visitor, "pictured.zip", native_write.write_zip(new, MEDIA))
    page.locator(".staged-item summary").first.click()
    expect(page.locator(".staged-item").first.locator(".figure img")).to_be_visible()
    confirm(page, OWN)
    sitting = visitor.start(OWN)
    sitting.page.wait_for_function(LOADED)
    visitor.context.set_offline(True)
    expect_banner(sitting.page)
    for position in range(1, sitting.length + 1):
        section = sitting.go(position)
        expect(section.locator(".figure img")).to_be_visible()
        expect(section.locator(".option img")).to_be_visible()
    sitting.section.locator("button.highlight").click()
    sitting.section.locator(".sentence").first.press("Enter")
    expect(sitting.section.locator("mark")).not_to_have_count(0)
    sitting.page.wait_for_function(LOADED)
    visitor.context.set_offline(False)


def test_an_image_opens_at_full_size_by_keyboard_and_mouse_and_closes_again(
    visit: Visit, server: ThreadServer
) -> None:
    page = pictured_exam(Stage(visit, server, server)).page
    page.set_viewport_size(PHONE)
    page.wait_for_function(LOADED)
    assert width(page) < PHONE["width"]
    summary = page.locator("section.current .figure > summary")
    for keyboard in (True, False):
        for wide in (True, False):
            if keyboard:
                summary.press("Enter")
            else:
                summary.click(position={"x": 20, "y": 20})
            assert (width(page) >= STEM.image.width) is wide
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_click_on_the_image_of_an_option_chooses_it(visit: Visit, server: ThreadServer) -> None:
    sitting = pictured_exam(Stage(visit, server, server))
    option = sitting.section.locator(".option", has=sitting.page.locator("img"))
    option.locator("img").click()
    expect(option.locator("input")).to_be_checked()


def test_what_was_written_stays_when_an_image_is_added_without_scripts(
    visit: Visit, server: ThreadServer
) -> None:
    stage = Stage(lambda: visit(java_script_enabled=False), server, server)
    page = item_with_an_image_added(stage)
    expect(page.get_by_label("Stem")).to_have_value(
        re.compile(r"!\[A lamp\]\(media/[0-9a-f]{64}-300x200\.png\)")
    )
    expect(page.get_by_label("Stem")).to_have_value(re.compile("A keeper of pictured1"))


def test_the_preview_follows_while_a_file_is_chosen(visit: Visit, server: ThreadServer) -> None:
    page = item_with_an_image_added(Stage(visit, server, server))
    given = FilePayload(name="large.png", mimeType="image/png", buffer=b"x" * 200_000)
    page.get_by_label("Add an image").set_input_files(given)
    with page.expect_response("**/preview") as answer:
        page.get_by_label("Stem").fill("What burns here?")
    assert answer.value.status == 200
    expect(page.locator("#preview .stem")).to_have_text("What burns here?")
