"""A candidate's own result file: rounded, with intervals, never certain."""

from __future__ import annotations

import json

import pytest

from app.exam.gains import Kind
from app.exam.guess import Compared
from app.exam.result_file import GAIN_COLUMNS, gain_lines, plain_guess, plain_meaning
from tests.exam.test_meaning import FORM, means


def title(kind: Kind | None, name: str) -> str:
    """A title that tells what it is of."""
    return f"{kind or 'domain'}: {name}"


@pytest.mark.parametrize("right", [0, 30, 54, len(FORM.positions)])
def test_no_chance_is_certain_and_every_number_is_one_that_json_has(right: int) -> None:
    found = plain_meaning(means(right), title)
    again = found["passing_again"]
    assert 0.01 <= again["low"] <= again["chance"] <= again["high"] <= 0.99
    json.dumps(found, allow_nan=False)


def test_the_table_has_what_the_document_has() -> None:
    meaning = means(30)
    lines = list(gain_lines(meaning, title))
    assert all(tuple(line) == GAIN_COLUMNS for line in lines)
    domains = [line for line in lines if line["kind"] == "domain"]
    assert [(one["domain"], one["to_gain"]) for one in domains] == [
        (one["id"], one["to_gain"]["points"]) for one in plain_meaning(meaning, title)["domains"]
    ]
    assert {line["kind"] for line in lines} == {"domain", "topic", "service"}


def test_half_a_guess_is_half_told() -> None:
    assert plain_guess(None, None) is None
    sure = plain_guess(0.8, None)
    assert sure == {"sure_to_pass": 0.8, "score": None, "points_too_many": None, "verdict": None}
    score = plain_guess(None, Compared(700, 740, None, None))
    assert score
    assert (score["points_too_many"], score["verdict"]) == (-40, "no band to hold it against")
