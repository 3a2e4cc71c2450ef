"""Reviewed items, for the pages that show them: an item of an attempt that is final, with choice, key and whys."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from markupsafe import Markup

from app.exam import topics
from app.exam.attempt import Attempt, Confidence
from app.exam.attempt import Response as CandidateResponse
from app.exam.item import Option
from app.exam.regrade import standing
from app.exam.score import Mark, Score
from app.pages.explained import ReviewOption, option_html, rationale_html, stem_html
from app.pages.sheets import LETTERS
from app.pages.site import Site
from app.store import attempts, forms, notes, packs, responses, scores, withheld
from app.store.database import Transaction
from app.store.notes import Note
from app.store.packs import StoredExam


class ReviewItem(NamedTuple):
    """One item in review: what was chosen, the key, and why. `domain` and `topic` are titles, the others ids."""

    position: int
    domain_id: str
    domain: str
    chapter_id: str
    topic_id: str
    topic: str
    multiple: bool
    select: int
    right: bool
    answered: bool
    flagged: bool
    scored: bool
    correction: str
    withdrawn: bool
    confidence: Confidence | None
    late_choice: str
    stem: Markup
    options: tuple[ReviewOption, ...]
    rationale: Markup
    elapsed: timedelta
    note: Note | None


class Reviewed(NamedTuple):
    """The items of an attempt that is final, with its exam. `withheld` are not among them: those on a mock that is
    still open, and those that are about to be asked or whose results are held back."""

    exam: StoredExam
    items: tuple[ReviewItem, ...]
    withheld: int


def reviewed(tx: Transaction, site: Site, one: Attempt, got: Score, now: datetime) -> Reviewed:
    """The items of an attempt that is final."""
    form = forms.get(tx, one.form_id)
    stored_exam = packs.exam_of_form(tx, form.exam_version_id)
    version_ids = [at.item_version_id for at in one.sheet.items]
    items = site.whole_items(tx, version_ids)
    stands, late = responses.current(tx, one.id), responses.late(tx, one.id)
    corrections = standing(scores.corrections(tx, version_ids))
    kept = notes.of_versions(tx, one.person_id, version_ids)
    on_mock = attempts.withheld(tx, one.person_id, version_ids, now)
    held = set(withheld.items_of(tx, one.person_id, now).values())
    titles = {domain.id: domain.title for domain in stored_exam.domains}
    made = []
    for at, sheet_item, mark in zip(form.form.positions, one.sheet.items, got.marks, strict=True):
        if sheet_item.item_version_id in on_mock or at.id in held:
            continue
        stored = stands.get(at.number, CandidateResponse(at.number))
        letters = {
            option.option_id: letter for option, letter in zip(sheet_item.options, LETTERS, strict=False)
        }
        item = items[sheet_item.item_version_id]
        corrected = corrections.get(sheet_item.item_version_id)
        key = item.key if corrected is None or corrected.key is None else corrected.key
        options = {option.id: option for option in item.options}
        made.append(
            ReviewItem(
                position=at.number,
                domain_id=at.domain,
                domain=titles.get(at.domain, at.domain),
                chapter_id=topics.chapter_of(at.topic or ""),
                topic_id=at.topic or "",
                topic=topics.title(at.topic, stored_exam.topics) if at.topic else "",
                multiple=sheet_item.multiple,
                select=sheet_item.select,
                right=mark is Mark.RIGHT,
                answered=bool(stored.choice),
                flagged=stored.marks.flagged,
                scored=at.scored,
                correction="" if corrected is None else corrected.reason,
                withdrawn=corrected is not None and corrected.key is None,
                confidence=stored.marks.confidence,
                late_choice=" and ".join(sorted(letters[option_id] for option_id in late.get(at.number, ()))),
                stem=stem_html(item.stem),
                options=tuple(
                    _review_option(letter, options[option_id], option_id in key, option_id in stored.choice)
                    for option_id, letter in letters.items()
                ),
                rationale=rationale_html(item.rationale, item.references),
                elapsed=timedelta(milliseconds=stored.marks.elapsed_ms),
                note=kept.get(sheet_item.item_version_id),
            )
        )
    return Reviewed(stored_exam, tuple(made), len(version_ids) - len(made))


def _review_option(letter: str, option: Option, is_key: bool, chosen: bool) -> ReviewOption:
    """As it was shown. `is_key` may differ from what the item says: keys are corrected."""
    standing = option if option.key is is_key else replace(option, key=is_key)
    return ReviewOption(letter, option_html(standing, chosen), is_key, chosen)
