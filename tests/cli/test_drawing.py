"""SVG plots: well-formed, readable aloud, every point in its place, and nothing that is no number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.drawing import Axis, Band, Dots, Drawing, Limits, Line, Panel, svg, ticks
from tests.cli.drawn import series, words

X = np.array([0.0, 1.0, 2.0])


def drawing(*shown: Band | Line | Dots | Limits, title: str = "A title") -> Drawing:
    """One panel of 100 by 50 pixels, from 0 to 2 across and from 0 to 10 up."""
    panel = Panel(
        title, Axis("x", 0, 2, (0, 1, 2)), Axis("y", 0, 10, (0, 10)), shown, 20, 30, 100, 50, (1, "cut")
    )
    return Drawing(title, "What it shows", (panel,), 200, 120)


def test_points_are_where_their_values_say() -> None:
    shown = series(svg(drawing(Line("line", X, np.array([0.0, 5.0, 10.0])))))
    assert shown["line"].tolist() == [[20, 80], [70, 55], [120, 30]]


def test_a_band_goes_there_and_back() -> None:
    shown = series(svg(drawing(Band("band", X, X, X + 5))))
    assert shown["band"].tolist() == [[20, 55], [70, 50], [120, 45], [120, 70], [70, 75], [20, 80]]


def test_dots_and_limits_are_as_many_as_their_values() -> None:
    shown = series(svg(drawing(Dots("dots", X, X), Limits("limits", X, 1, 2))))
    assert [len(points) for points in shown.values()] == [3, 3]


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_no_number_is_refused(wrong: float) -> None:
    for one in (Line("line", X, X + wrong), Dots("dots", X, X + wrong), Band("band", X, X, X + wrong)):
        with pytest.raises(ValueError, match="no number"):
            svg(drawing(one))


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"])))
def test_words_stay_words(title: str) -> None:
    assert words(svg(drawing(title=title))) == (title, "What it shows")


def test_ticks_are_whole_multiples() -> None:
    assert ticks(-1, 1, 0.5) == (-1, -0.5, 0, 0.5, 1)
