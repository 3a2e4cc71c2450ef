"""XML from strangers: the one place where foreign readers parse it.

`parse(file, content)` gives the root element of a document within limits, or the fault that refuses it. No entity
is resolved, nothing is fetched, a document type that defines entities is refused and any other is passed over,
processing instructions and comments are left out. `root_name(content)` only looks which document it is. Pure; never
raises.
"""

from __future__ import annotations

import re
from html import escape
from html.entities import html5
from typing import Any

from lxml import etree

from app.exam.faults import Fault, Place, structure
from app.formats.decoding import decode

MAX_DEPTH = 64
MAX_ELEMENTS = 400_000
MAX_ATTRIBUTES = 200
MAX_TAG = 64_000
_CHUNK = 1 << 16

_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,200}\?>")
_ENCODING = re.compile(rb"^\s*<\?xml\b[^>]{0,150}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
# Not every name that Python can decode is an encoding of text.
_TEXT_ENCODING = re.compile(
    r"(iso-?8859|latin|windows-?12|cp\d|koi8|mac|shift|sjis|euc|gb|big5|ascii|tis)", re.I
)
_PROLOG = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
# Definitions of elements and attributes say only what a valid document looks like; those of entities put text in.
_DOCTYPE = re.compile(
    r"""<!DOCTYPE[^\[\]<>]*+(?:\[(?:\s++|<!--.*?-->"""
    r"""|<!(?:ELEMENT|ATTLIST)\b(?:[^<>"'%&]++|"[^"<%&]*+"|'[^'<%&]*+')*+>)*+\]\s*+)?+>""",
    re.DOTALL,
)
_ANY_DOCTYPE = re.compile(r"<!DOCTYPE[^\[<>]*(?:\[[^\]]*\]\s*)?>")
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]")
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe|\xfe\xff")
_LOOK = 1 << 16
_VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "wbr")
# What HTML calls its characters, but not in CDATA, which is text as it stands.
_OF_HTML = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,40};)", re.DOTALL
)
_HUGE_TAG = re.compile(rf"<[^!?<>][^<>]{{{MAX_TAG}}}")


def parse(file: str, content: bytes) -> tuple[etree._Element | None, list[Fault]]:
    """The root of an XML document, or None with the fault; lesser faults may stand beside a root.

    Raises MemoryError where the process may have no more, and nothing else.
    """
    text, faults = _text(file, content)
    if text is None:
        return None, faults
    prepared = _without_doctype(text)
    if prepared is None:
        message = "the document defines entities of its own (DOCTYPE […]), which are refused; remove them"
        return None, [structure(Place(file, 1), "xml-doctype", message)]
    if found := _HUGE_TAG.search(prepared):
        line = prepared.count("\n", 0, found.start()) + 1
        message = f"a tag has more than {MAX_TAG} characters"
        return None, [structure(Place(file, line), "xml-limit", message)]
    root, fault = _parse(file, _OF_HTML.sub(_character, prepared))
    return root, [*faults, fault] if fault else faults


def _character(found: re.Match[str]) -> str:
    """The character that HTML has a name for, which XML does not know; anything else as it stands."""
    meant = html5.get(found[1]) if found[1] else None
    return found[0] if meant is None else escape(meant, quote=False)


def name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(etree.QName(element).localname)


def root_name(content: bytes) -> str:
    """The name of the root element without its namespace, from the first 64 KB; empty when it is no XML."""
    if not _BEGINS.match(content):
        return ""
    start = content[:_LOOK]
    utf16 = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = start.decode("utf-16" if utf16 else "utf-8-sig", "ignore")
    at = _end(_PROLOG, text, 0)
    at = _end(_PROLOG, text, _end(_ANY_DOCTYPE, text, at))
    found = _ROOT.match(text, at)
    return found[1] if found else ""


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def held_html(element: etree._Element) -> str:
    """The HTML that an element holds, whether as text (escaped or CDATA) or as elements."""
    return inner_html(element) if len(element) else element.text or ""


def inner_html(element: etree._Element) -> str:
    """The content of an element as HTML: its text escaped, its elements without their namespaces."""
    return escape(element.text or "", quote=False) + "".join(map(_html, element))


def _html(element: etree._Element) -> str:
    tag = name(element)
    given = "".join(
        f' {etree.QName(attribute).localname}="{escape(str(value))}"' for attribute, value in element.items()
    )
    inside = "" if tag in _VOID else f"{inner_html(element)}</{tag}>"
    return f"<{tag}{given}>{inside}{escape(element.tail or '', quote=False)}"


def line(element: etree._Element) -> int | None:
    """The line of the file that an element begins on."""
    found: Any = element.sourceline  # the type stubs know nothing of it
    return found if found is None else int(found)


def _text(file: str, content: bytes) -> tuple[str | None, list[Fault]]:
    """The document as text, its declaration blanked: what it declares was obeyed here."""
    found = _ENCODING.match(content)
    declared = found[1].decode() if found else "utf-8"
    if declared.lower().startswith(("utf", "us-ascii")):
        text, faults = decode(file, content)
    else:
        text, faults = None, []
        if _TEXT_ENCODING.match(declared):
            try:
                text = content.decode(declared)
            except (LookupError, UnicodeDecodeError):
                text = None
        if text is None or "\x00" in text:
            message = f"the document says that it is written in {declared}, but it is not; save it as UTF-8"
            return None, [structure(Place(file, 1), "bad-encoding", message)]
    if text is None:
        return None, faults
    declaration = _DECLARATION.match(text)
    return ("\n" * declaration[0].count("\n") + text[declaration.end() :] if declaration else text), faults


def _without_doctype(text: str) -> str | None:
    """The text with a document type blanked; None when it defines more than elements and attributes.

    A document type is legal before the root only; anywhere else the parser refuses it itself.
    """
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    if not text.startswith("<!DOCTYPE", start):
        return text
    found = _DOCTYPE.match(text, start)
    return text[:start] + "\n" * found[0].count("\n") + text[found.end() :] if found else None


def _parse(file: str, text: str) -> tuple[etree._Element | None, Fault | None]:
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    depth = elements = 0
    content = text.encode("utf-8")
    try:
        for start in range(0, len(content), _CHUNK):
            parser.feed(content[start : start + _CHUNK])
            for event, element in parser.read_events():
                assert isinstance(element, etree._Element)  # only names of namespaces come as something else
                depth += 1 if event == "start" else -1
                elements += event == "start"
                if depth > MAX_DEPTH or elements > MAX_ELEMENTS or len(element.attrib) > MAX_ATTRIBUTES:
                    message = f"more than {MAX_DEPTH} levels, {MAX_ELEMENTS} elements or {MAX_ATTRIBUTES} attributes"
                    return None, structure(Place(file, line(element)), "xml-limit", message)
        return parser.close(), None
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error  # nothing is wrong with the document
        message = f"the document is not well-formed XML: {str(error.msg)[:300]}"
        rule = "xml-limit" if "depth" in str(error.msg) else "malformed-xml"
        return None, structure(Place(file, error.lineno or None), rule, message)
