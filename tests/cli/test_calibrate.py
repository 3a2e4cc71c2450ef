"""`cutscore calibrate`: the document that scripts rely on, the table, the status, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.conftest import Result, Run
from tests.psychometrics.lsat import as_csv

KEYS = {"id", "a", "b", "c", "se_a", "se_b"}
GUTTMAN = "w,x,y,z,n\n0,0,0,0,9\n1,0,0,0,9\n1,1,0,0,9\n1,1,1,0,9\n1,1,1,1,9\n"
WITH_EXTREMES = "u,v,w,easy,unseen\n" + "".join(
    f"{a},{b},{c},1,\n" * n
    for a, b, c, n in ((1, 1, 1, 9), (1, 0, 0, 6), (0, 1, 0, 5), (0, 0, 1, 7), (0, 0, 0, 8))
)


@pytest.fixture
def lsat(tmp_path: Path) -> Path:
    """Section 6 of the LSAT as a file."""
    return write(tmp_path, as_csv(6))


def write(folder: Path, text: str, name: str = "responses.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def parsed(result: Result) -> dict[str, Any]:
    """The one document on standard output; NaN and infinity are no JSON."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    document: dict[str, Any] = json.loads(result.out, parse_constant=refuse)
    return document


def column(document: dict[str, Any], key: str) -> list[Any]:
    return [item[key] for item in document["items"]]


def test_the_document_is_the_published_one(run: Run, lsat: Path) -> None:
    result = run("calibrate", lsat, "--json")
    assert (result.status, result.err) == (0, "")
    document = parsed(result)
    assert set(document) == {"items", "log_likelihood", "persons", "converged"}
    assert {frozenset(item) for item in document["items"]} == {frozenset(KEYS)}
    assert column(document, "id") == [f"Item {number}" for number in range(1, 6)]
    assert (document["persons"], document["converged"]) == (1000, True)
    assert document["log_likelihood"] == pytest.approx(-2466.653, abs=0.001)
    assert column(document, "b") == pytest.approx([-3.3597, -1.3696, -0.2799, -1.8659, -3.1236], abs=0.005)
    assert column(document, "se_b") == pytest.approx([0.867, 0.307, 0.100, 0.434, 0.870], rel=0.05)
    assert column(document, "c") == [0.0] * 5


def test_the_1pl_has_one_slope(run: Run, lsat: Path) -> None:
    document = parsed(run("calibrate", lsat, "--model", "1pl", "--json"))
    assert column(document, "a") == pytest.approx([np.sqrt(0.570)] * 5, abs=0.003)
    assert len(set(column(document, "se_a"))) == 1


def test_priors_draw_slopes_together(run: Run, lsat: Path) -> None:
    plain, prior = (parsed(run("calibrate", lsat, "--json", *more)) for more in ((), ("--priors",)))
    assert np.std(column(prior, "a")) < np.std(column(plain, "a"))
    assert prior["log_likelihood"] < plain["log_likelihood"]


def test_floors_of_a_file_are_used_and_shown(run: Run, lsat: Path, tmp_path: Path) -> None:
    rows = "".join(f"Item {number},0.2\n" for number in range(5, 0, -1))
    floors = write(tmp_path, f"item,c\n{rows}", "floors.csv")
    result = run("calibrate", lsat, "--priors", "--c", floors, "--json")
    assert result.status == 0
    assert column(parsed(result), "c") == [0.2] * 5


def test_people_get_a_table(run: Run, lsat: Path) -> None:
    result = run("calibrate", lsat)
    assert (result.status, result.err) == (0, "")
    head, *rows, last = result.out.splitlines()
    assert head.split() == ["item", "a", "SE", "b", "SE", "c"]
    assert [row[:6] for row in rows] == [f"Item {number}" for number in range(1, 6)]
    assert rows[0].split()[2:] == ["0.826", "0.258", "-3.359", "0.866", "0.000"]
    assert last.startswith("5 items, 1000 persons: log-likelihood -2466.653, converged after ")
    assert last.endswith("standard errors: joint")


