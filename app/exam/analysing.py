"""An analysis of all responses to an exam: figures of every item and of the whole, from columns of answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from app.exam import exam_figures
from app.exam.analysis import BankUse, Summary
from app.exam.answers import DROPPED, FIRST, REACHED, Answers, Evidence, evidence, numbered
from app.exam.clock import TimeOption
from app.exam.form import Form
from app.exam.item import Status
from app.exam.item_analysis import Document, Line, Neighbour
from app.exam.item_evidence import ENOUGH, by_item, given, short
from app.exam.item_figures import Beside, Groups, goes_with, line_and_document
from app.exam.observation import Others
from app.exam.pack import Exam
from app.exam.stock import Member, Stock
from app.psychometrics import decision, dependence, drift, patterns, population, subscores, timing
from app.psychometrics.ability import Distribution
from app.psychometrics.dependence import Dependence
from app.psychometrics.irt import Floats
from app.psychometrics.maximisation import priors_around
from app.psychometrics.prior_scale import calibrate_on_priors
from app.psychometrics.responses import Flags, Ints

Progress = Callable[[int, int, str], None]

MOST_FOR_PAIRS = 2_000
"""Items whose pairs are looked at, the most answered ones: pairs take memory by the square of their number."""

NEIGHBOURS = 5

LEAST_COMMON = 10
"""Items that must have been answered again since their calibration before the movement of one can be judged."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What an analysis goes by, beside the responses.

    `parameters` is the label of the version in use, with its `theta_cut`; `calibrated_at` is when it was last
    calibrated, None at a cold start. `uses`: forms that each item was put on, by the author's id, of `forms` in
    all; `typical`: forms as they are made now.
    """

    exam: Exam
    parameters: str
    theta_cut: float
    calibrated_at: datetime | None
    stock: Stock
    uses: Mapping[str, int]
    forms: int
    others: Others
    typical: Sequence[Form]


@dataclass(frozen=True, slots=True)
class Analysed:
    """The summary, and the line and document of each member of the stock, in their order."""

    summary: Summary
    items: tuple[tuple[Line, Document], ...]


def analyse(answers: Answers, setting: Setting, progress: Progress) -> Analysed:
    """Everything that the responses say; works without any. `progress` is told which of three parts begins."""
    stock, bank = setting.stock, setting.stock.curve
    found = evidence(answers, stock.numbers, len(stock.members))
    group = population.group(bank, found.responses)
    prior = population.prior_of(group)
    belief = patterns.abilities(bank, found.responses, prior)
    rest = patterns.rest(bank, found.responses, prior)
    times = exam_figures.times_of(found)
    model = timing.fit_times(times)
    progress(1, 3, "Looking at pairs of items")
    pairs = _pairs(stock, found, belief.mean)
    progress(2, 3, "Looking at what changed")
    beside = _beside(answers, setting, found, belief, pairs)
    progress(3, 3, "Looking at each item")
    median, has_times = timing.median_seconds(times), len(found.rows) > 0
    items = tuple(
        line_and_document(
            member,
            given(found, rest, member, places),
            beside.of(
                number,
                median=float(median[number]),
                beta=float(model.beta[number]) if has_times else None,
                sigma=float(model.sigma[number]) if has_times else None,
            ),
        )
        for number, (member, places) in enumerate(zip(stock.members, by_item(found), strict=True))
    )
    numbers = {(one.item.id, one.item.version): place for place, one in enumerate(stock.members)}
    forms = [[numbers[at.id, at.version] for at in form.positions] for form in setting.typical]
    people, many = found.of_person, len(answers.sittings)
    spread = exam_figures.domain_spread(stock, found.responses, setting.exam, prior)
    reliability = decision.marginal_reliability(belief.mean, belief.sd) if len(people) > 1 else None
    summary = Summary(
        exam=setting.exam.id,
        parameters=setting.parameters,
        attempts=many,
        candidates=len({one.person_id for one in answers.sittings}),
        responses=len(found.rows),
        since=answers.sittings[0].started_at.isoformat() if many else None,
        until=answers.sittings[-1].started_at.isoformat() if many else None,
        left_out=exam_figures.left_out(answers, stock.numbers, setting.others),
        theta_cut=short(setting.theta_cut),
        ability=short(group.mean) if people else None,
        ability_sd=short(group.sd) if people else None,
        reliability=None if reliability is None else short(reliability),
        error=short(float(np.sqrt(np.mean(np.square(belief.sd))))) if people else None,
        decisions=exam_figures.decisions(setting.typical, prior),
        scores=exam_figures.scores(answers, setting.exam.scale),
        domain_spread=short(spread),
        domain_spread_estimated=len(people) >= subscores.ENOUGH_PERSONS and len(setting.exam.blueprint) > 1,
        person_fit=exam_figures.fit_of_persons(bank, found.responses, group),
        time=exam_figures.times(
            found, model, times, exam_figures.last_quarter(bank, found, prior), setting.exam, forms
        )
        if many
        else None,
        pairs=len(pairs.q3),
        dependent_pairs=sum(map(goes_with, pairs.excess.tolist(), pairs.count.tolist())),
        bank=_use(setting),
        flags=dict(Counter(rule.value for line, _ in items for rule in {flag.rule for flag in line.flags})),
        subscores=exam_figures.domain_worth(setting.typical, prior, spread),
        compared=exam_figures.compared(
            beside.groups, (one for _, document in items for one in document.differences)
        ),
    )
    return Analysed(summary, items)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of all items beside their own responses: arrays (n,), and neighbours by item."""

    setting: Setting
    drift: Sequence[float | None]
    repeated: Ints
    not_reached: Ints
    neighbours: Mapping[int, tuple[Neighbour, ...]]
    groups: Sequence[Groups]

    def of(self, number: int, median: float, beta: float | None, sigma: float | None) -> Beside:
        """Of one item."""
        forms = self.setting.uses.get(self.setting.stock.members[number].item.id, 0)
        return Beside(
            forms=forms,
            exposure=forms / self.setting.forms if self.setting.forms else 0.0,
            drift=self.drift[number],
            beta=beta,
            sigma=sigma,
            median=median,
            repeated=int(self.repeated[number]),
            not_reached=int(self.not_reached[number]),
            neighbours=self.neighbours.get(number, ()),
            groups=self.groups,
        )


