"""`cutscore calibrate --bank`: the responses of the database, a proposal, and its adoption."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.store import parameters
from app.store.database import Database
from tests.cli.conftest import Run
from tests.measuring.conftest import ATTEMPTS, LONG, crowded_sqlite, quick_crowd, sqlite_crowd

__all__ = ["crowded_sqlite", "quick_crowd", "sqlite_crowd"]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, quick_crowd: Database) -> None:
    """The database of the command."""
    monkeypatch.setenv("CUTSCORE_DATABASE_URL", quick_crowd.url)


def chain(database: Database) -> list[tuple[str, bool]]:
    """The labels of all versions, and whether they were adopted."""
    with database.reading() as tx:
        return [(line.label, line.adopted_at is not None) for line in parameters.history(tx, LONG)]


def test_it_proposes_a_version_and_says_what_it_rests_on(run: Run, quick_crowd: Database) -> None:
    result = run("calibrate", "--bank", "--exam", LONG)
    assert result.status == 0, result.err
    assert f"of {ATTEMPTS} strict mocks" in result.out
    assert "calibration-2 is proposed, not in use" in result.out
    assert chain(quick_crowd) == [("calibration-2", False), ("cold-start-1", True)]


def test_it_is_put_into_use_for_a_reason(run: Run, quick_crowd: Database) -> None:
    result = run("calibrate", "--bank", "--adopt", "Thirty candidates", "--json")
    document = json.loads(result.out)
    assert (result.status, result.err) == (0, "")
    assert (document["exam"], document["label"], document["adopted"]) == (LONG, "calibration-2", True)
    assert {"id", "version", "a", "b", "c", "se_a", "se_b", "answered"} == set(document["items"][0])
    assert chain(quick_crowd) == [("calibration-2", True), ("cold-start-1", True)]
    with quick_crowd.reading() as tx:
        assert parameters.history(tx, LONG)[0].reason == "Thirty candidates"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--bank", "--exam", "unheard-of"], "There is no such exam"),
        (["--bank", "--priors"], "--bank has its own model"),
        (["--bank", "responses.csv"], "Name a file of responses, or --bank"),
        ([], "Name a file of responses, or --bank"),
        (["responses.csv", "--exam", LONG], "go with --bank"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(run: Run, arguments: list[str], words: str) -> None:
    result = run("calibrate", *arguments)
    assert result.status == 1
    assert words in result.err


def test_without_a_pack_there_is_no_exam_to_name(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CUTSCORE_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    result = run("calibrate", "--bank")
    assert result.status == 1
    assert "no pack is loaded" in result.err
