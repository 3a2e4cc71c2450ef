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
from tests.model import machine
from tests.model.site import Sites


def test_the_application_does_what_the_reference_does(sites: Sites) -> None:
    assert machine.run(sites, examples=5, steps=40) > 80


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
        machine.run(sqlite_sites, examples=40, steps=30)
