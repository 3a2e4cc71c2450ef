"""The bank page and the page of one item: sorting, filters, CSV, alarms, and never a NaN."""

from __future__ import annotations

import csv
import io
import itertools
import re
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exam.item_analysis import Bin, Line
from app.exam.person import Role
from app.pages.items import Choice, as_csv, fitting, sort
from app.pages.trace_plot import BOTTOM, LABEL_HEIGHT, TOP, spread_out, trace_plot
from tests.analyses import analysed, line
from tests.finite import shown_as_no_number
from tests.journeys.world import Browser, World
from tests.packs import PILOTED, SHORT, item

PATH = f"/exams/{SHORT}/items"


def instructor(world: World) -> tuple[Browser, list[Line]]:
    """An instructor's browser, and the lines of a made analysis."""
    return world.visitor(Role.INSTRUCTOR), analysed(world.database, SHORT, world.clock.now())


def rows(page: str) -> list[str]:
    """The ids of the items on a bank page, in its order."""
    return re.findall(r'<th scope="row"><a href="[^"]*/items/\d+"><code>(\w+)</code>', page)


def test_before_the_first_analysis_the_page_says_what_to_do(world: World) -> None:
    page = world.visitor(Role.INSTRUCTOR).get(f"/exams/{PILOTED}/items").text
    assert "No responses have been analysed yet" in page
    assert f'href="/exams/{PILOTED}/measurement"' in page


def test_the_bank_says_how_many_responses_it_rests_on(world: World) -> None:
    browser, lines = instructor(world)
    page = browser.get(PATH).text
    assert rows(page) == sorted(one.item for one in lines)
    assert "1,800 first-seen responses in 300 strict mocks of 290 candidates" in page
    assert "below 100 responses" in page


def test_sorting_puts_what_has_no_figure_last_either_way(world: World) -> None:
    browser, lines = instructor(world)
    unknown = {one.item for one in lines if one.p is None}
    for query in ("?sort=p", "?sort=p&down=1"):
        found = rows(browser.get(PATH + query).text)
        assert set(found[-len(unknown) :]) == unknown
    known = [one.item for one in sorted(lines, key=lambda one: one.p or 0) if one.p is not None]
    assert found[: len(known)] == known[::-1]


def test_flagged_items_are_found_with_the_rule_in_words(world: World) -> None:
    browser, lines = instructor(world)
    page = browser.get(PATH + "?flag=key-check").text
    assert rows(page) == [lines[0].item]
    assert "Choosing a distractor surely goes with a better result" in page


def test_filters_go_together_and_a_value_nobody_knows_finds_nothing(world: World) -> None:
    browser, lines = instructor(world)
    first = lines[0]
    query = f"?domain={first.domain}&topic=light&text={first.item[:6]}&status=ready"
    assert rows(browser.get(PATH + query).text) == [first.item]
    page = browser.get(PATH + "?domain=D9").text
    assert rows(page) == []
    assert "No item fits" in page


def test_the_csv_has_every_figure_of_what_the_page_shows(world: World) -> None:
    browser, lines = instructor(world)
    answer = browser.get(f"{PATH}.csv?flag=any")
    assert answer.headers["content-disposition"] == f'attachment; filename="{SHORT}-items.csv"'
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert list(row) == [field.name for field in fields(Line)]
    assert (row["item"], row["flags"]) == (lines[0].item, "key-check weak")
    assert float(row["b"]) == lines[0].b


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_b12_a_spreadsheet_takes_no_text_for_a_formula(start: str) -> None:
    one = replace(line(item("a"), 1, 0), opening=f'{start}HYPERLINK("x")', b=-1.5)
    (row,) = csv.DictReader(io.StringIO(as_csv([one]), newline=""))
    assert row["opening"] == f"'{one.opening}"
    assert row["b"] == "-1.5"


def test_earlier_versions_come_only_when_asked_for() -> None:
    now, before = line(item("a"), 2, 0), replace(line(item("a"), 1, 0), current=False)
    assert fitting([now, before], Choice()) == [now]
    assert fitting([now, before], Choice(status="earlier")) == [before]


def test_an_unknown_column_sorts_by_item() -> None:
    lines = [line(item(code), place, place) for place, code in enumerate("cab")]
    assert sort(lines, Choice(sort="nothing")) == sorted(lines, key=lambda one: one.item)


def test_a_distractor_that_draws_the_better_candidates_raises_the_alarm(world: World) -> None:
    browser, lines = instructor(world)
    alarmed = browser.get(f"{PATH}/{lines[0].item_version_id}").text
    calm = browser.get(f"{PATH}/{lines[1].item_version_id}").text
    assert '<h2 id="alarm">Check the key</h2>' in alarmed
    assert re.search(r"Option [DE] draws the better candidates: .* r = 0.31, on 240 responses", alarmed)
    assert 'id="alarm"' not in calm


def test_the_item_page_shows_its_figures_and_its_neighbour(world: World) -> None:
    browser, lines = instructor(world)
    page = browser.get(f"{PATH}/{lines[1].item_version_id}").text
    assert "37% (30% to 90%)" in page
    assert "polyline" in page
    assert f'href="{PATH}/{lines[-1].item_version_id}"' in page
    assert "reads slowly" in page


def test_an_item_the_analysis_does_not_know_is_shown_without_figures(world: World) -> None:
    browser, lines = instructor(world)
    page = browser.get(f"/exams/{PILOTED}/items/{lines[0].item_version_id}").text
    assert "No responses have been analysed yet" in page
    assert lines[0].item in page


def test_an_item_of_nowhere_is_not_found(world: World) -> None:
    browser, lines = instructor(world)
    assert browser.get(f"{PATH}/{2**40}").status_code == 404
    assert browser.get(f"/exams/nowhere/items/{lines[0].item_version_id}").status_code == 404


def test_no_page_says_nan_or_none(world: World) -> None:
    browser, lines = instructor(world)
    paths = [PATH, f"{PATH}.csv", *(f"{PATH}/{one.item_version_id}" for one in lines[:6])]
    for path in paths:
        assert shown_as_no_number(browser.get(path).text) == [], path


def test_a_negative_page_is_refused(world: World) -> None:
    browser, _ = instructor(world)
    assert browser.get(f"{PATH}?start=-1").status_code == 422


@given(st.lists(st.floats(TOP, BOTTOM), min_size=1, max_size=11))
def test_labels_never_overlap(heights: list[float]) -> None:
    made = sorted(spread_out(heights))
    assert all(b - a >= LABEL_HEIGHT - 1e-6 for a, b in itertools.pairwise(made))
    assert made[-1] <= BOTTOM + 1e-6


shares = st.floats(0, 1)


@given(st.lists(st.tuples(st.floats(-4, 4), shares, shares), max_size=12))
def test_a_plot_is_drawn_of_finite_numbers_or_not_at_all(points: list[tuple[float, float, float]]) -> None:
    bins = [
        Bin(ability, 50, right, 0.0, 1.0, curve, (right, 1 - right), (0.0, 0.0), (1.0, 1.0))
        for ability, right, curve in sorted(points)
    ]
    plot = trace_plot(bins, [("A", True), ("B", False)])
    if plot is None:
        return
    for trace in plot.traces:
        for point in trace.points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 1000
            assert TOP <= y <= BOTTOM
    assert plot.ticks
