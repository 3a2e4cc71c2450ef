"""Pictures: the one in the README, and, when CUTSCORE_SCREENSHOTS names a folder, one of each screen that matters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from app.settings import ROOT
from tests.browser.conftest import Visit
from tests.browser.servers import Program, program
from tests.browser.sitting import Sitting
from tests.browser.visitor import DESKTOP, PHONE

PICTURE = ROOT / "docs" / "screenshot.png"
FOLDER = os.environ.get("CUTSCORE_SCREENSHOTS", "")
SHOWN, LAST = 12, 20


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Program]:
    """The real program with its own packs."""
    with program(f"sqlite:///{tmp_path / 'cutscore.sqlite3'}", tmp_path) as made:
        yield made


def sat_for_a_while(visit: Visit, bank: Program, **options: object) -> Sitting:
    """An exam of the shipped bank with some questions answered and flagged."""
    sitting = visit(bank, **options).start("csa-pro")
    for position in range(1, LAST):
        if position % 5 != 4:
            sitting.answer(position, position % 3)
        else:
            sitting.go(position)
        if position % 6 == 3:
            sitting.page.locator("#flag").click()
    sitting.answer(SHOWN, 1)
    sitting.saved()
    sitting.page.locator("#heading-12").focus()
    sitting.page.mouse.move(0, 0)
    return sitting


def test_the_picture_of_the_readme_is_there(visit: Visit, bank: Program) -> None:
    if FOLDER or not PICTURE.exists():
        page = sat_for_a_while(visit, bank, viewport=DESKTOP, color_scheme="light").page
        page.screenshot(path=PICTURE)
    size = PICTURE.read_bytes()[16:24]
    assert (int.from_bytes(size[:4]), int.from_bytes(size[4:])) == (1280, 800)


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    """One picture on a desktop and a phone, each light and dark."""
    for device, size in (("desktop", DESKTOP), ("phone", PHONE)):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=Path(FOLDER) / f"{name}-{device}-{scheme}.png", full_page=whole)


def test_every_screen_that_matters_can_be_drawn(visit: Visit, bank: Program) -> None:
    sitting = sat_for_a_while(visit, bank)
    page = sitting.page
    if not FOLDER:
        return
    shoot(page, "question")
    page.locator(".leave a[href='#review']").click()
    shoot(page, "review-screen")
    page.evaluate("location.hash = '#end'")
    shoot(page, "end")
    page.locator("#end-button").click()
    page.wait_for_url(sitting.report_url)
    shoot(page, "report", whole=True)
    for path, name in (
        (f"/reports/{sitting.attempt_id}/review", "review"),
        ("/attempts", "attempts"),
        ("/exams/csa-pro", "start"),
        ("/people/register", "register"),
        ("/", "home"),
    ):
        page.goto(bank.address + path)
        shoot(page, name)
