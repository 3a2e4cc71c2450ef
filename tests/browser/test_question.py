"""The exam screen's question: lines 8 to 18."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.held import Held
from tests.browser.keyboard import press_until
from tests.browser.marking import check_page, check_stored, mark_up
from tests.browser.servers import ThreadServer
from tests.browser.sitting import Sitting, settle
from tests.browser.visitor import Visitor


def test_line_08_each_question_has_an_address_a_title_and_the_focus(visitor: Visitor) -> None:
    sitting = visitor.start()
    for position in (4, 2):
        section = sitting.go(position)
        expect(sitting.page).to_have_url(f"{sitting.server.address}{sitting.path}#q{position}")
        expect(sitting.page).to_have_title(f"Question {position} of 6 \N{EN DASH} The quick exam")
        expect(section.get_by_role("heading", level=1)).to_be_focused()
    sitting.page.goto(f"{sitting.server.address}{sitting.path}#q5")
    sitting.shown(5)


def test_line_09_options_are_native_controls_in_a_fieldset(visitor: Visitor) -> None:
    sitting = visitor.start()
    for position, role, legend in (
        (sitting.single, "radio", "Choose one"),
        (sitting.multiple, "checkbox", "Choose 2"),
    ):
        section = sitting.go(position)
        group = section.get_by_role("group", name=legend)
        expect(group).to_have_accessible_description(re.compile("The tower stands on a rock"))
        assert group.evaluate("element => element.tagName") == "FIELDSET"
        options = group.get_by_role("radio" if role == "radio" else "checkbox")
        expect(options).to_have_count(section.locator(".option").count())
        assert set(options.evaluate_all("all => all.map(one => one.tagName)")) == {"INPUT"}


def test_line_10_a_third_pick_warns_and_is_not_blocked(visitor: Visitor) -> None:
    sitting = visitor.start()
    section = sitting.go(sitting.multiple)
    expect(section.locator("legend").first).to_have_text("Choose 2")
    chosen = {sitting.choose(index) for index in range(3)}
    expect(section.locator(".picked")).to_have_text("You picked 3; the question asks for 2.")
    expect(section.locator(".picked")).to_have_attribute("role", "status")
    sitting.saved()
    assert sitting.server.choices(sitting.attempt_id) == {sitting.multiple: chosen}


def test_line_11_a_change_saves_itself_and_says_how_it_stands(visitor: Visitor) -> None:
    visitor.expect_complaint("net::ERR_|htmx:")
    sitting = visitor.start()
    status = sitting.page.locator(".save-state")
    expect(status).to_have_attribute("role", "status")
    saves = Held(sitting.page, "**/responses/*")
    sitting.choose(0)
    expect(status).to_have_text("Saving")
    saves.next().continue_()
    expect(status).to_have_text("Saved")
    sitting.choose(1)
    expect(status).to_have_text("Saving")
    probes = Held(sitting.page, "**/healthz")  # without an answer the page does not try again
    saves.next().abort()
    expect(status).to_have_text("Not saved yet")
    saves.let_go()
    probes.let_go()
    expect(status).to_have_text("Saved")


# All at once, and in the document: what scrolls or is still being drawn has not moved.
PLACES = """() => [...document.querySelectorAll('#q1 .option')].map((option) => {
  const box = option.getBoundingClientRect();
  return [Math.round(box.y + scrollY), Math.round(box.height)];
})"""


def test_line_12_selecting_never_navigates_or_moves_anything(visitor: Visitor) -> None:
    sitting = visitor.start()
    address = sitting.page.url
    sitting.page.locator("html.js").wait_for()
    sitting.page.mouse.move(0, 0)
    settle(sitting.page)
    before = sitting.page.evaluate(PLACES)
    for index in range(4):
        sitting.choose(index)
    sitting.page.keyboard.press("ArrowUp")
    sitting.saved()
    assert sitting.page.url == address
    sitting.shown(1)
    settle(sitting.page)
    assert sitting.page.evaluate(PLACES) == before


def test_line_13_an_answer_can_be_cleared(visitor: Visitor) -> None:
    sitting = visitor.start()
    for position in (sitting.single, sitting.multiple):
        sitting.answer(position)
        sitting.section.get_by_role("button", name="Clear answer").click()
        assert not sitting.checked(position)
    sitting.saved()
    assert sitting.server.choices(sitting.attempt_id) == {}


def test_line_14_a_struck_option_can_still_be_chosen_and_stays_struck(visitor: Visitor) -> None:
    sitting = visitor.start()
    position = sitting.single
    section = sitting.go(position)
    token = sitting.token(1)
    strike = section.get_by_role("button", name="Strike out B")
    expect(strike).to_have_attribute("aria-pressed", "false")
    section.locator(".option").nth(1).hover()
    strike.click()
    expect(strike).to_have_attribute("aria-pressed", "true")
    sitting.choose(1)
    sitting.saved()
    assert sitting.server.struck(sitting.attempt_id, position) == {token}
    sitting.reload()
    expect(sitting.page.locator(f"#q{position} .option.struck")).to_have_count(1)
    assert sitting.checked(position) == {token}


def test_line_15_text_is_highlighted_by_selection_and_stays(visitor: Visitor) -> None:
    sitting = visitor.start()
    sitting.select_text(4, 9)
    sitting.page.get_by_role("group", name="Selected text").get_by_role("button").click()
    sitting.saved()
    sitting.reload()
    expect(sitting.section.locator("mark")).to_have_text("tower")
    assert sitting.stored(1).marks.highlights == ((4, 9),)


def test_line_15_a_highlight_is_taken_away_by_selecting_it_again(visitor: Visitor) -> None:
    sitting = visitor.start()
    for label in ("Highlight", "Remove highlight"):
        sitting.select_text(4, 9)
        tools = sitting.page.get_by_role("group", name="Selected text")
        tools.get_by_role("button", name=label, exact=True).click()
    expect(sitting.section.locator("mark")).to_have_count(0)
    sitting.saved()
    assert sitting.stored(1).marks.highlights == ()


def test_line_15_text_is_highlighted_by_keyboard_without_dragging(visitor: Visitor) -> None:
    sitting = visitor.start()
    page = sitting.page
    press_until(page, "Tab", "#q1 button.highlight")
    page.keyboard.press("Enter")
    sentence = page.locator("#q1 .sentence").nth(1)
    words = sentence.inner_text()
    press_until(page, "Tab", "#q1 .sentence:nth-of-type(2)")
    expect(sentence).to_have_role("button")
    page.keyboard.press("Space")
    expect(page.locator("#q1 .sentence").nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#q1 .sentence").nth(1)).to_be_focused()
    press_until(page, "Shift+Tab", "#q1 button.highlight")
    page.keyboard.press("Enter")
    expect(page.locator("#q1 .sentence")).to_have_count(0)
    expect(page.locator("#q1 mark")).to_have_text(words)
    sitting.saved()
    sitting.reload()
    expect(page.locator("#q1 mark")).to_have_text(words)


def test_line_16_a_flag_is_a_pressed_button_and_never_touches_the_score(
    visitor: Visitor, server: ThreadServer
) -> None:
    texts = []
    for flagged in (False, True):
        sitting = visitor.start()
        flag = sitting.page.get_by_role("button", name="Flag", exact=True)
        expect(flag).to_have_attribute("aria-pressed", "false")
        for position in range(1, 7):
            sitting.go(position)
            if flagged:
                flag.click()
                expect(flag).to_have_attribute("aria-pressed", "true")
        sitting.saved()
        assert [sitting.stored(position).marks.flagged for position in range(1, 7)] == [flagged] * 6
        sitting.end()
        texts.append(sitting.page.locator("h1").inner_text())
    assert texts[0] == texts[1]


def notes_saved(sitting: Sitting, text: str) -> None:
    """Write into the scratchpad and wait until it is saved."""
    sitting.page.locator(".scratch summary").click()
    sitting.page.locator("#scratchpad").fill(text)
    expect(sitting.page.locator("#scratchpad-state")).to_have_text("Saved")


def test_line_18_the_scratchpad_stays_with_the_attempt(visitor: Visitor, server: ThreadServer) -> None:
    sitting = visitor.start()
    notes_saved(sitting, "lamp > mirror?\n<b>fog</b>")
    assert server.attempt(sitting.attempt_id).scratchpad.replace("\r", "") == "lamp > mirror?\n<b>fog</b>"
    sitting.go(4)
    sitting.reload()
    expect(sitting.page.locator("#scratchpad")).to_have_value("lamp > mirror?\n<b>fog</b>")


def test_line_18_the_scratchpad_survives_an_outage(visitor: Visitor, server: ThreadServer) -> None:
    visitor.expect_complaint("net::ERR_|htmx:")
    sitting = visitor.start()
    visitor.context.set_offline(True)
    sitting.page.locator(".scratch summary").click()
    sitting.page.locator("#scratchpad").fill("written in the dark")
    expect(sitting.page.locator("#scratchpad-state")).to_have_text("Not saved yet")
    visitor.context.set_offline(False)
    expect(sitting.page.locator("#scratchpad-state")).to_have_text("Saved")
    assert server.attempt(sitting.attempt_id).scratchpad == "written in the dark"


def test_line_18_confidence_is_optional_and_can_be_switched_off(visitor: Visitor) -> None:
    sitting = visitor.start()
    group = sitting.section.get_by_role("group", name="How sure are you?")
    group.get_by_label("Fairly sure").check()
    sitting.saved()
    assert sitting.stored(1).marks.confidence == "fairly"
    sitting.page.get_by_role("button", name="Display").click()
    sitting.page.get_by_label("Ask how sure I am under each question").uncheck()
    sitting.page.get_by_role("button", name="Close").click()
    expect(group).to_be_hidden()
    sitting.reload()
    expect(group).to_be_hidden()


def test_all_marks_are_stored_with_the_choice(visitor: Visitor) -> None:
    sitting = visitor.start()
    marked = mark_up(sitting, sitting.multiple)
    sitting.saved()
    check_page(sitting, marked)
    check_stored(sitting, marked)
