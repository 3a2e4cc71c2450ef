"""Plots as SVG files that stand alone: on paper of their own, light or dark, told apart without colour.

Coordinates are rounded to a tenth of a pixel, so that the same figures give the same file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import numpy as np

from app.psychometrics.irt import Floats

FONT = 13
STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; fill: #33363a; }
.title { font-weight: 600; fill: #1b1d20; }
.end { text-anchor: end; } .middle { text-anchor: middle; }
.paper { fill: #fbfbf8; } .grid { stroke: #dcdcd4; } .axis { stroke: #1b1d20; }
.wide { fill: #c9cac5; } .narrow { fill: #8d908b; }
.line { fill: none; stroke: #1b1d20; stroke-width: 1.6; }
.dashed { fill: none; stroke: #1b1d20; stroke-width: 1.6; stroke-dasharray: 7 4; }
.cut { stroke: #1d4f80; stroke-width: 2; } .cut-label { fill: #1d4f80; font-weight: 600; }
.limit { stroke: #1b1d20; stroke-width: 2.5; } .dot { fill: none; stroke: #33363a; }
@media (prefers-color-scheme: dark) {
text { fill: #c9c8c3; } .title { fill: #e5e3dd; }
.paper { fill: #15171a; } .grid { stroke: #33373c; } .axis { stroke: #e5e3dd; }
.wide { fill: #3c4147; } .narrow { fill: #6e747b; }
.line, .dashed, .limit { stroke: #f2f0ea; } .dot { stroke: #c9c8c3; }
.cut { stroke: #93bdea; } .cut-label { fill: #93bdea; }
}
"""


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, with ticks written with so many `digits`."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """Between two lines, all (n,). `style`: wide or narrow."""

    name: str
    x: Floats
    low: Floats
    high: Floats
    style: str = "wide"


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points (n,). `style`: line or dashed."""

    name: str
    x: Floats
    y: Floats
    style: str = "line"


@dataclass(frozen=True, slots=True)
class Dots:
    """Points (n,)."""

    name: str
    x: Floats
    y: Floats


@dataclass(frozen=True, slots=True)
class Limits:
    """An upright bar from `low` to `high` at each x (n,)."""

    name: str
    x: Floats
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Panel:
    """Axes with series in them, at a place in pixels; `cut` is an upright line with its label, if any."""

    title: str
    across: Axis
    up: Axis
    series: tuple[Band | Line | Dots | Limits, ...]
    left: float
    top: float
    width: float
    height: float
    cut: tuple[float, str] | None = None

    def x(self, values: Floats) -> Floats:
        """Where values of the axis across are, in pixels."""
        return self.left + self.width * (values - self.across.low) / (self.across.high - self.across.low)

    def y(self, values: Floats) -> Floats:
        """Where values of the upright axis are, in pixels."""
        return self.top + self.height * (self.up.high - values) / (self.up.high - self.up.low)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole file: `title` and `description` are read aloud, the panels are seen."""

    title: str
    description: str
    panels: tuple[Panel, ...]
    width: int
    height: int


def svg(drawing: Drawing) -> str:
    """The drawing as a file. ValueError when a series has anything but numbers."""
    inside = "\n".join(line for number, panel in enumerate(drawing.panels) for line in _panel(panel, number))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" '
        f'width="{drawing.width}" height="{drawing.height}" role="img" aria-labelledby="title desc">\n'
        f'<title id="title">{escape(drawing.title)}</title>\n'
        f'<desc id="desc">{escape(drawing.description)}</desc>\n'
        f"<style>{STYLE}</style>\n"
        f'<rect class="paper" width="{drawing.width}" height="{drawing.height}"/>\n'
        f"{inside}\n</svg>\n"
    )


def _panel(panel: Panel, number: int) -> Iterator[str]:
    right, bottom = panel.left + panel.width, panel.top + panel.height
    yield _text(panel.left, panel.top - 12, panel.title, "title")
    for tick, y in zip(panel.up.ticks, panel.y(np.array(panel.up.ticks)).tolist(), strict=True):
        yield f'<line class="grid" x1="{panel.left:g}" x2="{right:g}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(panel.left - 8, y + 4, _figure(tick, panel.up.digits), "end")
    yield (
        f'<clipPath id="inside{number}"><rect x="{panel.left:g}" y="{panel.top:g}" '
        f'width="{panel.width:g}" height="{panel.height:g}"/></clipPath>'
    )
    yield f'<g clip-path="url(#inside{number})">'
    for series in panel.series:
        yield from _series(panel, series)
    yield "</g>"
    yield f'<line class="axis" x1="{panel.left:g}" x2="{right:g}" y1="{bottom:g}" y2="{bottom:g}"/>'
    for tick, x in zip(panel.across.ticks, panel.x(np.array(panel.across.ticks)).tolist(), strict=True):
        yield f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom:g}" y2="{bottom + 5:g}"/>'
        yield _text(x, bottom + 19, _figure(tick, panel.across.digits), "middle")
    yield _text(panel.left + panel.width / 2, bottom + 38, panel.across.label, "middle")
    if panel.cut is not None:
        at, label = panel.cut
        x = float(panel.x(np.array(at)))
        yield f'<line class="cut" x1="{x:.1f}" x2="{x:.1f}" y1="{panel.top:g}" y2="{bottom:g}"/>'
        yield _text(x + 6, panel.top + FONT, label, "cut-label")


def _series(panel: Panel, series: Band | Line | Dots | Limits) -> Iterator[str]:
    x = panel.x(series.x)
    yield f'<g data-series="{escape(series.name)}"><title>{escape(series.name)}</title>'
    if isinstance(series, Band):
        there, back = _points(x, panel.y(series.high)), _points(x[::-1], panel.y(series.low)[::-1])
        yield f'<polygon class="{series.style}" points="{there} {back}"/>'
    elif isinstance(series, Line):
        yield f'<polyline class="{series.style}" points="{_points(x, panel.y(series.y))}"/>'
    elif isinstance(series, Dots):
        for point in _points(x, panel.y(series.y)).split():
            across, _, up = point.partition(",")
            yield f'<circle class="dot" cx="{across}" cy="{up}" r="2.4"/>'
    else:
        low, high = (float(panel.y(np.array(value))) for value in (series.low, series.high))
        for across in x.tolist():
            yield f'<line class="limit" x1="{across:.1f}" x2="{across:.1f}" y1="{low:.1f}" y2="{high:.1f}"/>'
    yield "</g>"


def _points(x: Floats, y: Floats) -> str:
    if not np.all(np.isfinite(x) & np.isfinite(y)):
        raise ValueError("a plot has no place for what is no number")
    return " ".join(f"{across:.1f},{up:.1f}" for across, up in zip(x.tolist(), y.tolist(), strict=True))


def _text(x: float, y: float, words: str, style: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _figure(value: float, digits: int) -> str:
    return f"{value + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def ticks(low: float, high: float, step: float) -> tuple[float, ...]:
    """Whole multiples of a step between two ends, both included."""
    return tuple((np.arange(round(low / step), round(high / step) + 1) * step).tolist())
