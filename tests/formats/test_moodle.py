"""Moodle XML: the kinds of question we deliver come in as they are meant, the others are named, and none is lost."""

from __future__ import annotations

import base64
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.item import Item, ItemType
from app.formats import moodle, registry
from app.formats.drafts import MAX_QUESTIONS, is_broken
from app.formats.reading import Reading
from app.formats.source import Source, from_bytes
from tests.formats.pieces import mutated, rules
from tests.images import PNG, drawn, file, stored

GIF = file(drawn(colour=(0, 0, 200)), "GIF")
FILE = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<!-- question: 0 -->
<question type="category"><category><text>$course$/top/Fog/Horns // Bells</text></category></question>
<question type="multichoice">
  <name><text>Horn</text></name>
  <questiontext format="html">
    <text><![CDATA[<p>Which <b>horn</b> is it? <img src="@@PLUGINFILE@@/my%20horn.png" alt="A horn"></p>]]></text>
    <file name="my horn.png" path="/" encoding="base64">{base64.b64encode(PNG).decode()}</file>
  </questiontext>
  <generalfeedback format="html"><text>It is about <![CDATA[<i>tones</i>]]>.</text></generalfeedback>
  <defaultgrade>2.0000000</defaultgrade><penalty>0.3333333</penalty><hidden>0</hidden><idnumber>horn-7</idnumber>
  <single>true</single><shuffleanswers>false</shuffleanswers><answernumbering>abc</answernumbering>
  <correctfeedback format="html"><text>Well done.</text></correctfeedback>
  <answer fraction="100" format="html"><text>The long one</text>
    <feedback format="html"><text>Low tones carry.</text></feedback></answer>
  <answer fraction="50"><text>The short one</text><feedback><text></text></feedback></answer>
  <answer fraction="0"><text>&lt;p&gt;The silver one&lt;/p&gt;</text></answer>
  <hint><text>Listen.</text></hint>
  <tags><tag><text>sound</text></tag><tag><text>night</text></tag></tags>
</question>
<question type="truefalse">
  <name><text>Fog</text></name><questiontext><text>Fog muffles light.</text></questiontext>
  <answer fraction="0"><text>true</text></answer><answer fraction="100"><text>false</text></answer>
</question>
<question type="category"><category><text>$course$/top</text></category></question>
<question type="essay"><name><text>Write</text></name></question>
<question type="multichoice">
  <name><text>Signals</text></name><questiontext><text>Which help?</text></questiontext><single>false</single>
  <answer fraction="50"><text>Horn</text></answer><answer fraction="50"><text>Bell</text></answer>
  <answer fraction="-100"><text>Flag</text></answer>
