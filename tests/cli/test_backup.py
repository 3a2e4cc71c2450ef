"""`cutscore backup`."""

from __future__ import annotations

import json
from pathlib import Path

from app.store.database import Database
from tests.cli.conftest import Run


def test_a_backup_says_what_is_in_it(run: Run, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'data' / 'cutscore.sqlite3'}")
    database.upgrade()
    database.close()
    made = run("backup", tmp_path / "copy.sqlite3", "--json")
    document = json.loads(made.out)
    assert (made.status, document["rows"]["attempt"]) == (0, 0)
    assert document["bytes"] == (tmp_path / "copy.sqlite3").stat().st_size
    assert "0 attempts" in run("backup", tmp_path / "another.sqlite3").out


def test_a_backup_of_nothing_is_refused(run: Run, tmp_path: Path) -> None:
    refused = run("backup", tmp_path / "copy.sqlite3")
    assert refused.status == 1
    assert "There is no database" in refused.err