def test_what_did_not_converge_says_so_and_fails(run: Run, tmp_path: Path) -> None:
    result = run("calibrate", write(tmp_path, GUTTMAN), "--json")
    assert result.status == 1
    assert parsed(result)["converged"] is False
    assert "Not converged:" in result.err
    assert "ran to the bound" in result.err


def test_the_table_says_it_too(run: Run, tmp_path: Path) -> None:
    result = run("calibrate", write(tmp_path, GUTTMAN))
    assert result.status == 1
    assert "NOT converged" in result.out


def test_items_without_an_estimate_are_null_with_the_reason(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, WITH_EXTREMES)
    result = run("calibrate", path, "--json", "--model", "1pl")
    assert result.status == 1
    easy, unseen = parsed(result)["items"][3:]
    assert easy == {"id": "easy", "a": None, "b": None, "c": 0.0, "se_a": None, "se_b": None}
    assert {unseen["a"], unseen["b"]} == {None}
    assert "easy: everybody who saw it got it right" in result.err
    assert "unseen: nobody saw it" in result.err
    table = run("calibrate", path, "--model", "1pl").out
    assert table.splitlines()[4].split() == ["easy", "-", "-", "-", "-", "0.000"]


def test_priors_give_those_an_estimate(run: Run, tmp_path: Path) -> None:
    result = run("calibrate", write(tmp_path, WITH_EXTREMES), "--json", "--priors")
    assert result.status == 0
    assert None not in column(parsed(result), "se_b")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty-file"),
        ("a,b,c\n1,0,yes\n", "column 3: 'yes' is no response"),
        ("a,b,a\n1,0,1\n", "column 3 is named 'a', as column 1 is"),
        ("a,b,c\n1,0\n", "responses.csv:2: error ragged-row: 2 cells"),
        ("a,b,c\n", "no row below the header"),
        ("a;b\n1;0\n", "separated by semicolons"),
        ("a,b,c\n,,\n", "there are no responses"),
        ("a,b,c,n\n1,0,1,0\n", "there are no responses"),
        ("a,b\n1,0\n0,1\n", "needs 3 items"),
        ("a\n1\n0\n", "needs 3 items"),
        ("a,b,c\n1,1,1\n1,1,1\n", "needs 3 items"),
        ("a,b,c\n0,0,0\n0,0,0\n", "needs 3 items"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_with_the_reason(
    run: Run, tmp_path: Path, text: str, reason: str
) -> None:
    result = run("calibrate", write(tmp_path, text), "--json")
    assert (result.status, result.out) == (1, "")
    assert reason in result.err


def test_a_binary_file_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "responses.csv"
    path.write_bytes(b"a,b\n1,\x000\n")
    result = run("calibrate", path, "--json")
    assert (result.status, result.out) == (1, "")
    assert "NUL" in result.err


def test_floors_of_other_items_are_refused(run: Run, lsat: Path, tmp_path: Path) -> None:
    floors = write(tmp_path, "item,c\nItem 9,0.2\n", "floors.csv")
    result = run("calibrate", lsat, "--c", floors, "--json")
    assert (result.status, result.out) == (1, "")
    assert "floors.csv:2: error unknown-item: there are no responses to 'Item 9'" in result.err


@pytest.mark.parametrize("more", [(), ("--c", "gone.csv")])
def test_a_file_that_is_not_there_is_named(run: Run, lsat: Path, more: tuple[str, ...]) -> None:
    result = run("calibrate", lsat if more else "gone.csv", *more)
    assert result.status == 1
    assert "There is no file gone.csv." in result.err


def test_an_unknown_model_is_refused(run: Run, lsat: Path) -> None:
    assert run("calibrate", lsat, "--model", "3pl").status != 0
