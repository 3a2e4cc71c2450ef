"""States of the import pages: a file handed in, reviewed, confirmed, and what is left of it."""

from __future__ import annotations

from itertools import count

from playwright.sync_api import FilePayload, Page, expect

from app.exam.person import Role
from tests.browser.stage import Stage, state
from tests.browser.visitor import Visitor

LAMPS = """Question,Option 1,Option 2,Option 3,Correct Answer,Explanation,Domain
"What lights the tower at night, when the keeper is away?",A lamp that the keeper lit,A bell,A gull,1,It burns.,Light
"Which two are heard in fog? (Select TWO.)",A horn,A lamp,A bell,"1,3",Sound carries.,Fog
"Write an essay",,,,,,Fog
"""
PATIENCE = 120_000  # ms that a busy machine may take to read a file
_numbers = count(1)


def hand_in(visitor: Visitor, name: str, content: bytes) -> Page:
    """Hand a file in and wait for its review."""
    page = visitor.open("/packs/import")
    page.get_by_label("File").set_input_files(FilePayload(name=name, mimeType="text/plain", buffer=content))
    page.get_by_role("button", name="Read the file").click()
    page.wait_for_url("**/packs/imports/*", timeout=PATIENCE)
    return page


def confirm(page: Page, pack_id: str) -> None:
    """Confirm the import that is reviewed into a new pack."""
    page.get_by_label("Its id").fill(pack_id)
    page.locator("button[value=confirm]").click()
    expect(page.get_by_text("Imported", exact=True)).to_be_visible(timeout=PATIENCE)


@state("/packs/import")
def a_file_to_choose(stage: Stage) -> Page:
    return stage.somebody(Role.INSTRUCTOR).open("/packs/import")


@state("/packs/import")
def a_file_that_is_too_large(stage: Stage) -> Page:
    page = stage.somebody(Role.INSTRUCTOR).open("/packs/import")
    page.locator("#upload").evaluate("form => { form.dataset.most = '1'; }")
    page.get_by_label("File").set_input_files(FilePayload(name="a", mimeType="text/plain", buffer=b"ab"))
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_text("more than is taken")).to_be_visible()
    return page


@state("/packs/imports")
def no_imports_yet(stage: Stage) -> Page:
    return stage.somebody(Role.INSTRUCTOR).open("/packs/imports")


@state("/packs/imports")
def imports_of_all_kinds(stage: Stage) -> Page:
    visitor = stage.somebody(Role.INSTRUCTOR)
    confirm(
        hand_in(visitor, "lamps.csv", LAMPS.encode()), f"lamps-{stage.server.address[-5:]}-{next(_numbers)}"
    )
    page = hand_in(visitor, "lamps.csv", LAMPS.encode())
    page.get_by_role("button", name="Discard this import").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Imports")
    return page


@state("/packs/imports/{import_id}")
def import_to_review(stage: Stage) -> Page:
    page = hand_in(stage.somebody(Role.INSTRUCTOR), "lamps.csv", LAMPS.encode())
    page.locator(".again summary").click()
    page.locator(".staged-item summary").first.click()
    return page


@state("/packs/imports/{import_id}")
def import_that_cannot_be_read(stage: Stage) -> Page:
    return hand_in(stage.somebody(Role.INSTRUCTOR), "broken.xml", b"<quiz><question>")


@state("/packs/imports/{import_id}")
def import_into_a_pack_that_is_there(stage: Stage) -> Page:
    page = hand_in(stage.somebody(Role.ADMIN), "lamps.csv", LAMPS.encode())
    page.get_by_label("Pack", exact=True).select_option("towers")
    page.get_by_role("button", name="Save, and look again").click()
    expect(page.get_by_label("Domain of Light")).to_be_visible()
    return page
