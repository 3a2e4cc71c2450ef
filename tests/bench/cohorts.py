"""What the results of a large cohort cost: 200 members, each on a form of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi import FastAPI

from app.exam.person import Role
from app.pages.depends import hash_token
from app.pages.site import Site
from app.store import people
from tests.bench.figures import Figure
from tests.bench.meter import spread
from tests.bench.stage import EXAM, Stage, say
from tests.bench.wire import Request, ask
from tests.cohorts import seated

MEMBERS, LOOKS = 200, 12
TOKEN = "token-of-the-instructor"
MILLISECONDS = 1000


async def results(stage: Stage, app: FastAPI) -> Figure:
    """An instructor looks at the results again and again."""
    say(f"{stage.name}: results of a cohort")
    site: Site = app.state.site
    now = datetime.now(UTC)
    with site.database.writing() as tx:
        who = people.add(
            tx, name="instructor", password_hash="-", role=Role.INSTRUCTOR, is_guest=False, now=now
        )
        people.open_session(tx, who.id, hash_token(TOKEN), "bench", now, timedelta(days=1))
        made = seated(tx, site, who.id, EXAM, now, size=MEMBERS, same_form=False)
    samples = []
    for _ in range(LOOKS):
        before = stage.cpu()
        page = await ask(app, Request("GET", f"/assignments/{made.assignment_id}/results", TOKEN))
        samples.append((stage.cpu() - before) * MILLISECONDS)
        assert page.body.count(b"keeper") > MEMBERS, "these are not the results"
    # The first look of a process reads the templates; the others are what counts.
    what = f"results of a cohort of {MEMBERS}"
    return Figure(what, stage.name, "CPU ms", spread(samples[1:]), "≤ 100")
