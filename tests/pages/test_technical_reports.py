"""The technical report: it says what is known, what is not, and what to do about that; and never a NaN."""

from __future__ import annotations

import re
from datetime import timedelta

from app.exam.parameter_version import first, with_calibration, with_standard
from app.exam.parameters import ItemParameters
from app.exam.person import Role
from app.store import packs, parameters
from tests.analyses import analysed
from tests.journeys.world import Browser, World
from tests.packs import SHORT

PATH = f"/exams/{SHORT}/measurement/report"
NOT_FINITE = re.compile(r"\b(nan|inf|infinity|None)\b", re.IGNORECASE)
DETAILS = {
    "attempts": 300,
    "candidates": 290,
    "responses": 1800,
    "items": 12,
    "anchors": 0,
    "group": {"mean": 0.11, "sd": 0.97},
    "link": {"scale": 1.0, "shift": 0.0, "items": 0},
    "log_likelihood": -1234.5,
    "converged": True,
    "iterations": 18,
    "errors": "joint",
    "notes": [],
    "rmse_change_b": 0.58,
    "promoted": [],
    "drifted": [],
    "theta_cut": {"before": 0.0, "after": 0.04},
}


def measured(world: World) -> None:
    """A first version of what the scores rest on, if the fixture's pack came without one."""
    with world.database.writing() as tx:
        if parameters.in_use(tx, SHORT) is None:
            stored = packs.exam(tx, SHORT)
            items = packs.bank(tx, stored.pack_version_id).values()
            parameters.add(tx, first(items, stored.exam), "The first bank", world.clock.now(), adopted=True)


def calibrated(world: World, *, converged: bool = True) -> None:
    """A calibration in use of all items but one, and a standard setting after it."""
    measured(world)
    now = world.clock.now()
    with world.database.writing() as tx:
        used = parameters.in_use(tx, SHORT)
        assert used is not None
        items = [
            ItemParameters(item.id, item.version, item.a, item.b + 0.1, item.c, 0.1, 0.2, 240)
            for item in used.parameters.items[1:]
        ]
        made = with_calibration(used, items, {**DETAILS, "converged": converged})
        version_id = parameters.add(tx, made, "Calibrated", now)
        parameters.adopt(tx, version_id, "It | converged.", now, None)
        exam = packs.exam(tx, SHORT).exam
        details = {"raters": ["ann", "bob"], "ratings": {"x": [0.6, 0.7]}, "mean": 0.65, "error": 0.02}
        after = parameters.in_use(tx, SHORT)
        assert after is not None
        panel = with_standard(after, exam, 0.65, "Two keepers", details)
        parameters.adopt(tx, parameters.add(tx, panel, "Two keepers", now), "Agreed.", now, None)


def told(world: World) -> None:
    """An analysis that says everything, by the version in use."""
    with world.database.reading() as tx:
        used = parameters.in_use(tx, SHORT)
    assert used is not None
    analysed(world.database, SHORT, world.clock.now(), used.label)


def instructor(world: World) -> Browser:
    """An instructor's browser."""
    return world.visitor(Role.INSTRUCTOR)


def test_at_a_cold_start_every_gap_says_what_to_do(fresh_world: World) -> None:
    measured(fresh_world)
    page = instructor(fresh_world).get(PATH).text
    assert "cold-start-1" in page
    assert "No calibration is in use" in page
    assert "No standard setting is in use" in page
    assert "have not been analysed yet. Analyse them" in page
    assert "3 gaps" in page
    assert not NOT_FINITE.search(page)


def test_a_full_report_has_the_figures_of_what_is_stored(world: World) -> None:
    calibrated(world)
    told(world)
    page = instructor(world).get(PATH).text
    assert "converged after 18 iterations" in page
    assert "mean 0.11, SD 0.97" in page
    assert "Two keepers" in page
    assert "0.871" in page
    assert "7 of 10" in page
    assert "210 / 230" in page
    assert 'aria-label="Standard error of the scaled score' in page
    assert "went by" not in page
    assert not NOT_FINITE.search(page)


def test_who_adopted_what_and_why_is_told(world: World) -> None:
    browser = instructor(world)
    measured(world)
    proposal = browser.post(f"/exams/{SHORT}/measurement/reference").headers["location"]
    browser.post(f"{proposal}/adopt", {"reason": "The bank has grown."})
    page = browser.get(PATH).text
    assert "The bank has grown." in page
    assert page.count(browser.name) >= 3  # the frame, made by, adopted by


def test_an_analysis_of_another_version_is_called_out_of_date(sqlite_world: World) -> None:
    analysed(sqlite_world.database, SHORT, sqlite_world.clock.now() - timedelta(days=1))
    calibrated(sqlite_world)
    page = instructor(sqlite_world).get(PATH).text
    assert "The analysis went by cold-start-1" in page
    assert "is in use now. Analyse again." in page


def test_a_calibration_that_did_not_converge_is_told_twice(sqlite_world: World) -> None:
    calibrated(sqlite_world, converged=False)
    page = instructor(sqlite_world).get(PATH).text
    assert "did NOT converge after 18" in page
    assert "adopt none that does not" in page


def test_the_download_says_the_same_and_escapes_what_people_wrote(sqlite_world: World) -> None:
    calibrated(sqlite_world)
    answer = instructor(sqlite_world).get(PATH + ".md")
    assert answer.headers["content-type"].startswith("text/markdown")
    assert f"{SHORT}-technical-report.md" in answer.headers["content-disposition"]
    assert "## Calibration" in answer.text
    assert r"It \| converged." in answer.text
    assert not NOT_FINITE.search(answer.text)


def test_an_exam_that_is_not_there_is_not_found(sqlite_world: World) -> None:
    assert instructor(sqlite_world).get("/exams/nowhere/measurement/report").status_code == 404


def test_the_measurement_page_leads_to_the_report(sqlite_world: World) -> None:
    assert f'href="{PATH}"' in instructor(sqlite_world).get(f"/exams/{SHORT}/measurement").text
