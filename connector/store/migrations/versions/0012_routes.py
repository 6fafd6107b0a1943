"""routes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "install",
        sa.Column(
            "routes",
            sa.String(length=24),
            server_default="contacts",
            nullable=False,
            comment="what counts as a lead in HubSpot",
        ),
    )
    op.add_column(
        "install",
        sa.Column(
            "routes_since",
            sa.BigInteger(),
            nullable=True,
            comment="when that was chosen; NULL: it has been so since we were installed",
        ),
    )
