"""tallies, and terms by which decisions are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "tally",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False, comment="when its half hour begins"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "slot", name=op.f("pk_tally")),
    )
    op.create_table(
        "term",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("decision_key", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False, comment="of the decision"),
        sa.Column("marks", sa.LargeBinary(), nullable=False, comment="keyed hashes of its words, eight bytes each"),
        sa.ForeignKeyConstraint(
            ["install_id", "decision_key"], ["decision.install_id", "decision.key"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("install_id", "decision_key", name=op.f("pk_term")),
    )
    op.create_index(op.f("ix_term_install_id_created_at"), "term", ["install_id", "created_at"])
    # Those that are there have neither terms nor a place in the tallies; what is not settled is counted when it is.
    comment = "by an older version: 2 terms and tallies, 1 terms"
    op.add_column("decision", sa.Column("owed", sa.SmallInteger(), nullable=True, server_default="2", comment=comment))
    op.execute(sa.text("UPDATE decision SET owed = 1 WHERE state <> 'settled'"))
    op.create_index(
        op.f("ix_decision_install_id_owed"),
        "decision",
        ["install_id", "owed"],
        sqlite_where=sa.text("owed IS NOT NULL"),
        postgresql_where=sa.text("owed IS NOT NULL"),
    )
