"""Grammars of the formats that are XML: Moodle's, QTI 1.2 with the archives of Canvas, QTI 2.x and 3.0."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from random import Random

from tests.fuzz.documents import Document, Question, questions, zipped

_DECLARATION = '<?xml version="1.0" encoding="{}"?>\n'
_OTHERS = ("essay", "shortanswer", "numerical", "matching", "cloze", "description", "ddwtos")


def _xml(rng: Random, body: str) -> bytes:
    """A document with or without its declaration, in UTF-8 or UTF-16."""
    if rng.random() < 0.2:
        return body.encode()
    name = rng.choice(("UTF-8", "utf-8", "UTF-16"))
    return (_DECLARATION.format(name) + body).encode(name)


def _held(rng: Random, markup: str) -> str:
    """Markup as the text of an element, in one of the two ways."""
    if rng.random() < 0.5:
        return escape(markup, quote=False)
    return "<![CDATA[" + markup.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _paragraph(rng: Random, text: str) -> str:
    return rng.choice(("<p>{}</p>", "<p>{}<br/></p>", "{}", '<div><p dir="ltr">{}</p></div>')).format(
        escape(text)
    )


def moodle(rng: Random) -> Document:
    """A quiz with categories and with questions of other kinds."""
    asked, parts, skipped = questions(rng), [], 0
    for one in asked:
        if rng.random() < 0.2:
            parts.append(
                '<question type="category"><category><text>$course$/top/Fog</text></category></question>'
            )
        if rng.random() < 0.2:
            skipped += 1
            text = f'<questiontext format="html"><text>Pier {one.number}</text></questiontext>'
            parts.append(f'<question type="{rng.choice(_OTHERS)}">{text}</question>')
        parts.append(_moodle(rng, one))
    between = rng.choice(("", "\n", "\n<!-- question -->\n"))
    return Document(
        "quiz.xml",
        _xml(rng, f"<quiz>{between}{between.join(parts)}{between}</quiz>"),
        tuple(one.told for one in asked),
        skipped,
    )


def _moodle(rng: Random, one: Question) -> str:
    def text(words: str) -> str:
        return f"<text>{_held(rng, _paragraph(rng, words))}</text>" if words else "<text></text>"

    share = f"{100 / len(one.keys):.5f}"
    answers = [
        f'<answer fraction="{share if n in one.keys else rng.choice(("0", "-50"))}" format="html">{text(option)}'
        f'<feedback format="html">{text(one.why)}</feedback></answer>'
        for n, option in enumerate(one.options)
    ]
    said = rng.choice((("true", "false"), ("1", "0")))
    more = [
        "<defaultgrade>1.0</defaultgrade>",
        "<penalty>0.33</penalty>",
        "<hidden>0</hidden>",
        f"<single>{said[one.multiple]}</single>",
        f'<generalfeedback format="html">{text(one.why)}</generalfeedback>',
        *answers,
    ]
    if rng.random() < 0.3:
        more.append("<tags><tag><text>night</text></tag></tags>")
    head = (
        f'<name><text>Q {one.number}</text></name><questiontext format="html">{text(one.stem)}</questiontext>'
    )
    return f'<question type="multichoice">{head}{"".join(more)}</question>'


def qti_12(rng: Random) -> Document:
    """One document of QTI 1.2."""
    asked = questions(rng)
    return Document("quiz.xml", _xml(rng, _assessment(rng, asked)), tuple(one.told for one in asked))


def canvas(rng: Random) -> Document:
    """An export of Canvas: a manifest, the quiz in a folder of its own, at times what is about it."""
    asked = questions(rng)
    files = {
        "g1/g1.xml": _xml(rng, _assessment(rng, asked)),
        "imsmanifest.xml": _manifest(rng, {"g1/g1.xml": "imsqti_xmlv1p2"}),
    }
    if rng.random() < 0.5:
        files["g1/assessment_meta.xml"] = _xml(rng, "<quiz><title>Fog</title></quiz>")
    return Document("quiz.zip", zipped(rng, files), tuple(one.told for one in asked))


def _assessment(rng: Random, asked: Iterable[Question]) -> str:
    listed = "\n".join(_item_12(rng, one) for one in asked)
    return (
        '<questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2"><assessment ident="g1" title="Fog">'
        f'<section ident="root_section">{listed}</section></assessment></questestinterop>'
    )


def _item_12(rng: Random, one: Question) -> str:
    def text(words: str) -> str:
        held = _held(rng, _paragraph(rng, words))
        return f'<material><mattext texttype="text/html">{held}</mattext></material>'

    names = [f"{one.number}{n}" for n in range(len(one.options))]
    labels = "".join(
        f'<response_label ident="{name}">{text(option)}</response_label>'
        for name, option in zip(names, one.options, strict=True)
    )
    right = [f'<varequal respident="r">{name}</varequal>' for n, name in enumerate(names) if n in one.keys]
    if one.multiple:
        wrong = [
            f'<not><varequal respident="r">{name}</varequal></not>'
            for n, name in enumerate(names)
            if n not in one.keys
        ]
        right = [f"<and>{''.join([*right, *wrong])}</and>"]
    kind = "multiple_answers_question" if one.multiple else "multiple_choice_question"
    about = (
        "<itemmetadata><qtimetadata><qtimetadatafield><fieldlabel>question_type</fieldlabel>"
        f"<fieldentry>{kind}</fieldentry></qtimetadatafield></qtimetadata></itemmetadata>"
    )
    return (
        f'<item ident="q{one.number}" title="Q {one.number}">{about}<presentation>{text(one.stem)}'
        f'<response_lid ident="r" rcardinality="{"Multiple" if one.multiple else "Single"}"><render_choice>{labels}'
        "</render_choice></response_lid></presentation><resprocessing><outcomes>"
        '<decvar maxvalue="100" minvalue="0" varname="SCORE" vartype="Decimal"/></outcomes>'
        f'<respcondition continue="No"><conditionvar>{right[0]}</conditionvar>'
        '<setvar action="Set" varname="SCORE">100</setvar></respcondition></resprocessing></item>'
    )


def qti_2(rng: Random) -> Document:
    """Items of QTI 2.0, 2.1 or 2.2: one document, or a package with its manifest."""
    version = rng.choice(("imsqti_v2p0", "imsqti_v2p1", "imsqti_v2p2"))
    return _package(rng, lambda one: _item_2(rng, one, version), "imsqti_item_xmlv2p1")


def qti_3(rng: Random) -> Document:
    """Items of QTI 3.0: one document, or a package with its manifest."""
    return _package(rng, lambda one: _item_3(rng, one), "imsqti_item_xmlv3p0")


def _package(rng: Random, written: Callable[[Question], str], kind: str) -> Document:
    asked = questions(rng)
    if len(asked) == 1:
        return Document("q.xml", _xml(rng, written(asked[0])), (asked[0].told,))
    files = {f"items/{one.number}.xml": _xml(rng, written(one)) for one in asked}
    if rng.random() < 0.8:
        files["imsmanifest.xml"] = _manifest(rng, dict.fromkeys(files, kind))
    return Document("quiz.zip", zipped(rng, files), tuple(one.told for one in asked))


def _manifest(rng: Random, kinds: Mapping[str, str]) -> bytes:
    listed = "".join(
        f'<resource identifier="r{number}" type="{kind}" href="{name}"><file href="{name}"/></resource>'
        for number, (name, kind) in enumerate(kinds.items())
    )
    space = "http://www.imsglobal.org/xsd/imscp_v1p1"
    return _xml(rng, f'<manifest xmlns="{space}" identifier="m"><resources>{listed}</resources></manifest>')


def _item_2(rng: Random, one: Question, version: str) -> str:
    values = "".join(f"<value>o{place}</value>" for place in sorted(one.keys))
    choices = "".join(
        f'<simpleChoice identifier="o{place}">{escape(text)}</simpleChoice>'
        for place, text in enumerate(one.options)
    )
    stem = escape(one.stem)
    above, prompt = rng.choice(((f"<p>{stem}</p>", ""), ("", f"<prompt>{stem}</prompt>")))
    cardinality, most = ("multiple", 0) if one.multiple else ("single", 1)
    template = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"
    return (
        f'<assessmentItem xmlns="http://www.imsglobal.org/xsd/{version}" identifier="q{one.number}" '
        f'title="Q {one.number}" adaptive="false" timeDependent="false">'
        f'<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" baseType="identifier">'
        f"<correctResponse>{values}</correctResponse></responseDeclaration>"
        f'<itemBody>{above}<choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="{most}">'
        f"{prompt}{choices}</choiceInteraction></itemBody>"
        f'<responseProcessing template="{template}"/></assessmentItem>'
    )


def _item_3(rng: Random, one: Question) -> str:
    """The same, in the names of version 3."""
    old = _item_2(rng, one, "imsqtiasi_v3p0")
    dashed = re.sub(
        r"(</?)([a-z]+(?:[A-Z][a-z]+)+|prompt|value)(?=[ >/])",
        lambda tag: f"{tag[1]}qti-{_dashed(tag[2])}",
        old,
    )
    return re.sub(r" ([a-z]+[A-Z][A-Za-z]+)=", lambda name: f" {_dashed(name[1])}=", dashed)


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
