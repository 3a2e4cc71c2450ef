"""One row of a table to one question (see table.py, which is what readers use)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.exam.faults import Fault, Place
from app.formats.columns import Columns
from app.formats.drafts import Found, FoundOption, broken
from app.formats.keys import DISAGREE, Numbering, ambiguous, chosen, doubtful
from app.formats.loose import (
    AS_IT_IS,
    Kind,
    kind_of,
    split_category,
    split_options,
    split_tags,
    text_of,
    unlettered,
    yes_or_no,
)
from app.formats.markup import Gathered
from app.formats.media import Image
from app.formats.reading import Skipped

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DATE = re.compile(
    rf"\d{{1,2}}[-/. ]{_MONTH}(?:[-/. ]\d{{2,4}})?|{_MONTH}[-/. ]\d{{1,4}}|\d{{1,2}}/\d{{1,2}}/\d{{2,4}}|"
    r"\d{4}-\d\d-\d\d(?:[ T]00:00:00)?",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E[+-]\d+")
_ERROR = re.compile(r"#(?:NAME\?|REF!|VALUE!|DIV/0!|N/A|NUM!|NULL!)|#{3,}")
TRUE_FALSE = ("True", "False")
_SHORT = 2


@dataclass(frozen=True, slots=True)
class Question:
    """The cells of a row by their fields, as text. `marks` says of each option whether it is right, None when it is
    left to the key; `key` is what the row says of it."""

    stem: str
    texts: tuple[str, ...]
    whys: tuple[str, ...]
    marks: tuple[bool | None, ...]
    key: str
    cells: dict[str, str]
    unmapped: dict[str, str]


def question(cells: Sequence[str], header: Sequence[str], columns: Columns) -> Question:
    """A row by its mapping."""
    said = {field: cells[place].strip() if place < len(cells) else "" for field, place in columns.items()}
    texts, whys, marks = _options(said)
    key = _joined([cell for field, cell in said.items() if field.startswith("key")]) or said.get("index", "")
    flags = [cell for field, cell in said.items() if field.startswith("correct ")]
    if any(
        yes_or_no(cell) is None for cell in flags
    ):  # "Correct Answer 1" and so on are the answers themselves
        key, marks = key or _joined(flags), [None] * len(texts)
    if not texts and yes_or_no(key) is not None and key:
        kind = kind_of(said.get("type", ""))
        if kind is Kind.TRUE_FALSE or key.casefold() in ("true", "false"):
            texts, whys, marks = list(TRUE_FALSE), [""] * 2, [yes_or_no(key), not yes_or_no(key)]
            key = ""
    used = set(columns.values())
    spare = {
        (header[place].strip() if place < len(header) else "") or f"column {place + 1}": cell.strip()
        for place, cell in enumerate(cells)
        if place not in used and cell.strip()
    }
    return Question(said["stem"], tuple(texts), tuple(whys), tuple(marks), key, said, spare)


def _joined(keys: Sequence[str]) -> str:
    """Several cells of right answers as one: letters and numbers with commas, texts one a line."""
    held = [key for key in keys if key]
    return (", " if all(len(key) <= _SHORT for key in held) else "\n").join(held)


def _options(said: dict[str, str]) -> tuple[list[str], list[str], list[bool | None]]:
    """Texts, feedback and marks of the options; empty ones keep their place, for keys count them."""
    if "options" in said:
        texts = split_options(said["options"])
        return texts, [""] * len(texts), [None] * len(texts)
    wrong = [text for field, text in said.items() if field.startswith("wrong ") and text]
    numbered = sorted(int(field[7:]) for field in said if field.startswith("option "))
    if wrong and not any(said[f"option {n}"] for n in numbered):
        wrong = split_options(wrong[0]) if len(wrong) == 1 else wrong
        right = [said["key"]] if said.get("key") else []
        shown: list[bool | None] = [*([True] * len(right)), *([False] * len(wrong))]
        return right + wrong, [""] * len(shown), shown
    last = max((n for n in numbered if said[f"option {n}"]), default=0)
    texts = [said.get(f"option {n}", "") for n in range(1, last + 1)]
    whys = [said.get(f"why {n}", "") for n in range(1, last + 1)]
    flagged = any(field.startswith("correct ") for field in said)
    marks = [yes_or_no(said.get(f"correct {n}", "")) if flagged else None for n in range(1, last + 1)]
    return texts, whys, marks


def made(at: Place, row: Question, numbering: Numbering, image: Image) -> Found | Skipped | Fault:
    """The question of a row, or why there is none."""
    kind = kind_of(row.cells.get("type", ""))
    if kind is Kind.MULTIPLE and any(field.startswith("wrong ") for field in row.cells):
        kind = Kind.CHOICE  # "multiple" beside one right and several wrong answers is multiple choice
    if kind is Kind.OTHER:
        return Skipped(at, f"{row.cells['type'].strip()[:60].casefold()} questions are not delivered")
    if not any(row.texts):
        if not row.stem:
            return broken(at, "empty-row", "the row has neither a question nor options")
        return Skipped(at, "questions without options (short answer, essay) are not delivered")
    keys, notes = _keys(row, numbering)
    gathered = Gathered()
    written = row.cells.get("format", "")

    def take(text: str) -> str:
        return gathered.take(text_of(text, written, image))

    texts = row.texts if written == AS_IT_IS else unlettered(row.texts)
    options = tuple(
        FoundOption(take(text), place in keys, take(why))
        for place, (text, why) in enumerate(zip(texts, row.whys, strict=True))
    )
    multiple = len(keys) > 1 or kind is Kind.MULTIPLE
    if len(keys) > 1 and kind in (Kind.SINGLE, Kind.TRUE_FALSE):
        message = f"the type says one right option, the key {len(keys)}; it was read as multiple-answer"
        notes.append(("type-contradiction", message))
    choose = row.cells.get("choose", "")
    categories = sorted(field for field in row.cells if field.startswith("category "))
    return Found(
        at,
        "\n\n".join(take(text) for text in (row.cells.get("scenario", ""), row.stem) if text),
        options,
        multiple,
        title=row.cells.get("title", ""),
        ident=row.cells.get("id", ""),
        feedback=take(row.cells.get("explanation", "")),
        category=tuple(part for field in categories for part in split_category(row.cells[field], written)),
        tags=split_tags(row.cells.get("tags", "")),
        choose=int(choose) if choose.isascii() and choose.isdecimal() and len(choose) == 1 else None,
        shuffle=yes_or_no(row.cells.get("shuffle", "") or "yes") is not False,
        unmapped={**gathered.unmapped, **row.unmapped},
        notes=(*notes, *suspects(row), *gathered.notes),
    )


def _keys(row: Question, numbering: Numbering) -> tuple[frozenset[int], list[tuple[str, str]]]:
    if any(mark is not None for mark in row.marks):
        marked = frozenset(place for place, mark in enumerate(row.marks) if mark)
        said = chosen(row.key, row.texts, meaning=numbering.meaning)
        return marked, [DISAGREE] if marked and said and said != marked else []
    folded = [text.casefold() for text in row.texts]
    if sorted(folded) == ["false", "true"] and row.key.casefold() in ("t", "f", "y", "n", "yes", "no"):
        return frozenset((folded.index("true" if yes_or_no(row.key) else "false"),)), []
    if row.cells.get("format") != AS_IT_IS and doubtful(row.key, row.texts, numbering):
        return frozenset(), [ambiguous(row.key)]
    found = chosen(row.key, row.texts, meaning=numbering.meaning)
    if found is None:
        return frozenset(), [
            ("unknown-answer", f"the answer {row.key[:80]!r} names none of the options for certain")
        ]
    if any(not row.texts[place] for place in found):
        named = ", ".join(str(place + 1) for place in sorted(found) if not row.texts[place])
        return found, [("empty-key", f"the answer {row.key[:80]!r} names option {named}, which is empty")]
    return found, []


def suspects(row: Question) -> list[tuple[str, str]]:
    """What a spreadsheet seems to have done to cells: dates, shortened numbers, errors of formulas."""
    found = []
    dates = [text for text in row.texts if _DATE.fullmatch(text)]
    if dates and len(dates) < len([text for text in row.texts if text]):
        found.append(_suspect("date", dates))
    if _DATE.fullmatch(row.key):
        found.append(_suspect("date", [row.key]))
    if shortened := [text for text in row.texts if _SHORTENED.fullmatch(text)]:
        found.append(_suspect("shortened number", shortened))
    if errors := [text for text in (row.stem, *row.texts, row.key) if _ERROR.fullmatch(text)]:
        found.append(
            ("spreadsheet-error", f"{errors[0]!r} is the error of a formula, not a text; mend the cell")
        )
    return found


def _suspect(what: str, cells: list[str]) -> tuple[str, str]:
    shown = ", ".join(repr(cell[:40]) for cell in cells[:5])
    return "spreadsheet-change", (
        f"{shown}: a spreadsheet seems to have made a {what} of what was typed (such as 1-2); compare the original"
    )
