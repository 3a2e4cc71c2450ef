"""One object of a JSON document to one question (see json_read.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from app.exam.faults import Fault, Place
from app.formats.columns import (
    MOST_CATEGORIES,
    MOST_OPTIONS,
    field_of,
    from_one,
    is_enough,
    name_rank,
    names,
    plain_name,
)
from app.formats.drafts import Found, FoundOption, broken
from app.formats.json_options import Choices, choices, inner_text, plain_text, right_places
from app.formats.keys import DISAGREE, Numbering, ambiguous, doubtful
from app.formats.loose import Kind, kind_of, split_category, split_tags, text_of, unlettered, yes_or_no
from app.formats.markup import Gathered, from_html
from app.formats.media import Image
from app.formats.reading import Skipped

MAX_NAME = 500
MAX_TAGS = 100
MAX_NODES = 100
_CODE_SIGN = re.compile(r"[\n(){};=<>]")
_WEAK = frozenset({"item", "query", "text", "body", "problem", "a", "q", "prompt"})
"""Names that things other than questions have as well."""
_IMAGE_NAMES = names("image|images|image url|img|picture|figure|image path|question image|media")
_CODE_NAMES = names("code|code snippet|snippet|code block")
_SEVERAL = names(
    "multiple|multi|is multiple|multiple correct|multiple correct answers|multiple answers|"
    "allow multiple|multi select|multiselect|is multi select|multiple answer|is multiselect|"
    "multiple selection|is multi"
)
# The numbers of one schema that is in use, which are types of nodes and of questions.
_VARIANTS: dict[int, Kind | str] = {0: Kind.SINGLE, 1: Kind.MULTIPLE, 2: "fill-in-the-blank", 3: "list-order"}
_IMAGE_NODE = 0
TRUE_FALSE = ("True", "False")


@dataclass(frozen=True, slots=True)
class Entry:
    """An object by our fields, what else it holds, and its options."""

    fields: Mapping[str, Any]
    spare: Mapping[str, Any]
    options: Choices
    several: bool = False
    variant: Any = None

    @property
    def key(self) -> Any:
        """What it says of the right options."""
        return self.fields.get("key", self.fields.get("index"))

    @property
    def numbered(self) -> str:
        """Its key as numbers, as far as it consists of them."""
        said = self.key if isinstance(self.key, list) else [self.key]
        plain = [plain_text(each) for each in said if not isinstance(each, bool)]
        return ",".join(plain) if plain and all(text.isdecimal() for text in plain) else ""


def is_question(value: Any, by_hand: Mapping[str, str]) -> bool:
    """Whether a value is an object with a question, and something to choose from or a key."""
    if not isinstance(value, Mapping):
        return False
    stem_name, fields = "", set[str]()
    for name, inner in value.items():
        field = by_hand.get(name) or field_of(name)
        if field is None or inner in (None, "", [], {}):
            continue
        if field == "options" and not isinstance(inner, list | Mapping):
            continue
        if field.startswith("option ") and isinstance(inner, list | Mapping):
            field = "options"
        if field == "stem":
            if not plain_text(inner):
                continue
            stem_name = plain_name(name) if stem_name in _WEAK or not stem_name else stem_name
        fields.add(field)
    if not stem_name and "title" in fields and fields & {"key", "index"}:
        fields.add("stem")
    strong = bool(stem_name) and stem_name not in _WEAK
    return is_enough(dict.fromkeys(fields, 0)) or (strong and bool(fields & {"key", "index"}))


def entry_of(value: Mapping[str, Any], by_hand: Mapping[str, str]) -> Entry:
    """An object with its values under our fields; the better of two names for one field wins."""
    fields: dict[str, Any] = {}
    names: dict[str, str] = {}
    spare: dict[str, Any] = {}
    for name, inner in value.items():
        field = by_hand.get(name) or field_of(name)
        if field == "category":
            field = f"category {sum(known.startswith(field) for known in fields) + 1}"
        if field is None or inner is None:
            spare[name] = inner
        elif field not in fields:
            fields[field], names[field] = inner, name
        elif name_rank(field, name) < name_rank(field, names[field]):
            spare[names[field]] = fields[field]
            fields[field], names[field] = inner, name
        else:
            spare[name] = inner
    if "key" not in fields and plain_name(names.get("options", "answers")) != "answers":
        # Beside `options`, `answers` are the right ones.
        answers = next((name for name in spare if plain_name(name) == "answers"), None)
        if answers is not None:
            fields["key"] = spare.pop(answers)
    fields = from_one(fields)
    if "options" not in fields and isinstance(fields.get("option 1"), list | Mapping):
        fields["options"] = fields.pop("option 1")  # `a` beside `q`
    if "stem" not in fields and "title" in fields:
        fields["stem"] = fields.pop("title")
    options = _options(fields)
    if whys := _whys(fields.get("explanation"), options):
        options = replace(options, whys=whys)
        del fields["explanation"]
    several = any(plain_name(name) in _SEVERAL and yes_or_no(str(inner)) for name, inner in spare.items())
    variant = value.get("variant") if isinstance(value.get("question"), list) else None
    return Entry(fields, spare, options, several, variant)


def _options(fields: Mapping[str, Any]) -> Choices:
    if isinstance(fields.get("options"), list | Mapping):
        return choices(fields["options"])
    last = max((int(name[7:]) for name in fields if name.startswith("option ")), default=0)
    if last > 1:
        texts = tuple(fields.get(f"option {n}", "") for n in range(1, last + 1))
        whys = tuple(fields.get(f"why {n}", "") for n in range(1, last + 1))
        return Choices(texts, (), whys, (None,) * last)
    wrong = [each for name in sorted(fields) if name.startswith("wrong ") for each in _listed(fields[name])]
    if wrong and fields.get("key") is not None:
        right = _listed(fields["key"])
        texts = (*right, *wrong)
        return Choices(texts, (), ("",) * len(texts), (True,) * len(right) + (False,) * len(wrong))
    return Choices(())


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _whys(said: Any, options: Choices) -> tuple[Any, ...] | None:
    """The feedback of the options when the explanation is a list or an object of them; None when it is one text."""
    if (
        isinstance(said, list)
        and len(said) == len(options.texts) > 1
        and all(isinstance(s, str) for s in said)
    ):
        return tuple(said)
    if isinstance(said, Mapping) and options.labels and said and set(said) <= set(options.labels):
        return tuple(said.get(label, "") for label in options.labels)
    return None


def made(
    at: Place, entry: Entry, numbering: Numbering, image: Image, category: tuple[str, ...]
) -> Found | Skipped | Fault:
    """The question of an entry, or why there is none."""
    fields = entry.fields
    kind = _kind(entry)
    if isinstance(kind, str):
        return Skipped(at, f"{kind} questions are not delivered")
    options = entry.options if entry.options.texts else _true_false(entry, kind)
    if not options.texts:
        return Skipped(at, "questions without options (short answer, essay) are not delivered")
    told = _Told(image, plain_text(fields.get("format", "")))
    stem = [told.text(fields.get("scenario")), told.text(fields.get("stem")), *told.beside(entry.spare)]
    if not any(stem):
        return broken(at, "empty-stem", "the entry has no question")
    texts = unlettered(options.plain) if all(isinstance(t, str) for t in options.texts) else options.texts
    keys, notes = _keys(entry.key, options, numbering)
    if len(keys) > 1 and kind in (Kind.SINGLE, Kind.TRUE_FALSE):
        message = f"the type says one right option, the key {len(keys)}; it was read as multiple-answer"
        notes.append(("type-contradiction", message))
    choose = fields.get("choose")
    found = Found(
        at,
        "\n\n".join(filter(None, stem)),
        tuple(
            FoundOption(told.text(text), place in keys, told.text(why))
            for place, (text, why) in enumerate(zip(texts, options.whys, strict=True))
        ),
        len(keys) > 1 or kind is Kind.MULTIPLE or entry.several,
        title=plain_text(fields.get("title"))[:MAX_NAME],
        ident=plain_text(fields.get("id"))[:MAX_NAME],
        feedback=told.text(fields.get("explanation")),
        category=(*category, *_category(fields)),
        tags=_tags(fields.get("tags")),
        choose=choose if type(choose) is int and 0 < choose <= MOST_OPTIONS else None,
        shuffle=yes_or_no(plain_text(fields.get("shuffle", True))) is not False,
    )
    gathered = told.gathered
    return replace(
        found,
        unmapped={**gathered.unmapped, **entry.spare},
        notes=(*notes, *gathered.notes),
    )


def _kind(entry: Entry) -> Kind | str | None:
    """The kind of a question; a text names one that is not delivered."""
    if type(entry.variant) is int:
        return _VARIANTS.get(entry.variant)
    said = plain_text(entry.fields.get("type"))
    kind = kind_of(said)
    if kind is Kind.MULTIPLE and any(name.startswith("wrong ") for name in entry.fields):
        return Kind.CHOICE  # "multiple" beside one right and several wrong answers is multiple choice
    return said[:60].casefold() if kind is Kind.OTHER else kind


def _true_false(entry: Entry, kind: Kind | None) -> Choices:
    """The two options of a statement whose key is true or false; none for anything else."""
    said = plain_text(entry.key)
    truth = yes_or_no(said) if said else None
    if truth is None or not (kind is Kind.TRUE_FALSE or said.casefold() in ("true", "false")):
        return Choices(())
    return Choices(TRUE_FALSE, (), ("", ""), (truth, not truth))


def _keys(said: Any, options: Choices, numbering: Numbering) -> tuple[frozenset[int], list[tuple[str, str]]]:
    if any(mark is not None for mark in options.marks):
        marked = frozenset(place for place, mark in enumerate(options.marks) if mark)
        named = right_places(said, options, numbering.meaning)
        return marked, [DISAGREE] if marked and named and named != marked else []
    if any(
        doubtful(plain_text(each), options.plain, numbering, options.labels)
        for each in _listed(said)[:MAX_NODES]
    ):
        return frozenset(), [ambiguous(plain_text(said))]
    found = right_places(said, options, numbering.meaning)
    if found is None:
        shown = plain_text(said) or str(said)
        return frozenset(), [
            ("unknown-answer", f"the answer {shown[:80]!r} names none of the options for certain")
        ]
    return found, []


def _category(fields: Mapping[str, Any]) -> tuple[str, ...]:
    said = [fields[name] for name in sorted(fields) if name.startswith("category ")]
    return tuple(part for each in said for part in split_category(plain_text(each)))[:MOST_CATEGORIES]


def _tags(said: Any) -> tuple[str, ...]:
    if isinstance(said, list):
        return tuple(text for text in (plain_text(each) for each in said[:MAX_TAGS]) if text)
    return split_tags(plain_text(said))[:MAX_TAGS]


class _Told:
    """The texts of one question as Markdown, with what they bring along."""

    def __init__(self, image: Image, written: str) -> None:
        self.gathered = Gathered()
        self._image = image
        self._written = written

    def text(self, value: Any) -> str:
        """A text, or the texts and images of a list of nodes, as Markdown."""
        if isinstance(value, list):
            return "\n\n".join(filter(None, (self._node(each) for each in value[:MAX_NODES])))
        if isinstance(value, Mapping):
            return self._node(value)
        text = plain_text(value)
        return self.gathered.take(text_of(text, self._written, self._image)) if text else ""

    def beside(self, spare: Mapping[str, Any]) -> list[str]:
        """Images and code that belong to the question and stand in fields of their own."""
        found = []
        for name, value in spare.items():
            plain = plain_name(name)
            if plain in _IMAGE_NAMES:
                found += [self._picture(each) for each in _listed(value)[:MAX_NODES] if isinstance(each, str)]
            elif plain in _CODE_NAMES and isinstance(value, str) and _CODE_SIGN.search(value):
                ticks = "`" * max(3, 1 + max(map(len, re.findall("`+", value)), default=0))
                found.append(f"{ticks}\n{value.strip(chr(10))}\n{ticks}")
        return [text for text in found if text]

    def _node(self, value: Any) -> str:
        if not isinstance(value, Mapping):
            return self.text(value) if not isinstance(value, list) else ""
        address = (
            value.get("text")
            if value.get("variant") == _IMAGE_NODE
            else value.get("image") or value.get("src")
        )
        if isinstance(address, str) and type(value.get("variant", 0)) is int:
            return self._picture(address)
        inner = inner_text(value)
        return self.text(inner) if not isinstance(inner, Mapping | list) else plain_text(inner)

    def _picture(self, address: str) -> str:
        if not address.strip():
            return ""
        return self.gathered.take(from_html(f'<img src="{escape(address.strip())}">', self._image))
