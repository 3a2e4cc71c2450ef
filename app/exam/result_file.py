"""What a candidate's own result file says of the meaning of a score: plain values, rounded to what they are worth.

docs/study.md explains every field. Chances stay between 1 and 99 %, as on the pages: nothing is certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from app.exam.gains import DomainStanding, Gain, Kind, PartStanding
from app.exam.guess import Compared
from app.exam.meaning import Meaning
from app.exam.score import Tally
from app.psychometrics import band, prediction, subscores
from app.psychometrics.subscores import Subscore, Verdict

LEAST_CHANCE, MOST_CHANCE = 0.01, 0.99
GAIN_COLUMNS = (
    "kind", "domain", "name", "title", "right_of_new", "new", "to_gain", "to_gain_low", "to_gain_high",
)  # fmt: skip
Titles = Callable[[Kind | None, str], str]
"""The title of a domain (no kind), of a topic or of a service, by its id."""


def plain_guess(sure: float | None, compared: Compared | None) -> dict[str, Any] | None:
    """What was expected before the start; None when nothing was said."""
    if sure is None and compared is None:
        return None
    return {
        "sure_to_pass": sure,
        "score": None if compared is None else compared.guessed,
        "points_too_many": None if compared is None else compared.off,
        "verdict": None if compared is None else compared.verdict.value,
    }


def plain_meaning(means: Meaning, title: Titles) -> dict[str, Any]:
    """The band, the chance of passing a fresh form, and where studying would gain most."""
    chance = means.prediction
    return {
        "band": {"low": means.low, "high": means.high, "level": band.LEVEL},
        "passing_again": {
            "chance": _chance(chance.probability),
            "low": _chance(chance.low),
            "high": _chance(chance.high),
            "level": prediction.LEVEL,
            "new_questions": means.new,
            "repeated_questions_left_out": means.repeated,
            "exams": means.sittings,
        },
        "domains": [
            {
                "id": one.domain,
                "title": title(None, one.domain),
                "right_of_new": one.tally.right,
                "new": one.tally.total,
                **_standing(one.subscore),
                "to_gain": _gain(one.gain),
                **{f"{kind.value}s": [_part(part, title) for part in _of(one, kind)] for kind in Kind},
            }
            for one in means.domains
        ],
    }


def gain_lines(means: Meaning, title: Titles) -> Iterator[dict[str, Any]]:
    """The points to gain as the lines of a table (GAIN_COLUMNS): each domain, then its topics, then its services."""
    for one in means.domains:
        yield _line("domain", one.domain, one.domain, title(None, one.domain), one.tally, one.gain)
        for kind in Kind:
            for part in _of(one, kind):
                name = part.part.name
                yield _line(kind.value, one.domain, name, title(kind, name), part.tally, part.gain)


def _line(kind: str, domain: str, name: str, title: str, new: Tally, gain: Gain) -> dict[str, Any]:
    points = (round(gain.points, 1), round(gain.low, 1), round(gain.high, 1))
    return dict(zip(GAIN_COLUMNS, (kind, domain, name, title, new.right, new.total, *points), strict=True))


def _of(one: DomainStanding, kind: Kind) -> list[PartStanding]:
    return [part for part in one.parts if part.part.kind is kind]


def _part(one: PartStanding, title: Titles) -> dict[str, Any]:
    return {
        "name": one.part.name,
        "title": title(one.part.kind, one.part.name),
        "right_of_new": one.tally.right,
        "new": one.tally.total,
        "missed": list(one.missed),
        "to_gain": _gain(one.gain),
    }


def _standing(found: Subscore | None) -> dict[str, Any]:
    if found is None:
        return {"verdict": Verdict.UNCLEAR.value, "share": None, "standard": None}
    share = {"likeliest": _share(found.share), "low": _share(found.low), "high": _share(found.high)}
    return {
        "verdict": found.verdict.value,
        "share": {**share, "level": subscores.LEVEL},
        "standard": _share(found.standard),
    }


def _gain(gain: Gain) -> dict[str, float]:
    points = {"points": round(gain.points, 1), "low": round(gain.low, 1), "high": round(gain.high, 1)}
    return {**points, "level": subscores.LEVEL}


def _share(value: float) -> float:
    return round(value, 2)


def _chance(value: float) -> float:
    return min(MOST_CHANCE, max(LEAST_CHANCE, round(value, 2)))
