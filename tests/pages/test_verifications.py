"""Results that candidates publish: recomputed on each look, and what was tampered with is found."""

from __future__ import annotations

import json
import os
import re

import pytest
from sqlalchemy import select, update

from app.exam.person import Role
from app.store import scores, tables
from tests.journeys.world import Sitting, World

RECOMPUTATIONS = int(os.environ.get("CUTSCORE_RECOMPUTATIONS", "20"))
MATCH, MISMATCH = "It matches.", "It does not match."


def published(world: World, **fields: str) -> tuple[Sitting, str]:
    """An attempt whose result is published, and the path of its verification."""
    sitting = world.visitor(Role.CANDIDATE).start()
    for position in range(1, sitting.length + 1):
        sitting.save(position, sitting.tokens(position, right=position % 2 == 1))
    sitting.end()
    assert sitting.browser.post(f"{sitting.report}/verification", fields).status_code == 303
    shown = sitting.browser.get(f"{sitting.report}/verification").text
    found = re.search(r"/verify/[\w-]+", shown)
    assert found
    return sitting, found[0]


def test_anybody_with_the_address_sees_the_result_and_that_it_matches(world: World) -> None:
    sitting, path = published(world)
    answer = world.browser().get(path)
    (made,) = sitting.browser.get(f"{sitting.report}/result.json").json()["scores"]
    assert MATCH in answer.text
    assert f"with {made['scaled']}" in answer.text
    assert f"{made['right']} of {made['of']}" in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"


def test_the_name_is_shown_only_if_the_candidate_says_so(world: World) -> None:
    sitting, path = published(world)
    assert sitting.browser.name not in world.browser().get(path).text
    sitting, path = published(world, name="true")
    assert sitting.browser.name in world.browser().get(path).text


def test_a_result_taken_back_is_gone_and_a_new_address_is_another(world: World) -> None:
    sitting, path = published(world)
    sitting.browser.post(f"{sitting.report}/verification/revoke")
    assert world.browser().get(path).status_code == 404
    sitting.browser.post(f"{sitting.report}/verification")
    assert path not in sitting.browser.get(f"{sitting.report}/verification").text


def test_publishing_again_ends_the_earlier_address(world: World) -> None:
    sitting, path = published(world)
    sitting.browser.post(f"{sitting.report}/verification")
    assert world.browser().get(path).status_code == 404


def test_no_question_and_no_answer_is_shown(world: World) -> None:
    sitting, path = published(world)
    page = world.browser().get(path).text
    for item in sitting.items.values():
        assert item.id not in page
        assert item.stem[:40] not in page


@pytest.mark.parametrize("what", ["score", "answers", "form", "document", "name", "unreadable"])
def test_what_was_tampered_with_is_found(world: World, what: str) -> None:
    sitting, path = published(world)
    own = sitting.attempt.id
    result, score, form = tables.published_result, tables.score, tables.form
    with world.database.writing() as tx:
        text = tx.execute(select(result.c.document).where(result.c.attempt_id == own)).scalar_one()
        if what == "score":
            row = tx.execute(select(score).where(score.c.attempt_id == own)).one()
            better = {**row.document, "raw": 6, "displayed": 1000, "scaled": 1000.0, "passed": True}
            tx.execute(update(score).where(score.c.id == row.id).values(document=better))
        elif what == "answers":
            item = sitting.items[sitting.attempt.sheet.at(2).item_version_id]
            mine = (tables.response.c.attempt_id == own) & (tables.response.c.position == 2)
            tx.execute(update(tables.response).where(mine).values(choice=sorted(item.key)))
        elif what == "form":
            stored = tx.execute(select(form).where(form.c.id == sitting.attempt.form_id)).one()
            document = json.loads(stored.document)
            document["conversion"][3] += 100
            tx.execute(update(form).where(form.c.id == stored.id).values(document=json.dumps(document)))
        else:
            changed = {
                "document": text.replace('"passed":false', '"passed":true'),
                "name": text.replace('"name":null', '"name":"Somebody Else"'),
                "unreadable": "{",
            }[what]
            assert changed != text
            tx.execute(update(result).where(result.c.attempt_id == own).values(document=changed))
    answer = world.browser().get(path)
    assert MATCH not in answer.text
    assert (answer.status_code == 404) is (what == "unreadable")
    assert (MISMATCH in answer.text) is (what != "unreadable")


def test_practice_is_not_published(world: World) -> None:
    sitting, _ = published(world)
    with world.database.writing() as tx:
        mine = tables.attempt.c.id == sitting.attempt.id
        tx.execute(update(tables.attempt).where(mine).values(kind="practice"))
    assert sitting.browser.post(f"{sitting.report}/verification").status_code == 422


def test_a_result_recomputed_again_and_again_is_the_same(world: World) -> None:
    """X21. `CUTSCORE_RECOMPUTATIONS=10000` makes it as many."""
    sitting, _ = published(world)
    with world.database.reading() as tx:
        stored = scores.of(tx, sitting.attempt.id).score
        for _ in range(RECOMPUTATIONS):
            assert scores.compute(tx, sitting.attempt.id, only=stored.corrections) == stored
