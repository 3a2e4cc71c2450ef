"""Made-up observations: candidates who sit made-up exams, as the store would read them. Seeded, and quick."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from app.exam.analysing import Setting
from app.exam.answers import Answers, gathered
from app.exam.attempt import Marks
from app.exam.clock import TimeOption
from app.exam.item import Item
from app.exam.observation import Observation, ObservedAttempt, Others
from app.exam.pack import Cut, Exam, MultipleAnswer
from app.exam.parameters import Parameters, cold_started
from app.exam.score import Mark
from app.exam.stock import Stock, stocked
from tests.exam.banks import exam, item

START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
DOMAINS = ("D1", "D2")

Answering = Callable[[np.random.Generator, float, int], bool]
"""Whether a candidate of some ability gets an item right, by its number."""


@dataclass(frozen=True)
class Bank:
    """A small exam with its items, their cold start, and what they are really like."""

    exam: Exam
    items: tuple[Item, ...]
    parameters: Parameters
    a: np.ndarray
    b: np.ndarray

    @property
    def ids(self) -> dict[int, Item]:
        """The items by item version id."""
        return dict(enumerate(self.items, 1))

    def stock(self, answers: Answers, known: Parameters | None = None) -> Stock:
        """The stock that an analysis would go by."""
        return stocked(self.ids, {}, {}, known or self.parameters, self.exam)

    def setting(self, answers: Answers, known: Parameters | None = None) -> Setting:
        """What an analysis would go by, without typical forms."""
        used = known or self.parameters
        return Setting(
            exam=self.exam,
            parameters=used.label,
            theta_cut=used.reference.theta_cut,
            calibrated_at=None,
            stock=self.stock(answers, used),
            uses={},
            forms=0,
            others=Others(),
            typical=(),
        )

    def right(self, rng: np.random.Generator, theta: float, number: int) -> bool:
        """As the model says, with the true parameters."""
        known = 1 / (1 + np.exp(-self.a[number] * (theta - self.b[number])))
        floor = self.items[number].guessing_floor
        return bool(rng.random() < floor + (1 - floor) * known)


def small(size: int = 30, seed: int = 1) -> Bank:
    """Items of two domains whose ratings tell something of their true locations, as those of experts do."""
    rng = np.random.default_rng(seed)
    b, a = rng.normal(-0.9, 0.9, size), np.exp(rng.normal(-0.1, 0.3, size))
    told = 0.6 * (b + 0.9) / 0.9 + 0.8 * rng.normal(size=size)
    items = tuple(
        item(
            f"i{number:03}",
            DOMAINS[number % 2],
            keys=2 if number % 5 == 0 else 1,
            rating=round(float(np.clip(0.7 - 0.12 * told[number], 0.35, 0.95)), 3),
        )
        for number in range(size)
    )
    this = exam(
        id="small",
        items=12,
        minutes=24,
        blueprint={"D1": 50, "D2": 50},
        cut=Cut(8.5, "for the tests"),
        multiple_answer=MultipleAnswer(1, 4),
    )
    return Bank(this, items, cold_started(items, this), a, b)


def sat(
    bank: Bank,
    count: int,
    seed: int = 1,
    answering: Answering | None = None,
    length: int = 12,
    **changes: object,
) -> Answers:
    """So many candidates, each with items of their own. `changes` are those of every observation."""
    return gathered(attempts(bank, count, seed, answering, length, **changes))


def attempts(
    bank: Bank,
    count: int,
    seed: int = 1,
    answering: Answering | None = None,
    length: int = 12,
    **changes: object,
) -> Iterator[ObservedAttempt]:
    """The same, attempt by attempt."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        theta = float(rng.normal(0.1, 1.0))
        chosen = rng.permutation(len(bank.items))[:length]
        observations = tuple(
            _observation(rng, bank, int(at), place, (answering or bank.right)(rng, theta, int(at)), changes)
            for place, at in enumerate(chosen, 1)
        )
        raw = sum(one.mark is Mark.RIGHT for one in observations)
        yield ObservedAttempt(
            id=number + 1,
            person_id=number + 1,
            started_at=START + timedelta(hours=number),
            time_option=TimeOption.STANDARD,
            parameters="cold-start-1",
            raw=raw,
            scaled=100 + 900 * raw / length,
            observations=observations,
        )


def _observation(
    rng: np.random.Generator, bank: Bank, at: int, position: int, right: bool, changes: dict[str, object]
) -> Observation:
    one = bank.items[at]
    plain = Observation(
        item_version_id=at + 1,
        item=one.id,
        position=position,
        scored=True,
        dropped=False,
        mark=Mark.RIGHT if right else Mark.WRONG,
        choice=tuple(sorted(one.key)) if right else _mistake(rng, one),
        marks=Marks(seen=True, elapsed_ms=int(1000 * np.exp(rng.normal(4.5, 0.5)))),
        first=True,
        reached=True,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields of Observation, by name


def _mistake(rng: np.random.Generator, one: Item) -> tuple[str, ...]:
    wrong: Sequence[str] = [option.id for option in one.options if not option.key]
    kept = sorted(one.key)[1:]
    return tuple(sorted([str(rng.choice(wrong)), *kept]))
