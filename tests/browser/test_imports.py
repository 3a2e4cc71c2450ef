"""From a file on somebody's disk to an exam that asks its questions; and the same form without JavaScript."""

from __future__ import annotations

import os

from playwright.sync_api import FilePayload, expect

from app.exam.person import Role
from app.formats import native_write
from app.store import packs as bank
from tests import packs
from tests.browser.conftest import Visit
from tests.browser.servers import ThreadServer
from tests.browser.stage import Stage
from tests.browser.states_imports import LAMPS, PATIENCE, confirm, hand_in

OWN = f"own-{os.getpid()}"


def test_a_file_is_handed_in_reviewed_confirmed_and_sat(visit: Visit, server: ThreadServer) -> None:
    items = [packs.item(f"{OWN}{n}", f"D{n % 2 + 1}", keys=1 + n % 2) for n in range(8)]
    exam = packs.exam(OWN, minutes=40)
    visitor = Stage(visit, server, server).somebody(Role.INSTRUCTOR)
    page = hand_in(visitor, "own.yaml", native_write.write(packs.pack(exams=[exam], items=items)))
    expect(page.get_by_role("heading", level=1)).to_have_text("8 questions found")
    page.locator(".staged-item summary").first.click()
    expect(page.locator(".staged-item").first.locator(".option-mark")).to_be_visible()
    confirm(page, OWN)
    sitting = visitor.start(exam.id)
    asked = {item.id for item in server.items(sitting.attempt_id)}
    assert asked <= {item.id for item in items}
    assert len(asked) == exam.items


def test_a_file_is_handed_in_without_scripts(visit: Visit, server: ThreadServer) -> None:
    visitor = Stage(lambda: visit(java_script_enabled=False), server, server).somebody(Role.INSTRUCTOR)
    page = visitor.open("/packs/import")
    given = FilePayload(name="lamps.csv", mimeType="text/csv", buffer=LAMPS.encode())
    page.get_by_label("File").set_input_files(given)
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("link", name="See the result").click(timeout=PATIENCE)
    expect(page.get_by_role("heading", level=1)).to_have_text("2 questions found")
    with server.database.reading() as tx:
        assert "lamps" not in {each.id for each in bank.loaded(tx)}
