"""The technical report is whole whatever is known: no gap is silent, and nothing is written that is no figure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from app.exam.analysis import Summary
from app.exam.document import Report, markdown
from app.exam.parameter_version import first
from app.exam.technical_report import Sources, Step, report
from tests.analyses import full_summary, summary
from tests.exam.observed import START, small

BANK = small()
USED = first(BANK.items, BANK.exam)
STEP = Step(USED.label, USED.event, START, None, START, None, "The first bank")
NO_FIGURE = re.compile(r"\b(nan|inf|None)\b")
OPTIONAL = (
    "since", "ability", "ability_sd", "reliability", "error", "decisions", "scores", "person_fit", "time",
)  # fmt: skip


def made(found: Summary | None) -> Report:
    """The report of a cold start with this analysis."""
    return report(Sources(BANK.exam, {}, USED, (STEP,), None, (), found, START if found else None, ()))


def test_without_a_version_the_report_says_what_the_bank_lacks() -> None:
    text = markdown(report(Sources(BANK.exam, {}, None, (), None, (), None, None, ())))
    assert "the bank has no ready items" in text
    assert not NO_FIGURE.search(text)


def test_a_full_analysis_leaves_only_what_was_not_done() -> None:
    gaps = made(full_summary("small", USED.label, 30)).missing
    assert len(gaps) == 3  # no calibration, no standard, and so no fit
    assert all(gap.endswith(".") for gap in gaps)


@pytest.mark.parametrize("name", OPTIONAL)
def test_what_is_not_known_leaves_no_trace_of_nothing(name: str) -> None:
    nothing: dict[str, Any] = {name: None}
    text = markdown(made(replace(full_summary("small", USED.label, 30), **nothing)))
    assert not NO_FIGURE.search(text)


def test_an_analysis_that_says_little_has_more_gaps_than_one_that_says_all() -> None:
    assert len(made(summary("small", 30)).missing) > len(made(full_summary("small", USED.label, 30)).missing)


def test_sections_have_ids_of_their_own() -> None:
    ids = [section.id for section in made(full_summary("small", USED.label, 30)).sections]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z-]+", one) for one in ids)
