"""Cohorts: those one belongs to; for instructors those they keep, with members, invitation and assigned exams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.errors import Invalid
from app.exam.assignment import Assignment, Phase
from app.exam.cohort import DAYS, PLACES, Cohort, Invitation, Member, checked_name, checked_number
from app.exam.person import Person, Role
from app.pages.depends import Id, Instructor, Now, Somebody, TheSite, hash_token, new_token
from app.pages.render import page
from app.pages.site import Site
from app.store import assignments, audit, cohorts, people
from app.store.cohorts import CohortLine, Membership
from app.store.database import Transaction


@dataclass(frozen=True, slots=True)
class CohortsPage:
    """cohorts/list.html: the cohorts one belongs to, and for instructors those they keep."""

    memberships: tuple[Membership, ...]
    kept: tuple[CohortLine, ...]


@dataclass(frozen=True, slots=True)
class AssignmentLine:
    """An assigned exam in the list of a cohort."""

    assignment: Assignment
    phase: Phase


@dataclass(frozen=True, slots=True)
class CohortPage:
    """cohorts/page.html. `shared` are (id, name); `owns`: may share it; `link` was just made and is shown once."""

    cohort: Cohort
    members: tuple[Member, ...]
    invitation: Invitation | None
    link: str
    shared: tuple[tuple[int, str], ...]
    owns: bool
    assignments: tuple[AssignmentLine, ...]
    most_places: int
    most_days: int


@dataclass(frozen=True, slots=True)
class ClosePage:
    """cohorts/close.html: are you sure? `shared` are the names of the others who keep it; so many are `sitting`."""

    cohort: Cohort
    members: int
    shared: tuple[str, ...]
    assignments: tuple[Assignment, ...]
    sitting: int


router = APIRouter()


@router.get("/cohorts")
def list_cohorts(request: Request, who: Somebody, site: TheSite) -> Response:
    """The cohorts one belongs to, and those one keeps."""
    with site.database.reading() as tx:
        kept = cohorts.all_kept(tx, who) if who.may(Role.INSTRUCTOR) else ()
        context = CohortsPage(cohorts.memberships(tx, who.id), kept)
    return page(request, "cohorts/list.html", context, who)


@router.post("/cohorts")
def make(who: Instructor, now: Now, site: TheSite, name: Annotated[str, Form()] = "") -> Response:
    """Make a cohort."""
    checked = checked_name(name)
    with site.database.writing() as tx:
        made = cohorts.add(tx, checked, who.id, now)
    return RedirectResponse(f"/cohorts/{made}", 303)


@router.get("/cohorts/{cohort_id}")
def cohort(request: Request, cohort_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """A cohort as those who keep it see it."""
    with site.database.reading() as tx:
        context = _page(tx, cohorts.kept(tx, cohort_id, who), who, now)
    return page(request, "cohorts/page.html", context, who)


@router.post("/cohorts/{cohort_id}/name")
def rename(
    cohort_id: Id, who: Instructor, now: Now, site: TheSite, name: Annotated[str, Form()] = ""
) -> Response:
    """Give the cohort another name; its members read it from then on."""
    checked = checked_name(name)
    with site.database.writing() as tx:
        found = cohorts.kept(tx, cohort_id, who)
        if checked != found.name:
            cohorts.rename(tx, found.id, checked)
            names = {"before": {"name": found.name}, "after": {"name": checked}}
            audit.record(tx, now, who.id, "cohort renamed", f"cohort {found.id}", **names)
    return RedirectResponse(f"/cohorts/{cohort_id}", 303)


@router.get("/cohorts/{cohort_id}/close")
def ask_to_close(request: Request, cohort_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """What closing the cohort would do, before it is done."""
    with site.database.reading() as tx:
        found = _own(tx, cohort_id, who)
        assigned = assignments.of_cohort(tx, found.id)
        context = ClosePage(
            cohort=found,
            members=len(cohorts.members(tx, found.id)),
            shared=tuple(name for _, name in cohorts.shared_with(tx, found.id)),
            assignments=assigned,
            sitting=assignments.under_way(tx, [one.id for one in assigned], now),
        )
    return page(request, "cohorts/close.html", context, who)


@router.post("/cohorts/{cohort_id}/close")
def close(cohort_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """Close the cohort for good."""
    with site.database.writing() as tx:
        found = _own(tx, cohort_id, who)
        members = len(cohorts.members(tx, found.id))
        cohorts.close(tx, found.id, now)
        before = {"name": found.name, "members": members}
        audit.record(tx, now, who.id, "cohort closed", f"cohort {found.id}", before=before)
    return RedirectResponse("/cohorts", 303)


@router.post("/cohorts/{cohort_id}/invitation")
def invite(
    request: Request,
    cohort_id: Id,
    who: Instructor,
    now: Now,
    site: TheSite,
    places: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "",
) -> Response:
    """Make a new invitation, in place of the one there is; this page is the only one that ever shows its link."""
    token = new_token()
    with site.database.writing() as tx:
        found = cohorts.kept(tx, cohort_id, who)
        cohorts.invite(
            tx,
            found.id,
            token_sha256=hash_token(token),
            places=checked_number(places, PLACES, "Places"),
            by=who.id,
            now=now,
            lifetime=timedelta(days=checked_number(days, DAYS, "Days")),
        )
        context = _page(tx, found, who, now, _address(site, token))
    return page(request, "cohorts/page.html", context, who)


@router.post("/cohorts/{cohort_id}/invitation/withdraw")
def withdraw(cohort_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """End the invitation at once; who came by it stays."""
    with site.database.writing() as tx:
        cohorts.uninvite(tx, cohorts.kept(tx, cohort_id, who).id, now)
    return RedirectResponse(f"/cohorts/{cohort_id}", 303)


@router.post("/cohorts/{cohort_id}/shares")
def share(cohort_id: Id, who: Instructor, site: TheSite, name: Annotated[str, Form()] = "") -> Response:
    """Let another instructor keep the cohort, too. Its owner does that, or an administrator."""
    with site.database.writing() as tx:
        found = _own(tx, cohort_id, who)
        other = people.by_name(tx, name.strip().lower())
        if other is None or not other[0].may(Role.INSTRUCTOR):
            raise Invalid("There is no instructor of this name. Ask an administrator to make them one first.")
        if other[0].id != found.owner_id:
            cohorts.share(tx, found.id, other[0].id)
    return RedirectResponse(f"/cohorts/{cohort_id}", 303)


@router.post("/cohorts/{cohort_id}/shares/{person_id}/end")
def unshare(cohort_id: Id, person_id: Id, who: Instructor, site: TheSite) -> Response:
    """Take the cohort back from another instructor."""
    with site.database.writing() as tx:
        cohorts.unshare(tx, _own(tx, cohort_id, who).id, person_id)
    return RedirectResponse(f"/cohorts/{cohort_id}", 303)


@router.post("/cohorts/{cohort_id}/members/{person_id}/remove")
def remove(cohort_id: Id, person_id: Id, who: Instructor, now: Now, site: TheSite) -> Response:
    """Take somebody out of the cohort."""
    with site.database.writing() as tx:
        cohorts.leave(tx, cohorts.kept(tx, cohort_id, who).id, person_id, now)
    return RedirectResponse(f"/cohorts/{cohort_id}", 303)


@router.post("/cohorts/{cohort_id}/leave")
def leave(cohort_id: Id, who: Somebody, now: Now, site: TheSite) -> Response:
    """Leave a cohort: its instructors see nothing of this member any more."""
    with site.database.writing() as tx:
        cohorts.leave(tx, cohort_id, who.id, now)
    return RedirectResponse("/cohorts", 303)


def _own(tx: Transaction, cohort_id: int, who: Person) -> Cohort:
    found = cohorts.kept(tx, cohort_id, who)
    if found.owner_id != who.id and not who.may(Role.ADMIN):
        raise Invalid(
            f"Only {found.owner}, whose cohort this is, can share or close it. Ask them, or an administrator."
        )
    return found


def _page(tx: Transaction, found: Cohort, who: Person, now: datetime, link: str = "") -> CohortPage:
    return CohortPage(
        cohort=found,
        members=cohorts.members(tx, found.id),
        invitation=cohorts.invitation(tx, found.id, now),
        link=link,
        shared=cohorts.shared_with(tx, found.id),
        owns=found.owner_id == who.id or who.may(Role.ADMIN),
        assignments=tuple(AssignmentLine(one, one.phase(now)) for one in assignments.of_cohort(tx, found.id)),
        most_places=PLACES.stop - 1,
        most_days=DAYS.stop - 1,
    )


def _address(site: Site, token: str) -> str:
    return f"{site.settings.base_url}/invitations/{token}"
