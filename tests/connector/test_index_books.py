"""Books: an index with other keys is built beside the old one, and what nobody owns is cleared bit by bit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from connector.index import Index, marks
from connector.store import books, installs
from connector.store.base import Database
from connector.store.postings import book, contact, count, entry, fresh, key
from rules.matching import keys
from tests.connector.kit import account, ids, index, lead, rows_of
from tests.connector.store.kit import Tenant, tenant

TABLES = (entry, key, fresh, count, contact, book)


@pytest.fixture
def alice(database: Database) -> Tenant:
    return tenant(database, "alice")


def broken(*_all: object) -> None:
    raise AssertionError("packed by another version")


def sizes(database: Database) -> list[int]:
    with database.read() as connection:
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES]


def test_an_index_with_other_keys_is_outdated_and_still_searched(
    database: Database, alice: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with index(database, alice) as first:
        first.put([account("a1"), account("a2", name="Globex Garden")])
        first.put([lead("l1"), lead("c1", "contact", account_id="a1")])
        assert not first.outdated
    monkeypatch.setattr(keys, "VERSION", keys.VERSION + 1)
    with index(database, alice) as mine:
        assert mine.outdated
        monkeypatch.setattr(marks, "open_profile", broken)
        assert ids(mine, lead("q")) == ["a1", "a2"], "how profiles were packed then is known no more"
        monkeypatch.undo()
        monkeypatch.setattr(keys, "VERSION", keys.VERSION + 1)
        mine.renew()
        before = mine.accounts([lead("q")])["q"]
        assert [each.id for each in before.profiles] == ["a1", "a2"]
        mine.put([account("a2", name="Globex Garden", city="Ulm")])
        both = mine.accounts([lead("q")])["q"]
        assert {each.id: each.city for each in both.profiles} == {"a1": "", "a2": "ulm"}
        assert (both.rarity.accounts, both.contacts) == (2, {"a1": 1})
        assert (mine.count("account"), mine.count("contact")) == (2, 1)
        assert {each.id for each in mine.people([lead("q")])["q"]} == {"l1", "c1"}
        mine.remove("account", ["a1"])
        assert ids(mine, lead("q")) == ["a2"]
        assert mine.get("account", ["a1", "a2"]).keys() == {"a2"}


def test_a_renewed_index_equals_one_built_anew(
    database: Database, alice: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [account("a1"), account("a2", name="Initech"), lead("l1"), lead("c1", "contact", account_id="a1")]
    with index(database, alice) as mine:
        mine.put([*records, account("a3", name="Umbrella")])
    monkeypatch.setattr(keys, "VERSION", keys.VERSION + 1)
    with index(database, alice) as mine:
        mine.renew()
        mine.put(records)
        mine.finish()
        assert mine.get("account", ["a3"]) == {}, "the CRM has it no more"
    renewed = rows_of(database, alice)
    assert books.clear_for(database, seconds=60)
    bob = tenant(database, "bob", now=alice.install.created_at + timedelta(days=1))
    with index(database, bob, alice.seal) as other:
        other.put(records)
    assert rows_of(database, bob) == renewed == rows_of(database, alice)


def test_what_nobody_owns_is_cleared_in_small_transactions(
    database: Database, alice: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "CLEARED", 40)
    bob = tenant(database, "bob")
    with index(database, bob) as other:
        other.put([account("a1"), lead("c1", "contact", account_id="a1")])
    before = sizes(database)
    with index(database, alice) as mine:
        mine.put([account(f"a{n}", name=f"Firm {n}", website=f"f{n}.example") for n in range(30)])
        mine.write(mine.prepare([account(f"b{n}", name=f"House {n}") for n in range(9)]), staged=True)
        mine.put([lead("c1", "contact", account_id="a1")])
    with database.write() as connection:
        installs.remove(connection, alice.id)
    times = 0
    while True:
        held = sizes(database)
        with database.write() as connection:
            if not books.clear(connection):
                break
        gone = [was - now for was, now in zip(held, sizes(database), strict=True)]
        assert 0 < max(gone) <= 80
        times += 1
    assert times > 10
    assert sizes(database) == before, "Bob's are all there"
    assert not books.clear_for(database, seconds=60)


def test_a_drain_that_outlives_its_install_writes_nothing(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account("a1")])
    with database.read() as connection:
        late = Index(connection, alice.id, alice.seal)
        prepared = late.prepare([account("a2")])
        known = books.of(connection, alice.id)
    with database.write() as connection:
        installs.remove(connection, alice.id)
    with index(database, alice) as mine:
        mine._read = known
        with pytest.raises(NoResultFound):
            mine.write(prepared)


def test_a_large_build_is_merged_slice_by_slice(
    database: Database, alice: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "CLEARED", 50)
    many = [account(f"a{n}", name=f"Firm {n}", website=f"f{n}.example") for n in range(40)]
    for some in (many[:20], many[20:]):
        with index(database, alice) as mine:
            mine.write(mine.prepare(some), staged=True)
            before = mine.staged
            assert mine.merge() < before
            assert all(ids(mine, lead(email=f"x@f{n}.example"))[0] == f"a{n}" for n in (0, 19))
    slices = 0
    with index(database, alice) as mine:
        while mine.merge():
            slices += 1
    assert slices > 5
    merged = rows_of(database, alice)
    with index(database, alice) as mine:
        mine.remove("account", [each.id for each in many])
        mine.put(many)
    assert rows_of(database, alice) == merged
    assert merged["index_fresh"] == []
