"""A class: an instructor, a cohort, members who joined by its link, and exams assigned to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import urlsplit

import httpx
from sqlalchemy import update

from app.exam.person import Role
from app.store import tables
from tests.journeys.world import Browser, Sitting, World
from tests.packs import SHORT
from tests.pages.banks import person_id

HOUR = timedelta(hours=1)
_numbers = count(1)


@dataclass
class Class:
    """A cohort, with the browser of its instructor."""

    world: World
    instructor: Browser
    cohort_id: int

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/cohorts/{self.cohort_id}"

    def link(self, **fields: str) -> str:
        """The path of a new invitation."""
        answer = self.instructor.post(f"{self.path}/invitation", {"places": "30", "days": "14", **fields})
        assert answer.status_code == 200, answer.text
        found = re.search(r'id="invitation-link"[^>]* value="([^"]+)"', answer.text)
        assert found
        return urlsplit(found[1]).path

    def member(self, link: str = "") -> Browser:
        """Somebody who has joined."""
        made = self.world.visitor(Role.CANDIDATE)
        joined = made.post(link or self.link(), {"consent": "yes"})
        assert joined.status_code == 303, joined.text
        return made

    def assign(self, **changes: str) -> Task:
        """Assign the short exam, open from now for eight hours unless changed."""
        now = self.world.clock.time
        fields = {
            "exam": SHORT,
            "opens": field(now),
            "closes": field(now + 8 * HOUR),
            "zone": "UTC",
            "attempts": "1",
            "time_option": "standard",
            "form": "own",
            "release": "at-once",
        }
        answer = self.instructor.post(f"{self.path}/new-assignment", fields | changes)
        assert answer.status_code == 303, answer.text
        return Task(self, int(answer.headers["location"].split("/")[2]))

    def id_of(self, browser: Browser) -> int:
        """Who is logged in there."""
        with self.world.database.reading() as tx:
            return person_id(tx, browser)


@dataclass
class Task:
    """An exam assigned to a class."""

    of: Class
    id: int

    @property
    def path(self) -> str:
        """The address of its rules."""
        return f"/assignments/{self.id}"

    def try_start(self, who: Browser, **fields: str) -> httpx.Response:
        """Ask to start it."""
        return who.post("/attempts", {"assignment": str(self.id), **fields})

    def start(self, who: Browser) -> Sitting:
        """Start it."""
        answer = self.try_start(who)
        assert answer.status_code == 303, answer.text
        return who.sitting(int(answer.headers["location"].rpartition("/")[2]))

    def sit(self, who: Browser, right: int = 3) -> Sitting:
        """Sit it to its end."""
        sitting = self.start(who)
        sitting.answer(right)
        sitting.end()
        return sitting

    def give(self, who: Browser, amount: int, unit: str = "minutes") -> str:
        """Give somebody extra time; the page that says so."""
        fields = {"person": str(self.of.id_of(who)), "amount": str(amount), "unit": unit}
        answer = self.of.instructor.post(f"{self.path}/extra-time", fields)
        assert answer.status_code == 303, answer.text
        return self.of.instructor.get(answer.headers["location"]).text

    def try_move(self, opens: datetime, closes: datetime) -> httpx.Response:
        """Ask to move its window."""
        fields = {"opens": field(opens), "closes": field(closes), "zone": "UTC"}
        return self.of.instructor.post(f"{self.path}/window", fields)

    def move(self, opens: datetime, closes: datetime) -> str:
        """Move its window; the page that says so."""
        answer = self.try_move(opens, closes)
        assert answer.status_code == 303, answer.text
        return self.of.instructor.get(answer.headers["location"]).text

    def results(self) -> str:
        """What the instructor reads."""
        answer = self.of.instructor.get(f"{self.path}/results")
        assert answer.status_code == 200, answer.text
        return answer.text


def new_class(world: World, instructor: Browser | None = None) -> Class:
    """A class of nobody yet."""
    keeper = instructor or world.visitor(Role.INSTRUCTOR)
    answer = keeper.post("/cohorts", {"name": f"Class {next(_numbers)}"})
    assert answer.status_code == 303, answer.text
    return Class(world, keeper, int(answer.headers["location"].rpartition("/")[2]))


def instructor(world: World) -> Browser:
    """An instructor with an account that others can name."""
    made = world.account()
    with world.database.writing() as tx:
        tx.execute(update(tables.person).where(tables.person.c.name == made.name).values(role="instructor"))
    return made


def field(at: datetime) -> str:
    """A moment in UTC as the form's field has it."""
    return at.strftime("%Y-%m-%dT%H:%M")
