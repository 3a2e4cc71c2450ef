"""Nothing that was acknowledged is lost, whatever strikes; and a build that breaks a promise is caught.

`make faults` runs the same for as long as one likes.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.faults import runs
from tests.faults.checker import Kind
from tests.faults.ground import Ground
from tests.faults.lab import Run
from tests.faults.launch import Build


def kept(run: Run) -> None:
    """Every promise was, and there was something to promise."""
    assert run.breaches == []
    assert len(run.history.told) > 20


def kinds(run: Run) -> set[Kind]:
    """What was wrong."""
    return {breach.kind for breach in run.breaches}


def test_f01_f02_f03_kills_of_the_server_lose_nothing(ground: Ground) -> None:
    times = 14 if ground.cluster is None else 8
    run = runs.kills(ground, ground.kind, seed=1, times=times)
    kept(run)
    assert run.faults >= times
    assert run.scored


def test_f04_kills_of_postgresql_lose_nothing(postgresql_ground: Ground) -> None:
    kept(runs.database_kills(postgresql_ground, seed=1, times=2))


def test_f20_f21_lost_repeated_and_reordered_requests_change_nothing(ground: Ground) -> None:
    run = runs.bad_lines(ground, ground.kind, seed=1, seconds=1)
    kept(run)
    assert {"superseded", "conflict"} <= {told.outcome for told in run.history.told}


def test_f07_a_bad_disk_loses_nothing(sqlite_ground: Ground) -> None:
    run = runs.bad_disk(sqlite_ground, seed=1, times=3)
    kept(run)
    assert run.history.refusals[503]


def test_f06_no_room_on_the_disk_loses_nothing(ground: Ground) -> None:
    run = runs.no_room(ground, ground.kind, seed=1, times=1)
    kept(run)
    assert run.history.refusals[503]


def test_f05_power_losses_lose_nothing(sqlite_ground: Ground) -> None:
    run = runs.power_losses(sqlite_ground, "sqlite", seed=1, times=20, seconds=0.5)
    kept(run)
    assert run.faults == 20


def test_f05_power_losses_of_postgresql_lose_nothing(traced_ground: Ground) -> None:
    run = runs.power_losses(traced_ground, "postgresql", seed=1, times=8, seconds=0.3)
    kept(run)
    assert len(run.recoveries) == 8


def test_f22_many_ends_at_once_score_once(ground: Ground) -> None:
    run = runs.double_ends(ground, ground.kind, seed=1, attempts=3, at_once=30)
    kept(run)
    assert run.history.ends_told.total() >= 90


def test_f09_saves_go_on_while_a_crowd_holds_the_connections(ground: Ground) -> None:
    run = runs.crowd(ground, ground.kind, seed=1, seconds=1)
    kept(run)
    assert not run.history.refusals[503]


def loses(run: Callable[[int], Run]) -> bool:
    """Whether one of a few runs, each with its seed, lost something: what a fault takes away is chance."""
    return any(Kind.LOST in kinds(run(seed)) for seed in range(1, 7))


def test_answers_before_the_commit_are_caught(sqlite_ground: Ground) -> None:
    early = Build(wrong="acks-early")
    assert loses(lambda seed: runs.kills(sqlite_ground, "sqlite", seed, times=3, build=early))


def test_a_build_without_base_rev_is_caught(sqlite_ground: Ground) -> None:
    run = runs.bad_lines(sqlite_ground, "sqlite", seed=1, seconds=0.5, build=Build(wrong="no-base-rev"))
    assert kinds(run) == {Kind.OVERWRITTEN}


def test_sqlite_that_does_not_sync_is_caught_when_the_power_goes(sqlite_ground: Ground) -> None:
    assert loses(
        lambda seed: runs.power_losses(
            sqlite_ground, "sqlite", seed, times=10, seconds=0.5, build=Build(wrong="unsynced")
        )
    )


def test_postgresql_that_does_not_wait_is_caught_when_it_is_killed(postgresql_ground: Ground) -> None:
    unsynced = Build(wrong="unsynced")
    assert loses(lambda seed: runs.database_kills(postgresql_ground, seed, times=2, build=unsynced))


def test_postgresql_that_does_not_wait_is_caught_when_the_power_goes(traced_ground: Ground) -> None:
    assert loses(
        lambda seed: runs.power_losses(
            traced_ground, "postgresql", seed, times=6, seconds=0.4, build=Build(wrong="unsynced")
        )
    )
