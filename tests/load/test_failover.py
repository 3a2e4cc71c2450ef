"""A primary that dies under saves: its standby takes over, the server finds it, no acknowledged answer is missing."""

from __future__ import annotations

import pytest

from tests.load.failover import BEHIND, fail_over
from tests.load.run import Options


@pytest.mark.usefixtures("postgresql")  # it says whether PostgreSQL is there or waived
def test_f04_no_acknowledged_answer_is_lost_when_the_standby_takes_over() -> None:
    one = fail_over(Options(candidates=20, seconds=4, pace=300))
    assert one.result.verdict.faults == []
    assert one.result.run.record.given_up == {}
    assert one.result.verdict.acknowledged == len(one.result.run.record.acknowledged_at) > 50
    assert one.result.run.record.failures, "nobody noticed: the primary was not killed under saves"


@pytest.mark.usefixtures("postgresql")
def test_f04_nothing_is_acknowledged_that_a_standby_held_back_does_not_have() -> None:
    one = fail_over(Options(candidates=20, seconds=2, pace=300), behind=True)
    assert one.result.verdict.faults == []
    assert one.result.run.record.given_up == {}
    assert sum(one.result.run.record.failures.values()) >= BEHIND / 2, (
        "the saves did not wait for the standby"
    )


@pytest.mark.usefixtures("postgresql")
def test_f04_a_standby_that_nobody_waits_for_is_caught_with_lost_answers() -> None:
    one = fail_over(Options(candidates=20, seconds=2, pace=300), synchronous=False, behind=True)
    assert one.lost > 0
    assert len(one.result.verdict.faults) == one.lost, "something else went wrong"
