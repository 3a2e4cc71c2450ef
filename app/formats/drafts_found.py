"""What a reader found: one question of a foreign source as it says it, made fit for an item of ours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.exam import image
from app.exam.faults import Place
from app.exam.item import canonical
from app.formats.fields import MAX_TEXT
from app.formats.text import mended

MIN_OPTIONS, MAX_OPTIONS = 2, 20
MANY_OPTIONS = 100
MAX_IMAGES = 50
MAX_SHORT = 500
MAX_UNMAPPED = 50_000
OPTION_IDS = "abcdefghij"

Note = tuple[str, str]
"""A rule and a message."""


@dataclass(frozen=True, slots=True)
class FoundOption:
    """One option as the source has it. `text` and `feedback` are Markdown.

    `weight` is the share of the marks that the source gives it, in per cent, None when it gives none.
    """

    text: str
    key: bool = False
    feedback: str = ""
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One question of a source that can be delivered. `stem` and `feedback` are Markdown.

    `place` is its file and line, `locator` says in the words of the format where it is ("question 12").
    `multiple` is what the source says it is; true/false is single with two options. `ident` is an identifier that
    the source itself keeps stable, if any. `category` is a path from the outside in. `choose` is the number to
    choose, where the source says one beside the stem.
    `unmapped` is whatever else the source says, as plain JSON values; `notes` are (rule, message) pairs of the
    reader, shown as warnings at this item.
    """

    place: Place
    stem: str
    options: tuple[FoundOption, ...]
    multiple: bool = False
    locator: str = ""
    title: str = ""
    ident: str = ""
    feedback: str = ""
    category: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    choose: int | None = None
    shuffle: bool = True
    unmapped: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


def clean(question: Found) -> tuple[Found, list[Note]]:
    """The question with texts that an item may hold, and the notes on what was done to them."""
    done: dict[str, None] = {}

    def mend(text: str) -> str:
        better, what = mended(text)
        done.update(dict.fromkeys(what))
        return better.strip()

    options = [replace(o, text=mend(o.text), feedback=mend(o.feedback)) for o in question.options]
    empty = [option for option in options if not option.text and not option.key]
    whole = replace(
        question,
        stem=mend(question.stem),
        options=tuple(option for option in options if option.text or option.key),
        feedback=mend(question.feedback),
        title=mend(question.title),
        locator=mend(question.locator),
        category=tuple(part for part in map(mend, question.category) if part),
        tags=tuple(mend(tag) for tag in question.tags),
    )
    notes = list(question.notes)
    if done:
        notes.append(("mended-text", f"the text was mended: {'; '.join(done)}"))
    if empty:
        notes.append(("empty-option", f"{len(empty)} options without a text were left out"))
    return whole, notes


def misfit(question: Found) -> Note | None:
    """Rule and message when a question does not fit an item; None when it does."""
    texts = [question.stem, question.feedback, *(t for o in question.options for t in (o.text, o.feedback))]
    if not question.stem:
        return "empty-stem", "the question has no text; write one"
    if any(not option.text for option in question.options):
        return "empty-key", "the right option has no text; write one"
    if not MIN_OPTIONS <= len(question.options) <= MAX_OPTIONS:
        return _option_count(len(question.options))
    if max(map(len, texts)) > MAX_TEXT:
        return "too-long", f"a text of more than {MAX_TEXT} characters; shorten it"
    if (images := len(image.names(texts))) > MAX_IMAGES:
        return "too-many-images", f"{images} images; {MAX_IMAGES} are allowed"
    return None


def too_many_options(count: int) -> Note | None:
    """Rule and message when there are far too many options, so that a reader need not read each of them."""
    return _option_count(count) if count > MANY_OPTIONS else None


def _option_count(count: int) -> Note:
    return "option-count", f"{count} options; an item has {MIN_OPTIONS} to {MAX_OPTIONS}"


def several_keys(question: Found) -> list[str]:
    """The ids of the keys of a single-answer question that has more than one."""
    keys = [name for name, option in zip(OPTION_IDS, question.options, strict=False) if option.key]
    return keys if len(keys) > 1 and not question.multiple else []


def unmapped(question: Found) -> dict[str, Any]:
    """What the source says and the item has no field for, as plain JSON values; too much of it is only named."""
    weights = [option.weight for option in question.options]
    said: dict[str, Any] = {
        "title": question.title,
        "ident": question.ident,
        "category": " / ".join(question.category),
        "tags": list(question.tags),
        "keys": several_keys(question),
        "choose": question.choose,
        "weights": weights if any(weight is not None for weight in weights) else None,
        **question.unmapped,
    }
    plain = {str(name): _plain(value) for name, value in said.items() if value not in (None, "", [], {}, ())}
    if len(canonical(plain)) > MAX_UNMAPPED:
        return {"left_out": f"more than {MAX_UNMAPPED} characters in {', '.join(plain)[:MAX_SHORT]}"}
    return plain


def _plain(value: Any, depth: int = 8) -> Any:
    if isinstance(value, str):
        return mended(value)[0]
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth and isinstance(value, Mapping):
        return {mended(str(name))[0]: _plain(inner, depth - 1) for name, inner in value.items()}
    if depth and isinstance(value, list | tuple):
        return [_plain(inner, depth - 1) for inner in value]
    return mended(str(value))[0]
