"""books of the index.

What the index held is dropped: its keys are others now. Jobs see that an install has no book, and read every record.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_table("index_key")
    op.drop_table("index_entry")
    op.create_table(
        "index_book",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "install_id", sa.String(length=32), nullable=True, comment="NULL = nobody's: the clock clears its rows"
        ),
        sa.Column("version", sa.Integer(), nullable=False, comment="of the keys that its records are posted under"),
        sa.Column("next", sa.BigInteger(), nullable=False, comment="the next record's number"),
        sa.Column("staged", sa.Integer(), nullable=False, comment="rows in index_fresh"),
        sa.Column("merged", sa.BigInteger(), nullable=False, comment="hash up to which index_fresh was last merged"),
        sa.ForeignKeyConstraint(["install_id"], ["install.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_index_book")),
    )
    op.create_index(op.f("ix_index_book_install_id"), "index_book", ["install_id"])
    op.create_table(
        "index_entry",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="book << 40 | number",
        ),
        sa.Column("book", sa.Integer(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("record_id", sa.String(length=64), nullable=False),
        sa.Column(
            "profile",
            sa.LargeBinary(),
            nullable=False,
            comment="sealed: what an account is compared by; empty for people",
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="the whole record"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_entry")),
        sa.UniqueConstraint("book", "kind", "record_id", name=op.f("uq_index_entry_book_kind_record_id")),
    )
    for name in ("index_key", "index_fresh"):
        op.create_table(
            name,
            sa.Column("book", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column(
                "hash", sa.BigInteger(), autoincrement=False, nullable=False, comment="keyed hash of a blocking key"
            ),
            sa.Column(
                "posting", sa.BigInteger(), autoincrement=False, nullable=False, comment="number, tie and place tags"
            ),
            sa.PrimaryKeyConstraint("book", "hash", "posting", name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "index_count",
        sa.Column("book", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False, comment="how many records share it"),
        sa.PrimaryKeyConstraint("book", "hash", name=op.f("pk_index_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "index_contact",
        sa.Column("book", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False, comment="keyed hash of a mail domain"),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False, comment="contacts of the account that use the domain"),
        sa.PrimaryKeyConstraint("book", "hash", "account_id", name=op.f("pk_index_contact")),
        sqlite_with_rowid=False,
    )
