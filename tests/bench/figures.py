"""Figures, and the table that they are printed as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.meter import Spread


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured. `spread` is in `unit`; `ceiling` the same of the bare callable, if it has one."""

    what: str
    database: str
    unit: str
    spread: Spread
    target: str = ""
    ceiling: Spread | None = None
    note: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def markdown(figures: Iterable[Figure]) -> str:
    """A Markdown table."""
    head = (
        "What",
        "Database",
        "Unit",
        "Least",
        "Median",
        "Mean",
        "p95",
        "Target",
        "Ceiling",
        "Ratio",
        "Note",
    )
    rows = [_cells(figure) for figure in figures]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [head, tuple("-" * width for width in widths), *rows]
    return "\n".join(
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines
    )


def _cells(figure: Figure) -> Sequence[str]:
    got, ceiling = figure.spread, figure.ceiling
    return (
        figure.what,
        figure.database,
        figure.unit,
        _number(got.least),
        _number(got.median),
        _number(got.mean),
        _number(got.p95),
        figure.target,
        "" if ceiling is None else _number(ceiling.median),
        "" if ceiling is None else f"{got.median / ceiling.median:.2f}",
        figure.note,
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 1 else f"{value:.3f}"
