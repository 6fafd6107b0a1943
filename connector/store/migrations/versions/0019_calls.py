"""What a decision cost in calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    comment = "to the CRM, for all decisions that were carried out together"
    op.add_column("decision", sa.Column("calls", sa.Integer(), nullable=True, comment=comment))
    op.add_column("decision", sa.Column("together", sa.Integer(), nullable=True, comment="how many those were"))
