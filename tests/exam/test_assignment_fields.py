"""The form of an assignment: what it makes, and every fault at once."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from app.exam import assignment_fields
from app.exam.assignment import Release
from app.exam.assignment_fields import AssignmentFields, NewAssignment
from app.exam.clock import TimeOption
from tests.packs import NOON

GOOD = AssignmentFields(
    exam="short", opens="2026-11-24T09:00", closes="2026-11-24T17:00", zone="Europe/Berlin", attempts="2"
)


def made(fields: AssignmentFields) -> NewAssignment | tuple[tuple[str, str], ...]:
    return assignment_fields.assignment(fields, {"short"}, NOON)


def faults(**changes: str) -> list[str]:
    found = made(replace(GOOD, **changes))
    assert not isinstance(found, NewAssignment)
    return [name for name, _ in found]


def test_good_fields_make_an_assignment() -> None:
    found = made(GOOD)
    assert isinstance(found, NewAssignment)
    assert (found.opens_at - NOON, found.closes_at - found.opens_at) == (
        timedelta(hours=20),
        timedelta(hours=8),
    )
    assert (found.attempts, found.time_option, found.same_form) == (2, TimeOption.STANDARD, False)
    assert found.release is Release.AFTER_WINDOW


def test_what_the_form_suggests_can_be_made() -> None:
    fields = replace(assignment_fields.suggested(NOON), exam="short")
    assert isinstance(made(fields), NewAssignment)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"exam": "other"}, ["exam"]),
        ({"opens": ""}, ["opens"]),
        ({"closes": "2026-11-24T09:00"}, ["closes"]),
        ({"opens": "2026-11-01T09:00", "closes": "2026-11-02T09:00"}, ["closes"]),
        ({"closes": "2028-11-24T17:00"}, ["closes"]),
        ({"opens": "2029-11-24T09:00", "closes": "2029-11-24T17:00"}, ["closes"]),
        ({"zone": "Mars/Olympus"}, ["zone"]),
        ({"attempts": "0"}, ["attempts"]),
        ({"attempts": "11"}, ["attempts"]),
        ({"attempts": "٣"}, ["attempts"]),
        ({"attempts": "1e1"}, ["attempts"]),
        ({"time_option": "untimed"}, ["time_option"]),
        ({"form": "x"}, ["form"]),
        ({"release": "never"}, ["release"]),
        ({"exam": "", "attempts": "", "form": ""}, ["exam", "attempts", "form"]),
    ],
)
def test_every_fault_is_named(changes: dict[str, str], names: list[str]) -> None:
    assert faults(**changes) == names


def test_fields_that_are_not_of_the_form_are_left_alone() -> None:
    sent = {**asdict(GOOD), "closes_at": "x", "owner_id": "1"}
    assert assignment_fields.entered(sent) == GOOD
