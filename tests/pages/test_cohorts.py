"""Cohorts: invitations, consent, who keeps one, and who sees it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.exam.cohort import CONSENT
from app.exam.person import Role
from app.store import tables
from tests.journeys.world import PASSWORD, Browser, World
from tests.pages.classes import Class, instructor, new_class


def stored_members(group: Class) -> list[tuple[str, bool]]:
    """The consent of each membership, and whether it goes on."""
    rows = (
        select(tables.cohort_member)
        .where(tables.cohort_member.c.cohort_id == group.cohort_id)
        .order_by(tables.cohort_member.c.id)
    )
    with group.world.database.reading() as tx:
        return [(row.consent, row.left_at is None) for row in tx.execute(rows)]


def test_a_member_joins_by_the_link_and_the_consent_is_stored_with_its_time(world: World) -> None:
    group = new_class(world)
    link = group.link()
    person = world.visitor(Role.CANDIDATE)
    shown = person.get(link)
    assert all(sentence in shown.text for sentence in CONSENT)
    assert group.instructor.name in shown.text
    assert person.post(link, {"consent": "yes"}).status_code == 303
    assert stored_members(group) == [("\n".join(CONSENT), True)]
    listed = group.instructor.get(group.path).text
    assert person.name in listed
    assert "23 November 2026, 12:00 UTC" in listed
    assert group.instructor.name in person.get("/cohorts").text


def test_nobody_joins_without_consent(world: World) -> None:
    group = new_class(world)
    person = world.visitor(Role.CANDIDATE)
    assert person.post(group.link()).status_code == 422
    assert stored_members(group) == []


def test_joining_twice_is_joining_once(world: World) -> None:
    group = new_class(world)
    link = group.link(places="1")
    person = group.member(link)
    assert person.post(link, {"consent": "yes"}).status_code == 303
    assert "You belong to this cohort" in person.get(link).text
    assert len(stored_members(group)) == 1


def test_a_token_is_long_and_stored_hashed_only(world: World) -> None:
    token = new_class(world).link().rpartition("/")[2]
    assert len(token) * 6 >= 128
    with world.database.reading() as tx:
        everything = repr(tx.execute(select(tables.cohort_invitation)).all())
    assert token not in everything


def refused(browser: Browser, link: str) -> bool:
    """Whether a link leads nowhere, to look or to join."""
    statuses = {browser.get(link).status_code, browser.post(link, {"consent": "yes"}).status_code}
    return statuses == {404}


def test_a_link_ends_when_it_runs_out_is_withdrawn_or_renewed(world: World) -> None:
    group = new_class(world)
    person = world.visitor(Role.CANDIDATE)
    first = group.link()
    second = group.link(days="1")
    assert refused(person, first)
    assert person.get(second).status_code == 200
    world.clock.pass_(days=1)
    assert refused(person, second)
    third = group.link()
    group.instructor.post(f"{group.path}/invitation/withdraw")
    assert refused(person, third)
    assert refused(person, "/invitations/guessed")
    assert stored_members(group) == []


def test_a_link_has_so_many_places(world: World) -> None:
    group = new_class(world)
    link = group.link(places="1")
    group.member(link)
    late = world.visitor(Role.CANDIDATE)
    assert "Every place" in late.get(link).text
    assert late.post(link, {"consent": "yes"}).status_code == 409


def test_many_who_come_at_once_take_no_more_than_the_places(world: World) -> None:
    group = new_class(world)
    link = group.link(places="3")
    people = [world.visitor(Role.CANDIDATE) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda who: who.post(link, {"consent": "yes"}).status_code, people))
    assert statuses == [303] * 3 + [409] * 5
    assert len(stored_members(group)) == 3


@pytest.mark.parametrize("fields", [{"places": "0"}, {"places": "1001"}, {"days": "91"}, {"days": "x"}])
def test_an_invitation_has_limits(sqlite_world: World, fields: dict[str, str]) -> None:
    group = new_class(sqlite_world)
    answer = group.instructor.post(f"{group.path}/invitation", {"places": "1", "days": "1", **fields})
    assert answer.status_code == 422


def test_a_guest_joins_by_making_an_account_which_takes_their_attempts(world: World) -> None:
    group = new_class(world)
    link = group.link()
    guest = world.browser()
    before = guest.start()
    before.end()
    assert f"/people/register?next={link}" in guest.get(link).text.replace("%2F", "/")
    assert guest.post(link, {"consent": "yes"}).status_code == 401
    made = guest.post(
        "/people/register", {"name": f"joins{group.cohort_id}", "password": PASSWORD, "next": link}
    )
    assert made.headers["location"] == link
    assert guest.post(link, {"consent": "yes"}).status_code == 303
    assert guest.get(before.report).status_code == 200
    assert len(stored_members(group)) == 1


def test_a_member_leaves_and_comes_back_with_a_consent_of_its_own(world: World) -> None:
    group = new_class(world)
    person = group.member()
    assert person.post(f"{group.path}/leave").status_code == 303
    assert person.name not in group.instructor.get(group.path).text
    assert person.post(f"{group.path}/leave").status_code == 404
    person.post(group.link(), {"consent": "yes"})
    assert [goes_on for _, goes_on in stored_members(group)] == [False, True]


def test_an_instructor_removes_a_member(world: World) -> None:
    group = new_class(world)
    person = group.member()
    group.instructor.post(f"{group.path}/members/{group.id_of(person)}/remove")
    assert person.name not in group.instructor.get(group.path).text


def test_another_instructor_finds_no_trace_of_a_cohort_until_it_is_shared(world: World) -> None:
    group = new_class(world)
    task = group.assign()
    member = group.member()
    task.sit(member)
    other = instructor(world)
    theirs = new_class(world, other)
    member_id = group.id_of(member)
    reads = (group.path, f"{group.path}/new-assignment", f"{task.path}/results", f"{task.path}/results.csv",
             f"{task.path}/members/{member_id}", f"{task.path}/window")  # fmt: skip
    writes: tuple[tuple[str, dict[str, str]], ...] = (
        (f"{group.path}/invitation", {"places": "1", "days": "1"}),
        (f"{group.path}/invitation/withdraw", {}),
        (f"{group.path}/shares", {"name": other.name}),
        (f"{group.path}/members/{member_id}/remove", {}),
        (f"{group.path}/new-assignment", {}),
        (f"{task.path}/release", {}),
        (f"{task.path}/withdraw", {}),
        (f"{task.path}/window", {}),
        (f"{group.path}/name", {"name": "Mine"}),
        (f"{group.path}/close", {}),
        (f"{task.path}/extra-time", {"person": str(member_id), "amount": "1", "unit": "minutes"}),
    )
    before = world.fingerprint()
    for path in reads:
        nowhere = other.get(
            path.replace(str(group.cohort_id), str(2**40), 1).replace(task.path, f"/assignments/{2**40}")
        )
        answer = other.get(path)
        assert (answer.status_code, answer.text) == (404, nowhere.text), path
    for path, fields in writes:
        assert other.post(path, fields).status_code == 404, path
    assert world.fingerprint() == before
    assert f'href="{group.path}"' not in other.get("/cohorts").text

    group.instructor.post(f"{group.path}/shares", {"name": other.name})
    for path in reads:
        assert other.get(path).status_code == 200, path
    assert f'href="{group.path}"' in other.get("/cohorts").text
    assert f'href="{theirs.path}"' not in group.instructor.get("/cohorts").text

    group.instructor.post(f"{group.path}/shares/{group.id_of(other)}/end")
    assert other.get(group.path).status_code == 404


def test_only_the_owner_and_administrators_share(world: World) -> None:
    group = new_class(world)
    second, third, candidate = instructor(world), instructor(world), world.account()
    assert group.instructor.post(f"{group.path}/shares", {"name": candidate.name}).status_code == 422
    group.instructor.post(f"{group.path}/shares", {"name": second.name})
    assert second.post(f"{group.path}/shares", {"name": third.name}).status_code == 422
    assert third.get(group.path).status_code == 404
    admin = world.visitor(Role.ADMIN)
    assert admin.post(f"{group.path}/shares", {"name": third.name}).status_code == 303
    assert third.get(group.path).status_code == 200
    assert admin.get(group.path).status_code == 200


def test_a_candidate_makes_no_cohort_and_sees_none(world: World) -> None:
    group = new_class(world)
    member = group.member()
    assert member.post("/cohorts", {"name": "Mine"}).status_code == 403
    assert member.get(group.path).status_code == 403


def test_a_cohort_needs_a_name(sqlite_world: World) -> None:
    somebody = sqlite_world.visitor(Role.INSTRUCTOR)
    assert somebody.post("/cohorts", {"name": " "}).status_code == 422
    assert somebody.post("/cohorts", {"name": "x" * 81}).status_code == 422


# Its name, and its end ----------------------------------------


def test_members_read_the_new_name(world: World) -> None:
    group = new_class(world)
    member = group.member()
    group.instructor.post(f"{group.path}/name", {"name": "  Late   class "})
    assert "Late class" in member.get("/cohorts").text
    assert group.instructor.post(f"{group.path}/name", {"name": " "}).status_code == 422


def test_a_closed_cohort_is_there_for_nobody_and_its_attempts_stay(world: World) -> None:
    group = new_class(world)
    link = group.link()
    member, second = group.member(link), instructor(world)
    group.instructor.post(f"{group.path}/shares", {"name": second.name})
    task, idle = group.assign(), group.assign()
    sitting = task.sit(member)
    asked = group.instructor.get(f"{group.path}/close").text
    assert "Its one member keeps all they did" in asked
    assert f"Neither you nor {second.name} see any of it any more" in asked
    assert f'href="{task.path}/results.csv"' in asked
    assert group.instructor.post(f"{group.path}/close").status_code == 303

    for keeper in (group.instructor, second, world.visitor(Role.ADMIN)):
        for path in (group.path, f"{task.path}/results", f"{task.path}/members/{group.id_of(member)}"):
            assert keeper.get(path).status_code == 404, path
        assert f'href="{group.path}"' not in keeper.get("/cohorts").text
    assert f'href="{group.path}"' not in member.get("/cohorts").text
    assert member.get(task.path).status_code == 404
    assert member.get(idle.path).status_code == 404
    assert refused(world.visitor(Role.CANDIDATE), link)
    for path in ("", "/review", "/debrief", "/result.json"):
        assert member.get(sitting.report + path).status_code == 200
    assert sitting.report in member.get("/attempts").text
    assert all(not goes_on for _, goes_on in stored_members(group))


@pytest.mark.parametrize("release", ["after-window", "by-hand"])
def test_results_held_back_show_when_nobody_sits_the_exam_of_a_closed_cohort(
    world: World, release: str
) -> None:
    group = new_class(world)
    done, going_on = group.member(), group.member()
    task = group.assign(release=release, form="same")
    sat, sitting = task.sit(done), task.start(going_on)
    asked = group.instructor.get(f"{group.path}/close").text
    assert "One member sits now" in asked
    group.instructor.post(f"{group.path}/close")
    assert "Your exam is over" in done.get(sat.report).text
    assert sitting.save(1, sitting.tokens(1)).status_code == 200
    sitting.end()
    for one in (sat, sitting):
        assert "Your exam is over" not in one.browser.get(one.report).text


def test_only_the_owner_and_administrators_close(world: World) -> None:
    group = new_class(world)
    second = instructor(world)
    group.instructor.post(f"{group.path}/shares", {"name": second.name})
    assert f"{group.path}/close" not in second.get(group.path).text
    assert second.get(f"{group.path}/close").status_code == 422
    assert second.post(f"{group.path}/close").status_code == 422
    assert world.visitor(Role.ADMIN).post(f"{group.path}/close").status_code == 303


def test_a_start_and_a_closing_take_turns(world: World) -> None:
    group = new_class(world)
    members = [group.member() for _ in range(4)]
    task = group.assign()
    with ThreadPoolExecutor(5) as pool:
        starts = [pool.submit(task.try_start, member) for member in members]
        closed = pool.submit(group.instructor.post, f"{group.path}/close").result()
        answers = [one.result() for one in starts]
    assert closed.status_code == 303
    assert {answer.status_code for answer in answers} <= {303, 404}
    for member, answer in zip(members, answers, strict=True):
        if answer.status_code == 303:
            assert member.get(answer.headers["location"]).status_code == 200
