"""The proof of a result: what is signed when a candidate publishes it, and what recomputing it finds."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass

from app.exam.form import Form
from app.exam.item import canonical
from app.exam.score import Score

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Proof:
    """What a published result says. `name` is None unless the candidate shows it; times are ISO text.

    `form_sha256` is of the whole frozen form, its conversion table included, and `corrections` are those that the
    score takes in.
    """

    attempt: int
    exam: str
    title: str
    name: str | None
    ended_at: str
    time_option: str
    pausable: bool
    seen_before: int
    form_sha256: str
    raw: int
    scored: int
    exact: float
    displayed: int
    passed: bool
    scoring_version: int
    corrections: tuple[int, ...]

    def canonical(self) -> str:
        """What is signed."""
        return canonical(asdict(self))


@dataclass(frozen=True, slots=True)
class Check:
    """What is found when a published result is looked at again.

    `signed`: the text is the one that was signed here; `form`, `score` and `stored`: the frozen form, the score
    recomputed from the answers, and the score on record are what it says.
    """

    signed: bool
    form: bool
    score: bool
    stored: bool

    @property
    def matches(self) -> bool:
        """Whether everything is as it was published."""
        return self.signed and self.form and self.score and self.stored


def proof_from_canonical(text: str) -> Proof:
    """A proof from its stored JSON. ValueError, KeyError or TypeError when it was tampered with beyond reading."""
    plain = json.loads(text)
    return Proof(**{**plain, "corrections": tuple(plain["corrections"])})


def signature(text: str, secret: bytes) -> str:
    """HMAC-SHA-256 (RFC 2104), as hexadecimal digits."""
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def form_sha256(form: Form) -> str:
    """The hash of a whole form."""
    return hashlib.sha256(form.canonical().encode()).hexdigest()


def check(
    text: str, signed: str, secret: bytes, form: Form, recomputed: Score, on_record: Score | None
) -> Check:
    """Hold a published result against the stored form, its score recomputed, and the score on record."""
    said = proof_from_canonical(text)
    return Check(
        signed=hmac.compare_digest(signature(text, secret), signed),
        form=form_sha256(form) == said.form_sha256,
        score=_same(said, recomputed),
        stored=on_record is not None and _same(said, on_record),
    )


def _same(said: Proof, found: Score) -> bool:
    return (said.raw, said.scored, said.exact, said.displayed, said.passed, said.corrections) == (
        found.raw,
        found.scored,
        found.scaled,
        found.displayed,
        found.passed,
        found.corrections,
    )
