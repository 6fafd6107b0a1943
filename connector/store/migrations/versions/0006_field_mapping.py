"""Nothing: the mapping of fields is an item of the rule set and needs no table."""

from __future__ import annotations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""
