"""pairs and clean-ups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _pairs()
    _labels()
    _cleanups()


def _pairs() -> None:
    op.create_table(
        "pair",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False, comment="what the ids of its records come to"),
        sa.Column(
            "state",
            sa.String(length=8),
            nullable=False,
            comment="open, accepted, merging, merged, rejected or gone",
        ),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column(
            "run",
            sa.String(length=40),
            nullable=False,
            comment="the clean-up that found it; empty: a lead on its way did",
        ),
        sa.Column("decision", sa.String(length=120), nullable=False, comment="key of the decision that merges it"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "key", name=op.f("pk_pair")),
    )
    op.create_index(
        op.f("ix_pair_install_id_state_confidence_key"), "pair", ["install_id", "state", "confidence", "key"]
    )
    op.create_index(op.f("ix_pair_install_id_run_state_key"), "pair", ["install_id", "run", "state", "key"])
    op.create_table(
        "pair_member",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["install_id", "key"], ["pair.install_id", "pair.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "record_id", "key", name=op.f("pk_pair_member")),
    )
    op.create_index(op.f("ix_pair_member_install_id_key"), "pair_member", ["install_id", "key"])


def _labels() -> None:
    op.create_table(
        "pair_label",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("one", sa.String(length=64), nullable=False, comment="the smaller id"),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.Column("same", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "one", "other", name=op.f("pk_pair_label")),
    )
    op.create_index(op.f("ix_pair_label_install_id_other"), "pair_label", ["install_id", "other"])
    op.create_index(op.f("ix_pair_label_install_id_decided_at"), "pair_label", ["install_id", "decided_at"])


def _cleanups() -> None:
    op.create_table(
        "cleanup",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "name", name=op.f("pk_cleanup")),
    )
    op.create_table(
        "cleanup_tie",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("one", sa.String(length=64), nullable=False, comment="the smaller id"),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.Column("kinds", sa.String(length=32), nullable=False, comment="what the two are, in this order"),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["install_id", "name"], ["cleanup.install_id", "cleanup.name"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "name", "one", "other", name=op.f("pk_cleanup_tie")),
    )
