"""absences planned ahead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "absence",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("first", sa.Date(), nullable=False, comment="their first day away"),
        sa.Column("last", sa.Date(), nullable=False, comment="their last day away"),
        sa.Column("begins_at", sa.BigInteger(), nullable=False, comment="midnight before the first day, in their zone"),
        sa.Column("ends_at", sa.BigInteger(), nullable=False, comment="midnight after the last day, in their zone"),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False, comment="user id of who planned it"),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "user_id", "first", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_install_id_ends_at"), "absence", ["install_id", "ends_at"])
    op.create_index(op.f("ix_absence_ends_at"), "absence", ["ends_at"])