def _beside(
    answers: Answers, setting: Setting, found: Evidence, belief: Distribution, pairs: Dependence
) -> _Known:
    stock = setting.stock
    item, kept = numbered(answers, stock.numbers), ~answers.has(DROPPED)

    def counted(chosen: Flags) -> Ints:
        return np.bincount(item[chosen & kept & (item >= 0)], minlength=len(stock.members))

    return _Known(
        setting=setting,
        drift=_drift(answers, setting),
        repeated=counted(~answers.has(FIRST)),
        not_reached=counted(answers.has(FIRST) & ~answers.has(REACHED)),
        neighbours=_neighbours(pairs, stock.members),
        groups=_groups(found, belief.mean),
    )


def _groups(found: Evidence, ability: Floats) -> tuple[Groups, ...]:
    """What is known of candidates without asking them anything: the time they were allowed, and experience."""
    people = found.of_person
    longer = np.array([one.time_option is not TimeOption.STANDARD for one in people], dtype=np.bool_)
    again = np.array([one.earlier > 0 for one in people], dtype=np.bool_)
    return (
        Groups("with more time", "with the standard time", longer, ability),
        Groups("in a later mock", "in their first mock", again, ability),
    )


def _pairs(stock: Stock, found: Evidence, ability: Floats) -> Dependence:
    """Q3 of the items that could have enough persons in common, under their own numbers."""
    count = np.bincount(found.responses.item, minlength=len(stock.members))
    often = np.sort(np.argsort(-count, kind="stable")[:MOST_FOR_PAIRS])
    chosen = np.zeros(len(count), dtype=np.bool_)
    chosen[often] = count[often] >= dependence.LEAST
    made = dependence.dependence(
        exam_figures.part_of(stock.curve, chosen), found.responses.only(chosen), ability
    )
    numbers = np.flatnonzero(chosen)
    return Dependence(numbers[made.first], numbers[made.second], made.count, made.q3, made.excess)


def _neighbours(found: Dependence, members: Sequence[Member]) -> dict[int, tuple[Neighbour, ...]]:
    """For each item that has any, the items whose residuals go most with its own."""
    one, other = np.concatenate([found.first, found.second]), np.concatenate([found.second, found.first])
    excess, q3, count = (np.concatenate([values, values]) for values in (found.excess, found.q3, found.count))
    order = np.lexsort((-excess, one))
    made: dict[int, tuple[Neighbour, ...]] = {}
    for places in np.split(order, np.flatnonzero(np.diff(one[order])) + 1) if len(order) else ():
        nearest = places[:NEIGHBOURS].tolist()
        made[int(one[places[0]])] = tuple(
            Neighbour(
                members[other[place]].item.id,
                members[other[place]].item.version,
                members[other[place]].item_version_id,
                int(count[place]),
                short(float(q3[place])),
                short(float(excess[place])),
            )
            for place in nearest
        )
    return made


def _drift(answers: Answers, setting: Setting) -> list[float | None]:
    """The robust z of the locations that responses since the last calibration give, against those in use.

    Of items with ENOUGH responses before and after; None for the others, and for all while they are few.
    """
    stock = setting.stock
    found: list[float | None] = [None] * len(stock.members)
    if setting.calibrated_at is None:
        return found
    since = np.array([one.started_at > setting.calibrated_at for one in answers.sittings], dtype=np.bool_)
    fresh = evidence(answers, stock.numbers, len(stock.members), among=since).responses
    judged = (np.add(*fresh.counts()) >= ENOUGH) & (stock.calibrated_on >= ENOUGH)
    if np.sum(judged) < LEAST_COMMON:
        return found
    before = exam_figures.part_of(stock.curve, judged)
    after = calibrate_on_priors(fresh.only(judged), before.c, priors_around(before.b), with_errors=False)
    moved = drift.robust_z(before.b, after.curve.b)
    for place, z in zip(np.flatnonzero(judged).tolist(), moved.tolist(), strict=True):
        found[place] = short(z)
    return found


def _use(setting: Setting) -> BankUse:
    ready = {one.item.id for one in setting.stock.members if one.current and one.item.status is Status.READY}
    forms = [setting.uses.get(name, 0) for name in ready]
    shares = [many / setting.forms for many in forms] if setting.forms and forms else [0.0]
    return BankUse(
        items=len(ready),
        used=sum(many > 0 for many in forms),
        forms=setting.forms,
        highest=short(max(shares)),
        mean=short(float(np.mean(shares))),
    )
