"""What a writer of a foreign format hands back: the file, and what of the pack is not in it.

And what writers share: item text as HTML, the category of an item, an archive whose bytes are the same each time.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from markdown_it import MarkdownIt

from app.exam.item import Item, ItemType
from app.exam.pack import Pack
from app.formats.archive import MAX_RATIO, RATIO_FROM

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_FIRST_ZIP_DAY = (1980, 1, 1, 0, 0, 0)

# What no foreign format has a place for, by the name of the item's field.
_OWN_FIELDS = (
    "references",
    "domain",
    "objective",
    "services",
    "constraint",
    "bloom",
    "rating",
    "company",
    "constraints",
    "cover_test",
    "enemies",
    "facts",
    "verified_on",
    "accepted",
    "origin",
)


@dataclass(frozen=True, slots=True)
class Left:
    """What a file could not carry: of an item, or of the pack as a whole when `item` is empty."""

    item: str
    what: str


@dataclass(frozen=True, slots=True)
class Written:
    """A written file and what it could not carry."""

    content: bytes
    left: tuple[Left, ...]


def own_fields(item: Item, carried: frozenset[str] = frozenset()) -> list[str]:
    """The names of the item's fields that are filled in and not among those that the format carries."""
    empty: tuple[object, ...] = (None, "", ())
    names = [name for name in _OWN_FIELDS if getattr(item, name) not in empty]
    names += [name for name in ("trap", "misconception") if any(getattr(o, name) for o in item.options)]
    if not item.shuffle:
        names.append("shuffle")
    return [name for name in names if name not in carried]


def of_pack(pack: Pack, *, shares: bool = True) -> list[Left]:
    """What foreign formats leave out of every pack; `shares` of those that know marks in parts only."""
    left = [Left("", "version and status of the items, and the ids of their options")]
    if pack.exams or pack.domains:
        left.append(Left("", "domains and exams"))
    if shares and any(item.type is ItemType.MULTIPLE for item in pack.items):
        left.append(
            Left("", "that a multiple-answer item is right or wrong as a whole: the marks are shared out")
        )
    return left


def html(text: str, address: Callable[[str], str]) -> str:
    """Item text as HTML that is well-formed XML too; `address` says where an image of the pack is."""
    tokens = _MARKDOWN.parse(text)
    for token in (inner for outer in tokens for inner in (outer, *(outer.children or ()))):
        token.attrs.pop("style", None)  # how a column of a table is aligned
        if token.type == "image":
            token.attrs["src"] = address(unquote(str(token.attrs.get("src", ""))))
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})).strip()


def category(item: Item, titles: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the item's chapter and subject, from the outside in; `titles` are those of the pack's topics."""
    if not item.topic:
        return ()
    chapter, _, subject = item.topic.partition("/")
    names = [titles.get(chapter, chapter), *([titles.get(item.topic, subject)] if subject else [])]
    return tuple(" ".join(name.split()) for name in names)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as an archive, in their order; the same files give the same bytes.

    What compresses so well that it would look like a bomb to our own reader is stored as it is.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            harmless = len(content) < RATIO_FROM or len(zlib.compress(content)) * MAX_RATIO // 2 > len(
                content
            )
            method = zipfile.ZIP_DEFLATED if harmless else zipfile.ZIP_STORED
            archive.writestr(zipfile.ZipInfo(name, _FIRST_ZIP_DAY), content, method)
    return target.getvalue()
