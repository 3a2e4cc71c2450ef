"""The response processing of QTI 1.2: which options are right, what each is worth, what is told about it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

HUNDRED = 100.0
_MISTAKES = re.compile(r"incorrect|wrong", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Condition:
    """One `respcondition`: the options that must and must not be chosen, the marks for it, the feedback it shows."""

    chosen: tuple[str, ...]
    left: tuple[str, ...]
    marks: float
    feedback: tuple[str, ...]
    title: str = ""


def conditions(item: etree._Element, response: str) -> list[Condition]:
    """Every condition of an item on one of its responses, in their order."""
    return [_condition(each, response) for each in item.iterfind("resprocessing/respcondition")]


def _condition(element: etree._Element, response: str) -> Condition:
    chosen: list[str] = []
    left: list[str] = []
    for test in element.iter("varequal", "varsubset"):
        if test.get("respident", response) == response:
            values = (test.text or "").split("," if test.tag == "varsubset" else "\x00")
            negated = sum(1 for _ in test.iterancestors("not")) % 2
            (left if negated else chosen).extend(value.strip() for value in values)
    return Condition(
        tuple(dict.fromkeys(chosen)),
        tuple(left),
        sum(map(_marks, element.iterfind("setvar"))),
        tuple(each.get("linkrefid") or "" for each in element.iterfind("displayfeedback")),
        element.get("title") or "",
    )


def _marks(setting: etree._Element) -> float:
    """The marks that a `setvar` gives; `SCORE.max` is all of them, and a variable that counts mistakes gives none."""
    if _MISTAKES.search(setting.get("varname") or ""):
        return 0.0
    written = (setting.text or "").strip().lower()
    if written.endswith(".max") or written == "true":
        return HUNDRED
    try:
        marks = float(written)
    except ValueError:
        return 0.0
    if not math.isfinite(marks) or setting.get("action", "").lower() in ("multiply", "divide"):
        return 0.0
    return -marks if setting.get("action", "").lower() == "subtract" else marks


def key(found: Sequence[Condition], *, multiple: bool) -> tuple[set[str], dict[str, float]]:
    """The idents of the right options, and the share of the marks of each in per cent where it is not all or none.

    A multiple-answer item either has one condition on the whole choice, or one for each option, whose marks add up.
    Where nothing is worth any marks, what is called correct is right.
    """
    scored = [each for each in found if each.marks > 0 and each.chosen]
    if not scored:
        return {name for each in found if _is_called_correct(each) for name in each.chosen}, {}
    best = max(each.marks for each in scored)
    whole = [each for each in scored if len(each.chosen) > 1 or each.left]
    if multiple and whole:
        return set(max(whole, key=lambda each: each.marks).chosen), {}
    if multiple:
        right = {each.chosen[0] for each in scored}
        return right, _shares(found, sum(each.marks for each in scored))
    right = {name for each in scored if each.marks == best for name in each.chosen}
    return right, _shares(found, best) if any(each.marks < best for each in scored) else {}


def _is_called_correct(condition: Condition) -> bool:
    return any(called.casefold() == "correct" for called in (condition.title, *condition.feedback))


def _shares(found: Sequence[Condition], whole: float) -> dict[str, float]:
    return {
        each.chosen[0]: round(HUNDRED * each.marks / whole, 5)
        for each in found
        if len(each.chosen) == 1 and not each.left and each.marks
    }


def shown_for(found: Sequence[Condition]) -> dict[str, set[str]]:
    """For each feedback the options that alone make it appear."""
    shown: dict[str, set[str]] = {}
    for each in found:
        for feedback in each.feedback:
            if len(each.chosen) == 1 and not each.left:
                shown.setdefault(feedback, set()).add(each.chosen[0])
    return shown
