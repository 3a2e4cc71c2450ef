"""Indexes for an installation with a million attempts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("ix_attempt_exam_id_id", "attempt", ["exam_id", "id"])
    open_ones = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_attempt_not_closed",
        "attempt",
        ["deadline_at"],
        sqlite_where=open_ones,
        postgresql_where=open_ones,
    )
