"""Moodle XML against an independent reader (moodle_xml_parser): the same questions, keys and texts.

It reads questions with several answers only, tells every text as it stands in the file (of Markdown it knows
nothing), and decodes entities twice, in CDATA too, where by XML and HTML they are decoded once: such texts are left
out, but for one test.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.item import Item, ItemType, Option
from app.formats import moodle, moodle_write
from app.formats.source import from_bytes
from tests.formats.oracles import Told, moodle_xml, ours, told_by
from tests.formats.written import item_of, pack_of

_words = st.lists(st.from_regex(r"[a-zA-Zé0-9]{1,8}", fullmatch=True), min_size=1, max_size=4).map(" ".join)
_marked = st.builds(
    lambda text, form: form.format(text),
    _words,
    st.sampled_from(
        [
            "{}",
            "<p>{}</p>",
            "<p><b>{}</b> &amp; more</p>",
            "{}<br>so",
            "<ul><li>{}</li><li>so</li></ul>",
            "<em>{}</em>&nbsp;so",
        ]
    ),
)


def _held(text: str, in_cdata: bool) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<text>{f'<![CDATA[{text}]]>' if in_cdata else escaped}</text>"


@st.composite
def _question(draw: st.DrawFn) -> str:
    cdata, single = draw(st.booleans()), draw(st.booleans())
    texts = draw(st.lists(_marked, min_size=2, max_size=6, unique_by=lambda text: text.lower()))
    count = 1 if single else draw(st.integers(1, len(texts)))
    other = draw(st.sampled_from(["0", "-33.33333", "-100"]))
    shares = [f"{100 / count:.5f}" if n < count else other for n in range(len(texts))]
    answers = "".join(
        f'<answer fraction="{share}" format="html">{_held(text, cdata)}'
        '<feedback format="html"><text/></feedback></answer>\n'
        for text, share in zip(texts, shares, strict=True)
    )
    return (
        f'<question type="multichoice"><name><text>{draw(_words)}</text></name>\n'
        f'<questiontext format="html">{_held(draw(_marked), cdata)}</questiontext>\n'
        f"<single>{str(single).lower()}</single>\n{answers}</question>\n"
    )


_elsewise = st.sampled_from(
    [
        '<question type="category"><category><text>$course$/top/Fog</text></category></question>\n',
        "<!-- question: 7 -->\n",
    ]
)


@settings(max_examples=25)
@given(st.lists(_question() | _elsewise, min_size=1, max_size=5))
def test_both_read_the_same_file_alike(parts: list[str]) -> None:
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{"".join(parts)}</quiz>\n'.encode()
    reading = moodle.read(from_bytes("quiz.xml", content))
    assert ours(reading) == moodle_xml(content)


@st.composite
def _item(draw: st.DrawFn) -> Item:
    texts = draw(st.lists(_words, min_size=2, max_size=6, unique_by=str.lower))
    kind = draw(st.sampled_from(ItemType))
    keys = draw(st.integers(0, 1 if kind is ItemType.SINGLE else len(texts)))
    options = [Option("abcdef"[n], text, n < keys, draw(_words)) for n, text in enumerate(texts)]
    return item_of(draw(_words), *options, kind=kind, rationale=draw(_words))


@settings(max_examples=30)
@given(st.lists(_item(), min_size=1, max_size=4))
def test_the_other_reader_reads_what_we_write(drawn: list[Item]) -> None:
    pack = pack_of(*(replace(item, id=f"i-{n}") for n, item in enumerate(drawn)))
    assert moodle_xml(moodle_write.write(pack, {}).content) == [told_by(item) for item in pack.items]


def test_entities_in_cdata_are_decoded_once() -> None:
    question = (
        '<quiz><question type="multichoice"><questiontext format="html">'
        "<text><![CDATA[<p>Is a &lt;b&gt; bold?</p>]]></text></questiontext>"
        '<answer fraction="100"><text>Yes</text></answer><answer fraction="0"><text>No</text></answer>'
        "</question></quiz>"
    )
    options = (("Yes", True), ("No", False))
    assert ours(moodle.read(from_bytes("a.xml", question.encode()))) == [
        Told("single", "Is a <b> bold?", options)
    ]
    assert moodle_xml(question.encode()) == [Told("single", "Is a bold?", options)]
