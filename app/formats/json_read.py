"""JSON: lists of questions whose fields have the names that people give them, at any depth of the document.

A list is one of questions when an entry has a question and something to choose from; then each of its entries is
accounted for. Names are those of the columns of tables (columns.py). `read` takes names by hand as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.exam.faults import Fault, Place, Severity, quality, structure
from app.formats.columns import MOST_COLUMNS, field_of, from_one, is_enough, names, plain_name
from app.formats.decoding import peek
from app.formats.drafts import Found, assemble, broken, unreadable
from app.formats.json_options import plain_text
from app.formats.json_question import Entry, entry_of, is_question, made
from app.formats.json_tree import Object, parse
from app.formats.keys import Numbering, Numbers, numbering
from app.formats.media import Image, Media
from app.formats.reading import Reading, Skipped
from app.formats.source import Source
from app.formats.table import Preview

NAME = "json"
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
_NAME_IN_TEXT = re.compile(r'"([^"\\\n]{1,60})"\s{0,20}:')
_GENERIC = names(
    "questions|question|items|item|data|quiz|quizzes|test|tests|exam|exams|results|result|list|"
    "content|entries|records|problems|mcqs|mcq|bank|question bank|questionbank|pool|body|rows|all|"
    "sections|chapters|topics|domains|categories|modules|units|children|parts|section|response|"
    "payload|dataset|train|validation"
)
_TITLES = ("domain", "category", "topic", "subject", "section", "chapter", "module", "unit", "title", "name")
_LONGEST_TITLE = 200
_SIGNS = ({"stem", "key"}, {"title", "options", "key"})


@dataclass(frozen=True, slots=True)
class _Held:
    """One entry of a list of questions: the value, the line of it or of what is around it, its path and category."""

    value: Any
    line: int
    path: str
    category: tuple[str, ...]


def detect(given: Source) -> bool:
    """Whether the one text of the source is JSON and names fields for questions and for options."""
    text = _text(given)
    if text is None:
        return False
    fields = {field_of(name) for name in set(_NAME_IN_TEXT.findall(text))}
    known = {field: 0 for field in fields if field}
    return is_enough(known) or any(each <= set(known) for each in _SIGNS)


def read(given: Source, mapped: Mapping[str, str] | None = None) -> Reading:
    """Read all questions. `mapped` says by hand which field has which name: {"stem": "prompt", "key": "solution"}."""
    document = _document(given)
    if document is None:
        message = "a question bank in JSON is one file, with images beside it at most"
        return unreadable(NAME, [structure(Place(given.name), "not-one-file", message)])
    file, content = document
    value, faults = parse(file, content)
    if value is None and faults:
        return unreadable(NAME, faults)
    by_hand = {name: field for field, name in (mapped or {}).items()}
    held = list(_entries(value, by_hand, _Held(value, getattr(value, "line", 1), "", ())))
    if not held:
        message = (
            "no list of questions was found: an entry needs a question (question, stem …) and options "
            "(options, choices, answers …); map the names by hand if they are others"
        )
        return unreadable(NAME, [*faults, structure(Place(file), "no-questions", message)])
    media = Media()
    found, skipped, said = _questions(file, held, by_hand, media.among(given.files, file))
    return assemble(NAME, given, found, skipped, [*faults, *said], media.files)


def look(given: Source) -> Preview | None:
    """The names of fields in the document, as the columns of a table, and which field each is taken for."""
    document = _document(given)
    text = peek(document[1]) if document else None
    names = tuple(dict.fromkeys(_NAME_IN_TEXT.findall(text or "")))[:MOST_COLUMNS]
    columns: dict[str, int] = {}
    for place, name in enumerate(names):
        field = field_of(name)
        columns.setdefault(f"{field} 1" if field == "category" else field or "", place)
    columns.pop("", None)
    return Preview(names, (), from_one(columns), None) if names else None


def _document(given: Source) -> tuple[str, bytes] | None:
    texts = [(name, c) for name, c in given.files.items() if not name.lower().endswith(_IMAGES)]
    return texts[0] if len(texts) == 1 else None


def _text(given: Source) -> str | None:
    """The beginning of the one text of the source when it begins as JSON does."""
    document = _document(given)
    text = peek(document[1]) if document else None
    return text if text is not None and re.match(r"\s*[\[{]\s*[\[{\"]", text) else None


def _entries(value: Any, by_hand: Mapping[str, str], held: _Held) -> Iterator[_Held]:
    """All entries of all lists of questions within a value, in the order of the document."""
    if is_question(value, by_hand):
        yield held
        return
    listing = isinstance(value, list)
    inside = list(enumerate(value, 1) if listing else value.items() if isinstance(value, Object) else ())
    questions = any(is_question(each, by_hand) for _, each in inside)
    path = held.path
    category = held.category if listing or not path else (*held.category, *_title(value))
    for name, inner in inside:
        each = _joined(inner, by_hand)
        line = each.line if isinstance(each, Object) else held.line
        named = (
            ()
            if listing or plain_name(str(name)) in _GENERIC or str(name).isdecimal()
            else (str(name)[:_LONGEST_TITLE],)
        )
        below = replace(held, value=each, line=line, path=f"{path}/{name}", category=category)
        if questions and is_question(each, by_hand):
            yield below
            continue
        found = list(_entries(each, by_hand, replace(below, category=(*category, *named))))
        yield from found
        if questions and listing and not found:
            yield below


def _joined(value: Any, by_hand: Mapping[str, str]) -> Any:
    """An object whose question is an object itself, as one: `{"question": {"stem", "choices"}, "answerKey"}`."""
    inner = value.get("question") if isinstance(value, Object) else None
    if not isinstance(inner, Object) or not is_question(inner, by_hand):
        return value
    whole = Object(value.line)
    whole.update({name: each for name, each in value.items() if each is not inner} | inner)
    return whole


def _title(value: Any) -> tuple[str, ...]:
    """What an object that holds questions is called, for their category."""
    named = {plain_name(name): inner for name, inner in value.items()} if isinstance(value, Object) else {}
    title = next((named[name] for name in _TITLES if isinstance(named.get(name), str) and named[name]), "")
    return (title.strip()[:_LONGEST_TITLE],) if title.strip() else ()


def _questions(
    file: str, held: list[_Held], by_hand: Mapping[str, str], image: Image
) -> tuple[list[Found], list[Skipped], list[Fault]]:
    found: list[Found] = []
    skipped: list[Skipped] = []
    faults: list[Fault] = []
    entries = [entry_of(each.value, by_hand) if isinstance(each.value, Mapping) else None for each in held]
    told = _numbering([entry for entry in entries if entry is not None])
    if not told.sure:
        message = (
            f"the numbers of the keys are taken to count {told.meaning.value}, which the file leaves open; "
            "look at one question"
        )
        faults.append(quality(Place(file), "key-numbering", Severity.WARNING, message))
    for each, entry in zip(held, entries, strict=True):
        at = Place(file, each.line)
        if entry is None or "stem" not in entry.fields:
            faults.append(broken(at, "no-question", f"the entry {each.path} holds no question"))
            continue
        result = made(at, entry, told, image, each.category)
        if isinstance(result, Found):
            found.append(replace(result, locator=each.path or "/"))
        elif isinstance(result, Skipped):
            skipped.append(result)
        else:
            faults.append(result)
    return found, skipped, faults


def _numbering(entries: list[Entry]) -> Numbering:
    """What plain numbers mean in the keys: programs count from 0, people who type digits as text from 1."""
    typed = all(isinstance(entry.key, str) for entry in entries if entry.numbered)
    indexed = any("index" in entry.fields for entry in entries)
    usual = Numbers.FROM_ONE if typed and not indexed else Numbers.FROM_ZERO
    keys = ((entry.numbered or plain_text(entry.key), entry.options.plain) for entry in entries)
    return numbering(keys, usual)
