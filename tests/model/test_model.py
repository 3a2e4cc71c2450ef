"""The application and the reference agree, and the machine finds it when they do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.exam import attempt as rules
from app.exam.attempt import Decision, Response, Save
from app.exam.clock import State
from app.store import responses, scores
from tests.model.driving import play, search
from tests.model.machine import Machine
from tests.model.site import Sites


def test_the_application_does_what_the_reference_does(sites: Sites) -> None:
    search(sites, examples=5, steps=40)


def test_so_it_does_for_longer(sites: Sites) -> None:
    assert play(sites, seed=0, rounds=1).steps > 100


def test_a_seed_gives_the_same_steps_again(sqlite_sites: Sites) -> None:
    first, again = (play(sqlite_sites, seed=3, rounds=1).told for _ in range(2))
    assert first == again


def without_base_rev(save: Save, current: Response, state: State) -> Decision:
    """Whoever saves last wins."""
    return rules.decide(replace(save, base_rev=current.rev), current, state)


def without_sequence(save: Save, current: Response, state: State) -> Decision:
    """What is under way for long wins over what was sent later."""
    return rules.decide(replace(save, client_seq=save.client_seq + 2), current, state)


def scored_twice(tx: Any, one: Any, ending: Any, now: Any) -> None:
    """Each end adds a score."""
    close(tx, one, ending, now)
    scores.add(tx, one.id, now, reason="again")


close = scores.close
PLANTED: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "no base_rev": (responses, "decide", without_base_rev),
    "no sequence": (responses, "decide", without_sequence),
    "scored twice": (scores, "close", scored_twice),
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_found(
    sqlite_sites: Sites, planted: tuple[object, str, Callable[..., Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*planted)
    with pytest.raises(AssertionError):
        search(sqlite_sites, examples=40, steps=30, shrink=False)
    with pytest.raises(AssertionError) as found:
        play(sqlite_sites, seed=0, rounds=20)
    assert "somebody starts" in found.value.__notes__[0]


def test_hypothesis_brings_a_difference_down_to_few_steps(
    sqlite_sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "close", scored_twice)
    with pytest.raises(AssertionError) as found:
        search(sqlite_sites, examples=40, steps=30)
    assert len(found.value.__notes__[0].splitlines()) <= 4


def test_a_crash_leaves_only_what_is_stored(sites: Sites) -> None:
    with sites.site(seed=0) as site:
        machine = Machine(site)
        before, connections = site.app.state.site, site.database._writer.pool
        assert before.shelves
        site.crash()
        assert not site.app.state.site.shelves
        assert site.database._writer.pool is not connections
        machine.begin()
