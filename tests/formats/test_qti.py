"""QTI 2.x and 3.0: items and packages come in as they are meant, whatever the manifest says, and none is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exam.item import Item, ItemType
from app.formats import qti, registry
from app.formats.drafts import is_broken
from app.formats.reading import Reading
from app.formats.source import Source, from_bytes
from tests.formats.pieces import mutated, rules
from tests.images import PNG

ITEM = """\
<?xml version="1.0" encoding="UTF-8"?>
<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="horn" title="Horns"
    adaptive="false" timeDependent="false">
  <responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier">
    <correctResponse><value>B</value></correctResponse>
  </responseDeclaration>
  <itemBody>
    <p>Fog comes in. <img src="images/fog.png" alt="Fog"/></p>
    <choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="1">
      <prompt>Which <b>horn</b> carries?</prompt>
      <simpleChoice identifier="A">The short one
        <feedbackInline outcomeIdentifier="F" identifier="A">No.</feedbackInline></simpleChoice>
      <simpleChoice identifier="B" fixed="true">The <em>long</em> one</simpleChoice>
    </choiceInteraction>
    <p>Listen well.</p>
  </itemBody>
  <responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/>
  <modalFeedback outcomeIdentifier="F" identifier="B" showHide="show">Low tones carry.</modalFeedback>
  <modalFeedback outcomeIdentifier="S" identifier="solution" showHide="show"><p>It is about tones.</p></modalFeedback>
  <modalFeedback outcomeIdentifier="F" identifier="B" showHide="hide">Think again.</modalFeedback>
</assessmentItem>
"""
ITEM_3 = """\
<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="bell" title="Bells"
    adaptive="false">
  <qti-response-declaration identifier="RESPONSE" cardinality="multiple" base-type="identifier">
    <qti-correct-response><qti-value>x</qti-value><qti-value>z</qti-value></qti-correct-response>
  </qti-response-declaration>
  <qti-assessment-stimulus-ref identifier="s" href="text.xml"/>
  <qti-item-body>
    <qti-choice-interaction response-identifier="RESPONSE" shuffle="false" min-choices="2" max-choices="2">
      <qti-prompt>Which help?</qti-prompt>
      <qti-simple-choice identifier="x">Bell</qti-simple-choice>
      <qti-simple-choice identifier="y">Flag</qti-simple-choice>
      <qti-simple-choice identifier="z">Horn</qti-simple-choice>
    </qti-choice-interaction>
  </qti-item-body>
  <qti-modal-feedback outcome-identifier="F" identifier="any">
    <qti-content-body>Sound.</qti-content-body></qti-modal-feedback>
</qti-assessment-item>
"""
STIMULUS = """\
<qti-assessment-stimulus xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="s" title="S">
  <qti-stimulus-body><p>Night falls.</p></qti-stimulus-body>
</qti-assessment-stimulus>
"""
MANIFEST = """\
<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="m"><resources>
<resource identifier="b" type="imsqti_item_xmlv2p1" href="b/item.xml"><file href="b/item.xml"/></resource>
<resource identifier="a" type="imsqti_item_xmlv2p1" href="a%20item.xml"><file href="a%20item.xml"/></resource>
</resources></manifest>
"""
TEST = """\
<assessmentTest xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="t" title="T"><testPart identifier="p">
<assessmentSection identifier="s1" title="Fog" visible="true">
  <assessmentSection identifier="s2" title=" " visible="true">
    <assessmentItemRef identifier="i" href="../b/item.xml"/></assessmentSection>
  <assessmentSection identifier="s3" title="Bells" visible="true">
    <assessmentItemRef identifier="j" href="../a%20item.xml"/></assessmentSection>
