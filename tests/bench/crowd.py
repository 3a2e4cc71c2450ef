"""An installation after years: hundreds of thousands of scored attempts, and the people who look at them.

Some hundred attempts are made by the program itself; the others are copies of them (copies.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update

from app.exam.item_report import ReportKind
from app.exam.person import SESSION_LIFETIME, Role
from app.exam.regrade import scored_again
from app.pages.credentials import PASSWORD
from app.pages.depends import hash_token
from app.pages.intake import bring_up_to_date, readiness_of
from app.pages.site import Site
from app.settings import Settings
from app.store import (
    api_tokens,
    audit,
    cohorts,
    item_reports,
    jobs,
    notes,
    pack_versions,
    packs,
    parameters,
    people,
    regrades,
    scores,
    tables,
)
from app.store.database import Database, Transaction
from tests.analyses import analysed, proposed
from tests.bench.copies import copy_caches, multiply, templates
from tests.bench.stage import EXAM, say, shipped_pack
from tests.cohorts import seated
from tests.population import Population

TEMPLATES = 300
VETERAN, REGULAR = 200, 12
"""Attempts of the candidate who sits most, and of an ordinary one."""
COHORTS = (200, 1_000)
REPORTS, ENTRIES = 1_000, 2_000
BY_NAME = {"candidate": "candidate-3-0", "veteran": "candidate-2-0"}
VISITORS = ("candidate", "veteran", "instructor", "admin")
MEMBER_TOKEN, LINK_TOKEN = "invitation-of-the-bench", "link-of-the-bench"


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to be; `whole` attempts have their responses and the log of them."""

    attempts: int
    people: int
    whole: int


def token_of(visitor: str) -> str:
    """The token of a visitor's session; the same in every run on this database."""
    return f"token-of-the-{visitor}"


def fill(url: str, size: Size) -> None:
    """Fill a database at head. Nothing is done to one that is filled."""
    database = Database(url)
    with database.reading() as tx:
        filled = tx.execute(select(tables.attempt.c.id).limit(1)).first()
    if filled is None:
        _fill(database, size, datetime.now(UTC).replace(microsecond=0))
    database.close()


