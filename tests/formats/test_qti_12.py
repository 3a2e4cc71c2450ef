"""QTI 1.2: the quizzes of Canvas, Common Cartridges and other tools come in as they are meant, and none is lost."""

from __future__ import annotations

import base64
from html import escape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.item import Item, ItemType
from app.formats import qti_12, registry
from app.formats.drafts import MAX_QUESTIONS, is_broken
from app.formats.reading import Reading
from app.formats.source import Source, from_bytes
from tests.formats.pieces import mutated, rules
from tests.images import PNG

FULL = "non_cc_assessments/quiz.xml.qti"


def label(ident: str, text: str) -> str:
    return f'<response_label ident="{ident}"><material><mattext>{text}</mattext></material></response_label>'


def field(name: str, value: str) -> str:
    return f"<qtimetadatafield><fieldlabel>{name}</fieldlabel><fieldentry>{value}</fieldentry></qtimetadatafield>"


def condition(test: str, marks: str = "100", action: str = "Set", show: str = "") -> str:
    told = f'<displayfeedback linkrefid="{show}"/>' if show else ""
    given_marks = f'<setvar varname="SCORE" action="{action}">{marks}</setvar>' if marks else ""
    return f"<respcondition><conditionvar>{test}</conditionvar>{given_marks}{told}</respcondition>"


def equal(ident: str) -> str:
    return f'<varequal respident="r">{ident}</varequal>'


def item(
    *conditions: str,
    ident: str = "q1",
    stem: str = "<p>Which?</p>",
    labels: str = label("x", "Horn") + label("y", "Bell") + label("z", "Flag"),
    multiple: bool = False,
    metadata: str = "",
    more: str = "",
    response: str = "",
) -> str:
    cardinality = "Multiple" if multiple else "Single"
    shown = f"<render_choice>{labels}</render_choice>"
    choice = f'<response_lid ident="r" rcardinality="{cardinality}">{shown}</response_lid>'
    text = f'<material><mattext texttype="text/html">{escape(stem)}</mattext></material>'
    return (
        f'<item ident="{ident}" title="T {ident}"><itemmetadata><qtimetadata>{metadata}</qtimetadata></itemmetadata>'
        f"<presentation>{text}{response or choice}</presentation>"
        f"<resprocessing>{''.join(conditions)}</resprocessing>{more}</item>"
    )


def feedback(ident: str, text: str) -> str:
    held = f"<flow_mat><material><mattext>{text}</mattext></material></flow_mat>"
    return f'<itemfeedback ident="{ident}">{held}</itemfeedback>'


def document(*items_of_it: str, ident: str = "quiz", title: str = "Fog") -> str:
    return (
        '<?xml version="1.0"?>\n<questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2">'
        f'<assessment ident="{ident}" title="{title}"><section ident="root_section">\n'
        f"{chr(10).join(items_of_it)}\n</section></assessment></questestinterop>"
    )


def read(files: str | dict[str, str | bytes]) -> Reading:
    named = {"q.xml": files} if isinstance(files, str) else files
    encoded = {
        name: content.encode() if isinstance(content, str) else content for name, content in named.items()
    }
    return qti_12.read(Source("q.zip", encoded))


def items(files: str | dict[str, str | bytes]) -> tuple[Item, ...]:
    pack = read(files).pack
    assert pack is not None
    return pack.items


def only(*conditions: str, **said: Any) -> tuple[Item, list[str]]:
    """The item, and the rules that it breaks."""
    reading = read(document(item(*conditions, **said)))
    assert reading.pack is not None
    (found,) = reading.pack.items
    return found, rules(reading.faults)


def unmapped(found: Item) -> dict[str, Any]:
    assert found.origin is not None
    return found.origin.unmapped


def test_a_quiz_of_canvas_is_read_with_its_feedback() -> None:
    found, broken = only(
        condition("<other/>", "", show="general_fb"),
        condition(equal("x"), "", show="x_fb"),
        condition(equal("x"), show="correct_fb"),
        condition("<other/>", "", show="general_incorrect_fb"),
        stem="<div><p>Which <b>horn</b> &lt;one&gt;?</p></div>",
        metadata=field("question_type", "multiple_choice_question") + field("points_possible", "2.0"),
        more=feedback("general_fb", "About tones.")
        + feedback("correct_fb", "Well done.")
        + feedback("x_fb", "It carries."),
    )
    assert (found.stem, found.type, found.rationale, found.topic) == (
        "Which **horn** \\<one>?",
        ItemType.SINGLE,
        "About tones.",
        "fog",
    )
    assert [(o.text, o.key, o.why) for o in found.options] == [
        ("Horn", True, "It carries."),
        ("Bell", False, ""),
        ("Flag", False, ""),
    ]
    assert unmapped(found) == {
        "title": "T q1",
        "ident": "q1",
        "category": "Fog",
        "points": "2.0",
        "feedback": [["correct_fb", "Well done."]],
    }
    assert broken == []


