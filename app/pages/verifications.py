"""Verifications: a candidate publishes a result, and anybody with its address sees it recomputed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid, Missing
from app.exam.attempt import Attempt, AttemptKind
from app.exam.clock import TimeOption
from app.exam.person import Person
from app.exam.proof import SECRET_BYTES, Check, Proof, check, form_sha256, proof_from_canonical, signature
from app.exam.score import Score
from app.pages.depends import Id, Now, Somebody, TheSite, Who, new_token
from app.pages.meanings import shown_score
from app.pages.render import page
from app.pages.site import Site
from app.store import attempts, forms, packs, published_results, scores
from app.store.database import Transaction
from app.store.published_results import Published

PRIVATE = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True, slots=True)
class PublishPage:
    """verifications/publish.html: `address` is where the result is published, empty when it is not."""

    attempt_id: int
    exam_title: str
    scaled: int
    passed: bool
    name: str
    address: str
    shown_name: str | None
    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class VerificationPage:
    """verifications/page.html. `now`: the score that holds, when it was made again after the publication."""

    said: Proof
    time_option: TimeOption
    ended_at: datetime
    made_at: datetime
    found: Check
    recomputed: Score
    answered: int
    now: Score | None


router = APIRouter()


@router.get("/reports/{attempt_id}/verification")
def publishing(request: Request, attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Where a candidate publishes a result, or takes it back."""
    with site.database.reading() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        got = shown_score(tx, one, now)
        if got is None:
            return RedirectResponse(f"/reports/{one.id}", 303)
        context = _publish_page(tx, site, one, got.score, who)
    return page(request, "verifications/publish.html", context, who)


@router.post("/reports/{attempt_id}/verification")
def publish(
    attempt_id: Id, who: Somebody, now: Now, site: TheSite, name: Annotated[bool, Form()] = False
) -> Response:
    """Publish a result under a new address, with the name only if it is asked for."""
    with site.database.writing() as tx:
        one = attempts.get(tx, attempt_id, who.id)
        got = shown_score(tx, one, now)
        if got is None:
            return RedirectResponse(f"/reports/{one.id}", 303)
        text = _proof(tx, one, got.score, who.name if name and who.name else None).canonical()
        key_id, secret = published_results.key(tx, secrets.token_bytes(SECRET_BYTES), now)
        published_results.publish(
            tx,
            token=new_token(),
            attempt_id=one.id,
            document=text,
            key_id=key_id,
            signature=signature(text, secret),
            now=now,
        )
    return RedirectResponse(f"/reports/{attempt_id}/verification", 303)


@router.post("/reports/{attempt_id}/verification/revoke")
def revoke(attempt_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Take a published result back."""
    with site.database.writing() as tx:
        published_results.revoke(tx, attempts.get(tx, attempt_id, who.id).id, now)
    return RedirectResponse(f"/reports/{attempt_id}/verification", 303)


@router.get("/verify/{token}")
def verify(request: Request, token: Annotated[str, Path(max_length=64)], who: Who, site: TheSite) -> Response:
    """A published result, recomputed from the stored answers, the frozen form and the key."""
    with site.database.reading() as tx:
        context = _verified(tx, published_results.of_token(tx, token))
    answer = page(request, "verifications/page.html", context, who)
    answer.headers.update(PRIVATE)
    return answer


def _publish_page(tx: Transaction, site: Site, one: Attempt, got: Score, who: Person) -> PublishPage:
    standing = published_results.of_attempt(tx, one.id)
    said = None if standing is None else proof_from_canonical(standing.document)
    return PublishPage(
        attempt_id=one.id,
        exam_title=packs.exam_of_form(tx, forms.exam_version(tx, one.form_id)).exam.title,
        scaled=got.displayed,
        passed=got.passed,
        name=who.name,
        address="" if standing is None else f"{site.settings.base_url}/verify/{standing.token}",
        shown_name=None if said is None else said.name,
        made_at=None if standing is None else standing.made_at,
    )


def _proof(tx: Transaction, one: Attempt, got: Score, name: str | None) -> Proof:
    """What a result says. Raises Invalid for practice."""
    if one.kind is not AttemptKind.MOCK:
        raise Invalid("Practice is not published: only the result of a whole exam says something to others.")
    stored = forms.get(tx, one.form_id)
    assert one.clock.closed_at is not None  # as the page has made sure
    return Proof(
        attempt=one.id,
        exam=one.exam_id,
        title=packs.exam_of_form(tx, stored.exam_version_id).exam.title,
        name=name,
        ended_at=one.clock.closed_at.isoformat(),
        time_option=one.time_option.value,
        pausable=one.pausable,
        seen_before=stored.form.seen_before,
        form_sha256=form_sha256(stored.form),
        raw=got.raw,
        scored=got.scored,
        exact=got.scaled,
        displayed=got.displayed,
        passed=got.passed,
        scoring_version=got.version,
        corrections=got.corrections,
    )


def _verified(tx: Transaction, standing: Published) -> VerificationPage:
    try:
        said = proof_from_canonical(standing.document)
    except (KeyError, TypeError, ValueError) as error:
        raise Missing("What was published here cannot be read any more. Do not rely on it.") from error
    recomputed = scores.compute(tx, standing.attempt_id, only=said.corrections)
    history = [made.score for made in scores.history(tx, standing.attempt_id)]
    on_record = next((made for made in reversed(history) if made.corrections == said.corrections), None)
    form = forms.of_attempt(tx, standing.attempt_id)
    return VerificationPage(
        said=said,
        time_option=TimeOption(said.time_option),
        ended_at=datetime.fromisoformat(said.ended_at),
        made_at=standing.made_at,
        found=check(standing.document, standing.signature, standing.secret, form, recomputed, on_record),
        recomputed=recomputed,
        answered=recomputed.scored - recomputed.unanswered,
        now=history[-1] if history and history[-1].corrections != said.corrections else None,
    )
