"""Hostile XML, HTML and images in each of the formats that are XML: nothing gets through, and the rest is read."""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import tracemalloc
import zipfile
from collections.abc import Callable
from html import escape, unescape
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from app.exam.item import Item
from app.formats import moodle, native, native_write, qti, qti_12, registry
from app.formats.reading import Reading, refused
from app.formats.text import problem
from tests.formats.pieces import rules
from tests.images import PNG

Build = Callable[[str], str]
"""A document whose texts are all this HTML."""
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def moodle_of(html: str) -> str:
    text = f"<text>{escape(html)}</text>"
    svg = base64.b64encode(b"<svg><script>1</script></svg>").decode()
    file = f'<file name="i.png" encoding="base64">{svg}</file>'
    return (
        f'<quiz><question type="category"><category>{text}</category></question><question type="multichoice">'
        f"<name>{text}</name><questiontext>{text}{file}</questiontext><generalfeedback>{text}</generalfeedback>"
        f"<idnumber>{escape(html)}</idnumber><tags><tag>{text}</tag></tags><correctfeedback>{text}</correctfeedback>"
        f'<answer fraction="100"><text>right {escape(html)}</text><feedback>{text}</feedback></answer>'
        '<answer fraction="0"><text>wrong</text></answer></question></quiz>'
    )


def qti_12_of(html: str) -> str:
    text = f'<material><mattext texttype="text/html">{escape(html)}</mattext></material>'
    named = escape(html)
    right = f'<mattext texttype="text/html">right {named}</mattext>'
    return (
        f'<questestinterop><assessment ident="{named}" title="{named}"><item ident="{named}" title="{named}">'
        f'<presentation>{text}<response_lid ident="r"><render_choice>'
        f'<response_label ident="x"><material>{right}</material></response_label>'
        '<response_label ident="y"><material><mattext>wrong</mattext></material></response_label>'
        "</render_choice></response_lid></presentation><resprocessing><respcondition><conditionvar>"
        '<varequal respident="r">x</varequal></conditionvar><setvar>100</setvar><displayfeedback linkrefid="f"/>'
        f'</respcondition></resprocessing><itemfeedback ident="f">{text}</itemfeedback>'
        f'<itemfeedback ident="general_fb">{text}</itemfeedback></item></assessment></questestinterop>'
    )


def qti_of(html: str, prefix: str = "") -> str:
    """Here HTML is part of the document: what is not well-formed stands in it as text."""
    text = html if _well_formed(html) else escape(html)
    named = escape(html)

    def tag(name: str) -> str:
        return prefix + (re.sub("(?=[A-Z])", "-", name).lower() if prefix else name)

    def attribute(name: str) -> str:
        return re.sub("(?=[A-Z])", "-", name).lower() if prefix else name

    return (
        f'<{tag("assessmentItem")} identifier="{named}" title="{named}"><{tag("responseDeclaration")} identifier="R" '
        f'cardinality="single"><{tag("correctResponse")}><{tag("value")}>x</{tag("value")}></{tag("correctResponse")}>'
        f"</{tag('responseDeclaration')}><{tag('itemBody')}><div>{text}</div>"
        f'<{tag("choiceInteraction")} {attribute("responseIdentifier")}="R">'
        f'<{tag("simpleChoice")} identifier="x">right {text}</{tag("simpleChoice")}>'
        f'<{tag("simpleChoice")} identifier="y">wrong</{tag("simpleChoice")}></{tag("choiceInteraction")}>'
        f'</{tag("itemBody")}><{tag("modalFeedback")} identifier="x">{text}</{tag("modalFeedback")}>'
        f'<{tag("modalFeedback")} identifier="solution">{text}</{tag("modalFeedback")}></{tag("assessmentItem")}>'
    )


def _well_formed(html: str) -> bool:
    from lxml import etree

    try:
        etree.fromstring(f"<a>{html}</a>")
    except etree.XMLSyntaxError:
        return False
    return True


