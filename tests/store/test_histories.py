"""Whole histories of an attempt, made by chance, against a model that is small enough to be read.

Saves come alone and in groups, from several tabs, again and out of order, in time and late; the clock runs,
stops and runs on; the attempt is closed in between. After every step the store must hold what the model holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.errors import Missing
from app.exam.attempt import Ending, replay
from app.store import attempts, responses, scores
from app.store.responses import Incoming, Saved, Sheets, save_all
from tests.packs import NOON
from tests.store.bench import Bench, incoming

GRACE = timedelta(seconds=60)
EXAMPLES = {"sqlite": 50, "postgresql": 20}


@dataclass
class Model:
    """What an attempt is, in as few words as possible. A response is (rev, choice, tab, number)."""

    now: datetime = NOON
    deadline: datetime = NOON + timedelta(minutes=2)
    paused_at: datetime | None = None
    closed: bool = False
    answers: dict[int, tuple[int, tuple[str, ...], str, int]] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)

    @property
    def ran_out(self) -> bool:
        """Whether the time and the grace are over."""
        return self.paused_at is None and self.now >= self.deadline + GRACE

    def save(self, key: str, position: int, choice: tuple[str, ...], tab: str, number: int, base: int) -> str:
        """The outcome of a save."""
        if key not in self.outcomes:
            rev, _, newest_tab, newest = self.answers.get(position, (0, (), "", -1))
            if self.closed or self.ran_out:
                outcome = "late"
            elif self.paused_at is not None:
                return "paused"  # not taken: the same save counts when it comes again after the pause
            elif tab == newest_tab and number <= newest:
                outcome = "superseded"
            elif tab != newest_tab and base != rev:
                outcome = "conflict"
            else:
                outcome = "accepted"
                self.answers[position] = (rev + 1, choice, tab, number)
            self.outcomes[key] = outcome
        return self.outcomes[key]


saves = st.tuples(
    st.integers(1, 3),  # position: few, so that saves meet
    st.sets(st.integers(0, 1), max_size=1),  # which option
    st.sampled_from("AB"),  # tab
    st.integers(0, 5),  # number of the tab
    st.integers(0, 4),  # base
)


def machine(bench: Bench) -> type[RuleBasedStateMachine]:
    """A state machine on this database."""
    stranger = bench.someone()

    class History(RuleBasedStateMachine):
        """One attempt, from its start."""

        def __init__(self) -> None:
            super().__init__()
            self.model = Model()
            self.who = bench.someone()
            self.id = bench.start(self.who, pausable=True).id
            self.sheets = Sheets()
            self.sent: list[Incoming] = []

        def send(self, group: list[Incoming]) -> None:
            """Save a group with somebody else's save in it, and compare every answer."""
            self.sent += group
            foreign = incoming(stranger, self.id, 1, (), self.model.now)
            with bench.database.writing() as tx:
                refused, *answers = save_all(tx, [foreign, *group], self.sheets)
            assert isinstance(refused, Missing)
            for one, answer in zip(group, answers, strict=True):
                at = bench.sheet.at(one.position)
                expected = self.model.save(
                    one.idempotency_key, one.position, at.choice(one.choice), one.client_id, one.client_seq,
                    one.base_rev,
                )  # fmt: skip
                assert isinstance(answer, Saved)
                assert answer.outcome.value == expected
                standing = self.model.answers.get(one.position, (0, (), "", -1))
                assert (answer.response.rev, answer.response.choice) == standing[:2]

        @rule(group=st.lists(saves, min_size=1, max_size=4))
        def save(self, group: list[tuple[int, set[int], str, int, int]]) -> None:
            """Some saves in one commit."""
            self.send(
                [
                    incoming(
                        self.who, self.id, position, bench.tokens(position, places), self.model.now,
                        client_id=tab, client_seq=number, base_rev=base,
                    )
                    for position, places, tab, number, base in group
                ]
            )  # fmt: skip

        @precondition(lambda self: self.sent)
        @rule(which=st.integers(0, 30), times=st.integers(1, 2))
        def send_again(self, which: int, times: int) -> None:
            """A save that was sent before comes again."""
            self.send([replace(self.sent[which % len(self.sent)], at=self.model.now)] * times)

        @rule(seconds=st.sampled_from([1, 30, 59, 60, 61]))
        def time_passes(self, seconds: int) -> None:
            """Some time passes."""
            self.model.now += timedelta(seconds=seconds)

        @precondition(lambda self: not self.model.closed and self.model.paused_at is None)
        @precondition(lambda self: self.model.now < self.model.deadline)
        @rule()
        def pause(self) -> None:
            """The clock is stopped."""
            with bench.database.writing() as tx:
                attempts.pause(tx, attempts.get(tx, self.id, self.who.id), self.model.now)
            self.model.paused_at = self.model.now

        @rule()
        def resume(self) -> None:
            """The clock runs on, if it was stopped."""
            with bench.database.writing() as tx:
                attempts.resume(tx, attempts.get(tx, self.id, self.who.id), self.model.now)
            if self.model.paused_at is not None and not self.model.closed:
                self.model.deadline += self.model.now - self.model.paused_at
                self.model.paused_at = None

        @rule()
        def close(self) -> None:
            """The attempt is ended, or ended again."""
            with bench.database.writing() as tx:
                scores.close(tx, attempts.get(tx, self.id, self.who.id), Ending.SUBMITTED, self.model.now)
            self.model.closed = True

        @invariant()
        def the_store_holds_what_the_model_holds(self) -> None:
            """The responses, the log they come from, and the score."""
            with bench.database.reading() as tx:
                stands = responses.current(tx, self.id)
                log = responses.log(tx, self.id)
                stored = scores.latest(tx, [self.id])
            answers = {
                position: (one.rev, one.choice, one.client_id, one.client_seq)
                for position, one in stands.items()
            }
            assert answers == self.model.answers
            assert replay(log) == stands
            assert {save.idempotency_key: outcome.value for save, outcome in log} == self.model.outcomes
            assert (self.id in stored) == self.model.closed
            if self.model.closed:
                with bench.database.reading() as tx:
                    assert scores.compute(tx, self.id) == stored[self.id].score
                assert stored[self.id].sequence == 1

    return History


def test_the_store_agrees_with_the_model(bench: Bench) -> None:
    kind = "sqlite" if bench.database.is_sqlite else "postgresql"
    chosen = settings(
        max_examples=EXAMPLES[kind],
        stateful_step_count=15,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine(bench), settings=chosen)


def test_a_store_that_forgets_base_rev_is_caught(sqlite_bench: Bench) -> None:
    made = machine(sqlite_bench)

    class Careless(made):  # type: ignore[misc, valid-type]  # a class that is made here
        """A client whose conflicts are not told: every base is the newest."""

        def send(self, group: list[Incoming]) -> None:
            """Send with the base that would be accepted, and tell the model another."""
            with sqlite_bench.database.reading() as tx:
                stands = responses.current(tx, self.id)
            told = [
                replace(one, base_rev=stands[one.position].rev) if one.position in stands else one
                for one in group
            ]
            with sqlite_bench.database.writing() as tx:
                answers = save_all(tx, told, self.sheets)
            for one, answer in zip(group, answers, strict=True):
                choice = sqlite_bench.sheet.at(one.position).choice(one.choice)
                expected = self.model.save(
                    one.idempotency_key, one.position, choice, one.client_id, one.client_seq, one.base_rev
                )
                assert isinstance(answer, Saved)
                assert answer.outcome.value == expected

    chosen = settings(
        max_examples=500, stateful_step_count=8, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Careless, settings=chosen)
