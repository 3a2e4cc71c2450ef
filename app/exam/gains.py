"""What studying would gain: domains, and topics and services in them, against the standard; most to gain first.

A gain is weight times shortfall: how much of the reference a domain or a part of it is, times how far the candidate
is expected to be below the standard there, in points of the scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
class LabelledReference:
    """What the reference expects of each of its places, P in all, at the nodes of a prior: the same for everybody.

    `shares` right (P, K), `standards`: the shares at the cut (P,), `weights` (P,), in the order of `rows`; `labels`
    of items by the author's id; `typical` is the mean weight of one item.
    """

    labels: Mapping[str, Label]
    nodes: Floats
    theta_cut: float
    typical: float
    rows: Mapping[Place, int]
    shares: Floats
    standards: Floats
    weights: Floats

    def of(self, place: Position) -> Label:
        """Where an item of a form belongs; of one that is not known any more, or was moved, the domain alone."""
        label = self.labels.get(place.id)
        return label if label is not None and label.domain == place.domain else Label(place.domain)

    def at(self, places: Sequence[Place]) -> tuple[Floats, Floats, Floats]:
        """The shares, standards and weights of some places."""
        rows = [self.rows[place] for place in places]
        return self.shares[rows], self.standards[rows], self.weights[rows]

    def with_form(self, places: Sequence[Position]) -> LabelledReference:
        """A place of which it has no known item is represented by the form's own items."""
        members: dict[Place, list[int]] = {}
        for n, place in enumerate(places):
            for at in _places(self.of(place)):
                if at not in self.rows:
                    members.setdefault(at, []).append(n)
        if not members:
            return self
        own = _curve(places)
        weights = np.full(len(places), self.typical)
        shares, standards, whole = _expected(members, own, weights, self.nodes, self.theta_cut)
        return replace(
            self,
            rows={**self.rows, **{at: len(self.rows) + n for n, at in enumerate(members)}},
            shares=np.vstack([self.shares, shares]),
            standards=np.append(self.standards, standards),
            weights=np.append(self.weights, whole),
        )


def labelled(reference: Reference, labels: Mapping[str, Label], nodes: Floats) -> LabelledReference:
    """The reference by place, as far as the labels of its items are known, at these nodes (K,)."""
    members: dict[Place, list[int]] = {}
    for n, item in enumerate(reference.items):
        label = labels.get(item.id)
        for at in () if label is None else _places(label):
            members.setdefault(at, []).append(n)
    weights = reference.curve.weight
    shares, standards, whole = _expected(members, reference.curve, weights, nodes, reference.theta_cut)
    rows = {at: row for row, at in enumerate(members)}
    typical = float(np.mean(weights))
    return LabelledReference(labels, nodes, reference.theta_cut, typical, rows, shares, standards, whole)


def _expected(
    members: Mapping[Place, Sequence[int]], items: Curve, weights: Floats, nodes: Floats, theta_cut: float
) -> tuple[Floats, Floats, Floats]:
    """Expected shares right of P places' items at the nodes (P, K), at the cut (P,), and their weights (P,)."""
    weight = np.zeros((len(members), len(weights)))
    for row, of_place in enumerate(members.values()):
        weight[row, of_place] = weights[of_place]
    whole = np.sum(weight, axis=1)
    weight /= whole[:, np.newaxis]
    parameters = items.a, items.b, items.c
    return weight @ probability(nodes, *parameters).T, weight @ probability(theta_cut, *parameters), whole


def standings(
    marked: Sequence[tuple[Position, Mark, bool]],
    reference: LabelledReference,
    prior: Distribution,
    spread: float,
    worth: float,
) -> tuple[DomainStanding, ...]:
    """Each domain of a form against the standard, by the new items of one sitting; most to gain first.

    `marked` are its positions, what came of each, and whether it was new. `spread`: how far domains differ from the
    whole, and parts from their domain; `worth`: points for the whole share. `reference` is at the prior's nodes.
    """
    new = [(place, mark) for place, mark, first in marked if first]
    names = sorted({place.domain for place, _, _ in marked})
    if not names:
        return ()
    known = reference.with_form([place for place, _, _ in marked])
    logs = _logs([place for place, _ in new], [mark is Mark.RIGHT for _, mark in new], prior)
    inside = [[n for n, (place, _) in enumerate(new) if place.domain == name] for name in names]
    of_domains = np.stack([np.sum(logs[rows], axis=0) for rows in inside])
    on_form = [_curve([new[n][0] for n in rows]) for rows in inside]
    shares, standards, weights = known.at([(name, None) for name in names])
    found = subscores(domain_posteriors(of_domains, prior, spread), shares, standards)
    parts = _parts(new, names, known, logs, of_domains, prior, spread, worth)
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
    known: LabelledReference,
    logs: Floats,
    of_domains: Floats,
    prior: Distribution,
    spread: float,
    worth: float,
) -> dict[str, list[PartStanding]]:
    """The parts in which something was missed: of the others there is nothing to say but that they were right."""
    rows: dict[tuple[str, Part], list[int]] = {}
    for n, (place, _) in enumerate(new):
        for part in known.of(place).parts:
            rows.setdefault((place.domain, part), []).append(n)
    rows = {place: those for place, those in rows.items() if any(new[n][1] is not Mark.RIGHT for n in those)}
    if not rows:
        return {}
    shares, standards, weights = known.at(list(rows))
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


def _places(label: Label) -> tuple[Place, ...]:
    return tuple((label.domain, part) for part in (None, *label.parts))


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
