"""What is written as GIFT reads back to the same questions, and what GIFT has no place for is listed."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.exam.item import Item, ItemType, Option, Status
from app.exam.pack import Pack, Topic
from app.formats import gift, gift_write, native
from app.formats.markup import from_markdown
from app.formats.source import from_bytes
from app.formats.text import mended, problem, skeleton
from app.formats.writing import Left
from tests.formats.pieces import good

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def pack_of(*items: Item) -> Pack:
    return Pack("p", "1.0.0", "P", "en", "", (), (), (), items)


def item_of(stem: str, *options: Option, multiple: bool = False, why: str = "") -> Item:
    kind = ItemType.MULTIPLE if multiple else ItemType.SINGLE
    return Item("lamp-1", 1, Status.READY, kind, stem, options, why)


def again(pack: Pack) -> tuple[Item, ...]:
    """The items of a pack after it was written and read."""
    reading = gift.read(from_bytes("p.gift", gift_write.write(pack).content))
    assert reading.pack is not None
    return reading.pack.items


def shown(markdown: str) -> str:
    rendered = re.sub(r"<[^>]*>", " ", MARKDOWN.render(markdown))
    return "".join(html.unescape(rendered).split())


_hard = st.sampled_from(
    [
        "\\n",
        "\\\\:",
        "%50%x",
        "[html]x",
        "a\nb",
        "// x",
        "::t::",
        "->",
        "####",
        "}{",
        "TRUE",
        "`a=b{c}`",
        "- x\n    - y",
    ]
)
_signs = st.text(st.sampled_from(list("ab \\:#={}~\n/%[]->*`1.")), max_size=20)
_text = (_hard | _signs | st.text(max_size=20)).map(lambda t: mended(t)[0].strip()).filter(shown)


@st.composite
def _items(draw: st.DrawFn) -> Item:
    texts = draw(st.lists(_text, min_size=3, max_size=6, unique_by=skeleton))
    multiple = draw(st.booleans())
    keys = draw(st.integers(1, len(texts) if multiple else 1))
    whys = [draw(_text | st.just("")) for _ in texts]
    options = [Option("abcdef"[n], t, n < keys, w) for n, (t, w) in enumerate(zip(texts, whys, strict=True))]
    return item_of(draw(_text), *options, multiple=multiple, why=draw(_text | st.just("")))


def _texts(item: Item) -> list[str]:
    return [item.stem, item.rationale, *(part for o in item.options for part in (o.text, o.why))]


@settings(max_examples=100)
@given(_items())
def test_a_question_reads_back_the_same(item: Item) -> None:
    assert all(problem(text) is None for text in _texts(item))
    (found,) = again(pack_of(item))
    assert found.type is item.type
    assert [(option.id, option.key) for option in found.options] == [(o.id, o.key) for o in item.options]
    for before, after in zip(_texts(item), _texts(found), strict=True):
        if from_markdown(before).text == before:
            assert after == before
        else:
            assert shown(after) == shown(before)


def test_a_pack_of_ours_reads_back_the_same() -> None:
    pack = native.read(good()).pack
    assert pack is not None
    for before, after in zip(pack.items, again(pack), strict=True):
        assert (after.stem, after.options[0].text, after.key) == (
            before.stem,
            before.options[0].text,
            before.key,
        )
        assert [option.why for option in after.options] == [option.why for option in before.options]


def test_the_form_is_the_one_that_people_know() -> None:
    single = item_of("Is 1 = 1?", Option("a", "Yes", True, "It is."), Option("b", "No"), why="So it is.")
    multiple = item_of("Which?", *(Option(n, n.upper(), n < "d") for n in "abcd"), multiple=True)
    assert gift_write.write(pack_of(single, multiple)).content.decode() == (
        "::lamp-1::[markdown]Is 1 \\= 1?{\n\t=Yes#It is.\n\t~No\n\t####So it is.\n}\n\n"
        "::lamp-1::[markdown]Which?{\n\t~%33.33333%A\n\t~%33.33333%B\n\t~%33.33333%C\n\t~%-100%D\n}\n"
    )


def test_topics_become_categories_and_come_back_with_their_titles() -> None:
    first = replace(item_of("1?", Option("a", "x", True), Option("b", "y")), topic="fog/horns")
    pack = replace(
        pack_of(first, replace(first, stem="2?", topic=None), replace(first, stem="3?", topic="fog")),
        topics=(Topic("fog", "Fog"), Topic("fog/horns", "Horns/Bells: a \\ b")),
    )
    reading = gift.read(from_bytes("p.gift", gift_write.write(pack).content))
    assert reading.pack is not None
    assert [item.topic for item in reading.pack.items] == ["fog/horns-bells-a-b", None, "fog"]
    assert [topic.title for topic in reading.pack.topics] == ["Fog", "Horns/Bells: a \\ b"]


def test_html_that_our_pages_show_as_text_is_shown_as_text() -> None:
    (found,) = again(
        pack_of(item_of("What does <script>x</script> do?", Option("a", "<b>", True), Option("b", "c")))
    )
    assert shown(found.stem) == "Whatdoes<script>x</script>do?"
    assert shown(found.options[0].text) == "<b>"


def test_what_gift_cannot_carry_is_listed() -> None:
    pack = native.read(good()).pack
    assert pack is not None
    left = gift_write.write(pack).left
    assert Left("", "domains and exams") in left
    (of_lamp,) = [each.what for each in left if each.item == "lamp-001"]
    for name in ("references", "rating", "trap", "misconception", "constraints", "enemies", "company"):
        assert name in of_lamp
    assert Left("horn-001", "shuffle") in left


def test_images_and_items_without_a_key_are_listed() -> None:
    image = replace(
        item_of("![x](media/x.png)", Option("a", "y", True), Option("b", "z")), media=("media/x.png",)
    )
    keyless = replace(item_of("Which?", Option("a", "y"), Option("b", "z")), id="keyless")
    written = gift_write.write(pack_of(image, keyless))
    assert [each.item for each in written.left if each.item] == ["lamp-1", "keyless"]
    assert b"keyless" not in written.content
