"""Health, and a system clock that somebody moves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.pages import site
from app.pages.site import SteadyClock
from tests.journeys.world import World
from tests.packs import NOON


class Hands:
    """The two clocks of a machine: the one on the wall, which can be set, and the one that only goes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.steady = NOON, 1000.0
        hands = self

        class Wall(datetime):
            """datetime, whose now is the test's."""

            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # always in UTC here
                return hands.wall

        monkeypatch.setattr(site, "datetime", Wall)
        monkeypatch.setattr(site, "_steady_seconds", lambda: hands.steady)

    def pass_(self, seconds: float, step: float = 0.0) -> None:
        """Time passes; the wall clock is also moved by `step`."""
        self.steady += seconds
        self.wall += timedelta(seconds=seconds + step)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Clocks to set."""
    return Hands(monkeypatch)


def test_a_server_that_is_well_is_ready(world: World) -> None:
    assert world.browser().get("/readyz").json() == {"ready": True}
    assert world.browser().get("/healthz").text == "ok"


@pytest.mark.parametrize("step", [31, -31, 3600, -3600])
def test_f10_a_step_of_the_clock_is_not_followed(hands: Hands, step: int) -> None:
    clock = SteadyClock()
    hands.pass_(10, step)
    assert clock.now() == NOON + timedelta(seconds=10)
    assert clock.drifted
    hands.pass_(10, -step)
    assert clock.now() == NOON + timedelta(seconds=20)
    assert clock.drifted


@pytest.mark.parametrize("step", [0, 29, -29])
def test_a_small_correction_is_followed(hands: Hands, step: int) -> None:
    clock = SteadyClock()
    hands.pass_(10, step)
    assert clock.now() == hands.wall
    assert not clock.drifted


def test_a_machine_that_slept_has_not_drifted(hands: Hands) -> None:
    clock = SteadyClock()
    hands.pass_(8 * 3600)
    assert clock.now() == hands.wall
    assert not clock.drifted


@pytest.mark.parametrize("step", [3600, -3600])
def test_f10_a_step_turns_readiness_red_and_closes_nothing(
    world: World, hands: Hands, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(world.site, "clock", SteadyClock())
    sitting = world.browser().start()
    hands.pass_(30, step)
    answer = world.browser().get("/readyz")
    assert answer.status_code == 503
    assert "clock" in answer.json()["why"]
    assert sitting.browser.get(f"{sitting.path}/state").json()["state"] == "open"
    assert sitting.browser.get(f"{sitting.path}/state").json()["remaining_ms"] == 90_000
    assert sitting.save(1, sitting.tokens(1)).headers["cutscore-state"] == "open"
    assert sitting.stored().clock.closed_at is None


def test_a_server_goes_on_when_a_newer_one_has_migrated(fresh_world: World) -> None:
    with fresh_world.database.writing() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = 'of a later version'")
    assert fresh_world.browser().get("/readyz").status_code == 200


def test_a_schema_that_is_not_at_head_is_not_ready(fresh_world: World) -> None:
    with fresh_world.database.writing() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    answer = fresh_world.browser().get("/readyz")
    assert answer.status_code == 503
    assert "head" in answer.json()["why"]
