"""`python -m tests.samples FOLDER`: what is found in files that others made, beside what is in them.

The folder has an INDEX.tsv (tests/samples/index.py). Every file is read by what is in it, its name unseen. Counts are
all questions (items and those that were left out as of another kind) / with one right answer / with several / left
out; broken questions apart. Ends with 1 when a count differs.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.formats import registry
from app.formats.drafts import is_broken
from app.formats.reading import Reading, report
from tests.samples.index import Sample, samples

HEAD = ("Format", "Files", "Differ", "Read as", "Expected", "Found", "Broken", "Without key")
DIFFERENCES = ("Format", "File", "Expected", "Found", "Broken", "Read as", "First fault")


@dataclass(frozen=True, slots=True)
class Found:
    """What a sample came to."""

    sample: Sample
    read_as: str
    counts: tuple[int, int, int, int]
    broken: int
    unkeyed: int
    fault: str

    @property
    def differs(self) -> bool:
        """Whether it is not what the index says."""
        return self.counts != self.sample.expected


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the samples and print both tables; 1 when a count differs."""
    asked = argparse.ArgumentParser(prog="python -m tests.samples", description=__doc__)
    asked.add_argument("folder", type=Path, help="with an INDEX.tsv")
    found = [read(sample) for sample in samples(asked.parse_args(arguments).folder)]
    differing = [one for one in found if one.differs]
    print(f"{len(found)} files, {len(differing)} differ.\n")
    print(table(HEAD, by_format(found)))
    if differing:
        print("\n" + table(DIFFERENCES, map(_difference, differing)))
    return bool(differing)


def read(sample: Sample) -> Found:
    """A sample as its reader found it."""
    if sample.path.is_dir():
        reading = registry.read_path(sample.path)
    else:
        reading = registry.read_upload("sample", sample.path.read_bytes())
    broken = sum(map(is_broken, reading.faults))
    items = reading.pack.items if reading.pack else ()
    first = reading.faults[0] if reading.faults else ""
    unkeyed = sum(not item.key for item in items)
    return Found(sample, reading.format or "unrecognised", _counts(reading), broken, unkeyed, str(first))


def _counts(reading: Reading) -> tuple[int, int, int, int]:
    told, skipped = report(reading, ()), len(reading.skipped)
    return told["items"] + skipped, told["single"], told["multiple"], skipped


def by_format(found: Sequence[Found]) -> list[tuple[str, ...]]:
    """A line for each format of the index, in its order."""
    lines: list[tuple[str, ...]] = []
    for name in dict.fromkeys(one.sample.format for one in found):
        those = [one for one in found if one.sample.format == name]
        ways = Counter(one.read_as for one in those)
        lines.append(
            (
                name,
                str(len(those)),
                str(sum(one.differs for one in those)),
                ", ".join(f"{way} {many}" for way, many in ways.most_common()),
                _sums(one.sample.expected for one in those),
                _sums(one.counts for one in those),
                str(sum(one.broken for one in those)),
                str(sum(one.unkeyed for one in those)),
            )
        )
    return lines


def _sums(counts: Iterable[tuple[int, ...]]) -> str:
    return "/".join(str(sum(column)) for column in zip(*counts, strict=True))


def _difference(one: Found) -> tuple[str, ...]:
    expected, counts = _sums([one.sample.expected]), _sums([one.counts])
    fault = one.fault.replace("|", "\\|")[:120]
    return one.sample.format, one.sample.file, expected, counts, str(one.broken), one.read_as, fault


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    sys.exit(main())
