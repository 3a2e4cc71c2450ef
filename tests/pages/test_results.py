"""One's own results as files."""

from __future__ import annotations

import csv
import io

import pytest

from app.exam.person import Role
from tests.journeys.world import Sitting, World


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


def test_the_answers_are_a_table(ended: Sitting) -> None:
    lines = list(csv.DictReader(io.StringIO(ended.browser.get(f"{ended.report}/answers.csv").text)))
    assert [line["result"] for line in lines[:3]] == ["right", "wrong", "unanswered"]
    assert set(lines[0]["chosen"]) <= set("ABCDEF")
    assert lines[0]["chosen"]
    assert lines[2]["chosen"] == ""


@pytest.mark.parametrize("name", ["result.json", "answers.csv"])
def test_nobody_else_gets_them(world: World, ended: Sitting, name: str) -> None:
    assert world.visitor(Role.CANDIDATE).get(f"{ended.report}/{name}").status_code == 404


@pytest.mark.parametrize("name", ["result.json", "answers.csv"])
def test_x03_there_is_no_result_before_the_end(world: World, name: str) -> None:
    sitting = world.browser().start()
    assert sitting.browser.get(f"{sitting.report}/{name}").status_code == 303
