"""Calibration and analysis of what a database holds: read, calculated, proposed, adopted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from app import measuring
from app.errors import Conflict, Invalid
from app.exam.analysis import summary_from_plain
from app.exam.form import assemble
from app.exam.item_analysis import line_from_plain
from app.exam.person import Role
from app.pages.site import Site
from app.settings import Settings
from app.store import forms, packs, parameters, people, tables
from app.store.database import Database
from app.work import Work
from tests.measuring.conftest import ATTEMPTS, CANDIDATES, LONG
from tests.packs import NOON


def asked(database: Database, exam: str = LONG) -> dict[str, Any]:
    return {"database_url": database.url, "exam": exam, "as_of": NOON.date().isoformat()}


def silent(_done: int, _total: int, _note: str) -> None:
    """Nobody watches."""


def calibrated(database: Database) -> dict[str, Any]:
    """A calibration, as it comes out of a child process."""
    made: dict[str, Any] = json.loads(
        json.dumps(measuring.calibrate(asked(database), silent), allow_nan=False)
    )
    return made


def adopt(database: Database, version_id: int) -> None:
    with database.writing() as tx:
        who = people.add(tx, name=None, password_hash=None, role=Role.INSTRUCTOR, is_guest=True, now=NOON)
        parameters.adopt(tx, version_id, "It looks right.", NOON, who.id)


def propose(database: Database, made: dict[str, Any]) -> int:
    with database.writing() as tx:
        return parameters.propose(tx, made, NOON, None)


def frozen(database: Database) -> list[tuple[int, str]]:
    """All forms as they are stored."""
    with database.reading() as tx:
        rows = tx.execute(select(tables.form.c.id, tables.form.c.document).order_by(tables.form.c.id))
        return [(row.id, row.document) for row in rows]


def test_a_calibration_rests_on_what_was_met_for_the_first_time(crowd: Database) -> None:
    details = calibrated(crowd)["details"]
    assert (details["attempts"], details["candidates"]) == (ATTEMPTS, CANDIDATES)
    left_out = {one["why"]: one["count"] for one in details["left_out"]}
    repeated = left_out["responses were to items that the candidate had met before"]
    unreached = next((n for why, n in left_out.items() if "not reached" in why), 0)
    assert repeated > 0
    assert details["responses"] + repeated + unreached == 20 * ATTEMPTS
    assert details["converged"]


def test_a_calibration_is_proposed_and_changes_nothing(crowd: Database) -> None:
    before = frozen(crowd)
    version_id = propose(crowd, calibrated(crowd))
    with crowd.reading() as tx:
        used = parameters.in_use(tx, LONG)
        line, made = parameters.get(tx, version_id)
    assert used is not None
    assert used.label == "cold-start-1"
    assert (line.adopted_at, made.label) == (None, "calibration-2")
    assert all(item.answered for item in made.parameters.items)
    assert frozen(crowd) == before


def test_adopted_it_is_for_forms_to_come_and_earlier_ones_keep_theirs(crowd: Database) -> None:
    before = frozen(crowd)
    made = calibrated(crowd)
    adopt(crowd, propose(crowd, made))
    assert frozen(crowd) == before
    site = Site(Settings(database_url=crowd.url), crowd)
    with crowd.reading() as tx:
        bank = site.shelf(tx, packs.exam(tx, LONG), NOON.date()).bank
        snapshot = site.snapshot(tx, bank, None, NOON)
    form = assemble(snapshot, 1)
    new = {(item["id"], item["version"]): item["b"] for item in made["items"]}
    assert form.parameters == "calibration-2"
    assert all(at.b == new[at.id, at.version] for at in form.positions)


def test_a_calibration_that_was_overtaken_is_refused(quick_crowd: Database) -> None:
    made = calibrated(quick_crowd)
    adopt(quick_crowd, propose(quick_crowd, made))
    with pytest.raises(Conflict, match="Calibrate again"):
        propose(quick_crowd, made)


def test_calibrating_again_without_new_responses_moves_nothing(quick_crowd: Database) -> None:
    made = calibrated(quick_crowd)
    adopt(quick_crowd, propose(quick_crowd, made))
    again = calibrated(quick_crowd)
    assert again["details"]["link"]["items"] > 0
    assert again["details"]["rmse_change_b"] < 0.01


def test_an_analysis_has_a_line_for_every_item_of_the_bank(crowd: Database) -> None:
    made = measuring.analyse(asked(crowd), silent)
    text = json.dumps(made, allow_nan=False)
    lines = [line_from_plain(item["line"]) for item in json.loads(text)["items"]]
    assert len(lines) == 40
    assert sum(line.count for line in lines) == made["summary"]["responses"]
    assert sum(line.pilots for line in lines) > 0
    with crowd.reading() as tx:
        assert {line.item: line.forms for line in lines} == {
            name: use.forms for name, use in forms.uses(tx, LONG).items()
        }


def test_typical_forms_say_how_far_decisions_can_be_trusted(quick_crowd: Database) -> None:
    summary = summary_from_plain(measuring.analyse(asked(quick_crowd), silent)["summary"])
    assert summary.decisions is not None
    assert (summary.decisions.forms, summary.decisions.scored) == (10, 16)
    assert 0.6 < summary.decisions.accuracy.low <= summary.decisions.accuracy.high < 0.95
    assert summary.time is not None
    assert summary.time.form_minutes == pytest.approx(35, abs=6)


@pytest.mark.parametrize("work", [measuring.calibrate, measuring.analyse])
def test_the_bar_only_goes_forward(work: Work, quick_crowd: Database) -> None:
    seen: list[tuple[int, int]] = []

    def tell(done: int, total: int, _note: str) -> None:
        seen.append((done, total))

    work(asked(quick_crowd), tell)
    assert {total for _, total in seen} == {1000}
    assert sorted(seen) == seen
    assert 0 <= seen[0][0] <= seen[-1][0] <= 1000


def test_nothing_to_calibrate_from_is_said_in_words(quick_crowd: Database) -> None:
    with quick_crowd.writing() as tx:
        tx.execute(tables.score.delete())
    with pytest.raises(Invalid, match="nothing to calibrate from"):
        measuring.calibrate(asked(quick_crowd), silent)
    assert measuring.analyse(asked(quick_crowd), silent)["summary"]["attempts"] == 0


def test_an_exam_without_a_first_version_is_refused_in_words(quick_crowd: Database) -> None:
    with quick_crowd.writing() as tx:
        tx.execute(tables.parameter_version.delete())
    with pytest.raises(Invalid, match="no ready items yet"):
        measuring.calibrate(asked(quick_crowd), silent)
