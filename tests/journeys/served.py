"""A server of its own process, which can be killed: what `cutscore serve` starts, without packs, so that it starts at
once. `python -m tests.journeys.served URL FOLDER PORT`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import event

from app.main import create_app
from app.pages import publishing
from app.recovery import recover
from app.settings import ROOT, Settings
from app.store import imports, uploads
from app.store.database import Database
from tests.ports import reserved_port

PATIENCE = 120


@dataclass
class Served:
    """A server process on the database at `url`."""

    url: str
    folder: Path
    port: int
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *doom: str) -> None:
        """Start it and wait until it is ready. `doom`: the statement that it does not live to see, and which time."""
        program = [sys.executable, "-m", "tests.journeys.served", self.url, str(self.folder), str(self.port)]
        self.process = subprocess.Popen([*program, *doom], cwd=ROOT)
        until = time.monotonic() + PATIENCE
        while not self._is_ready():
            assert self.process.poll() is None, "the server ended"
            assert time.monotonic() < until, "the server did not become ready"
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False

    def children(self) -> list[int]:
        """The processes that it started."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            except OSError:  # it has ended meanwhile
                continue
            if int(parent) == self.process.pid:
                found.append(int(folder.name))
        return found


@contextmanager
def served(url: str, folder: Path) -> Iterator[Served]:
    """A server that is to be started, on a port that stays its own while it is down."""
    with reserved_port() as port:
        made = Served(url, folder, port)
        try:
            yield made
        finally:
            if hasattr(made, "process") and made.process.poll() is None:
                made.process.kill()
                made.process.wait(PATIENCE)


def doomed(database: Database, statement: str, count: int) -> None:
    """Have this process killed just before it executes such a statement so many times."""
    left = [count]

    def executed(_connection: Any, _cursor: Any, text: str, *_others: Any) -> None:
        if text.startswith(statement):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database._writer, "before_cursor_execute", executed)


def main(url: str, folder: str, port: str, statement: str = "", count: str = "1") -> None:
    """Serve until the end. What is stored in short transactions is stored in very short ones: there are many."""
    uploads.PART, imports.BATCH, publishing.BATCH = 256, 2, 2
    database = Database(url)
    recover(database, datetime.now(UTC))
    if statement:
        doomed(database, statement, int(count))
    app = create_app(Settings(data_dir=Path(folder), port=int(port), packs=()), database)
    uvicorn.run(app, port=int(port), log_level="error", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
