"""Told to stop, a real server finishes the saves that are under way, then ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from app.exam.person import SESSION_LIFETIME, Role
from app.pages.depends import hash_token
from app.settings import ROOT
from app.store import attempts, people, tables
from app.store.database import Database
from tests import packs
from tests.ports import reserved_port

PATIENCE = 120
SAVES = 20
TOKEN = "a-token-for-the-tests"
SERVE = (
    "from app.cli import listen; from app.main import create_app; from app.settings import from_environment; "
    "settings = from_environment(); listen(create_app(settings), settings)"
)


@dataclass
class Running:
    """A server in a process of its own, and its database."""

    address: str
    path: Path
    database: Database
    process: subprocess.Popen[bytes]

    def wait_for(self, name: str, least: float) -> None:
        """Wait until a metric says at least so much."""
        end = time.monotonic() + PATIENCE
        while self._metric(name) < least:
            assert self.process.poll() is None
            assert time.monotonic() < end, name
            time.sleep(0.02)

    def _metric(self, name: str) -> float:
        try:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            said = httpx.get(f"{self.address}/metrics", headers=headers, timeout=PATIENCE).text
        except httpx.TransportError:  # not yet up, or no longer
            return -1
        found = re.search(rf"^{name} (\S+)$", said, re.MULTILINE)
        return float(found[1]) if found else -1

    def wait_until_closed(self) -> None:
        """Wait until nobody new is let in."""
        end = time.monotonic() + PATIENCE
        while self._metric("cutscore_database_up") >= 0:
            assert time.monotonic() < end
            time.sleep(0.02)


@pytest.fixture
def running(sqlite_url: str, tmp_path: Path) -> Iterator[Running]:
    """A server on a database with a pack in it."""
    database = Database(sqlite_url)
    with database.writing() as tx:
        packs.load(tx, packs.pack())
    with reserved_port() as port, (tmp_path / "log").open("wb") as log:
        environment = os.environ | {
            "CUTSCORE_DATABASE_URL": sqlite_url,
            "CUTSCORE_DATA_DIR": str(tmp_path),
            "CUTSCORE_PORT": str(port),
            "CUTSCORE_METRICS_TOKEN": TOKEN,
            "CUTSCORE_LOG": "json",
        }
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            path = tmp_path / "cutscore.sqlite3"
            made = Running(f"http://127.0.0.1:{port}", path, database, process)
            made.wait_for("cutscore_database_up", 1)
            yield made
        finally:
            process.kill()
            process.wait()
            database.close()


def test_f25_saves_under_way_are_finished_when_the_server_is_told_to_stop(running: Running) -> None:
    cookies = logged_in(running.database)
    own = {"Origin": running.address}
    with httpx.Client(base_url=running.address, cookies=cookies, headers=own, timeout=PATIENCE) as client:
        path = client.post("/attempts", data={"exam": packs.SHORT}).headers["location"]

    async def one(client: httpx.AsyncClient, number: int) -> tuple[str, int]:
        fields = {"client_id": "tab", "client_seq": str(number), "base_rev": "0"}
        answer = await client.put(
            f"{path}/responses/{number % 6 + 1}", data={**fields, "idempotency_key": f"key-{number}"}
        )
        return f"key-{number}", answer.status_code

    async def together() -> list[tuple[str, int]]:
        limits = httpx.Limits(max_connections=SAVES)
        async with httpx.AsyncClient(
            base_url=running.address, cookies=cookies, headers=own, timeout=PATIENCE, limits=limits
        ) as client:
            saving = [asyncio.ensure_future(one(client, number)) for number in range(SAVES)]
            await asyncio.to_thread(running.wait_for, "cutscore_requests_under_way", SAVES + 1)
            running.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(running.wait_until_closed)
            writer.rollback()
            return await asyncio.gather(*saving)

    writer = sqlite3.connect(running.path, isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")  # no save is done as long as somebody else writes
    answers = asyncio.run(together())
    writer.close()
    assert running.process.wait(PATIENCE) in (0, -signal.SIGTERM)
    # Every save was answered. One that waited for longer than five seconds was told so; none was left in between.
    assert {status for _, status in answers} <= {200, 503}
    acknowledged = {key for key, status in answers if status == 200}
    assert acknowledged
    assert acknowledged == stored(running.database)
    lines = [json.loads(line) for line in running.path.with_name("log").read_text("utf-8").splitlines()]
    assert sum(line.get("route", "").endswith("/responses/{position}") for line in lines) == SAVES


def logged_in(database: Database) -> dict[str, str]:
    """The cookie of somebody new."""
    now = datetime.now(UTC)
    with database.writing() as tx:
        who = people.add(tx, name="sitter", password_hash=None, role=Role.CANDIDATE, is_guest=False, now=now)
        people.open_session(tx, who.id, hash_token("sitter"), "", now, SESSION_LIFETIME)
    return {"cutscore": "sitter"}


def stored(database: Database) -> set[str]:
    """The keys of all saves that are stored."""
    with database.reading() as tx:
        assert attempts.running(tx, datetime.now(UTC)) == 1
        return set(tx.execute(select(tables.response_event.c.idempotency_key)).scalars())
