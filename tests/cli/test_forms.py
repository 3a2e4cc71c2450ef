"""`cutscore forms assemble`: the document that scripts rely on, and what it says when there is no form."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests import packs
from tests.cli.conftest import Run

DAY = ("--as-of", "2026-11-23")
ITEM_KEYS = {"id", "version", "domain", "type", "scored", "a", "b", "c"}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The synthetic pack, written."""
    return packs.write(tmp_path, packs.pack())


def assembled(run: Run, pack: Path, exam: str = "short", *more: object) -> dict[str, Any]:
    """The document of a good run."""
    result = run("forms", "assemble", "--exam", exam, "--json", *DAY, *more, packs=(pack,))
    assert (result.status, result.err) == (0, "")
    document: dict[str, Any] = json.loads(result.out)
    return document


def test_the_document_has_its_keys(run: Run, pack: Path) -> None:
    document = assembled(run, pack)
    assert set(document) == {"exam", "theta_cut", "forms"}
    assert document["exam"] == "short"
    assert isinstance(document["theta_cut"], float)
    (form,) = document["forms"]
    assert set(form) == {"seed", "items", "conversion", "tcc_deviation", "tif_deviation"}
    assert {frozenset(item) for item in form["items"]} == {frozenset(ITEM_KEYS)}
    assert {item["type"] for item in form["items"]} <= {"single", "multiple"}


@pytest.mark.parametrize("exam", ["short", "piloted"])
def test_the_conversion_rises_from_lowest_to_highest(run: Run, pack: Path, exam: str) -> None:
    for form in assembled(run, pack, exam, "--count", 3)["forms"]:
        table = form["conversion"]
        assert len(table) == sum(item["scored"] for item in form["items"]) + 1
        assert (table[0], table[-1]) == (100, 1000)
        assert all(low < high for low, high in pairwise(table))
        assert table[3] < 750 < table[4]


def test_the_blueprint_and_the_pilots_are_kept(run: Run, pack: Path) -> None:
    for form in assembled(run, pack, "piloted", "--count", 3)["forms"]:
        scored = [item["domain"] for item in form["items"] if item["scored"]]
        assert sorted(scored) == ["D1"] * 3 + ["D2"] * 3
        assert len(form["items"]) == 8


def test_the_same_seed_makes_the_same_form(run: Run, pack: Path) -> None:
    assert assembled(run, pack, "short", "--seed", 5) == assembled(run, pack, "short", "--seed", 5)


def test_seeds_are_counted_on(run: Run, pack: Path) -> None:
    forms = assembled(run, pack, "short", "--seed", 5, "--count", 3)["forms"]
    assert [form["seed"] for form in forms] == [5, 6, 7]
    assert forms[1] == assembled(run, pack, "short", "--seed", 6)["forms"][0]


def test_exact_forms_have_the_same_document_and_near_curves(run: Run, pack: Path) -> None:
    (plain,) = assembled(run, pack)["forms"]
    (exact,) = assembled(run, pack, "short", "--exact")["forms"]
    assert set(exact) == set(plain)
    assert max(exact["tcc_deviation"], exact["tif_deviation"]) <= 0.05
    assert sorted(item["domain"] for item in exact["items"]) == sorted(
        item["domain"] for item in plain["items"]
    )


def test_people_get_a_line_for_each_form(run: Run, pack: Path) -> None:
    result = run("forms", "assemble", "--exam", "short", "--count", 2, *DAY, packs=(pack,))
    assert [line[:6] for line in result.out.splitlines()] == ["seed 0", "seed 1"]
    assert "time by " in result.out


def test_a_bank_that_is_too_small_is_explained(run: Run, tmp_path: Path) -> None:
    small = packs.write(tmp_path, packs.pack(6, version="0.1.0", exams=[packs.exam(items=8)]))
    result = run("forms", "assemble", "--exam", "short", "--json", *DAY, packs=(small,))
    assert (result.status, result.out) == (1, "")
    assert "Domain D1 has 3 ready items, the blueprint needs 4." in result.err


def test_items_whose_facts_are_old_are_not_ready(run: Run, pack: Path) -> None:
    result = run("forms", "assemble", "--exam", "short", "--as-of", "2029-01-01", packs=(pack,))
    assert result.status == 1
    assert "ready items" in result.err


def test_an_unknown_exam_is_answered_with_the_known_ones(run: Run, pack: Path) -> None:
    result = run("forms", "assemble", "--exam", "nowhere", packs=(pack,))
    assert result.status == 1
    assert "short, piloted" in result.err


@pytest.mark.parametrize("arguments", [("--count", 0), ("--seed", -1), ("--as-of", "soon")])
def test_a_number_that_makes_no_sense_is_refused(run: Run, pack: Path, arguments: tuple[object, ...]) -> None:
    result = run("forms", "assemble", "--exam", "short", *arguments, packs=(pack,))
    assert result.status != 0
    assert result.out == ""
