"""Attempts at the edges: every page of them is there and true, and no number is more certain than it can be."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import count

import pytest
from anyio.from_thread import BlockingPortal
from sqlalchemy import select, update

from app.exam.form import form_from_canonical
from app.exam.item import canonical
from app.exam.person import SESSION_LIFETIME
from app.pages.depends import hash_token
from app.store import parameters, people, tables
from tests import packs
from tests.conftest import BOTH
from tests.databases import postgresql_database
from tests.finite import shown_as_no_number
from tests.journeys.fixtures import loaded
from tests.journeys.world import PASSWORD, Sitting, World, open_world
from tests.packs import NOON, PILOTED, SHORT
from tests.pages.classes import new_class
from tests.pages.drills import drill
from tests.population import Population

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


PAGES = ("", "/review", "/debrief", "/verification", "/result.json", "/answers.csv", "/gains.csv")
AROUND = ("/", "/attempts", "/study", "/study/settings", "/practice", "/notes", f"/exams/{SHORT}")
CERTAIN = re.compile(r"± 0%|\b0% to 0%|\b100% to 100%|chance of (about )?(0|100)%|\( ?(0|100)% ?\) would")
"""What no page may claim of a chance, or of a share that is not counted but expected."""


def pages_of(sitting: Sitting) -> list[str]:
    """Every address where the candidate of an attempt reads something of it, and all around it."""
    questions = [f"/questions/{position}" for position in range(1, sitting.length + 1)]
    return [*(sitting.report + path for path in (*PAGES, *questions)), *AROUND]


def faults(sitting: Sitting) -> list[tuple[str, str]]:
    """What is wrong with the pages of an attempt: not there, no number where one should be, or too certain."""
    found = []
    for path in pages_of(sitting):
        answer = sitting.browser.get(path)
        if answer.status_code != 200:
            found.append((path, str(answer.status_code)))
        # "None" is also a word: it begins sentences.
        found += [(path, word) for word in shown_as_no_number(answer.text) if word != "None"]
        found += [(path, claim[0]) for claim in CERTAIN.finditer(without_tags(answer.text))]
        if path.endswith(".json"):
            found += [(path, str(value)) for value in strange_values(answer.text)]
    return found


def strange_values(text: str) -> list[float]:
    """Values of a JSON document that are no finite numbers, and chances that are certain."""
    strange: list[float] = []

    def constant(name: str) -> float:
        strange.append(float(name))
        return 0.5

    again = (json.loads(text, parse_constant=constant)["meaning"] or {}).get("passing_again", {})
    return strange + [again[name] for name in ("chance", "low", "high") if again and not 0 < again[name] < 1]


def without_tags(page: str) -> str:
    """A page as a reader has it."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def text_of(sitting: Sitting, path: str = "") -> str:
    """A page of an attempt as a reader has it."""
    answer = sitting.browser.get(sitting.report + path)
    assert answer.status_code == 200, (path, answer.text)
    return without_tags(answer.text)


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


def practised(world: World) -> Sitting:
    """Who drilled what was missed in an earlier exam, and then sat another."""
    browser = world.browser()
    sitting = browser.start()
    sitting.answer(1)
    sitting.end()
    one = drill(browser, show="missed")
    one.answer_all(right=False, confidence="sure")
    sitting = browser.start()
    sitting.answer(4)
    return sitting


def after_many(world: World) -> Sitting:
    """The 201st attempt of one candidate, at a bank of 24 questions."""
    begin = NOON - timedelta(days=7 * 210)
    made = Population(world.database, SHORT, seed=next(_numbers), start=begin, seconds=5.0)
    (last, *_) = reversed(made.sit(1, mocks=200))
    browser = world.browser()
    with world.database.writing() as tx:
        owner = tx.execute(select(tables.attempt.c.person_id).where(tables.attempt.c.id == last)).scalar_one()
        token = f"many-{owner}"
        people.open_session(tx, owner, hash_token(token), "", world.clock.time, SESSION_LIFETIME)
    browser.client.cookies.set(world.site.cookie_name(), token)
    sitting = browser.start()
    sitting.answer(3)
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
    practised,
    after_many,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_page_of_an_attempt_at_the_edge_is_there_and_has_numbers(
    world: World, kind: Callable[[World], Sitting]
) -> None:
    sitting = kind(world)
    sitting.end()
    assert faults(sitting) == []


@pytest.mark.parametrize("kind", [nothing, all_right, with_pilots], ids=lambda kind: kind.__name__)
def test_every_page_is_there_and_true_when_an_item_was_corrected(
    world: World, kind: Callable[[World], Sitting]
) -> None:
    sitting = kind(world)
    sitting.end()
    at = sitting.attempt.sheet.at(1)
    wrong = next(o.option_id for o in at.options if o.option_id not in sitting.items[at.item_version_id].key)
    for key in ([wrong], None):
        with corrected(world, at.item_version_id, key):
            assert faults(sitting) == []


@contextmanager
def corrected(world: World, item_version_id: int, key: list[str] | None) -> Iterator[None]:
    """A correction of one item, as long as it is needed."""
    values = {
        "item_version_id": item_version_id,
        "key": key,
        "reason": "It asks for a lamp.",
        "made_at": NOON,
    }
    with world.database.writing() as tx:
        tx.execute(tables.regrade.insert().values(**values))
    yield
    with world.database.writing() as tx:
        tx.execute(tables.regrade.delete())


def test_a_page_that_claims_too_much_is_caught() -> None:
    for claim in ("you would pass with a chance of 100%", "46% ± 0%", "from 0% to 0%"):
        assert CERTAIN.search(claim)
    assert strange_values('{"meaning": {"passing_again": {"chance": 1.0, "low": NaN, "high": 0.9}}}')


def test_a_deleted_account_leaves_no_page_and_no_name(world: World) -> None:
    group = new_class(world)
    task = group.assign()
    browser = world.account()
    browser.post(group.link(), {"consent": "yes"})
    sitting = task.sit(browser)
    others = task.sit(group.member())
    assert browser.name in task.results()
    browser.post(f"{sitting.report}/verification")
    found = re.search(r"/verify/[\w-]+", browser.get(f"{sitting.report}/verification").text)
    assert found
    assert world.browser().get(found[0]).status_code == 200
    assert browser.post("/people/account/delete", {"password": PASSWORD, "keep": "true"}).status_code == 303
    for path in pages_of(sitting)[: len(PAGES) + sitting.length]:
        assert browser.get(path).status_code in (303, 404), path
    assert world.browser().get(found[0]).status_code == 404
    assert browser.name not in task.results()
    assert browser.name not in group.instructor.get(group.path).text
    assert faults(others) == []


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
