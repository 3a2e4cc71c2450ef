"""CSV in which a question is several rows, each with its kind of line first, as Brightspace takes it.

    NewQuestion,MC
    QuestionText,Which signal helps in fog?
    Option,100,The long horn,,It carries far.
    Option,0,The flag

`Option` has the share of the marks in per cent (MC) or 1 and 0 (MS); `TRUE` and `FALSE` are the options of TF. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice

from app.exam.faults import Fault, Place
from app.formats.drafts import MAX_QUESTIONS, Found, FoundOption, assemble, broken, too_many_options
from app.formats.loose import text_of
from app.formats.markup import Gathered
from app.formats.media import Image, Media
from app.formats.reading import Reading, Skipped
from app.formats.source import Source
from app.formats.table import Row

_NEW = "newquestion"
_LOOKED_AT = 30
_WIDTH = 5
_KINDS = {
    "wr": "written-response",
    "sa": "short-answer",
    "m": "matching",
    "o": "ordering",
    "fib": "fill-in-the-blank",
    "msa": "multi-short-answer",
}
_TRUTHS = ("true", "false")
FULL = 100.0


def is_records(rows: Iterable[Row]) -> bool:
    """Whether a question begins in one of the first rows."""
    return any(_cells(row)[0] == _NEW for row in islice(rows, _LOOKED_AT))


def read_records(
    format_name: str,
    given: Source,
    file: str,
    rows: Iterable[Row],
    image: Image,
    faults: Iterable[Fault],
    media: Media,
) -> Reading:
    """The reading of all questions of a file, whose images are found by `image` and held in `media`."""
    found: list[Found] = []
    skipped: list[Skipped] = []
    noted = list(faults)
    for number, lines in enumerate(islice(_questions(rows), MAX_QUESTIONS + 1), 1):
        at = Place(file, lines[0].line)
        kind = _cells(lines[0])[1].strip().lower()
        problem = next((line.problem for line in lines if line.problem), None)
        if problem:
            noted.append(broken(at, *problem))
        elif kind not in ("mc", "ms", "tf"):
            skipped.append(Skipped(at, f"{_KINDS.get(kind, kind[:60])} questions are not delivered"))
        elif excess := too_many_options(sum(_cells(line)[0] == "option" for line in lines)):
            noted.append(broken(at, *excess))
        else:
            found.append(_found(at, number, lines, image, multiple=kind == "ms"))
    return assemble(format_name, given, found, skipped, noted, media.files)


def _cells(row: Row) -> list[str]:
    """The cells of a row, the kind of the line in small letters, and empty ones where there are too few."""
    cells = [*row.cells, *[""] * _WIDTH]
    return [cells[0].strip().lower(), *cells[1:]]


def _questions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows of each question; what stands above the first is a remark."""
    held: list[Row] = []
    for row in rows:
        if _cells(row)[0] == _NEW:
            if held:
                yield held
            held = [row]
        elif held:
            held.append(row)
    if held:
        yield held


def _found(at: Place, number: int, lines: list[Row], image: Image, *, multiple: bool) -> Found:
    gathered = Gathered()
    said: dict[str, list[str]] = {}
    options: list[tuple[float, str, str]] = []

    def take(text: str, written: str = "") -> str:
        return gathered.take(text_of(text.strip(), written, image))

    for line in lines[1:]:
        name, *cells = _cells(line)
        if name == "option":
            options.append((_marks(cells[0]), take(cells[1], cells[2]), take(cells[3], cells[4])))
        elif name in _TRUTHS:
            options.append((_marks(cells[0]), name.capitalize(), take(cells[1], cells[2])))
        else:
            said.setdefault(name, cells)
    best = max((marks for marks, _, _ in options), default=0.0)
    partial = not multiple and any(0 < marks < best for marks, _, _ in options)
    stem = [take(*said["questiontext"][:2])] if "questiontext" in said else []
    if (picture := said.get("image", [""])[0].strip()) and stem:
        stem.append(gathered.take(text_of(f"![]({picture})", "markdown", image)))
    return Found(
        at,
        "\n\n".join(filter(None, stem)),
        tuple(
            FoundOption(text, marks > 0 and (multiple or marks == best), why, marks if partial else None)
            for marks, text, why in options
        ),
        multiple,
        locator=f"question {number}",
        title=said.get("title", [""])[0].strip(),
        ident=said.get("id", [""])[0].strip(),
        feedback=take(*said["feedback"][:2]) if "feedback" in said else "",
        unmapped={**gathered.unmapped, "hint": said.get("hint", [""])[0].strip()},
        notes=tuple(gathered.notes),
    )


def _marks(cell: str) -> float:
    try:
        marks = float(cell.strip().removesuffix("%").replace(",", "."))
    except ValueError:
        return 0.0
    return min(marks, FULL) if math.isfinite(marks) else 0.0
