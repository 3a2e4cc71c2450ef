"""One exam that did not come from a file: held to the same shape and the same structure rules as one that did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.exam.pack import Domain, Exam
from app.formats.fields import BAD, Log
from app.formats.native_checks import exam_problems
from app.formats.native_fields import EXAM
from app.formats.native_item import Problem, Way, node_of


def read(document: Mapping[str, Any], domains: Sequence[Domain]) -> tuple[Exam | None, tuple[Problem, ...]]:
    """An exam of a pack with these domains from its fields as a native file would name them, or every fault in it."""
    ways: list[Way] = [()]
    log = Log("")
    exam = EXAM.read(node_of(document, (), ways), log)
    if exam is BAD or log.faults:
        return None, tuple(Problem(ways[fault.at.line or 0], fault.message) for fault in log.faults)
    found = exam_problems(exam, {domain.id for domain in domains})
    problems = tuple(Problem(way, message) for way, _, message in found)
    return (None if problems else exam), problems
