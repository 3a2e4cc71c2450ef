"""The kind of a report on an item, and when a part of an upload came: so that what is left over can be told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # What was reported before there were kinds is of no particular one.
    op.add_column(
        "item_report", sa.Column("kind", sa.String(length=16), nullable=False, server_default="other")
    )
    op.add_column("upload_part", sa.Column("put_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("upload_part") as batch:
        batch.drop_column("put_at")
    with op.batch_alter_table("item_report") as batch:
        batch.drop_column("kind")
