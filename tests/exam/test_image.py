"""Images in item text: found, named, renamed, and put into words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam import quality
from app.exam.faults import Place, Severity
from app.exam.image import Image, Shown, in_words, parsed, renamed, shown, spoken, without
from app.exam.item import Item
from tests import packs as synthetic

NAME = f"media/{'a' * 64}-640x480.png"


def showing(alt: str) -> Item:
    """A ready item with an image in its stem."""
    item = synthetic.item("lamp")
    return replace(item, stem=f"![{alt}](media/a.png)\n\n{item.stem}", media=("media/a.png",))


def findings(item: Item) -> set[tuple[str, Severity]]:
    found = quality.check_item(item, date(2026, 11, 23), Place(item=item.id))
    return {(fault.rule, fault.severity) for fault in found}


@given(
    st.integers(0, 2**256 - 1), st.integers(1, 9999), st.integers(1, 9999), st.sampled_from(["png", "jpg"])
)
def test_the_name_of_a_stored_image_tells_all_of_it(
    number: int, width: int, height: int, ending: str
) -> None:
    image = Image(f"{number:064x}", width, height, ending)
    assert parsed(image.name) == image


@pytest.mark.parametrize(
    "name",
    [
        "",
        "media/map.png",
        NAME.replace("a", "A", 9),
        NAME.replace("640", "0"),
        f"{NAME}?x",
        NAME[6:],
        NAME + "\n",
    ],
)
def test_any_other_name_is_not_that_of_a_stored_image(name: str) -> None:
    assert parsed(name) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("![A lamp](media/a.png)", [Shown("media/a.png", "A lamp")]),
        ("x ![](media/a.png) ![b](media/b.png)", [Shown("media/a.png", ""), Shown("media/b.png", "b")]),
        ("![a \\[b\\] \\\\ \\* c](media/a.png)", [Shown("media/a.png", "a [b] \\ * c")]),
        ("![a [b] c](media/a.png)", [Shown("media/a.png", "a [b] c")]),
        ("![a\n  b](media/a.png)", [Shown("media/a.png", "a b")]),
        ("![a](http://localhost/a.png) [b](media/b.png) !(media/c.png)", []),
    ],
)
def test_images_are_found_with_what_they_show(text: str, found: list[Shown]) -> None:
    assert list(shown([text])) == found


@pytest.mark.parametrize(
    ("alt", "told"), [("A lamp", True), ("", False), ("IMG_1.JPG", False), ("a.png b", True)]
)
def test_the_name_of_a_file_tells_nothing(alt: str, told: bool) -> None:
    assert Shown("media/a.png", alt).told is told


def test_images_are_renamed_everywhere_at_once_and_only_as_whole_names() -> None:
    item = showing("A lamp")
    option = replace(item.options[0], text="![b](media/a.png.png)", why="![c](media/a.png)")
    listed = ("media/d.png", "media/a.png", "media/a.png.png")
    rationale = "media/a.png `![x](media/x.png)` ![d](media/d.png)"
    item = replace(item, options=(option, *item.options[1:]), rationale=rationale, media=listed)
    made = renamed(item, {"media/a.png": "media/b.png", "media/b.png": "media/c.png"})
    assert made.stem.startswith("![A lamp](media/b.png)")
    assert (made.options[0].text, made.options[0].why) == ("![b](media/a.png.png)", "![c](media/b.png)")
    assert made.rationale == rationale
    assert made.media == ("media/b.png", "media/a.png.png", "media/d.png")


def test_a_text_is_put_into_words() -> None:
    assert in_words("a ![b](media/b.png) c") == "a b c"
    assert without("![b](media/b.png)\n\nc") == "c"


def test_the_rules_judge_the_words_and_not_the_names_of_images() -> None:
    item = synthetic.item("lamp")
    assert spoken(showing("A lamp")) == replace(item, media=("media/a.png",))
    assert findings(showing("A lamp")) == findings(item)


@pytest.mark.parametrize("alt", ["", "  ", "lamp.png"])
def test_an_image_that_does_not_say_what_it_shows_bars_an_item_from_being_ready(alt: str) -> None:
    assert findings(showing(alt)) - findings(synthetic.item("lamp")) == {("alt-text", Severity.ERROR)}
    item = showing(alt)
    found = list(quality.check_item(item, date(2026, 11, 23), Place(item=item.id)))
    assert quality.delivered_status(item, found) is not item.status
