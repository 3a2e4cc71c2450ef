"""`make forms`: five hundred forms of a bank, made at random, by the search and by the exact way, side by side.

Every form is made as a start makes it: little-used items first, with the exposure that the earlier forms made. No
figure ever fails; `tests/exam` holds the promises to fewer forms.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

import numpy as np

from app.exam.form import Form, assemble, assemble_exactly
from app.exam.numbers import TIME_TOLERANCE, TOLERANCE
from app.exam.snapshot import Bank, BankItem, Snapshot
from app.exam.violations import violations
from app.psychometrics.exact import Optimum
from tests.bench import meter
from tests.bench.forms import shipped_bank
from tests.bench.meter import spread
from tests.bench.stage import say
from tests.exam.across import at_the_cut, deviations, random_items, scored_items, use
from tests.exam.banks import DAY, bank

FORMS, EXACT = 500, 20
SIZES = (1000, 600, 420)
HEAD = (
    "Bank, way", "Forms", "CPU ms median / p95", "Worst TCC", "Worst TIF", "Worst time", "Max exposure (mean)",
    "Used", "Overlap", "Violations", "SD P(pass)", "SD E[S]",
)  # fmt: skip
TARGET = (
    "Target",
    "",
    "p95 ≤ 100",
    "≤ .05",
    "≤ .05",
    "≤ 2 %",
    "≤ twice",
    "≥ 99 %",
    "",
    "0",
    "≤ .01",
    "≤ .5",
)


@dataclass(frozen=True, slots=True)
class Made:
    """One form: its scored items and all ids, its CPU time in ms, and what it breaks.

    `worst` is its largest distance from a target, in the unit of the curves; `time` that of its expected time.
    """

    items: list[BankItem]
    ids: tuple[str, ...]
    milliseconds: float
    worst: float
    time: float | None = None
    broken: int = 0


def main() -> None:
    """Print the table, and how near the search comes to the best there is."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.assembly", description=__doc__)
    asked.add_argument("--forms", type=int, default=FORMS, help=f"made by the search ({FORMS})")
    asked.add_argument("--exact", type=int, default=EXACT, help=f"made by the exact way ({EXACT})")
    asked.add_argument("--items", type=int, action="append", help="size of a synthetic bank (1000, 600, 420)")
    options = asked.parse_args()
    banks = {f"{size:,} synthetic": bank(size) for size in options.items or SIZES}
    if not options.items:
        banks["shipped"] = shipped_bank(datetime.now(UTC))
    rows, audits = [HEAD, ("---",) * len(HEAD), TARGET], []
    for name, of in banks.items():
        say(f"{name}: random")
        rows.append(_row(f"{name}, random by quota", _at_random(of, options.forms), of))
        say(f"{name}: search")
        searched = _by(assemble, of, options.forms)
        rows.append(_row(f"{name}, swap search", searched, of))
        if options.exact:
            say(f"{name}: exact")
            exact, proofs = _exactly(of, options.exact)
            rows.append(_row(f"{name}, HiGHS", exact, of))
            audits.append(_audit(name, searched, exact, proofs))
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))
    print("\n" + "\n".join(audits))


def _at_random(of: Bank, count: int) -> list[Made]:
    made = []
    for seed in range(count):
        before = meter.own_cpu()
        items = random_items(of, seed)
        cpu = 1000 * (meter.own_cpu() - before)
        made.append(Made(items, tuple(one.id for one in items), cpu, max(deviations(items, of))))
    return made


def _by(make: Callable[[Snapshot, int], Form], of: Bank, count: int) -> list[Made]:
    """Forms one after the other, as candidates without history start."""
    assemble(Snapshot(of, DAY), 0)  # what many forms share is worked out once
    exposure = Counter[str]()
    made = []
    for seed in range(count):
        snapshot = Snapshot(of, DAY, exposure=dict(exposure))
        before = meter.own_cpu()
        form = make(snapshot, seed)
        cpu = 1000 * (meter.own_cpu() - before)
        ids = tuple(place.id for place in form.positions)
        exposure.update(ids)
        broken, time = len(violations(form, snapshot)), form.time_deviation or 0.0
        worst = max(form.tcc_deviation, form.tif_deviation, time * TOLERANCE / TIME_TOLERANCE)
        made.append(Made(scored_items(form, of), ids, cpu, worst, time, broken))
    return made


def _exactly(of: Bank, count: int) -> tuple[list[Made], list[Optimum]]:
    proofs = []

    def make(snapshot: Snapshot, seed: int) -> Form:
        form, proof = assemble_exactly(snapshot, seed)
        proofs.append(proof)
        return form

    return _by(make, of, count), proofs


def _row(name: str, made: Sequence[Made], of: Bank) -> tuple[str, ...]:
    cpu, used = spread([one.milliseconds for one in made]), use([one.ids for one in made], of)
    points, units = np.array([deviations(one.items, of) for one in made]).T
    chances, scores = np.array([at_the_cut(one.items, of) for one in made]).T
    times = [one.time for one in made if one.time is not None]
    return (
        name,
        str(len(made)),
        f"{cpu.median:.1f} / {cpu.p95:.1f}",
        f"{points.max():.3f}",
        f"{units.max():.3f}",
        f"{max(times):.2%}" if times else "",
        f"{used.most:.3f} ({used.mean:.3f})",
        f"{used.used:.1%}",
        f"{used.overlap:.1f}",
        str(sum(one.broken for one in made)) if times else "",
        f"{np.std(chances):.4f}",
        f"{np.std(scores):.3f}",
    )


def _audit(name: str, searched: Sequence[Made], exact: Sequence[Made], proofs: Sequence[Optimum]) -> str:
    """How near the search comes to the best form there is."""
    search, best = (median(one.worst for one in made) for made in (searched, exact))
    bound, proved = median(one.least_worst for one in proofs), sum(one.proved for one in proofs)
    return (
        f"{name}: on the median form the largest distance from a target is {search:.4f} by the search, which stops "
        f"at {TOLERANCE}, and {best:.4f} by HiGHS; no form's is below {bound:.4f}. "
        f"Proved to be the best: {proved} of {len(proofs)}."
    )


if __name__ == "__main__":
    main()
