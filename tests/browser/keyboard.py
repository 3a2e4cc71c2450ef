"""The keyboard: walking with Tab, and seeing where the focus is."""

from __future__ import annotations

from playwright.sync_api import Page

# Whether the focused element, or the row it stands for, is drawn with an outline that can be seen.
_VISIBLE = """() => {
    const drawn = (element) => {
        const style = getComputedStyle(element);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    };
    const focused = document.activeElement;
    return drawn(focused) || (focused.closest(".option") !== null && drawn(focused.closest(".option")));
}"""

_NAME = "() => document.activeElement.outerHTML.slice(0, 120)"


def focus_is_visible(page: Page) -> bool:
    """Whether the focus can be seen."""
    return bool(page.evaluate(_VISIBLE))


def press_until(page: Page, key: str, selector: str, most: int = 60, checked: bool = True) -> None:
    """Press a key until the focus is on an element that matches; at every stop it must be visible."""
    for _ in range(most):
        page.keyboard.press(key)
        on_page = page.evaluate("() => document.activeElement !== document.body")
        assert not (on_page and checked) or focus_is_visible(page), page.evaluate(_NAME)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{key} does not lead to {selector}; it stopped at {page.evaluate(_NAME)}")
