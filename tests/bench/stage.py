"""The stage: databases that are durable, a bank of 420 items, and candidates who are logged in."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from app import loading
from app.exam.pack import Pack
from app.exam.person import Role
from app.pages.depends import hash_token
from app.settings import ROOT, Settings
from app.store import pack_versions, packs, parameters, people
from app.store.database import Database
from tests.bench import meter, wire
from tests.databases import migrate, postgresql_database, postgresql_server

CANDIDATES = 64
BANK = 420
EXAM = "csa-pro"
_names = count(1)


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of database: where it is, how to copy it, and whose CPU its server's work is."""

    name: str
    url: str
    copies: Path | str
    server_process: int | None

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The address of a copy. Nobody may be connected to the original while it is made."""
        if isinstance(self.copies, Path):
            path = self.copies / f"copy-{next(_names)}.sqlite3"
            shutil.copyfile(self.url.removeprefix("sqlite:///"), path)
            yield f"sqlite:///{path}"
            return
        with postgresql_database(
            self.copies, f"copy_{next(_names)}", urlsplit(self.url).path.strip("/")
        ) as address:
            yield address

    def database_cpu(self) -> float:
        """Seconds of CPU in the database's own processes so far; SQLite has none."""
        return 0.0 if self.server_process is None else meter.cpu_of_children(self.server_process)

    def cpu(self) -> float:
        """Seconds of CPU so far, here and in the database's own processes."""
        return meter.own_cpu() + self.database_cpu()


@contextmanager
def stages(folder: Path, names: list[str]) -> Iterator[Iterator[Stage]]:
    """The stages asked for, one after the other."""
    with ExitStack() as stack:

        def made() -> Iterator[Stage]:
            if "sqlite" in names:
                url = f"sqlite:///{folder / 'bench.sqlite3'}"
                migrate(url)
                yield Stage("SQLite", url, folder, None)
            if "postgresql" in names:
                server = stack.enter_context(postgresql_server(durable=True))
                url = stack.enter_context(postgresql_database(server, "bench"))
                migrate(url)
                yield Stage("PostgreSQL", url, server, meter.postgresql_process(server))

        yield made()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is logged in, in several browsers: no browser may save as fast as a benchmark does."""

    person_id: int
    tokens: tuple[str, ...]


def settings_for(url: str) -> Settings:
    """The settings of the server under test: the shipped ones."""
    return Settings(database_url=url, trusted_hosts=(wire.HOST,))


def fill(url: str, browsers: int) -> list[Candidate]:
    """Load the bank and log the candidates in."""
    database = Database(url)
    now = datetime.now(UTC)
    pack = bench_pack(now)
    with database.writing() as tx:
        pack_versions.load(tx, pack, {item.id: item.status for item in pack.items}, (), now)
        for exam in pack.exams:  # as a load does: reports take what a score means from the parameters
            version_id = packs.exam(tx, exam.id).pack_version_id
            parameters.follow_pack(tx, exam, packs.bank(tx, version_id).values, pack.version, now)
        candidates = []
        for number in range(CANDIDATES):
            person = people.add(
                tx,
                name=f"candidate-{number}",
                password_hash="-",
                role=Role.CANDIDATE,
                is_guest=False,
                now=now,
            )
            tokens = tuple(f"token-{number}-{browser}" for browser in range(browsers))
            for token in tokens:
                people.open_session(tx, person.id, hash_token(token), "bench", now, timedelta(days=1))
            candidates.append(Candidate(person.id, tokens))
    database.close()
    return candidates


def shipped_pack(now: datetime) -> Pack:
    """The pack that comes with the program, its items with the status that counts."""
    reading, faults = loading.read_and_check(ROOT / "questions" / "csa-pro", now)
    assert reading.pack is not None, "the shipped pack cannot be read: see `cutscore packs check`"
    return replace(reading.pack, items=loading.delivered(reading.pack, faults))


def bench_pack(now: datetime) -> Pack:
    """The shipped pack, its items repeated under other ids until there are 420."""
    pack = shipped_pack(now)
    items = [
        replace(item, id=f"{item.id}-{turn}", enemies=tuple(f"{enemy}-{turn}" for enemy in item.enemies))
        for turn in range(-(-BANK // len(pack.items)))
        for item in pack.items
    ]
    return replace(pack, items=tuple(items[:BANK]))


def syncs_per_second(folder: Path) -> float:
    """How many small durable writes this disk takes in a second."""
    path = folder / "syncs"
    with path.open("wb", buffering=0) as file:
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < 0.3:
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            done += 1
        return done / (time.perf_counter() - began)


def say(text: str) -> None:
    """What is under way, for who waits."""
    print(text, file=sys.stderr, flush=True)
