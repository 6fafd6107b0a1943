"""assignments, timers, pauses and editions of rule sets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "part_of",
                sa.String(length=120),
                server_default="",
                nullable=False,
                comment="key of the decision whose timer made it",
            )
        )

    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("decision_key", sa.String(length=120), nullable=False),
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=True, comment="keyed hash of the matched account's id"),
        sa.Column("lane", sa.Text(), nullable=False, comment="the pool's lane whose turn it was; empty without one"),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ending", sa.String(length=16), server_default="", nullable=False),
        sa.Column(
            "credit",
            sa.String(length=8),
            server_default="",
            nullable=False,
            comment="due or given: the turn goes back",
        ),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_install_id_credit"), ["install_id", "credit"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_assignment_install_id_account_id"), ["install_id", "account", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_assignment_install_id_decision_key"), ["install_id", "decision_key"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_assignment_install_id_lane_at"), ["install_id", "lane", "at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_assignment_install_id_user_id_id"), ["install_id", "user_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_assignment_install_id_lead_id_id"), ["install_id", "lead_id", "id"], unique=False
        )

    op.create_table(
        "edition",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, 2, ... for each install"),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="the texts, who made them live, and a note"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "number", name=op.f("pk_edition")),
    )
    op.create_table(
        "pause",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True, comment="none: until further notice"),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False, comment="user id, or who sat at the command line"),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "user_id", name=op.f("pk_pause")),
    )
    op.create_table(
        "timer",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("decision_key", sa.String(length=120), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False, comment="place among the decision's timers"),
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="ask, remind, tell, reassign, return or idle"),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=32), server_default="", nullable=False, comment="why it was stopped"),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "decision_key", "step", name=op.f("pk_timer")),
    )
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_timer_install_id_lead_id_state"), ["install_id", "lead_id", "state"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_timer_install_id_state_due_at"), ["install_id", "state", "due_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_timer_state_changed_at"), ["state", "changed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_timer_state_due_at"), ["state", "due_at"], unique=False)
