"""The options of a JSON question and which of them are right, in the shapes that programs give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.formats.columns import names, plain_name
from app.formats.keys import Numbers, chosen
from app.formats.loose import yes_or_no

MAX_TEXTS = 200

_TEXTS = ("text", "option text", "answer text", "choice text", "content", "option", "answer", "choice", "statement",
          "description", "html", "markdown", "body", "title", "name", "value", "label")  # fmt: skip
_FLAGS = names("correct|is correct|iscorrect|right|is right|is answer|correct answer|valid|is valid")
_BARE_FLAGS = names("key|is key|solution|answer|true")
"""Names of flags only where their values are yes and no: a key may also be what an option is called by."""
_MARKS = ("weight", "fraction", "score", "points", "grade", "marks", "percent")
_LABELS = ("label", "letter", "id", "key", "identifier", "option id", "value", "index")
_WHYS = ("feedback", "explanation", "rationale", "why", "comment", "reason", "justification")
_SHORT = 2


@dataclass(frozen=True, slots=True)
class Choices:
    """The options as they stand: texts (or what makes them up), what the source calls each, feedback and marks.

    `marks` has for each whether it is right, None when that is left to a key.
    """

    texts: tuple[Any, ...]
    labels: tuple[str, ...] = ()
    whys: tuple[Any, ...] = ()
    marks: tuple[bool | None, ...] = ()

    @property
    def plain(self) -> tuple[str, ...]:
        """The texts as plain text, for keys that are texts."""
        return tuple(plain_text(text) for text in self.texts)


def plain_text(value: Any, depth: int = 4) -> str:
    """What a value says as text: itself, or the texts within it one below the other."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping) and depth:
        return plain_text(inner_text(value), depth - 1)
    if isinstance(value, list) and depth:
        return "\n\n".join(
            text for text in (plain_text(each, depth - 1) for each in value[:MAX_TEXTS]) if text
        )
    return ""


def inner_text(value: Mapping[str, Any]) -> Any:
    """The text of an object that stands for one: its text field, or the English or first of several languages."""
    named = {plain_name(name): inner for name, inner in value.items()}
    for name in _TEXTS:
        if isinstance(named.get(name), str | int | float | list) and not isinstance(named[name], bool):
            return named[name]
    languages = [name for name in value if len(name) == _SHORT or name[2:3] in ("-", "_")]
    if languages and len(languages) == len(value):
        return value.get("en", value[languages[0]])
    return ""


def choices(value: Any) -> Choices:
    """The options of a field that holds all of them."""
    if isinstance(value, list):
        if value and all(isinstance(each, Mapping) for each in value):
            return _of_objects(value)
        return Choices(tuple(value), marks=(None,) * len(value), whys=("",) * len(value))
    if isinstance(value, Mapping):
        given = {name: inner for name, inner in value.items() if inner not in (None, "")}
        if given and all(isinstance(inner, bool) for inner in given.values()):
            return Choices(tuple(given), marks=tuple(given.values()), whys=("",) * len(given))
        if given and all(isinstance(inner, Mapping) for inner in given.values()):
            found = _of_objects(list(given.values()))
            return Choices(found.texts, tuple(given), found.whys, found.marks)
        return Choices(tuple(given.values()), tuple(given), ("",) * len(given), (None,) * len(given))
    return Choices(())


def _of_objects(values: Sequence[Mapping[str, Any]]) -> Choices:
    named = [{plain_name(name): inner for name, inner in value.items()} for value in values]
    flags = [next((inner for name, inner in each.items() if _is_flag(name, inner)), None) for each in named]
    if not any(flag is not None for flag in flags):
        flags = _by_marks_given(named)
    flagged = any(flag is not None for flag in flags)
    label = next((name for name in _LABELS if all(_is_label(each.get(name)) for each in named)), None)
    texts = [_text_beside(each, label, value) for each, value in zip(named, values, strict=True)]
    if label and max(len(plain_text(text)) for text in texts) < min(len(str(each[label])) for each in named):
        # [{"label": "The horn", "value": "a"}, …]: the longer of the two is what candidates read.
        texts, label = [each[label] for each in named], None
    return Choices(
        tuple(texts),
        tuple(str(each[label]) for each in named) if label else (),
        tuple(next((each[why] for why in _WHYS if each.get(why)), "") for each in named),
        tuple(bool(yes_or_no(str(flag or ""))) if flagged else None for flag in flags),
    )


