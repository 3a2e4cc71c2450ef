"""Calibration: our own beside other programs, on the same responses, each run in a process of its own.

`python -m tests.bench.calibration --oracles PYTHON` measures this alone; PYTHON is an interpreter that has the
packages mirt and girth, which are no part of the set-up. What is missing is said, and left out. All run on one
thread: with more, CPU time is mostly that of threads waiting for each other.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from app.settings import ROOT
from tests.bench.calibration_child import PROGRAMS
from tests.bench.figures import Figure, markdown
from tests.bench.meter import spread
from tests.bench.stage import say
from tests.psychometrics.candidates import study

LENGTH = 74
SIZES = ((2_000, 300), (20_000, 1_000))
REPEATS = 3  # of our own
PATIENCE = 120  # CPU seconds; what takes more is stopped
TARGETS = {("cutscore, priors", 2_000): "< 1"}


def calibrations(oracles: str = sys.executable) -> list[Figure]:
    """CPU of one calibration by each program, with its memory and its errors in the note."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="cutscore-bench-") as folder:
        for persons, items in SIZES:
            path = Path(folder) / f"{persons}.npz"
            _write(path, persons, items)
            for name in PROGRAMS:
                own = name.startswith("cutscore")
                what = f"calibration, {persons:,} persons, {LENGTH} of {items:,} items, {name}"
                say(what)
                runs = [
                    _run(sys.executable if own else oracles, name, path) for _ in range(REPEATS if own else 1)
                ]
                if "seconds" not in runs[0]:
                    say(f"  {runs[0]['why']}")
                    continue
                figures.append(
                    Figure(
                        what,
                        "",
                        "CPU s",
                        spread([run["seconds"] for run in runs]),
                        TARGETS.get((name, persons), ""),
                        note=_note(runs[0]),
                    )
                )
    return figures


def _write(path: Path, persons: int, items: int) -> None:
    made = study(persons, items, LENGTH, 11)
    given = made.responses
    np.savez(
        path,
        person=given.person,
        item=given.item,
        right=given.right,
        persons=np.array(persons),
        a=made.a,
        b=made.b,
        rated=made.rated,
    )


def _run(python: str, name: str, path: Path) -> dict[str, Any]:
    child = ROOT / "tests" / "bench" / "calibration_child.py"
    try:
        done = subprocess.run(
            [python, str(child), name, str(path), str(PATIENCE)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
                 "RAYON_NUM_THREADS": "1"},
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        if error.returncode == -signal.SIGXCPU:
            return {"why": f"{name}: stopped after {PATIENCE} s of CPU"}
        return {"why": f"{name}: failed: {error.stderr.strip().splitlines()[-1]}"}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {"why": f"{name}: {found['missing']} is not installed here"} if "missing" in found else found


def _note(run: dict[str, Any]) -> str:
    verdict = {True: "converged", False: "NOT converged", None: "says no verdict"}[run["converged"]]
    errors = f"RMSE a {run['off']['a']:.3f}, b {run['off']['b']:.3f}, median error of b {run['typical']:.3f}"
    return f"{run['megabytes']:.0f} MB; {errors}; {verdict}"


def main() -> None:
    """Measure calibration alone."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.calibration", description=__doc__)
    asked.add_argument("--oracles", default=sys.executable, help="an interpreter that has mirt and girth")
    print(markdown(calibrations(asked.parse_args().oracles)))


if __name__ == "__main__":
    main()
