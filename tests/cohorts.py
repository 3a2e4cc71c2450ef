"""Cohorts whose members have sat an assigned exam, made without a browser: what pages of figures are tested with."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from app.exam.assignment import Release
from app.exam.assignment_fields import NewAssignment
from app.exam.attempt import AttemptKind, Ending, Marks, Save, deal
from app.exam.clock import TimeOption
from app.exam.cohort import CONSENT
from app.exam.person import Role
from app.pages.depends import hash_token
from app.pages.new_forms import new_form
from app.pages.site import Site
from app.store import assignments, attempts, cohorts, packs, people, responses, scores
from app.store.attempts import NewAttempt
from app.store.database import Transaction

HOUR = timedelta(hours=1)
_numbers = count(1)


@dataclass(frozen=True)
class Seated:
    """A cohort, the exam assigned to it, its members, and an invitation that is open."""

    cohort_id: int
    assignment_id: int
    members: tuple[int, ...]
    token: str


def seated(
    tx: Transaction,
    site: Site,
    owner_id: int,
    exam_id: str,
    now: datetime,
    *,
    size: int,
    same_form: bool = True,
    release: Release = Release.AFTER_WINDOW,
) -> Seated:
    """A cohort of `size`: of ten members one has not started, one sits, and the others ended, right more and more
    often; each tenth has extra time."""
    number = next(_numbers)
    cohort_id = cohorts.add(tx, f"Class {number} of the keepers", owner_id, now)
    token = f"invitation-{cohort_id}-{number}"
    cohorts.invite(
        tx,
        cohort_id,
        token_sha256=hash_token(token),
        places=size + 1,
        by=owner_id,
        now=now,
        lifetime=24 * HOUR,
    )
    invitation, _ = cohorts.invited(tx, hash_token(token), now)
    stored = packs.exam(tx, exam_id)
    known = new_form(tx, site, stored, None, now) if same_form else None
    given = None if known is None else (known.id, [version_id for version_id, _ in known.items])
    window = (now - HOUR, now + 8 * HOUR)
    new = NewAssignment(exam_id, *window, "Europe/Berlin", 2, TimeOption.STANDARD, release, same_form)
    assignment_id = assignments.add(tx, cohort_id, new, stored.version_id, given, owner_id, now)
    task = assignments.kept(tx, assignment_id, [cohort_id])
    members = []
    for place in range(size):
        name = f"keeper{cohort_id}-{place:03}"
        who = people.add(tx, name=name, password_hash=None, role=Role.CANDIDATE, is_guest=False, now=now)
        members.append(who.id)
        cohorts.join(tx, invitation, who.id, "\n".join(CONSENT), now)
        if place % 10 == 0:
            continue
        form = known or new_form(tx, site, stored, who, now)
        seed = cohort_id * 10_000 + place
        sheet = deal(form.items, seed)
        attempt_id = attempts.start(
            tx,
            NewAttempt(
                person_id=who.id,
                exam_id=exam_id,
                form_id=form.id,
                kind=AttemptKind.MOCK,
                seed=seed,
                sheet=sheet,
                time_option=TimeOption.STANDARD,
                allowed=task.allowed,
                grace_seconds=task.exam.grace_seconds,
                pausable=False,
                expected=None,
                assignment_id=assignment_id,
            ),
            now - timedelta(minutes=place % 7),
        )
        source = random.Random(f"answers:{place}")
        ability = 0.45 + 0.5 * place / size
        saves = []
        for position, (_, item) in enumerate(form.items, 1):
            options = sheet.at(position).options
            right = source.random() < ability
            chosen = [one.option_id for one in options if (one.option_id in item.key) is right]
            marks = Marks(seen=True, elapsed_ms=source.randrange(20_000, 200_000))
            choice = tuple(sorted(chosen[: sheet.at(position).select]))
            saves.append(Save(position, "form", 1, f"{seed}-{position}", 0, choice, marks, now))
        responses.save_sheet(tx, attempt_id, saves, now)
        if place % 10 != 1:
            scores.close(tx, attempts.get(tx, attempt_id, who.id), Ending.SUBMITTED, now)
    return Seated(cohort_id, assignment_id, tuple(members), token)
