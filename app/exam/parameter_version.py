"""Parameter versions: what the scores of an exam rest on, as a chain of recorded events.

The first is the cold start; after it come calibrations, standards and new references. Each is whole: item
parameters, reference and cut. A form freezes the one it was made with, so no event touches an earlier attempt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from app.exam.item import Item
from app.exam.pack import Cut, Exam
from app.exam.parameters import (
    ItemParameters,
    Parameters,
    calibrated,
    cold_started,
    completed,
    parameters_from_plain,
    with_cut,
)
from app.exam.score import nearest_half_point


class Event(StrEnum):
    """What made a parameter version."""

    COLD_START = "cold-start"
    PACK_CUT = "pack-cut"
    CALIBRATION = "calibration"
    STANDARD = "standard-setting"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class ParameterVersion:
    """One event of an exam's measurement.

    `based_on` is the number of the version it was worked out from (0: none). `cut` is the standard that holds,
    `pack_cut` the one that the pack named when it was last looked at, and `set_here` says that a standard
    setting on this site stands above the pack; `cut_mean` is the share right that raters or the policy asked
    for before it was moved to a half point. `details` is what the page about the event shows (JSON values).
    """

    exam: str
    sequence: int
    based_on: int
    event: Event
    parameters: Parameters
    cut: Cut
    pack_cut: Cut
    cut_mean: float
    set_here: bool = False
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Its name, which forms keep."""
        return f"{self.event}-{self.sequence}"

    def numbered(self, sequence: int) -> ParameterVersion:
        """The same event under another number: proposals may lie between it and what it is based on."""
        return _labelled(replace(self, sequence=sequence))

    def plain(self) -> dict[str, Any]:
        """What the store keeps of it in one document, as JSON values."""
        return {
            "based_on": self.based_on,
            "parameters": self.parameters.plain(),
            "cut": asdict(self.cut),
            "pack_cut": asdict(self.pack_cut),
            "cut_mean": self.cut_mean,
            "set_here": self.set_here,
        }


def version_from_plain(
    exam: str, sequence: int, event: Event, plain: dict[str, Any], details: dict[str, Any]
) -> ParameterVersion:
    """A parameter version from stored JSON: no checks."""
    return ParameterVersion(
        exam,
        sequence,
        plain["based_on"],
        event,
        parameters_from_plain(plain["parameters"]),
        Cut(**plain["cut"]),
        Cut(**plain["pack_cut"]),
        plain["cut_mean"],
        plain["set_here"],
        details,
    )


def first(items: Iterable[Item], exam: Exam) -> ParameterVersion:
    """The cold start of an exam. Invalid as `cold_started`."""
    made = ParameterVersion(
        exam.id, 1, 0, Event.COLD_START, cold_started(items, exam), exam.cut, exam.cut, exam.cut_share
    )
    return _labelled(made)


def with_pack_cut(before: ParameterVersion, exam: Exam) -> ParameterVersion | None:
    """The event that a pack with another cut is; None when the pack says what it said before.

    A cut of another number of scored items is another cut. A standard that was set here stays: a pack does not
    undo it.
    """
    said_before = exam.cut == before.pack_cut and exam.cut_share == before.cut_mean
    if said_before or before.set_here:
        return None
    return _next(
        before,
        Event.PACK_CUT,
        parameters=with_cut(before.parameters, exam.cut_share),
        cut=exam.cut,
        pack_cut=exam.cut,
        cut_mean=exam.cut_share,
    )


def with_standard(
    before: ParameterVersion, exam: Exam, mean: float, source: str, details: dict[str, Any]
) -> ParameterVersion:
    """A standard setting: the mean (a share right) is moved to the nearest half point of the scored items.

    Invalid when the cut is out of reach.
    """
    cut = Cut(nearest_half_point(mean * exam.scored), source)
    return _next(
        before,
        Event.STANDARD,
        parameters=with_cut(before.parameters, cut.raw_equivalent / exam.scored),
        cut=cut,
        cut_mean=mean,
        set_here=True,
        details=details,
    )


def with_calibration(
    before: ParameterVersion, items: Sequence[ItemParameters], details: dict[str, Any]
) -> ParameterVersion:
    """New item parameters on the reference in use; the cut's share stays, its ability is worked out again."""
    new = {(item.id, item.version) for item in items}
    kept = (item for item in before.parameters.items if (item.id, item.version) not in new)
    label = before.parameters.label
    parameters = calibrated(label, (*items, *kept), before.parameters.reference)
    parameters = replace(parameters, implied_mean_rating=before.parameters.implied_mean_rating)
    return _next(before, Event.CALIBRATION, parameters=parameters, details=details)


def with_reference(before: ParameterVersion, items: Iterable[Item], exam: Exam) -> ParameterVersion:
    """A new reference: the ready bank as it is now, each item with the parameters it has on the present scale.

    The cut's ability stays, so that the standard asks for the same; its share on the new reference is worked
    out from it, and the cut moves to the half point nearest to that.
    """
    from_bank = tuple(items)
    everything = completed(before.parameters, from_bank, exam)
    fresh = cold_started(from_bank, exam).reference
    known = {(item.id, item.version): item for item in everything.items}
    members = tuple(
        replace(item, a=found.a, b=found.b, c=found.c)
        for item in fresh.items
        for found in (known[item.id, item.version],)
    )
    reference = replace(fresh, items=members, theta_cut=before.parameters.reference.theta_cut)
    share = float(reference.curve.at(reference.theta_cut))
    cut = Cut(nearest_half_point(share * exam.scored), before.cut.source)
    parameters = replace(everything, reference=replace(reference, cut_share=share))
    return _next(
        before,
        Event.REFERENCE,
        parameters=with_cut(parameters, cut.raw_equivalent / exam.scored),
        cut=cut,
        pack_cut=exam.cut,
        cut_mean=share,
    )


def _next(before: ParameterVersion, event: Event, **changed: Any) -> ParameterVersion:
    details = changed.pop("details", {})
    return _labelled(
        replace(
            before,
            sequence=before.sequence + 1,
            based_on=before.sequence,
            event=event,
            details=details,
            **changed,
        )
    )


def _labelled(made: ParameterVersion) -> ParameterVersion:
    return replace(made, parameters=replace(made.parameters, label=made.label))
