"""An item as the fields of a form, all of them text, and back. What nobody touched stays as it was to the letter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import zip_longest
from typing import Any

from app.exam import image
from app.exam.item import Item, ItemType, Status, to_plain

LETTERS = "abcdefghijklmnopqrst"
_DATED = re.compile(r"(?P<name>.*),\s*(?P<since>\d{4}-\d{2}-\d{2})")
_DECIDED = re.compile(r"(?P<text>.*):(?P<decides>[\sA-Za-z0-9,]*)")
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class OptionFields:
    """One option in a form. `id` is empty for one that was just written."""

    id: str = ""
    text: str = ""
    key: bool = False
    why: str = ""
    trap: str = ""
    misconception: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was written into it."""
        return not (self.text.strip() or self.why.strip() or self.misconception.strip())


@dataclass(frozen=True, slots=True)
class ItemFields:
    """An item in a form. Lists have an entry a line: see `shown`."""

    id: str = ""
    type: str = ItemType.SINGLE.value
    stem: str = ""
    options: tuple[OptionFields, ...] = ()
    rationale: str = ""
    references: str = ""
    domain: str = ""
    objective: str = ""
    topic: str = ""
    services: str = ""
    constraint: str = ""
    bloom: str = ""
    rating: str = ""
    company: str = ""
    constraints: str = ""
    cover_test: str = ""
    enemies: str = ""
    facts: str = ""
    verified_on: str = ""
    shuffle: str = YES
    accepted: str = ""


_TEXTS = (
    "stem",
    "rationale",
    "domain",
    "objective",
    "topic",
    "constraint",
    "bloom",
    "company",
    "verified_on",
)


def shown(item: Item) -> ItemFields:
    """The fields of an item.

    A reference is its address, a space and its title; a service ends with ", " and its date, a demand with ": " and
    the options that it decides; an accepted finding begins with its rule and ": ".
    """
    return ItemFields(
        id=item.id,
        type=item.type.value,
        options=tuple(
            OptionFields(one.id, one.text, one.key, one.why, one.trap or "", one.misconception)
            for one in item.options
        ),
        references="\n".join(f"{one.url} {one.title}" for one in item.references),
        services="\n".join(f"{one.name}, {one.since}" if one.since else one.name for one in item.services),
        rating="" if item.rating is None else f"{item.rating:g}",
        constraints="\n".join(f"{one.text}: {', '.join(one.decides)}" for one in item.constraints),
        cover_test={None: "", True: YES, False: NO}[item.cover_test],
        enemies="\n".join(item.enemies),
        facts=", ".join(map(str, item.facts)),
        shuffle=YES if item.shuffle else NO,
        accepted="\n".join(f"{one.rule}: {one.why}" for one in item.accepted),
        **{name: str(getattr(item, name) or "") for name in _TEXTS},
    )


def entered(values: Mapping[str, Sequence[str]]) -> ItemFields:
    """What was entered into a form: the fields by name, those of options as lists; `key` has the places of the right
    ones. Options into which nothing was written are left out, and new ones get ids of their own."""
    plain = {name: list(map(_unix, given)) for name, given in values.items()}
    names = [field.name for field in fields(OptionFields) if field.name != "key"]
    columns = [plain.get(f"option_{name}", []) for name in names]
    keys = set(plain.get("key", []))
    options = [
        OptionFields(**dict(zip(names, row, strict=True)), key=str(place) in keys)
        for place, row in enumerate(zip_longest(*columns, fillvalue=""))
    ]
    single: dict[str, Any] = {
        field.name: plain[field.name][0]
        for field in fields(ItemFields)
        if field.name != "options" and plain.get(field.name)
    }
    single.setdefault("shuffle", NO)
    return ItemFields(**single, options=_named([one for one in options if not one.blank]))


def document(given: ItemFields, base: Item | None, status: Status) -> dict[str, Any]:
    """The item as a native file would have it; `base` is what it was before, None for a new one."""
    before = ItemFields() if base is None else shown(base)
    kept = {} if base is None else to_plain(base)
    written = _written(given)
    same = {name for name in written if base is not None and getattr(given, name) == getattr(before, name)}
    made = {name: kept.get(name) if name in same - {"options"} else value for name, value in written.items()}
    texts = [given.stem, *(text for one in given.options for text in (one.text, one.why)), given.rationale]
    made |= {
        "version": 1 if base is None else base.version,
        "status": status.value,
        "media": [name for name in image.names(texts) if image.parsed(name)],
    }
    keys = sum(one.key for one in given.options)
    if given.type == ItemType.MULTIPLE.value and keys:
        made["select"] = keys
    needed = ("id", "stem", "options", "type")
    made = {name: value for name, value in made.items() if name in needed or value not in (None, "", [])}
    for service in made.get("services") or ():
        if service["since"] is None:
            del service["since"]
    return made


def _written(given: ItemFields) -> dict[str, Any]:
    made: dict[str, Any] = {name: value for name, value in asdict(given).items() if isinstance(value, str)}
    return made | {
        "options": [_option(one) for one in given.options],
        "references": [_reference(line) for line in _lines(given.references)],
        "services": [_service(line) for line in _lines(given.services)],
        "constraints": [_demand(line) for line in _lines(given.constraints)],
        "accepted": [_accepted(line) for line in _lines(given.accepted)],
        "rating": _number(given.rating, float),
        "cover_test": {YES: True, NO: False}.get(given.cover_test),
        "enemies": given.enemies.replace(",", " ").split(),
        "facts": [_number(one, int) for one in given.facts.replace(",", " ").split()],
        "shuffle": given.shuffle == YES,
    }


def _option(given: OptionFields) -> dict[str, Any]:
    plain = asdict(given)
    return {name: plain[name] for name in plain if name in ("id", "text") or plain[name]}


def _reference(line: str) -> dict[str, str]:
    url, _, title = line.partition(" ")
    return {"title": title.strip(), "url": url}


def _service(line: str) -> dict[str, str | None]:
    found = _DATED.fullmatch(line)
    if found is None:
        return {"name": line, "since": None}
    return {"name": found["name"].strip(), "since": found["since"]}


def _demand(line: str) -> dict[str, Any]:
    found = _DECIDED.fullmatch(line)
    if found is None:
        return {"text": line, "decides": []}
    return {"text": found["text"].strip(), "decides": found["decides"].replace(",", " ").split()}


def _accepted(line: str) -> dict[str, str]:
    rule, _, why = line.partition(":")
    return {"rule": rule.strip(), "why": why.strip()}


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    """A number; what is none stays text, which the reader will say."""
    try:
        return kind(text.strip().replace(",", "."))
    except ValueError:
        return text.strip()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _named(options: Sequence[OptionFields]) -> tuple[OptionFields, ...]:
    taken = {one.id for one in options}
    free = (letter for letter in LETTERS if letter not in taken)
    return tuple(one if one.id else replace(one, id=next(free, "")) for one in options)


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
