"""One calibration in a process of its own: `python calibration_child.py PROGRAM RESPONSES.npz SECONDS`.

A JSON document on standard output; the process is ended when it has used so many seconds of CPU.
It runs under an interpreter that has the program, which may be another one than ours; so nothing but numpy is
imported before the program is known.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

Found = tuple[Any, Any, bool | None]
"""Slopes, locations, and whether the program says that it converged; None when it does not say."""


def cutscore(given: Any, *, priors: bool, errors: bool) -> Callable[[], Found]:
    """Our own: from coordinates."""
    calibration = import_module("app.psychometrics.calibration")
    around = import_module("app.psychometrics.maximisation").priors_around
    made = import_module("app.psychometrics.responses").responses(
        given["person"], given["item"], given["right"], len(given["a"]), np.ones(int(given["persons"]))
    )

    def run() -> Found:
        found = calibration.calibrate(
            made,
            np.zeros(len(given["a"])),
            priors=around(given["rated"]) if priors else None,
            with_errors=errors,
        )
        a, b = (np.array([getattr(item, name) for item in found.items], dtype=float) for name in ("a", "b"))
        return a, b, found.converged

    return run


def mirt(given: Any, *, errors: bool) -> Callable[[], Found]:
    """The package mirt: from a table, -1 for what was not seen."""
    fit, table = import_module("mirt").fit_mirt, _table(given, -1)

    def run() -> Found:
        found = fit(table, "2PL", compute_standard_errors=errors)
        parameters = found.model.parameters
        return parameters["discrimination"], parameters["difficulty"], bool(found.converged)

    return run


def girth(given: Any) -> Callable[[], Found]:
    """The package girth: from a table of items by persons, with a mark of its own for what was not seen."""
    package = import_module("girth")
    table = package.tag_missing_data(_table(given, -1), [0, 1]).T

    def run() -> Found:
        found = package.twopl_mml(table)
        return found["Discrimination"], found["Difficulty"], None

    return run


PROGRAMS: dict[str, Callable[[Any], Callable[[], Found]]] = {
    "cutscore, priors": lambda given: cutscore(given, priors=True, errors=False),
    "cutscore, priors, with SEs": lambda given: cutscore(given, priors=True, errors=True),
    "cutscore, likelihood": lambda given: cutscore(given, priors=False, errors=False),
    "mirt": lambda given: mirt(given, errors=False),
    "mirt, with SEs": lambda given: mirt(given, errors=True),
    "girth": girth,
}


def _table(given: Any, unseen: int) -> Any:
    table = np.full((int(given["persons"]), len(given["a"])), unseen)
    table[given["person"], given["item"]] = given["right"]
    return table


def main(name: str, path: Path) -> dict[str, Any]:
    """Run a program and hold what it found against the truth."""
    with np.load(path) as given:
        data = dict(given)
    try:
        run = PROGRAMS[name](data)
    except ModuleNotFoundError as error:
        return {"missing": error.name}
    before = time.process_time()
    a, b, converged = run()
    seconds = time.process_time() - before
    off = {key: float(np.sqrt(np.nanmean((found - data[key]) ** 2))) for key, found in (("a", a), ("b", b))}
    # A location of -60 says as little as none: the median is what such items leave alone.
    typical = float(np.nanmedian(np.abs(b - data["b"])))
    return {
        "seconds": seconds,
        "megabytes": _peak(),
        "off": off,
        "typical": typical,
        "converged": converged,
    }


def _peak() -> float:
    """Megabytes that this process has held at most; getrusage would count those of whoever started it."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]), int(sys.argv[3]) + 1))
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))
