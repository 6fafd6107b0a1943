"""erasures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "erasure",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column(
            "record_id",
            sa.String(length=64),
            nullable=False,
            comment="of a lead; gone as soon as all is forgotten",
        ),
        sa.Column("stage", sa.String(length=8), nullable=False, comment="here or crm"),
        sa.Column("there", sa.Text(), nullable=False, comment="JSON: ids of what the CRM still has (see Left)"),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "record_id", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_stage_not_before"), "erasure", ["stage", "not_before"])
    op.create_table(
        "ending",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False, comment="first seen revoked"),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", name=op.f("pk_ending")),
    )
    op.create_index(op.f("ix_ending_since"), "ending", ["since"])
    op.create_table(
        "merger",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("old_id", sa.String(length=64), nullable=False),
        sa.Column("new_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "kind", "old_id", name=op.f("pk_merger")),
    )
    op.create_index(op.f("ix_merger_at"), "merger", ["at"])
    op.create_index(op.f("ix_merger_install_id_kind_new_id"), "merger", ["install_id", "kind", "new_id"])
