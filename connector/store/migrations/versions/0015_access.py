"""roles, leave for support, API keys, changes, answers of the API and notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _keys()
    _replies()
    _changes()
    _notes()
    _roles()
    _leaves()


def _keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False, comment="stands in the key, and is shown"),
        sa.Column(
            "digest", sa.String(length=64), nullable=False, comment="SHA-256 of the whole key; it has 192 random bits"
        ),
        sa.Column("name", sa.LargeBinary(), nullable=False, comment="what an administrator calls it, sealed"),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False, comment="user id of who made it"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True, comment="none: until it is revoked"),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True, comment="last used, within a minute"),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "id", name=op.f("pk_api_key")),
    )
    op.create_index(op.f("ix_api_key_id"), "api_key", ["id"], unique=True)


def _replies() -> None:
    op.create_table(
        "api_reply",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column(
            "key", sa.BigInteger(), autoincrement=False, nullable=False, comment="keyed hash of who names it and how"
        ),
        sa.Column("request", sa.BigInteger(), nullable=False, comment="keyed hash of what was asked"),
        sa.Column("sealed", sa.LargeBinary(), nullable=True, comment="the answer; none while it is made"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "key", name=op.f("pk_api_reply")),
    )
    op.create_index(op.f("ix_api_reply_at"), "api_reply", ["at"])


def _changes() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column(
            "by",
            sa.String(length=80),
            nullable=False,
            comment="a user's id, key:<id> of an API key, or support:<leave>",
        ),
        sa.Column("did", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="what it was about, and what was before"),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index(op.f("ix_change_at"), "change", ["at"])
    op.create_index(op.f("ix_change_install_id_id"), "change", ["install_id", "id"])


def _notes() -> None:
    op.create_table(
        "note",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "name", name=op.f("pk_note")),
    )


def _roles() -> None:
    op.create_table(
        "role_grant",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False, comment="the id by which the CRM's user owns leads"),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False, comment="user id of who gave it"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "user_id", name=op.f("pk_role_grant")),
    )


def _leaves() -> None:
    op.create_table(
        "support_leave",
        sa.Column("install_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False, comment="SHA-256 of the code; it has 125 random bits"),
        sa.Column(
            "epoch", sa.String(length=32), nullable=False, comment="named by the session of who came in; empty: none"
        ),
        sa.Column("by", sa.String(length=80), nullable=False, comment="user id of who gave it"),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=True, comment="when the code was used"),
        sa.Column("entered_by", sa.LargeBinary(), nullable=True, comment="the name that was given then, sealed"),
        sa.Column("ended_at", sa.BigInteger(), nullable=True, comment="when an administrator, or who was in, ended it"),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("install_id", "id", name=op.f("pk_support_leave")),
    )
    op.create_index(op.f("ix_support_leave_code"), "support_leave", ["code"], unique=True)
