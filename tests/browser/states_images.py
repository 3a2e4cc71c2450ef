"""States of pages that show images: an exam, its review, the editor."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect

from app import loading
from app.exam.person import Role
from tests import packs, pictured
from tests.browser import towers
from tests.browser.sitting import Sitting
from tests.browser.stage import Stage, state
from tests.images import drawn, file

ITEM = packs.secret("pictured1", "item")


def load(stage: Stage) -> None:
    """Put the pack whose items show images into use."""
    with tempfile.TemporaryDirectory() as folder:
        path = pictured.write(Path(folder), pictured.pack())
        loading.load(stage.server.database, path, towers.now())


def pictured_exam(stage: Stage) -> Sitting:
    """A sitting of an exam whose items show images."""
    load(stage)
    return stage.guest().start(pictured.EXAM)


@state("/attempts/{attempt_id}")
def question_with_images(stage: Stage) -> Page:
    sitting = pictured_exam(stage)
    sitting.go(sitting.multiple)
    expect(sitting.section.locator("img").last).to_be_visible()
    return sitting.page


@state("/attempts/{attempt_id}")
def question_with_an_image_enlarged(stage: Stage) -> Page:
    page = question_with_images(stage)
    page.locator("section.current .figure > summary").press("Enter")
    return page


@state("/reports/{attempt_id}/review")
def review_with_images(stage: Stage) -> Page:
    sitting = pictured_exam(stage)
    sitting.end()
    sitting.page.goto(f"{sitting.report_url}/review")
    return sitting.page


@state("/packs/{pack_id}/items/{item_id}/edit")
def item_with_an_image_added(stage: Stage) -> Page:
    load(stage)
    page = stage.somebody(Role.ADMIN).open(f"/packs/pictured/items/{ITEM}/edit")
    given = FilePayload(name="lamp.png", mimeType="image/png", buffer=file(drawn(300, 200)))
    page.get_by_label("Add an image").set_input_files(given)
    page.get_by_label("What it shows").fill("A lamp")
    page.get_by_role("button", name="Put the image into the stem").click()
    expect(page.locator("#preview img[alt='A lamp']")).to_be_visible()
    return page