</question>
</quiz>
"""


def read(text: str | bytes) -> Reading:
    content = text.encode() if isinstance(text, str) else text
    return moodle.read(Source("fog.xml", {"fog.xml": content}, content))


def items(text: str) -> tuple[Item, ...]:
    pack = read(text).pack
    assert pack is not None
    return pack.items


def question(*answers: str, kind: str = "multichoice", text: str = "Which?", more: str = "") -> str:
    """One question; an answer is written `fraction text`."""
    parts = (each.partition(" ") for each in answers)
    listed = "".join(
        f'<answer fraction="{fraction}"><text>{escape(text)}</text></answer>' for fraction, _, text in parts
    )
    stem = f"<questiontext><text>{escape(text)}</text></questiontext>"
    return f'<question type="{kind}">{stem}{more}{listed}</question>'


def quiz(*questions: str) -> str:
    return f"<quiz>\n{chr(10).join(questions)}\n</quiz>"


def only(*answers: str, **said: str) -> Item:
    (item,) = items(quiz(question(*answers, **said)))
    return item


def unmapped(item: Item) -> dict[str, Any]:
    assert item.origin is not None
    return item.origin.unmapped


def test_a_quiz_is_read_with_its_categories_images_feedback_and_tags() -> None:
    reading = read(FILE)
    assert reading.pack is not None
    horn, fog, signals = reading.pack.items
    (image,) = horn.media
    assert horn.stem == f"Which **horn** is it? ![A horn]({image})"
    assert reading.media == {image: PNG}
    assert (horn.type, horn.shuffle, horn.rationale) == (ItemType.SINGLE, False, "It is about *tones*.")
    assert [(o.text, o.key, o.why) for o in horn.options] == [
        ("The long one", True, "Low tones carry."),
        ("The short one", False, ""),
        ("The silver one", False, ""),
    ]
    assert horn.topic == "fog/horns-bells"
    assert unmapped(horn) == {
        "title": "Horn",
        "ident": "horn-7",
        "category": "Fog / Horns / Bells",
        "tags": ["sound", "night"],
        "weights": [100, 50, 0],
        "defaultgrade": "2.0000000",
        "penalty": "0.3333333",
        "feedback": {"correctfeedback": "Well done."},
        "hints": ["Listen."],
    }
    assert [(o.text, o.key) for o in fog.options] == [("True", False), ("False", True)]
    assert (fog.type, fog.shuffle, unmapped(fog)["type"]) == (ItemType.SINGLE, False, "truefalse")
    assert (signals.type, signals.key, signals.topic) == (ItemType.MULTIPLE, frozenset("ab"), None)
    assert [(str(s.at), s.why) for s in reading.skipped] == [
        ("fog.xml:27", "essay questions are not delivered")
    ]
    assert [(f.rule, f.at.line) for f in reading.faults] == [("partial-credit", 5)]


def test_the_format_is_found_by_its_content() -> None:
    found = registry.detect(from_bytes("anything.txt", FILE.encode()))
    assert found is not None
    assert found.name == "moodle-xml"


def test_the_settings_of_a_quiz_of_canvas_are_no_quiz_of_moodle() -> None:
    settings_of_canvas = (
        b'<quiz identifier="x" xmlns="http://canvas.instructure.com/xsd/cccv1p0"><title>T</title></quiz>'
    )
    assert not moodle.detect(from_bytes("assessment_meta.xml", settings_of_canvas))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("true", "single"),
        ("1", "single"),
        (" True ", "single"),
        ("false", "multiple"),
        ("0", "multiple"),
        ("", "multiple"),
    ],
)
def test_single_can_be_said_in_several_ways(said: str, kind: str) -> None:
    item = only("50 a", "50 b", "0 c", more=f"<single>{said}</single>")
    assert item.type.value == kind
    assert only("100 a", "0 b").type is ItemType.SINGLE


@pytest.mark.parametrize("kind", ["oumultiresponse", "multichoiceset"])
def test_the_kinds_that_are_right_as_a_whole_are_multiple_answer(kind: str) -> None:
    item = only("100 a", "100 b", "0 c", kind=kind)
    assert (item.type, item.key) == (ItemType.MULTIPLE, frozenset("ab"))


@pytest.mark.parametrize(
    ("answers", "keys", "rule"),
    [
        (("100 a", "33.33333 b", "0 c"), "a", "partial-credit"),
        (("90 a", "0 b"), "a", "partial-credit"),
        (("100 a", "100 b", "0 c"), "", "several-keys"),
        (("0 a", "-50 b"), "", "no-key"),
        (("33,33333 a", "0 b"), "a", "partial-credit"),
        (("much a", "100 b"), "b", "bad-fraction"),
        (("1e999 a", "100 b"), "b", "bad-fraction"),
    ],
)
def test_the_key_of_a_single_answer_question_is_the_highest_fraction(
    answers: tuple[str, ...], keys: str, rule: str
) -> None:
    reading = read(quiz(question(*answers)))
    assert reading.pack is not None
    assert (reading.pack.items[0].key, rules(reading.faults)) == (frozenset(keys), [rule])


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("$course$/top/Default for C1", "Default for C1"),
        ("$module$/A/B/C", "A / B / C"),
        ("A//B/C", "A/B / C"),
        ("$course$/top", None),
        ("", None),
    ],
)
def test_a_category_holds_for_the_questions_after_it(path: str, category: str | None) -> None:
    text = f'<question type="category"><category><text>{path}</text></category></question>'
    (item,) = items(quiz(text, question("100 a", "0 b")))
    assert unmapped(item).get("category") == category


@pytest.mark.parametrize(
    ("form", "text", "stem"),
    [
        ("html", "a\n  b<br>c", "a b\\\nc"),
        ("plain_text", "<b>a</b>\nb", "\\<b>a\\</b>\\\nb"),
        ("moodle_auto_format", "a <b>b</b>\nc", "a **b**\\\nc"),
        ("markdown", "a *b*\n\n- c", "a *b*\n\n- c"),
    ],
)
def test_a_text_is_read_in_its_format(form: str, text: str, stem: str) -> None:
    body = f'<questiontext format="{form}"><text>{escape(text)}</text></questiontext>'
    answers = '<answer fraction="100"><text>a</text></answer><answer fraction="0"><text>b</text></answer>'
    (item,) = items(quiz(f'<question type="multichoice">{body}{answers}</question>'))
    assert item.stem == stem


def test_html_that_stands_as_elements_in_a_text_is_read_too() -> None:
    text = FILE.replace("&lt;p&gt;The silver one&lt;/p&gt;", "<p>The <b>silver</b> &amp; one</p>")
    assert items(text)[0].options[2].text == "The **silver** & one"


def test_images_of_the_same_name_beside_different_texts_are_kept_apart() -> None:
    def text(tag: str, content: bytes) -> str:
        held = f'<file name="i.png" path="/" encoding="base64">{base64.b64encode(content).decode()}</file>'
        return f'<{tag}><text>&lt;img src="@@PLUGINFILE@@/i.png" alt="i"&gt;</text>{held}</{tag}>'

    answers = (
        text("answer", GIF).replace("<answer>", '<answer fraction="100">') + "<answer><text>b</text></answer>"
    )
    reading = read(quiz(f'<question type="multichoice">{text("questiontext", PNG)}{answers}</question>'))
    assert reading.pack is not None
    assert [reading.media[name] for name in reading.pack.items[0].media] == [PNG, stored(GIF).content]


def test_an_image_of_the_old_kind_follows_the_text() -> None:
    more = f"<image>moodle.png</image><image_base64>{base64.b64encode(PNG).decode()}</image_base64>"
    item = only("100 a", "0 b", more=more)
    assert item.stem == f"Which?\n\n![]({item.media[0]})"


def test_files_that_no_text_shows_and_images_that_are_not_there_are_named() -> None:
    text = '<text>&lt;img src="http://localhost/x.png"&gt;</text><file name="a.mp3">AA==</file>'
    more = f"<generalfeedback>{text}</generalfeedback>"
    reading = read(quiz(question("100 a", "0 b", more=more)))
    assert reading.pack is not None
    said = unmapped(reading.pack.items[0])
    assert (said["files"], said["missing_images"]) == (["a.mp3"], ["http://localhost/x.png"])
    assert rules(reading.faults) == ["missing-image"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (question("100 a", "0 b").replace(' type="multichoice"', ""), "no-type"),
        (question("100 a", "0 b", text=" "), "empty-stem"),
        (question("100 a"), "option-count"),
        (question(*["0 x"] * 101), "option-count"),
        (question("100 ", "0 b", "0 c"), "empty-key"),
    ],
)
def test_a_broken_question_is_told_with_its_line_and_the_others_come_in(text: str, rule: str) -> None:
    reading = read(quiz(question("100 a", "0 b", text="First"), text, question("100 a", "0 b", text="Last")))
    assert reading.pack is not None
    assert [item.stem for item in reading.pack.items] == ["First", "Last"]
    assert [(f.rule, f.at.line) for f in reading.faults if is_broken(f)] == [(rule, 3)]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("cloze", "embedded-answers (cloze)"),
        ("shortanswer", "short-answer"),
        ("ddwtos", "drag-and-drop into text"),
        ("stack", "stack"),
        ("calculatedmulti", "calculated multiple-choice"),
    ],
)
def test_a_question_of_another_kind_is_skipped_with_its_name(kind: str, why: str) -> None:
    reading = read(quiz(question("100 a", "0 b", kind=kind)))
    assert [skipped.why for skipped in reading.skipped] == [f"{why} questions are not delivered"]
    assert reading.faults == ()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"<html><body/></html>", "not-moodle-xml"),
        (b"", "malformed-xml"),
        (FILE.encode()[:-20], "malformed-xml"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "not-text"),
    ],
)
def test_a_file_that_is_no_quiz_is_refused(content: bytes, rule: str) -> None:
    reading = read(content)
    assert (reading.pack, rules(reading.faults)) == (None, [rule])


def test_an_archive_may_hold_several_quizzes_but_must_hold_one() -> None:
    second = quiz(question("100 a", "0 b", text="Second"))
    files = {"b.xml": second.encode(), "a.xml": FILE.encode(), "broken.xml": b"<quiz>", "c.txt": b"x"}
    reading = moodle.read(Source("all.zip", files))
    assert reading.pack is not None
    assert [item.stem for item in reading.pack.items][-1] == "Second"
    assert "malformed-xml" in rules(reading.faults)
    assert rules(moodle.read(Source("all.zip", {"c.txt": b"", "d.txt": b""})).faults) == ["not-moodle-xml"]


def test_too_many_questions_are_refused_at_once() -> None:
    reading = read("<quiz>" + '<question type="essay"/>' * (MAX_QUESTIONS + 1) + "</quiz>")
    assert rules(reading.faults) == ["too-many-questions"]


def test_the_same_quiz_gives_the_same_ids_and_a_number_of_its_own_is_kept() -> None:
    assert [item.id for item in items(FILE)] == [item.id for item in items(FILE)]
    assert items(FILE)[0].id == items(FILE.replace("Which <b>horn</b>", "What horn"))[0].id


_kind = st.sampled_from(
    ["multichoice", "truefalse", "oumultiresponse", "essay", "cloze", "category", "x", ""]
)
_answer = st.builds(
    "{} {}".format, st.sampled_from(["100", "0", "50", "-5", "nan", "a"]), st.text("ab<&>\n ", max_size=6)
)
_question = st.builds(
    lambda kind, text, answers: (kind, question(*answers, kind=kind, text=text)),
    _kind,
    st.text("ab <>&\n", max_size=10),
    st.lists(_answer, max_size=12),
)


@settings(max_examples=150)
@given(st.lists(_question, max_size=6))
def test_every_question_is_accounted_for(drawn: list[tuple[str, str]]) -> None:
    reading = read(quiz(*(text for _, text in drawn)))
    assert reading.pack is not None
    counted = sum(kind != "category" for kind, _ in drawn)
    assert len(reading.pack.items) + len(reading.skipped) + sum(map(is_broken, reading.faults)) == counted


@settings(max_examples=200)
@given(st.data())
def test_no_change_of_a_file_makes_the_reader_fail(data: st.DataObject) -> None:
    reading = read(mutated(data, FILE.encode()))
    assert reading.pack is not None or reading.faults


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail(content: bytes) -> None:
    given_source = Source("x.xml", {"x.xml": content}, content)
    moodle.detect(given_source)
    assert moodle.read(given_source).faults
