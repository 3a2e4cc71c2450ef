"""The walk over an HTML tree that writes Markdown (see markup.py, which is what readers use)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from app.formats.markup_signs import (
    BREAK,
    EM,
    STRONG,
    around,
    cell,
    code,
    escaped,
    fenced,
    flushed,
    inline,
    is_list,
    moved,
)
from app.formats.media import Image, Refusal

MAX_NESTED = 6
"""Lists and quotes in each other; what is deeper stands beside them."""


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BLOCKS = _names(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul "
    "caption"
)
_HEADINGS = _names("h1 h2 h3 h4 h5 h6 dt summary caption")
_SILENT = _names("head style link meta base title colgroup col param source track")
_DROPPED = _names(
    "script template noscript object embed applet iframe audio video svg canvas input select textarea button "
    "frame frameset map"
)
_EMPHASIS = {"b": STRONG, "strong": STRONG, "i": EM, "em": EM}
_NESTING = _names("ul ol blockquote")
_CODE = _names("code tt kbd samp")
_LANGUAGE = re.compile(r"\blanguage-([A-Za-z0-9+#-]{1,20})")


class Walk:
    """One walk over one tree; collects what could not be taken along."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._holds_block: set[etree._Element] = set()
        self._nested = 0
        self.images: list[str] = []
        self.missing: list[str] = []
        self.links: list[str] = []
        self.dropped: list[str] = []
        self.reasons: list[str] = []

    def document(self, root: etree._Element) -> str:
        """The Markdown of a whole tree."""
        for element in root.iter(*_BLOCKS):
            parent = element.getparent()
            while parent is not None and parent not in self._holds_block:
                self._holds_block.add(parent)
                parent = parent.getparent()
        return "\n\n".join(self._blocks(root))

    def _blocks(self, element: etree._Element) -> list[str]:
        """The content of an element as blocks of Markdown."""
        blocks: list[str] = []
        running = [inline(element.text)]
        for child in element:
            name = _name(child)
            if name in _BLOCKS or (child in self._holds_block and name not in _DROPPED | _SILENT):
                blocks += flushed("".join(running))
                blocks += self._block(child, name)
                running = []
            else:
                running.append(self._inline(child, name))
            running.append(inline(child.tail))
        return blocks + flushed("".join(running))

    def _block(self, element: etree._Element, name: str) -> list[str]:
        if name == "pre":
            return fenced("".join(_all_text(element)), _language(element))
        if name in _NESTING and self._nested < MAX_NESTED:
            self._nested += 1
            made = self._quote(element) if name == "blockquote" else self._list(element, ordered=name == "ol")
            self._nested -= 1
            return made
        if name == "table":
            return self._table(element)
        if name in _HEADINGS and element not in self._holds_block:
            return flushed(around(self._inside(element), *STRONG))
        return self._blocks(element)

    def _quote(self, element: etree._Element) -> list[str]:
        lines = "\n\n".join(self._blocks(element)).split("\n")
        return ["\n".join(f"> {line}".rstrip() for line in lines)] if any(lines) else []

    def _inside(self, element: etree._Element) -> str:
        parts = [inline(element.text)]
        for child in element:
            parts += (self._inline(child, _name(child)), inline(child.tail))
        return "".join(parts)

    def _inline(self, element: etree._Element, name: str) -> str:
        if name in _SILENT:
            return ""
        if name in _DROPPED:
            self.dropped.append(name)
            return ""
        if name == "br":
            return BREAK
        if name == "img":
            return self._picture(element)
        if name in _CODE:
            return code("".join(_all_text(element)))
        if name == "a" and (address := (element.get("href") or "").strip()):
            self.links.append(address)
        inner = self._inside(element)
        if name in _EMPHASIS:
            return around(inner, *_EMPHASIS[name])
        if name in ("sup", "sub"):
            return moved(inner, name)
        return f"“{inner}”" if name == "q" else inner

    def _picture(self, element: etree._Element) -> str:
        address = (element.get("src") or "").strip()
        alt = escaped(element.get("alt") or "").replace("[", "\\[").replace("\\]", "]").replace("]", "\\]")
        name = self._image(address)
        if isinstance(name, Refusal):
            self.missing.append(address[:200])
            self.reasons.append(f"{address[:80]} ({name.why})")
            return around(f" \\[image{': ' if alt else ''}{alt}\\] ", "", "")
        self.images.append(name)
        return f"![{alt}]({name})"

    def _list(self, element: etree._Element, *, ordered: bool) -> list[str]:
        start = element.get("start") or ""
        number = int(start) if ordered and start.isdecimal() and len(start) < len("1000000") else 1
        lines, stray = [], inline(element.text)
        before = flushed(stray)
        for child in element:
            blocks = self._blocks(child) if _name(child) not in _DROPPED | _SILENT else []
            blocks += flushed(inline(child.tail))
            if blocks:
                marker = f"{number}. " if ordered else "- "
                tight = len(blocks) == 1 or (len(blocks) == 2 and is_list(blocks[1]))  # noqa: PLR2004
                body = ("\n" if tight else "\n\n").join(blocks)
                inset = "\n" + " " * len(marker)
                lines.append(marker + body.replace("\n", inset).replace(f"{inset}\n", "\n\n"))
                number += 1
        return [*before, "\n".join(lines)] if lines else before

    def _table(self, element: etree._Element) -> list[str]:
        rows = [
            [cell(self._blocks(each)) for each in row if _name(each) in ("td", "th")]
            for row in element.iter("tr")
            if _owner(row) is element
        ]
        captions = [
            block for child in element if _name(child) == "caption" for block in self._block(child, "caption")
        ]
        rows = [row for row in rows if any(row)]
        width = max(map(len, rows), default=0)
        if width <= 1:
            return [*captions, *(row[0] for row in rows)]
        padded = [[*row, *[""] * (width - len(row))] for row in rows]
        lines = [f"| {' | '.join(row)} |" for row in padded]
        return [*captions, "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])]


def _name(element: etree._Element) -> str:
    """The name of an element, without a prefix that office programs put before it."""
    return element.tag.rpartition(":")[2].lower() if isinstance(element.tag, str) else ""


def _owner(row: etree._Element) -> etree._Element | None:
    return next(row.iterancestors("table"), None)


def _all_text(element: etree._Element) -> Iterator[str]:
    """The text in an element as it stands, with a line end for each break."""
    if _name(element) == "br":
        yield "\n"
    yield element.text or ""
    for child in element:
        yield from _all_text(child)
        yield child.tail or ""


def _language(element: etree._Element) -> str:
    """The language that a block of code says it is written in, or nothing."""
    classes = " ".join(each.get("class") or "" for each in element.iter() if isinstance(each.tag, str))
    found = _LANGUAGE.search(classes)
    return found[1] if found else ""
