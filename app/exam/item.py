"""An item: stem, options, key, rationale, and what is known about it. Frozen; a change makes a new version."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import comb
from typing import Any


class Status(StrEnum):
    """Where an item stands in its review. Only ready items are put on forms."""

    DRAFT = "draft"
    REVIEW = "review"
    READY = "ready"
    RETIRED = "retired"


class ItemType(StrEnum):
    """Multiple choice (one key) or multiple answer (two or more)."""

    SINGLE = "single"
    MULTIPLE = "multiple"


class Trap(StrEnum):
    """Which kind of red herring a distractor is."""

    IGNORES_CONSTRAINT = "ignores-constraint"
    PARTIAL_SOLUTION = "partial-solution"
    OVER_ENGINEERED = "over-engineered"
    NEEDS_CUSTOM_CODE = "needs-custom-code"
    RIGHT_SERVICE_WRONG_FEATURE = "right-service-wrong-feature"
    WRONG_SCOPE = "wrong-scope"
    OUTDATED = "outdated"
    DOES_NOT_EXIST = "does-not-exist"
    INSECURE = "insecure"
    COST_BLIND = "cost-blind"
    WRONG_SERVICE = "wrong-service"


class DecidingConstraint(StrEnum):
    """The kind of demand that decides an item."""

    COST = "cost"
    LEAST_OPERATIONS = "least-operations"
    RESILIENCE = "resilience"
    PERFORMANCE = "performance"
    SECURITY = "security"
    MIGRATION_TIME = "migration-time"


class Bloom(StrEnum):
    """Cognitive level. Recall is not examined."""

    APPLY = "apply"
    ANALYZE = "analyze"
    EVALUATE = "evaluate"


@dataclass(frozen=True, slots=True)
class Option:
    """One option. `why` says why it is right or wrong; a distractor names its trap and misconception."""

    id: str
    text: str
    key: bool = False
    why: str = ""
    trap: Trap | None = None
    misconception: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A page that states the deciding fact."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service an item rests on, and since when it has been available (for the embargo)."""

    name: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand of the scenario and the ids of the options that it decides."""

    text: str
    decides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A named warning that a reviewer let stand."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What an importer knew of the source, and what of it had no place here."""

    format: str
    file: str
    locator: str
    sha256: str
    unmapped: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a candidate is asked: the read model of an open attempt, without key, whys, status or order of merit.

    `options` are (id, text) pairs; `select` is the number of options to choose, which the page states.
    """

    type: ItemType
    select: int
    stem: str
    options: tuple[tuple[str, str], ...]

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Asked:
        """From stored JSON: no checks."""
        options = tuple((option_id, text) for option_id, text in plain["options"])
        return cls(ItemType(plain["type"]), plain["select"], plain["stem"], options)


@dataclass(frozen=True, slots=True)
class Item:
    """One version of one item, as its author wrote it. Text is Markdown."""

    id: str
    version: int
    status: Status
    type: ItemType
    stem: str
    options: tuple[Option, ...]
    rationale: str = ""
    references: tuple[Reference, ...] = ()
    domain: str | None = None
    objective: str | None = None
    topic: str | None = None
    services: tuple[Service, ...] = ()
    constraint: DecidingConstraint | None = None
    bloom: Bloom | None = None
    rating: float | None = None
    company: str | None = None
    constraints: tuple[Demand, ...] = ()
    cover_test: bool | None = None
    enemies: tuple[str, ...] = ()
    facts: tuple[int, ...] = ()
    verified_on: date | None = None
    shuffle: bool = True
    accepted: tuple[Accepted, ...] = ()
    media: tuple[str, ...] = ()
    origin: Origin | None = None

    @property
    def key(self) -> frozenset[str]:
        """The set of right options."""
        return frozenset(option.id for option in self.options if option.key)

    @property
    def select(self) -> int:
        """How many options the candidate is told to choose."""
        return len(self.key)

    @property
    def guessing_floor(self) -> float:
        """The chance of a blind guess: 1/C(k, m), as the page tells the number to choose. 0 without a key."""
        return 1 / comb(len(self.options), self.select) if self.key else 0.0

    @property
    def asked(self) -> Asked:
        """What a candidate may see of this item before the end."""
        options = tuple(sorted((option.id, option.text) for option in self.options))
        return Asked(self.type, self.select, self.stem, options)

    @property
    def content_sha256(self) -> str:
        """Hash of what a candidate is asked and what counts as right: a change needs a new version."""
        asked = [
            self.type,
            self.stem,
            self.shuffle,
            [[o.id, o.text, o.key] for o in self.options],
            self.media,
        ]
        return hashlib.sha256(canonical(asked).encode()).hexdigest()

    @property
    def sha256(self) -> str:
        """Hash of everything in this version, status and rating included."""
        return hashlib.sha256(canonical(to_plain(self)).encode()).hexdigest()


def canonical(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, no NaN; the same value gives the same text everywhere."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
    )


def _plain(value: Any) -> Any:
    """The fields of a record, which may be records themselves; anything else as text."""
    fields = getattr(value, "__dataclass_fields__", None)
    return str(value) if fields is None else {name: getattr(value, name) for name in fields}


def to_plain(item: Item) -> dict[str, Any]:
    """The item as plain JSON values (dates as ISO text), without fields that hold their default."""
    plain: dict[str, Any] = json.loads(canonical(item))
    return {name: value for name, value in plain.items() if value not in (None, [], "")}


def from_plain(plain: dict[str, Any]) -> Item:
    """Inverse of `to_plain`, for items that this program stored itself: no checks."""
    fields = dict(plain)
    fields["status"] = Status(plain["status"])
    fields["type"] = ItemType(plain["type"])
    fields["options"] = tuple(
        Option(**{**o, "trap": Trap(o["trap"]) if o.get("trap") else None}) for o in plain["options"]
    )
    fields["references"] = tuple(Reference(**r) for r in plain.get("references", ()))
    fields["services"] = tuple(
        Service(s["name"], date.fromisoformat(s["since"]) if s.get("since") else None)
        for s in plain.get("services", ())
    )
    fields["constraints"] = tuple(
        Demand(d["text"], tuple(d["decides"])) for d in plain.get("constraints", ())
    )
    fields["accepted"] = tuple(Accepted(**a) for a in plain.get("accepted", ()))
    for name in ("enemies", "facts", "media"):
        fields[name] = tuple(plain.get(name, ()))
    for name, kind in (
        ("constraint", DecidingConstraint),
        ("bloom", Bloom),
        ("verified_on", date.fromisoformat),
    ):
        if plain.get(name):
            fields[name] = kind(plain[name])
    if plain.get("origin"):
        fields["origin"] = Origin(**plain["origin"])
    return Item(**fields)
