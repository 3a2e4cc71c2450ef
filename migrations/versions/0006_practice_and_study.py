"""Practice sets with their answers, and the study queue that is made from them and from mocks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "practice_set",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("exam_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("seed", KEY, nullable=False),
        sa.Column("sheet", sa.JSON(), nullable=False),
        sa.Column("cards", sa.JSON(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("deadline_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_practice_set_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_set")),
    )
    op.create_index(op.f("ix_practice_set_person_id"), "practice_set", ["person_id"])
    op.create_table(
        "practice_meeting",
        sa.Column("set_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_version_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["practice_set.id"], name=op.f("fk_practice_meeting_set_id")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_practice_meeting_item_version_id")
        ),
        sa.PrimaryKeyConstraint("set_id", "position", name=op.f("pk_practice_meeting")),
    )
    op.create_table(
        "practice_answer",
        sa.Column("id", KEY, nullable=False),
        sa.Column("set_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("confidence", sa.String(length=16), nullable=True),
        sa.Column("elapsed_ms", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["practice_set.id"], name=op.f("fk_practice_answer_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_answer")),
        sa.UniqueConstraint(
            "set_id", "position", "sequence", name=op.f("uq_practice_answer_set_id_position_sequence")
        ),
    )
    op.create_table(
        "study_plan",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("exam_id", sa.String(length=64), nullable=True),
        sa.Column("exam_date", sa.Date(), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("day_starts", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("taken_in", KEY, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_study_plan_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_study_plan")),
    )
    op.create_table(
        "study_intake",
        sa.Column("attempt_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_study_intake_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_study_intake")),
    )
    op.create_table(
        "met_item",
        *_of_person_and_item("met_item"),
        sa.Column("in_mock", sa.Boolean(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=True),
    )
    op.create_table(
        "study_card",
        *_of_person_and_item("study_card"),
        sa.Column("stability", sa.Float(), nullable=False),
        sa.Column("difficulty", sa.Float(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("introduced", sa.Date(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=True),
    )
    op.create_table(
        "readiness",
        sa.Column("attempt_id", KEY, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_readiness_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_readiness")),
    )


def downgrade() -> None:
    for table in (
        "readiness",
        "study_card",
        "met_item",
        "study_intake",
        "study_plan",
        "practice_answer",
        "practice_meeting",
        "practice_set",
    ):
        op.drop_table(table)


def _of_person_and_item(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f(f"fk_{table}_item_id")),
        sa.PrimaryKeyConstraint("person_id", "item_id", name=op.f(f"pk_{table}")),
    ]
