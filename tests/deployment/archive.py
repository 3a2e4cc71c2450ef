"""An exam day on a PostgreSQL that is archived as docs/operating.md says, and the restores of it.

The settings and commands are taken from that page as they stand; only the two folders, the date of the base backup
and the moment are put in.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import uvloop

from app.settings import ROOT
from app.store.database import Database
from tests.databases import command, of_name
from tests.load.checker import check
from tests.load.cluster import HOST, PATIENCE, Node, alone
from tests.load.profiles import saves, sit
from tests.load.run import Options, Run
from tests.load.targets import Target, servers

NAME = "exams"
Acknowledged = Mapping[int, bytes]
"""Of each attempt, which of its saves were acknowledged so far: one byte for each."""


@dataclass(frozen=True)
class Documented:
    """What the page says, in its order."""

    settings: str
    backup: str
    restore: str
    log_that_is_left: str
    moment: str


def documented() -> Documented:
    """The code of the section, which has these five pieces and no others."""
    page = (ROOT / "docs/operating.md").read_text("utf-8")
    section = page.partition("\n### To any moment\n")[2].partition("\n## ")[0]
    return Documented(*re.findall(r"^```(?:ini|sh)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))


@dataclass
class Place:
    """A server that is archived, with the two folders that are on another machine elsewhere."""

    node: Node
    said: Documented = field(default_factory=documented)

    @property
    def archive(self) -> Path:
        """Where segments go."""
        return self.node.folder.with_name("archive")

    @property
    def backup(self) -> Path:
        """Where base backups go."""
        return self.node.folder.with_name("backup")

    def here(self, text: str) -> str:
        """A text of the page, with the folders of this place."""
        return re.sub(r"(?<!\w)/(archive|backup)\b", rf"{self.node.folder.parent}/\1", text)

    def run(self, script: str) -> str:
        """Run commands of the page, as PostgreSQL's user; what they said."""
        environment = {
            "PATH": f"{self.node.programs}:{os.environ['PATH']}",
            "PGDATA": str(self.node.folder),
            "PGHOST": HOST,
            "PGPORT": str(self.node.port),
            "PGUSER": "postgres",
        }
        done = subprocess.run(
            ["/bin/sh", "-euc", self.here(script)],
            user=self.node.user,
            cwd="/",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def set_up(self, timeout: str) -> None:
        """Archive as the page says, but for the timeout: a test does not wait for a minute."""
        for folder in (self.archive, self.backup):
            folder.mkdir()
            if self.node.user is not None:
                shutil.chown(folder, self.node.user)
        settings = self.here(self.said.settings).replace("= 60s", f"= {timeout}")
        assert f"archive_timeout = {timeout}" in settings
        with (self.node.folder / "postgresql.conf").open("a") as file:
            file.write(settings)
        self.node.stop()
        self.node.start()

    def ask(self, question: str) -> str:
        """One value, as text."""
        with psycopg.connect(self.node.address) as connection:
            (row,) = connection.execute(question.encode()).fetchall()
        return str(row[0])

    def wait_until_archived(self) -> None:
        """Wait until all that is committed now is in the archive."""
        # Something is written by this: a segment with nothing new in it would never be archived.
        segment = self.ask("SELECT pg_walfile_name(pg_create_restore_point('archived'))")
        self.wait((self.archive / segment).exists, "nothing was archived")

    def wait(self, until: Callable[[], bool], otherwise: str) -> None:
        """Wait until something is so."""
        end = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < end, f"{otherwise}: {(self.node.folder / 'log').read_text()[-2000:]}"
            time.sleep(0.02)


@dataclass
class Day:
    """What is left of the day: the archive, a base backup, perhaps the data; and what candidates were told."""

    place: Place
    run: Run
    runner: asyncio.Runner
    moment: str = ""
    """Just before the mistake."""
    at_the_moment: Acknowledged = field(default_factory=dict)
    archived: Acknowledged = field(default_factory=dict)
    """The same as the last segment was archived."""
    at_the_end: Acknowledged = field(default_factory=dict)
    deleted: int = 0
    """The attempt that was deleted by mistake."""
    tidied: set[str] = field(default_factory=set)
    """Segments that were taken out of the archive as the page says, since they are older than the base backup."""

    def save(self, seconds: float = 0.5) -> None:
        """Candidates save for so long."""
        self.run.options = Options(len(self.run.candidates), seconds, self.run.options.pace)
        self.runner.run(saves(self.run))

    def told(self) -> Acknowledged:
        """What was acknowledged so far."""
        return {sent.attempt_id: bytes(sent.acknowledged) for sent in self.run.record.sent.values()}

    def faults(self, told: Acknowledged) -> list[str]:
        """What is wrong with the database, were only this acknowledged."""
        everything = self.told()
        for sent in self.run.record.sent.values():
            sent.acknowledged[:] = told[sent.attempt_id].ljust(len(sent.saves), b"\0")
        database = Database(self.run.target.url, pool_size=1)
        try:
            return check(database, self.run.record.sent.values()).faults
        finally:
            database.close()
            for sent in self.run.record.sent.values():
                sent.acknowledged[:] = everything[sent.attempt_id]

    @contextmanager
    def restored(self, *, disk_is_left: bool = False, to: str | None = None) -> Iterator[None]:
        """Inside, the database runs as it was restored by the commands of the page."""
        place, data = self.place, self.place.node.folder
        for folder in (data, data.with_name("data.before"), place.archive):
            shutil.rmtree(folder, ignore_errors=True)
        place.run("cp -al /archive.kept /archive")
        if disk_is_left:
            place.run('cp -a "$PGDATA.kept" "$PGDATA"')
        (made,) = place.backup.iterdir()
        place.run(place.said.restore.replace("2026-11-20", made.name))
        if disk_is_left:
            place.run(place.said.log_that_is_left)
        if to is not None:
            script, put_in = re.subn(r"(?<=recovery_target_time = ')[^']*", to, place.said.moment)
            assert put_in == 1
            place.run(script)
        place.node.start()
        try:
            place.wait(lambda: place.node.answers("SELECT NOT pg_is_in_recovery()"), "still in recovery")
            yield
        finally:
            place.node.stop()


@contextmanager
def exam_day(folder: Path) -> Iterator[Day]:
    """A day that ends with a kill. Whatever comes after the mistake is by others than whose attempt it took."""
    with ExitStack() as stack:
        place = Place(stack.enter_context(alone()))
        place.set_up(timeout="1s")
        command(place.node.address, f"CREATE DATABASE {NAME}")
        url = of_name(place.node.address, NAME)
        target = Target("archived", url, servers(stack, folder, url, 1, behind_proxy=False))
        said = place.run(place.said.backup)
        database = Database(url, pool_size=2)
        stack.callback(database.close)
        run = Run(target, Options(candidates=10, seconds=1, pace=1000), database)
        day = Day(place, run, stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop)))
        sit(run, "day")
        day.runner.run(run.connect())
        run.begin()
        stack.callback(lambda: day.runner.run(_hang_up(run)))
        _hours(day)
        _tidy(day, said)
        place.run('mv /archive /archive.kept; mv "$PGDATA" "$PGDATA.kept"')
        yield day


async def _hang_up(run: Run) -> None:
    run.finish()


def _hours(day: Day) -> None:
    place = day.place
    day.save()
    day.moment, day.at_the_moment = place.ask("SELECT clock_timestamp()"), day.told()
    leaving = day.run.candidates.pop(0)
    leaving.connection.close()
    day.deleted = leaving.attempt_id
    for table, column in (("response_event", "attempt_id"), ("response", "attempt_id"), ("attempt", "id")):
        command(day.run.target.url, f"DELETE FROM {table} WHERE {column} = {day.deleted}")
    day.save()
    day.archived = day.told()
    place.wait_until_archived()
    command(place.node.address, "ALTER SYSTEM SET archive_timeout = 0")  # the rest is not archived any more
    command(place.node.address, "SELECT pg_reload_conf()")
    day.save()
    day.at_the_end = day.told()
    place.node.kill()


def _tidy(day: Day, said: str) -> None:
    before = {path.name for path in day.place.archive.iterdir()}
    day.place.run(said.rpartition(": ")[2])
    day.tidied = before - {path.name for path in day.place.archive.iterdir()}