def test_the_format_is_found_by_its_content() -> None:
    found = registry.detect(from_bytes("anything.txt", document(item()).encode()))
    assert found is not None
    assert found.name == "qti12"


def test_the_key_of_a_multiple_answer_item_is_what_must_be_chosen() -> None:
    test = f"<and>{equal('x')}<not>{equal('y')}</not>{equal('z')}</and>"
    found, broken = only(condition(test), multiple=True)
    assert (found.type, found.key, broken) == (ItemType.MULTIPLE, frozenset("ac"), [])


@pytest.mark.parametrize(
    ("conditions", "multiple", "keys", "broken_rules"),
    [
        ((condition(equal("y"), "10.00"), condition(equal("x"), "0", "Add")), False, "b", []),
        ((condition(equal("y"), "SCORE.max"),), False, "b", []),
        ((condition(equal("y")), condition(equal("x"), "50")), False, "b", ["partial-credit"]),
        ((condition(f"<or>{equal('x')}{equal('y')}</or>"),), False, "", ["several-keys"]),
        ((condition(equal("y"), "1", "Subtract"),), False, "", ["no-key"]),
        ((condition(equal("y"), "nan"),), False, "", ["no-key"]),
        ((condition('<varequal respident="other">y</varequal>'),), False, "", ["no-key"]),
        ((condition(equal("w")),), False, "", ["no-key", "unknown-key"]),
        ((), False, "", ["no-key"]),
        (
            (*(condition(equal(n), "50", "Add") for n in "xz"), condition(equal("y"), "-10", "Add")),
            True,
            "ac",
            [],
        ),
        ((condition('<varsubset respident="r">x,z</varsubset>'),), True, "ac", []),
        ((condition(f"<not><not>{equal('x')}</not></not>"),), True, "a", ["one-key"]),
    ],
)
def test_the_key_is_what_has_the_marks(
    conditions: tuple[str, ...], multiple: bool, keys: str, broken_rules: list[str]
) -> None:
    found, broken = only(*conditions, multiple=multiple)
    assert (found.key, sorted(broken)) == (frozenset(keys), broken_rules)


def counted(ident: str, variable: str) -> str:
    marks = f'<setvar varname="{variable}" action="Add">1</setvar>'
    return f"<respcondition><conditionvar>{equal(ident)}</conditionvar>{marks}</respcondition>"


def test_a_variable_that_counts_mistakes_makes_no_key() -> None:
    conditions = (counted("x", "D2L_Correct"), counted("y", "D2L_Incorrect"), counted("z", "D2L_Correct"))
    found, broken = only(*conditions, multiple=True)
    assert (found.key, broken) == (frozenset("ac"), [])


@pytest.mark.parametrize("multiple", [False, True])
def test_where_nothing_has_marks_the_key_is_what_is_called_correct(multiple: bool) -> None:
    shown = (
        condition(equal(ident), "0", show=told) for ident, told in (("x", "InCorrect"), ("y", "Correct"))
    )
    found, _ = only(*shown, multiple=multiple)
    assert found.key == frozenset("b")


def test_an_extension_beside_a_choice_is_no_second_question() -> None:
    extension = "<response_extension><display_style>2</display_style></response_extension>"
    text = item(condition(equal("y"))).replace("<response_lid", f"{extension}<response_lid", 1)
    pack = read(document(text)).pack
    assert pack is not None
    assert [each.key for each in pack.items] == [frozenset("b")]


