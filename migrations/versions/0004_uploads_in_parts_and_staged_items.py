"""Uploads in parts, and staged items one by one: so that no import holds the writer for long"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Nothing was ever written into these two: no page imported anything.
    op.drop_table("pack_import")
    op.drop_table("upload")
    op.create_table(
        "upload",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_upload")),
    )
    op.create_table(
        "upload_part",
        sa.Column("upload_sha256", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("upload_sha256", "number", name=op.f("pk_upload_part")),
    )
    op.create_table(
        "pack_import",
        *_import_columns(),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("replaced_id", KEY, nullable=True),
        *_import_constraints(),
        sa.ForeignKeyConstraint(
            ["replaced_id"], ["pack_version.id"], name=op.f("fk_pack_import_replaced_id")
        ),
    )
    op.create_table(
        "import_item",
        sa.Column("import_id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["pack_import.id"], name=op.f("fk_import_item_import_id")),
        sa.PrimaryKeyConstraint("import_id", "ordinal", name=op.f("pk_import_item")),
    )


def downgrade() -> None:
    for table in ("import_item", "pack_import", "upload_part", "upload"):
        op.drop_table(table)
    op.create_table(
        "upload",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_upload")),
    )
    op.create_table(
        "pack_import",
        *_import_columns(),
        sa.Column("decision", sa.String(length=16), nullable=True),
        *_import_constraints(),
    )


def _import_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", KEY, nullable=False),
        sa.Column("upload_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=True),
        sa.Column("pack_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("pack_version_id", KEY, nullable=True),
    ]


def _import_constraints() -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_pack_import_decided_by")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_pack_import_made_by")),
        sa.ForeignKeyConstraint(
            ["pack_version_id"], ["pack_version.id"], name=op.f("fk_pack_import_pack_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["upload_sha256"], ["upload.sha256"], name=op.f("fk_pack_import_upload_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_import")),
    ]
