"""What instructors and administrators do is in the audit log, with who did it, and the page shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from app.exam.audit import Entry, check
from app.exam.person import Role
from app.pages.credentials import FIRST_ADMIN, make_link
from app.store import audit, people
from tests.analyses import version_in_use
from tests.journeys.world import PASSWORD, Browser, World
from tests.packs import SHORT
from tests.pages.banks import held, person_id, shelf
from tests.pages.classes import HOUR, new_class
from tests.pages.test_imports import GIFT, staged


def last(world: World) -> Entry:
    """The last entry."""
    with world.database.reading() as tx:
        return audit.lines(tx, 1)[0].entry


def of(world: World, browser: Browser) -> int:
    """Who is logged in there."""
    with world.database.reading() as tx:
        return person_id(tx, browser)


Told = tuple[str, str, dict[str, Any], dict[str, Any]]
"""What an entry tells: the action, the subject, and some of what was before and after."""


def role(world: World, admin: Browser) -> Told:
    person = of(world, world.visitor(Role.CANDIDATE))
    admin.post(f"/people/{person}/role", {"role": "instructor"})
    return "role changed", f"person {person}", {"role": "candidate"}, {"role": "instructor"}


def link(world: World, admin: Browser) -> Told:
    person = of(world, world.visitor(Role.CANDIDATE))
    admin.post(f"/people/{person}/link")
    return "password link made", f"person {person}", {}, {}


def token(world: World, admin: Browser) -> Told:
    admin.post("/people/tokens", {"name": "checks"})
    return "token made", f"person {of(world, admin)}", {}, {"name": "checks"}


def revoked(world: World, admin: Browser) -> Told:
    page = admin.post("/people/tokens", {"name": "checks"}).text
    (number,) = re.findall(r"/people/tokens/(\d+)/revoke", page)
    admin.post(f"/people/tokens/{number}/revoke")
    return "token revoked", f"person {of(world, admin)}", {"token": int(number)}, {}


def retired(world: World, admin: Browser) -> Told:
    _, pack_id = shelf(world, owner=admin)
    item = held(world, pack_id).items[0]
    page = admin.get(f"/packs/{pack_id}/items/{item.id}").text
    (number,) = set(re.findall(r'name="item" value="(\d+)"', page))
    admin.post(f"/packs/{pack_id}/items/status", {"step": "retire", "item": number})
    after = {"version": "1.0.0+1", "items": [item.id]}
    return "pack published", f"pack {pack_id}", {"version": "1.0.0"}, after


def referred(world: World, admin: Browser) -> Told:
    with world.database.writing() as tx:
        before = version_in_use(tx, SHORT, world.clock.now())
    admin.post(f"/exams/{SHORT}/measurement/reference")
    after = {"reason": "The ready bank as it is now"}
    return "parameters proposed", f"exam {SHORT}", {"label": before.label}, after


def adopted(world: World, admin: Browser) -> Told:
    with world.database.writing() as tx:
        before = version_in_use(tx, SHORT, world.clock.now())
    made = admin.post(f"/exams/{SHORT}/measurement/reference").headers["location"]
    admin.post(f"{made}/adopt", {"reason": "It is time."})
    return "parameters adopted", f"exam {SHORT}", {"label": before.label}, {"reason": "It is time."}


def discarded(world: World, admin: Browser) -> Told:
    path = staged(admin, "fog.gift", GIFT)
    admin.post(f"{path}/discard")
    return "import discarded", f"import {path.rpartition('/')[2]}", {}, {"file": "fog.gift"}


def assigned(world: World, admin: Browser) -> Told:
    group = new_class(world, admin)
    task = group.assign()
    return "exam assigned", f"assignment {task.id}", {}, {"cohort": group.cohort_id}


def longer(world: World, admin: Browser) -> Told:
    group = new_class(world, admin)
    member = group.member()
    task = group.assign()
    task.give(member, 20)
    after = {"amount": 20, "unit": "minutes", "person": group.id_of(member)}
    return "extra time given", f"assignment {task.id}", {"amount": 0}, after


def released(world: World, admin: Browser) -> Told:
    task = new_class(world, admin).assign(release="by-hand")
    admin.post(f"{task.path}/release")
    return "results released", f"assignment {task.id}", {}, {}


def withdrawn(world: World, admin: Browser) -> Told:
    task = new_class(world, admin).assign()
    admin.post(f"{task.path}/withdraw")
    return "assignment withdrawn", f"assignment {task.id}", {}, {}


def moved(world: World, admin: Browser) -> Told:
    task = new_class(world, admin).assign()
    task.move(world.clock.time, world.clock.time + HOUR)
    closes = (world.clock.time + HOUR).isoformat()
    return "window moved", f"assignment {task.id}", {"zone": "UTC"}, {"closes": closes, "zone": "UTC"}


def renamed(world: World, admin: Browser) -> Told:
    group = new_class(world, admin)
    admin.post(f"{group.path}/name", {"name": "Evening class"})
    return "cohort renamed", f"cohort {group.cohort_id}", {}, {"name": "Evening class"}


def closed(world: World, admin: Browser) -> Told:
    group = new_class(world, admin)
    group.member()
    admin.post(f"{group.path}/close")
    return "cohort closed", f"cohort {group.cohort_id}", {"members": 1}, {}


ACTIONS = (
    *(role, link, token, revoked, retired, referred, adopted, discarded),
    *(assigned, longer, released, withdrawn, moved, renamed, closed),
)


@pytest.mark.parametrize("do", ACTIONS)
def test_x19_what_is_done_is_in_the_log_with_who_did_it(
    world: World, do: Callable[[World, Browser], Told]
) -> None:
    admin = world.visitor(Role.ADMIN)
    action, subject, before, after = do(world, admin)
    entry = last(world)
    assert (entry.action, entry.subject) == (action, subject)
    for written, told in ((entry.before, before), (entry.after, after)):
        assert told.items() <= (json.loads(written) if written else {}).items()
    assert entry.who == of(world, admin)
    assert entry.at == world.clock.now()


@pytest.mark.parametrize("keep", [True, False])
def test_the_end_of_an_account_is_in_the_log_without_a_name(world: World, keep: bool) -> None:
    browser = world.account()
    person = of(world, browser)
    browser.post("/people/account/delete", {"password": PASSWORD, **({"keep": "true"} if keep else {})})
    entry = last(world)
    assert (entry.action, entry.subject) == ("account deleted", f"person {person}")
    assert json.loads(entry.after) == {"answers kept": keep}


def test_what_is_refused_is_not_in_the_log(fresh_world: World) -> None:
    admin = fresh_world.visitor(Role.ADMIN)
    before = last(fresh_world)
    assert admin.post(f"/people/{of(fresh_world, admin)}/role", {"role": "candidate"}).status_code == 409
    assert last(fresh_world) == before


def test_the_first_administrator_is_in_the_log(world: World) -> None:
    with world.database.writing() as tx:
        path = make_link(tx, world.site, FIRST_ADMIN, None, world.clock.now())
    first = world.browser()
    first.name = f"first-{world.database.is_sqlite}".lower()
    fields = {"name": first.name, "password": PASSWORD}
    assert first.post(path.removeprefix(world.site.settings.base_url), fields).status_code == 303
    assert last(world).action == "first administrator"


def test_no_entry_holds_a_name_a_token_or_a_password(world: World) -> None:
    admin = world.visitor(Role.ADMIN)
    made = [do(world, admin) for do in (role, link, token)]
    with world.database.reading() as tx:
        everything = " ".join(json.dumps(line.entry.plain()) for line in audit.lines(tx, len(made)))
        whole = check(audit.everything(tx), audit.head(tx))
    assert admin.name not in everything
    assert PASSWORD not in everything
    assert not whole.breaches


def test_the_page_shows_who_did_what_and_finds_it_again(world: World) -> None:
    admin = world.visitor(Role.ADMIN)
    _, person, *_ = role(world, admin)
    with world.database.reading() as tx:
        name = people.get(tx, int(person.split()[1])).name
    page = admin.get(f"/audit?name={admin.name}").text
    assert f"{person}: {name}" in page
    assert "Role changed" in page
    assert "<del>" in page
    assert "candidate" in page
    assert "No entry fits this choice" in admin.get("/audit?name=nobody-at-all").text
    assert "Role changed" not in admin.get("/audit?action=token+made").text
    assert admin.get("/audit?start=9999999999999999999").status_code == 422


def test_x19_the_page_says_whether_the_log_is_whole(fresh_world: World) -> None:
    admin = fresh_world.visitor(Role.ADMIN)
    role(fresh_world, admin)
    assert "entries hold together" in admin.get("/audit?verify=1").text
    with fresh_world.database.writing() as tx:
        tx.execute(text("UPDATE audit_entry SET after = '{' WHERE number = 1"))
    page = admin.get("/audit?verify=1").text
    assert "Entry 1 is not what was written." in page
    assert "hold together" not in page