def _by_marks_given(named: Sequence[Mapping[str, Any]]) -> list[bool | None]:
    """Which options are right where each has marks (`weight: 100`): those with any, if all of these have as many."""
    for name in _MARKS:
        marks = [each.get(name) for each in named]
        numbers = [mark for mark in marks if isinstance(mark, int | float) and not isinstance(mark, bool)]
        if len(numbers) == len(named) and len({mark for mark in numbers if mark > 0}) == 1:
            return [mark > 0 for mark in numbers]
    return [None] * len(named)


def _is_flag(name: str, value: Any) -> bool:
    if name in _BARE_FLAGS:
        return isinstance(value, bool)
    return name in _FLAGS and isinstance(value, bool | int | str) and yes_or_no(str(value)) is not None


def _is_label(value: Any) -> bool:
    """Whether a field may be what an option is called by: a short word or a number."""
    return isinstance(value, int | str) and not isinstance(value, bool) and 0 < len(str(value)) <= 40  # noqa: PLR2004


def _text_beside(named: Mapping[str, Any], label: str | None, value: Mapping[str, Any]) -> Any:
    """The text of an option that is an object: a field for texts that is not its label, unless there is no other."""
    for name in _TEXTS:
        if name != label and isinstance(named.get(name), str | int | float | list | Mapping):
            if isinstance(named[name], bool) or named[name] == "":
                continue
            return named[name]
    if label is not None and label in _TEXTS:
        return named[label]
    if len(value) == 1:
        return next(iter(value.values()))
    return ""


def right_places(said: Any, options: Choices, meaning: Numbers) -> frozenset[int] | None:
    """The places of the options that a key names; None when it names none of them.

    A key is a text, letter, label or number, a list of them, a list of yes and no, or an object label: yes or no.
    """
    if said is None or said == "":
        return frozenset()
    count = len(options.texts)
    if isinstance(said, list):
        if said and all(isinstance(each, bool) for each in said):
            return frozenset(p for p, right in enumerate(said) if right) if len(said) == count else None
        found = [right_places(each, options, meaning) for each in said[:MAX_TEXTS]]
        if any(each is None for each in found):
            return None
        return frozenset().union(*(each for each in found if each is not None))
    if isinstance(said, Mapping):
        return _by_marks(said, options, meaning)
    if isinstance(said, bool):
        return chosen(str(said), options.plain)
    labels = options.labels
    if (
        isinstance(said, int | float)
        and labels
        and not all(label.lstrip("-").isdecimal() for label in labels)
    ):
        labels = ()
    return chosen(plain_text(said), options.plain, labels, meaning)


def _by_marks(said: Mapping[str, Any], options: Choices, meaning: Numbers) -> frozenset[int] | None:
    """A key as an object: yes or no by label (`answer_a_correct: "true"`), or an object that stands for a text."""
    marks = {
        name: yes_or_no(str(inner)) for name, inner in said.items() if isinstance(inner, bool | int | str)
    }
    if marks and len(marks) == len(said) and all(mark is not None for mark in marks.values()):
        labels = [plain_name(label) for label in options.labels] or [
            chr(ord("a") + p) for p in range(len(options.texts))
        ]
        named = [plain_name(name).removesuffix(" correct") for name, mark in marks.items() if mark]
        if all(name in labels for name in named):
            return frozenset(labels.index(name) for name in named)
    for name in ("index", "id", "label", "key", "letter", "text", "value"):
        if isinstance(said.get(name), str | int) and not isinstance(said[name], bool):
            return right_places(said[name], options, meaning)
    return None
