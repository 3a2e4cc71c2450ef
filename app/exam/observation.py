"""What candidates did on the items of strict mocks that were scored: calibration and item analysis start from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.exam.attempt import Marks
from app.exam.clock import TimeOption
from app.exam.score import Mark


@dataclass(frozen=True, slots=True)
class Observation:
    """One item of one attempt.

    `item` is the author's id. `mark` is that of the score that holds, so keys are those with their corrections.
    `dropped`: the item was withdrawn; `scored` is false for it and for pilots. `first` says that the candidate had
    not met the item before, in whatever version and kind of attempt; `reached` that this item or a later one was
    looked at or answered.
    """

    item_version_id: int
    item: str
    position: int
    scored: bool
    dropped: bool
    mark: Mark
    choice: tuple[str, ...]
    marks: Marks
    first: bool
    reached: bool

    @property
    def seconds(self) -> float:
        """Time on screen."""
        return self.marks.elapsed_ms / 1000


@dataclass(frozen=True, slots=True)
class ObservedAttempt:
    """One strict mock that was scored. `parameters` is the label of the version that its form was made with."""

    id: int
    person_id: int
    started_at: datetime
    time_option: TimeOption
    parameters: str
    raw: int
    scaled: float
    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class Others:
    """Attempts at an exam that calibration and item analysis leave out, by the reason."""

    practice: int = 0
    not_strict: int = 0
    without_score: int = 0
