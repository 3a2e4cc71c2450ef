"""One's own results as files."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from app.exam.person import Role
from app.exam.result_file import GAIN_COLUMNS
from app.store import parameters
from tests import packs
from tests.journeys.world import Sitting, World
from tests.packs import NOON

NAMES = ["result.json", "answers.csv", "gains.csv"]


@pytest.fixture
def measured(fresh_world: World) -> World:
    """A world whose exams are measured by their ratings."""
    with fresh_world.database.writing() as tx:
        for exam in packs.pack().exams:
            parameters.follow_pack(tx, exam, lambda: packs.pack().items, "1.0.0", NOON)
    return fresh_world


@pytest.fixture
def ended(world: World) -> Sitting:
    """An attempt that ended with its first answer right, its second wrong, and no other."""
    sitting = world.browser().start()
    sitting.save(1, sitting.tokens(1, right=True))
    sitting.save(2, sitting.tokens(2, right=False))
    sitting.end()
    return sitting


def test_the_result_says_what_the_report_says(ended: Sitting) -> None:
    answer = ended.browser.get(f"{ended.report}/result.json")
    document = answer.json()
    assert answer.headers["content-disposition"].startswith("attachment;")
    (made,) = document["scores"]
    assert f"with {made['scaled']} of" in ended.browser.get(ended.report).text
    assert (made["right"], made["of"], made["unanswered"]) == (1, ended.length, ended.length - 2)
    assert [one["result"] for one in document["answers"]][:3] == ["right", "wrong", "unanswered"]
    assert sum(domain["of"] for domain in made["domains"]) == ended.length


def test_what_was_expected_stands_beside_what_came(measured: World) -> None:
    sitting = measured.browser().start(expected="80", expected_score="950")
    sitting.answer(2)
    sitting.end()
    document = sitting.browser.get(f"{sitting.report}/result.json").json()
    (made,) = document["scores"]
    assert document["expected"] == {
        "sure_to_pass": 0.8,
        "score": 950,
        "points_too_many": 950 - made["scaled"],
        "verdict": "overestimated",
    }


def test_who_expected_nothing_has_none(ended: Sitting) -> None:
    assert ended.browser.get(f"{ended.report}/result.json").json()["expected"] is None


def test_the_meaning_has_an_interval_with_each_figure(measured: World) -> None:
    sitting = measured.browser().start()
    sitting.answer(3)
    sitting.end()
    document = sitting.browser.get(f"{sitting.report}/result.json").json()
    means = document["meaning"]
    assert means["band"]["low"] <= document["scores"][-1]["scaled"] <= means["band"]["high"]
    again = means["passing_again"]
    assert 0.01 <= again["low"] <= again["chance"] <= again["high"] <= 0.99
    assert sum(domain["new"] for domain in means["domains"]) == sitting.length
    for gain in found_gains(means):
        assert 0 <= gain["low"] <= gain["points"] <= gain["high"]
        assert gain["level"] == 0.8
        assert round(gain["points"], 1) == gain["points"]


def found_gains(means: dict[str, Any]) -> list[dict[str, Any]]:
    """The points to gain of every domain, topic and service."""
    parts = [part for domain in means["domains"] for kind in ("topics", "services") for part in domain[kind]]
    return [one["to_gain"] for one in [*means["domains"], *parts]]


def test_the_points_to_gain_are_a_table_too(measured: World) -> None:
    sitting = measured.browser().start()
    sitting.answer(2)
    sitting.end()
    means = sitting.browser.get(f"{sitting.report}/result.json").json()["meaning"]
    lines = list(csv.DictReader(io.StringIO(sitting.browser.get(f"{sitting.report}/gains.csv").text)))
    assert [float(line["to_gain"]) for line in lines] == [gain["points"] for gain in in_order(means)]
    assert {line["kind"] for line in lines} >= {"domain", "topic"}


def in_order(means: dict[str, Any]) -> list[dict[str, Any]]:
    """The points to gain in the order of the table."""
    whole = [[one, *one["topics"], *one["services"]] for one in means["domains"]]
    return [one["to_gain"] for lines in whole for one in lines]


def test_a_form_that_nothing_measures_has_scores_and_no_meaning(fresh_world: World) -> None:
    ended = fresh_world.browser().start()
    ended.end()
    assert ended.browser.get(f"{ended.report}/result.json").json()["meaning"] is None
    assert ended.browser.get(f"{ended.report}/gains.csv").text.splitlines() == [",".join(GAIN_COLUMNS)]


def test_the_answers_are_a_table(ended: Sitting) -> None:
    lines = list(csv.DictReader(io.StringIO(ended.browser.get(f"{ended.report}/answers.csv").text)))
    assert [line["result"] for line in lines[:3]] == ["right", "wrong", "unanswered"]
    assert set(lines[0]["chosen"]) <= set("ABCDEF")
    assert lines[0]["chosen"]
    assert lines[2]["chosen"] == ""


@pytest.mark.parametrize("name", NAMES)
def test_nobody_else_gets_them(world: World, ended: Sitting, name: str) -> None:
    assert world.visitor(Role.CANDIDATE).get(f"{ended.report}/{name}").status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_x03_there_is_no_result_before_the_end(world: World, name: str) -> None:
    sitting = world.browser().start()
    assert sitting.browser.get(f"{sitting.report}/{name}").status_code == 303
