"""Backups of databases in use, and that they can be restored: the drill of docs/operating.md."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from app.errors import Conflict, Invalid, Missing
from app.exam.attempt import Attempt
from app.store import backup, responses
from app.store.database import Database
from app.store.responses import Incoming
from tests.databases import postgresql_programs
from tests.store.bench import Bench, Someone, incoming, open_bench


@dataclass
class Saving:
    """Somebody saves without a pause, in a thread; `acknowledged` are the keys of what was committed, in order."""

    bench: Bench
    who: Someone
    attempt: Attempt
    acknowledged: list[str] = field(default_factory=list)

    def one(self, number: int) -> Incoming:
        """A save of the one tab."""
        return incoming(
            self.who,
            self.attempt.id,
            1,
            self.bench.tokens(1, [number % 2]),
            client_id="tab",
            client_seq=number,
            idempotency_key=f"key-{number}",
        )

    def check(self, restored: Database, before: int) -> None:
        """What was acknowledged before the backup began is there, in order and without a gap; and saves go on."""
        with restored.reading() as tx:
            kept = [save.idempotency_key for save, _ in responses.log(tx, self.attempt.id)]
        assert len(kept) >= before
        assert kept == self.acknowledged[: len(kept)]
        with restored.writing() as tx:
            (answer,) = responses.save_all(tx, [self.one(10_000)], responses.Sheets())
        assert isinstance(answer, responses.Saved)


@contextmanager
def saving(database: Database, at_least: int = 20) -> Iterator[Saving]:
    """Inside, saves go on; some are there already."""
    bench = open_bench(database)
    who = bench.someone()
    made = Saving(bench, who, bench.start(who))
    some, stop = threading.Event(), threading.Event()

    def save() -> None:
        for number in count():
            if stop.is_set():
                return
            bench.save(made.one(number))
            made.acknowledged.append(f"key-{number}")
            if number == at_least:
                some.set()

    thread = threading.Thread(target=save)
    thread.start()
    some.wait()
    try:
        yield made
    finally:
        stop.set()
        thread.join()


def test_f30_a_backup_under_saves_holds_all_that_was_acknowledged_before_it(
    sqlite_url: str, tmp_path: Path
) -> None:
    database, copy = Database(sqlite_url), tmp_path / "copy.sqlite3"
    with saving(database) as going_on:
        before = len(going_on.acknowledged)
        rows = backup.copy(sqlite_url, copy)
    database.close()
    assert rows["response_event"] >= before
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    for name in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{name}").unlink(missing_ok=True)
    shutil.copyfile(copy, path)
    restored = Database(sqlite_url)
    assert restored.at_head()
    going_on.check(restored, before)
    restored.close()


def test_a_dump_under_saves_holds_all_that_was_acknowledged_before_it(
    postgresql_url: str, empty_postgresql_url: str, tmp_path: Path
) -> None:
    database, dump = Database(postgresql_url), tmp_path / "backup.dump"
    with saving(database) as going_on:
        before = len(going_on.acknowledged)
        run("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={postgresql_url}")
    database.close()
    run("pg_restore", "--clean", "--if-exists", f"--dbname={empty_postgresql_url}", str(dump))
    restored = Database(empty_postgresql_url)
    assert restored.at_head()
    going_on.check(restored, before)
    restored.close()


def run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs."""
    done = subprocess.run(
        [postgresql_programs() / program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


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
