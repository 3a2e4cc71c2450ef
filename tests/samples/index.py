"""The index of a folder of samples: INDEX.tsv, with a line for each file and what it holds.

| column | what it says |
|---|---|
| `format` | what the file is, as whoever collected it calls it |
| `file` | its path in the folder |
| `items` | how many questions are in it |
| `single`, `truefalse`, `multiple` | how many of these have one right answer, are true or false, have several |
| `unsupported` | how many are of kinds that are not delivered |

Other columns are for people.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

INDEX = "INDEX.tsv"


@dataclass(frozen=True, slots=True)
class Sample:
    """A line of the index. `expected` counts all questions, those with one right answer, with several, left out."""

    format: str
    file: str
    path: Path
    expected: tuple[int, int, int, int]


def samples(folder: Path) -> list[Sample]:
    """The samples of a folder, in the order of its index; files that are not there are left out."""
    with (folder / INDEX).open(encoding="utf-8", newline="") as index:
        lines = list(csv.DictReader(index, delimiter="\t"))
    return [
        Sample(line["format"], line["file"], folder / line["file"], _expected(line))
        for line in lines
        if (folder / line["file"]).exists()
    ]


def _expected(line: dict[str, str]) -> tuple[int, int, int, int]:
    def number(column: str) -> int:
        return int(line.get(column) or 0)

    return (
        number("items"),
        number("single") + number("truefalse"),
        number("multiple"),
        number("unsupported"),
    )
