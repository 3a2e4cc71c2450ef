"""One format under files made for it: half of them well-formed with known content, half with something changed."""

from __future__ import annotations

import hashlib
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType

from app.formats import (
    aiken,
    blackboard,
    csv_read,
    gift,
    json_read,
    markdown_read,
    moodle,
    qti,
    qti_12,
    registry,
    xlsx,
)
from app.formats import native as native_reader
from tests.fuzz import checks, marked, packed, texts
from tests.fuzz.checks import Read
from tests.fuzz.documents import Document
from tests.fuzz.mutation import mutated
from tests.samples.index import samples

Grammar = Callable[[Random], Document]
FORMATS: dict[str, tuple[str, Grammar]] = {
    "native": (native_reader.NAME, packed.native),
    "moodle-xml": (moodle.NAME, marked.moodle),
    "qti12": (qti_12.NAME, marked.qti_12),
    "canvas": (qti_12.NAME, marked.canvas),
    "qti2": (qti.NAME_2, marked.qti_2),
    "qti3": (qti.NAME_3, marked.qti_3),
    "xlsx": (xlsx.NAME, packed.workbook),
    "csv": (csv_read.NAME, texts.table),
    "json": (json_read.NAME, texts.objects),
    "blackboard": (blackboard.NAME, texts.blackboard),
    "gift": (gift.NAME, texts.gift),
    "aiken": (aiken.NAME, texts.aiken),
    "markdown": (markdown_read.NAME, texts.markdown),
}
"""Each format that is tried, the reader that is to take it, and the grammar of its files."""

SEEDS = 30
"""Well-formed files that are changed, besides the samples of others."""
WHOLE = 8
"""Of so many readings, one is also staged, written and read again."""
LONGEST = 30.0
"""Seconds of computing after which a reading has no end."""
ALLOWED = (500.0, 30.0)
"""Milliseconds of computing that a file may take, and more for each KB of it."""
MOST_CRASHES = 20
LARGEST = 100_000
"""Bytes of a sample that is changed; larger ones take the time of many."""
CALLED = {"canvas-qti12": "canvas", "md-key-at-end": "markdown", "udemy-csv": "csv", "qti30": "qti3"}
CALLED |= {f"qti2{minor}": "qti2" for minor in range(3)}
"""Formats of an index under other names than ours."""


@dataclass
class Figures:
    """What came of a run. Milliseconds are of computing, memory is that of the whole process."""

    format: str
    executions: int = 0
    seconds: float = 0.0
    items: int = 0
    slowest: float = 0.0
    per_kb: float = 0.0
    megabytes: int = 0
    crashes: list[str] = field(default_factory=list)


def for_seconds(name: str, seed: int, seconds: float, keep: Path, folder: Path | None) -> Figures:
    """Try the readers for a while, with changed samples of a folder if there is one."""
    end = time.monotonic() + seconds
    given = (
        [each.path for each in samples(folder) if CALLED.get(each.format, each.format) == name]
        if folder
        else []
    )
    contents = [path.read_bytes() for path in given if path.is_file() and path.stat().st_size <= LARGEST]
    return run(name, seed, lambda _: time.monotonic() > end, keep, contents, timed=True)


def run(
    name: str,
    seed: int,
    until: Callable[[int], bool],
    keep: Path,
    others: Sequence[bytes] = (),
    read: Read = registry.read_upload,
    *,
    timed: bool = False,
) -> Figures:
    """Try the readers with files of this format until `until(executions)` says so.

    A file that breaks a rule is kept in `keep` and named with its reason in the figures; `timed` makes one that
    takes too long such a file, too.
    """
    reader, grammar = FORMATS[name]
    seeds = [grammar(Random(f"{seed}/{name}/seed {n}")).content for n in range(SEEDS)]
    corpus = [*seeds, *others]
    figures, began = Figures(name), time.monotonic()
    while not until(figures.executions) and len(figures.crashes) < MOST_CRASHES:
        rng = Random(f"{seed}/{name}/{figures.executions}")
        figures.executions += 1
        if rng.random() < 0.5:
            document, known = grammar(rng), True
        else:
            document, known = Document("file", mutated(rng, rng.choice(corpus), corpus), ()), False
        if timed:  # should the process die of it
            (keep / f"{name}-last").write_bytes(document.content)
        try:
            with _ending(LONGEST):
                took = _tried(document, reader, figures, read, rng, known=known)
        except Exception as error:
            crash = _kept(keep, name, document.content, error)
            figures.crashes += [] if crash in figures.crashes else [crash]
            continue
        kilobytes = len(document.content) / 1000
        figures.slowest = max(figures.slowest, took)
        figures.per_kb = max(figures.per_kb, took / max(kilobytes, 1))
        if timed and took > ALLOWED[0] + ALLOWED[1] * kilobytes:
            figures.crashes.append(_kept(keep, name, document.content, TimeoutError(f"{took:.0f} ms")))
    figures.seconds = time.monotonic() - began
    figures.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return figures


def _tried(
    document: Document, reader: str, figures: Figures, read: Read, rng: Random, *, known: bool
) -> float:
    """Read a file by the name of its format, or by what is in it; milliseconds of the reading."""
    by_content = rng.random() < (0.5 if known else 0.1)
    began = time.process_time()
    reading = read(document.name, document.content, None if by_content else reader)
    took = 1000 * (time.process_time() - began)
    checks.sound(reading)
    if known:
        assert reading.format == reader, f"taken for {reading.format}"
        checks.meant(document, reading)
    if rng.randrange(WHOLE) == 0:
        checks.whole(document.name, document.content, reading)
    figures.items += len(reading.pack.items) if reading.pack else 0
    return took


@contextmanager
def _ending(seconds: float) -> Iterator[None]:
    """Raises TimeoutError in what computes for longer."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"no end after {seconds:.0f} s of computing")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _kept(keep: Path, name: str, content: bytes, error: Exception) -> str:
    path = keep / f"{name}-{hashlib.sha256(content).hexdigest()[:12]}"
    path.write_bytes(content)
    said = traceback.format_exception(error)
    return f"{path}: {said[-1].strip()[:600]}{_where(error)}"


def _where(error: Exception) -> str:
    """The last two places of our own that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)[-2:]
    return "".join(f" < {Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
