"""No page looks through a table that grows with attempts: by the plans of SQLite, which do not depend on how much
there is, for every address that answers to a GET."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from app.exam.person import Role
from app.pages.site import Site
from app.store import regrades
from app.store.database import Database
from tests.analyses import analysed, proposed
from tests.cohorts import seated
from tests.journeys.routes import routes
from tests.journeys.world import Browser, World
from tests.packs import SHORT
from tests.pages.test_authority import FILLED
from tests.pages.tokens import bearing

GROWING = {
    "attempt",
    "attempt_event",
    "form",
    "met_item",
    "note",
    "person",
    "practice_answer",
    "practice_meeting",
    "practice_set",
    "published_result",
    "readiness",
    "response",
    "response_event",
    "score",
    "session",
    "study_card",
    "study_intake",
}
SMALL = "ix_attempt_not_closed"
"""An index that holds the few attempts which nobody has closed."""


def scans(connection: Any, statement: str, parameters: Any) -> list[str]:
    """The steps of a question's plan that look through the whole of a table, or of an index, that grows."""
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    steps = [step[3] for step in plan]
    found = ((step, re.match(r"SCAN (\w+?)(_\d+)?\b", step)) for step in steps if SMALL not in step)
    return [step for step, match in found if match and match[1] in GROWING]


@contextmanager
def watched(database: Database) -> Iterator[list[str]]:
    """Every step that looked through such a table inside the block, with its question."""
    seen: list[str] = []

    def asked(connection: Any, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            own = connection.connection.dbapi_connection
            seen.extend(f"{step}: {statement}" for step in scans(own, statement, parameters))

    event.listen(database._reader, "before_cursor_execute", asked)
    yield seen
    event.remove(database._reader, "before_cursor_execute", asked)


def parts_of(world: World, browser: Browser) -> dict[str, object]:
    """What stands in the addresses: a report, an item with a correction, a cohort, an analysis, a practice set."""
    sitting = browser.start()
    sitting.answer(2)
    sitting.end()
    now = world.clock.now()
    lines = analysed(world.database, SHORT, now)
    version_id = sitting.attempt.sheet.at(1).item_version_id
    site: Site = world.site
    with world.database.writing() as tx:
        owner = sitting.attempt.person_id
        made = seated(tx, site, owner, SHORT, now, size=12)
        regrades.add(tx, lines[0].item_version_id, None, None, "Nobody can tell.", now, owner)
    drill = browser.post("/practice", {"exam": SHORT, "count": "5"})
    return {
        "exam_id": SHORT,
        "attempt_id": sitting.attempt.id,
        "item_version_id": version_id,
        "item_id": sitting.items[version_id].id,
        "cohort_id": made.cohort_id,
        "assignment_id": made.assignment_id,
        "person_id": made.members[3],
        "version_id": proposed(world.database, SHORT, now),
        "set_id": drill.headers["location"].split("/")[2],
        "token": made.token,
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_page_looks_through_what_grows_with_attempts(fresh_world: World) -> None:
    owner, admin = fresh_world.account(), fresh_world.visitor(Role.ADMIN)
    parts = FILLED | parts_of(fresh_world, owner)
    program = bearing(fresh_world, admin)
    answered = set()
    with watched(fresh_world.database) as seen:
        for method, path in routes(fresh_world.app):
            if method != "GET" or path.startswith("/static/") or path.endswith("/export"):
                continue
            for visitor in (owner, admin, program):
                if visitor.get(path.format(**parts)).status_code == 200:
                    answered.add(path)
    assert seen == []
    assert len(answered) > 60


def test_a_question_that_looks_through_everything_is_caught(sqlite_world: World) -> None:
    with watched(sqlite_world.database) as seen, sqlite_world.database.reading() as tx:
        tx.execute(text("SELECT count(*) FROM score GROUP BY attempt_id"))
        tx.execute(text("SELECT id FROM attempt WHERE ending = 'time'"))
        tx.execute(text("SELECT id FROM attempt WHERE id = 1"))
    assert [line.partition(":")[0].split()[1] for line in seen] == ["score", "attempt"]
