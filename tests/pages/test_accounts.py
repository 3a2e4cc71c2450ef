"""Accounts: names and passwords, rate limits, one-time links, sessions, cookies, and where log-in leads."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from sqlalchemy import select

from app.exam.person import Role
from app.pages.credentials import FIRST_ADMIN, PASSWORD, make_link
from app.pages.depends import safe_next
from app.pages.people import ON_A_PAGE
from app.store import people, tables
from tests.journeys import world as worlds
from tests.journeys.fixtures import loaded
from tests.journeys.world import Browser, World

GOOD = worlds.PASSWORD


def link_for(world: World, purpose: str, name: str = "") -> str:
    """The path of a new one-time link."""
    with world.database.writing() as tx:
        known = people.by_name(tx, name) if name else None
        link = make_link(tx, world.site, purpose, known[0].id if known else None, world.clock.now())
    return link.removeprefix(world.site.settings.base_url)


def is_in(browser: Browser) -> bool:
    """Whether somebody is logged in in this browser."""
    return browser.get("/people/account").status_code == 200


# Registering and logging in ----------------------------------------


@pytest.mark.parametrize(
    ("name", "password"), [("ab", GOOD), ("a b c", GOOD), ("<b>x", GOOD), ("fine", "short")]
)
def test_a_name_or_password_that_will_not_do_is_named(sqlite_world: World, name: str, password: str) -> None:
    answer = sqlite_world.browser().post("/people/register", {"name": name, "password": password})
    assert answer.status_code == 422
    assert "<b>x" not in answer.text


def test_a_name_is_taken_once_whatever_its_case(world: World) -> None:
    person = world.account()
    answer = world.browser().post("/people/register", {"name": person.name.upper(), "password": GOOD})
    assert answer.status_code == 422
    assert "taken" in answer.text


def test_x12_a_wrong_password_and_an_unknown_name_get_the_same_answer(world: World) -> None:
    person = world.account()
    wrong = world.browser().log_in(person.name, "not this one at all")
    unknown = world.browser().log_in("nobody-here", "not this one at all")
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace(person.name, "NAME") == unknown.text.replace("nobody-here", "NAME")


def test_x09_logging_in_gives_a_new_session_and_ends_the_old_one(world: World) -> None:
    person = world.account()
    before = person.client.cookies["cutscore"]
    person.log_in(person.name)
    assert person.client.cookies["cutscore"] != before
    thief = world.browser()
    thief.client.cookies.set("cutscore", before)
    assert not is_in(thief)


def test_x09_a_session_that_somebody_planted_is_not_taken_over(world: World) -> None:
    person = world.account()
    victim = world.browser()
    victim.client.cookies.set("cutscore", "planted")
    victim.log_in(person.name)
    thief = world.browser()
    thief.client.cookies.set("cutscore", "planted")
    assert not is_in(thief)


def test_a_script_gets_no_page(world: World) -> None:
    person = world.account()
    dialog = world.browser(Accept="*/*;q=0.1, application/json")
    assert dialog.log_in(person.name, "not this one at all").headers["content-type"].startswith("text/plain")
    assert dialog.log_in(person.name).status_code == 204


def test_x12_after_five_wrong_passwords_each_try_waits_longer(world: World) -> None:
    person = world.account()
    for _ in range(5):
        assert world.browser().log_in(person.name, "wrong password").status_code == 422
    waits = []
    for _ in range(3):
        answer = world.browser().log_in(person.name)
        assert answer.status_code == 429
        waits.append(int(answer.headers["retry-after"]))
        world.clock.pass_(seconds=waits[-1])
        assert world.browser().log_in(person.name, "wrong password").status_code == 422
    assert waits == sorted(set(waits))


def test_x12_nobody_can_lock_somebody_else_out_for_long(world: World) -> None:
    person = world.account()
    for _ in range(40):
        answer = world.browser().log_in(person.name, "wrong password")
        world.clock.pass_(seconds=int(answer.headers.get("retry-after", "0")))
    answer = world.browser().log_in(person.name)
    if answer.status_code == 429:
        wait = int(answer.headers["retry-after"])
        assert wait <= 300
        world.clock.pass_(seconds=wait)
        answer = world.browser().log_in(person.name)
    assert answer.status_code == 303


def test_wrong_passwords_for_one_name_leave_other_names_alone(world: World) -> None:
    one, other = world.account(), world.account()
    for _ in range(6):
        world.browser().log_in(one.name, "wrong password")
    assert world.browser().log_in(other.name).status_code == 303


def test_an_address_that_guesses_many_names_is_slowed_down(world: World) -> None:
    guesser = world.browser()
    with world.database.writing() as tx:
        from app.pages.credentials import subject_of

        address = subject_of("address", guesser.client._transport.client[0])  # type: ignore[attr-defined]
        for _ in range(50):
            people.add_failure(tx, (address,), world.clock.now(), world.clock.now())
    assert guesser.log_in("anybody").status_code == 429


# One-time links ----------------------------------------


def test_x13_a_first_administrator_comes_by_a_link_once(world: World) -> None:
    path = link_for(world, FIRST_ADMIN)
    first = world.browser()
    assert first.get(path).status_code == 200
    name = f"admin{id(path)}"
    assert first.post(path, {"name": name, "password": GOOD}).status_code == 303
    assert first.get("/people").status_code == 200
    again = world.browser()
    assert again.get(path).status_code == 404
    assert again.post(path, {"name": f"{name}x", "password": GOOD}).status_code == 404


def test_each_server_prints_a_link_and_the_first_one_used_ends_the_others(world: World) -> None:
    one, other = link_for(world, FIRST_ADMIN), link_for(world, FIRST_ADMIN)
    assert world.browser().post(one, {"name": f"first{id(one)}", "password": GOOD}).status_code == 303
    assert world.browser().get(other).status_code == 404


def test_a_link_that_was_filled_in_wrongly_still_works(world: World) -> None:
    person = world.account()
    path = link_for(world, PASSWORD, person.name)
    assert world.browser().post(path, {"password": "short"}).status_code == 422
    assert world.browser().post(path, {"password": GOOD}).status_code == 303


def test_x13_a_link_expires(world: World) -> None:
    path = link_for(world, PASSWORD, world.account().name)
    world.clock.pass_(days=2)
    assert world.browser().get(path).status_code == 404
    assert world.browser().post(path, {"password": GOOD}).status_code == 404


def test_a_new_link_ends_the_one_before(world: World) -> None:
    name = world.account().name
    first, second = link_for(world, PASSWORD, name), link_for(world, PASSWORD, name)
    assert world.browser().get(first).status_code == 404
    assert world.browser().get(second).status_code == 200


def test_a_password_link_sets_the_password_and_logs_every_browser_out(world: World) -> None:
    person = world.account()
    path = link_for(world, PASSWORD, person.name)
    new = world.browser()
    assert new.post(path, {"password": "another good password"}).status_code == 303
    assert is_in(new)
    assert not is_in(person)
    assert world.browser().log_in(person.name).status_code == 422
    assert world.browser().log_in(person.name, "another good password").status_code == 303


def test_an_administrator_makes_a_password_link(world: World) -> None:
    person, admin = world.account(), world.visitor(Role.ADMIN)
    with world.database.reading() as tx:
        known = people.by_name(tx, person.name)
    assert known
    page = admin.post(f"/people/{known[0].id}/link").text
    token = page.partition("/people/links/")[2][:43]
    assert world.browser().get(f"/people/links/{token}").status_code == 200


def test_x13_no_token_is_stored_as_it_is(world: World) -> None:
    person = world.account()
    token = link_for(world, PASSWORD, person.name).rpartition("/")[2]
    cookie = person.client.cookies["cutscore"]
    with world.database.reading() as tx:
        rows = [row for t in (tables.session, tables.one_time_link) for row in tx.execute(select(t))]
    stored = repr(rows)
    assert token not in stored
    assert cookie not in stored
    assert len(token) >= 43


# The own account ----------------------------------------


def test_changing_the_password_logs_other_browsers_out(world: World) -> None:
    person, other = world.account(), world.browser()
    other.log_in(person.name)
    changed = person.post("/people/account/password", {"current": GOOD, "password": "another good password"})
    assert changed.status_code == 200
    assert is_in(person)
    assert not is_in(other)
    assert world.browser().log_in(person.name, "another good password").status_code == 303


def test_a_password_is_changed_only_by_who_knows_it(world: World) -> None:
    person = world.account()
    answer = person.post(
        "/people/account/password", {"current": "a guess of it", "password": "another good one"}
    )
    assert answer.status_code == 422
    assert world.browser().log_in(person.name).status_code == 303


def session_ids(world: World, browser: Browser) -> list[int]:
    """The ids of the sessions of who is logged in in this browser."""
    with world.database.reading() as tx:
        owner = select(tables.person.c.id).where(tables.person.c.name == browser.name)
        mine = select(tables.session.c.id).where(tables.session.c.person_id == owner.scalar_subquery())
        return list(tx.execute(mine.order_by(tables.session.c.id)).scalars())


def test_x09_one_browser_can_be_logged_out_from_another(world: World) -> None:
    person, other = world.account(), world.browser()
    other.log_in(person.name)
    person.post(f"/people/sessions/{session_ids(world, person)[-1]}/revoke")
    assert is_in(person)
    assert not is_in(other)


def test_nobody_can_log_somebody_else_out(world: World) -> None:
    person, other = world.account(), world.visitor(Role.ADMIN)
    assert other.post(f"/people/sessions/{session_ids(world, person)[0]}/revoke").status_code == 404
    assert is_in(person)


def test_all_other_browsers_can_be_logged_out(world: World) -> None:
    person, other = world.account(), world.browser()
    other.log_in(person.name)
    person.post("/people/sessions/revoke-others")
    assert is_in(person)
    assert not is_in(other)


def test_x09_logging_out_ends_the_session_on_the_server(world: World) -> None:
    person = world.account()
    token = person.client.cookies["cutscore"]
    person.post("/people/log-out")
    thief = world.browser()
    thief.client.cookies.set("cutscore", token)
    assert not is_in(thief)


def test_f34_a_session_that_is_used_goes_on_and_an_unused_one_ends(world: World) -> None:
    person, idle = world.account(), world.account()
    world.clock.pass_(days=20)
    assert is_in(person)
    world.clock.pass_(days=20)
    assert is_in(person)
    assert not is_in(idle)


def test_the_last_administrator_stays_one(fresh_world: World) -> None:
    admin = fresh_world.visitor(Role.ADMIN)
    assert admin.post("/people/1/role", {"role": "candidate"}).status_code == 409
    assert admin.get("/people").status_code == 200


def test_a_role_takes_effect_at_once(world: World) -> None:
    admin, person = world.visitor(Role.ADMIN), world.account()
    with world.database.reading() as tx:
        known = people.by_name(tx, person.name)
    assert known
    assert person.get("/packs").status_code == 403
    admin.post(f"/people/{known[0].id}/role", {"role": "instructor"})
    assert person.get("/packs").status_code == 200


def test_accounts_come_some_at_a_time_by_name_and_guests_not_at_all(fresh_world: World) -> None:
    admin = fresh_world.visitor(Role.ADMIN)
    with fresh_world.database.writing() as tx:
        for number in range(ON_A_PAGE + 20):
            name, guest = (None, True) if number % 12 == 0 else (f"zoe-{number:03}", False)
            people.add(
                tx,
                name=name,
                password_hash=None,
                role=Role.CANDIDATE,
                is_guest=guest,
                now=fresh_world.clock.now(),
            )
    first = admin.get("/people").text
    (more,) = re.findall(r'href="/people(\?after=[^"]*)">More accounts', first)
    second = admin.get(f"/people{more}").text
    names = [re.findall(r'<th scope="row"[^>]*>([^ <]+)', page) for page in (first, second)]
    assert [len(found) for found in names] == [ON_A_PAGE, 11]
    assert sorted(names[0] + names[1]) == names[0] + names[1]
    assert "More accounts" not in second
    assert len(re.findall(r'<th scope="row"[^>]*>zoe-01', admin.get("/people?name=OE-01").text)) == 9
    assert "No account has this in its name" in admin.get("/people?name=%25").text


def test_a_changed_role_leads_back_to_the_accounts_that_were_shown(world: World) -> None:
    admin, person = world.visitor(Role.ADMIN), world.account()
    with world.database.reading() as tx:
        known = people.by_name(tx, person.name)
    assert known
    (action,) = re.findall(r'action="(/people/\d+/role[^"]*)"', admin.get(f"/people?name={person.name}").text)
    assert admin.post(action, {"role": "candidate"}).headers["location"] == f"/people?name={person.name}"
    assert "shown only now" in admin.post(action.replace("/role", "/link")).text


# Cookies and redirects ----------------------------------------


def cookie_of(answer_headers: str) -> tuple[str, dict[str, object]]:
    """The name of a cookie and its attributes."""
    (name, morsel), *others = SimpleCookie(answer_headers).items()
    assert not others
    return name, dict(morsel)


def test_x09_the_session_cookie_is_kept_from_scripts_and_other_sites(world: World) -> None:
    answer = world.browser().post("/attempts", {"exam": "short"})
    name, flags = cookie_of(answer.headers["set-cookie"])
    assert (name, flags["httponly"], flags["samesite"], flags["path"]) == ("cutscore", True, "lax", "/")
    assert not flags["domain"]


def test_x09_a_secure_cookie_is_bound_to_its_host(
    sqlite_url: str, tmp_path: Path, portal: BlockingPortal
) -> None:
    with worlds.open_world(loaded(sqlite_url), tmp_path, portal, secure_cookies=True) as world:
        answer = world.browser().post("/attempts", {"exam": "short"})
    name, flags = cookie_of(answer.headers["set-cookie"])
    assert (name, flags["secure"], flags["path"], flags["domain"]) == ("__Host-cutscore", True, "/", "")


def test_where_guests_are_not_served_a_start_needs_an_account(
    sqlite_url: str, tmp_path: Path, portal: BlockingPortal
) -> None:
    with worlds.open_world(loaded(sqlite_url), tmp_path, portal, guests=False) as world:
        assert world.browser().post("/attempts", {"exam": "short"}).status_code == 401
        assert world.account().post("/attempts", {"exam": "short"}).status_code == 303


ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "http:evil.example",
    "/a\\..\\evil",
    "/\u0000/evil",
    "",
]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_x14_no_redirect_leads_to_another_site(path: str) -> None:
    assert safe_next(path) == "/"


@pytest.mark.parametrize("path", ["/", "/attempts/7", "/reports/7/review?show=wrong", "/exams/a%20b"])
def test_a_redirect_leads_back_to_where_one_was(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize("path", ELSEWHERE)
def test_x14_logging_in_leads_to_no_other_site(sqlite_world: World, path: str) -> None:
    with sqlite_world.database.reading() as tx:
        known = people.by_name(tx, "redirected")
    if known is None:
        sqlite_world.browser().post("/people/register", {"name": "redirected", "password": GOOD})
    assert sqlite_world.browser().log_in("redirected", next=path).headers["location"] == "/"


def test_a_page_that_needs_somebody_comes_back_after_logging_in(world: World) -> None:
    person = world.account()
    person.post("/people/log-out")
    asked = person.get("/people/account")
    assert asked.headers["location"] == "/people/log-in?next=/people/account"
    assert person.log_in(person.name, next="/people/account").headers["location"] == "/people/account"
