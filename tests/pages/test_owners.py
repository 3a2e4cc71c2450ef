"""What belongs to one instructor is not there for another: a matrix of every route about something that is owned."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import update

from app.exam.person import Role
from app.store import jobs, pack_versions, packs, parameters, tables
from tests import packs as synthetic
from tests.analyses import version_in_use
from tests.journeys.world import Browser, World
from tests.pages.banks import person_id
from tests.pages.test_authority import INSTRUCTOR, OF_TOKENS, SOMEBODY, WHO_MAY, Fields
from tests.pages.test_imports import GIFT, staged
from tests.pages.tokens import bearing

OWNED = {"pack_id", "exam_id", "import_id", "token_id", "job_id", "session_id"}
MORE = {"step": "retire", "item": "1"}
OPEN = {("GET", "/exams/{exam_id}")}  # everybody may sit an exam, whoever keeps its pack


def is_about_something_owned(route: tuple[str, str]) -> bool:
    """Whether the address of a route names something that somebody owns."""
    return bool(OWNED & set(re.findall(r"{(\w+)}", route[1])))


PAGES = [
    route
    for route, who in WHO_MAY.items()
    if who in (INSTRUCTOR, SOMEBODY) and is_about_something_owned(route) and route not in OPEN
]
PROGRAMS = [route for route in OF_TOKENS if is_about_something_owned(route)]


@dataclass(frozen=True)
class Holding:
    """An instructor with one of everything; `names` fills the parts of addresses."""

    owner: Browser
    names: dict[str, str]


_holdings: dict[int, Holding] = {}


def holding(world: World) -> Holding:
    """An instructor with one of everything, made once for each world."""
    if id(world) not in _holdings:
        _holdings[id(world)] = _made(world)
    return _holdings[id(world)]


def _made(world: World) -> Holding:
    owner, now = world.visitor(Role.INSTRUCTOR), world.clock.now()
    name = "holding"
    items = [
        synthetic.item(f"{name}{number}", f"D{number % 2 + 1}", keys=1 + number % 2) for number in range(16)
    ]
    exam = synthetic.exam(f"{name}-exam")
    new = synthetic.pack(items=items, exams=[exam])
    with world.database.writing() as tx:
        pack = replace(new, id=name)
        pack_versions.load(tx, pack, {one.id: one.status for one in items}, (), now)
        me = person_id(tx, owner)
        tx.execute(update(tables.pack).where(tables.pack.c.id == name).values(owner_id=me))
        version_in_use(tx, exam.id, now)
        version_id = parameters.history(tx, exam.id)[0].id
        job_id = jobs.start(tx, "count", "a test", {}, me, now)
        jobs.end(tx, job_id, "It went wrong.", None, now)
        stored = packs.bank(tx, packs.exam(tx, exam.id).pack_version_id)
    token = owner.post("/people/tokens", {"name": "checks"}).text
    candidate = world.account()
    sitting = candidate.start(exam.id)
    sitting.end()
    said = candidate.post(f"/reports/{sitting.attempt.id}/questions/1/problem", {"text": "The lamp is out."})
    assert said.status_code == 303
    names = {
        "pack_id": name,
        "exam_id": exam.id,
        "item_id": items[0].id,
        "item_version_id": str(min(stored)),
        "version_id": str(version_id),
        "job_id": str(job_id),
        "import_id": staged(owner, "fog.gift", GIFT).rpartition("/")[2],
        "token_id": re.findall(r"/people/tokens/(\d+)/revoke", token)[0],
        "session_id": "1",
        "position": "1",
    }
    return Holding(owner, names)


@pytest.mark.parametrize("route", sorted(PAGES), ids="{0[0]} {0[1]}".format)
def test_x18_another_instructor_finds_nothing(world: World, route: tuple[str, str]) -> None:
    method, path = route
    held, stranger = holding(world), world.visitor(Role.INSTRUCTOR)
    address = path.format(**held.names)
    before = world.fingerprint()
    refused = stranger.send(method, address, data=Fields().of(method, path) | MORE)
    assert refused.status_code == 404
    assert not any(secret in refused.text for secret in synthetic.secrets_of(synthetic.pack().items))
    assert world.fingerprint() == before
    if method == "GET":  # so the address is right, and it is the person that makes the difference
        assert held.owner.get(address).status_code == 200
        assert world.visitor(Role.ADMIN).get(address).status_code == 200
    elif "session_id" not in path and "token_id" not in path:
        asked = held.owner.send(method, address, data={})
        assert asked.status_code not in (401, 403, 404), asked.text


@pytest.mark.parametrize("route", sorted(PROGRAMS), ids="{0[0]} {0[1]}".format)
def test_x18_a_program_of_another_instructor_finds_nothing(world: World, route: tuple[str, str]) -> None:
    method, path = route
    held = holding(world)
    address = path.format(**held.names)
    stranger, own = bearing(world, world.visitor(Role.INSTRUCTOR)), bearing(world, held.owner)
    assert stranger.send(method, address).status_code == 404
    assert own.send(method, address).status_code not in (401, 403, 404)


def test_x28_the_lists_name_nothing_of_another_instructor(world: World) -> None:
    held, stranger = holding(world), world.visitor(Role.INSTRUCTOR)
    for path in ("/packs", "/packs/imports", "/item-reports", "/people/tokens"):
        page = stranger.get(path).text
        assert held.names["item_id"] not in page
        assert "/packs/holding" not in page
        assert f"/packs/imports/{held.names['import_id']}" not in page
