"""A pack as Moodle XML, with its images. Our own reader gives the same texts, options and keys back.

Texts are written as Markdown where Moodle shows them as we do, else as HTML. An item's id becomes its name and its
number of identification, its topic the category. The keys of a multiple-answer item share the marks, and every other
option takes them all.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from app.exam.item import Item, ItemType, Option
from app.exam.pack import Pack
from app.formats.markup import from_markdown
from app.formats.moodle import PLUGIN_FILES
from app.formats.writing import Left, Written, category, html, of_pack, own_fields

_CARRIED = frozenset(("topic", "shuffle"))
_FULL = 100


def write(pack: Pack, media: Mapping[str, bytes]) -> Written:
    """The pack as one document in UTF-8, and what it could not carry. `media` are the images by name."""
    titles = {topic.id: topic.title for topic in pack.topics}
    left = of_pack(pack)
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n']
    before: tuple[str, ...] = ()
    for item in pack.items:
        names = category(item, titles)
        if names != before:
            parts.append(_category(names))
            before = names
        parts.append(_question(item, media))
        if fields := own_fields(item, _CARRIED):
            left.append(Left(item.id, ", ".join(fields)))
        if missing := [name for name in item.media if name not in media]:
            left.append(Left(item.id, f"images that are not there: {', '.join(missing)}"))
    return Written("".join([*parts, "</quiz>\n"]).encode(), tuple(left))


def _category(names: Iterable[str]) -> str:
    path = "".join(f"/{name.replace('/', '//')}" for name in names)
    return (
        f'<question type="category"><category><text>$course$/top{escape(path)}</text></category></question>\n'
    )


def _question(item: Item, media: Mapping[str, bytes]) -> str:
    single = str(item.type is ItemType.SINGLE).lower()
    lines = [
        '<question type="multichoice">',
        f"<name><text>{escape(item.id)}</text></name>",
        _text("questiontext", item.stem, media),
        _text("generalfeedback", item.rationale, media),
        "<defaultgrade>1</defaultgrade><penalty>0</penalty><hidden>0</hidden>",
        f"<idnumber>{escape(item.id)}</idnumber>",
        f"<single>{single}</single><shuffleanswers>{str(item.shuffle).lower()}</shuffleanswers>",
        "<answernumbering>abc</answernumbering>",
        *(_answer(item, option, media) for option in item.options),
        "</question>\n",
    ]
    return "\n".join(lines)


def _answer(item: Item, option: Option, media: Mapping[str, bytes]) -> str:
    feedback = _text("feedback", option.why, media)
    return _text("answer", option.text, media, f' fraction="{_fraction(item, option)}"', f"\n{feedback}\n")


def _fraction(item: Item, option: Option) -> str:
    """The share of the marks in per cent."""
    if option.key:
        return f"{_FULL / len(item.key):.5f}".rstrip("0").rstrip(".")
    return "0" if item.type is ItemType.SINGLE or not item.key else f"-{_FULL}"


def _text(tag: str, text: str, media: Mapping[str, bytes], more: str = "", after: str = "") -> str:
    """An element with a text in it, its images beside it."""
    used: dict[str, None] = {}

    def address(name: str) -> str:
        if name not in media:
            return name
        used[name] = None
        return f"{PLUGIN_FILES}{quote(name.removeprefix('media/'))}"

    form, body = ("markdown", text) if _shown_alike(text) else ("html", html(text, address))
    files = "".join(_file(name, media[name]) for name in used)
    return f'<{tag}{more} format="{form}"><text>{escape(body)}</text>{files}{after}</{tag}>'


def _shown_alike(text: str) -> bool:
    """Whether Moodle makes of Markdown what we do: it knows no break by a backslash, but HTML."""
    plain = from_markdown(text)
    return bool(text) and plain.text == text and not plain.images and "\\\n" not in text


def _file(name: str, content: bytes) -> str:
    folder, _, last = name.removeprefix("media/").rpartition("/")
    path = quoteattr(f"/{folder}/" if folder else "/")
    return f'<file name={quoteattr(last)} path={path} encoding="base64">{base64.b64encode(content).decode()}</file>'
