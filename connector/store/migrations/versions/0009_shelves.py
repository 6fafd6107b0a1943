"""shelves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "shelf",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="app_objects, custom_objects or properties"),
        sa.Column(
            "target", sa.String(length=16), nullable=False, comment="where everything is being moved to; empty: nowhere"
        ),
        sa.Column("why", sa.String(length=1000), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", name=op.f("pk_shelf")),
    )
    op.create_table(
        "shelf_rule",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="one rule as a record of the CRM would hold it"),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_rule")),
    )
    op.create_index(op.f("ix_shelf_rule_install_id"), "shelf_rule", ["install_id"], unique=False)
