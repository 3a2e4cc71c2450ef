"""Regrades: a key corrected or an item withdrawn after attempts were scored. First what it would do, then it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid, Missing
from app.exam import quality
from app.exam.faults import Place
from app.exam.item import Item, Status
from app.exam.pack import Exam
from app.exam.regrade import Correction, Impact, corrected, impact, scored_again, standing
from app.exam.score import Score
from app.pages import background
from app.pages.background import Progress
from app.pages.depends import LARGEST_ID, Id, Keeper, Now, TheSite
from app.pages.render import page
from app.pages.sheets import LETTERS
from app.pages.site import Site
from app.store import audit, item_versions, jobs, pack_versions, packs, regrades, scores
from app.store.database import Transaction
from app.store.item_versions import Kept

BATCH = 25
LONGEST_WRITE = 0.05
"""Seconds after which a transaction ends even with fewer attempts than a batch: saves wait behind it."""
BREATH = 0.01
LONGEST_REASON = 1_000
PREVIEW = "regrade-preview"
THOUGHT_OF = 0


@dataclass(frozen=True, slots=True)
class OptionChoice:
    """One option to choose as right. `key`: it counts as right now; `chosen`: it would."""

    id: str
    letter: str
    html: Markup
    key: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What was asked for and what it would do: `job_id` is the look that was taken, `key` None for a withdrawal."""

    job_id: int
    key: tuple[str, ...] | None
    impact: Impact


@dataclass(frozen=True, slots=True)
class RegradePage:
    """regrades/page.html"""

    exam: Exam
    kept: Kept
    stem: Markup
    withdrawn: bool
    options: tuple[OptionChoice, ...]
    reason: str
    outlook: Outlook | None
    problems: tuple[str, ...]


router = APIRouter()