def qti_30_of(html: str) -> str:
    return qti_of(html, "qti-")


every_format = pytest.mark.parametrize(
    ("name", "build"),
    [
        (moodle.NAME, moodle_of),
        (qti_12.NAME, qti_12_of),
        (qti.NAME_2, qti_of),
        (qti.NAME_3, qti_30_of),
    ],
)


def upload(name: str, content: str | bytes) -> Reading:
    """Read as the format that the content is found to be, which must be this one."""
    reading = registry.read_upload("upload.xml", content.encode() if isinstance(content, str) else content)
    assert reading.format == name
    return reading


def only(reading: Reading) -> Item:
    assert reading.pack is not None, reading.faults
    (item,) = reading.pack.items
    return item


def texts(item: Item) -> list[str]:
    return [
        item.stem,
        item.rationale,
        *(part for option in item.options for part in (option.text, option.why)),
    ]


def rendered(item: Item) -> str:
    return "".join(map(_MARKDOWN.render, texts(item)))


@every_format
def test_the_builders_of_these_tests_make_questions(name: str, build: Build) -> None:
    item = only(upload(name, build("harmless")))
    assert texts(item) == ["harmless", "harmless", "right harmless", "harmless", "wrong", ""]
    assert item.key == frozenset("a")


HOSTILE = [
    "<script>alert(1)</script>",
    "<p onclick='alert(1)' onerror=alert(1) style='x:expression(1)'>a</p>",
    '<img src="x" onerror="alert(1)"/>',
    '<img src="javascript:alert(1)"/>',
    '<img src="data:text/html;base64,PHNjcmlwdD4="/>',
    '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+"/>',
    '<img src="@@PLUGINFILE@@/i.png"/>',
    '<img src="http://127.0.0.1/x.png"/>',
    '<img src="../../../etc/passwd"/><img src="file:///etc/passwd"/>',
    '<a href="javascript:alert(1)">a</a>',
    '<a href="//example.org">a</a>',
    '<svg onload="alert(1)"><script>alert(1)</script><foreignObject><p>a</p></foreignObject></svg>',
    '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>',
    '<object data="x.swf"><embed src="x.swf"/></object>',
    '<form action="/logout" id="content" name="body"><input name="token"/><button>a</button></form>',
    '<base href="http://example.org/"/><meta http-equiv="refresh" content="0"/><link rel="stylesheet" href="x"/>',
    '<style>*{background:url("x")}</style>',
    '<div hx-get="/people" hx-trigger="load" data-hx-post="/x" hx-on:click="alert(1)">a</div>',
    '<math><mi xlink:href="javascript:alert(1)" xmlns:xlink="u">a</mi></math>',
    "<template><script>alert(1)</script></template><noscript><p title='</noscript><script>'>a</p></noscript>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<!--><script>alert(1)</script>-->",
    "<scr<script>ipt>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[a](javascript:alert(1)) ![a](http://127.0.0.1/x.png) <http://example.org>",
    "`a` <b>**a**</b> # a",
]  # fmt: skip


@every_format
@pytest.mark.parametrize("html", HOSTILE)
def test_b14_b17_b18_hostile_html_leaves_only_text(name: str, build: Build, html: str) -> None:
    reading = upload(name, build(f"a {html} b"))
    item = only(reading)
    shown = rendered(item)
    assert set(re.findall(r"<\s*([a-zA-Z]+)", shown)) <= {"p", "br", "strong", "em", "code", "ul", "ol", "li"}
    assert not re.search(r"<[^>]*\s(on\w+|style|hx-|data-|href|src|id|name)\s*=", shown)
    assert reading.media == {}
    assert all(problem(text) is None for text in texts(item))
    assert item.origin is not None
    json.dumps(item.origin.unmapped, allow_nan=False)


