"""Everything a candidate can do to a question, done at once, and a check that all of it is still there."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import expect

from tests.browser.sitting import Sitting


@dataclass(frozen=True)
class Marked:
    """What was done to a question."""

    position: int
    chosen: set[str]
    struck: str


def mark_up(sitting: Sitting, position: int) -> Marked:
    """Choose, strike out, highlight, flag, and say how sure."""
    chosen = sitting.answer(position)
    section = sitting.section
    struck = sitting.token(3)
    section.locator(".option").nth(3).hover()
    section.locator(".strike").nth(3).click()
    sitting.select_text(4, 9)
    sitting.page.locator("#selection-highlight").click()
    sitting.page.locator("#flag").click()
    section.get_by_label("Guessing").check()
    return Marked(position, chosen, struck)


def check_page(sitting: Sitting, marked: Marked) -> None:
    """The page shows all of it."""
    section = sitting.page.locator(f"#q{marked.position}")
    assert sitting.checked(marked.position) == marked.chosen
    expect(section.locator(f".strike[data-token='{marked.struck}']")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(section.locator("mark")).to_have_text("tower")
    expect(section).to_have_attribute("data-flagged", "1")
    expect(section.locator("[value=guessing]")).to_be_checked()


def check_stored(sitting: Sitting, marked: Marked) -> None:
    """The database holds all of it."""
    stored = sitting.stored(marked.position)
    assert sitting.server.choices(sitting.attempt_id)[marked.position] == marked.chosen
    assert sitting.server.struck(sitting.attempt_id, marked.position) == {marked.struck}
    assert stored.marks.highlights == ((4, 9),)
    assert stored.marks.flagged
    assert stored.marks.confidence == "guessing"
