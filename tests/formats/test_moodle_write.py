"""What is written as Moodle XML reads back to the same questions, and what it has no place for is listed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from app.exam.item import Item, ItemType, Option
from app.exam.pack import Pack, Topic
from app.formats import moodle, native
from app.formats.moodle_write import write
from app.formats.reading import Reading
from app.formats.source import from_bytes
from app.formats.writing import Left
from tests.formats.pieces import good
from tests.formats.written import again_the_same, item_of, items, pack_of, shown
from tests.images import PNG

NAME = "media/lamps/größe-1.png"


def again(pack: Pack, media: dict[str, bytes] | None = None) -> Reading:
    """The reading of a pack after it was written."""
    return moodle.read(from_bytes("p.xml", write(pack, media or {}).content))


@settings(max_examples=150)
@given(st.lists(items(), min_size=1, max_size=3))
def test_questions_read_back_the_same(drawn: list[Item]) -> None:
    pack = pack_of(*(replace(item, id=f"i-{n}") for n, item in enumerate(drawn)))
    again_the_same(pack, {}, again(pack))


def test_a_pack_of_ours_reads_back_the_same() -> None:
    pack = native.read(good()).pack
    assert pack is not None
    again_the_same(pack, {}, again(pack))


def test_images_read_back_the_same_wherever_they_stand() -> None:
    picture = f"![A \\[small\\] lamp]({NAME})"
    item = item_of(f"Which? {picture}", Option("a", picture, True, f"See {picture}"), Option("b", "y"))
    pack = pack_of(replace(item, rationale=picture, media=(NAME,)))
    reading = again(pack, {NAME: PNG})
    assert list(reading.media.values()) == [PNG]
    again_the_same(pack, {NAME: PNG}, reading)


def test_categories_read_back_the_same() -> None:
    first = replace(item_of("1?", Option("a", "x", True), Option("b", "y")), id="i-1", topic="fog/horns")
    pack = replace(
        pack_of(first, replace(first, id="i-2", topic=None), replace(first, id="i-3", topic="fog")),
        topics=(Topic("fog", "Fog & <mist>"), Topic("fog/horns", "Horns/Bells: a \\ b")),
    )
    again_the_same(pack, {}, again(pack))


def test_a_break_that_moodle_does_not_know_in_markdown_is_written_as_html() -> None:
    content = write(
        pack_of(item_of("a\\\nb", Option("a", "*x*", True), Option("b", "y"))), {}
    ).content.decode()
    assert '<questiontext format="html"><text>&lt;p&gt;a&lt;br /&gt;\nb&lt;/p&gt;</text>' in content
    assert '<answer fraction="100" format="markdown"><text>*x*</text>' in content


def test_the_document_is_well_formed_and_the_same_each_time() -> None:
    pack = native.read(good()).pack
    assert pack is not None
    content = write(pack, {}).content
    assert content == write(pack, {}).content
    assert [each.get("type") for each in etree.fromstring(content)] == [
        "category", "multichoice", "category", "multichoice",
    ]  # fmt: skip


def test_the_keys_share_the_marks_and_the_other_options_take_them() -> None:
    three = item_of("Which?", *(Option(n, n.upper(), n < "d") for n in "abcd"), kind=ItemType.MULTIPLE)
    answers = etree.fromstring(write(pack_of(three), {}).content).iter("answer")
    assert [answer.get("fraction") for answer in answers] == ["33.33333", "33.33333", "33.33333", "-100"]


def test_html_that_our_pages_show_as_text_is_shown_as_text() -> None:
    pack = pack_of(item_of("What does <script>x</script> do?", Option("a", "<b>", True), Option("b", "c")))
    found = again(pack).pack
    assert found is not None
    assert shown(found.items[0].stem) == "What does <script>x</script> do?"


def test_what_it_cannot_carry_is_listed() -> None:
    pack = native.read(good()).pack
    assert pack is not None
    lamp = replace(pack.items[0], media=("media/gone.png",))
    left = write(replace(pack, items=(lamp, pack.items[1])), {}).left
    assert Left("", "domains and exams") in left
    told = [each.what for each in left if each.item == "lamp-001"]
    assert "rating" in told[0]
    assert told[1] == "images that are not there: media/gone.png"
    assert not any("shuffle" in each.what for each in left)
