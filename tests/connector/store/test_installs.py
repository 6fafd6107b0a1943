"""Installs: connecting again loses nothing; removing destroys the key first and leaves no row anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, func, insert, select

from connector.index import Index
from connector.rows import RuleRow
from connector.store import (
    absences,
    aliases,
    api_keys,
    asked,
    assignments,
    books,
    changes,
    cleanups,
    cursors,
    decisions,
    editions,
    endings,
    erasures,
    grants,
    installs,
    leaves,
    ledger,
    letters,
    migrate,
    notes,
    pairs,
    pauses,
    progress,
    replies,
    responses,
    reviews,
    rotation,
    rulesets,
    shelves,
    streams,
    tallies,
    timers,
    tokens,
    usage,
)
from connector.store.api_keys import ApiKey
from connector.store.assignments import Assignment
from connector.store.base import Database
from connector.store.decisions import Intent
from connector.store.grants import Grant
from connector.store.installs import Install
from connector.store.ledger import Entry
from connector.store.memos import StoredMemo
from connector.store.responses import Awaited
from connector.store.schema import metadata
from connector.store.seal import Unreadable
from connector.store.shelves import Standing
from connector.store.timers import Waiting
from rules.actions import Member
from rules.model import Candidate, Match, Record
from rules.ruleset import Source
from tests.connector.store import kit
from tests.connector.store.kit import KEYRING, NOW, Tenant, after, decision, tenant


def connect(database: Database, **changes: object) -> tuple[Install, bool]:
    values: dict[str, object] = {
        "crm": "hubspot",
        "tenant_id": "77",
        "name": "Acme",
        "base_url": "https://api.example",
        "scopes": frozenset({"oauth", "contacts"}),
        "new_key": KEYRING.new_key(),
        "now": NOW,
    }
    with database.write() as connection:
        return installs.connect(connection, **(values | changes))  # type: ignore[arg-type]


def furnish(connection: Connection, who: Tenant) -> None:
    """Put at least one row of this install into every table."""
    letters.receive(connection, who.id, [kit.event()], now=NOW)
    decisions.intend(connection, who.id, who.seal, [Intent(decision(), (1,))], now=NOW)
    ledger.record(connection, who.id, [("d1", "assign", Entry("done"))], now=NOW)
    assignments.add(connection, who.id, [Assignment("d1", "l1", "u1", 7, "Everyone", "act", NOW)])
    timers.add(connection, who.id, [Waiting("d1", 0, "l1", "remind", NOW)], now=NOW)
    responses.add(connection, who.id, [Awaited("d1", "l1", NOW, NOW, NOW)], now=NOW)
    pauses.put(connection, who.id, "u1", until=None, by="u1", now=NOW)
    away = absences.planned("u1", NOW.date(), NOW.date(), zone=UTC, by="u1", now=NOW)
    absences.put(connection, who.id, away, now=NOW)
    editions.add(connection, who.id, who.seal, sources=[Source("r", "text")], version="v1", now=NOW)
    cursors.put(connection, who.id, "salesforce", b"place", NOW)
    rotation.put(connection, who.id, {"Everyone": {"u1": {"got": 1}}})
    rulesets.put(connection, who.id, who.seal, sources=[Source("r", "text")], version="v1", now=NOW)
    progress.start(connection, who.id, "setup", now=NOW)
    reviews.follow(
        connection, who.id, who.seal, [decision("d1", match=Match("review", Candidate("a1", "A", None, 0.7)))], now=NOW
    )
    streams.put(connection, who.id, "live", now=NOW)
    tallies.add(connection, who.id, who.seal, [(NOW, {("rule", "Everyone"): 3})])
    usage.add(connection, who.id, {"live": 3}, now=NOW)
    usage.quiet(connection, who.id, "No.")
    tokens.put(connection, who.id, who.seal.close({"refresh": "secret"}, about="token"), expires_at=None)
    installs.add_admin(connection, who.id, "u1", NOW)
    key = ApiKey(who.id[:16], "Export", frozenset({"read"}), "u1", NOW)
    api_keys.put(connection, who.id, who.seal, key, digest=who.id)
    changes.add(connection, who.id, who.seal, by="u1", did="mode", about="act", before="observe", now=NOW)
    grants.give(connection, who.id, Grant("u1", "manager", "u0", NOW))
    leaves.make(connection, who.id, code=who.id, by="u1", now=NOW, until=after(hours=1))
    notes.put(connection, who.id, "days", "7", now=NOW)
    replies.claim(connection, who.id, who.seal, "k", "r", now=NOW)
    asked.put(connection, who.id, who.seal, asked.Request("l1", "undo", "u1", "d1", NOW))
    shelves.choose(connection, who.id, Standing("properties"), now=NOW)
    shelves.put(connection, who.id, who.seal, [RuleRow("Desk", "pool", 1, "- pool: Desk")])
    connection.execute(insert(endings.ending).values(install_id=who.id, since=NOW))
    erasures.ask(connection, who.id, ["gone"], now=NOW)
    erasures.note_mergers(connection, who.id, "lead", [("l0", "l1")], now=NOW)
    members = (Member("lead", "l1"), Member("contact", "c1"))
    aliases.put(connection, who.id, [aliases.Alias("lead", "l0", "lead", "l1", "merged", "d1", NOW)])
    pairs.suggest(connection, who.id, who.seal, [pairs.Suggestion(members, 0.9)], now=NOW)
    pairs.label(connection, who.id, who.seal, members, same=False, by="Ana", at=NOW)
    cleanups.put(connection, who.id, who.seal, cleanups.Cleanup("cleanup:1", "Ana", NOW))
    cleanups.tie(connection, who.id, "cleanup:1", [cleanups.Tie("l1", "c1", ("lead", "contact"), 0.9)])
    mine = Index(connection, who.id, who.seal)
    mine.put([Record("contact", "c1", {"email": "kim@globex.com", "account_id": "a1"})])
    mine.write(mine.prepare([Record("account", "a2", {"name": "Initech"})]), staged=True)
    mine.put([Record("account", "a1", {"name": "Globex", "website": "globex.com"})])


def rows_of(database: Database, install_id: str, numbers: Sequence[int]) -> dict[str, int]:
    """Count the rows of an install, and of these books, in every table that knows installs or books."""
    found = {}
    with database.read() as connection:
        for table in metadata.sorted_tables:
            column = table.c.id if table.name == "install" else table.c.get("install_id")
            if column is not None:
                where = column == install_id
            elif table.name != "lease":
                where = table.c.book.in_(numbers)
            else:
                continue
            found[table.name] = connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()
    return found


def books_of(database: Database, who: Tenant) -> list[int]:
    with database.read() as connection:
        return [each.number for each in books.of(connection, who.id)]


def test_a_new_install_watches_only(database: Database) -> None:
    made, new = connect(database)
    assert new
    assert (made.status, made.mode, made.reason, made.created_at) == ("active", "observe", "", NOW)
    assert made.scopes == {"oauth", "contacts"}
    with database.read() as connection:
        assert installs.by_id(connection, made.id) == made
        assert installs.by_tenant(connection, "hubspot", "77") == made
        assert installs.by_tenant(connection, "salesforce", "77") is None
        assert installs.by_id(connection, "nobody") is None


def test_connecting_again_wakes_the_same_install_with_its_key_and_mode(database: Database) -> None:
    first, _ = connect(database)
    with database.write() as connection:
        installs.set_mode(connection, first.id, "act")
        installs.set_status(connection, first.id, "revoked", "r" * 2000)
    changed = {"name": "n" * 300, "base_url": "https://eu.example", "scopes": frozenset({"oauth"})}
    again, new = connect(database, **changed, now=after(days=3))
    assert not new
    assert (again.id, again.key, again.mode, again.created_at) == (first.id, first.key, "act", NOW)
    assert (again.status, again.reason, again.base_url) == ("active", "", "https://eu.example")
    assert (again.name, sorted(again.scopes)) == ("n" * 255, ["oauth"])


def test_two_admins_who_connect_at_once_make_one_install(database: Database) -> None:
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _number: connect(database)[0], range(6)))
    assert len({(each.id, each.key) for each in made}) == 1


def test_installs_are_listed_by_age_status_and_crm(database: Database) -> None:
    old, _ = connect(database, tenant_id="1", now=NOW - timedelta(days=1))
    new, _ = connect(database, tenant_id="2")
    other, _ = connect(database, tenant_id="3", crm="salesforce", now=after(days=1))
    with database.write() as connection:
        installs.set_status(connection, new.id, "paused", "Busy.")

        def ids(**which: object) -> list[str]:
            return [each.id for each in installs.every(connection, **which)]  # type: ignore[arg-type]

        assert ids() == [old.id, new.id, other.id]
        assert ids(status="active") == [old.id, other.id]
        assert ids(crm="hubspot") == [old.id, new.id]
        assert ids(status="active", crm="salesforce") == [other.id]
        paused = installs.by_id(connection, new.id)
        assert paused is not None
        assert paused.reason == "Busy."


def test_an_administrator_is_one_of_this_install_only_and_for_a_while(database: Database) -> None:
    mine, _ = connect(database)
    other, _ = connect(database, tenant_id="78")
    with database.write() as connection:
        epoch = installs.add_admin(connection, mine.id, "u1", NOW)
        other_epoch = installs.add_admin(connection, other.id, "u2", NOW)

        def may(install: Install = mine, user: str = "u1", epoch: str = epoch, now: datetime = NOW) -> bool:
            return installs.is_admin(connection, install.id, user, epoch=epoch, now=now)

        assert may()
        assert not may(user="u2")
        assert not may(user="u2", epoch=other_epoch)
        assert not may(install=other)
        assert not may(epoch="")
        assert may(now=NOW + installs.ADMIN_FOR - timedelta(seconds=1))
        assert not may(now=NOW + installs.ADMIN_FOR)
        assert installs.add_admin(connection, mine.id, "u1", after(hours=6)) == epoch, "the same sessions go on"
        assert may(now=NOW + installs.ADMIN_FOR)


def test_sessions_end_by_a_new_epoch_and_with_the_administrator(database: Database) -> None:
    mine, _ = connect(database)
    with database.write() as connection:
        first = installs.add_admin(connection, mine.id, "u1", NOW)
        installs.end_sessions(connection, mine.id, "u1", "of another session")
        assert installs.is_admin(connection, mine.id, "u1", epoch=first, now=NOW)
        installs.end_sessions(connection, mine.id, "u1", first)
        second = installs.add_admin(connection, mine.id, "u1", NOW)
        assert first != second
        assert not installs.is_admin(connection, mine.id, "u1", epoch=first, now=NOW)
        installs.remove_admin(connection, mine.id, "u1")
        assert not installs.is_admin(connection, mine.id, "u1", epoch=second, now=NOW)
        assert installs.add_admin(connection, mine.id, "u1", NOW) not in {first, second}


def test_removing_leaves_no_row_of_the_install_and_every_row_of_the_others(database: Database) -> None:
    alice, bob = tenant(database, "alice"), tenant(database, "bob")
    for who in (alice, bob):
        with database.write() as connection:
            furnish(connection, who)
        StoredMemo(database, who.id, who.seal, lambda: NOW).put("users", ["Ana"], seconds=60)
    numbers, others = books_of(database, alice), books_of(database, bob)
    before = rows_of(database, bob.id, others)
    assert 0 not in rows_of(database, alice.id, numbers).values(), "furnish knows every table"
    assert set(before) == {table.name for table in metadata.sorted_tables} - {"lease"}
    with database.write() as connection:
        installs.remove(connection, alice.id)
    books.clear_for(database, seconds=60)
    assert set(rows_of(database, alice.id, numbers).values()) == {0}
    assert rows_of(database, bob.id, others) == before


def test_the_key_is_destroyed_before_the_rows(database: Database, alice: Tenant) -> None:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        with database.write() as connection:
            installs.remove(connection, alice.id)
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    first, second = (each for each in said if "install" in each)
    assert first.replace(chr(34), "").startswith("UPDATE install SET key=")
    assert second.startswith("DELETE FROM install")


def test_without_its_key_nothing_of_an_install_can_be_read(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        installs.set_key(connection, alice.id, b"")
        found = installs.by_id(connection, alice.id)
    assert found is not None
    with pytest.raises(Unreadable):
        KEYRING.seal(found.key)


def test_sqlite_overwrites_a_removed_key_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    who = tenant(database, "alice")
    with database.write() as connection:
        furnish(connection, who)
    database.close()
    assert who.install.key in path.read_bytes()
    with database.write() as connection:
        installs.remove(connection, who.id)
    database.close()
    assert who.install.key not in path.read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["store.sqlite"], "the write-ahead log has gone too"
