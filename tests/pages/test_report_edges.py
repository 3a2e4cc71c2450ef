"""Attempts at the edges: every page of them is there and true, and no number is more certain than it can be."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count

import pytest
from anyio.from_thread import BlockingPortal
from sqlalchemy import select, update

from app.exam.form import form_from_canonical
from app.exam.item import canonical
from app.store import parameters, tables
from tests import packs
from tests.conftest import BOTH
from tests.databases import postgresql_database
from tests.finite import shown_as_no_number
from tests.journeys.fixtures import loaded
from tests.journeys.world import Sitting, World, open_world
from tests.packs import NOON, PILOTED, SHORT

_numbers = count(1)


@pytest.fixture(scope="module", params=BOTH)
def world(
    request: pytest.FixtureRequest, portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A world of these tests alone, whose exams are measured by their ratings; for each kind of database."""
    folder = tmp_path_factory.mktemp("edges")
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{folder / 'cutscore.sqlite3'}"
            shutil.copyfile(request.getfixturevalue("migrated_sqlite"), folder / "cutscore.sqlite3")
        else:
            server, template = (
                request.getfixturevalue(name) for name in ("postgresql", "migrated_postgresql")
            )
            name = f"cutscore_edges_{os.getpid()}_{next(_numbers)}"
            url = stack.enter_context(postgresql_database(server, name, template))
        database = loaded(url)
        with database.writing() as tx:
            for exam in packs.pack().exams:
                parameters.follow_pack(tx, exam, lambda: packs.pack().items, "1.0.0", NOON)
        yield stack.enter_context(open_world(database, folder, portal))


PAGES = ("", "/review", "/debrief", "/verification", "/questions/1", "/result.json", "/answers.csv")


def text_of(sitting: Sitting, path: str = "") -> str:
    """A page of an attempt as a reader has it."""
    answer = sitting.browser.get(sitting.report + path)
    assert answer.status_code == 200, (path, answer.text)
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def nothing(world: World) -> Sitting:
    """No answer at all."""
    return world.browser().start()


def all_right(world: World) -> Sitting:
    """Everything right."""
    sitting = world.browser().start()
    sitting.answer(sitting.length)
    return sitting


def one_answered(world: World) -> Sitting:
    """One answer, and it is wrong."""
    sitting = world.browser().start()
    sitting.save(3, sitting.tokens(3, right=False))
    return sitting


def in_the_first_second(world: World) -> Sitting:
    """Ended before anything was opened."""
    sitting = world.browser().start()
    world.clock.pass_(milliseconds=300)
    return sitting


def with_pilots(world: World) -> Sitting:
    """An exam with two items that do not count."""
    sitting = world.browser().start(PILOTED)
    sitting.answer(5)
    return sitting


def untimed(world: World) -> Sitting:
    """Without a clock, half of it right."""
    sitting = world.browser().start(SHORT, time_option="untimed")
    sitting.answer(3)
    return sitting


def guessed_beforehand(world: World) -> Sitting:
    """Who was quite sure to pass with all of it, and got nothing right."""
    sitting = world.browser().start(SHORT, expected="100", expected_score="1000")
    sitting.answer(0)
    return sitting


def twice_overlapping(world: World) -> Sitting:
    """The fifth of five short exams from a bank of 24: none of its questions is new."""
    browser = world.browser()
    for _ in range(4):
        sitting = browser.start()
        sitting.answer(2)
        sitting.end()
    sitting = browser.start()
    sitting.answer(6)
    return sitting


