"""The archive of docs/operating.md: restored from it, everything is there up to its end, or up to a moment."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.archive import Day, documented, exam_day

pytestmark = pytest.mark.usefixtures("postgresql")  # it says whether PostgreSQL is there or waived


@pytest.fixture(scope="module")
def day(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """An exam day on an archived database, which was killed."""
    with exam_day(tmp_path_factory.mktemp("day")) as made:
        yield made


def gone(attempt_id: int) -> list[str]:
    """What the checker says when an attempt is not there, and nothing else is wrong."""
    return [f"attempt {attempt_id} is not there"]


def test_f30_without_the_disk_all_is_there_up_to_the_last_archived_segment(day: Day) -> None:
    with day.restored():
        assert day.faults(day.archived) == gone(day.deleted)
        lost = [fault for fault in day.faults(day.at_the_end) if fault not in gone(day.deleted)]
        assert lost, "the checker does not see what was not archived"
        assert all(fault.endswith("is lost") for fault in lost)


def test_f30_with_the_log_that_is_left_on_the_disk_nothing_is_lost_and_saves_go_on(day: Day) -> None:
    with day.restored(disk_is_left=True):
        assert day.faults(day.at_the_end) == gone(day.deleted), "the log that is left was not used"
        day.run.target.servers[0].wait_until_ready()
        before = len(day.run.record.acknowledged_at)
        day.save()
        assert len(day.run.record.acknowledged_at) > before
        assert day.faults(day.told()) == gone(day.deleted)


def test_f30_a_mistake_is_undone_by_going_back_to_the_moment_before_it(day: Day) -> None:
    with day.restored(to=day.moment):
        assert day.faults(day.at_the_moment) == []
        assert day.faults(day.archived), "it did not go back"


def test_what_is_older_than_the_base_backup_is_not_needed(day: Day) -> None:
    assert day.tidied  # and all of the above is restored without it


def test_at_most_a_minute_waits_to_be_archived() -> None:
    assert "archive_timeout = 60s" in documented().settings.splitlines()


@pytest.fixture
def archiving(tmp_path: Path) -> tuple[Path, Path, str]:
    """A segment, an archive, and the command of the page that brings the one into the other."""
    (tmp_path / "archive").mkdir()
    segment = tmp_path / "segment"
    segment.write_bytes(b"of the log" * 1000)
    (line,) = [line for line in documented().settings.splitlines() if line.startswith("archive_command")]
    command = line.partition("'")[2].removesuffix("'").replace("%p", str(segment)).replace("%f", "0001")
    return segment, tmp_path / "archive", command.replace("/archive", str(tmp_path / "archive"))


def shell(command: str) -> int:
    """The status of a command."""
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False).returncode


def test_a_segment_is_archived_and_may_be_handed_in_again(archiving: tuple[Path, Path, str]) -> None:
    segment, archive, command = archiving
    assert [shell(command), shell(command)] == [0, 0]
    assert {path.name: path.read_bytes() for path in archive.iterdir()} == {"0001": segment.read_bytes()}


def test_another_segment_of_that_name_is_refused(archiving: tuple[Path, Path, str]) -> None:
    _, archive, command = archiving
    (archive / "0001").write_bytes(b"of another server")
    assert shell(command) != 0
    assert (archive / "0001").read_bytes() == b"of another server"


def test_a_copy_that_was_cut_short_does_not_stand_in_the_way(archiving: tuple[Path, Path, str]) -> None:
    segment, archive, command = archiving
    assert shell(f"ulimit -f 1; {command}") != 0, "the disk was full in the middle"
    assert not (archive / "0001").exists()
    assert shell(command) == 0
    assert (archive / "0001").read_bytes() == segment.read_bytes()


def test_without_an_archive_nothing_is_taken_for_archived(archiving: tuple[Path, Path, str]) -> None:
    _, archive, command = archiving
    archive.rmdir()
    assert shell(command) != 0
