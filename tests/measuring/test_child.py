"""The same in a child process of the server, while candidates go on saving."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from app.exam.person import Role
from app.pages import long_work
from app.pages.long_work import Limits
from app.store import analyses, jobs, parameters
from app.store.database import Database
from app.store.jobs import Job
from tests.journeys.world import World, open_world
from tests.measuring.conftest import LONG

LONGEST_WAIT = 120


def ended(world: World, job_id: int) -> Job | None:
    """A job when it is done; None before."""
    with world.database.reading() as tx:
        one = jobs.get(tx, job_id)
    return one if one.ended_at is not None else None


def waited_for(world: World, job_id: int) -> Job:
    end = time.monotonic() + LONGEST_WAIT
    while (one := ended(world, job_id)) is None:
        assert time.monotonic() < end, "the work did not end"
        time.sleep(0.05)
    return one


def test_saves_go_on_while_the_bank_is_calibrated(
    crowd: Database, tmp_path: Path, portal: BlockingPortal
) -> None:
    with open_world(crowd, tmp_path, portal) as world:
        sitting = world.visitor(Role.CANDIDATE).start(LONG)
        answer = world.visitor(Role.INSTRUCTOR).post(f"/exams/{LONG}/measurement/calibrate")
        job_id = int(answer.headers["location"].rpartition("/")[2])
        saves = 0
        while ended(world, job_id) is None:
            position = saves % sitting.length + 1
            assert sitting.save(position, sitting.tokens(position)).status_code == 200
            saves += 1
            world.clock.pass_(seconds=1)  # or there would be too many saves for one moment
            time.sleep(0.1)
        assert saves > 5
        one = waited_for(world, job_id)
        assert one.result is not None, one.note
        version_id = int(one.result["see"].rpartition("/")[2])
        with crowd.reading() as tx:
            line, _ = parameters.get(tx, version_id)
        assert (line.label, line.adopted_at) == ("calibration-2", None)


def test_an_analysis_is_there_when_its_job_is_done(
    quick_crowd: Database, tmp_path: Path, portal: BlockingPortal
) -> None:
    with open_world(quick_crowd, tmp_path, portal) as world:
        answer = world.visitor(Role.INSTRUCTOR).post(f"/exams/{LONG}/measurement/analyse")
        one = waited_for(world, int(answer.headers["location"].rpartition("/")[2]))
        assert one.result == {"see": f"/exams/{LONG}/items"}, one.note
        with quick_crowd.reading() as tx:
            latest = analyses.latest(tx, LONG)
            assert latest is not None
            assert len(analyses.lines(tx, latest.id)) == 40


@pytest.mark.parametrize("limits", [Limits(megabytes=40), Limits(seconds=0)])
def test_what_needs_too_much_is_stopped_and_changes_nothing(
    quick_crowd: Database, tmp_path: Path, portal: BlockingPortal, limits: Limits
) -> None:
    with open_world(quick_crowd, tmp_path, portal) as world:
        job_id = long_work.start(
            world.site,
            "calibration",
            LONG,
            {"exam": LONG},
            lambda tx, made: {"see": str(parameters.propose(tx, made, world.clock.now(), None))},
            made_by=None,
            limits=limits,
        )
        one = waited_for(world, job_id)
        assert one.result is None
        assert "Nothing was changed" in one.note
        with quick_crowd.reading() as tx:
            assert len(parameters.history(tx, LONG)) == 1


def test_what_cannot_be_calculated_is_said_on_the_page_of_the_job(
    quick_crowd: Database, tmp_path: Path, portal: BlockingPortal
) -> None:
    with open_world(quick_crowd, tmp_path, portal) as world:
        job_id = long_work.start(
            world.site,
            "analysis",
            LONG,
            {"exam": "unheard-of", "as_of": "2026-11-23"},
            lambda _tx, _made: {},
            made_by=None,
        )
        assert waited_for(world, job_id).note == "There is no such exam."
