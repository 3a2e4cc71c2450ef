"""Two ways to drive the machine by the same rules: drawn from a seed, quick, for long runs; and by hypothesis, which
brings a difference down to the fewest steps that show it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, run_state_machine_as_test
from hypothesis.stateful import rule as hypothesis_rule

from app.main import settle
from tests.model.machine import RULES, Machine, Rule
from tests.model.site import Sites

ROUNDS, STEPS = 5, 100
"""A database is for so many rounds of at least so many steps; each round has people and habits of its own."""
WEIGHTS = (0, 1, 1, 4)
"""How often a rule is followed in a round, beside others. Without some, others come to where they seldom come."""

_here: list[Sites] = []


class Played(NamedTuple):
    """What was done: so many steps and requests, and each step in words."""

    steps: int
    requests: int
    told: list[str]


def play(sites: Sites, seed: int, rounds: int = ROUNDS, steps: int = STEPS) -> Played:
    """What the seed says, on a new site: the same each time. AssertionError on a difference, with all steps.

    Of requests that are under way at once the machine decides which is first, as for any server.
    """
    chance = Random(seed)
    with sites.site(seed) as site:
        machine = Machine(site)
        for number in range(1, rounds + 1):
            weights = {rule.name: chance.choice(WEIGHTS) for rule in RULES} | {"tick": 1}
            while machine.steps < number * steps:
                possible = [rule for rule in RULES if rule.possible(machine)]
                (rule,) = chance.choices(possible, [weights[rule.name] for rule in possible])
                machine.do(rule, chance)
            machine.begin()
        return Played(machine.steps, site.requests, machine.told)


def open_worker(url: str, folder: str) -> None:
    """Make this process one that can play."""
    _here.append(Sites(url, Path(folder), asyncio.Runner()))
    settle()


def play_here(seed: int) -> Played:
    """Play in a worker."""
    return play(_here[0], seed)


def search(sites: Sites, examples: int, steps: int, *, shrink: bool = True) -> None:
    """Let hypothesis look for a difference, the same way each time. AssertionError with the fewest steps to it."""
    machine = type("Searched", (Searched,), {"sites": sites})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
    )
    run_state_machine_as_test(machine, settings=chosen)


class Searched(RuleBasedStateMachine):
    """The machine as hypothesis drives it."""

    sites: Sites

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.machine = Machine(self._stack.enter_context(self.sites.site(seed=0)))

    def teardown(self) -> None:
        """Compare what is stored, unless a difference was found already."""
        with self._stack:
            if not self.machine.differs:
                self.machine.begin()


def _followed(rule: Rule) -> Callable[..., Any]:
    def follow(self: Searched, chance: Random) -> None:
        self.machine.do(rule, chance)

    follow.__name__ = rule.name
    drawn = hypothesis_rule(chance=st.randoms(use_true_random=False))(follow)
    return precondition(lambda self: rule.possible(self.machine))(drawn)


for _rule in RULES:
    setattr(Searched, _rule.name, _followed(_rule))
