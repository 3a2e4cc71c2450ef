"""Calibration and item analysis of the responses that a database holds: read, calculate, and give back JSON values.

Nothing is written here. The child process of `app.work` runs this for pages, the command `calibrate --bank` runs it
at once; both hand the result to app/store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from app.errors import Invalid
from app.exam import analysing, calibrating
from app.exam.answers import Answers, gathered
from app.exam.form import Form, assemble, shortfalls
from app.exam.item import Item
from app.exam.pack import Exam
from app.exam.parameter_version import Event, ParameterVersion
from app.exam.parameters import completed
from app.exam.snapshot import Snapshot, bank_of
from app.exam.stock import Stock, cold_locations, stocked
from app.psychometrics import ascent
from app.store import forms, observations, packs, parameters, regrades
from app.store.database import Database, Transaction

Progress = Callable[[int, int, str], None]

FORMS = 10
"""Typical forms, those of the first seeds: how far decisions can be trusted is told of them."""

COLD_START = f"{Event.COLD_START}-1"

READING, WHOLE = 400, 1000
"""Of the progress bar: the part that is reading, and the whole."""

SLOWING = 0.02
"""How much of what is left of the bar each iteration takes: how many there will be, nobody knows."""


def calibrate(request: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Calibrate the bank of request["exam"]: {"exam", "based_on", "items", "details"}, for `parameters.propose`.

    Invalid when there is nothing to calibrate from.
    """
    exam_id = request["exam"]
    with _reading(request) as tx:
        exam, used = packs.exam(tx, exam_id).exam, _in_use(tx, exam_id)
        answers = gathered(observations.read(tx, exam_id, _while_reading(progress)))
        bank = _bank(tx, exam_id)
        stock = _stock(tx, answers, bank, used, exam)
        first = parameters.of_label(tx, exam_id, COLD_START) or used
        others = observations.others(tx, exam_id)
    rated = cold_locations(stock, first.parameters, bank.values(), exam)
    made = calibrating.recalibrate(
        answers, stock, rated, used.parameters, others, _while_estimating(progress)
    )
    return {
        "exam": exam_id,
        "based_on": used.sequence,
        "items": [asdict(item) for item in made.items],
        "details": made.details,
    }


def analyse(request: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Analyse the responses to request["exam"]: {"summary", "items"}, for `analyses.put`; works without any.

    request["as_of"] is the day, YYYY-MM-DD, whose bank typical forms are made from.
    """
    exam_id = request["exam"]
    with _reading(request) as tx:
        exam, used = packs.exam(tx, exam_id).exam, _in_use(tx, exam_id)
        answers = gathered(observations.read(tx, exam_id, _while_reading(progress)))
        bank = _bank(tx, exam_id)
        setting = analysing.Setting(
            exam=exam,
            parameters=used.label,
            theta_cut=used.parameters.reference.theta_cut,
            calibrated_at=_calibrated_at(tx, used),
            stock=_stock(tx, answers, bank, used, exam),
            uses={name: use.forms for name, use in forms.uses(tx, exam_id).items()},
            forms=forms.count(tx, exam_id),
            others=observations.others(tx, exam_id),
            typical=_typical(bank, used, exam, date.fromisoformat(request["as_of"])),
        )
    made = analysing.analyse(answers, setting, _after_reading(progress))
    return {
        "summary": made.summary.plain(),
        "items": [
            {"item_version_id": line.item_version_id, "line": line.plain(), "document": document.plain()}
            for line, document in made.items
        ],
    }


@contextmanager
def _reading(request: Mapping[str, Any]) -> Iterator[Transaction]:
    database = Database(request["database_url"], pool_size=1)
    try:
        with database.reading() as tx:
            yield tx
    finally:
        database.close()


def _in_use(tx: Transaction, exam_id: str) -> ParameterVersion:
    used = parameters.in_use(tx, exam_id)
    if used is None:
        raise Invalid(f"The exam {exam_id} has no ready items yet: review some and load its pack again.")
    return used


def _bank(tx: Transaction, exam_id: str) -> dict[int, Item]:
    return packs.bank(tx, packs.exam(tx, exam_id).pack_version_id)


def _stock(
    tx: Transaction, answers: Answers, bank: Mapping[int, Item], used: ParameterVersion, exam: Exam
) -> Stock:
    met = packs.items(tx, [version_id for version_id in answers.versions if version_id not in bank])
    return stocked(bank, met, regrades.keys(tx), used.parameters, exam)


def _calibrated_at(tx: Transaction, used: ParameterVersion) -> datetime | None:
    """When the calibration was made that the version in use goes back to."""
    for line in parameters.history(tx, used.exam):
        is_before = line.adopted_at is not None and line.sequence <= used.sequence
        if is_before and line.event is Event.CALIBRATION:
            return line.made_at
    return None


def _typical(bank: Mapping[int, Item], used: ParameterVersion, exam: Exam, as_of: date) -> list[Form]:
    """Forms of the bank as it is now, for candidates without history; none when there are none."""
    items = tuple(bank.values())
    snapshot = Snapshot(bank_of(items, exam, as_of, completed(used.parameters, items, exam)), as_of)
    return [] if shortfalls(snapshot) else [assemble(snapshot, seed) for seed in range(FORMS)]


def _while_reading(progress: Progress) -> Progress:
    return lambda done, total, note: progress(READING * done // max(total, 1), WHOLE, note)


def _after_reading(progress: Progress) -> Progress:
    return lambda done, total, note: progress(READING + (WHOLE - READING) * done // total, WHOLE, note)


def _while_estimating(progress: Progress) -> ascent.Progress:
    left = float(WHOLE - READING)

    def told(_iteration: int, _objective: float) -> None:
        nonlocal left
        left *= 1.0 - SLOWING
        progress(WHOLE - int(left), WHOLE, "Estimating the items")

    return told
