"""F37: a server that is killed in the middle of an import leaves nothing by halves; after a restart the pages tell
the truth, and the same file can be imported again. The server is a real process, ended as by a power cut."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from sqlalchemy import func, select, update

from app import importing
from app.exam.person import SESSION_LIFETIME, Person, Role
from app.pages.depends import hash_token
from app.pages.staged import keep
from app.recovery import recover
from app.store import imports, packs, people, tables, uploads
from app.store.database import Database
from tests import packs as synthetic
from tests.journeys.served import PATIENCE, Served, served

NAME, ITEMS = "quiz.csv", 20
LONG_AGO = timedelta(hours=2)
_numbers = count(1)
Found = TypeVar("Found")


def table(rows: int) -> bytes:
    """A file with so many questions, which no other test hands in."""
    mark = f"{datetime.now(UTC).timestamp()}-{next(_numbers)}"
    lines = [f"What is number {n} of {mark}?,yes {n},no {n},perhaps,1,Fog\n" for n in range(rows)]
    return "".join(["Question,Option 1,Option 2,Option 3,Correct Answer,Domain\n", *lines]).encode()


@dataclass
class Desk:
    """An instructor at a browser, and the database that the server works on."""

    server: Served
    database: Database
    who: Person
    client: httpx.Client

    def words(self, path: str) -> str:
        """The text of a page."""
        answer = self.client.get(path)
        assert answer.status_code == 200, path
        return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())

    def upload(self, content: bytes) -> str:
        """Hand a file in; the address of the job."""
        answer = self.client.post("/packs/import", files={"file": (NAME, content)})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def confirm(self, path: str, **fields: str) -> str:
        """Confirm an import; the address of the job."""
        answer = self.client.post(path, data={"action": "confirm", **fields})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def result(self, job: str) -> str:
        """Where a job leads to, once it has ended."""
        return str(until(lambda: self.client.get(f"{job}/progress").headers.get("hx-redirect")))

    def count(self, what: object) -> int:
        """How many rows a condition on a table leaves."""
        with self.database.reading() as tx:
            found: int = tx.execute(select(func.count()).where(what)).scalar_one()  # type: ignore[arg-type]  # as SQLAlchemy takes it
        return found

    def packs(self) -> dict[str, int]:
        """The packs in use, with the number of their items."""
        with self.database.reading() as tx:
            return {one.id: sum(one.statuses.values()) for one in packs.loaded(tx)}

    def staged(self, content: bytes) -> str:
        """The address of the review of a file that was read here."""
        now = datetime.now(UTC)
        sha256 = uploads.put(self.database, io.BytesIO(content), now)
        request: dict[str, object] = {
            "upload": sha256,
            "file_name": NAME,
            "format": None,
            "columns": None,
            "packs": [],
        }
        made = importing.read(
            {**request, "as_of": "2026-11-23", "database_url": self.database.url}, lambda *_: None
        )
        import_id = keep(self.database, self.who, now, sha256, NAME, made)
        with self.database.writing() as tx:
            imports.stage(tx, import_id)
        return f"/packs/imports/{import_id}"

    def cut(self, *next_time: str) -> None:
        """Wait for the server's sudden end and start it again. On PostgreSQL, where another server might be at the
        same work, time passes too."""
        children = self.server.children()
        self.server.process.wait(PATIENCE)
        until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
        if not self.database.is_sqlite:
            with self.database.writing() as tx:
                tx.execute(update(tables.job).values(heard_at=datetime.now(UTC) - LONG_AGO))
            recover(self.database, datetime.now(UTC) + LONG_AGO)
        self.server.start(*next_time)

    def nothing_left(self) -> None:
        """Nothing of an import that was never staged is there."""
        assert "Nothing was imported yet" in self.words("/packs/imports")
        assert self.count(tables.pack_import.c.id.is_not(None)) == 0
        assert self.count(tables.import_item.c.import_id.is_not(None)) == 0
        assert self.packs() == {"towers": 24}


def until(found: Callable[[], Found]) -> Found:
    """What a look finds, as soon as it finds something."""
    end = time.monotonic() + PATIENCE
    while not (value := found()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.001)
    return value


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """An instructor at a server of this test alone."""
    database = Database(database_url)
    with database.writing() as tx:
        synthetic.load(tx, synthetic.pack())
        who = people.add(
            tx,
            name="ada",
            password_hash=None,
            role=Role.INSTRUCTOR,
            is_guest=False,
            now=datetime.now(UTC),
        )
        tx.execute(update(tables.pack).values(owner_id=who.id))
        people.open_session(tx, who.id, hash_token("token"), "", datetime.now(UTC), SESSION_LIFETIME)
    with served(database_url, tmp_path) as server:
        headers = {"Origin": server.address, "Accept": "text/html"}
        with httpx.Client(
            base_url=server.address, headers=headers, cookies={"cutscore": "token"}, timeout=PATIENCE
        ) as client:
            yield Desk(server, database, who, client)
    database.close()


def test_f37_killed_while_a_file_is_kept_then_read_then_stored(desk: Desk) -> None:
    content = table(ITEMS)
    desk.server.start("INSERT INTO upload_part", "3")
    with pytest.raises(httpx.TransportError):
        desk.upload(content)
    assert desk.count(tables.upload_part.c.number.is_not(None)) == 2
    desk.cut("UPDATE job")
    assert desk.count(tables.upload_part.c.number.is_not(None)) == 0
    desk.nothing_left()

    job = desk.upload(
        content
    )  # its child's first word about progress is the last thing that the server hears
    desk.cut("INSERT INTO import_item", "3")
    desk.nothing_left()
    assert "stopped with its server" in desk.words(job)

    job = desk.upload(content)
    desk.server.process.wait(PATIENCE)
    assert desk.count(tables.import_item.c.ordinal.is_not(None)) == 4
    desk.cut()
    desk.nothing_left()
    assert "stopped with its server" in desk.words(job)
    assert f"{ITEMS} questions found" in desk.words(desk.result(desk.upload(content)))


@pytest.mark.parametrize(
    ("target", "dooms"),
    [
        ("new", (("INSERT INTO item_version", "3"), ("UPDATE pack SET",))),
        ("towers", (("UPDATE pack_import SET state",),)),
    ],
)
def test_f37_killed_while_items_are_put_into_a_pack(
    desk: Desk, target: str, dooms: list[tuple[str, ...]]
) -> None:
    before, path = desk.packs(), desk.staged(table(ITEMS))
    fields = {"target": target, "pack_id": "fresh", "title": "Fresh", "domain-0": "D2"}
    desk.server.start(*dooms[0])
    for doom in (*dooms[1:], ()):
        job = desk.confirm(path, **fields)
        desk.cut(*doom)
        assert desk.packs() == before
    assert desk.count(tables.item_version.c.id.is_not(None)) > sum(before.values())
    assert "stopped with its server" in desk.words(job)
    assert "Nothing is in a pack yet" in desk.words(path)
    assert "Waits for you" in desk.words("/packs/imports")
    assert desk.result(desk.confirm(path, **fields)) == path
    name = "fresh" if target == "new" else target
    assert desk.packs() == {**before, name: before.get(name, 0) + ITEMS}
    with desk.database.reading() as tx:
        added = packs.whole(tx, name).items[-ITEMS:]
    assert {item.version for item in added} == {1}
    assert "Imported" in desk.words(path)
