"""A backup of a SQLite database in use, and that it can be restored: the drill."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from app.errors import Conflict, Invalid, Missing
from app.store import backup, responses
from app.store.database import Database
from app.store.responses import Incoming
from tests.store.bench import incoming, open_bench


def test_a_backup_under_saves_holds_all_that_was_acknowledged_before_it(
    sqlite_url: str, tmp_path: Path
) -> None:
    database = Database(sqlite_url)
    bench = open_bench(database)
    who = bench.someone()
    attempt = bench.start(who)
    acknowledged: list[str] = []

    def one(number: int, choice: tuple[str, ...]) -> Incoming:
        key = f"key-{number}"
        return incoming(who, attempt.id, 1, choice, client_id="tab", client_seq=number, idempotency_key=key)

    some, stop = threading.Event(), threading.Event()

    def save() -> None:
        number = 0
        while not stop.is_set():
            choice = bench.tokens(1, [number % 2])
            bench.save(one(number, choice))
            acknowledged.append(f"key-{number}")
            number += 1
            if number == 20:
                some.set()

    saving = threading.Thread(target=save)
    saving.start()
    some.wait()
    before = list(acknowledged)
    copy = tmp_path / "copy.sqlite3"
    rows = backup.copy(sqlite_url, copy)
    stop.set()
    saving.join()
    database.close()

    path = Path(sqlite_url.removeprefix("sqlite:///"))
    for name in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{name}").unlink(missing_ok=True)
    shutil.copyfile(copy, path)
    restored = Database(sqlite_url)
    assert restored.at_head()
    with restored.reading() as tx:
        kept = [saved.idempotency_key for saved, _ in responses.log(tx, attempt.id)]
    assert kept == acknowledged[: len(kept)]
    assert len(kept) == rows["response_event"] >= len(before)
    with restored.writing() as tx:
        (answer,) = responses.save_all(tx, [one(10_000, bench.tokens(1, [0]))], responses.Sheets())
    assert isinstance(answer, responses.Saved)
    restored.close()


def test_nothing_is_written_over_and_nothing_half_is_left(sqlite_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    backup.copy(sqlite_url, copy)
    with pytest.raises(Conflict):
        backup.copy(sqlite_url, copy)
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.sqlite3"]


def test_a_copy_that_is_not_sound_is_not_kept(sqlite_url: str, tmp_path: Path) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as broken:
        broken.execute("INSERT INTO session (token_sha256, person_id, created_at, last_seen_at, expires_at, agent)"
                       " VALUES ('x', 999, '2026-01-01', '2026-01-01', '2026-01-01', '')")  # fmt: skip
    broken.close()
    with pytest.raises(Invalid, match="a row of session points to none of person"):
        backup.copy(sqlite_url, tmp_path / "copy.sqlite3")
    assert list(tmp_path.glob("copy*")) == []


def test_only_a_sqlite_file_that_is_there_is_copied(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        backup.copy(f"sqlite:///{tmp_path / 'none'}", tmp_path / "copy")
    with pytest.raises(Invalid, match="pg_dump"):
        backup.copy("postgresql://somewhere/exams", tmp_path / "copy")
