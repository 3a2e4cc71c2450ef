"""An exam as the fields of a form, all of them text, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from app.exam.differences import Difference, compared
from app.exam.pack import Domain, Exam

SHARE = "share-"
"""What the name of a domain's field begins with."""


@dataclass(frozen=True, slots=True)
class ExamFields:
    """An exam in a form. `shares` by domain; an empty share leaves the domain out of the exam."""

    id: str = ""
    title: str = ""
    note: str = ""
    items: str = ""
    pilots: str = "0"
    minutes: str = ""
    grace_seconds: str = "60"
    multiple_min: str = ""
    multiple_max: str = ""
    per_service: str = ""
    per_company: str = ""
    overlap: str = ""
    embargo_days: str = "0"
    scale_min: str = "100"
    scale_cut: str = "750"
    scale_max: str = "1000"
    cut: str = ""
    source: str = ""
    shares: Mapping[str, str] = field(default_factory=dict)


_TEXTS = ("id", "title", "note", "source")
_WHOLE = (
    *("items", "pilots", "minutes", "grace_seconds"),
    *("per_service", "per_company", "overlap", "embargo_days"),
)
_RANGE = ("multiple_min", "multiple_max")
_NEEDED = ("id", "title", "items", "minutes", "scale_min", "scale_cut", "scale_max", "cut", "source")
_WAYS = {
    "multiple_min": ("multiple_answer", "min"),
    "multiple_max": ("multiple_answer", "max"),
    "scale_min": ("scale", "min"),
    "scale_cut": ("scale", "cut"),
    "scale_max": ("scale", "max"),
    "cut": ("cut", "raw_equivalent"),
    "source": ("cut", "source"),
}
NAMES = {
    "id": "Id",
    "title": "Title",
    "note": "Note for candidates",
    "items": "Items on a form",
    "pilots": "Pilots",
    "minutes": "Minutes",
    "grace_seconds": "Grace",
    "multiple_min": "Multiple-answer items, at least",
    "multiple_max": "Multiple-answer items, at most",
    "per_service": "Per service",
    "per_company": "Per company",
    "overlap": "Seen before",
    "embargo_days": "Embargo",
    "scale_min": "Lowest score",
    "scale_cut": "Score to pass",
    "scale_max": "Highest score",
    "cut": "Cut",
    "source": "Who set the cut",
}


def shown(exam: Exam) -> ExamFields:
    """The fields of an exam."""
    multiple = exam.multiple_answer
    plain = {name: _text(getattr(exam, name)) for name in (*_WHOLE, "id", "title", "note")}
    return ExamFields(
        **plain,
        multiple_min=_text(multiple and multiple.min),
        multiple_max=_text(multiple and multiple.max),
        scale_min=_text(exam.scale.min),
        scale_cut=_text(exam.scale.cut),
        scale_max=_text(exam.scale.max),
        cut=_text(exam.cut.raw_equivalent),
        source=exam.cut.source,
        shares={name: _text(share) for name, share in exam.blueprint.items()},
    )


def even(domains: Sequence[Domain]) -> ExamFields:
    """What a first exam of a pack may begin with: whole shares, as even as can be."""
    whole, rest = divmod(100, len(domains) or 1)
    return ExamFields(shares={one.id: str(whole + (place < rest)) for place, one in enumerate(domains)})


def entered(values: Mapping[str, str]) -> ExamFields:
    """What was entered into a form."""
    single = {
        one.name: values.get(one.name, "").strip() for one in fields(ExamFields) if one.name != "shares"
    }
    shares = {
        name.removeprefix(SHARE): share.strip() for name, share in values.items() if name.startswith(SHARE)
    }
    return ExamFields(**single, shares=shares)


def document(given: ExamFields) -> dict[str, Any]:
    """The exam as a native file would have it. What may be left out and was left empty is left out; what may not
    be is there as None, so that its reader says where it is missing."""
    written = {name: value for name, value in asdict(given).items() if isinstance(value, str)}
    needed = {*_NEEDED, *(_RANGE if any(written[name] for name in _RANGE) else ())}
    made: dict[str, Any] = {"blueprint": {name: _number(text) for name, text in given.shares.items() if text}}
    for name, text in written.items():
        if not text and name not in needed:
            continue
        *above, last = _WAYS.get(name, (name,))
        target = made.setdefault(above[0], {}) if above else made
        target[last] = None if not text else text if name in _TEXTS else _number(text)
    return made


def field_of(way: Sequence[str | int]) -> str:
    """The name of the field that holds what stands at a way into the document; empty for the exam as a whole."""
    names = tuple(map(str, way))
    if names[:1] == ("blueprint",):
        return f"{SHARE}{names[1]}" if len(names) > 1 else SHARE
    for name, known in _WAYS.items():
        if known[: len(names)] == names:
            return name
    return names[0] if names else ""


def _number(text: str) -> int | float | str:
    """A number; what is none stays text, which the reader will say."""
    plain = text.replace(",", ".")
    try:
        return int(plain) if plain.lstrip("-").isdecimal() else float(plain)
    except ValueError:
        return text


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def changes(before: Exam, after: Exam) -> tuple[Difference, ...]:
    """Every field that differs, in the order of the form."""
    old, new = _described(before), _described(after)
    return tuple(
        Difference(name, compared(old.get(name, ""), new.get(name, "")))
        for name in dict.fromkeys([*new, *old])
        if old.get(name, "") != new.get(name, "")
    )


def _described(exam: Exam) -> dict[str, str]:
    given = shown(exam)
    single = {title: getattr(given, name) for name, title in NAMES.items()}
    return single | {f"Share of {name}": f"{share} %" for name, share in given.shares.items()}
