"""The chronicle of an answer: all that a candidate did on one question, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.exam.attempt import Marks, Outcome, Save


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done: so long `after` the start of the exam, in words."""

    after: timedelta
    words: str


_REFUSED = {
    Outcome.CONFLICT: "Not taken: another tab or device was first",
    Outcome.SUPERSEDED: "Not taken: a later change had arrived already",
}
_SURE = {"sure": "sure", "fairly": "fairly sure", "guessing": "guessing"}


def chronicle(
    saves: Iterable[tuple[Save, Outcome]], letters: Mapping[str, str], started_at: datetime
) -> tuple[Step, ...]:
    """What the saves of one position tell, in their order. `letters` of the options as they were delivered."""
    steps: list[Step] = []
    choice: tuple[str, ...] = ()
    marks = Marks()
    for save, outcome in saves:
        after = max(save.at - started_at, timedelta(0))
        if outcome is Outcome.ACCEPTED:
            done = [*_marks(marks, save.marks, letters), *_choice(choice, save.choice, letters)]
            choice, marks = save.choice, save.marks
        elif outcome is Outcome.LATE:
            done = [f"Late, not scored: {_names(save.choice, letters) or 'no answer'}"]
        else:
            done = [_REFUSED[outcome]] if outcome in _REFUSED else []
        steps += [Step(after, words) for words in done]
    return tuple(steps)


def _choice(before: tuple[str, ...], after: tuple[str, ...], letters: Mapping[str, str]) -> Iterator[str]:
    if before == after:
        return
    if not after:
        yield f"Cleared the answer {_names(before, letters)}"
    elif not before:
        yield f"Chose {_names(after, letters)}"
    else:
        yield f"Changed {_names(before, letters)} to {_names(after, letters)}"


def _marks(before: Marks, after: Marks, letters: Mapping[str, str]) -> Iterator[str]:
    if after.seen and not before.seen:
        yield "Opened the question"
    if struck := set(after.struck) - set(before.struck):
        yield f"Struck out {_names(struck, letters)}"
    if back := set(before.struck) - set(after.struck):
        yield f"Took back the strike of {_names(back, letters)}"
    if after.flagged != before.flagged:
        yield "Flagged it for review" if after.flagged else "Took the flag away"
    if after.highlights != before.highlights:
        yield "Highlighted text" if len(after.highlights) >= len(before.highlights) else "Removed a highlight"
    if after.confidence is not None and after.confidence is not before.confidence:
        yield f"Said: {_SURE[after.confidence.value]}"


def _names(options: Iterable[str], letters: Mapping[str, str]) -> str:
    return " and ".join(sorted(letters.get(option, "?") for option in options))
