"""A first visit: five questions about the screen, to be tried without an account wherever there is a tutorial."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from app import loading
from app.settings import ROOT
from tests.journeys.fixtures import loaded
from tests.journeys.world import World, open_world
from tests.packs import NOON, SHORT

TRY = "Try five questions first"


@pytest.fixture
def closed(sqlite_url: str, portal: BlockingPortal, tmp_path: Path) -> Iterator[World]:
    """A world that keeps attempts in accounts, with the tutorial."""
    database = loaded(sqlite_url)
    loading.load(database, ROOT / "questions" / "tutorial", NOON)
    with open_world(database, tmp_path, portal, guests=False) as made:
        yield made


def test_the_tutorial_is_sat_without_an_account(closed: World) -> None:
    browser = closed.browser()
    assert TRY in browser.get("/").text
    sitting = browser.start("tutorial")
    assert sitting.length == 5
    sitting.answer(3)
    sitting.end()
    assert "How the score came about" in browser.get(sitting.report).text


def test_a_real_exam_needs_one_even_after_the_tutorial(closed: World) -> None:
    browser = closed.browser()
    assert browser.post("/attempts", {"exam": SHORT}).status_code == 401
    browser.start("tutorial").end()
    assert browser.post("/attempts", {"exam": SHORT}).status_code == 401
    home = browser.get("/").text
    assert "/people/register" in home
    assert TRY not in home


def test_what_was_tried_moves_into_the_account(closed: World) -> None:
    browser = closed.browser()
    sitting = browser.start("tutorial")
    sitting.end()
    name = {"name": "newcomer", "password": "a good long password"}
    assert browser.post("/people/register", name).status_code == 303
    assert browser.get(sitting.report).status_code == 200
    assert browser.start(SHORT).length == 6


def test_without_a_tutorial_nothing_is_offered(sqlite_world: World) -> None:
    assert TRY not in sqlite_world.browser().get("/").text
