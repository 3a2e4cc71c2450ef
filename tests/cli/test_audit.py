"""`cutscore audit`: what a check says and how it ends, and the log as lines of JSON."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import text

from app.store import audit
from app.store.database import Database
from tests.cli.conftest import Run
from tests.packs import NOON


def opened(run: Run, tmp_path: Path) -> Database:
    """The database of the commands, with two entries in its log."""
    assert run("audit", "verify").out.startswith("0 entries hold together.")
    database = Database(f"sqlite:///{tmp_path / 'data' / 'cutscore.sqlite3'}")
    for subject in ("one", "two"):
        with database.writing() as tx:
            audit.record(tx, NOON, None, "tried", subject, after={"said": "Größe"})
    return database


def test_a_check_says_what_to_keep_and_is_held_to_it(run: Run, tmp_path: Path) -> None:
    database = opened(run, tmp_path)
    said = run("audit", "verify").out.split()[-1]
    assert said.startswith("2:")
    assert run("audit", "verify", "--known", said).status == 0
    with database.writing() as tx:
        tx.execute(text("DELETE FROM audit_entry"))
        tx.execute(text(f"UPDATE audit_head SET number = 0, sha256 = '{'0' * 64}'"))
    assert run("audit", "verify").status == 0  # an empty log is whole: only what is known gives it away
    assert run("audit", "verify", "--known", said).status == 1
    assert run("audit", "verify", "--known", "2:x").err.strip().endswith("64 hex digits.")
    database.close()


def test_x19_a_log_that_was_tampered_with_ends_with_status_1(run: Run, tmp_path: Path) -> None:
    database = opened(run, tmp_path)
    with database.writing() as tx:
        tx.execute(text("UPDATE audit_entry SET after = '' WHERE number = 1"))
    database.close()
    result = run("audit", "verify")
    assert (result.status, result.out) == (1, "")
    assert result.err == "Entry 1 is not what was written.\n"
    assert json.loads(run("audit", "verify", "--json").out)["breaches"] == [
        "Entry 1 is not what was written."
    ]


def test_every_entry_is_a_line_of_json(run: Run, tmp_path: Path) -> None:
    opened(run, tmp_path).close()
    lines = [json.loads(line) for line in run("audit", "export").out.splitlines()]
    assert [(line["number"], line["subject"]) for line in lines] == [(1, "one"), (2, "two")]
    assert json.loads(lines[0]["after"]) == {"said": "Größe"}
    assert lines[1]["previous_sha256"] == lines[0]["sha256"]
