"""What was changed between two versions of an item, field by field and word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from app.exam.item import Item

_PIECES = re.compile(r"\s+|\w+|[^\w\s]")
MOST_WORDS = 6_000
"""Beyond this a text is shown as replaced: finding the common words of two takes the square of their number."""
LEAST_KEPT = 0.3
"""Of the words of the longer text: with fewer in common, single words between changes only confuse."""


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words with the same fate."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not the same, under the name that people know it by."""

    field: str
    pieces: tuple[Piece, ...]


def differences(before: Item, after: Item) -> tuple[Difference, ...]:
    """Every field that differs, in the order in which the item is read."""
    old, new = dict(_described(before)), dict(_described(after))
    names = [*new, *(name for name in old if name not in new)]
    return tuple(
        Difference(name, compared(old.get(name, ""), new.get(name, "")))
        for name in names
        if old.get(name, "") != new.get(name, "")
    )


def compared(before: str, after: str) -> tuple[Piece, ...]:
    """Two texts as one run of pieces: without what was added the first, without what was removed the second."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        return tuple(_pieces(before, after))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    kept = sum(
        not old[place].isspace()
        for a, _, size in matcher.get_matching_blocks()
        for place in range(a, a + size)
    )
    if kept < LEAST_KEPT * max(sum(not one.isspace() for one in words) for words in (old, new)):
        return tuple(_pieces(before, after))
    made: list[Piece] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            made.append(Piece(Change.SAME, "".join(old[a:b])))
        else:
            made.extend(_pieces("".join(old[a:b]), "".join(new[c:d])))
    return tuple(made)


def _pieces(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece(Change.REMOVED, removed)
    if added:
        yield Piece(Change.ADDED, added)


def _described(item: Item) -> Iterator[tuple[str, str]]:
    """The fields of an item in words; those that are empty are left out."""
    yield "Stem", item.stem
    yield "Type", item.type.value
    for option in item.options:
        name = f"Option {option.id}"
        yield name, option.text
        yield f"{name}, right or wrong", "right" if option.key else "wrong"
        yield f"{name}, why", option.why
        yield f"{name}, trap", option.trap or ""
        yield f"{name}, misconception", option.misconception
    yield "Rationale", item.rationale
    yield "References", "\n".join(f"{one.title} {one.url}" for one in item.references)
    for label in ("status", "domain", "objective", "topic", "constraint", "bloom", "rating", "company"):
        value = getattr(item, label)
        yield label.capitalize(), "" if value is None else str(value)
    yield "Services", "\n".join(f"{one.name} {one.since or ''}".strip() for one in item.services)
    yield "Demands", "\n".join(f"{one.text}: {', '.join(one.decides)}" for one in item.constraints)
    yield "Cover test", "" if item.cover_test is None else str(item.cover_test)
    yield "Enemies", ", ".join(item.enemies)
    yield "Facts", ", ".join(map(str, item.facts))
    yield "Verified on", str(item.verified_on or "")
    yield "Options in any order", "yes" if item.shuffle else "no"
    yield "Accepted findings", "\n".join(f"{one.rule}: {one.why}" for one in item.accepted)
    yield "Images", "\n".join(item.media)
