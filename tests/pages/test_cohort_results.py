"""The results of an assigned exam, as those who keep the cohort see them."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.exam.person import Role
from app.pages.cohort_results import AT_ONCE
from app.store import regrades, scores, tables
from tests.cohorts import seated
from tests.journeys.world import Browser, World
from tests.packs import NOON, SHORT
from tests.pages.banks import person_id
from tests.pages.classes import Task, new_class


def table(task: Task) -> list[dict[str, str]]:
    """The CSV file."""
    answer = task.of.instructor.get(f"{task.path}/results.csv")
    assert answer.headers["content-disposition"].startswith("attachment;")
    return list(csv.DictReader(io.StringIO(answer.text)))


def member_page(task: Task, who: Browser, **query: int) -> str:
    answer = task.of.instructor.get(
        f"{task.path}/members/{task.of.id_of(who)}"
        + "".join(f"?{name}={value}" for name, value in query.items())
    )
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_page_says_who_has_not_started_who_sits_and_who_has_ended(world: World) -> None:
    group = new_class(world)
    link = group.link()
    waiting, sitting, ended = (group.member(link) for _ in range(3))
    task = group.assign()
    assert "3 not started, 0 sitting, 0 ended" in task.results()
    task.start(sitting)
    world.clock.pass_(seconds=30)
    task.sit(ended, right=6)
    shown = task.results()
    assert "1 not started, 1 sitting, 1 ended" in shown
    assert "1 of 1 passed" in shown
    assert "0:01:30 left" in shown
    assert [(row["member"], row["stage"]) for row in table(task)] == sorted(
        [(waiting.name, "not started"), (sitting.name, "sitting"), (ended.name, "ended")]
    )


def test_an_empty_cohort_says_what_to_do(world: World) -> None:
    task = new_class(world).assign()
    assert "Invite members" in task.results()
    assert table(task) == []


def test_what_ran_out_is_scored_when_somebody_looks(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign()
    task.start(member).answer(6)
    world.clock.pass_(minutes=4)
    (row,) = table(task)
    assert (row["stage"], row["result"], row["right"], row["of"]) == ("ended", "pass", "6", "6")
    assert row["ended_at"] == (NOON + timedelta(minutes=3)).isoformat()


def test_members_of_a_large_cohort_come_some_at_a_time_and_figures_are_of_all(world: World) -> None:
    owner = world.visitor(Role.INSTRUCTOR)
    with world.database.writing() as tx:
        owner_id = person_id(tx, owner)
        made = seated(tx, world.site, owner_id, SHORT, world.clock.now(), size=AT_ONCE + 5)
    path = f"/assignments/{made.assignment_id}/results"
    first, last = owner.get(path).text, owner.get(f"{path}?start={AT_ONCE}").text
    rows = [re.findall(r'<th scope="row">(?:<a[^>]*>)?keeper\d+-(\d+)', page) for page in (first, last)]
    numbers = [f"{number:03}" for number in range(AT_ONCE + 5)]
    assert [sorted(set(found)) for found in rows] == [numbers[:AT_ONCE], numbers[AT_ONCE:]]
    assert f"?start={AT_ONCE}#domains-heading" in first
    assert ">Next<" not in last
    assert owner.get(f"{path}?start=9999").text == last
    (counted,) = set(re.findall(r"(\d+) of (\d+) passed", first))
    assert f"{counted[0]} of {counted[1]} passed" in last


def test_a_score_that_changed_is_seen_at_the_next_look(fresh_world: World) -> None:
    group = new_class(fresh_world)
    task = group.assign()
    attempt = task.sit(group.member(), right=6).attempt
    assert table(task)[0]["of"] == "6"
    now, keeper = fresh_world.clock.now(), group.id_of(group.instructor)
    with fresh_world.database.writing() as tx:
        version_id = attempt.sheet.at(1).item_version_id
        regrades.add(tx, version_id, None, None, "Nobody can tell.", now, keeper)
        scores.rescore(tx, attempt.id, now)
    assert table(task)[0]["of"] == "5"


def test_the_latest_attempt_counts(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(attempts="2")
    task.sit(member, right=6)
    task.sit(member, right=1)
    (row,) = table(task)
    assert (row["attempts"], row["right"], row["result"]) == ("2", "1", "fail")
    assert int(row["D1 right"]) + int(row["D2 right"]) == 1
    assert (row["D1 of"], row["D2 of"]) == ("3", "3")


def test_enough_members_on_one_form_show_what_they_missed(world: World) -> None:
    group = new_class(world)
    link = group.link()
    members = [group.member(link) for _ in range(5)]
    task = group.assign(form="same")
    sat = [task.sit(member, right=5) for member in members]
    missed = sat[0].attempt.sheet.at(6).item_version_id
    shown = task.results()
    assert f'href="/exams/short/items/{missed}"' in shown
    assert "5 of 5" in shown
    assert shown.count("/exams/short/items/") == 1
    assert "5 of 5 passed" in shown
    assert "95 % interval" in shown


def test_items_of_a_pack_that_is_not_open_to_the_instructor_are_not_linked(fresh_world: World) -> None:
    group = new_class(fresh_world)
    link = group.link()
    members = [group.member(link) for _ in range(5)]
    task = group.assign(form="same")
    for member in members:
        task.sit(member, right=5)
    owner = fresh_world.visitor(Role.INSTRUCTOR)
    with fresh_world.database.writing() as tx:
        tx.execute(update(tables.pack).values(owner_id=group.id_of(owner)))
    for shown in (task.results(), member_page(task, members[0])):
        assert "A keeper of" in shown
        assert "/exams/short/items/" not in shown


def test_a_members_page_shows_what_they_agreed_to_and_no_more(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign()
    assert "Has not started" in member_page(task, member)
    sitting = task.start(member)
    member.put(f"{sitting.path}/scratchpad", {"text": "my private words"})
    sitting.save(1, sitting.tokens(1), confidence="guessing", flagged="1", elapsed_ms="42000")
    assert "Is sitting the exam now" in member_page(task, member)
    sitting.end()
    shown = member_page(task, member)
    assert "1 of 6 right" in shown
    assert re.search(
        r"<td>[A-E] <span class=\"soft\">Use lamp.*</td>\s*<td>Right</td>\s*<td class=\"number\">42 s</td>",
        shown,
    )
    assert shown.count("<td>Unanswered</td>") == 5
    for word in ("private words", "guessing", "Guessing", "flagged"):
        assert word not in shown


def test_a_member_is_seen_attempt_by_attempt(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign(attempts="2")
    task.sit(member, right=6)
    task.sit(member, right=1)
    assert "1 of 6 right" in member_page(task, member)
    assert "6 of 6 right" in member_page(task, member, number=1)
    assert "1 of 6 right" in member_page(task, member, number=99)


@pytest.mark.parametrize("gone", ["leave", "remove"])
def test_who_has_left_is_not_seen_any_more(world: World, gone: str) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign()
    task.sit(member)
    assert member.name in task.results()
    person = group.id_of(member)
    if gone == "leave":
        member.post(f"{group.path}/leave")
    else:
        group.instructor.post(f"{group.path}/members/{person}/remove")
    assert member.name not in task.results()
    assert table(task) == []
    assert group.instructor.get(f"{task.path}/members/{person}").status_code == 404
    member.post(group.link(), {"consent": "yes"})
    assert member.name in task.results()


def test_attempts_that_are_not_of_the_assignment_are_nobodys_business(world: World) -> None:
    group = new_class(world)
    member = group.member()
    task = group.assign()
    own = member.start()
    own.answer(6)
    own.end()
    assert "1 not started" in task.results()
    assert "Has not started" in member_page(task, member)
    for path in (own.path, own.report, f"{own.report}/review", f"{own.report}/result.json"):
        assert group.instructor.get(path).status_code == 404
    sat = task.sit(member)
    for path in (sat.path, sat.report, f"{sat.report}/review", f"{sat.report}/result.json"):
        assert group.instructor.get(path).status_code == 404


def test_no_cell_of_the_file_is_a_formula(world: World) -> None:
    group = new_class(world)
    member = group.member()
    with world.database.writing() as tx:
        evil = f"=1+{group.cohort_id}"
        tx.execute(update(tables.person).where(tables.person.c.name == member.name).values(name=evil))
    task = group.assign()
    assert table(task)[0]["member"] == f"'{evil}"


def test_two_classes_with_the_same_member_see_their_own_assignment_only(world: World) -> None:
    first, second = new_class(world), new_class(world)
    member = first.member()
    member.post(second.link(), {"consent": "yes"})
    mine, theirs = first.assign(), second.assign()
    mine.sit(member, right=6)
    assert "1 ended" in mine.results()
    assert "1 not started" in theirs.results()
