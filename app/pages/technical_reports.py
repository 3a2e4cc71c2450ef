"""Technical reports: what the scores of an exam rest on, as a page to read or print, and as one Markdown file."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.exam.document import Report, markdown
from app.exam.pack import Exam
from app.exam.parameter_version import Event
from app.exam.technical_report import Sources, Step, report
from app.pages.depends import Keeper, TheSite
from app.pages.render import page
from app.store import analyses, packs, parameters
from app.store.database import Transaction
from app.store.parameters import Recorded


@dataclass(frozen=True, slots=True)
class TechnicalReportPage:
    """measurement/report.html"""

    exam: Exam
    report: Report


router = APIRouter()


@router.get("/exams/{exam_id}/measurement/report")
def read(request: Request, exam_id: str, who: Keeper, site: TheSite) -> Response:
    """The technical report, from what is recorded."""
    with site.database.reading() as tx:
        sources = _sources(tx, exam_id)
    context = TechnicalReportPage(sources.exam, report(sources))
    return page(request, "measurement/report.html", context, who)


@router.get("/exams/{exam_id}/measurement/report.md")
def download(exam_id: str, who: Keeper, site: TheSite) -> Response:  # noqa: ARG001 - who asks is checked
    """The same as Markdown, to keep or to send."""
    with site.database.reading() as tx:
        text = markdown(report(_sources(tx, exam_id)))
    headers = {"Content-Disposition": f'attachment; filename="{exam_id}-technical-report.md"'}
    return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)


def _sources(tx: Transaction, exam_id: str) -> Sources:
    stored = packs.exam(tx, exam_id)
    used = parameters.in_use(tx, exam_id)
    lines = parameters.history(tx, exam_id)
    latest = analyses.latest(tx, exam_id)
    behind = [
        line
        for line in lines
        if line.event is Event.CALIBRATION and line.adopted_at and used and line.sequence <= used.sequence
    ]
    return Sources(
        exam=stored.exam,
        domains={domain.id: domain.title for domain in stored.domains},
        used=used,
        steps=tuple(map(_step, lines)),
        calibration=parameters.get(tx, behind[0].id)[1] if behind else None,
        standards=tuple(
            (_step(line), parameters.get(tx, line.id)[1]) for line in lines if line.event is Event.STANDARD
        ),
        summary=None if latest is None else latest.summary,
        analysed_at=None if latest is None else latest.made_at,
        lines=() if latest is None else analyses.lines(tx, latest.id),
    )


def _step(line: Recorded) -> Step:
    return Step(
        line.label, line.event, line.made_at, line.made_by, line.adopted_at, line.adopted_by, line.reason
    )
