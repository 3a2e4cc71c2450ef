"""What studying would gain: domains, and topics and services in them, against the standard; most to gain first.

A gain is weight times shortfall: how much of the reference a domain or a part of it is, times how far the candidate
is expected to be below the standard there, in points of the scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from app.exam.form import Position
from app.exam.item import Item
from app.exam.parameters import Reference
from app.exam.score import Mark, Tally
from app.psychometrics.ability import Distribution, log_chances
from app.psychometrics.irt import Floats, probability
from app.psychometrics.scale import Curve, curve
from app.psychometrics.subscores import (
    Subscore,
    added_value,
    domain_posteriors,
    part_posteriors,
    subscores,
)


class Kind(StrEnum):
    """What a domain is looked at by."""

    TOPIC = "topic"
    SERVICE = "service"


class Part(NamedTuple):
    """A part of a domain: the id of a topic, or the name of a service."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Label:
    """Where an item belongs: its domain, and the parts of it."""

    domain: str
    parts: tuple[Part, ...] = ()


def label_of(item: Item) -> Label:
    """Where an item belongs."""
    services = dict.fromkeys(Part(Kind.SERVICE, service.name) for service in item.services)
    topic = (Part(Kind.TOPIC, item.topic),) if item.topic else ()
    return Label(item.domain or "", (*topic, *services))


@dataclass(frozen=True, slots=True)
class Gain:
    """Points by which the score would rise if one domain or part came up to the standard and nothing else changed.

    `points` are expected; `low` and `high` are those at the ends of its interval.
    """

    points: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PartStanding:
    """A part of a domain against the standard, in shares right on its reference items.

    `tally` of this sitting; `missed` are the positions that were not right.
    """

    part: Part
    tally: Tally
    missed: tuple[int, ...]
    subscore: Subscore
    gain: Gain


@dataclass(frozen=True, slots=True)
class DomainStanding:
    """A domain against the standard, in shares right on its reference items; None: not worth a line of its own.

    `tally` are the items of this sitting that were new to the candidate: the evidence. `parts` are those in which
    something was missed, most to gain first, each kind for itself.
    """

    domain: str
    tally: Tally
    subscore: Subscore | None
    gain: Gain
    parts: tuple[PartStanding, ...]


Place = tuple[str, Part | None]
"""A domain as a whole, or a part of it."""


@dataclass(frozen=True, slots=True)
class _Bank:
    """The reference at the nodes: chances (K, n) and at the cut (n,), weights (n,), and its items by their place."""

    chances: Floats
    at_cut: Floats
    weight: Floats
    members: Mapping[Place, Sequence[int]]

    def shares(self, places: Sequence[Place]) -> tuple[Floats, Floats, Floats]:
        """Expected shares right of P places' items at the nodes (P, K), at the cut (P,), and their weights (P,)."""
        weight = np.zeros((len(places), len(self.weight)))
        for row, place in enumerate(places):
            weight[row, self.members[place]] = self.weight[self.members[place]]
        whole = np.sum(weight, axis=1)
        weight /= whole[:, np.newaxis]
        return weight @ self.chances.T, weight @ self.at_cut, whole


def standings(
    marked: Sequence[tuple[Position, Mark, bool]],
    reference: Reference,
    prior: Distribution,
    labels: Mapping[str, Label],
    spread: float,
    worth: float,
) -> tuple[DomainStanding, ...]:
    """Each domain of a form against the standard, by the new items of one sitting; most to gain first.

    `marked` are its positions, what came of each, and whether it was new. `labels` by the author's id, as far as
    they are known; `spread`: how far domains differ from the whole, and parts from their domain; `worth`: points
    for the whole share.
    """
    new = [(place, mark) for place, mark, first in marked if first]
    names = sorted({place.domain for place, _, _ in marked})
    if not names:
        return ()
    bank = _bank(reference, [place for place, _, _ in marked], prior, labels)
    logs = _logs([place for place, _ in new], [mark is Mark.RIGHT for _, mark in new], prior)
    inside = [[n for n, (place, _) in enumerate(new) if place.domain == name] for name in names]
    of_domains = np.stack([np.sum(logs[rows], axis=0) for rows in inside])
    on_form = [_curve([new[n][0] for n in rows]) for rows in inside]
    shares, standards, weights = bank.shares([(name, None) for name in names])
    found = subscores(domain_posteriors(of_domains, prior, spread), shares, standards)
    parts = _parts(new, names, bank, logs, of_domains, prior, labels, spread, worth)
    standings = [
        DomainStanding(
            name,
            _tally(name, [new[n][1] for n in rows]),
            subscore if value.worth_reporting else None,
            _gain(subscore, worth * weight),
            tuple(sorted(parts.get(name, ()), key=lambda one: (one.part.kind, *_most_first(one.gain)))),
        )
        for name, rows, value, subscore, weight in zip(
            names, inside, added_value(on_form, prior, spread), found, weights.tolist(), strict=True
        )
    ]
    return tuple(sorted(standings, key=lambda one: _most_first(one.gain)))


