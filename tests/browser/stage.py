"""Every page in every state that a person can meet: how they are registered, and what they are made from.

The states are in the modules states_*.py. A route of the application without one makes a test fail.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from playwright.sync_api import Page

from app.exam.person import Role
from app.store import people
from tests.browser.conftest import Visit
from tests.browser.servers import ThreadServer
from tests.browser.sitting import Sitting
from tests.browser.visitor import Visitor

NOT_PAGES = {
    "/healthz": "a word for probes",
    "/api/v1/packs": "JSON for programs",
    "/api/v1/packs/imports/{import_id}": "JSON for programs",
    "/api/v1/packs/{pack_id}/export": "a file for programs",
    "/api/v1/jobs/{job_id}": "JSON for programs",
    "/api/v1/exams/{exam_id}/items": "JSON for programs",
    "/api/v1/exams/{exam_id}/results": "JSON for programs",
    "/api/v1/openapi.json": "JSON for programs",
    "/readyz": "JSON for probes",
    "/assignments/{assignment_id}/results.csv": "CSV: the results as a file",
    "/metrics": "text for Prometheus",
    "/exams/{exam_id}/items.csv": "CSV: the bank page as a file",
    "/reports/{attempt_id}/result.json": "JSON: the report as a file",
    "/people/account/data.json": "JSON: one's own data as a file",
    "/reports/{attempt_id}/answers.csv": "CSV: the review as a file",
    "/reports/{attempt_id}/gains.csv": "CSV: a table of the report as a file",
    "/exams/{exam_id}/standard/items.csv": "CSV: an empty sheet for raters",
    "/jobs/{job_id}/progress": "a fragment: it is on the page of the job",
    "/media/{sha256}": "an image: it is in the pages that show it",
    "/packs/{pack_id}/export": "a file",
    "/attempts/{attempt_id}/state": "JSON for the exam page",
    "/exams/{exam_id}/measurement/report.md": "Markdown, to download",
    "/attempts/{attempt_id}/questions/{position}": "a fragment: it is on the exam page, see the state conflict",
}
_numbers = count(1)


@dataclass
class Stage:
    """What a state is made from: visitors, and the server they visit; `bare` has no packs."""

    visit: Visit
    server: ThreadServer
    bare: ThreadServer

    def somebody(self, role: Role = Role.CANDIDATE) -> Visitor:
        """A visitor with an account of this role."""
        made = self.visit()
        name = f"person{os.getpid()}-{next(_numbers)}"
        made.register(name)
        if role is not Role.CANDIDATE:
            with self.server.database.writing() as tx:
                known = people.by_name(tx, name)
                assert known
                people.set_role(tx, known[0].id, role)
        return made

    def guest(self) -> Visitor:
        """A visitor without an account."""
        return self.visit()

    def ended(self, answered: int = 0) -> Sitting:
        """An attempt with so many answers that has ended; its report is on screen."""
        sitting = self.guest().start()
        for position in range(1, answered + 1):
            sitting.answer(position)
        sitting.end()
        return sitting


@dataclass(frozen=True)
class State:
    """One state: its name, the route that serves it, and how to get there."""

    name: str
    route: str
    reach: Callable[[Stage], Page]


STATES: list[State] = []


def state(route: str) -> Callable[[Callable[[Stage], Page]], Callable[[Stage], Page]]:
    """Register a state of a route under the name of its function."""

    def registered(reach: Callable[[Stage], Page]) -> Callable[[Stage], Page]:
        STATES.append(State(reach.__name__, route, reach))
        return reach

    return registered
