"""The rule set in force says which fields identify a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "ruleset",
        sa.Column(
            "ids",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="names of the fields in which one value is one person",
        ),
    )
