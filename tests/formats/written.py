"""What the tests of the writers share: items with difficult texts, and what it means to read back the same."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.exam.item import Item, ItemType, Option, Status
from app.exam.pack import Pack
from app.formats.drafts import is_broken
from app.formats.markup import from_html
from app.formats.reading import Reading
from app.formats.text import mended, skeleton
from app.formats.writing import category
from app.formats.writing import html as as_html

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_IMAGE = re.compile(r"!\[(.*?)\]\([^)]*\)")
_hard = st.sampled_from(
    [
        "a\nb", "a\\\nb", "a\n\nb", "`a<b>`", "```\na\n  b\n```", "- x\n- y", "1. x\n2. y", "**a** *b*",
        "| a | b |\n| --- | --- |\n| 1 | 2 |", "<script>alert(1)</script>", "{{7*7}} {% x %}", "&amp; &lt;", "]]>",
        "a & b < c", "\"'", "@@PLUGINFILE@@/x", "x²", "日本語", "$a$ \\(b\\)", "%50%",
    ]
)  # fmt: skip
_signs = st.text(st.sampled_from(list("ab <>&\"'\n\\`*_[]()#-1.|~=")), max_size=20)


def shown(text: str) -> str:
    """What a reader sees of Markdown, emphasis and white space aside."""
    run_on = re.sub(r"</?(?:em|strong)>", "", _MARKDOWN.render(text))
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", run_on)).split())


def normal(text: str) -> str:
    """A text as our readers of HTML write it."""
    return mended(from_html(as_html(text, str)).text)[0].strip()


texts = (_hard | _signs | st.text(max_size=20)).map(lambda text: mended(text)[0].strip()).filter(shown)


@st.composite
def items(draw: st.DrawFn) -> Item:
    """An item with difficult texts, with or without a key."""
    drawn = draw(st.lists(texts, min_size=2, max_size=6, unique_by=skeleton))
    kind = draw(st.sampled_from(ItemType))
    keys = draw(st.integers(0, 1 if kind is ItemType.SINGLE else len(drawn)))
    options = [Option("abcdef"[n], text, n < keys, draw(texts | st.just(""))) for n, text in enumerate(drawn)]
    rationale, shuffle = draw(texts | st.just("")), draw(st.booleans())
    return item_of(draw(texts), *options, kind=kind, rationale=rationale, shuffle=shuffle)


def item_of(
    stem: str, *options: Option, kind: ItemType = ItemType.SINGLE, rationale: str = "", shuffle: bool = True
) -> Item:
    return Item("i-0", 1, Status.READY, kind, stem, options, rationale, shuffle=shuffle)


def pack_of(*given: Item) -> Pack:
    return Pack("p", "1.0.0", "P", "en", "", (), (), (), given)


def again_the_same(pack: Pack, media: Mapping[str, bytes], reading: Reading) -> None:
    """Assert that a reading has the questions of a pack: texts, options, keys, feedback, images and categories.

    A text that our readers of HTML would write as it is comes back as it is; any other is shown the same.
    """
    assert reading.pack is not None
    assert not any(is_broken(fault) for fault in reading.faults)
    assert reading.skipped == ()
    assert len(reading.pack.items) == len(pack.items)
    for before, after in zip(pack.items, reading.pack.items, strict=True):
        assert (after.type, after.shuffle) == (before.type, before.shuffle)
        assert [(option.id, option.key) for option in after.options] == [
            (option.id, option.key) for option in before.options
        ]
        assert [reading.media[name] for name in after.media] == [media[name] for name in before.media]
        assert _categories(reading.pack, after) == _categories(pack, before)
        for old, new in zip(_texts(before), _texts(after), strict=True):
            assert shown(new) == shown(old)
            if _shown_as(normal(old)) == _shown_as(old):  # no heading, say: it becomes a paragraph in bold
                assert _shown_as(new) == _shown_as(old)
            if normal(old) == old and "](media/" not in old:
                assert new == old


def _texts(item: Item) -> list[str]:
    return [
        item.stem,
        item.rationale,
        *(part for option in item.options for part in (option.text, option.why)),
    ]


def _shown_as(text: str) -> str:
    """A text as it is rendered, whatever its images are called; where a line of the source ends is nothing."""
    return " ".join(_MARKDOWN.render(_IMAGE.sub(r"(\1)", text)).split())


def _categories(pack: Pack, item: Item) -> tuple[str, ...]:
    return category(item, {topic.id: topic.title for topic in pack.topics})
