"""Measurement, regrades and long work"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "analysis",
        sa.Column("id", KEY, nullable=False),
        sa.Column("exam_id", sa.String(length=64), nullable=False),
        sa.Column("parameters", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analysis")),
    )
    with op.batch_alter_table("analysis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_analysis_exam_id"), ["exam_id"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_job_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_table(
        "parameter_version",
        sa.Column("id", KEY, nullable=False),
        sa.Column("exam_id", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("adopted_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["adopted_by"], ["person.id"], name=op.f("fk_parameter_version_adopted_by")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_parameter_version_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter_version")),
        sa.UniqueConstraint("exam_id", "sequence", name=op.f("uq_parameter_version_exam_id_sequence")),
    )
    op.create_table(
        "item_analysis",
        sa.Column("analysis_id", KEY, nullable=False),
        sa.Column("item_version_id", KEY, nullable=False),
        sa.Column("line", sa.JSON(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["analysis_id"], ["analysis.id"], name=op.f("fk_item_analysis_analysis_id")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_item_analysis_item_version_id")
        ),
        sa.PrimaryKeyConstraint("analysis_id", "item_version_id", name=op.f("pk_item_analysis")),
    )
    op.create_table(
        "regrade",
        sa.Column("id", KEY, nullable=False),
        sa.Column("item_version_id", KEY, nullable=False),
        sa.Column("key", sa.JSON(), nullable=True),
        sa.Column("corrected_by", KEY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["corrected_by"], ["item_version.id"], name=op.f("fk_regrade_corrected_by")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_regrade_item_version_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_regrade_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade")),
    )
    with op.batch_alter_table("regrade", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_regrade_item_version_id"), ["item_version_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("regrade", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_regrade_item_version_id"))

    op.drop_table("regrade")
    op.drop_table("item_analysis")
    op.drop_table("parameter_version")
    op.drop_table("job")
    with op.batch_alter_table("analysis", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_analysis_exam_id"))

    op.drop_table("analysis")
