"""The rule on images: whoever cannot see one learns what it shows."""

from __future__ import annotations

from collections.abc import Iterator

from app.exam.image import shown, texts_of
from app.exam.item import Item
from app.exam.quality.standard import Finding, Rule, Standard, error

NAME = "alt-text"


def alt_text(item: Item, _: Standard) -> Iterator[Finding]:
    """Every image says in words what it shows."""
    silent = sum(not each.told for each in shown(texts_of(item))) if item.media else 0
    if silent:
        what = "an image does" if silent == 1 else f"{silent} images do"
        yield error(
            f"{what} not say what is to be seen; write it into the brackets: ![what it shows](media/…)"
        )


RULES: tuple[tuple[str, Rule], ...] = ((NAME, alt_text),)