def _fill(database: Database, size: Size, now: datetime) -> None:
    site = Site(Settings(database_url=database.url), database)
    _load(database, now)
    say("making attempts by the program itself")
    made = Population(database, EXAM, seed=1, start=now - timedelta(days=30)).sit(TEMPLATES)
    Population(database, EXAM, seed=2, start=now - timedelta(weeks=VETERAN + 1)).sit(1, mocks=VETERAN)
    Population(database, EXAM, seed=3, start=now - timedelta(weeks=REGULAR + 1)).sit(1, mocks=REGULAR)
    _visitors(database, now)
    _correct_a_key(database, made, now)
    models = _caches(site, made, now)
    with database.writing() as tx:
        owner = people_named(tx, "instructor")
        for size_of_one in COHORTS:
            same = size_of_one == max(COHORTS)
            seated(tx, site, owner, EXAM, now, size=size_of_one, same_form=same)
    _odds_and_ends(database, made, now)
    say("storing the analysis")
    with database.reading() as tx:
        label = _label(tx)
    analysed(database, EXAM, now, full_by=label)
    proposed(database, EXAM, now)
    crowd = _crowd(database, size.people, models, now)
    with database.reading() as tx:
        originals = templates(tx, made)
    began = datetime.now(UTC)
    for done in multiply(database, originals, crowd, size.attempts, size.whole, now):
        seconds = (datetime.now(UTC) - began).total_seconds()
        say(f"{done:,} of {size.attempts:,} attempts, {seconds:,.0f} s")
    _count_uses(database, 1 + size.attempts // TEMPLATES)
    say("counting what was scored again")
    _count_scored_again(database, now)


def people_named(tx: Transaction, name: str) -> int:
    """The id of an account."""
    found: int = tx.execute(select(tables.person.c.id).where(tables.person.c.name == name)).scalar_one()
    return found


def _load(database: Database, now: datetime) -> None:
    pack = shipped_pack(now)
    with database.writing() as tx:
        pack_versions.load(tx, pack, {item.id: item.status for item in pack.items}, (), now)
        for exam in pack.exams:
            version_id = packs.exam(tx, exam.id).pack_version_id
            parameters.follow_pack(tx, exam, packs.bank(tx, version_id).values, pack.version, now)


def _label(tx: Transaction) -> str:
    used = parameters.in_use(tx, EXAM)
    assert used is not None
    return used.parameters.label


def _visitors(database: Database, now: datetime) -> None:
    """Those who look at the pages, logged in; the pack that came with the server is shared with the instructor."""
    with database.writing() as tx:
        for visitor in VISITORS:
            if visitor not in BY_NAME:
                people.add(tx, name=visitor, password_hash="-", role=Role(visitor), is_guest=False, now=now)
            who = people_named(tx, BY_NAME.get(visitor, visitor))
            people.open_session(tx, who, hash_token(token_of(visitor)), "bench", now, SESSION_LIFETIME)
            api_tokens.add(tx, who, "bench", hash_token(f"api-{visitor}"), now, timedelta(days=365))
        shared = {"pack_id": "csa-pro", "person_id": people_named(tx, "instructor")}
        tx.execute(insert(tables.pack_share).values(**shared))


def _correct_a_key(database: Database, made: list[int], now: datetime) -> None:
    """Correct the key of the item that most attempts had, as after a report, and score those again."""
    with database.writing() as tx:
        bank = packs.bank(tx, packs.exam(tx, EXAM).pack_version_id)
        wanted = max(bank, key=lambda version_id: len(regrades.touched(tx, version_id)))
        item = bank[wanted]
        names = [option.id for option in item.options if option.id not in item.key]
        key = (names + sorted(item.key))[: len(item.key)]
        who = people_named(tx, "instructor")
        regrades.add(tx, wanted, key, None, "Another option is the right one.", now, who)
        for attempt_id in regrades.touched(tx, wanted):
            scores.rescore(tx, attempt_id, now)


def _caches(site: Site, made: list[int], now: datetime) -> list[int]:
    """Let those who sat look at their study pages once; the ids of all of them."""
    with site.database.reading() as tx:
        own = tables.attempt.c
        everybody = list(tx.execute(select(own.person_id).where(own.id.in_(made))).scalars())
    for person_id in everybody:
        bring_up_to_date(site, person_id, now)
        readiness_of(site, person_id, EXAM, now)
    return everybody


def _odds_and_ends(database: Database, made: list[int], now: datetime) -> None:
    """What else there is after years: reports of questions, the audit log, notes, jobs, links."""
    with database.writing() as tx:
        admin, instructor = people_named(tx, "admin"), people_named(tx, "instructor")
        bank = list(packs.bank(tx, packs.exam(tx, EXAM).pack_version_id))
        for number in range(REPORTS):
            attempt_id, version_id = made[number % len(made)], bank[number // len(made) + number % 97]
            said = f"Is this still so? {number}"
            item_reports.add(tx, version_id, attempt_id, instructor, ReportKind.OTHER, said, now)
        for number in range(ENTRIES):
            audit.record(tx, now, admin, "role changed", f"person {number + 1}", after={"role": "candidate"})
        for visitor in BY_NAME.values():
            who = people_named(tx, visitor)
            sat = select(tables.attempt.c.id).where(tables.attempt.c.person_id == who).limit(50)
            for place, attempt_id in enumerate(tx.execute(sat).scalars()):
                at = {"attempt_id": attempt_id, "position": 1, "bookmarked": True, "text": "Again!"}
                notes.put(tx, who, bank[place], now=now, **at)
        jobs.end(tx, jobs.start(tx, "analysis", EXAM, {}, admin, now), "", {"see": "/packs"}, now)
        people.add_link(
            tx,
            purpose=PASSWORD,
            person_id=instructor,
            token_sha256=hash_token(LINK_TOKEN),
            now=now,
            lifetime=timedelta(days=365),
        )
        for each in tx.execute(select(tables.cohort.c.id)).scalars().all():
            cohorts.invite(
                tx,
                each,
                token_sha256=hash_token(f"{MEMBER_TOKEN}-{each}"),
                places=10_000,
                by=instructor,
                now=now,
                lifetime=timedelta(days=365),
            )


def _crowd(database: Database, count: int, models: list[int], now: datetime) -> list[int]:
    """New accounts, each logged in once, with the study caches of one of those who were made."""
    say(f"adding {count:,} people")
    with database.writing() as tx:
        rows = [
            {
                "name": f"somebody-{number}",
                "role": Role.CANDIDATE.value,
                "is_guest": False,
                "created_at": now - timedelta(minutes=30 * (count - number)),
            }
            for number in range(count)
        ]
        tx.execute(insert(tables.person), rows)
        new = tables.person.c.name.startswith("somebody-")
        ids = list(tx.execute(select(tables.person.c.id).where(new).order_by(tables.person.c.id)).scalars())
        times = {"created_at": now, "last_seen_at": now, "expires_at": now + SESSION_LIFETIME, "agent": ""}
        sessions = [{"person_id": one, "token_sha256": hash_token(f"of-{one}"), **times} for one in ids]
        tx.execute(insert(tables.session), sessions)
    for place, model in enumerate(models):
        with database.writing() as tx:
            copy_caches(tx, model, ids[place :: len(models)])
    return ids


def _count_uses(database: Database, times: int) -> None:
    """Each item was used so many times as often as those who were made tell."""
    uses = tables.item_exposure
    with database.writing() as tx:
        tx.execute(update(uses).values(forms=uses.c.forms * times, answered=uses.c.answered * times))


def _count_scored_again(database: Database, now: datetime) -> None:
    """Store what the correction did to scores, as the job that scored them again does."""
    with database.writing() as tx:
        correction = tx.execute(select(tables.regrade.c.id, tables.regrade.c.item_version_id)).one()
        again = scored_again(regrades.rescored(tx, [correction.id]))
        who = people_named(tx, "instructor")
        job_id = jobs.start(tx, jobs.REGRADE, str(correction.item_version_id), {}, who, now)
        jobs.end(tx, job_id, "", {"see": "/packs", "again": again.plain()}, now)
