"""Assembly alone: the shipped bank, and synthetic ones of other sizes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from app.exam.form import assemble
from app.exam.parameters import cold_started
from app.exam.snapshot import Bank, Snapshot, bank_of
from tests.bench import meter
from tests.bench.figures import Figure
from tests.bench.meter import spread
from tests.bench.stage import EXAM, say, shipped_pack
from tests.exam.banks import DAY, bank

FORMS = 40
SIZES = (420, 1000)


def assembly() -> list[Figure]:
    """CPU of one form for a candidate without history."""
    figures = []
    for name, of in _banks():
        say(f"Assembly: {name}")
        snapshot = Snapshot(of, DAY)
        assemble(snapshot, 0)  # what many forms share is worked out once
        samples = []
        for seed in range(1, FORMS + 1):
            before = meter.own_cpu()
            assemble(snapshot, seed)
            samples.append((meter.own_cpu() - before) * 1000)
        target = "p95 ≤ 100" if len(of.items) == max(SIZES) else ""
        figures.append(Figure(f"assembly, {name}", "", "CPU ms", spread(samples), target))
    return figures


def shipped_bank(now: datetime) -> Bank:
    """The bank that comes with the program, as it is on a day."""
    pack = shipped_pack(now)
    exam = next(exam for exam in pack.exams if exam.id == EXAM)
    return bank_of(pack.items, exam, now.date(), cold_started(pack.items, exam))


def _banks() -> Iterator[tuple[str, Bank]]:
    shipped = shipped_bank(datetime.now(UTC))
    yield f"shipped bank, {len(shipped.items)} items", shipped
    for size in SIZES:
        yield f"{size} synthetic items", bank(size)
