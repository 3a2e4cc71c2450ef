"""A small synthetic pack about nothing, whose every secret is a word that occurs nowhere else.

Secrets are what a candidate must not see before the end: the ids of items and options, whys, traps,
misconceptions, rationales, references. A test that greps for them finds any leak, whatever its way out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from app.exam.item import Bloom, DecidingConstraint, Demand, Item, ItemType, Option, Reference, Status, Trap
from app.exam.pack import Cut, Domain, Exam, MultipleAnswer, Pack, Scale
from app.formats import native_write
from app.store import pack_versions
from app.store.database import Transaction

SHORT, PILOTED = "short", "piloted"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
VERIFIED = date(2026, 11, 1)


def secret(*parts: object) -> str:
    """A word for one secret place: the same every time, and nowhere else."""
    return "zq" + hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:12]


def item(code: str, domain: str = "D1", *, keys: int = 1, version: int = 1, edition: str = "") -> Item:
    """A ready item without a fault: one key of four options, or `keys` of five. `edition` changes its stem."""
    stem = (
        f"A keeper of {code} needs the lamp to burn all night{edition}. The tower of {code} stands on a rock, and "
        f"the lamp was lit by the people of {code} before. The ships near {code} see no other light. "
        "What should the keeper do first?"
    )
    return Item(
        id=secret(code, "item"),
        version=version,
        status=Status.READY,
        type=ItemType.SINGLE if keys == 1 else ItemType.MULTIPLE,
        stem=stem if keys == 1 else f"{stem} (Select TWO.)",
        options=tuple(_option(code, place, place < keys) for place in range(4 if keys == 1 else 5)),
        constraints=(
            Demand("all night", tuple(secret(code, n, "option") for n in range(keys, 4 if keys == 1 else 5))),
        ),
        rationale=f"The lamp burns all night because of {secret(code, 'rationale')}.",
        references=(Reference("Lamps", f"https://example.org/{secret(code, 'reference')}"),),
        domain=domain,
        objective=f"{domain[1]}.1",
        topic="light/lamps",
        constraint=DecidingConstraint.RESILIENCE,
        bloom=Bloom.ANALYZE,
        rating=0.6 + 0.01 * (int(hashlib.sha256(code.encode()).hexdigest(), 16) % 20),
        verified_on=VERIFIED,
    )


def _option(code: str, place: int, key: bool) -> Option:
    why = "The ships must see the light all night long, so this one decides it:"
    return Option(
        id=secret(code, place, "option"),
        text=f"Use lamp number {place} of the {code} tower",
        key=key,
        why=f"{why} {secret(code, place, 'why')}",
        trap=None if key else list(Trap)[place],
        misconception="" if key else f"Lamps never fail, says {secret(code, place, 'misconception')}",
    )


def exam(exam_id: str = SHORT, **changes: object) -> Exam:
    """Six scored items of two domains in two minutes, and a minute of grace."""
    plain = Exam(
        id=exam_id,
        title=f"The {exam_id} exam",
        items=6,
        minutes=2,
        blueprint={"D1": 50, "D2": 50},
        scale=Scale(),
        cut=Cut(3.5, "for the tests"),
        multiple_answer=MultipleAnswer(1, 4),
        grace_seconds=60,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields of Exam, by name


def pack(
    size: int = 24, *, version: str = "1.0.0", exams: Sequence[Exam] = (), items: Sequence[Item] = ()
) -> Pack:
    """`size` items in two domains, every third multiple-answer; a short exam, and one with two pilots."""
    made = items or [item(f"tower{n:02}", f"D{n % 2 + 1}", keys=2 if n % 3 == 0 else 1) for n in range(size)]
    return Pack(
        id="towers",
        version=version,
        title="Towers",
        language="en",
        license="CC-BY-4.0",
        authors=("Nobody",),
        domains=(Domain("D1", "Light"), Domain("D2", "Fog")),
        exams=tuple(exams) or (exam(), exam(PILOTED, items=8, pilots=2)),
        items=tuple(made),
        approvals=1,
    )


def load(tx: Transaction, new: Pack, now: datetime = NOON) -> bool:
    """Load a pack as its items say they are."""
    return pack_versions.load(tx, new, {one.id: one.status for one in new.items}, (), now)


def write(folder: Path, new: Pack) -> Path:
    """The pack as a file in the native format."""
    path = folder / f"{new.id}-{new.version}.yaml"
    path.write_bytes(native_write.write(new))
    return path


def explained(items: Iterable[Item]) -> set[str]:
    """Secrets that the review shows after the end: whys, rationales and references."""
    return {
        word
        for one in items
        for text in (one.rationale, *(o.why for o in one.options), *(r.url for r in one.references))
        for word in _secrets(text)
    }


def secrets_of(items: Iterable[Item]) -> set[str]:
    """Everything that is secret before the end."""
    found = explained(items := list(items))
    for one in items:
        found |= {one.id, *(option.id for option in one.options)}
        found |= {word for option in one.options for word in _secrets(option.misconception)}
        found |= {text for option in one.options if option.trap for text in _spellings(option.trap)}
    return found


def _secrets(text: str) -> list[str]:
    return [word for word in text.replace("/", " ").replace(".", " ").split() if word.startswith("zq")]


def _spellings(trap: Trap) -> tuple[str, str]:
    return trap.value, trap.value.replace("-", " ")
