"""api usage: calls by hour and kind of work, and what the CRM says of its daily allowance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "api_usage",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False, comment="its beginning, UTC"),
        sa.Column("work", sa.String(length=8), nullable=False, comment="live, backfill, poll or other"),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "hour", "work", name=op.f("pk_api_usage")),
    )
    op.create_table(
        "api_limit",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("used", sa.Integer(), nullable=True, comment="calls of everybody in 24 hours, as the CRM says"),
        sa.Column("total", sa.Integer(), nullable=True, comment="how many it allows"),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "quiet", sa.String(length=300), server_default="", nullable=False, comment="why it last asked for quiet"
        ),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", name=op.f("pk_api_limit")),
    )