def test_html_that_was_escaped_twice_is_read_as_it_was_meant() -> None:
    found, _ = only(condition(equal("x")), stem="&lt;p&gt;a &amp;lt; &lt;b&gt;b&lt;/b&gt;&lt;/p&gt;")
    assert found.stem == "a < **b**"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ('<mattext texttype="text/plain">&lt;b&gt;\nc</mattext>', "\\<b>\\\nc"),
        ('<mattext texttype="text/html"><p>a <b>b</b></p></mattext>', "a **b**"),
        ("<mattext>a</mattext><matbreak/><matemtext>b</matemtext>", "a\\\n*b*"),
        (
            '<mat_extension><mat_formattedtext type="HTML">&lt;i&gt;a&lt;/i&gt;</mat_formattedtext></mat_extension>',
            "*a*",
        ),
        ('<mattext>a</mattext><mataudio uri="x.mp3"/>', "a"),
        ('<mattext>a</mattext><matimage uri="x.png" label="A lamp"/>', "a \\[image: A lamp\\]"),
    ],
)
def test_every_part_of_a_material_is_read(part: str, text: str) -> None:
    labels = f'<response_label ident="x"><material>{part}</material></response_label>' + label("y", "b")
    found, _ = only(condition(equal("x")), labels=labels)
    assert found.options[0].text == text


def test_images_are_found_in_the_package_or_in_the_document() -> None:
    held = f'<matimage imagtype="image/png" embedded="base64">{base64.b64encode(PNG).decode()}</matimage>'
    labels = f'<response_label ident="x"><material>{held}</material></response_label>' + label("y", "b")
    stem = '<img src="$IMS-CC-FILEBASE$/Uploaded%20Media/a.png?canvas_download=1" alt="A">'
    files: dict[str, str | bytes] = {"q/q.xml": document(item(stem=stem, labels=labels))}
    reading = read({**files, "web_resources/Uploaded Media/a.png": PNG, "x/a.png": b"GIF89a"})
    assert reading.pack is not None
    (found,) = reading.pack.items
    (image,) = found.media
    assert reading.media == {image: PNG}
    assert (found.stem, found.options[0].text) == (f"![A]({image})", f"![]({image})")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"metadata": field("question_type", "matching_question")}, "matching questions"),
        ({"metadata": field("question_type", "new_kind_question")}, "new-kind questions"),
        ({"metadata": field("cc_profile", "cc.essay.v0p1")}, "essay questions"),
        ({"metadata": field("question_type", "text_only_question")}, "a text without a question"),
        ({"response": '<response_str ident="r"><render_fib/></response_str>'}, "fill-in questions"),
        ({"response": '<response_num ident="r"/>'}, "numerical questions"),
        ({"response": '<response_lid ident="r"><render_choice/></response_lid>' * 2}, "matching questions"),
        (
            {"response": '<response_lid ident="r" rcardinality="Ordered"><render_choice/></response_lid>'},
            "ordering",
        ),
        (
            {"response": '<response_lid ident="r"><render_hotspot/></response_lid>'},
            "image or slider questions",
        ),
        ({"response": "<material/>"}, "a text without a question"),
    ],
)
def test_what_is_no_single_choice_is_skipped_by_name(said: dict[str, str], why: str) -> None:
    reading = read(document(item(**said)))  # type: ignore[arg-type] # each is one of its texts
    assert reading.pack is not None
    assert (reading.pack.items, reading.faults) == ((), ())
    assert [skipped.why.startswith(why) for skipped in reading.skipped] == [True]


def test_a_text_that_questions_refer_to_stands_before_them() -> None:
    text = item(
        ident="t", stem="Night falls.", metadata=field("question_type", "text_only_question"), response="<p/>"
    )
    child = item(condition(equal("x")), metadata=field("parent_stimulus_item_ident", "t"))
    reading = read(document(child, text, item(condition(equal("x")), ident="q2", stem="Alone?")))
    assert reading.pack is not None
    assert [found.stem for found in reading.pack.items] == ["Night falls.\n\nWhich?", "Alone?"]
    assert len(reading.skipped) == 1


def test_sections_and_banks_are_categories() -> None:
    section = f'<section title="Bells">{item(ident="q2", stem="Two?")}</section>'
    bank = f"<objectbank><qtimetadata>{field('bank_title', 'Lamps')}</qtimetadata>{item(stem='Three?')}</objectbank>"
    found = items({"a.xml": document(item(), section), "b.xml": f"<questestinterop>{bank}</questestinterop>"})
    assert [unmapped(each)["category"] for each in found] == ["Fog", "Fog / Bells", "Lamps"]


