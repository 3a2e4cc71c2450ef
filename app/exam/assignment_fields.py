"""The form in which an instructor assigns an exam: what its fields hold, and the assignment or the faults in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import Invalid
from app.exam import zones
from app.exam.assignment import Release
from app.exam.clock import TimeOption
from app.exam.cohort import checked_number

OWN, SAME = "own", "same"
ATTEMPTS = range(1, 11)
LONGEST_WINDOW = timedelta(days=366)
FARTHEST = timedelta(days=2 * 366)
TIMED = tuple(option for option in TimeOption if option is not TimeOption.UNTIMED)


@dataclass(frozen=True, slots=True)
class AssignmentFields:
    """The fields of the form as they were sent, whatever they hold."""

    exam: str = ""
    opens: str = ""
    closes: str = ""
    zone: str = "UTC"
    attempts: str = "1"
    time_option: str = TimeOption.STANDARD.value
    form: str = OWN
    release: str = Release.AFTER_WINDOW.value


@dataclass(frozen=True, slots=True)
class Window:
    """When an exam can be sat, given in a time zone."""

    opens_at: datetime
    closes_at: datetime
    zone: str

    def plain(self) -> dict[str, str]:
        """As JSON values."""
        return {"opens": self.opens_at.isoformat(), "closes": self.closes_at.isoformat(), "zone": self.zone}


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """An assignment that can be made. `same_form`: all get one form, else each one of their own."""

    exam_id: str
    opens_at: datetime
    closes_at: datetime
    zone: str
    attempts: int
    time_option: TimeOption
    release: Release
    same_form: bool


def suggested(now: datetime, zone: str = "UTC") -> AssignmentFields:
    """What the form holds at first: a week from the next full hour on."""
    start = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    end = start + timedelta(days=7)
    return AssignmentFields(opens=zones.field(start, zone), closes=zones.field(end, zone), zone=zone)


def of_window(window: Window) -> AssignmentFields:
    """The fields that a window fills."""
    opens, closes = (zones.field(at, window.zone) for at in (window.opens_at, window.closes_at))
    return AssignmentFields(opens=opens, closes=closes, zone=window.zone)


def entered(values: Mapping[str, str]) -> AssignmentFields:
    """The fields from a form; what is missing is as it is at first."""
    known = AssignmentFields.__slots__
    return AssignmentFields(**{name: values[name] for name in known if name in values})


def assignment(
    fields: AssignmentFields, exams: Collection[str], now: datetime
) -> NewAssignment | tuple[tuple[str, str], ...]:
    """The assignment that the fields make, or every fault as (name of the field, what is wrong)."""
    faults: list[tuple[str, str]] = []
    if fields.exam not in exams:
        faults.append(("exam", "Choose an exam from the list."))
    when = window(fields, now)
    if not isinstance(when, Window):
        faults += when
    attempts = 1
    try:
        attempts = checked_number(fields.attempts, ATTEMPTS, "Attempts")
    except Invalid as error:
        faults.append(("attempts", str(error)))
    if fields.time_option not in [option.value for option in TIMED]:
        faults.append(("time_option", "Choose the time from the list."))
    if fields.form not in (OWN, SAME):
        faults.append(("form", "Choose whether all get the same form."))
    if fields.release not in [one.value for one in Release]:
        faults.append(("release", "Choose when results show."))
    if faults or not isinstance(when, Window):
        return tuple(faults)
    return NewAssignment(
        fields.exam,
        when.opens_at,
        when.closes_at,
        when.zone,
        attempts,
        TimeOption(fields.time_option),
        Release(fields.release),
        fields.form == SAME,
    )


def window(fields: AssignmentFields, now: datetime) -> Window | tuple[tuple[str, str], ...]:
    """The window that the fields make, or every fault in them."""
    faults: list[tuple[str, str]] = []
    opens_at = _moment(fields.opens, fields.zone, "opens", faults)
    closes_at = _moment(fields.closes, fields.zone, "closes", faults)
    if opens_at is None or closes_at is None:
        return tuple(faults)
    return tuple(_window_faults(opens_at, closes_at, now)) or Window(opens_at, closes_at, fields.zone)


def _moment(text: str, zone: str, name: str, faults: list[tuple[str, str]]) -> datetime | None:
    try:
        zones.zone(zone)
    except Invalid as error:
        if ("zone", str(error)) not in faults:
            faults.append(("zone", str(error)))
        return None
    try:
        return zones.moment(text, zone, later=name == "closes")
    except Invalid as error:
        faults.append((name, str(error)))
        return None


def _window_faults(opens_at: datetime, closes_at: datetime, now: datetime) -> list[tuple[str, str]]:
    if closes_at <= opens_at:
        return [("closes", "The window has to close after it opens.")]
    if closes_at <= now:
        return [("closes", "This window is past: nobody could sit the exam. Choose a later time.")]
    if closes_at - opens_at > LONGEST_WINDOW or closes_at - now > FARTHEST:
        return [("closes", "A window is at most a year long, and closes within the next two years.")]
    return []
