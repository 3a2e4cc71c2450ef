"""Foreign text to Markdown: the one place where readers turn HTML, plain text or Markdown into item text.

- `from_plain(text)`: text that means what it says; every character that Markdown would take for a sign is escaped.
- `from_html(html, image)`: a tree walk over what a parser makes of the HTML. Kept are paragraphs, breaks, emphasis,
  code, lists, tables, small numbers and images; links leave their text; everything that runs or styles is dropped.
- `from_mixed(text, image)`: what people type into a field that may hold HTML.
- `from_markdown(text, image)`: kept as it is, unless it holds HTML, links or images: then by way of HTML.

`Gathered` takes the marked texts of one question and sums up their links and losses. `image` says what an
image is called in the pack (`media/….png`), or why it is not there. The results pass `text.problem` once they
went through `text.mended` (drafts.py does that). Pure; nothing is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from lxml import etree
from markdown_it import MarkdownIt

from app.formats.markup_signs import escaped, flowing, paragraphs
from app.formats.markup_walk import Walk
from app.formats.media import NOT_THERE, Image, Name

_TAG = re.compile(r"<[a-zA-Z/!?]|&[#a-zA-Z]")
_ESCAPED_TWICE = re.compile(
    r"\s*&lt;(p|div|span|html|ul|ol|table|h[1-6]|strong|b|em|i)\b.*&gt;\s*", re.DOTALL | re.I
)
_DATA = re.compile(r"data:[^\"'\s>]*")
# Most of what editors write: one paragraph without a tag or entity in it.
_BARE_PARAGRAPH = re.compile(r"\s*<(p|div)>([^<&\x00-\x08\x0b\x0c\x0e-\x1f]*+)</\1>\s*")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
_ANY_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        "a abbr acronym address applet area article aside audio b base bdi bdo big blockquote body br button "
        "canvas caption center cite code col colgroup dd del details dfn dialog dir div dl dt em embed fieldset "
        "figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img "
        "input ins kbd label legend li link main map mark math meta nav nobr noscript object ol optgroup option p "
        "param picture pre q rp rt ruby s samp script section select small source span strike strong style sub "
        "summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video "
        "wbr",
    )
)
# What HTML, links, images, headings and rules cannot do without.
_MAY_BE_VERBATIM = re.compile(r"[<\[#]|^[ \t]*[-=*_][-=*_ \t]*$", re.MULTILINE)
_VERBATIM = {"html_inline", "html_block", "image", "link_open", "heading_open", "hr"}

MAX_MARKED, MAX_TAGS = 200_000, 20_000
"""Characters and tags of a text: what has more does not fit an item and is not worth the time."""


@dataclass(frozen=True, slots=True)
class Marked:
    """Markdown, and what of the source is not in it.

    `images` are the names of the images in it; `missing` the addresses of images that could not be had, with each why
    in `reasons`; `links` the addresses that links had; `dropped` the names of elements whose content was left out
    (script, video …).
    """

    text: str
    images: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class Gathered:
    """The marked texts of one question, taken one after the other: what they have in common for its `Found`."""

    def __init__(self) -> None:
        self._all: list[Marked] = []

    def take(self, marked: Marked) -> str:
        """The Markdown of a text, the rest of which is kept in mind."""
        self._all.append(marked)
        return marked.text

    @property
    def unmapped(self) -> dict[str, list[str]]:
        """Addresses of links and missing images, and names of dropped elements."""
        said = {
            "links": [link for marked in self._all for link in marked.links],
            "missing_images": [image for marked in self._all for image in marked.missing],
            "dropped_elements": [name for marked in self._all for name in marked.dropped],
        }
        return {name: list(dict.fromkeys(values)) for name, values in said.items() if values}

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """A warning when images or elements with content of their own could not be taken along."""
        said = self.unmapped
        reasons = dict.fromkeys(reason for marked in self._all for reason in marked.reasons)
        missing = "; ".join(list(reasons)[:5])
        dropped = ", ".join(said.get("dropped_elements", ())[:5])
        notes = (
            ("missing-image", f"an image was left out: {missing}"),
            ("dropped-content", f"left out of the text: {dropped}"),
        )
        return tuple(note for note, given in zip(notes, (missing, dropped), strict=True) if given)


def no_image(_: str) -> Name:
    """For sources that cannot hold images."""
    return NOT_THERE


def from_plain(text: str) -> Marked:
    """Plain text as Markdown: an empty line ends a paragraph, any other line end is kept as a break."""
    if len(text) > MAX_MARKED:
        return Marked(text)
    return Marked(
        paragraphs([[escaped(line) for line in part.split("\n")] for part in re.split(r"\n\s*\n", text)])
    )


def from_html(html: str, image: Image = no_image) -> Marked:
    """HTML as Markdown. Never raises; what the parser cannot make sense of is text, and too much of it is left."""
    if (len(html) > MAX_MARKED and len(_DATA.sub("", html)) > MAX_MARKED) or html.count("<") > MAX_TAGS:
        return Marked(html)
    bare = _BARE_PARAGRAPH.fullmatch(html)
    if bare or not _TAG.search(html):
        return Marked(flowing(bare[2] if bare else html))
    parser = etree.HTMLParser(
        no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, encoding="utf-8"
    )
    document = f"<html><body>{_CONTROL.sub('', html)}</body></html>".encode()
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return from_plain(html)
    walk = Walk(image)
    text = walk.document(root)
    gathered = (walk.images, walk.missing, walk.links, walk.dropped, walk.reasons)
    return Marked(text, *(tuple(dict.fromkeys(each)) for each in gathered))


def from_mixed(text: str, image: Image = no_image) -> Marked:
    """Text that may hold HTML, as people type it: line ends are breaks, and `<String>` is no element."""
    if len(text) > MAX_MARKED:
        return from_html(text, image)
    shown = _ANY_TAG.sub(
        lambda found: found[0] if found[1].lower() in _ELEMENTS else f"&lt;{found[0][1:]}", text
    )
    if not re.search(r"<[a-zA-Z/!]", shown) and not re.search(r"&(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);", text):
        return from_plain(text)
    blocks = re.search(r"<(p|div|br|li|tr|h[1-6]|pre)\b", shown, re.IGNORECASE)
    return from_html(shown if blocks else re.sub(r"\n", "<br>", shown.strip()), image)


def from_markdown(text: str, image: Image = no_image) -> Marked:
    """Markdown of a source as Markdown of an item, which has no HTML, no links and only images of its pack."""
    if len(text) > MAX_MARKED:
        return Marked(text)
    if not _MAY_BE_VERBATIM.search(text):
        return Marked(text.strip())
    tokens = _MARKDOWN.parse(text)
    kinds = {inner.type for token in tokens for inner in (token, *(token.children or ()))}
    if not kinds & _VERBATIM:
        return Marked(text.strip())
    return from_html(_MARKDOWN.render(text), image)


def unescaped_twice(html: str) -> str:
    """HTML that was escaped once too often (`&lt;p&gt;…`), mended; anything else as it is."""
    return unescape(html) if _ESCAPED_TWICE.fullmatch(html) else html