@every_format
@pytest.mark.parametrize("html", HOSTILE)
def test_what_is_read_of_it_is_a_pack_of_ours(name: str, build: Build, html: str) -> None:
    pack = upload(name, build(f"a {html} b")).pack
    assert pack is not None
    again = native.read({"pack.yaml": native_write.write(pack)})
    assert (again.pack, again.faults) == (pack, ())


@every_format
@pytest.mark.parametrize("text", ["{{7*7}}", "{% include '/etc/passwd' %}", "${7*7} #{7*7} <%= 7*7 %>"])
def test_b19_braces_of_templates_are_text(name: str, build: Build, text: str) -> None:
    assert unescape(rendered(only(upload(name, build(escape(text)))))).startswith(f"<p>{text}</p>")


@every_format
@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\u202eb\u2066c", "abc"), ("a\u200bb\ufeffc", "abc"), ("e\u0301", "é"), ("a" + "\u0301" * 50, None)],
)
def test_b20_hidden_characters_and_floods_are_mended_with_a_word(
    name: str, build: Build, text: str, kept: str | None
) -> None:
    reading = upload(name, build(text))
    item = only(reading)
    assert "mended-text" in rules(reading.faults)
    assert all(problem(each) is None for each in texts(item))
    assert kept is None or item.stem == kept


ENTITIES = [
    '<!DOCTYPE a [<!ENTITY x "haha"><!ENTITY y "&x;&x;&x;&x;&x;">]>',
    '<!DOCTYPE a [<!ENTITY x SYSTEM "{url}">]>',
    '<!DOCTYPE a [<!ENTITY % p SYSTEM "{url}"> %p;]>',
    '<!DOCTYPE a PUBLIC "-//x//y" "{url}" [<!ENTITY x "a">]>',
    '<!DOCTYPE a [<!ELEMENT a ANY><!ENTITY x "a">]>',
]


@every_format
@pytest.mark.parametrize("doctype", ENTITIES)
def test_b06_b07_a_document_with_definitions_is_refused(
    name: str, build: Build, doctype: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary-4711")
    content = doctype.replace("{url}", secret.as_uri()) + build("a").replace(">a<", ">&x;<")
    reading = upload(name, content)
    assert (reading.pack, rules(reading.faults)) == (None, ["xml-doctype"])
    assert "canary" not in str(reading.faults)


@every_format
def test_b07_nothing_that_a_document_names_is_fetched(name: str, build: Build, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("canary-4711")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        here = (tmp_path / "secret.txt").as_uri()
        pictures = f'<img src="{url}.png"/><img src="{here}"/><object data="{url}.png"/>'
        document = build(f'{pictures}<include href="{here}" parse="text"/>')
        located = rf'<\1 xmlns:xsi="u" xsi:schemaLocation="u {url}"'
        root = re.sub(r"<(quiz|questestinterop|(?:qti-)?assessment-?[iI]tem)\b", located, document, count=1)
        reading = upload(name, f'<?xml-stylesheet href="{url}"?><!DOCTYPE a SYSTEM "{url}">{root}')
        with pytest.raises(TimeoutError):
            server.accept()
    assert "canary" not in rendered(only(reading))
    assert "missing-image" in rules(reading.faults)


@every_format
@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("<a>" * 100_000, "xml-limit"),
        ("<a>" * 100 + "</a>" * 100, "xml-limit"),
        (f'<a b="{"x" * 1_000_000}"/>', "xml-limit"),
        (f"<a {' '.join(f'b{n}=' + chr(34) * 2 for n in range(5_000))}/>", "xml-limit"),
        ("<a>&undefined;</a>", "malformed-xml"),
        ("<a></b>", "malformed-xml"),
    ],
)
def test_b08_what_is_too_deep_or_too_wide_is_refused(
    name: str, build: Build, content: str, rule: str
) -> None:
    whole = build("a")
    end = whole.rindex("</")
    reading = upload(name, f"{whole[:end]}{content}{whole[end:]}")
    assert (reading.pack, rules(reading.faults)) == (None, [rule])


