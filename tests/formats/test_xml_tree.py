"""XML is read within limits, and nothing in it reaches out."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats import xml_tree

MANY = 300_000
LAUGHS = """<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><lolz>&b;</lolz>"""


def faults_of(content: bytes | str) -> list[tuple[str, int | None]]:
    root, faults = xml_tree.parse("a.xml", content.encode() if isinstance(content, str) else content)
    assert (root is None) == bool(faults)
    return [(fault.rule, fault.at.line) for fault in faults]


def text_of(content: bytes | str) -> str:
    root, faults = xml_tree.parse("a.xml", content.encode() if isinstance(content, str) else content)
    assert not faults
    assert root is not None
    return "".join(str(text) for text in root.itertext())


def test_elements_have_names_without_prefix_and_lines() -> None:
    root, _ = xml_tree.parse("a.xml", b'<?xml version="1.0"?>\n<q:a xmlns:q="urn:x">\n<q:b/></q:a>')
    assert root is not None
    assert [(xml_tree.name(each), xml_tree.line(each)) for each in root.iter()] == [("a", 2), ("b", 3)]


def test_comments_and_instructions_are_left_out() -> None:
    root, _ = xml_tree.parse("a.xml", b"<a>x<!-- c --><?p q?>y</a>")
    assert root is not None
    assert (root.text, len(root)) == ("xy", 0)


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("UTF-8", "utf-8"), ("ISO-8859-1", "latin-1"), ("windows-1252", "cp1252"), ("UTF-16", "utf-16")],
)
def test_the_declared_encoding_counts(declared: str, encoding: str) -> None:
    assert text_of(f'<?xml version="1.0" encoding="{declared}"?><a>Größe</a>'.encode(encoding)) == "Größe"


@pytest.mark.parametrize("declared", ["rot13", "zlib", "nonsense", "utf_7"])
def test_an_encoding_that_is_none_is_refused_or_not_obeyed(declared: str) -> None:
    content = f'<?xml version="1.0" encoding="{declared}"?><a>+ADw-b/+AD4-é</a>'.encode()
    root, faults = xml_tree.parse("a.xml", content)
    assert [fault.rule for fault in faults] == ["bad-encoding"] or (root is not None and len(root) == 0)


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS,
        f'<?xml version="1.0"?>\n<!-- x -->\n{LAUGHS}',
        LAUGHS.encode("utf-16"),
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://localhost/x.dtd"> %x;]><a/>',
        '<!DOCTYPE a SYSTEM "http://localhost/[x].dtd"><a/>',
        '<!DOCTYPE a [<!ELEMENT a ANY><!ENTITY x "y">]><a/>',
        '<!DOCTYPE a [<!ATTLIST a b CDATA "&x;">]><a/>',
        "<!DOCTYPE a [<!ELEMENT a %x;>]><a/>",
        '<!DOCTYPE a [<!NOTATION a SYSTEM "x">]><a/>',
        "<!DOCTYPE a [" + "<!ELEMENT a ANY>" * 5_000 + "<!--",
    ],
)
def test_b06_b07_a_document_with_definitions_is_refused(content: str | bytes) -> None:
    assert faults_of(content) == [("xml-doctype", 1)]


def test_a_document_type_that_only_names_one_is_not_looked_up() -> None:
    assert text_of('<!DOCTYPE a SYSTEM "http://localhost/x.dtd"><a>x</a>') == "x"


def test_definitions_of_elements_and_attributes_are_passed_over() -> None:
    definitions = """[\n<!-- ours ] -->\n<!ELEMENT a (#PCDATA)>\n<!ATTLIST a b (x|y) 'x' c CDATA ">">\n]"""
    root, faults = xml_tree.parse("a.xml", f"<!DOCTYPE a SYSTEM 'a.dtd' {definitions}>\n<a>z</a>".encode())
    assert root is not None
    assert (faults, root.text, len(root.attrib), xml_tree.line(root)) == ([], "z", 0, 6)


def test_a_document_type_in_quoted_content_is_content() -> None:
    assert text_of("<a><![CDATA[<!DOCTYPE html [<b>]]></a>") == "<!DOCTYPE html [<b>"


def test_an_include_is_not_followed() -> None:
    include = (
        '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd" parse="text"/></a>'
    )
    assert text_of(include) == ""


@pytest.mark.parametrize(
    "content",
    [
        "<a>" * 100_000,
        "<a>" * 65 + "</a>" * 65,
        "<a>" + "<b/>" * 400_001 + "</a>",
        "<a " + " ".join(f"x{n}='1'" for n in range(300)) + "/>",
        f'<a x="{"y" * 70_000}"/>',
    ],
)
def test_depth_elements_and_attributes_have_limits(content: str) -> None:
    assert [rule for rule, _ in faults_of(content)] == ["xml-limit"]


def test_what_html_calls_its_characters_is_known_and_no_tag_comes_of_it() -> None:
    assert text_of("<a>fog&nbsp;horn &LT;b&gt; &amp;eacute;</a>") == "fog\u00a0horn <b> &eacute;"


@pytest.mark.parametrize("sign", ["<![CDATA[", "&a", "&nbsp;"])
def test_b23_no_sign_repeated_takes_long(sign: str) -> None:
    xml_tree.parse("a.xml", f"<a>{sign * 300_000}</a>".encode())


def test_what_stands_in_quoted_content_stays_as_it_is() -> None:
    assert text_of("<a><![CDATA[fog&nbsp;horn]]></a>") == "fog&nbsp;horn"


@pytest.mark.parametrize(
    "content", ["", "text", "<a>", "<a></b>", "<a>&unheard;</a>", "<a/><b/>", "<a/><!DOCTYPE a>", "\x89PNG"]
)
def test_what_is_not_well_formed_is_refused(content: str) -> None:
    assert [rule for rule, _ in faults_of(content)] == ["malformed-xml"]


def test_b06_a_bomb_costs_no_memory() -> None:
    tracemalloc.start()
    faults_of(LAUGHS.replace("ha", "ha" * 1_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_no_memory_is_no_fault_of_the_document() -> None:
    code = f"""
import re, resource
from pathlib import Path
from app.formats import xml_tree
content = b"<a>" + b"<b>x</b>" * {MANY} + b"</a>"
used = int(re.search(r"VmData:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (used + 8 * len(content), used + 8 * len(content)))
try:
    print(xml_tree.parse("a.xml", content))
except MemoryError:
    print("no memory")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "no memory\n"


@given(st.binary(max_size=200) | st.text("<>/a &;![]-?'\"=x", max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    root, faults = xml_tree.parse("a.xml", content)
    assert root is not None or faults
