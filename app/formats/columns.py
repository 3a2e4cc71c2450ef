"""Which column of a table holds what: names of columns, in the ways that people write them, to our fields.

A mapping is `{field: column}` with the column counted from 0, as `guess` makes it of a header and as the review page
may give it by hand (`by_hand`). The same names serve for the fields of JSON objects (`field_of`). Pure.

| field | what the column holds |
|---|---|
| `stem` | the question |
| `scenario` | a text that stands above it |
| `option 1` … `option 20` | one option each |
| `why 1` … | the feedback of that option |
| `correct 1` … | whether that option is right (yes, 1, true, x) |
| `options` | all options in one cell: one a line, or with `|` or `;` between them |
| `wrong 1` … | wrong options, where the key is a text of its own |
| `key` | the right options: letters, numbers from 1, or texts; `key n` one more of them |
| `index` | the same, in numbers that programs count from 0 |
| `explanation`, `type`, `title`, `id`, `tags`, `choose`, `shuffle` | as they say |
| `category 1` … `category 4` | where the question belongs, from the outside in |
| `format` | whether the texts of the row are plain, HTML or Markdown |
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeVar

from app.exam.faults import Fault, Place, structure

Columns = dict[str, int]
_Value = TypeVar("_Value")

MOST_OPTIONS = 20
MOST_CATEGORIES = 4
MOST_COLUMNS = 200
_LONGEST_NAME = 200


def names(text: str) -> frozenset[str]:
    """The words of a text that bars divide."""
    return frozenset(text.split("|"))


# In each row, the better name for a field stands first.
_NAMES = {
    "stem": "question text|questiontext|stem|item stem|question stem|question|prompt|question prompt|"
    "question content|question body|problem|item|query|text|body|q|frage|fragetext|pregunta|domanda|pergunta|"
    "enunciado|vraag|pytanie",
    "options": "options|choices|answer options|answer choices|possible answers|alternatives|option list|answers|"
    "opciones|optionen",
    "key": "correct answer|correct answers|correct response|correct responses|correct option|correct options|"
    "correct choice|correct choices|right answer|right answers|answer key|key|correct|solution|right option|"
    "answer|ans|correct ans|correct letter|correct key|right|expected answer|correct answer letter|"
    "correct answer number|correct option number|correct answer id|correct option id|correct choice id|answer id|"
    "richtige antwort|antwort|richtig|losung|korrekte antwort|respuesta correcta|respuesta|bonne reponse|"
    "bonnes reponses|reponse correcte|"
    "reponses correctes|reponse|resposta correta|respostas corretas|resposta|gabarito|risposta corretta|"
    "risposte corrette|risposta esatta|risposta|juiste antwoord|antwoord|poprawna odpowiedz|prawidlowa odpowiedz",
    "index": "answer index|correct index|correct answer index|correct option index|correct choice index|key index|"
    "correct answer idx|correct idx|answer idx|correct answers index|correct indexes|correct indices",
    "explanation": "overall explanation|explanation|explanations|rationale|general feedback|feedback|justification|"
    "reasoning|reason|answer explanation|explain|explanation text|detail|details|comment|comments|erklarung",
    "type": "question type|type|item type|kind|qtype|question kind|questiontype",
    "title": "question title|question name|title|name",
    "id": "id|question id|qid|item id|uuid|identifier|guid|external id|idnumber",
    "tags": "tags|tag|labels|keywords",
    "scenario": "scenario|context|passage|stimulus|case study|case|situation",
    "choose": "choose|select|number to choose|number of answers|num correct|number of correct answers|"
    "correct count|answers required",
    "shuffle": "shuffle|shuffle options|shuffle answers|randomize",
    "format": "text format|markup",
}
_CATEGORIES = names(
    "knowledge area|domain|exam domain|category|subject|section|chapter|module|unit|area|topic|"
    "subtopic|sub topic|subcategory|sub category|skill|objective|course|bereich|thema|kategorie|"
    "categoria|tema"
)
_RANKS = {
    field: {name: rank for rank, name in enumerate(names.split("|"))} for field, names in _NAMES.items()
}
_FIELD_OF = {name: field for field, ranks in _RANKS.items() for name in ranks}
_ORDINAL = r"(?P<number>\d{1,2}|[a-t])"
_THING = r"(?:answer option|answer choice|possible answer|option|choice|answer|response|opt|alternative|ans|antwort|"
_THING += r"opcion|respuesta|reponse|choix|proposition|resposta|alternativa|opcao|risposta|opzione|antwoord|"
_THING += r"odpowiedz)"
_REASON = r"(?:explanation|feedback|rationale)"
_NUMBERED = tuple(
    (field, re.compile(pattern.replace("THING", _THING).replace("REASON", _REASON).replace("#", _ORDINAL)))
    for field, pattern in (
        ("correct", r"(?:is )?correct(?: THING)? #"),
        ("correct", r"THING # (?:is )?correct"),
        ("why", r"(?:REASON|why|reason)(?: for)?(?: THING)? #"),
        ("why", r"THING # (?:REASON|why)"),
        ("wrong", r"(?:(?:wrong|incorrect)(?: THINGs?)?|distractors?)(?: #)?"),
        ("option", r"(?:THING )?#"),
    )
)

_REMARK = re.compile(r"\((?![^()\s]\))[^()]{0,150}\)|\s[-\u2013\u2014:]\s.*|\*", re.DOTALL)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")
_ACCENT = re.compile("[\u0300-\u036f]")
_NOT_WORD = re.compile(r"[\W_]+")
_PLURAL = re.compile(r"\(s\)", re.IGNORECASE)

UDEMY_V1 = ("question", "type", *(f"option {n}" for n in range(1, 7)), "key", "explanation", "category 1")
UDEMY_V1_LONG = (
    "question",
    "type",
    *(f"option {n}" for n in range(1, 16)),
    "key",
    "explanation",
    "category 1",
)
UDEMY_V2 = (
    "question",
    "type",
    *(f"{kind} {n}" for n in range(1, 7) for kind in ("option", "why")),
    *("key", "explanation", "category 1"),
)
PRESETS: dict[str, Columns] = {
    name: {field.replace("question", "stem"): column for column, field in enumerate(fields)}
    for name, fields in (
        ("udemy-v1", UDEMY_V1), ("udemy-v1-long", UDEMY_V1_LONG), ("udemy-v2", UDEMY_V2),
    )
}  # fmt: skip
"""Tables whose columns stand at fixed places, whatever their header says."""

_UDEMY_TYPES = frozenset({"multiple-choice", "multi-select"})


def plain_name(name: str) -> str:
    """The name of a column in small words: `correctAnswer`, `Correct_Answer` and `Correct answer(s) - choose one` are
    the same."""
    text = _PLURAL.sub("", name[:_LONGEST_NAME])
    text = _ACCENT.sub("", unicodedata.normalize("NFD", _CAMEL.sub(" ", _REMARK.sub(" ", text))))
    return _NOT_WORD.sub(" ", text).strip().lower()


def field_of(name: str) -> str | None:
    """The field that a name stands for, numbered fields with their number; None when it is none of ours.

    Programs count from 0: see `from_one`.
    """
    plain = plain_name(name)
    if plain in _FIELD_OF:
        return _FIELD_OF[plain]
    for field, pattern in _NUMBERED:
        if found := pattern.fullmatch(plain):
            said = found["number"] or "1"
            number = int(said) if said.isdecimal() else ord(said) - ord("a") + 1
            return f"{field} {number}" if 0 <= number <= MOST_OPTIONS else None
    return "category" if plain in _CATEGORIES else None


def from_one(fields: Mapping[str, _Value]) -> dict[str, _Value]:
    """Numbered fields that were counted from 0 (`choice_0`, `choice_1` …), counted from 1."""
    parts = {name: name.rpartition(" ") for name in fields}
    shifted = {kind for kind, _, number in parts.values() if number == "0"}
    return {
        f"{kind} {int(number) + 1}" if kind in shifted else name: fields[name]
        for name, (kind, _, number) in parts.items()
    }


def name_rank(field: str, name: str) -> int:
    """How good a name is for a field: 0 for the best."""
    return _RANKS.get(field, {}).get(plain_name(name), 0)


def guess(header: Sequence[str]) -> Columns | None:
    """The mapping that a header tells; None when it holds no question, or nothing to choose from."""
    columns: Columns = {}
    best: dict[str, int] = {}
    categories = 0
    for place, name in enumerate(header[:MOST_COLUMNS]):
        field = field_of(name)
        if field == "category":
            categories += 1
            if categories <= MOST_CATEGORIES:
                columns[f"category {categories}"] = place
        elif field is not None:
            rank = name_rank(field, name)
            if field == "key" and rank == best.get(field):
                columns[f"key {place}"] = place  # "Correct Answer" once more
            elif field not in columns or rank < best[field]:
                columns[field], best[field] = place, rank
    columns = from_one(columns)
    _settle(columns, [plain_name(name) for name in header[:MOST_COLUMNS]])
    return columns if is_enough(columns) else None


def is_enough(columns: Mapping[str, int]) -> bool:
    """Whether a mapping holds a question and something to choose from."""
    several = sum(name.startswith("option ") for name in columns) > 1
    pair = "key" in columns and any(name.startswith("wrong ") for name in columns)
    return "stem" in columns and (several or pair or "options" in columns)


def _settle(columns: Columns, names: Sequence[str]) -> None:
    """Where a name may stand for two fields, the rest of the header decides."""
    if "stem" not in columns and "title" in columns and ("key" in columns or "index" in columns):
        columns["stem"] = columns.pop("title")
    options = [name for name in columns if name.startswith("option ")]
    if len(options) == 1:
        place = columns.pop(options[0])
        if names[place] == "a":  # of `q` and `a`; beside `b`, it is an option
            columns.setdefault("key", place)
    if "options" in columns and len(options) > 1:
        place = columns.pop("options")
        if names[place] == "answers" and "key" not in columns:
            columns["key"] = place


def preset_of(rows: Sequence[Sequence[str]]) -> str | None:
    """The preset that a table fits whose header cannot be read: by its width, and the types in its second column."""
    for row in rows:
        cells = [cell.strip() for cell in row]
        if len(cells) > 1 and cells[1].lower() in _UDEMY_TYPES:
            return next((n for n, columns in PRESETS.items() if len(columns) == len(cells)), None)
    return None


def by_hand(
    given: Mapping[str, str | int], header: Sequence[str], at: Place
) -> tuple[Columns | None, list[Fault]]:
    """A mapping that a person gave: columns by their number (from 0) or by their name in the header.

    None with every fault when a field or a column is not there, or when it lacks the question or the options.
    """
    columns: Columns = {}
    faults = []
    names = [name.strip() for name in header]
    for field, column in given.items():
        if not _is_field(field):
            faults.append(structure(at, "unknown-field", f"there is no field {field[:80]!r} to map to"))
        elif isinstance(column, str) and column.strip() in names:
            columns[field] = names.index(column.strip())
        elif isinstance(column, int) and 0 <= column < MOST_COLUMNS:
            columns[field] = column
        else:
            shown = ", ".join(names)[:300]
            message = f"{field} is mapped to {str(column)[:80]!r}, which is no column; there are: {shown}"
            faults.append(structure(at, "unknown-column", message))
    if not faults and not is_enough(columns):
        message = "map the question (stem), and its options (option 1, option 2 … or options)"
        faults.append(structure(at, "mapping-incomplete", message))
    return (None if faults else columns), faults


def _is_field(field: str) -> bool:
    name, _, number = field.partition(" ")
    most = {"option": MOST_OPTIONS, "why": MOST_OPTIONS, "correct": MOST_OPTIONS, "wrong": MOST_OPTIONS,
            "category": MOST_CATEGORIES}  # fmt: skip
    if number:
        return name in most and number.isdecimal() and 1 <= int(number) <= most[name]
    return field in _NAMES
