"""Edges of a population: nobody, one, all right, all wrong, nothing answered. No row and no page has a NaN of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import measuring
from app.errors import Invalid
from app.exam.person import Role
from app.store import analyses, packs, parameters, scores, tables
from app.store.database import Database, Transaction
from tests.finite import shown_as_no_number, stored_as_no_number
from tests.journeys.world import Browser, World, open_world
from tests.measuring.conftest import LONG
from tests.packs import NOON

STYLES = ("as it was", "right", "wrong", "empty")


@dataclass(frozen=True)
class Crowd:
    """How each of those who came answered; `easy`: the item that most of them met is one that all got right."""

    answered: tuple[str, ...]
    easy: bool = False


@dataclass(frozen=True)
class Place:
    """The database of the crowd, and an instructor who looks at it."""

    world: World
    instructor: Browser


@pytest.fixture(scope="module")
def place(
    crowded_sqlite: Path, portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """One for all examples: each of them answers anew."""
    folder = tmp_path_factory.mktemp("edges")
    shutil.copyfile(crowded_sqlite, folder / "cutscore.sqlite3")
    with open_world(Database(f"sqlite:///{folder / 'cutscore.sqlite3'}"), folder, portal) as world:
        yield Place(world, world.visitor(Role.INSTRUCTOR))


def answer(tx: Transaction, crowd: Crowd) -> None:
    """Let the first attempts be answered so and scored, and let there be no others."""
    sat = tx.execute(select(tables.attempt.c.id, tables.attempt.c.sheet).order_by(tables.attempt.c.id)).all()
    bank = packs.bank(tx, packs.exam(tx, LONG).pack_version_id)
    easy = sat[0].sheet[0]["item"] if crowd.easy else None
    tx.execute(tables.score.delete())
    for one, style in zip(sat, crowd.answered, strict=False):
        for position, at in enumerate(one.sheet, 1):
            key = sorted(bank[at["item"]].key)
            others = [option.id for option in bank[at["item"]].options if option.id not in key]
            choices = {"right": key, "wrong": others[: len(key)], "empty": []}
            choice = key if at["item"] == easy else choices.get(style)
            if choice is not None:
                tx.execute(
                    tables.response.update()
                    .where(tables.response.c.attempt_id == one.id, tables.response.c.position == position)
                    .values(choice=choice)
                )
        scores.add(tx, one.id, NOON, "For the tests")


def measured(database: Database, crowd: Crowd) -> list[str]:
    """Analyse and, if there is something to do it from, calibrate; the addresses of pages that show it."""
    asked = {"database_url": database.url, "exam": LONG, "as_of": NOON.date().isoformat()}
    found = analyses.put(database, measuring.analyse(asked, lambda *_: None), NOON)
    pages = ["measurement", "items", "items.csv"]
    with database.writing() as tx:
        analyses.publish(tx, found)
        lines = sorted(analyses.lines(tx, found), key=lambda line: line.count)
    pages += [f"items/{line.item_version_id}" for line in (*lines[:2], *lines[-2:])]
    if crowd.answered:
        made = measuring.calibrate(asked, lambda *_: None)
        with database.writing() as tx:
            pages.append(f"measurement/{parameters.propose(tx, made, NOON, None)}")
    else:
        with pytest.raises(Invalid, match="nothing to calibrate from"):
            measuring.calibrate(asked, lambda *_: None)
    return [f"/exams/{LONG}/{page}" for page in pages]


@settings(max_examples=2)
@given(st.builds(Crowd, st.lists(st.sampled_from(STYLES), max_size=8).map(tuple), st.booleans()))
@example(Crowd(()))
@example(Crowd(("as it was",)))
@example(Crowd(("right",) * 12))
@example(Crowd(("wrong",) * 12))
@example(Crowd(("empty",) * 12))
@example(Crowd(("as it was",) * 36, easy=True))
def test_nothing_that_is_stored_or_shown_is_not_a_number(place: Place, crowd: Crowd) -> None:
    database = place.world.database
    with database.writing() as tx:
        answer(tx, crowd)
    pages = measured(database, crowd)
    assert stored_as_no_number(database) == []
    for path in pages:
        page = place.instructor.get(path)
        assert page.status_code == 200, path
        assert shown_as_no_number(page.text) == [], path


def test_what_is_not_a_number_is_noticed(place: Place) -> None:
    database = place.world.database
    with database.writing() as tx:
        job = tables.job.insert().values(
            kind="count",
            subject="",
            request={"to": float("inf")},
            made_at=NOON,
            heard_at=NOON,
            done=0,
            total=0,
            note="",
        )
        tx.execute(job)
    assert stored_as_no_number(database) == ["job.request"]
    with database.writing() as tx:
        tx.execute(tables.job.delete())
    assert shown_as_no_number("<p>r = nan</p>") == ["nan"]
