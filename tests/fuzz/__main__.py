"""`python -m tests.fuzz`: give the readers of files what nobody would write, for as long as you like.

Each format runs in a process of its own. Without `--samples`, the files are made here; with it, those of a folder
with an INDEX.tsv (tests/samples/index.py) are changed as well. A file that a reader stumbles over is kept and named,
and the command ends with 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from tests.fuzz.running import FORMATS, Figures, for_seconds

HEAD = ("Format", "Executions", "Seconds", "Items", "Slowest ms", "Slowest ms/KB", "Peak MB", "Crashes")


def main() -> None:
    """Run what was asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("formats", nargs="*", metavar="FORMAT", help=f"of {', '.join(FORMATS)} (all)")
    asked.add_argument("--seconds", type=float, default=60, help="for each format (60)")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--samples", type=Path, help="a folder with an INDEX.tsv")
    asked.add_argument(
        "--keep", type=Path, help="where files are kept that a reader stumbles over (a new folder)"
    )
    options = asked.parse_args()
    if unknown := set(options.formats) - set(FORMATS):
        asked.error(f"there is no format {', '.join(sorted(unknown))}; known are {', '.join(FORMATS)}")
    keep = options.keep or Path(tempfile.mkdtemp(prefix="cutscore-fuzz-"))
    keep.mkdir(parents=True, exist_ok=True)
    print(_line(HEAD), _line("---" for _ in HEAD), sep="\n", flush=True)
    found = []
    for name in options.formats or FORMATS:
        figures = _apart(name, options.seed, options.seconds, keep, options.samples)
        found += figures.crashes
        print(_line(_row(figures)), *figures.crashes, sep="\n", flush=True)
    sys.exit(bool(found))


def _apart(name: str, seed: int, seconds: float, keep: Path, samples: Path | None) -> Figures:
    """A run in a process of its own: its memory is that of one format, and its death is a finding."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(for_seconds, name, seed, seconds, keep, samples).result()
        except BrokenProcessPool:
            return Figures(name, crashes=[f"{keep / name}-last: the process died of it"])


def _row(figures: Figures) -> tuple[str, ...]:
    return (
        figures.format,
        f"{figures.executions:,}",
        f"{figures.seconds:.0f}",
        f"{figures.items:,}",
        f"{figures.slowest:.0f}",
        f"{figures.per_kb:.1f}",
        str(figures.megabytes),
        str(len(figures.crashes)),
    )


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