def test_a_quiz_that_a_cartridge_holds_twice_is_read_once_and_in_full() -> None:
    manifest = (
        '<manifest><resources><resource type="imsqti_xmlv1p2/imscc_xmlv1p1/assessment">'
        '<file href="quiz/assessment_qti.xml"/></resource></resources></manifest>'
    )
    part = document(item(condition(equal("x"))), item(ident="only here", stem="Here?"))
    full = document(item(condition(equal("x")), stem="In full?"), item(ident="q2", stem="More?"))
    settings_of_quiz = '<quiz identifier="quiz" xmlns="http://canvas.instructure.com/xsd/cccv1p0"/>'
    reading = read(
        {
            "imsmanifest.xml": manifest,
            "quiz/assessment_qti.xml": part,
            FULL: full,
            "quiz/assessment_meta.xml": settings_of_quiz,
        }
    )
    assert reading.pack is not None
    assert [found.stem for found in reading.pack.items] == ["In full?", "More?", "Here?"]
    (told,) = [fault for fault in reading.faults if fault.rule == "read-once"]
    assert (told.at.file, told.severity.value, told.message[:2]) == ("quiz/assessment_qti.xml", "info", "1 ")


def test_the_same_ident_in_different_quizzes_is_no_repetition() -> None:
    assert len(items({"a.xml": document(item(), ident="a"), "b.xml": document(item(), ident="b")})) == 2
    assert len(items(document(item(), item(stem="Other?")))) == 2


def test_questions_that_are_only_referred_to_are_told() -> None:
    assert rules(read(document('<bankentry_item item_ref="x"/>')).faults) == ["missing-question"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (item(stem=" "), "empty-stem"),
        (item(labels=label("x", "a")), "option-count"),
        (item(labels=label("x", "a") * 101), "option-count"),
        (item(condition(equal("x")), labels=label("x", "") + label("y", "b")), "empty-key"),
    ],
)
def test_a_broken_question_is_told_with_its_line_and_the_others_come_in(text: str, rule: str) -> None:
    reading = read(document(item(condition(equal("x")), stem="First?"), text))
    assert reading.pack is not None
    assert [found.stem for found in reading.pack.items] == ["First?"]
    assert [(f.rule, f.at.line) for f in reading.faults if is_broken(f)] == [(rule, 4)]


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        (document(item())[:-30], "malformed-xml"),
        ("<quiz/>", "not-qti"),
        ({"a.txt": "", "b.txt": ""}, "not-qti"),
        ("<questestinterop>" + "<item/>" * (MAX_QUESTIONS + 1) + "</questestinterop>", "too-many-questions"),
    ],
)
def test_a_source_without_a_document_is_refused(files: str | dict[str, str | bytes], rule: str) -> None:
    reading = read(files)
    assert (reading.pack, rules(reading.faults)) == (None, [rule])


def test_a_broken_document_among_others_is_one_broken_question() -> None:
    reading = read({"a.xml": document(item(condition(equal("x")))), "b.xml": document(item())[:-30]})
    assert reading.pack is not None
    assert len(reading.pack.items) == 1
    assert [(f.rule, f.at.file) for f in reading.faults if is_broken(f)] == [("malformed-xml", "b.xml")]


_option = st.builds(label, st.sampled_from("xyz"), st.sampled_from(["", "a", "b&amp;", "<b>c</b>"]))
_test = st.sampled_from([equal("x"), equal("y"), "<other/>", f"<not>{equal('x')}</not>", ""])
_condition = st.builds(condition, _test, st.sampled_from(["100", "-1", "x", ""]))
_item = st.builds(
    lambda options, conditions, multiple, kind, stem: item(
        *conditions,
        labels="".join(options),
        multiple=multiple,
        metadata=field("question_type", kind),
        stem=stem,
    ),
    st.lists(_option, max_size=12),
    st.lists(_condition, max_size=3),
    st.booleans(),
    st.sampled_from(["", "multiple_choice_question", "essay_question", "text_only_question"]),
    st.text("ab<>& ", max_size=8),
)


@settings(max_examples=150)
@given(st.lists(_item, max_size=5))
def test_every_item_is_accounted_for(drawn: list[str]) -> None:
    reading = read(document(*drawn))
    assert reading.pack is not None
    assert len(reading.pack.items) + len(reading.skipped) + sum(map(is_broken, reading.faults)) == len(drawn)


@settings(max_examples=150)
@given(st.data())
def test_no_change_of_a_document_makes_the_reader_fail(data: st.DataObject) -> None:
    test = f"<and>{equal('x')}<not>{equal('y')}</not></and>"
    content = document(
        item(condition(test, show="f"), multiple=True, more=feedback("f", "a")), item(condition(equal("x")))
    )
    reading = read({"q.xml": mutated(data, content.encode())})
    assert reading.pack is not None or reading.faults
