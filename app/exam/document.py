"""A report as values: sections of sentences, facts, tables and what is missing; a page and Markdown show it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

NOTHING = "\N{EN DASH}"
"""What stands where there is no figure."""

_SIGNS = re.compile(r"([\\`*_\[\]<>|#~&])")


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` of as many cells as `head`; the first is the row's name. `words`: columns of text, not of figures."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Plot:
    """A line through points (x, y), and a mark at `at`; the section's table has the same figures."""

    description: str
    points: tuple[tuple[float, float], ...]
    at: float
    at_label: str


@dataclass(frozen=True, slots=True)
class Section:
    """`facts` are pairs of name and value; `missing` says what is not known and what to do about it."""

    title: str
    text: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    plot: Plot | None = None
    missing: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its title as part of an address."""
        return re.sub(r"\W+", "-", self.title.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report."""

    title: str
    lead: str
    sections: tuple[Section, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """All that is missing."""
        return tuple(sentence for section in self.sections for sentence in section.missing)


def fixed(value: float | None, digits: int = 2) -> str:
    """A figure with so many digits after the point, and no minus before zero."""
    return NOTHING if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def share(value: float | None) -> str:
    """A share of one in per cent."""
    return NOTHING if value is None else f"{value:.0%}".replace("%", " %")


def counted(count: int, word: str) -> str:
    """So many of something: "1 item", "2,000 items"."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def markdown(report: Report) -> str:
    """The report as one Markdown text. Whatever its words are, they stay words."""
    parts = [f"# {_plain(report.title)}", _plain(report.lead)]
    for section in report.sections:
        parts += [f"## {_plain(section.title)}", *map(_plain, section.text)]
        if section.facts:
            parts.append("\n".join(f"- {_plain(name)}: {_plain(value)}" for name, value in section.facts))
        for table in section.tables:
            parts += [f"**{_plain(table.caption)}**", "\n".join(_table(table))]
        if section.missing:
            parts.append("\n".join(f"- **Missing:** {_plain(sentence)}" for sentence in section.missing))
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> Iterator[str]:
    yield _row(table.head)
    places = range(len(table.head))
    yield _row(["---" if place == 0 or place in table.words else "--:" for place in places], escaped=True)
    for row in table.rows:
        yield _row(row)


def _row(cells: Sequence[str], *, escaped: bool = False) -> str:
    return "| " + " | ".join(cells if escaped else map(_plain, cells)) + " |"


def _plain(text: str) -> str:
    """Text on one line, without a sign that Markdown or HTML would take for its own."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
