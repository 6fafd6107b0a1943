"""Migrations: from nothing to exactly the tables in code, on both databases; only upwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from connector.store import migrate
from connector.store.base import Database
from connector.store.schema import metadata
from tests.connector.store.kit import event, post, tenant

VERSIONS = Path(migrate.__file__).with_name("migrations") / "versions"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'new.sqlite'}" if sqlite else request.getfixturevalue("postgres").create()
    made = Database(url)
    yield made
    made.close()


def test_an_empty_database_becomes_what_the_code_says(empty: Database) -> None:
    assert migrate.current(empty) == ""
    assert migrate.upgrade(empty) == migrate.newest() == migrate.current(empty)
    with empty.read() as connection:
        # Alembic reads SQLite's empty default '' as another one than "".
        defaults = connection.dialect.name == "postgresql"
        options = {"compare_type": _type, "compare_server_default": defaults}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_migrating_again_changes_nothing(empty: Database) -> None:
    migrate.upgrade(empty)
    who = tenant(empty, "alice")
    post(empty, who, event())
    assert migrate.upgrade(empty) == migrate.newest()
    assert post(empty, who, event()) == 0, "the letter is still there"


def test_revisions_are_one_line_from_the_first_to_the_newest() -> None:
    numbers = sorted(path.name.split("_")[0] for path in VERSIONS.glob("0*.py"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert migrate.newest() == numbers[-1]


def test_nobody_promises_a_way_back() -> None:
    assert all("def downgrade" not in path.read_text(encoding="utf-8") for path in VERSIONS.glob("0*.py"))


def test_a_migration_does_not_depend_on_todays_code() -> None:
    for path in VERSIONS.glob("0*.py"):
        assert "connector" not in path.read_text(encoding="utf-8")


def test_every_row_of_an_install_goes_with_it() -> None:
    """Each table but leases hangs on the install, directly or over a table that does, and says CASCADE.

    An index does not: what is left of one, millions of rows, is cleared bit by bit once its book is nobody's.
    """
    for table in metadata.sorted_tables:
        if table.name == "index_book":
            assert [each.ondelete for each in table.foreign_key_constraints] == ["SET NULL"]
        if table.name in {"install", "lease"} or table.name.startswith("index_"):
            continue
        assert "install_id" in table.primary_key.columns or table.name in {
            "letter",
            "assignment",
            "shelf_rule",
            "change",
        }
        assert [each.ondelete for each in table.foreign_key_constraints] == ["CASCADE"]


def _type(_context: Any, _inspected: Any, _column: Any, there: Any, here: Any) -> bool | None:
    """A moment is a big integer in the database; everything else is compared as Alembic does."""
    return False if type(here).__name__ == "Moment" and "INT" in str(there).upper() else None
