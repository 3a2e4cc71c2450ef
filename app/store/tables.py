"""The whole schema on one page. Migrations in migrations/versions/ lead here; a test says that they do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.exam.clock import Clock

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite gives row ids of its own only to INTEGER; PostgreSQL's identities may be 64 bits wide.
Key: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, aware in Python; SQLite stores no time zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive times; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[int]:
    return Column("id", Key, primary_key=True)


# People ----------------------------------------

person = Table(
    "person",
    metadata,
    _id(),
    Column("name", String(64), unique=True),  # NULL for a guest
    Column("password_hash", String(255)),
    Column("role", String(16), nullable=False),
    Column("is_guest", Boolean, nullable=False),
    Column("adopted_by", Key, ForeignKey("person.id")),  # the account that took over a guest's attempts
    Column("created_at", Instant, nullable=False),
)

session = Table(
    "session",
    metadata,
    _id(),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("agent", String(200), nullable=False),
)

one_time_link = Table(
    "one_time_link",
    metadata,
    _id(),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("purpose", String(16), nullable=False),  # first-admin | password
    Column("person_id", Key, ForeignKey("person.id")),  # NULL for the first administrator
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

log_in_failure = Table(
    "log_in_failure",
    metadata,
    _id(),
    Column("subject", String(80), nullable=False),  # hash of an account name or of an address
    Column("at", Instant, nullable=False),
    Index("ix_log_in_failure_subject_at", "subject", "at"),
)

# Packs ----------------------------------------

pack = Table(
    "pack",
    metadata,
    Column("id", String(64), primary_key=True),
    # Publishing is one flip of this column. No foreign key: pack_version points here already.
    Column("current_version_id", Key),
    Column("owner_id", Key, ForeignKey("person.id")),  # NULL: came with the server; administrators keep it
)

pack_share = Table(
    "pack_share",
    metadata,
    Column("pack_id", String(64), ForeignKey("pack.id"), primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), primary_key=True),
)

pack_version = Table(
    "pack_version",
    metadata,
    _id(),
    Column("pack_id", String(64), ForeignKey("pack.id"), nullable=False),
    Column("version", String(32), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("head", JSON, nullable=False),  # language, license, authors, approvals
    Column("domains", JSON, nullable=False),
    Column("faults", JSON, nullable=False),
    Column("loaded_at", Instant, nullable=False),
    Column(
        "based_on_id", Key, ForeignKey("pack_version.id")
    ),  # of an edit made here; NULL: loaded as a whole
    Column("made_by", Key, ForeignKey("person.id")),
    Column("note", Text),  # what an edit was for
    UniqueConstraint("pack_id", "version"),
)

item = Table(
    "item",
    metadata,
    _id(),
    Column("pack_id", String(64), ForeignKey("pack.id"), nullable=False),
    Column("code", String(128), nullable=False),  # the author's id
    UniqueConstraint("pack_id", "code"),
)

item_version = Table(
    "item_version",
    metadata,
    _id(),
    Column("item_id", Key, ForeignKey("item.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("asked", JSON, nullable=False),  # the candidate's read model: no key, no whys
    Column("body", JSON, nullable=False),  # the whole item
    UniqueConstraint("item_id", "sha256"),
)

pack_version_item = Table(
    "pack_version_item",
    metadata,
    Column("pack_version_id", Key, ForeignKey("pack_version.id"), primary_key=True),
    Column("item_version_id", Key, ForeignKey("item_version.id"), primary_key=True),
    Column("ordinal", Integer, nullable=False),  # the order in the pack
    Column("status", String(16), nullable=False),  # as delivered: quality errors bar "ready"
)

exam_version = Table(
    "exam_version",
    metadata,
    _id(),
    Column("exam_id", String(64), nullable=False),
    Column("pack_version_id", Key, ForeignKey("pack_version.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),  # the order in the pack; 0 is its default exam
    Column("specification", JSON, nullable=False),
    UniqueConstraint("pack_version_id", "exam_id"),
)

approval = Table(
    "approval",
    metadata,
    Column("item_version_id", Key, ForeignKey("item_version.id"), primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)

item_report = Table(
    "item_report",
    metadata,
    _id(),
    Column("item_version_id", Key, ForeignKey("item_version.id"), nullable=False, index=True),
    Column("attempt_id", Key, ForeignKey("attempt.id")),
    Column("person_id", Key, ForeignKey("person.id")),
    Column("kind", String(16), nullable=False, server_default="other"),
    Column("text", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Key, ForeignKey("person.id")),
    Column("answer", Text),
)

medium = Table(
    "medium",
    metadata,
    Column("sha256", String(64), primary_key=True),  # of what is seen: format, size and pixels
    Column("type", String(32), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# Imports ----------------------------------------

upload = Table(
    "upload",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
)

upload_part = Table(
    "upload_part",
    metadata,
    # No foreign key: the parts come first, each in a short transaction, and the upload is there when all of them are.
    Column("upload_sha256", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),  # of the file as it came
    Column("put_at", Instant),
)

pack_import = Table(
    "pack_import",
    metadata,
    _id(),
    Column("upload_sha256", String(64), ForeignKey("upload.sha256"), nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("format", String(32)),  # NULL: not recognised
    Column("pack_id", String(64), nullable=False),  # where it is to go
    Column("is_new", Boolean, nullable=False),  # whether that pack is to be made
    Column("title", Text, nullable=False),  # of a new pack
    Column("items", Integer, nullable=False),  # how many were found
    Column("document", Text, nullable=False),  # what the reader made of it, but for the items
    Column("mapping", JSON, nullable=False),  # which of its categories go to which domain and topic
    Column("state", String(16), nullable=False),  # storing | staged | confirmed | discarded | undone
    Column("made_at", Instant, nullable=False),
    Column("made_by", Key, ForeignKey("person.id")),
    Column("decided_at", Instant),
    Column("decided_by", Key, ForeignKey("person.id")),
    Column("pack_version_id", Key, ForeignKey("pack_version.id")),  # what it made
    Column("replaced_id", Key, ForeignKey("pack_version.id")),  # what was in use before; NULL: nothing
)

import_item = Table(
    "import_item",
    metadata,
    Column("import_id", Key, ForeignKey("pack_import.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("document", Text, nullable=False),  # the item, where it stood, what its reader noted
)

category_target = Table(
    "category_target",
    metadata,
    Column("pack_id", String(64), ForeignKey("pack.id"), primary_key=True),
    Column("category", String(255), primary_key=True),
    Column("domain", String(64), nullable=False),
    Column("topic", String(128)),
)

api_token = Table(
    "api_token",
    metadata,
    _id(),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
)

# Forms ----------------------------------------

bank_snapshot = Table(
    "bank_snapshot",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("document", Text, nullable=False),  # canonical JSON
)

form = Table(
    "form",
    metadata,
    _id(),
    Column("exam_version_id", Key, ForeignKey("exam_version.id"), nullable=False),
    Column("fingerprint", String(64), nullable=False, unique=True),  # every form is unique
    Column("seed", Key, nullable=False),
    Column("bank_sha256", String(64), ForeignKey("bank_snapshot.sha256"), nullable=False),
    Column("candidate_part", Text, nullable=False),  # the rest of the snapshot, canonical JSON
    Column("document", Text, nullable=False),  # positions with parameters, conversion table, deviations
    Column("created_at", Instant, nullable=False),
)

item_exposure = Table(
    "item_exposure",
    metadata,
    Column("exam_id", String(64), primary_key=True),
    Column("item_id", Key, ForeignKey("item.id"), primary_key=True),
    Column("forms", Integer, nullable=False),  # forms it was put on
    Column("answered", Integer, nullable=False),  # responses it has from attempts that ended
)

# Cohorts ----------------------------------------

cohort = Table(
    "cohort",
    metadata,
    _id(),
    Column("name", String(80), nullable=False),
    Column("owner_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("closed_at", Instant),  # from then on it is there for nobody
)

cohort_share = Table(
    "cohort_share",
    metadata,
    Column("cohort_id", Key, ForeignKey("cohort.id"), primary_key=True),
    Column("person_id", Key, ForeignKey("person.id"), primary_key=True),
)

cohort_invitation = Table(
    "cohort_invitation",
    metadata,
    _id(),
    Column("cohort_id", Key, ForeignKey("cohort.id"), nullable=False, index=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("places", Integer, nullable=False),  # how many people may join by it
    Column("made_at", Instant, nullable=False),
    Column("made_by", Key, ForeignKey("person.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

cohort_member = Table(
    "cohort_member",
    metadata,
    _id(),
    Column("cohort_id", Key, ForeignKey("cohort.id"), nullable=False),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("invitation_id", Key, ForeignKey("cohort_invitation.id"), nullable=False, index=True),
    Column("consent", Text, nullable=False),  # the words that were agreed to
    Column("consented_at", Instant, nullable=False),
    Column("left_at", Instant),  # who comes again gets a row of its own
    Index(
        "uq_cohort_member_now",
        "cohort_id",
        "person_id",
        unique=True,
        sqlite_where=text("left_at IS NULL"),
        postgresql_where=text("left_at IS NULL"),
    ),
)

assignment = Table(
    "assignment",
    metadata,
    _id(),
    Column("cohort_id", Key, ForeignKey("cohort.id"), nullable=False, index=True),
    Column("exam_id", String(64), nullable=False),
    Column("exam_version_id", Key, ForeignKey("exam_version.id"), nullable=False),  # as it was when assigned
    Column("opens_at", Instant, nullable=False),
    Column("closes_at", Instant, nullable=False),
    Column("zone", String(64), nullable=False),  # IANA's name of the time zone that the window was given in
    Column("attempts", Integer, nullable=False),  # how many each member may make
    Column("time_option", String(16), nullable=False),
    Column("release", String(16), nullable=False),  # when results show
    Column("released_at", Instant),  # by hand
    Column("form_id", Key, ForeignKey("form.id")),  # the one form for all; NULL: each has one of their own
    Column("item_versions", JSON, nullable=False),  # of that form, in its order
    Column("made_at", Instant, nullable=False),
    Column("made_by", Key, ForeignKey("person.id"), nullable=False),
)

extra_time = Table(
    "extra_time",
    metadata,
    _id(),
    Column("assignment_id", Key, ForeignKey("assignment.id"), nullable=False, index=True),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("unit", String(16), nullable=False),  # minutes | percent
    Column("made_at", Instant, nullable=False),  # only ever added to: the last of a person holds
    Column("made_by", Key, ForeignKey("person.id"), nullable=False),
)

# Attempts ----------------------------------------

OPEN_MOCK = text("closed_at IS NULL AND kind = 'mock'")
"""Of these a person has at most one of each exam."""

attempt = Table(
    "attempt",
    metadata,
    _id(),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("exam_id", String(64), nullable=False),
    Column("form_id", Key, ForeignKey("form.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("seed", Key, nullable=False),  # of the options' order and tokens
    Column("sheet", JSON, nullable=False),
    Column("time_option", String(16), nullable=False),
    Column("pausable", Boolean, nullable=False),
    Column("expected", Float),  # how sure the candidate was to pass, 0 to 1
    Column("expected_score", Integer),  # the scaled score they guessed before the start
    Column("started_at", Instant, nullable=False),
    Column("deadline_at", Instant),  # NULL: untimed
    Column("grace_seconds", Integer, nullable=False),
    Column("paused_at", Instant),
    Column("paused_ms", Key, nullable=False),
    Column("closed_at", Instant),  # written once
    Column("ending", String(16)),
    Column("scratchpad", Text, nullable=False),
    Column("assignment_id", Key, ForeignKey("assignment.id"), index=True),  # NULL: of one's own accord
    CheckConstraint("(closed_at IS NULL) = (ending IS NULL)", name="closed_has_ending"),
    Index("ix_attempt_exam_id_id", "exam_id", "id"),
    Index(  # how many sit now is asked every few seconds: of millions only those that nobody has closed
        "ix_attempt_not_closed",
        "deadline_at",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "uq_attempt_open_mock",
        "person_id",
        "exam_id",
        unique=True,
        sqlite_where=OPEN_MOCK,
        postgresql_where=OPEN_MOCK,
    ),
)

attempt_event = Table(
    "attempt_event",
    metadata,
    _id(),
    Column("attempt_id", Key, ForeignKey("attempt.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),  # started | paused | resumed | deadline | closed
    Column("detail", JSON, nullable=False),
)

response_event = Table(
    "response_event",
    metadata,
    _id(),
    Column("attempt_id", Key, ForeignKey("attempt.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("client_id", String(40), nullable=False),
    Column("client_seq", Key, nullable=False),
    Column("idempotency_key", String(80), nullable=False),
    Column("base_rev", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("rev", Integer),  # NULL unless accepted
    Column("choice", JSON, nullable=False),
    Column("marks", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("attempt_id", "idempotency_key"),
    UniqueConstraint("attempt_id", "position", "rev"),
)

response = Table(
    "response",
    metadata,
    Column("attempt_id", Key, ForeignKey("attempt.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("rev", Integer, nullable=False),
    Column("choice", JSON, nullable=False),
    Column("marks", JSON, nullable=False),
    Column("client_id", String(40), nullable=False),
    Column("client_seq", Key, nullable=False),
)

score = Table(
    "score",
    metadata,
    _id(),
    Column("attempt_id", Key, ForeignKey("attempt.id"), nullable=False),
    Column("sequence", Integer, nullable=False),  # 1 at the close; a rescore is the next, beside it
    Column("scoring_version", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", Integer, nullable=False),
    Column("exact", Float, nullable=False),  # unrounded scaled score
    Column("passed", Boolean, nullable=False),
    Column("document", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("attempt_id", "sequence"),
)


regrade = Table(
    "regrade",
    metadata,
    _id(),
    Column("item_version_id", Key, ForeignKey("item_version.id"), nullable=False, index=True),
    Column("key", JSON),  # the right options from now on; NULL: the item counts for nobody
    Column(
        "corrected_by", Key, ForeignKey("item_version.id")
    ),  # the version that has it right, if there is one
    Column("reason", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Key, ForeignKey("person.id")),
)

# Practice and study ----------------------------------------

practice_set = Table(
    "practice_set",
    metadata,
    _id(),
    Column("person_id", Key, ForeignKey("person.id"), nullable=False, index=True),
    Column("exam_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),  # practice | study
    Column("title", Text, nullable=False),  # what was asked for, in words
    Column("at_once", Boolean, nullable=False),  # whether each answer is explained as soon as it is given
    Column("seed", Key, nullable=False),  # of the draw, and of the options' order and tokens
    Column("sheet", JSON, nullable=False),
    Column("cards", JSON, nullable=False),  # for each position the item whose card its answer is for
    Column("started_at", Instant, nullable=False),
    Column("deadline_at", Instant),  # NULL: untimed
    Column("ended_at", Instant),  # written once
)

practice_meeting = Table(
    "practice_meeting",
    metadata,
    Column("set_id", Key, ForeignKey("practice_set.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("item_version_id", Key, ForeignKey("item_version.id"), nullable=False),
    Column("at", Instant, nullable=False),  # when the candidate came to it
)

practice_answer = Table(
    "practice_answer",
    metadata,
    _id(),
    Column("set_id", Key, ForeignKey("practice_set.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),  # the last one stands
    Column("choice", JSON, nullable=False),  # empty: the candidate did not know
    Column("confidence", String(16)),
    Column("elapsed_ms", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("set_id", "position", "sequence"),
)

study_plan = Table(
    "study_plan",
    metadata,
    Column("person_id", Key, ForeignKey("person.id"), primary_key=True),
    Column("exam_id", String(64)),  # NULL: the one sat last
    Column("exam_date", Date),
    Column("time_zone", String(64), nullable=False),  # a name of the IANA database
    Column("day_starts", Integer, nullable=False),  # the hour at which a day begins
    Column("most", Integer, nullable=False),  # questions on one day
    # What the two tables below are made from: the last correction of a key. NULL: they must be made anew.
    Column("taken_in", Key),
)

study_intake = Table(
    "study_intake",
    metadata,
    Column("attempt_id", Key, ForeignKey("attempt.id"), primary_key=True),  # it is in the two tables below
)

met_item = Table(  # a cache of what attempts and practice say
    "met_item",
    metadata,
    Column("person_id", Key, ForeignKey("person.id"), primary_key=True),
    Column("item_id", Key, ForeignKey("item.id"), primary_key=True),
    Column("in_mock", Boolean, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("is_right", Boolean),  # the last outcome; NULL: none yet
)

study_card = Table(  # a cache too
    "study_card",
    metadata,
    Column("person_id", Key, ForeignKey("person.id"), primary_key=True),
    Column("item_id", Key, ForeignKey("item.id"), primary_key=True),
    Column("stability", Float, nullable=False),
    Column("difficulty", Float, nullable=False),
    Column("due", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("asked", Integer, nullable=False),  # how often since it entered the queue
    Column("introduced", Date),  # when practice asked it again for the first time
    Column("asked_on", Date),  # and for the last time
)

readiness = Table(  # a cache of what the report of a strict mock says
    "readiness",
    metadata,
    Column("attempt_id", Key, ForeignKey("attempt.id"), primary_key=True),
    Column("sequence", Integer, nullable=False),  # of the score that it rests on
    Column("probability", Float),  # NULL, with the next two: the form was made without a parameter version
    Column("low", Float),
    Column("high", Float),
)

# What candidates keep and show ----------------------------------------

note = Table(
    "note",
    metadata,
    Column("person_id", Key, ForeignKey("person.id"), primary_key=True),
    Column("item_id", Key, ForeignKey("item.id"), primary_key=True),
    Column("item_version_id", Key, ForeignKey("item_version.id"), nullable=False),  # as it was met last
    Column("attempt_id", Key, ForeignKey("attempt.id"), nullable=False, index=True),  # and where
    Column("position", Integer, nullable=False),
    Column("bookmarked", Boolean, nullable=False),
    Column("text", Text, nullable=False),  # empty: a bookmark alone
    Column("changed_at", Instant, nullable=False),
)

signing_key = Table(
    "signing_key",
    metadata,
    _id(),
    Column("secret", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
)

published_result = Table(
    "published_result",
    metadata,
    _id(),
    Column("token", String(64), nullable=False, unique=True),  # in the address, which anybody may have
    Column("attempt_id", Key, ForeignKey("attempt.id"), nullable=False, index=True),
    Column("document", Text, nullable=False),  # what was signed, canonical JSON
    Column("key_id", Key, ForeignKey("signing_key.id"), nullable=False),
    Column("signature", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

# Measurement ----------------------------------------

parameter_version = Table(
    "parameter_version",
    metadata,
    _id(),
    Column("exam_id", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("event", String(24), nullable=False),
    Column("document", Text, nullable=False),  # item parameters, reference, cut
    Column("details", JSON, nullable=False),  # what the page about the event shows
    Column("reason", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Key, ForeignKey("person.id")),  # NULL: the program itself
    Column("adopted_at", Instant),  # NULL: only proposed. The adopted one with the highest sequence is in use
    Column("adopted_by", Key, ForeignKey("person.id")),
    UniqueConstraint("exam_id", "sequence"),
)

analysis = Table(
    "analysis",
    metadata,
    _id(),
    Column("exam_id", String(64), nullable=False, index=True),
    Column("parameters", String(64), nullable=False),  # the label of the parameter version it went by
    Column("made_at", Instant, nullable=False),
    Column("summary", JSON, nullable=False),  # of the whole exam: reliability, decision quality, counts
)

item_analysis = Table(
    "item_analysis",
    metadata,
    Column("analysis_id", Key, ForeignKey("analysis.id"), primary_key=True),
    Column("item_version_id", Key, ForeignKey("item_version.id"), primary_key=True),
    Column("line", JSON, nullable=False),  # what the bank page shows of the item
    Column("document", JSON, nullable=False),  # what the item's own page shows
)

# Work ----------------------------------------

job = Table(
    "job",
    metadata,
    _id(),
    Column("kind", String(24), nullable=False),
    Column("subject", String(128), nullable=False),  # the exam, pack or upload that it is about
    Column("request", JSON, nullable=False),  # what it was asked to do
    Column("made_at", Instant, nullable=False),
    Column("made_by", Key, ForeignKey("person.id")),
    Column("heard_at", Instant, nullable=False),  # of a running one: the last sign of life
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("note", Text, nullable=False),  # what it is doing, or what went wrong, in words
    Column("ended_at", Instant),
    Column("result", JSON),  # NULL: not ended, or failed
)

# Audit ----------------------------------------

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("number", Key, primary_key=True, autoincrement=False),  # without gaps
    Column("at", Instant, nullable=False),
    Column("who", Key, ForeignKey("person.id")),  # NULL: a command, or the program itself
    Column("action", String(40), nullable=False),
    Column("subject", String(240), nullable=False),
    Column("before", Text, nullable=False),  # canonical JSON, or empty
    Column("after", Text, nullable=False),
    Column("previous_sha256", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    # One row, made by the migration: writers take turns at it, and the end of the log is known from it.
    Column("number", Key, primary_key=True, autoincrement=False),
    Column("sha256", String(64), nullable=False),
)


def clock_of(row: Any) -> Clock:
    """The clock in a row of `attempt`."""
    grace = timedelta(seconds=row.grace_seconds)
    return Clock(row.started_at, row.deadline_at, grace, row.paused_at, row.closed_at)
