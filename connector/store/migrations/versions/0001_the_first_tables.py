"""the first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "install",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("crm", sa.String(length=16), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False, comment="18-character org id, or portal id"),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("base_url", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False, comment="this install's key, wrapped by the master key"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_install")),
        sa.UniqueConstraint("crm", "tenant_id", name=op.f("uq_install_crm_tenant_id")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "admin",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False, comment="the CRM's user id"),
        sa.Column(
            "since",
            sa.BigInteger(),
            nullable=False,
            comment="first called an administrator; who came first installed us",
        ),
        sa.Column(
            "seen_at", sa.BigInteger(), nullable=False, comment="last called an administrator; counts for ADMIN_FOR"
        ),
        sa.Column(
            "epoch", sa.String(length=32), nullable=False, comment="named by each session; a new one ends them all"
        ),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "user_id", name=op.f("pk_admin")),
    )
    op.create_table(
        "cursor",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("position", sa.LargeBinary(), nullable=False, comment="opaque; never compared"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "topic", name=op.f("pk_cursor")),
    )
    op.create_table(
        "decision",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("lead_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("letters", sa.Text(), nullable=False, comment="ids of the letters it answers, space separated"),
        sa.Column("trace", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "key", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_decision_install_id_created_at"), ["install_id", "created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_decision_install_id_lead_id_created_at"),
            ["install_id", "lead_id", "created_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_decision_install_id_state_not_before"), ["install_id", "state", "not_before"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_decision_state_created_at"), ["state", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_state_not_before"), ["state", "not_before"], unique=False)

    op.create_table(
        "index_entry",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "kind", "record_id", name=op.f("pk_index_entry")),
    )
    op.create_table(
        "index_key",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "hash", "kind", "record_id", name=op.f("pk_index_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("event_key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.Column("change", sa.String(length=16), nullable=False),
        sa.Column(
            "changed", sa.String(length=2000), nullable=False, comment="field names, space separated; never values"
        ),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column(
            "trace",
            sa.String(length=120),
            nullable=False,
            comment="sentry-trace header of the request or batch it came by",
        ),
        sa.Column("state", sa.String(length=8), nullable=False, comment="waiting or parked"),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("install_id", "event_key", name=op.f("uq_letter_install_id_event_key")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_letter_install_id_state_priority_id"),
            ["install_id", "state", "priority", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_letter_state_not_before"), ["state", "not_before"], unique=False)

    op.create_table(
        "memo",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "name", name=op.f("pk_memo")),
    )
    op.create_table(
        "progress",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False, comment="e.g. backfill:account"),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("after", sa.String(length=500), nullable=True, comment="where to go on"),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "name", name=op.f("pk_progress")),
    )
    op.create_table(
        "rotation",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False, comment="credit per member id"),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "pool", name=op.f("pk_rotation")),
    )
    op.create_table(
        "ruleset",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="name and text of each record"),
        sa.Column("read_at", sa.BigInteger(), nullable=False, comment="when the CRM's records were last read"),
        sa.Column(
            "fault",
            sa.LargeBinary(),
            nullable=True,
            comment="sealed: why the newest text in the CRM is not live; it quotes that text",
        ),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", name=op.f("pk_ruleset")),
    )
    op.create_table(
        "token",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="counts refreshes: who finds a newer one need not refresh"
        ),
        sa.Column(
            "expires_at",
            sa.BigInteger(),
            nullable=True,
            comment="when the CRM tells (HubSpot); NULL = found out by a 401 (Salesforce)",
        ),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", name=op.f("pk_token")),
    )
    op.create_table(
        "ledger",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("decision_key", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["install_id", "decision_key"], ["decision.install_id", "decision.key"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("install_id", "decision_key", "action", name=op.f("pk_ledger")),
    )
