"""The audit log, for administrators: who did what, and whether the log is as it was written."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.exam.audit import Head, Verdict, check
from app.pages.depends import LARGEST_ID, Admin, TheSite
from app.pages.render import page
from app.store import audit
from app.store.audit import Line

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """Which entries are shown; empty fields ask for nothing. `start`: only those before this number."""

    action: Annotated[str, Query(max_length=40)] = ""
    name: Annotated[str, Query(max_length=64)] = ""
    about: Annotated[str, Query(max_length=100)] = ""
    start: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0

    def query(self, start: int) -> str:
        """The same choice from another entry on, as the query of an address."""
        values = {**asdict(self), "start": start}
        return "?" + urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry. `name` is empty for a command or the program itself; `values` are (name, before, after)."""

    number: int
    at: datetime
    name: str
    action: str
    subject: str
    values: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """audit/page.html. `verdict` is None until a check was asked for; `older` is the way to the entries before."""

    lines: tuple[AuditLine, ...]
    head: Head
    actions: tuple[str, ...]
    choice: Choice
    chosen: bool
    older: str
    verdict: Verdict | None


router = APIRouter()


@router.get("/audit")
def log(
    request: Request,
    choice: Annotated[Choice, Depends()],
    who: Admin,
    site: TheSite,
    verify: bool = False,
) -> Response:
    """The log, latest first; `verify` reads all of it."""
    with site.database.reading() as tx:
        found = audit.lines(
            tx,
            ON_A_PAGE + 1,
            action=choice.action,
            name=choice.name.strip().lower(),
            about=choice.about.strip(),
            before=choice.start,
        )
        head = audit.head(tx)
        verdict = check(audit.everything(tx), head) if verify else None
        actions = audit.actions(tx)
    shown = found[:ON_A_PAGE]
    context = AuditPage(
        lines=tuple(map(_line, shown)),
        head=head,
        actions=actions,
        choice=choice,
        chosen=bool(choice.action or choice.name or choice.about or choice.start),
        older=choice.query(shown[-1].entry.number) if len(found) > ON_A_PAGE else "",
        verdict=verdict,
    )
    return page(request, "audit/page.html", context, who)


def _line(line: Line) -> AuditLine:
    entry = line.entry
    before, after = _values(entry.before), _values(entry.after)
    values = tuple((name, before.get(name, ""), after.get(name, "")) for name in {**before, **after})
    subject = f"{entry.subject}: {line.about}" if line.about else entry.subject
    return AuditLine(entry.number, entry.at, line.name, entry.action, subject, values)


def _values(text: str) -> dict[str, str]:
    """What stood there, in words. A text that was tampered with is shown as it is."""
    try:
        read = json.loads(text) if text else {}
    except ValueError:
        read = text
    return {name: _said(value) for name, value in (read if isinstance(read, dict) else {"?": read}).items()}


def _said(value: Any) -> str:
    if value is None:
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
