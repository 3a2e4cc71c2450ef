"""What a foreign question says against itself. Warnings: the item comes in as a draft all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from app.exam.item import Item, ItemType
from app.formats.text import skeleton

_NUMBERS = {
    name: n for n, name in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight"), 1)
}
_NUMBER = rf"({'|'.join(_NUMBERS)}|[1-8])"
_SEVERAL = _NUMBER.replace("one|", "").replace("1-8", "2-8")  # "which one" asks for nothing
_VERBS = "choose|select|pick|mark|tick|check|identify"
_STATED = (
    re.compile(rf"\(\s*{_NUMBER}\s+(?:answers?|options?|choices?)\s*\)", re.IGNORECASE),
    re.compile(
        rf"\b(?:{_VERBS})\s+(?:(?:the|any|exactly|only|best|correct|top)\s+){{0,3}}{_NUMBER}\b(?!\s?[%.-]\w?\d)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bwhich\s+(?:of\s+)?(?:the\s+)?{_SEVERAL}\s+(?!of\s+the\s+(?:two|three|four)\b)\w+", re.IGNORECASE
    ),
)
HUNDRED = 100


def stated_number(stem: str) -> int | None:
    """How many options a stem tells to choose ("Choose two.", "Which three …"), or None when it does not say.

    The last such phrase counts: it stands at the end of the question.
    """
    found = [(each.start(), each[1].lower()) for pattern in _STATED for each in pattern.finditer(stem)]
    if not found:
        return None
    word = max(found)[1]
    return _NUMBERS.get(word) or int(word)


def of_item(item: Item, choose: int | None, weights: tuple[float | None, ...]) -> Iterator[tuple[str, str]]:
    """Rule and message of every contradiction in one item.

    `choose` is the number to choose that the source gives beside the stem, `weights` the share of the marks in
    per cent that it gives each option, both None when it gives none.
    """
    keys = len(item.key)
    stated = choose if choose is not None else stated_number(item.stem)
    if keys == 0:
        yield "no-key", "no option is marked as right; mark the key"
    elif stated is not None and stated != keys:
        yield "stated-number", f"{stated} to choose, but {keys} marked as right; mend the one or the other"
    elif item.type is ItemType.MULTIPLE and keys == 1:
        yield "one-key", "a multiple-answer item with one key; mark another one, or make it single-answer"
    if item.type is ItemType.MULTIPLE and keys == len(item.options):
        yield "all-keys", "every option is marked as right: there is nothing to choose"
    yield from _identical(item)
    partial = [w for w in weights if w is not None and 0 < w < HUNDRED]
    if partial and (item.type is ItemType.SINGLE or max(partial) - min(partial) > 1):
        given = ", ".join("-" if w is None else f"{w:g}" for w in weights)
        yield (
            "partial-credit",
            f"the source gives parts of the marks ({given} per cent); here an item is right or wrong",
        )


def _identical(item: Item) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for option in item.options:
        look = skeleton(option.text)
        if look in seen:
            yield "identical-options", f"options {seen[look]!r} and {option.id!r} look the same"
        seen.setdefault(look, option.id)


def same_stems(items: Mapping[str, Item]) -> Iterator[tuple[str, str]]:
    """Id and message for every item whose stem and options stood before under another id (given in order)."""
    seen: dict[tuple[str, frozenset[str]], str] = {}
    stems: dict[str, str] = {}
    for name, item in items.items():
        stem = skeleton(item.stem).casefold()
        whole = (stem, frozenset(skeleton(option.text) for option in item.options))
        if whole in seen:
            yield name, f"the same question as {seen[whole]}, with the same options"
        elif stem in stems:
            yield name, f"the same stem as {stems[stem]}, with other options"
        seen.setdefault(whole, name)
        stems.setdefault(stem, name)
