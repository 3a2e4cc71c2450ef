"""Mixed-integer programs."""

from __future__ import annotations

import numpy as np
import pytest

from app.psychometrics.program import Program


def knapsack() -> Program:
    """Of weights 5, 4 and 3 at most 8, worth 10, 7 and 6."""
    program = Program()
    items = program.columns(np.ones(3), whole=True)
    program.row(-np.inf, 8.0, items, [5.0, 4.0, 3.0])
    program.cost(items, [-10.0, -7.0, -6.0])
    return program


def test_whole_numbers_are_found_and_proved() -> None:
    answer = knapsack().solve(0.0, 100)
    assert answer.values is not None
    assert np.rint(answer.values).tolist() == [1, 0, 1]
    assert answer.proved
    assert answer.bound == pytest.approx(-16)


def test_a_column_that_is_not_whole_takes_any_number() -> None:
    program = Program()
    part = program.columns(np.inf, whole=False)
    program.row(1.0, np.inf, part, 4.0)
    program.cost(part, 1.0)
    answer = program.solve(0.0, 100)
    assert answer.values is not None
    assert answer.values.tolist() == pytest.approx([0.25])


def test_what_cannot_be_is_proved_to_have_no_answer() -> None:
    program = knapsack()
    program.row(3.0, 3.0, np.arange(3))
    answer = program.solve(0.0, 100)
    assert answer.values is None
    assert answer.proved


def test_a_known_answer_stands_when_no_node_may_be_looked_at() -> None:
    """Of forty weights ten that come near to 5: too much for a solver that may not begin."""
    program = Program()
    items, off = program.columns(np.ones(40), whole=True), program.columns(np.full(2, np.inf), whole=False)
    program.row(10.0, 10.0, items)
    program.row(5.0, 5.0, [*items, *off], [*np.sqrt(np.arange(40)) % 1, 1.0, -1.0])
    program.cost(off, 1.0)
    assert program.solve(0.0, 0).values is None
    start = np.arange(40) < 10
    answer = program.solve(0.0, 0, (items, start.astype(np.float64)))
    assert answer.values is not None
    assert not answer.proved
    assert answer.bound <= 0


def test_a_row_may_be_added_to_a_solved_program() -> None:
    program = knapsack()
    program.solve(0.0, 100)
    program.row(0.0, 0.0, [0])
    answer = program.solve(0.0, 100)
    assert answer.values is not None
    assert np.rint(answer.values).tolist() == [0, 1, 1]
