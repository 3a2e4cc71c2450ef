"""Cohorts: members with their consent, assigned exams, extra time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
INDEXES = (
    ("cohort", "owner_id"),
    ("cohort_invitation", "cohort_id"),
    ("cohort_member", "person_id"),
    ("cohort_member", "invitation_id"),
    ("assignment", "cohort_id"),
    ("extra_time", "assignment_id"),
    ("attempt", "assignment_id"),
)
NOW = sa.text("left_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "cohort",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        *_references("cohort", owner_id="person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
    )
    op.create_table(
        "cohort_share",
        sa.Column("cohort_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        *_references("cohort_share", cohort_id="cohort", person_id="person"),
        sa.PrimaryKeyConstraint("cohort_id", "person_id", name=op.f("pk_cohort_share")),
    )
    op.create_table(
        "cohort_invitation",
        sa.Column("id", KEY, nullable=False),
        sa.Column("cohort_id", KEY, nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", KEY, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        *_references("cohort_invitation", cohort_id="cohort", made_by="person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_invitation")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_cohort_invitation_token_sha256")),
    )
    op.create_table(
        "cohort_member",
        sa.Column("id", KEY, nullable=False),
        sa.Column("cohort_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("invitation_id", KEY, nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consented_at", INSTANT, nullable=False),
        sa.Column("left_at", INSTANT, nullable=True),
        *_references(
            "cohort_member", cohort_id="cohort", person_id="person", invitation_id="cohort_invitation"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_member")),
    )
    op.create_index(
        "uq_cohort_member_now",
        "cohort_member",
        ["cohort_id", "person_id"],
        unique=True,
        sqlite_where=NOW,
        postgresql_where=NOW,
    )
    op.create_table(
        "assignment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("cohort_id", KEY, nullable=False),
        sa.Column("exam_id", sa.String(length=64), nullable=False),
        sa.Column("exam_version_id", KEY, nullable=False),
        sa.Column("opens_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("time_option", sa.String(length=16), nullable=False),
        sa.Column("release", sa.String(length=16), nullable=False),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.Column("form_id", KEY, nullable=True),
        sa.Column("item_versions", sa.JSON(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", KEY, nullable=False),
        *_references(
            "assignment", cohort_id="cohort", exam_version_id="exam_version", form_id="form", made_by="person"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_table(
        "extra_time",
        sa.Column("id", KEY, nullable=False),
        sa.Column("assignment_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", KEY, nullable=False),
        *_references("extra_time", assignment_id="assignment", person_id="person", made_by="person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extra_time")),
    )
    # SQLite takes a column with its reference as it is; making the table anew would break what refers to it.
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE attempt ADD COLUMN assignment_id {kind} "
        "CONSTRAINT fk_attempt_assignment_id REFERENCES assignment (id)"
    )
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table, column in reversed(INDEXES):
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    op.execute("ALTER TABLE attempt DROP COLUMN assignment_id")
    op.drop_index("uq_cohort_member_now", "cohort_member")
    for table in (
        "extra_time",
        "assignment",
        "cohort_member",
        "cohort_invitation",
        "cohort_share",
        "cohort",
    ):
        op.drop_table(table)


def _references(table: str, **columns: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in columns.items()
    ]
