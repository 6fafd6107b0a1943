"""aliases of merged records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "alias",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("old_id", sa.String(length=64), nullable=False),
        sa.Column("new_kind", sa.String(length=16), nullable=False),
        sa.Column("new_id", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=8), nullable=False, comment="merged, renamed or restored"),
        sa.Column("decision_key", sa.String(length=120), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "kind", "old_id", name=op.f("pk_alias")),
    )
    op.create_index(op.f("ix_alias_install_id_new_id"), "alias", ["install_id", "new_id"])
    op.create_index(op.f("ix_alias_at"), "alias", ["at"])
    # What became of a merge names every record that it took in.
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.alter_column("ref", existing_type=sa.String(length=64), type_=sa.Text(), existing_nullable=False)
