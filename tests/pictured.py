"""A pack whose items show images: one in every stem, one in an option, one in the rationale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import PIL.Image
import PIL.ImageDraw

from app.exam.item import Item
from app.exam.pack import Pack
from app.formats import native_write
from tests import packs
from tests.images import drawn, file, stored

EXAM = "pictured"


def _chart() -> PIL.Image.Image:
    """A chart in thin lines on nothing: drawn for a white page."""
    chart = PIL.Image.new("RGBA", (1200, 500), (0, 0, 0, 0))
    pen = PIL.ImageDraw.Draw(chart)
    for place, name in enumerate(("rock", "tower", "reef")):
        left = 40 + 400 * place
        pen.rectangle((left, 150, left + 280, 350), outline=(20, 20, 20, 255), width=3)
        pen.text((left + 110, 240), name, fill=(20, 20, 20, 255), font_size=30)
        if place:
            pen.line((left - 120, 250, left, 250), fill=(170, 30, 30, 255), width=4)
    return chart


STEM = stored(file(_chart()))
OPTION = stored(file(drawn(120, 60, (30, 120, 60))))
RATIONALE = stored(file(drawn(90, 50, (30, 60, 160))))
"""As they are stored."""
MEDIA: Mapping[str, bytes] = {one.image.name: one.content for one in (STEM, OPTION, RATIONALE)}


def pictured(item: Item) -> Item:
    """The item with its images."""
    scenario, _, question = item.stem.rpartition(". ")
    option = replace(item.options[0], text=f"![A green flag]({OPTION.image.name}) {item.options[0].text}")
    return replace(
        item,
        stem=f"{scenario}.\n\n![The rock, the tower and the reef]({STEM.image.name})\n\n{question}",
        options=(option, *item.options[1:]),
        rationale=f"{item.rationale} ![The light by night]({RATIONALE.image.name})",
        media=(STEM.image.name, OPTION.image.name, RATIONALE.image.name),
    )


def pack(name: str = "pictured", exam: str = EXAM) -> Pack:
    """Eight ready items and an exam of six of them."""
    items = [pictured(packs.item(f"{name}{n}", f"D{n % 2 + 1}", keys=1 + n % 2)) for n in range(8)]
    return replace(
        packs.pack(exams=[packs.exam(exam, minutes=40)], items=items), id=name, title="Pictured", approvals=0
    )


def write(folder: Path, new: Pack) -> Path:
    """The pack as a zip in the native format."""
    path = folder / f"{new.id}.zip"
    path.write_bytes(native_write.write_zip(new, MEDIA))
    return path
