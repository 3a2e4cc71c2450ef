"""The chain of parameter versions in the database."""

from __future__ import annotations

import pytest

from app.errors import Conflict
from app.exam.parameter_version import Event, first, with_calibration
from app.exam.person import Role
from app.store import parameters, people
from tests.exam.banks import exam, item
from tests.packs import NOON
from tests.store.bench import Bench

ITEMS = [item(f"i{domain}", domain) for domain in ("D1", "D2", "D3", "D4")]


def test_before_the_first_there_is_none(bench: Bench) -> None:
    with bench.database.reading() as tx:
        assert parameters.in_use(tx, "unheard-of") is None
        assert parameters.sequence_in_use(tx, "unheard-of") is None


def test_what_is_proposed_is_not_in_use(bench: Bench) -> None:
    start = first(ITEMS, exam(id="proposed"))
    with bench.database.writing() as tx:
        parameters.add(tx, start, "The first bank", NOON, adopted=True)
        parameters.add(tx, with_calibration(start, [], {}), "More data", NOON)
        assert parameters.in_use(tx, "proposed") == start
        assert [line.event for line in parameters.history(tx, "proposed")] == [
            Event.CALIBRATION,
            Event.COLD_START,
        ]


def test_adopting_puts_it_into_use_and_keeps_the_earlier_one(bench: Bench) -> None:
    start = first(ITEMS, exam(id="adopted"))
    with bench.database.writing() as tx:
        who = people.add(
            tx, name="adopter", password_hash=None, role=Role.INSTRUCTOR, is_guest=False, now=NOON
        )
        parameters.add(tx, start, "The first bank", NOON, adopted=True)
        proposal = parameters.add(tx, with_calibration(start, [], {}), "More data", NOON)
        parameters.adopt(tx, proposal, "Looks right", NOON, who.id)
        used = parameters.in_use(tx, "adopted")
        assert used is not None
        assert used.label == "calibration-2"
        assert parameters.of_label(tx, "adopted", "cold-start-1") == start
        assert parameters.of_label(tx, "adopted", "cold-start-2") is None


def test_a_proposal_made_from_an_older_version_is_refused(bench: Bench) -> None:
    start = first(ITEMS, exam(id="overtaken"))
    with bench.database.writing() as tx:
        who = people.add(
            tx, name="overtaker", password_hash=None, role=Role.INSTRUCTOR, is_guest=False, now=NOON
        )
        parameters.add(tx, start, "The first bank", NOON, adopted=True)
        early = parameters.add(tx, with_calibration(start, [], {}), "More data", NOON)
        late = parameters.add(tx, with_calibration(start, [], {}), "Yet more data", NOON)
        parameters.adopt(tx, early, "", NOON, who.id)
        with pytest.raises(Conflict, match="new proposal"):
            parameters.adopt(tx, late, "", NOON, who.id)
