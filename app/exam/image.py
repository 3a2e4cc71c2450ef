"""Images in item text: where texts show them, and what an image is called once it was read.

An item shows an image as `![what it shows](media/NAME)`. In a pack on disk NAME is whatever its author called the
file. A stored image is called after what is seen, with its size: `media/<sha256>-640x480.png`. So a text alone tells
a page all it needs, and a changed image makes a changed item.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.exam.item import Item

FOLDER = "media/"
TYPES: Mapping[str, str] = {"png": "image/png", "jpg": "image/jpeg"}
"""The kinds of stored images: media types by the ending of their names."""

_NAME = re.compile(
    r"media/(?P<sha256>[0-9a-f]{64})-(?P<width>[1-9]\d{0,4})x(?P<height>[1-9]\d{0,4})\.(?P<ending>png|jpg)"
)
# What is shown may have brackets in it, escaped or in pairs.
_SHOWN = re.compile(
    r"!\[(?P<alt>(?:\\.|[^\\\[\]]|\[(?:\\.|[^\\\[\]])*\])*)\]\((?P<name>media/[^()\s]{1,200})\)", re.DOTALL
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_FILE_NAME = re.compile(r"\S{1,200}\.(?:png|jpe?g|gif|webp|svg|bmp)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Image:
    """A stored image, as its name tells it. Width and height are in pixels."""

    sha256: str
    width: int
    height: int
    ending: str

    @property
    def name(self) -> str:
        """What item text calls it."""
        return f"{FOLDER}{self.sha256}-{self.width}x{self.height}.{self.ending}"

    @property
    def type(self) -> str:
        """Its media type."""
        return TYPES[self.ending]


@dataclass(frozen=True, slots=True)
class Shown:
    """One place in a text that shows an image: its name, and what it shows in words (plain text)."""

    name: str
    alt: str

    @property
    def told(self) -> bool:
        """Whether somebody who cannot see the image learns what it shows; the name of a file tells nothing."""
        return bool(self.alt) and not _FILE_NAME.fullmatch(self.alt)


def parsed(name: str) -> Image | None:
    """The stored image of this name; None when the name is not that of one."""
    found = _NAME.fullmatch(name)
    if not found:
        return None
    return Image(found["sha256"], int(found["width"]), int(found["height"]), found["ending"])


def shown(texts: Iterable[str]) -> Iterator[Shown]:
    """Every image that Markdown texts show, in their order."""
    for text in texts:
        if "![" in text:
            for found in _SHOWN.finditer(text):
                yield Shown(found["name"], " ".join(_ESCAPED.sub(r"\1", found["alt"]).split()))


def texts_of(item: Item) -> tuple[str, ...]:
    """The texts of an item that may show images."""
    return (item.stem, *(text for one in item.options for text in (one.text, one.why)), item.rationale)


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """The names of the images in texts, each once, in the order in which they come."""
    return tuple(dict.fromkeys(one.name for one in shown(texts)))


def renamed(item: Item, called: Mapping[str, str]) -> Item:
    """The item with other names for the images that it lists; a name that is not in `called` stays."""
    if not called:
        return item

    def better(text: str) -> str:
        return _SHOWN.sub(
            lambda found: f"![{found['alt']}]({called.get(found['name'], found['name'])})", text
        )

    made = _rewritten(item, better, better)
    listed = {called.get(name, name) for name in item.media}
    return replace(made, media=tuple(name for name in names(texts_of(made)) if name in listed))


def spoken(item: Item) -> Item:
    """The item in words alone, as the rules of item writing judge it: an option is what its image shows, and an image
    beside the stem, a reason or the rationale is left out."""
    if not item.media:
        return item
    return _rewritten(item, without, in_words)


def without(text: str) -> str:
    """A text without its images."""
    return _SHOWN.sub("", text).strip() if "![" in text else text


def in_words(text: str) -> str:
    """A text with what each image shows in its place."""
    return _SHOWN.sub(lambda found: found["alt"], text) if "![" in text else text


def _rewritten(item: Item, text: Callable[[str], str], option: Callable[[str], str]) -> Item:
    options = tuple(replace(one, text=option(one.text), why=text(one.why)) for one in item.options)
    return replace(item, stem=text(item.stem), options=options, rationale=text(item.rationale))
