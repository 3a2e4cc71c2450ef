"""All observations of an exam as columns of numbers: some millions of responses, too many for an object each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from app.exam.clock import TimeOption
from app.exam.observation import Observation, ObservedAttempt
from app.exam.score import Mark
from app.psychometrics.irt import Floats
from app.psychometrics.responses import Flags, Ints, Responses, responses

NOT_MEASURED = -1
"""Stands for the number of an item version without parameters."""

FIRST, REACHED, DROPPED, SCORED, RIGHT, OPEN = (1 << bit for bit in range(6))


@dataclass(frozen=True, slots=True)
class Sitting:
    """One attempt. `earlier`: strict mocks of this exam that the candidate had sat before."""

    person_id: int
    started_at: datetime
    time_option: TimeOption
    scaled: float
    length: int
    earlier: int


@dataclass(frozen=True, slots=True)
class Answers:
    """The responses of all sittings, oldest first; the columns have one entry for each response.

    `sitting` is a number in `sittings`, `version` an item version id, `choice` a number in `choices`.
    """

    sittings: tuple[Sitting, ...]
    sitting: Ints
    version: Ints
    position: Ints
    marks: NDArray[np.uint8]
    seconds: Floats
    choice: Ints
    choices: tuple[tuple[str, ...], ...]

    def has(self, mark: int) -> Flags:
        """Which responses have one of FIRST, REACHED, DROPPED, SCORED, RIGHT and OPEN (left unanswered)."""
        return np.asarray(self.marks & mark > 0)

    @property
    def usable(self) -> Flags:
        """Which count: to items met for the first time, reached, and not withdrawn since."""
        return self.has(FIRST) & self.has(REACHED) & ~self.has(DROPPED)

    @property
    def versions(self) -> tuple[int, ...]:
        """The item versions that there are responses to."""
        return tuple(np.unique(self.version).tolist())


@dataclass(frozen=True, slots=True)
class Evidence:
    """The responses that count, of P persons (sittings that have any) to n items, R in all.

    `rows` (R,): their places in the columns of `answers`, in the order of `responses`; `sittings` (P,).
    """

    answers: Answers
    responses: Responses
    rows: Ints
    sittings: Ints

    @property
    def of_person(self) -> tuple[Sitting, ...]:
        """The sitting of each person."""
        return tuple(self.answers.sittings[number] for number in self.sittings.tolist())

    @property
    def seconds(self) -> Floats:
        """Time on screen of each response (R,)."""
        return self.answers.seconds[self.rows]

    @property
    def last_quarter(self) -> Flags:
        """Which responses were to the last quarter of a form. Shape (R,)."""
        length = np.array([one.length for one in self.answers.sittings], dtype=np.int64)
        of_row = length[self.answers.sitting[self.rows]]
        return np.asarray(self.answers.position[self.rows] > of_row - of_row // 4)


def gathered(attempts: Iterable[ObservedAttempt]) -> Answers:
    """The columns of some attempts, oldest first, read one at a time."""
    sittings: list[Sitting] = []
    earlier: dict[int, int] = {}
    sitting, version, position, choice = (array("q") for _ in range(4))
    marks, seconds = array("B"), array("d")
    choices: dict[tuple[str, ...], int] = {}
    for one in attempts:
        before = earlier.get(one.person_id, 0)
        earlier[one.person_id] = before + 1
        number = len(sittings)
        sittings.append(
            Sitting(one.person_id, one.started_at, one.time_option, one.scaled, len(one.observations), before)
        )
        for at in one.observations:
            sitting.append(number)
            version.append(at.item_version_id)
            position.append(at.position)
            marks.append(_marks(at))
            seconds.append(at.seconds)
            choice.append(choices.setdefault(at.choice, len(choices)))
    whole = [np.array(column, dtype=np.int64) for column in (sitting, version, position, choice)]
    return Answers(
        sittings=tuple(sittings),
        sitting=whole[0],
        version=whole[1],
        position=whole[2],
        marks=np.array(marks, dtype=np.uint8),
        seconds=np.array(seconds, dtype=np.float64),
        choice=whole[3],
        choices=tuple(choices),
    )


def evidence(
    answers: Answers, numbers: Mapping[int, int], items: int, among: Flags | None = None
) -> Evidence:
    """What counts, with items numbered as `numbers` says for item version ids; those it does not name are left out.

    `among`: only of these sittings.
    """
    item = numbered(answers, numbers)
    chosen = answers.usable & (item != NOT_MEASURED)
    if among is not None:
        chosen &= among[answers.sitting]
    rows = np.flatnonzero(chosen)
    rows = rows[np.lexsort((item[rows], answers.sitting[rows]))]
    sittings, person = np.unique(answers.sitting[rows], return_inverse=True)
    right = answers.has(RIGHT)[rows]
    return Evidence(
        answers, responses(person, item[rows], right, items, np.ones(len(sittings))), rows, sittings
    )


def numbered(answers: Answers, numbers: Mapping[int, int]) -> Ints:
    """The number of the item of each response, NOT_MEASURED where there is none."""
    versions, place = np.unique(answers.version, return_inverse=True)
    known = [numbers.get(version, NOT_MEASURED) for version in versions.tolist()]
    return np.array(known, dtype=np.int64)[place]


def _marks(at: Observation) -> int:
    return (
        FIRST * at.first
        | REACHED * at.reached
        | DROPPED * at.dropped
        | SCORED * at.scored
        | RIGHT * (at.mark is Mark.RIGHT)
        | OPEN * (at.mark is Mark.UNANSWERED)
    )