def _parts(
    new: Sequence[tuple[Position, Mark]],
    names: Sequence[str],
    bank: _Bank,
    logs: Floats,
    of_domains: Floats,
    prior: Distribution,
    labels: Mapping[str, Label],
    spread: float,
    worth: float,
) -> dict[str, list[PartStanding]]:
    """The parts in which something was missed: of the others there is nothing to say but that they were right."""
    rows: dict[tuple[str, Part], list[int]] = {}
    for n, (place, _) in enumerate(new):
        label = labels.get(place.id)
        for part in label.parts if label is not None and label.domain == place.domain else ():
            rows.setdefault((place.domain, part), []).append(n)
    rows = {place: those for place, those in rows.items() if any(new[n][1] is not Mark.RIGHT for n in those)}
    if not rows:
        return {}
    shares, standards, weights = bank.shares(list(rows))
    own = np.stack([np.sum(logs[those], axis=0) for those in rows.values()])
    domain = np.array([names.index(name) for name, _ in rows])
    found = subscores(part_posteriors(of_domains, prior, spread, domain, own), shares, standards)
    made: dict[str, list[PartStanding]] = {}
    for ((name, part), those), subscore, weight in zip(rows.items(), found, weights.tolist(), strict=True):
        tally = _tally(part.name, [new[n][1] for n in those])
        missed = tuple(new[n][0].number for n in those if new[n][1] is not Mark.RIGHT)
        gain = _gain(subscore, worth * weight)
        made.setdefault(name, []).append(PartStanding(part, tally, missed, subscore, gain))
    return made


def _bank(
    reference: Reference, places: Sequence[Position], prior: Distribution, labels: Mapping[str, Label]
) -> _Bank:
    """The reference; a place of which it has no known item is represented by the form's own items."""
    members: dict[Place, list[int]] = {}
    for n, item in enumerate(reference.items):
        for at in _places(labels.get(item.id)):
            members.setdefault(at, []).append(n)
    known = set(members)
    added: list[Position] = []
    for place in places:
        label = labels.get(place.id)
        own = label if label is not None and label.domain == place.domain else Label(place.domain)
        lacking = [at for at in _places(own) if at not in known]
        for at in lacking:
            members.setdefault(at, []).append(len(reference.items) + len(added))
        added += [place] * bool(lacking)
    whole, more = reference.curve, _curve(added)
    a, b, c = (np.append(getattr(whole, name), getattr(more, name)) for name in "abc")
    weights = np.append(whole.weight, np.full(len(added), np.mean(whole.weight)))
    return _Bank(
        probability(prior.nodes, a, b, c), probability(reference.theta_cut, a, b, c), weights, members
    )


def _places(label: Label | None) -> tuple[Place, ...]:
    return () if label is None else tuple((label.domain, part) for part in (None, *label.parts))


def _curve(places: Sequence[Position]) -> Curve:
    return curve(*([getattr(place, name) for place in places] for name in "abc"))


def _logs(places: Sequence[Position], right: Sequence[bool], prior: Distribution) -> Floats:
    """log P(what came of each position | node). Shape (n, K)."""
    both = log_chances(_curve(places), prior.nodes)
    return np.asarray(both[np.array(right, dtype=np.int64), np.arange(len(places))])


def _gain(subscore: Subscore, worth: float) -> Gain:
    high, low = (worth * max(0.0, subscore.standard - share) for share in (subscore.low, subscore.high))
    return Gain(worth * subscore.shortfall, low, high)


def _most_first(gain: Gain) -> tuple[float, float]:
    return -gain.points, -gain.high


def _tally(name: str, marks: Sequence[Mark]) -> Tally:
    return Tally(name, marks.count(Mark.RIGHT), len(marks), marks.count(Mark.UNANSWERED))
