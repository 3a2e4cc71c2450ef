"""Servers for browsers: one in a thread, whose clock can be moved, and the real program, which can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import URLError

import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from app.exam.attempt import Attempt, Outcome, Response, Save
from app.exam.item import Item
from app.main import create_app
from app.pages.site import SteadyClock
from app.settings import ROOT, Settings
from app.store import attempts, packs, responses, tables
from app.store.database import Database
from tests.ports import reserved_port

PATIENCE = 300  # seconds; a busy machine takes a minute to load the packs


class MovedClock(SteadyClock):
    """The steady clock, moved forward by as much as a test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """The time in UTC, and the time that was skipped."""
        return super().now() + self.ahead

    def skip(self, **length: float) -> None:
        """Let time pass at once."""
        self.ahead += timedelta(**length)


@dataclass
class Server:
    """A server at `address` and the database it works on, to see what is really stored."""

    address: str
    database: Database

    def attempt(self, attempt_id: int) -> Attempt:
        """An attempt as it is stored."""
        with self.database.reading() as tx:
            owner = select(tables.attempt.c.person_id).where(tables.attempt.c.id == attempt_id)
            return attempts.get(tx, attempt_id, tx.execute(owner).scalar_one())

    def items(self, attempt_id: int) -> list[Item]:
        """The items of an attempt in form order, with their keys."""
        sheet = self.attempt(attempt_id).sheet
        with self.database.reading() as tx:
            found = packs.items(tx, [at.item_version_id for at in sheet.items])
        return [found[at.item_version_id] for at in sheet.items]

    def responses(self, attempt_id: int) -> dict[int, Response]:
        """What stands at each position that was ever saved."""
        with self.database.reading() as tx:
            return responses.current(tx, attempt_id)

    def log(self, attempt_id: int) -> list[tuple[Save, Outcome]]:
        """All saves that arrived, in order."""
        with self.database.reading() as tx:
            return responses.log(tx, attempt_id)

    def choices(self, attempt_id: int) -> dict[int, set[str]]:
        """The tokens of the stored choice of each position that has one."""
        sheet = self.attempt(attempt_id).sheet
        return {
            position: {o.token for o in sheet.at(position).options if o.option_id in stored.choice}
            for position, stored in self.responses(attempt_id).items()
            if stored.choice
        }

    def struck(self, attempt_id: int, position: int) -> set[str]:
        """The tokens of the options struck out at a position."""
        marks = self.responses(attempt_id)[position].marks
        options = self.attempt(attempt_id).sheet.at(position).options
        return {option.token for option in options if option.option_id in marks.struck}

    def closings(self, attempt_id: int) -> int:
        """How often the attempt was ended."""
        event = tables.attempt_event.c
        with self.database.reading() as tx:
            rows = tx.execute(
                select(event.id).where(event.attempt_id == attempt_id, event.kind == "closed")
            ).all()
        return len(rows)


@dataclass
class ThreadServer(Server):
    """The application in a thread of this process."""

    app: FastAPI
    clock: MovedClock


@contextmanager
def thread_server(database: Database, folder: Path) -> Iterator[ThreadServer]:
    """Serve `database` from a thread."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = create_app(Settings(data_dir=folder, port=port, packs=()), database)
    clock = app.state.site.clock = MovedClock()
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield ThreadServer(f"http://127.0.0.1:{port}", database, app, clock)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()


@dataclass
class Program(Server):
    """`cutscore serve` in a child process, with the packs it ships."""

    folder: Path
    url: str
    port: int
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start the program and wait until it is ready."""
        # Nothing of the surroundings but what a program needs to run.
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment |= {
            "CUTSCORE_DATA_DIR": str(self.folder),
            "CUTSCORE_DATABASE_URL": self.url,
            "CUTSCORE_PORT": str(self.port),
        }
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE
        while not self._is_ready():
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            assert time.monotonic() < until, "the server did not become ready"
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def kill(self) -> None:
        """End the program as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> None:
        """End the program as Ctrl+C would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)


@contextmanager
def program(url: str, folder: Path) -> Iterator[Program]:
    """The program on the database at `url`, on a port that stays its own while it is down."""
    with reserved_port() as port:
        database = Database(url, pool_size=2)
        made = Program(f"http://127.0.0.1:{port}", database, folder, url, port)
        try:
            made.start()
            yield made
        finally:
            if hasattr(made, "process"):
                made.stop()
            database.close()
