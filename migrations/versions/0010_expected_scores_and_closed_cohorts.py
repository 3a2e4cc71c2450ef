"""The score that a candidate expected before the start, and cohorts that were closed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("attempt", sa.Column("expected_score", sa.Integer(), nullable=True))
    op.add_column("cohort", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
