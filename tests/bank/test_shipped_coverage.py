"""What the shipped bank covers: every subject has its items, and the page is the one that the command writes."""

from __future__ import annotations

from functools import cache

from app.exam.coverage import document, problems
from app.exam.item import Item
from app.formats import registry
from app.formats.reading import Reading
from app.settings import ROOT

PAGE = ROOT / "docs" / "coverage.md"


@cache
def shipped() -> tuple[Reading, tuple[Item, ...]]:
    """questions/csa-pro and its items."""
    reading = registry.read_path(ROOT / "questions" / "csa-pro")
    assert reading.pack is not None, reading.faults
    return reading, reading.pack.items


def test_every_subject_has_the_items_that_it_wants() -> None:
    reading, items = shipped()
    assert problems(reading.coverage, items) == ()


def test_an_item_that_leaves_the_bank_is_missed() -> None:
    reading, items = shipped()
    named = {name for row in reading.coverage for name in row.items}
    gone = next(item for item in items if item.id in named)
    left = [item for item in items if item is not gone]
    assert any(f"no item '{gone.id}'" in problem for problem in problems(reading.coverage, left))


def test_the_page_is_what_the_command_would_write_now() -> None:
    reading, items = shipped()
    assert reading.pack is not None
    assert PAGE.read_text("utf-8") == document(reading.pack.title, reading.coverage, items), (
        "make it anew: .venv/bin/cutscore packs coverage questions/csa-pro -o docs/coverage.md"
    )
