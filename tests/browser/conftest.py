"""What browser tests share: one Chromium and one server for each worker, and a clean profile for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, expect, sync_playwright

from app import loading
from app.exam.person import Role
from app.settings import ROOT
from app.store import people
from app.store.database import Database
from tests import packs
from tests.browser.servers import Program, Server, ThreadServer, program, thread_server
from tests.browser.towers import INSTRUCTOR, now, towers
from tests.browser.visitor import ARGUMENTS, CHROMIUM, Visitor, context_options
from tests.databases import migrate

Visit = Callable[..., Visitor]

# A busy machine makes no test wrong: only a wait that fails takes this long.
expect.set_options(timeout=20_000)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserType]:
    """How to start a browser."""
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def browser(chromium: BrowserType) -> Iterator[Browser]:
    """The browser of this worker. A missing one is a failure."""
    started = chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield started
    started.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[ThreadServer]:
    """The server of this worker: short exams, the tutorial, an administrator, and a clock that can be moved."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copyfile(migrated_sqlite, folder / "cutscore.sqlite3")
    database = Database(f"sqlite:///{folder / 'cutscore.sqlite3'}")
    with database.writing() as tx:
        packs.load(tx, towers(), now())
        # An administrator from the start: nobody who registers is made one.
        for name, role in (("administrator", Role.ADMIN), (INSTRUCTOR, Role.INSTRUCTOR)):
            people.add(tx, name=name, password_hash=None, role=role, is_guest=False, now=now())
    loading.load(database, ROOT / "questions" / "tutorial", now())
    with thread_server(database, folder) as made:
        yield made


@pytest.fixture
def visit(browser: Browser, server: ThreadServer) -> Iterator[Visit]:
    """Make visitors, each with a profile of its own; in the end their consoles must be clean."""
    made: list[Visitor] = []

    def visitor(at: Server = server, **options: Any) -> Visitor:
        made.append(Visitor(browser.new_context(**context_options(**options)), at))
        return made[-1]

    yield visitor
    for one in made:
        one.context.close()
    for one in made:
        one.check_console()


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    """A visitor at a desktop."""
    return visit()


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[Program]:
    """The real program in a process of its own, on SQLite, for this test alone."""
    with program(f"sqlite:///{tmp_path / 'cutscore.sqlite3'}", tmp_path) as made:
        yield made


@pytest.fixture(params=("sqlite", "postgresql"))
def shipped(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    """The real program with its own packs; the test runs once for each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'cutscore.sqlite3'}"
        migrate(url)
    else:
        url = request.getfixturevalue("postgresql_url")
    with program(url, tmp_path) as made:
        yield made
