"""response times: leads that wait for an answer, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "response",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("decision_key", sa.String(length=120), nullable=False),
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("ask_at", sa.BigInteger(), nullable=False, comment="when it is looked at again"),
        sa.Column("state", sa.String(length=8), nullable=False, comment="waiting, found, or told (to the CRM)"),
        sa.Column("status", sa.String(length=8), nullable=False, comment="as in the audit record"),
        sa.Column("responded_at", sa.BigInteger(), nullable=True),
        sa.Column("minutes", sa.Float(), nullable=True, comment="from the decision to the answer"),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "decision_key", name=op.f("pk_response")),
    )
    op.create_index(op.f("ix_response_install_id_state_ask_at"), "response", ["install_id", "state", "ask_at"])
    op.create_index(op.f("ix_response_state_ask_at"), "response", ["state", "ask_at"])
    op.create_index(op.f("ix_response_state_changed_at"), "response", ["state", "changed_at"])
