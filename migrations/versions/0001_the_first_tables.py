"""The first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# SQLite gives row ids of its own only to INTEGER; PostgreSQL's identities may be 64 bits wide.
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bank_snapshot",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_bank_snapshot")),
    )
    op.create_table(
        "log_in_failure",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_in_failure")),
    )
    with op.batch_alter_table("log_in_failure", schema=None) as batch_op:
        batch_op.create_index("ix_log_in_failure_subject_at", ["subject", "at"], unique=False)

    op.create_table(
        "pack",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("current_version_id", KEY, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
    )
    op.create_table(
        "person",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("is_guest", sa.Boolean(), nullable=False),
        sa.Column("adopted_by", KEY, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["adopted_by"], ["person.id"], name=op.f("fk_person_adopted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("name", name=op.f("uq_person_name")),
    )
    op.create_table(
        "item",
        sa.Column("id", KEY, nullable=False),
        sa.Column("pack_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["pack_id"], ["pack.id"], name=op.f("fk_item_pack_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("pack_id", "code", name=op.f("uq_item_pack_id_code")),
    )
    op.create_table(
        "one_time_link",
        sa.Column("id", KEY, nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_one_time_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_one_time_link_token_sha256")),
    )
    op.create_table(
        "pack_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("pack_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("head", sa.JSON(), nullable=False),
        sa.Column("domains", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pack_id"], ["pack.id"], name=op.f("fk_pack_version_pack_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_version")),
        sa.UniqueConstraint("pack_id", "version", name=op.f("uq_pack_version_pack_id_version")),
    )
    op.create_table(
        "session",
        sa.Column("id", KEY, nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_session_token_sha256")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "exam_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("exam_id", sa.String(length=64), nullable=False),
        sa.Column("pack_version_id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("specification", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pack_version_id"], ["pack_version.id"], name=op.f("fk_exam_version_pack_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_version")),
        sa.UniqueConstraint(
            "pack_version_id", "exam_id", name=op.f("uq_exam_version_pack_version_id_exam_id")
        ),
    )
    op.create_table(
        "item_exposure",
        sa.Column("exam_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("forms", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_exposure_item_id")),
        sa.PrimaryKeyConstraint("exam_id", "item_id", name=op.f("pk_item_exposure")),
    )
    op.create_table(
        "item_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_version_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_version")),
        sa.UniqueConstraint("item_id", "sha256", name=op.f("uq_item_version_item_id_sha256")),
    )
    op.create_table(
        "form",
        sa.Column("id", KEY, nullable=False),
        sa.Column("exam_version_id", KEY, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("seed", KEY, nullable=False),
        sa.Column("bank_sha256", sa.String(length=64), nullable=False),
        sa.Column("candidate_part", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bank_sha256"], ["bank_snapshot.sha256"], name=op.f("fk_form_bank_sha256")),
        sa.ForeignKeyConstraint(
            ["exam_version_id"], ["exam_version.id"], name=op.f("fk_form_exam_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_form_fingerprint")),
    )
    op.create_table(
        "pack_version_item",
        sa.Column("pack_version_id", KEY, nullable=False),
        sa.Column("item_version_id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_pack_version_item_item_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["pack_version_id"], ["pack_version.id"], name=op.f("fk_pack_version_item_pack_version_id")
        ),
        sa.PrimaryKeyConstraint("pack_version_id", "item_version_id", name=op.f("pk_pack_version_item")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("exam_id", sa.String(length=64), nullable=False),
        sa.Column("form_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("seed", KEY, nullable=False),
        sa.Column("sheet", sa.JSON(), nullable=False),
        sa.Column("time_option", sa.String(length=16), nullable=False),
        sa.Column("pausable", sa.Boolean(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grace_seconds", sa.Integer(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_ms", KEY, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=16), nullable=True),
        sa.Column("scratchpad", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (ending IS NULL)", name=op.f("ck_attempt_closed_has_ending")
        ),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_attempt_form_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attempt_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_attempt_open_mock",
            ["person_id", "exam_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL AND kind = 'mock'"),
            postgresql_where=sa.text("closed_at IS NULL AND kind = 'mock'"),
        )

    op.create_table(
        "attempt_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("attempt_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_attempt_event_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_event")),
    )
    with op.batch_alter_table("attempt_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_event_attempt_id"), ["attempt_id"], unique=False)

    op.create_table(
        "response",
        sa.Column("attempt_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("client_seq", KEY, nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_response_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_response")),
    )
    op.create_table(
        "response_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("attempt_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("client_seq", KEY, nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("base_rev", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=True),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_response_event_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_event")),
        sa.UniqueConstraint(
            "attempt_id", "idempotency_key", name=op.f("uq_response_event_attempt_id_idempotency_key")
        ),
        sa.UniqueConstraint(
            "attempt_id", "position", "rev", name=op.f("uq_response_event_attempt_id_position_rev")
        ),
    )
    op.create_table(
        "score",
        sa.Column("id", KEY, nullable=False),
        sa.Column("attempt_id", KEY, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("scoring_version", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.Integer(), nullable=False),
        sa.Column("exact", sa.Float(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_score_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        sa.UniqueConstraint("attempt_id", "sequence", name=op.f("uq_score_attempt_id_sequence")),
    )


def downgrade() -> None:
    op.drop_table("score")
    op.drop_table("response_event")
    op.drop_table("response")
    with op.batch_alter_table("attempt_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_event_attempt_id"))

    op.drop_table("attempt_event")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attempt_open_mock",
            sqlite_where=sa.text("closed_at IS NULL AND kind = 'mock'"),
            postgresql_where=sa.text("closed_at IS NULL AND kind = 'mock'"),
        )
        batch_op.drop_index(batch_op.f("ix_attempt_person_id"))

    op.drop_table("attempt")
    op.drop_table("pack_version_item")
    op.drop_table("form")
    op.drop_table("item_version")
    op.drop_table("item_exposure")
    op.drop_table("exam_version")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_person_id"))

    op.drop_table("session")
    op.drop_table("pack_version")
    op.drop_table("one_time_link")
    op.drop_table("item")
    op.drop_table("person")
    op.drop_table("pack")
    with op.batch_alter_table("log_in_failure", schema=None) as batch_op:
        batch_op.drop_index("ix_log_in_failure_subject_at")

    op.drop_table("log_in_failure")
    op.drop_table("bank_snapshot")
