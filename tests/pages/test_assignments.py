"""Assigned exams: who may start one and when, under which rules, on which form."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.exam.clock import TimeOption
from app.exam.person import Role
from app.store import tables
from tests.journeys.world import World
from tests.packs import NOON
from tests.pages.classes import HOUR, field, new_class

MINUTE = timedelta(minutes=1)


def test_a_member_finds_the_exam_reads_the_rules_and_sits_it(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(attempts="2", time_option="times-1.5")
    home = member.get("/").text
    assert f'href="{task.path}"' in home
    rules = member.get(task.path).text
    assert "0 of 2 used" in rules
    assert "3 minutes" in rules
    sitting = task.start(member)
    stored = sitting.stored()
    assert (stored.time_option, stored.pausable) == (TimeOption.TIMES_1_5, False)
    assert stored.clock.deadline_at == NOON + 3 * MINUTE
    assert f'href="{sitting.path}"' in member.get(task.path).text
    sitting.answer(6)
    sitting.end()
    assert "1 of 2 used" in member.get(task.path).text
    assert member.get(sitting.report).status_code == 200


def test_the_choices_of_a_candidate_do_not_count(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign()
    chosen = {"exam": "piloted", "time_option": "untimed", "mode": "pausable", "deadline_at": "2099-01-01"}
    answer = task.try_start(member, **chosen)
    stored = member.sitting(int(answer.headers["location"].rpartition("/")[2])).stored()
    assert (stored.exam_id, stored.time_option, stored.pausable) == ("short", TimeOption.STANDARD, False)
    assert stored.clock.deadline_at == NOON + 2 * MINUTE


def test_nobody_starts_outside_the_window(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(opens=field(NOON + HOUR), closes=field(NOON + 2 * HOUR))
    early = task.try_start(member)
    assert (early.status_code, "opens on 23 November 2026, 13:00 (UTC)" in early.text) == (403, True)
    assert "Not open yet" in member.get(task.path).text
    world.clock.pass_(hours=2)
    late = task.try_start(member)
    assert (late.status_code, "closed on 23 November 2026, 14:00 (UTC)" in late.text) == (403, True)
    assert task.path not in member.get("/").text


def test_nobody_starts_more_often_than_allowed(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(attempts="2")
    for _ in range(2):
        task.sit(member)
    refused = task.try_start(member)
    assert (refused.status_code, "all 2 attempts" in refused.text) == (403, True)
    assert "No attempt is left" in member.get(task.path).text


def test_many_starts_at_once_are_one_start(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign()
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: task.try_start(member).status_code, range(8)))
    assert statuses[0] == 303
    assert set(statuses[1:]) <= {403, 409}


def test_who_is_not_a_member_is_told_how_to_become_one(world: World) -> None:
    group = new_class(world)
    task = group.assign()
    stranger = world.visitor(Role.CANDIDATE)
    answers = [task.try_start(stranger), stranger.post("/attempts", {"assignment": str(2**40)})]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].text == answers[1].text
    assert "invitation" in answers[0].text
    assert stranger.get(task.path).status_code == 404
    assert world.browser().post("/attempts", {"assignment": str(task.id)}).status_code == 401
    assert task.try_start(group.instructor).status_code == 404
    left = group.member()
    left.post(f"{group.path}/leave")
    assert task.try_start(left).status_code == 404


def test_one_open_mock_of_an_exam_still_holds(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(attempts="2")
    own = member.start()
    assert "another exam of this kind open" in member.get(task.path).text
    assert task.try_start(member).status_code == 409
    own.end()
    task.start(member)
    assert member.post("/attempts", {"exam": "short"}).status_code == 409
    assert task.try_start(member).status_code == 409


def test_an_attempt_under_way_is_cut_when_the_window_closes(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(closes=field(NOON + MINUTE))
    assert "Less than the whole time is left" in member.get(task.path).text
    assert task.start(member).stored().clock.deadline_at == NOON + MINUTE


def test_each_has_a_form_of_their_own(world: World) -> None:
    group = new_class(world)
    task = group.assign()
    forms = {task.start(group.member()).attempt.form_id for _ in range(2)}
    assert len(forms) == 2


def test_all_have_the_same_form_with_options_of_their_own_order(world: World) -> None:
    group = new_class(world)
    task = group.assign(form="same", attempts="2")
    link = group.link()
    first, second = group.member(link), group.member(link)
    sat = [task.sit(first), task.sit(first), task.sit(second)]
    assert len({one.attempt.form_id for one in sat}) == 1
    asked = {tuple(at.item_version_id for at in one.attempt.sheet.items) for one in sat}
    assert len(asked) == 1
    tokens = [{option.token for at in one.attempt.sheet.items for option in at.options} for one in sat]
    assert not tokens[0] & tokens[2]
    again = first.get(sat[1].report).text
    assert "6 of 6 questions seen before" in again
    assert "seen before" not in second.get(sat[2].report).text.partition("<h2")[0]


def test_the_fields_of_an_assignment_are_checked_all_at_once(world: World) -> None:
    group = new_class(world)
    sent = {"exam": "nothing", "opens": "x", "closes": "", "zone": "UTC", "attempts": "0"}
    answer = group.instructor.post(f"{group.path}/new-assignment", sent)
    assert answer.status_code == 422
    assert answer.text.count("field-error") == 4
    assert 'value="x"' in answer.text


def test_an_assignment_is_withdrawn_as_long_as_nobody_has_started(world: World) -> None:
    group = new_class(world)
    member = group.member()
    mistaken, begun = group.assign(form="same"), group.assign()
    mistaken.give(member, 5)
    begun.start(member)
    assert "Withdraw this assignment" in mistaken.results()
    assert "Withdraw this assignment" not in begun.results()
    assert group.instructor.post(f"{mistaken.path}/withdraw").status_code == 303
    assert group.instructor.post(f"{begun.path}/withdraw").status_code == 409
    assert mistaken.path not in member.get("/").text
    assert member.get(mistaken.path).status_code == 404
    assert begun.path in member.get("/").text


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_a_window_is_read_in_its_zone(world: World, zone: str) -> None:
    group = new_class(world)
    member = group.member()
    local = {"Europe/Berlin": "2026-11-23T14:00", "America/New_York": "2026-11-23T08:00"}[zone]
    task = group.assign(zone=zone, opens=local, closes="2026-11-24T20:00")
    shown = member.get(task.path).text
    assert 'datetime="2026-11-23T13:00:00+00:00"' in shown
    assert f"{local[-5:]} ({zone})" in shown


# Extra time ----------------------------------------


def test_extra_time_before_the_start_makes_the_attempt_longer(world: World) -> None:
    group = new_class(world)
    member, other = group.member(), group.member()
    task = group.assign()
    assert "has 50 % of extra time" in task.give(member, 50, "percent")
    assert "50 %" in member.get(task.path).text
    assert task.start(member).stored().clock.deadline_at == NOON + 3 * MINUTE
    assert task.start(other).stored().clock.deadline_at == NOON + 2 * MINUTE


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_f29_extra_time_around_the_deadline_reopens_the_exam(world: World, late: int) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign()
    sitting = task.start(member)
    world.clock.pass_(seconds=120 + late)
    assert "within ten seconds" in task.give(member, 10)
    said = member.get(f"{sitting.path}/state").json()
    assert (said["state"], said["remaining_ms"]) == ("open", (600 - late) * 1000)
    # The page's clock stood at zero and its automatic end arrives only now: the exam goes on.
    ended = member.post(f"{sitting.path}/end", {"reason": "time"})
    assert ended.headers["location"] == sitting.path
    saved = sitting.save(1, sitting.tokens(1))
    assert (saved.headers["cutscore-outcome"], saved.headers["cutscore-state"]) == ("accepted", "open")
    world.clock.pass_(seconds=601)
    assert member.get(f"{sitting.path}/state").json()["state"] == "locked"
    ended = member.post(f"{sitting.path}/end", {"reason": "time"})
    assert ended.headers["location"] == sitting.report


def test_f29_extra_time_is_an_event_and_stands_in_the_history(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign()
    sitting = task.start(member)
    task.give(member, 5)
    task.give(member, 10)
    shown = task.results()
    assert shown.count(f"{group.instructor.name}</td>") == 2
    assert [kind for kind, _ in events(world, sitting.attempt.id)] == ["started", "deadline", "deadline"]
    _, detail = events(world, sitting.attempt.id)[-1]
    assert detail == {
        "before": (NOON + 7 * MINUTE).isoformat(),
        "after": (NOON + 12 * MINUTE).isoformat(),
        "by": group.id_of(group.instructor),
    }


def test_f29_nothing_reopens_what_has_ended(world: World) -> None:
    group = new_class(world)
    link = group.link()
    submitted, ran_out = group.member(link), group.member(link)
    task = group.assign(attempts="2")
    ended, over = task.start(submitted), task.start(ran_out)
    ended.end()
    world.clock.pass_(seconds=180)
    for member, sitting in ((submitted, ended), (ran_out, over)):
        assert "has moved" not in task.give(member, 10)
        assert sitting.stored().clock.deadline_at == NOON + 2 * MINUTE
        assert task.start(member).stored().clock.deadline_at == NOON + 15 * MINUTE


def test_less_extra_time_takes_nothing_from_a_clock_that_runs(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(attempts="2")
    task.give(member, 10)
    sitting = task.start(member)
    task.give(member, 0)
    assert sitting.stored().clock.deadline_at == NOON + 12 * MINUTE
    sitting.end()
    assert task.start(member).stored().clock.deadline_at == NOON + 2 * MINUTE


@pytest.mark.parametrize(
    "fields",
    [{"amount": "601"}, {"amount": "-1"}, {"amount": "1.5"}, {"unit": "days"}, {"person": "9999999"}],
)
def test_extra_time_that_cannot_be_is_refused(world: World, fields: dict[str, str]) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign()
    sent = {"person": str(group.id_of(member)), "amount": "1", "unit": "minutes"} | fields
    assert group.instructor.post(f"{task.path}/extra-time", sent).status_code == 422


# The window moves ----------------------------------------


def test_a_window_that_closes_earlier_cuts_nobody_off(world: World) -> None:
    group = new_class(world)
    member, late = group.member(), group.member()
    task = group.assign()
    sitting = task.start(member)
    world.clock.pass_(seconds=30)
    said = task.move(NOON, NOON + MINUTE)
    assert "Whatever is under way keeps its time" in said
    assert sitting.stored().clock.deadline_at == NOON + 2 * MINUTE
    assert task.start(late).stored().clock.deadline_at == NOON + MINUTE
    world.clock.pass_(seconds=45)
    assert sitting.save(1, sitting.tokens(1)).status_code == 200
    assert task.try_start(group.member()).status_code == 403


def test_a_window_that_closes_later_gives_the_whole_time_to_who_would_have_been_cut(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(closes=field(NOON + MINUTE))
    sitting = task.start(member)
    assert "One exam under way ends later by it" in task.move(NOON, NOON + HOUR)
    assert sitting.stored().clock.deadline_at == NOON + 2 * MINUTE
    moved = {"before": (NOON + MINUTE).isoformat(), "after": (NOON + 2 * MINUTE).isoformat()}
    kind, detail = events(world, sitting.attempt.id)[-1]
    assert kind == "deadline"
    assert isinstance(detail, dict)
    assert moved.items() <= detail.items()
    assert "Whatever is under way keeps its time" in task.move(NOON, NOON + 2 * HOUR)


def test_extra_time_comes_on_top_of_the_time_that_was_kept(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign()
    task.give(member, 5)
    sitting = task.start(member)
    world.clock.pass_(seconds=1)
    task.move(NOON, NOON + MINUTE)
    assert sitting.stored().clock.deadline_at == NOON + 7 * MINUTE
    assert "The clock of the exam under way has moved" in task.give(member, 10)
    assert sitting.stored().clock.deadline_at == NOON + 12 * MINUTE


def test_a_window_that_moves_reopens_nothing_that_has_ended(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(closes=field(NOON + MINUTE), attempts="2")
    sitting = task.start(member)
    world.clock.pass_(hours=1)
    assert "Whatever is under way keeps its time" in task.move(NOON, NOON + 3 * HOUR)
    assert sitting.save(1, sitting.tokens(1)).status_code == 409
    assert task.start(member).stored().clock.deadline_at == NOON + HOUR + 2 * MINUTE


def test_members_read_the_new_window(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign()
    task.move(NOON + HOUR, NOON + 2 * HOUR)
    assert "13:00" in member.get(task.path).text
    assert task.try_start(member).status_code == 403
    world.clock.pass_(hours=1)
    task.start(member)


def test_results_are_held_back_again_when_the_window_opens_again(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(closes=field(NOON + HOUR), release="after-window")
    sitting = task.sit(member)
    world.clock.pass_(hours=2)
    assert "Your exam is over" not in member.get(sitting.report).text
    assert "Members see their results now" in group.instructor.get(f"{task.path}/window").text
    task.move(NOON, NOON + 4 * HOUR)
    assert "Your exam is over" in member.get(sitting.report).text


@pytest.mark.parametrize(("opens", "closes"), [(2, 1), (-3, -1), (1, 24 * 400)])
def test_a_window_that_cannot_be_is_refused_and_nothing_moves(world: World, opens: int, closes: int) -> None:
    task = new_class(world).assign()
    before = world.fingerprint()
    answer = task.try_move(NOON + opens * HOUR, NOON + closes * HOUR)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert world.fingerprint() == before


def test_a_start_and_a_window_that_moves_take_turns(world: World) -> None:
    group = new_class(world)
    people = [group.member() for _ in range(4)]
    task = group.assign(closes=field(NOON + MINUTE))
    with ThreadPoolExecutor(5) as pool:
        starts = [pool.submit(task.start, person) for person in people]
        pool.submit(task.move, NOON, NOON + HOUR).result()
        sittings = [one.result() for one in starts]
    assert {one.stored().clock.deadline_at for one in sittings} == {NOON + 2 * MINUTE}


def events(world: World, attempt_id: int) -> list[tuple[str, object]]:
    """What was logged of an attempt."""
    event = tables.attempt_event.c
    rows = select(tables.attempt_event).where(event.attempt_id == attempt_id).order_by(event.id)
    with world.database.reading() as tx:
        return [(row.kind, row.detail) for row in tx.execute(rows)]
