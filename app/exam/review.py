"""The way of an item to a form: draft, review, ready, retired; which steps there are, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.exam.faults import Fault, Severity
from app.exam.item import Item, ItemType, Status


class Step(StrEnum):
    """What can be done with the status of an item."""

    SUBMIT = "submit"
    APPROVE = "approve"
    READY = "ready"
    RETURN = "return"
    RETIRE = "retire"
    RESTORE = "restore"

    @property
    def words(self) -> str:
        """The step as a button says it."""
        return _WORDS[self]

    @property
    def after(self) -> Status | None:
        """The status after the step; None when it stays."""
        return _AFTER[self]


_WORDS = {
    Step.SUBMIT: "Send to review",
    Step.APPROVE: "Approve",
    Step.READY: "Make ready",
    Step.RETURN: "Back to draft",
    Step.RETIRE: "Retire",
    Step.RESTORE: "Restore as a draft",
}
_AFTER = {
    Step.SUBMIT: Status.REVIEW,
    Step.APPROVE: None,
    Step.READY: Status.READY,
    Step.RETURN: Status.DRAFT,
    Step.RETIRE: Status.RETIRED,
    Step.RESTORE: Status.DRAFT,
}
_IS = {
    Status.DRAFT: "a draft",
    Status.REVIEW: "in review",
    Status.READY: "ready",
    Status.RETIRED: "retired",
}
_FROM = {
    Step.SUBMIT: {Status.DRAFT},
    Step.APPROVE: {Status.REVIEW},
    Step.READY: {Status.REVIEW},
    Step.RETURN: {Status.REVIEW, Status.READY},
    Step.RETIRE: {Status.DRAFT, Status.REVIEW, Status.READY},
    Step.RESTORE: {Status.RETIRED},
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides about the steps of an item: its status as delivered, what the rules found, who has approved it.

    `author` made this content (None: it was loaded), `wanted` is the number of second persons whom the pack asks for.
    """

    item: Item
    findings: tuple[Fault, ...]
    approved_by: frozenset[int]
    author: int | None
    wanted: int


def possible(standing: Standing) -> tuple[Step, ...]:
    """The steps that lead on from the status of an item, hindered or not."""
    steps = (step for step in Step if standing.item.status in _FROM[step])
    return tuple(step for step in steps if step is not Step.APPROVE or standing.wanted)


def hindrance(step: Step, standing: Standing, who: int) -> str:
    """Why this person cannot take this step with the item now; empty when nothing stands in the way."""
    if standing.item.status not in _FROM[step]:
        return f"it is {_IS[standing.item.status]}"
    if step is Step.SUBMIT:
        return _undeliverable(standing.item)
    if step is Step.APPROVE:
        return _unapprovable(standing, who)
    if step is Step.READY:
        return _unready(standing)
    return ""


def after_edit(status: Status, wanted: int) -> Status:
    """The status of an item whose content was changed: what second persons approved is no longer what it says."""
    return Status.REVIEW if status is Status.READY and wanted else status


def errors(findings: Iterable[Fault]) -> tuple[Fault, ...]:
    """What keeps an item from being ready."""
    return tuple(one for one in findings if one.severity is Severity.ERROR)


def _undeliverable(item: Item) -> str:
    keys = len(item.key)
    if not keys:
        return "no option is marked as right"
    if item.type is ItemType.MULTIPLE and keys in (1, len(item.options)):
        return f"{keys} of its {len(item.options)} options are right, and it asks for several of them"
    return ""


def _unapprovable(standing: Standing, who: int) -> str:
    if not standing.wanted:
        return "this pack asks for no approval"
    if standing.author == who:
        return "you wrote it as it is now: somebody else must approve it"
    return "you have approved it already" if who in standing.approved_by else ""


def _unready(standing: Standing) -> str:
    found = errors(standing.findings)
    if found:
        rules = ", ".join(sorted({one.rule for one in found}))
        return f"it breaks the rules of item writing ({rules}): mend it first"
    left = standing.wanted - len(standing.approved_by - {standing.author})
    if left > 0:
        return f"{left} more {'person has' if left == 1 else 'people have'} to approve it"
    return _undeliverable(standing.item)
