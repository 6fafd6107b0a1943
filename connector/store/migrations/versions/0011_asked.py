"""asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "asked",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False, comment="wrong_match, wrong_owner or undo"),
        sa.Column("user_id", sa.String(length=64), nullable=False, comment="who asks: the id that owns leads"),
        sa.Column("decision", sa.String(length=120), nullable=False, comment="key of the decision that they saw"),
        sa.Column("note", sa.LargeBinary(), nullable=True, comment="sealed: what the person wrote; NULL: nothing"),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True, comment="NULL: it is pending"),
        sa.Column(
            "refused",
            sa.LargeBinary(),
            nullable=True,
            comment="sealed: why nothing was done; NULL: it was done, or is pending",
        ),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "lead_id", name=op.f("pk_asked")),
    )
    op.create_index(op.f("ix_asked_install_id_asked_at"), "asked", ["install_id", "asked_at"])
