"""Several server processes that start at once on one fresh PostgreSQL database, as `docker compose --scale` does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
from sqlalchemy import func, select

from app.settings import ROOT
from app.store import tables
from app.store.database import Database
from tests.ports import reserved_port

SERVERS = 3
PATIENCE = 300  # seconds


def test_servers_that_start_at_once_load_each_pack_once_and_are_all_ready(
    empty_postgresql_url: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        ports = [stack.enter_context(reserved_port()) for _ in range(SERVERS)]
        logs = [tmp_path / f"{port}.log" for port in ports]
        processes = [started(empty_postgresql_url, port, log) for port, log in zip(ports, logs, strict=True)]
        for process in processes:
            stack.callback(process.wait)
            stack.callback(process.kill)
        for process, port, log in zip(processes, ports, logs, strict=True):
            wait_until_ready(process, port, log)
        said = [log.read_text() for log in logs]
        links = [
            line.rpartition(" ")[2] for text in said for line in text.splitlines() if "administrator" in line
        ]
        assert len(links) == SERVERS
        answers = [httpx.get(link, timeout=PATIENCE).status_code for link in links]
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert {process.wait(PATIENCE) for process in processes} <= {0, -signal.SIGTERM}
    database = Database(empty_postgresql_url)
    with database.reading() as tx:
        versions = select(tables.pack_version.c.pack_id, func.count()).group_by(tables.pack_version.c.pack_id)
        assert {tuple(row) for row in tx.execute(versions)} == {("csa-pro", 1), ("tutorial", 1)}
    database.close()
    assert sum("Loaded csa-pro" in text for text in said) == 1
    assert answers == [200] * SERVERS


def started(url: str, port: int, log: Path) -> subprocess.Popen[bytes]:
    """A server as it ships."""
    environment = os.environ | {"CUTSCORE_DATABASE_URL": url, "CUTSCORE_PORT": str(port)}
    with log.open("wb") as to:
        return subprocess.Popen(
            [sys.executable, "-m", "app", "serve"], cwd=ROOT, env=environment, stdout=to, stderr=to
        )


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Ask until it says that it is ready."""
    end = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        if answer.status_code == 200:
            return
        time.sleep(0.1)