</assessmentSection></testPart></assessmentTest>
"""


def read(files: dict[str, str | bytes]) -> Reading:
    encoded = {
        name: content.encode() if isinstance(content, str) else content for name, content in files.items()
    }
    return qti.read_2(Source("q.zip", encoded))


def items(files: dict[str, str | bytes]) -> tuple[Item, ...]:
    pack = read(files).pack
    assert pack is not None
    return pack.items


def changed(*changes: tuple[str, str], text: str = ITEM) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def only(*changes: tuple[str, str], text: str = ITEM) -> tuple[Item, list[str]]:
    """The item of a changed document, and the rules that it breaks besides the image that is not there."""
    reading = read({"q.xml": changed(*changes, text=text)})
    assert reading.pack is not None
    (item,) = reading.pack.items
    return item, [rule for rule in rules(reading.faults) if rule != "missing-image"]


def unmapped(item: Item) -> dict[str, Any]:
    assert item.origin is not None
    return item.origin.unmapped


def test_an_item_is_read_with_its_image_and_feedback() -> None:
    reading = read({"q.xml": ITEM, "images/fog.png": PNG})
    assert reading.pack is not None
    (item,) = reading.pack.items
    (image,) = item.media
    assert item.stem == f"Fog comes in. ![Fog]({image})\n\nWhich **horn** carries?\n\nListen well."
    assert [(o.text, o.key, o.why) for o in item.options] == [
        ("The short one", False, "No."),
        ("The *long* one", True, "Low tones carry."),
    ]
    assert (item.type, item.shuffle, item.rationale) == (ItemType.SINGLE, True, "It is about tones.")
    assert unmapped(item) == {
        "title": "Horns",
        "ident": "horn",
        "fixed": ["B"],
        "feedback": [["B", "Think again."]],
    }
    assert (reading.media, reading.faults) == ({image: PNG}, ())
    assert item.origin is not None
    assert item.origin.locator == "item horn"


def test_an_item_of_version_3_is_read_with_the_text_that_it_refers_to() -> None:
    reading = read({"q.xml": ITEM_3, "text.xml": STIMULUS})
    assert reading.pack is not None
    (item,) = reading.pack.items
    assert (item.stem, item.type, item.shuffle) == ("Night falls.\n\nWhich help?", ItemType.MULTIPLE, False)
    assert ([o.text for o in item.options], item.key) == (["Bell", "Flag", "Horn"], frozenset("ac"))
    assert (item.rationale, unmapped(item)["choose"], reading.faults) == ("Sound.", 2, ())


def test_a_text_that_is_not_there_is_told() -> None:
    assert rules(read({"q.xml": ITEM_3}).faults) == ["missing-text"]


@pytest.mark.parametrize(("text", "name"), [(ITEM, "qti21"), (ITEM_3, "qti30")])
def test_the_format_is_found_by_its_content(text: str, name: str) -> None:
    found = registry.detect(from_bytes("anything.txt", text.encode()))
    assert found is not None
    assert found.name == name
    reading = registry.read_upload("q.xml", text.encode())
    assert reading.pack is not None
    assert (reading.format, len(reading.pack.items)) == (name, 1)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ((('adaptive="false"', 'adaptive="true"'),), "adaptive items"),
        ((("<itemBody>", "<templateDeclaration/><itemBody>"),), "randomised (template) items"),
        ((("choiceInteraction", "orderInteraction"),), "order questions"),
        ((("choiceInteraction", "portableCustomInteraction"),), "portable custom-interaction questions"),
        (
            (("<p>Listen", "<endAttemptInteraction/><p>Listen"),),
            "choice and end-attempt (hint button) questions",
        ),
        (
            (("<p>Listen", '<choiceInteraction responseIdentifier="R"/><p>Listen'),),
            "several choice questions",
        ),
        ((("choiceInteraction", "div"),), "a text without a question"),
        ((('cardinality="single"', 'cardinality="ordered"'),), "choices of cardinality 'ordered'"),
        (
            (
                (
                    '<choiceInteraction responseIdentifier="RESPONSE"',
                    '<choiceInteraction responseIdentifier="R"',
                ),
            ),
            "nothing",
        ),
    ],
)
def test_b15_what_is_no_single_choice_is_skipped_by_name(
    changes: tuple[tuple[str, str], ...], why: str
) -> None:
    reading = read({"q.xml": changed(*changes)})
    assert reading.pack is not None
    assert (reading.pack.items, reading.faults) == ((), ())
    assert [skipped.why.startswith(why) for skipped in reading.skipped] == [True]


_MULTIPLE = ('cardinality="single"', 'cardinality="multiple"')
_MAPPING = '<mapping><mapEntry mapKey="A" mappedValue="{}"/><mapEntry mapKey="B" mappedValue="{}"/></mapping>'
_RIGHT = "<correctResponse><value>B</value></correctResponse>"


@pytest.mark.parametrize(
    ("changes", "keys", "broken_rules"),
    [
        ((_MULTIPLE,), "b", ["one-key"]),
        (((_RIGHT, ""),), "", ["no-key"]),
        ((("<value>B<", "<value>b<"),), "", ["unknown-key", "no-key"]),
        (((_RIGHT, _MAPPING.format("1", "2")),), "b", []),
        (((_RIGHT, _MAPPING.format("1", "2")), ("match_correct", "map_response")), "b", ["partial-credit"]),
        ((_MULTIPLE, (_RIGHT, _MAPPING.format("1", "2"))), "ab", ["all-keys"]),
        ((_MULTIPLE, (_RIGHT, _MAPPING.format("-1", "x"))), "", ["no-key"]),
        ((('identifier="A"', 'identifier="B"'),), "", ["several-keys", "same-identifier"]),
    ],
)
def test_b15_the_key_is_what_is_declared(
    changes: tuple[tuple[str, str], ...], keys: str, broken_rules: list[str]
) -> None:
    item, broken = only(*changes)
    assert (item.key, sorted(broken)) == (frozenset(keys), sorted(broken_rules))


def test_a_mapping_against_the_correct_response_is_told() -> None:
    mapping = '<mapping><mapEntry mapKey="A" mappedValue="1"/></mapping>'
    _, broken = only((_RIGHT, _RIGHT + mapping), ("match_correct", "map_response"))
    assert broken == ["keys-disagree"]


def test_marks_of_a_mapping_are_kept_as_shares() -> None:
    mapping = _MAPPING.format("-1", "2")
    item, _ = only((_RIGHT, _RIGHT + mapping), ("match_correct", "map_response"), _MULTIPLE)
    assert unmapped(item)["weights"] == [-50, 100]


@pytest.mark.parametrize(
    ("old", "new", "shuffled"),
    [
        ('shuffle="true"', 'shuffle="false"', False),
        ('identifier="A">The', 'identifier="A" fixed="true">The', False),
    ],
)
def test_options_in_a_fixed_order_are_not_shuffled(old: str, new: str, shuffled: bool) -> None:
    assert only((old, new))[0].shuffle is shuffled


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<object data="x.gif" type="image/gif">A <b>map</b></object>', "\\[image: A map\\]"),
        ('<object data="x.mp3" type="audio/mpeg">A sound</object>', ""),
        ("<math><mfrac><mi>a</mi><msup><mi>b</mi><mn>2</mn></msup></mfrac></math>", "a/(b^2)"),
        ('<math><mi>a</mi><annotation encoding="application/x-tex">\\alpha</annotation></math>', "\\\\alpha"),
        ("<math><msqrt><mi>a</mi><mo>+</mo><mn>1</mn></msqrt></math>", "√(a+1)"),
        ('<include href="other.xml"/>', ""),
        ('<rubricBlock view="scorer"><p>Be kind.</p></rubricBlock>', ""),
        ('<rubricBlock view="candidate"><p>Take care.</p></rubricBlock>', "Take care."),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_what_a_body_holds_becomes_text(markup: str, text: str) -> None:
    item, _ = only(("<p>Listen well.</p>", f"<div>{markup}</div>"))
    assert item.stem.partition("carries?")[2].strip() == text


def test_what_is_left_out_of_a_body_is_told() -> None:
    assert only(("Listen well.", '<object data="x.mp3"/>'))[1] == ["dropped-content"]
    assert only(("Listen well.", '<include href="x.xml"/>'))[1] == ["dropped-content"]
    assert only(("Listen well.", "<math><mi>a</mi></math>"))[1] == ["formula-as-text"]
    item, _ = only(("Listen well.", '<rubricBlock view="scorer">Be kind.</rubricBlock>'))
    assert unmapped(item)["rubric"] == ["Be kind."]


def test_a_title_stands_in_for_a_text_that_is_not_there() -> None:
    body = ITEM[ITEM.index("    <p>Fog") : ITEM.index("    <choiceI")]
    item, broken = only((body, ""), ("Which <b>horn</b> carries?", ""), ("<p>Listen well.</p>", ""))
    assert (item.stem, broken) == ("Horns", ["stem-from-title"])


def test_the_order_is_that_of_the_manifest() -> None:
    found = items({"imsmanifest.xml": MANIFEST, "a item.xml": ITEM, "b/item.xml": ITEM_3, "0.xml": ITEM_3})
    assert [item.origin.file for item in found if item.origin] == ["b/item.xml", "a item.xml", "0.xml"]


def test_sections_of_a_test_are_categories_and_its_order_comes_first() -> None:
    files: dict[str, str | bytes] = {
        "a item.xml": ITEM,
        "b/item.xml": ITEM,
        "0.xml": ITEM,
        "tests/t.xml": TEST,
    }
    found = items(files)
    assert [(item.origin.file, item.topic) for item in found if item.origin] == [
        ("b/item.xml", "fog"),
        ("a item.xml", "fog/bells"),
        ("0.xml", None),
    ]


def test_a_manifest_or_test_that_is_broken_or_wrong_loses_nothing() -> None:
    reading = read(
        {"imsmanifest.xml": MANIFEST[:-9], "q.xml": ITEM_3, "text.xml": STIMULUS, "t.xml": "<assessmentTest>"}
    )
    assert reading.pack is not None
    assert (len(reading.pack.items), sorted(rules(reading.faults))) == (1, ["bad-manifest", "bad-test"])
    reading = read({"imsmanifest.xml": MANIFEST, "q.xml": ITEM_3, "text.xml": STIMULUS})
    assert reading.pack is not None
    assert (len(reading.pack.items), rules(reading.faults)) == (1, ["missing-document"] * 2)


def test_a_broken_document_among_others_is_one_broken_question() -> None:
    reading = read({"a.xml": ITEM[:-20], "b.xml": ITEM_3, "text.xml": STIMULUS})
    assert reading.pack is not None
    assert len(reading.pack.items) == 1
    assert [(f.rule, f.at.file) for f in reading.faults if is_broken(f)] == [("malformed-xml", "a.xml")]


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        ({"a.xml": ITEM[:-20]}, "malformed-xml"),
        ({"a.xml": "<quiz/>"}, "not-qti"),
        ({"a.xml": b"\x89PNG\r\n\x1a\n\x00"}, "not-text"),
        ({"a.txt": "", "b.txt": ""}, "not-qti"),
    ],
)
def test_a_source_without_an_item_is_refused(files: dict[str, str | bytes], rule: str) -> None:
    reading = read(files)
    assert (reading.pack, rules(reading.faults)) == (None, [rule])


def test_a_document_of_another_version_in_the_package_is_named() -> None:
    assert rules(read({"a.xml": ITEM_3, "text.xml": STIMULUS, "b.xml": "<questestinterop/>"}).faults) == [
        "other-format"
    ]


def test_far_too_many_options_are_not_read_one_by_one() -> None:
    choice = '<simpleChoice identifier="B" fixed="true">The <em>long</em> one</simpleChoice>'
    reading = read({"q.xml": changed((choice, choice * 5000))})
    assert rules(reading.faults) == ["option-count"]


_parts = st.sampled_from(
    re.findall(
        r"\S+(?: \w+='\w*')?",
        "<choiceInteraction responseIdentifier='R'> </choiceInteraction> <simpleChoice identifier='a'> "
        "</simpleChoice> text <prompt/> <p> </p> <orderInteraction/> <math> </math> <rubricBlock> </rubricBlock> "
        "<feedbackInline> </feedbackInline> <object> </object> &amp;",
    )
)


@settings(max_examples=150)
@given(st.lists(st.lists(_parts, max_size=12).map("".join), min_size=1, max_size=3))
def test_every_document_is_accounted_for(bodies: list[str]) -> None:
    head = '<assessmentItem title="T"><responseDeclaration identifier="R" cardinality="single"/><itemBody>'
    files: dict[str, str | bytes] = {
        f"{n}.xml": f"{head}{b}</itemBody></assessmentItem>" for n, b in enumerate(bodies)
    }
    reading = read(files)
    if reading.pack is None:
        assert len(bodies) == 1
    else:
        broken = sum(map(is_broken, reading.faults))
        assert len(reading.pack.items) + len(reading.skipped) + broken == len(bodies)


@settings(max_examples=150)
@given(st.data(), st.sampled_from([ITEM, ITEM_3, MANIFEST, TEST, STIMULUS]))
def test_no_change_of_a_document_makes_the_reader_fail(data: st.DataObject, document: str) -> None:
    files: dict[str, str | bytes] = {"a item.xml": ITEM, "b/item.xml": ITEM_3, "b/text.xml": STIMULUS}
    files |= {"imsmanifest.xml": MANIFEST, "tests/t.xml": TEST}
    (name,) = [name for name, text in files.items() if text == document]
    reading = read({**files, name: mutated(data, document.encode())})
    assert reading.pack is not None