@router.get("/exams/{exam_id}/items/{item_version_id}/regrade")
def ask(
    request: Request,
    exam_id: str,
    item_version_id: Id,
    who: Keeper,
    site: TheSite,
    job: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> Response:
    """Where a correction is asked for; once a look at its consequences was taken, where it is confirmed."""
    with site.database.reading() as tx:
        kept = item_versions.get(tx, exam_id, item_version_id)
        if job is None:
            return page(request, "regrades/page.html", _page(tx, site, exam_id, kept), who)
        look = _look(tx, job, kept)
        outlook = Outlook(
            job,
            None if look["key"] is None else tuple(look["key"]),
            Impact(**look["impact"]),
        )
        context = _page(tx, site, exam_id, kept, chosen=look["key"], reason=look["reason"], outlook=outlook)
        return page(request, "regrades/page.html", context, who)


@router.post("/exams/{exam_id}/items/{item_version_id}/regrade")
def look(
    request: Request,
    exam_id: str,
    item_version_id: Id,
    who: Keeper,
    site: TheSite,
    action: Annotated[str, Form()] = "key",
    key: Annotated[list[str], Form()] = [],  # noqa: B006 - never changed
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Find out what a correction would do to the scores there are; nothing is changed yet."""
    chosen = sorted(set(key)) if action == "key" else None
    with site.database.reading() as tx:
        stored = packs.exam(tx, exam_id)
        kept = item_versions.get(tx, exam_id, item_version_id)
        try:
            _check(tx, kept, chosen, reason)
        except Invalid as error:
            context = _page(tx, site, exam_id, kept, chosen=key, reason=reason, problems=(str(error),))
            return page(request, "regrades/page.html", context, who, 422)
    asked = {"key": chosen, "reason": reason.strip(), "based_on": stored.pack_version_id}

    def work(job_id: int, progress: Progress) -> dict[str, Any]:
        seen = _foreseen(site, kept, chosen, progress)
        see = f"/exams/{exam_id}/items/{item_version_id}/regrade?job={job_id}"
        return {"see": see, "impact": asdict(seen)}

    job_id = background.start(
        site, PREVIEW, str(kept.id), asked, "Looking at the scores", work, made_by=who.id
    )
    return RedirectResponse(f"/jobs/{job_id}", 303)


@router.post("/exams/{exam_id}/items/{item_version_id}/regrade/confirm")
def confirm(
    exam_id: str,
    item_version_id: Id,
    who: Keeper,
    now: Now,
    site: TheSite,
    job: Annotated[int, Form(ge=1, le=LARGEST_ID)],
) -> Response:
    """Correct the bank, record the correction, and score again whatever it touches."""
    with site.database.writing() as tx:
        kept = item_versions.get(tx, exam_id, item_version_id)
        asked = _look(tx, job, kept)
        _check(tx, kept, asked["key"], asked["reason"])
        if kept.current_id is not None and kept.current:
            _revise(tx, kept, kept.current_id, asked, now, who.id)
        by = None if asked["key"] is None else item_versions.newest_id(tx, kept.id)
        before, _ = _stands(tx, kept)
        for version_id in kept.alike:
            regrades.add(tx, version_id, asked["key"], by, asked["reason"], now, who.id)
        audit.record(
            tx,
            now,
            who.id,
            "item withdrawn" if asked["key"] is None else "key corrected",
            f"pack {kept.pack_id}, item {kept.item.id}",
            before={"key": sorted(before)},
            after={"key": asked["key"], "reason": asked["reason"]},
        )
    return _score_again(site, exam_id, kept, who.id)


@router.post("/exams/{exam_id}/items/{item_version_id}/regrade/again")
def again(exam_id: str, item_version_id: Id, who: Keeper, site: TheSite) -> Response:
    """Score again what a correction touches and what was not scored again yet, as after a server that stopped."""
    with site.database.reading() as tx:
        kept = item_versions.get(tx, exam_id, item_version_id)
    return _score_again(site, exam_id, kept, who.id)


def _check(tx: Transaction, kept: Kept, key: Sequence[str] | None, reason: str) -> None:
    """Refuse what could not be done, or is done already."""
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Invalid(
            f"Say in a sentence why: candidates will read it (at most {LONGEST_REASON} characters)."
        )
    if key is not None:
        corrected(kept.item, key, kept.newest + 1)
    now, withdrawn = _stands(tx, kept)
    if withdrawn:
        raise Invalid("The item is withdrawn already: it counts for nobody, whatever its key.")
    if key is not None and set(key) == now:
        raise Invalid("This is the key as it is. Choose another one, or withdraw the item.")


def _stands(tx: Transaction, kept: Kept) -> tuple[frozenset[str], bool]:
    """The key that holds for an item version, and whether it is withdrawn."""
    held = standing(scores.corrections(tx, [kept.id])).get(kept.id)
    if held is None:
        return kept.item.key, False
    return held.key or kept.item.key, held.key is None


def _look(tx: Transaction, job_id: int, kept: Kept) -> dict[str, Any]:
    """What was asked for and what it would do. Raises Missing for a look at something else."""
    job = jobs.get(tx, job_id)
    if job.kind != PREVIEW or job.subject != str(kept.id) or job.result is None:
        raise Missing("Nobody has looked yet at what this would do. Start from the item's page.")
    return job.request | job.result


def _foreseen(site: Site, kept: Kept, key: Sequence[str] | None, progress: Progress) -> Impact:
    with site.database.reading() as tx:
        touched = regrades.touched(tx, *kept.alike, progress=progress)
    chosen = None if key is None else frozenset(key)
    also = [Correction(THOUGHT_OF, version_id, chosen, kept.newest + 1, "") for version_id in kept.alike]

    def pairs() -> Iterator[tuple[Score, Score]]:
        for start in range(0, len(touched), BATCH):
            batch = touched[start : start + BATCH]
            with site.database.reading() as tx:
                before = scores.latest(tx, batch)
                made = [(before[one].score, scores.compute(tx, one, also)) for one in batch]
            yield from made
            progress(start + len(batch), len(touched))

    return impact(pairs())


def _revise(
    tx: Transaction, kept: Kept, current_id: int, asked: dict[str, Any], now: datetime, made_by: int
) -> None:
    """The bank's version with the correction: not ready while its reasons do not fit the new key."""
    held = packs.items(tx, [current_id])[current_id]
    if asked["key"] is None:
        new = replace(held, status=Status.RETIRED)
    else:
        new = corrected(held, asked["key"], kept.newest + 1)
        new = replace(new, status=_delivered(tx, kept, new, now))
    pack_versions.revise(
        tx,
        kept.pack_id,
        [new],
        {new.id: new.status},
        now,
        based_on=asked["based_on"],
        made_by=made_by,
        note=asked["reason"],
    )


def _delivered(tx: Transaction, kept: Kept, new: Item, now: datetime) -> Status:
    standard = quality.standard_of(packs.whole(tx, kept.pack_id), now.date())
    as_before = replace(new, status=kept.status or new.status)
    return quality.delivered_status(as_before, quality.check_item(as_before, standard, Place(item=new.id)))


def _score_again(site: Site, exam_id: str, kept: Kept, made_by: int) -> Response:
    def work(_job_id: int, progress: Progress) -> dict[str, Any]:
        with site.database.reading() as tx:
            left = list(regrades.touched(tx, *kept.alike, progress=progress))
        total = len(left)
        while left:
            _some(site, left)
            progress(total - len(left), total)
            time.sleep(BREATH)
        with site.database.reading() as tx:
            made = [one.id for one in regrades.of_item(tx, kept.pack_id, kept.item.id)]
            again = scored_again(regrades.rescored(tx, made))
        return {"see": f"/exams/{exam_id}/items/{kept.id}", "again": again.plain()}

    job_id = background.start(site, jobs.REGRADE, str(kept.id), {}, "Scoring again", work, made_by=made_by)
    return RedirectResponse(f"/jobs/{job_id}", 303)


def _some(site: Site, left: list[int]) -> None:
    """Score some attempts again, from the end of `left`, in one short transaction."""
    end = time.monotonic() + LONGEST_WRITE
    with site.database.writing() as tx:
        for _ in range(BATCH):
            if not left or time.monotonic() > end:
                return
            try:
                scores.rescore(tx, left.pop(), site.clock.now())
            except Invalid:  # nothing of it would be left to score: it keeps the score it has
                continue


def _page(
    tx: Transaction,
    site: Site,
    exam_id: str,
    kept: Kept,
    *,
    chosen: Sequence[str] | None = None,
    reason: str = "",
    outlook: Outlook | None = None,
    problems: tuple[str, ...] = (),
) -> RegradePage:
    key, withdrawn = _stands(tx, kept)
    html = site.item_pages(tx, [kept.id])[kept.id]
    shown = key if chosen is None else frozenset(chosen)
    options = zip(LETTERS, kept.item.options, strict=False)
    return RegradePage(
        exam=packs.exam(tx, exam_id).exam,
        kept=kept,
        stem=html.stem,
        withdrawn=withdrawn,
        options=tuple(
            OptionChoice(option.id, letter, html.options[option.id], option.id in key, option.id in shown)
            for letter, option in options
        ),
        reason=reason,
        outlook=outlook,
        problems=problems,
    )
