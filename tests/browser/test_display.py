"""Keys and display: lines 26 and 28 to 32."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.contrast import contrast
from tests.browser.keyboard import press_until
from tests.browser.sitting import Sitting, settle, sideways
from tests.browser.visitor import PHONE, Visitor


def six_options(visitor: Visitor) -> Sitting:
    """A question with options A to F is on screen."""
    sitting = visitor.start()
    sitting.go(sitting.single)
    return sitting


@pytest.mark.parametrize("keys", ["abcdef", "123456"])
def test_line_26_letters_and_digits_choose_options(visitor: Visitor, keys: str) -> None:
    sitting = six_options(visitor)
    position = sitting.single
    for index, key in enumerate(keys):
        sitting.page.keyboard.press(key)
        assert sitting.checked(position) == {sitting.token(index)}


def test_line_26_letters_move_flag_and_open_the_list_of_keys(visitor: Visitor) -> None:
    sitting = visitor.start()
    page = sitting.page
    page.keyboard.press("n")
    sitting.shown(2)
    page.keyboard.press("p")
    sitting.shown(1)
    sitting.go(sitting.multiple)
    page.keyboard.press("f")
    expect(page.locator("#flag")).to_have_attribute("aria-pressed", "true")
    sitting.go(sitting.single)
    page.keyboard.press("Shift+F")
    expect(page.locator("#flag")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("r")
    expect(page.locator("#heading-review")).to_be_focused()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Display and keys")
    for key in ("A", "F", "1", "6", "N", "P", "R", "?"):
        expect(dialog.locator("kbd").get_by_text(key, exact=True).first).to_be_visible()


def test_line_26_keys_typed_in_quick_succession_all_count(visitor: Visitor) -> None:
    sitting = visitor.start()
    sitting.page.evaluate(
        """() => {
            for (const key of "nnnp") {
                document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
            }
        }"""
    )
    sitting.shown(3)
    expect(sitting.section.get_by_role("heading", level=1)).to_be_focused()


def test_line_26_keys_are_off_in_text_fields(visitor: Visitor) -> None:
    sitting = visitor.start()
    sitting.page.locator(".scratch summary").click()
    sitting.page.locator("#scratchpad").focus()
    sitting.page.keyboard.type("nprf?abc123")
    expect(sitting.page.locator("#scratchpad")).to_have_value("nprf?abc123")
    sitting.shown(1)
    assert not sitting.checked(1)
    expect(sitting.page.locator("dialog[open]")).to_have_count(0)


def test_line_26_keys_can_be_switched_off(visitor: Visitor) -> None:
    sitting = visitor.start()
    sitting.page.keyboard.press("?")
    sitting.page.get_by_label("Use these keys").uncheck()
    sitting.page.keyboard.press("Escape")
    for _ in range(2):
        for key in ("n", "a", "r", "f"):
            sitting.page.keyboard.press(key)
        sitting.shown(1)
        assert not sitting.checked(1)
        sitting.reload()


def test_line_26_keys_with_a_modifier_are_left_to_the_browser(visitor: Visitor) -> None:
    sitting = visitor.start()
    for key in ("Control+a", "Alt+n", "Meta+f"):
        sitting.page.keyboard.press(key)
    sitting.shown(1)
    assert not sitting.checked(1)


# How far the focused element reaches under the bars that stay; 0 when nothing is covered.
_COVERED = """() => {
    const focused = document.activeElement;
    const bars = [...document.querySelectorAll(".exam-top, .exam-foot")]
        .filter((bar) => ["sticky", "fixed"].includes(getComputedStyle(bar).position) && !bar.contains(focused));
    const box = (focused.closest(".option label") ?? focused).getBoundingClientRect();
    return Math.max(0, ...bars.map((bar) => bar.getBoundingClientRect())
        .filter((bar) => box.left < bar.right && box.right > bar.left)
        .filter((bar) => !focused.contains(document.elementFromPoint(
            box.left + 2, (Math.max(box.top, bar.top) + Math.min(box.bottom, bar.bottom)) / 2)))
        .map((bar) => Math.min(box.bottom, bar.bottom) - Math.max(box.top, bar.top)));
}"""


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
@pytest.mark.parametrize("size", [(1280, 520), (390, 560)])
def test_line_28_the_bars_never_hide_the_focus(visit: Visit, size: tuple[int, int], key: str) -> None:
    sitting = visit(viewport={"width": size[0], "height": size[1]}).start()
    sitting.go(sitting.single)
    page = sitting.page
    page.locator(".scratch summary").click()
    stops = 0
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement === document.body"):
            continue
        stops += 1
        settle(page)
        assert page.evaluate(_COVERED) <= 1, page.evaluate("document.activeElement.outerHTML.slice(0, 100)")
    assert stops > 20


def test_line_29_the_text_size_can_be_chosen_and_stays(visitor: Visitor) -> None:
    sitting = visitor.start()
    page = sitting.page

    def pixels() -> float:
        return float(
            sitting.section.locator(".stem").evaluate("stem => parseFloat(getComputedStyle(stem).fontSize)")
        )

    sizes = [pixels()]
    for name in ("Large", "Largest"):
        page.get_by_role("button", name="Display").click()
        page.get_by_role("radio", name=name, exact=True).check()
        page.get_by_role("button", name="Close").click()
        sizes.append(pixels())
    assert sizes == sorted(set(sizes))
    assert sizes[-1] >= 1.4 * sizes[0]
    sitting.reload()
    assert pixels() == sizes[-1]


@pytest.mark.parametrize("text", ["normal", "largest"])
@pytest.mark.parametrize("size", [(320, 568), (640, 400)])
def test_line_29_the_exam_is_usable_at_320_pixels_and_at_200_per_cent(
    visit: Visit, size: tuple[int, int], text: str
) -> None:
    sitting = visit(viewport={"width": size[0], "height": size[1]}).start()
    page = sitting.page
    page.get_by_role("button", name="Display").click()
    page.locator(f"[name=text-size][value={text}]").check()
    assert sideways(page) == 0
    page.get_by_role("button", name="Close").click()
    chosen = {}
    for position in range(1, 7):
        sitting.shown(position)
        assert sideways(page) == 0
        asked = int(sitting.section.get_attribute("data-select") or "1")
        chosen[position] = {sitting.choose(index) for index in range(asked)}
        page.locator("#flag").click()
        page.locator("#next").click()
    expect(page.locator("#heading-review")).to_be_focused()
    assert sideways(page) == 0
    page.locator("#review").get_by_role("link", name="End the exam").click()
    assert sideways(page) == 0
    page.locator("#end-button").click()
    page.wait_for_url(sitting.report_url)
    assert sitting.server.choices(sitting.attempt_id) == chosen


SCHEMES = [(scheme, contrast_) for scheme in ("light", "dark") for contrast_ in ("no-preference", "more")]


@pytest.mark.parametrize(("scheme", "wanted"), SCHEMES)
def test_line_30_controls_stand_out_3_to_1_and_text_4_5_to_1(visit: Visit, scheme: str, wanted: str) -> None:
    page = visit(color_scheme=scheme, contrast=wanted).start().page
    colours: dict[str, str] = page.evaluate(
        """() => {
            const names = ["paper", "ink", "ink-soft", "line-strong", "accent", "focus", "attention", "pass", "fail"];
            return Object.fromEntries(names.map((name) => {
                const probe = document.createElement("i");
                probe.style.setProperty("color", `var(--${name})`);
                document.body.append(probe);
                return [name, getComputedStyle(probe).color];
            }));
        }"""
    )
    for name in ("ink", "ink-soft", "accent", "attention", "pass", "fail"):
        assert contrast(colours[name], colours["paper"]) >= (
            7 if wanted == "more" and name == "ink" else 4.5
        ), name
    for name in ("line-strong", "focus"):
        assert contrast(colours[name], colours["paper"]) >= 3, name


def test_line_30_dark_is_a_design_of_its_own(visit: Visit) -> None:
    papers = {
        scheme: visit(color_scheme=scheme)
        .open("/")
        .evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert contrast(papers["light"], "rgb(255, 255, 255)") < 1.3
    assert contrast(papers["dark"], "rgb(0, 0, 0)") < 1.6


def test_line_30_forced_colours_still_show_what_is_chosen_flagged_and_focused(visit: Visit) -> None:
    sitting = visit(forced_colors="active").start()
    page = sitting.page
    rows = sitting.section.locator(".option")
    outline = "row => getComputedStyle(row).outlineStyle"
    sitting.choose(0)
    page.mouse.move(0, 0)
    assert rows.nth(0).evaluate(outline) == "solid"
    assert rows.nth(1).evaluate(outline) == "none"
    border = "button => getComputedStyle(button).borderTopWidth"
    before = page.locator("#flag").evaluate(border)
    page.locator("#flag").click()
    assert page.locator("#flag").evaluate(border) != before
    press_until(page, "Tab", "#next")


# The longest transition or animation of anything on the page, in seconds.
_MOTION = """() => Math.max(0, ...[...document.querySelectorAll("*")].flatMap((element) =>
    [null, "::before", "::after"].flatMap((part) => {
        const style = getComputedStyle(element, part);
        const moves = style.animationName === "none" ? [] : style.animationDuration.split(",");
        return [...style.transitionDuration.split(","), ...moves].map(parseFloat);
    })))"""


@pytest.mark.parametrize("wanted", ["reduce", "no-preference"])
def test_line_31_nothing_moves_for_those_who_want_less_motion(visit: Visit, wanted: str) -> None:
    sitting = visit(reduced_motion=wanted).start()
    sitting.choose(0)
    expect(sitting.page.locator("#saved")).to_have_text("Saved")
    longest = sitting.page.evaluate(_MOTION)
    if wanted == "reduce":
        assert longest <= 0.001
    else:
        assert longest > 0.001  # there is something to stop


def test_line_32_on_a_phone_the_navigator_is_folded_and_the_bar_below_stays(visit: Visit) -> None:
    sitting = visit(viewport=PHONE, has_touch=True, is_mobile=True).start()
    page = sitting.page
    assert page.locator("#navigator").evaluate("element => element.tagName") == "DETAILS"
    expect(page.locator("#navigator")).not_to_have_attribute("open", "")
    for place in (0, 10_000):
        page.evaluate("place => scrollTo(0, place)", place)
        for name in ("#previous", "#flag", "#next"):
            expect(page.locator(name)).to_be_in_viewport(ratio=1)
    page.locator("#next").tap()
    sitting.shown(2)
    page.locator("#navigator summary").tap()
    page.locator(".numbers a[href='#q5']").tap()
    sitting.shown(5)