KINDS: tuple[Callable[[World], Sitting], ...] = (
    nothing,
    all_right,
    one_answered,
    in_the_first_second,
    with_pilots,
    untimed,
    guessed_beforehand,
    twice_overlapping,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_page_of_an_attempt_at_the_edge_is_there_and_has_numbers(
    world: World, kind: Callable[[World], Sitting]
) -> None:
    sitting = kind(world)
    sitting.end()
    for path in PAGES:
        answer = sitting.browser.get(sitting.report + path)
        assert answer.status_code == 200, (path, answer.text)
        assert [word for word in shown_as_no_number(answer.text) if word != "None"] == [], path
    assert sitting.browser.get("/attempts").status_code == 200


def test_who_answered_nothing_is_not_told_what_they_know(world: World) -> None:
    sitting = nothing(world)
    sitting.end()
    said = text_of(sitting)
    assert "0 of 6 right" in said
    assert "Above" not in said


def test_the_chance_of_passing_is_never_certain(world: World) -> None:
    for made in (nothing(world), all_right(world)):
        made.end()
        said = text_of(made)
        assert "Would you pass again?" in said
        assert not re.search(r"\( ?(0|100)% ?\)", said)


def test_a_guess_far_off_is_compared_in_words(world: World) -> None:
    sitting = guessed_beforehand(world)
    sitting.end()
    assert "You were surer than your results support" in text_of(sitting)
    said = text_of(sitting, "/debrief")
    assert "You expected 1000 and got 100: 900 points too many. You overestimated yourself." in said
    assert "You were surer than your results support" in said


def test_a_guess_within_the_band_is_not_called_wrong(world: World) -> None:
    sitting = world.browser().start(SHORT, expected_score="700")
    sitting.answer(3)
    sitting.end()
    said = text_of(sitting, "/debrief")
    assert "You expected 700 and got" in said
    assert "one exam cannot tell it from a right one" in said
    assert "estimated yourself" not in said


def test_the_picture_of_the_score_names_it_and_shows_its_band(world: World) -> None:
    sitting = all_right(world)
    sitting.end()
    page = sitting.browser.get(sitting.report).text
    assert ">You: 1000</text>" in page
    assert '<line class="band"' in page


def test_what_was_seen_before_stands_apart_and_proves_nothing(world: World) -> None:
    sitting = twice_overlapping(world)
    sitting.end()
    said = text_of(sitting)
    assert re.search(r"Seen before: \d of \d", said)
    seen = int(re.search(r"Seen before: \d of (\d)", said)[1])  # type: ignore[index]  # just found
    assert seen >= 1
    if seen == sitting.length:
        assert "Every question was known to you before" in said
        assert "Below" not in said


def test_a_pilot_is_in_no_share(world: World) -> None:
    sitting = with_pilots(world)
    sitting.end()
    said = text_of(sitting)
    assert "2 questions were on trial" in said
    assert re.search(r"You got \d of 6 right", said)


def test_a_form_from_before_parameter_versions_has_a_plain_report(world: World) -> None:
    sitting = all_right(world)
    sitting.end()
    form = tables.form
    with world.database.writing() as tx:
        mine = form.c.id == sitting.attempt.form_id
        text = tx.execute(select(form.c.document).where(mine)).scalar_one()
        plain = {**json.loads(text), "parameters": "old"}
        tx.execute(update(form).where(mine).values(document=canonical(plain)))
        assert form_from_canonical(canonical(plain)).parameters == "old"
    said = text_of(sitting)
    assert "Would you pass again?" not in said
    assert "100%" in said


def test_a_withdrawn_item_is_taken_out_of_everything(world: World) -> None:
    sitting = all_right(world)
    sitting.end()
    with world.database.writing() as tx:
        withdrawn = {
            "item_version_id": sitting.attempt.sheet.at(2).item_version_id,
            "key": None,
            "reason": "It asks about a lamp that is not there.",
            "made_at": NOON,
        }
        tx.execute(tables.regrade.insert().values(**withdrawn))
    said = text_of(sitting)
    assert "5 of 5" in said
    assert "Scored again" in said
    assert "Withdrawn, not scored" in text_of(sitting, "/questions/2")
    for path in PAGES:
        assert sitting.browser.get(sitting.report + path).status_code == 200, path
    with world.database.writing() as tx:
        tx.execute(tables.regrade.delete())


def test_a_correction_of_every_item_leaves_a_report(world: World) -> None:
    sitting = all_right(world)
    sitting.end()
    with world.database.writing() as tx:
        for at in sitting.attempt.sheet.items[:5]:
            withdrawn = {
                "item_version_id": at.item_version_id,
                "key": None,
                "reason": "Gone.",
                "made_at": NOON,
            }
            tx.execute(tables.regrade.insert().values(**withdrawn))
    assert "1 of 1" in text_of(sitting)
    with world.database.writing() as tx:
        tx.execute(tables.regrade.delete())
