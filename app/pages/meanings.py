"""The score of an attempt where it may be shown, and what it means: for all pages that tell of it."""

from __future__ import annotations

from datetime import datetime

from app.exam.attempt import Attempt, AttemptKind
from app.exam.guess import Compared
from app.exam.meaning import Meaning, meaning
from app.exam.score import Score
from app.pages.site import Site
from app.psychometrics.subscores import SPREAD
from app.store import analyses, observations, packs, scores, withheld
from app.store.database import Transaction
from app.store.forms import StoredForm
from app.store.scores import StoredScore


def shown_score(tx: Transaction, one: Attempt, now: datetime) -> StoredScore | None:
    """The score that holds for an attempt, where its results may be shown. None while it is open, while results are
    held back, and until its report has taken in the newest correction. Raises Missing when it was not scored."""
    if one.clock.closed_at is None or withheld.of(tx, one, now):
        return None
    last = scores.of(tx, one.id)
    return None if scores.behind(tx, one, last) else last


def meaning_of(
    tx: Transaction, site: Site, one: Attempt, form: StoredForm, got: Score, now: datetime
) -> Meaning | None:
    """What a score means; None for practice, which measures nothing, and for a form that nothing measures."""
    measured = site.measured(tx, one.exam_id, form.form.parameters)
    if one.kind is not AttemptKind.MOCK or measured is None:
        return None
    hidden = withheld.attempts_of(tx, one.person_id, now)

    def work_out() -> Meaning:
        counted = scores.scored_form(tx, one.id) if got.dropped else form.form
        shelf = site.shelf(tx, packs.exam_now(tx, one.exam_id, form.exam_version_id), now.date())
        latest = analyses.latest(tx, one.exam_id)
        spread = SPREAD if latest is None else latest.summary.domain_spread
        evidence = observations.evidence(tx, one.person_id, one.exam_id, one.id, hidden)
        return meaning(counted, got.raw, measured.parameters, evidence, shelf.reference(measured), spread)

    stamp = observations.stamp(tx, one.person_id), analyses.latest_id(tx, one.exam_id)
    return site.meaning((one.id, form.exam_version_id, tuple(sorted(hidden)), *stamp), work_out)


def guessed_score(one: Attempt, got: Score, means: Meaning | None) -> Compared | None:
    """The score that was expected before the start beside the one that came; None when nothing was said."""
    if one.expected_score is None:
        return None
    band = (None, None) if means is None else (means.low, means.high)
    return Compared(one.expected_score, got.displayed, *band)