@every_format
@pytest.mark.parametrize("cut", [0.2, 0.5, 0.99])
def test_a_document_that_is_cut_off_is_refused(name: str, build: Build, cut: float) -> None:
    content = build("a")
    reading = upload(name, content[: int(len(content) * cut)])
    assert (reading.pack, rules(reading.faults)) == (None, ["malformed-xml"])


@every_format
@pytest.mark.parametrize(
    "content",
    [b"", PNG, b"\xff\xd8\xff\xe0" + b"x" * 90, b"PK\x03\x04" + b"x" * 90, b"\x00" * 99, b"%PDF-1.7"],
)
def test_what_is_no_document_at_all_is_refused_even_when_the_format_is_named(
    name: str, build: Build, content: bytes
) -> None:
    reading = registry.read_upload("upload.xml", content, name)
    assert reading.pack is None
    assert refused(reading.faults)


@every_format
@pytest.mark.parametrize(
    ("encoding", "declared", "rule"),
    [
        ("utf-16", "UTF-16", None),
        ("utf-8-sig", "UTF-8", None),
        ("latin-1", "ISO-8859-1", None),
        ("cp1252", "UTF-8", "guessed-encoding"),
        ("utf-8", "UTF-16", None),
        ("utf-16-le", "UTF-16", "not-text"),
    ],
)
def test_wrong_encodings_are_read_or_refused_with_a_word(
    name: str, build: Build, encoding: str, declared: str, rule: str | None
) -> None:
    content = f'<?xml version="1.0" encoding="{declared}"?>\n{build("Größe")}'.encode(encoding)
    reading = registry.read_upload("upload.xml", content, name)
    assert rules(reading.faults) == ([rule] if rule else [])
    assert rule == "not-text" or only(reading).stem == "Größe"


def packed(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


@every_format
@pytest.mark.parametrize(
    ("files", "rule"),
    [
        ({"../../evil.xml": b"x"}, "bad-entry-name"),
        ({"/etc/cron.d/evil": b"x"}, "bad-entry-name"),
        ({"c:\\evil.xml": b"x"}, "bad-entry-name"),
        ({"con.xml": b"x"}, "bad-entry-name"),
        ({"inner.zip": b"PK\x03\x04x"}, "bad-entry"),
        ({"bomb.xml": b"\x00" * 20_000_000}, "bad-entry"),
        ({"UPLOAD.XML": b"x"}, "entry-clash"),
        ({f"{n}.xml": b"" for n in range(2_001)}, "too-many-entries"),
    ],
)
def test_b03_b04_b05_a_hostile_package_is_refused_as_a_whole(
    name: str, build: Build, files: dict[str, bytes], rule: str
) -> None:
    reading = registry.read_upload("package.zip", packed({"upload.xml": build("a").encode(), **files}))
    assert reading.pack is None
    assert rule in rules(reading.faults)


def test_b16_only_pictures_that_are_what_they_say_come_in() -> None:
    hostile = {
        "a.png": b"<svg onload='alert(1)'/>",
        "b.png": b"<html><script>1</script>",
        "c.svg": b"<svg/>",
        "d.png": b"",
        "e.gif": b"GIF8",
    }
    html = "".join(f'<img src="{name}"/>' for name in ("ok.png", *hostile))
    reading = registry.read_upload(
        "p.zip", packed({"q.xml": qti_of(html).encode(), "ok.png": PNG, **hostile})
    )
    assert list(reading.media.values()) == [PNG]
    assert rules(reading.faults) == ["missing-image"]


@every_format
def test_b08_a_text_without_end_is_refused_and_takes_little_memory(name: str, build: Build) -> None:
    content = build("a " * 200_000)
    tracemalloc.start()
    reading = upload(name, content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000
    assert rules(reading.faults) in (["too-long"], ["xml-limit"])
