"""Rules on the bank as a whole: what no single item shows. They look at the items that claim to be ready."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.exam.faults import Fault, Place, Severity, quality
from app.exam.image import spoken
from app.exam.item import Item, Status
from app.exam.lexicon import Lexicon
from app.exam.quality.chance import chi_square_tail_3, fisher_tail
from app.exam.quality.options import without_terms
from app.exam.quality.robots import FROM_ITEMS, Robot, answerable, key_positions, robots
from app.exam.quality.vocabulary import ABSOLUTE

POSITION_P = 0.01
ABSOLUTE_ODDS = 1.5
ABSOLUTE_P = 0.01

_RULES = {"longest": "L09", "shortest": "L09", "convergence": "L15"}
_ADVICE = {
    "longest": "shorten keys, or let distractors say as much",
    "shortest": "let keys say as much as distractors",
    "convergence": "let distractors share parts with each other, not only with the key",
    "clang": "reword keys that repeat words of the stem, or let distractors repeat them too",
    "no-absolutes": "use absolute words in keys as often as in distractors",
    "managed-service": "let the managed service be the wrong choice now and then",
    "combined": "mend the cues that the other robots find",
}


def ready(items: Sequence[Item]) -> list[Item]:
    """The items that claim to be ready, in words."""
    return [spoken(item) for item in items if item.status is Status.READY]


def check_bank(items: Sequence[Item], lexicon: Lexicon, at: Place) -> Iterator[Fault]:
    """L09, L12, L15, L24 and the other robots; nothing for a bank of fewer single-answer items than 40."""
    bank = ready(items)
    single = answerable(bank)
    if len(single) < FROM_ITEMS:
        return
    for robot in robots(bank, lexicon):
        if robot.too_good and not robot.name.startswith("position"):
            yield _beaten(robot, at)
    counts = key_positions(single)
    value, p = position_test(counts)
    if p < POSITION_P:
        shown = ", ".join(f"{letter} {count}" for letter, count in zip("ABCD", counts, strict=True))
        message = (
            f"the keys stand at {shown} (chi-square {value:.1f}, p {p:.2g}); spread them over the places"
        )
        yield quality(at, "L24", Severity.ERROR, message)
    yield from _absolute_cue(bank, lexicon, at)


def _beaten(robot: Robot, at: Place) -> Fault:
    message = (
        f"who always follows the cue “{robot.name}” gets {robot.right:.1f} of {robot.items} items right "
        f"({robot.share:.0%}), chance explains {robot.limit:g}; {_ADVICE[robot.name]}"
    )
    rule = _RULES.get(robot.name, "robot")
    return quality(at, rule, Severity.ERROR if rule != "robot" else Severity.WARNING, message)


def position_test(counts: Sequence[int]) -> tuple[float, float]:
    """Chi-square and p-value of key positions against an even spread over four places."""
    expected = sum(counts) / len(counts)
    value = sum((count - expected) ** 2 for count in counts) / expected if expected else 0.0
    return value, chi_square_tail_3(value)


def absolute_rates(items: Sequence[Item], lexicon: Lexicon) -> tuple[int, int, int, int]:
    """Distractors with an absolute word and all of them, keys with one and all of them."""
    counts = {True: [0, 0], False: [0, 0]}
    for item in items:
        for option in item.options:
            count = counts[option.key]
            count[0] += bool(ABSOLUTE.search(without_terms(option.text, lexicon)))
            count[1] += 1
    return counts[False][0], counts[False][1], counts[True][0], counts[True][1]


def odds_ratio(wrong: int, wrong_of: int, right: int, right_of: int) -> float:
    """Odds of an absolute word in a distractor against those in a key (Haldane's half added to each count)."""
    return (wrong + 0.5) * (right_of - right + 0.5) / ((wrong_of - wrong + 0.5) * (right + 0.5))


def _absolute_cue(bank: Sequence[Item], lexicon: Lexicon, at: Place) -> Iterator[Fault]:
    rates = absolute_rates(bank, lexicon)
    odds, p = odds_ratio(*rates), fisher_tail(*rates)
    if odds > ABSOLUTE_ODDS and p < ABSOLUTE_P:
        message = (
            f"absolute words stand in {rates[0]} of {rates[1]} distractors and {rates[2]} of {rates[3]} keys "
            f"(odds ratio {odds:.1f}, p {p:.2g}); {_ADVICE['no-absolutes']}"
        )
        yield quality(at, "L12", Severity.ERROR, message)
