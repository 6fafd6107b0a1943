"""streams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "stream",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("standing", sa.String(length=8), nullable=False, comment="live, polling or broken"),
        sa.Column("since", sa.BigInteger(), nullable=False, comment="when that standing began"),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column(
            "next_try", sa.BigInteger(), nullable=True, comment="when the stream is opened again; NULL: it is open"
        ),
        sa.Column(
            "asked_at", sa.BigInteger(), nullable=True, comment="polling: changes up to then have been asked for"
        ),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", name=op.f("pk_stream")),
    )
