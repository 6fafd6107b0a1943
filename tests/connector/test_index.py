"""The match index: only what changed is written, common keys say nothing, an update equals a new build."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select

from connector.index import CANDIDATES, KEY_CAP, Index
from connector.store.base import Database
from connector.store.postings import entry, key
from connector.store.seal import Unreadable
from rules.model import Kind, Record
from tests.connector.store.kit import Tenant, tenant


@pytest.fixture
def alice(database: Database) -> Tenant:
    return tenant(database, "alice")


def account(id_: str = "a1", **fields: Any) -> Record:
    return Record("account", id_, {"name": "Globex", "website": "https://globex.com"} | fields, owner_id="u1")


def lead(id_: str = "l1", kind: Kind = "lead", **fields: Any) -> Record:
    return Record(kind, id_, {"email": "kim@globex.com", "last_name": "Kim", "company": "Globex"} | fields)


@contextmanager
def index(database: Database, who: Tenant) -> Iterator[Index]:
    with database.write() as connection:
        yield Index(connection, who.id, who.seal)


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, int]]]:
    """Collect (first word and table, rows) of what the database is told inside the block."""
    found: list[tuple[str, int]] = []

    def note(_connection: Any, _cursor: Any, said: str, values: Any, _context: Any, many: bool) -> None:  # noqa: FBT001
        table = next((name for name in ("index_entry", "index_key") if name in said), "")
        if table:
            found.append((f"{said.split(None, 1)[0]} {table}", len(values) if many else 1))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def keys_of(database: Database, who: Tenant) -> set[tuple[int, str, str]]:
    with database.read() as connection:
        query = select(key.c.hash, key.c.kind, key.c.record_id).where(key.c.install_id == who.id)
        return {(row.hash, row.kind, row.record_id) for row in connection.execute(query)}


def test_what_is_put_can_be_got_and_removed(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account("a1"), account("a2", name="Initech"), lead("a1")])
        assert mine.get("account", ["a1", "a2", "a3"]) == {"a1": account("a1"), "a2": account("a2", name="Initech")}
        assert (mine.count("account"), mine.count("lead"), mine.count("contact")) == (2, 1, 0)
        mine.remove("account", ["a1", "a3"])
        assert mine.get("account", ["a1", "a2"]) == {"a2": account("a2", name="Initech")}
        assert mine.get("lead", ["a1"]) == {"a1": lead("a1")}, "of one id, another kind"
        mine.remove("account", ["a2"])
        mine.remove("lead", ["a1"])
    assert keys_of(database, alice) == set()


def test_only_keys_that_changed_are_written(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account("a1"), account("a2", name="Initech", website="initech.example")])
    before = keys_of(database, alice)
    with statements(database) as said, index(database, alice) as mine:
        mine.put([account("a1"), account("a2", name="Initech", website="initech.example")])
    assert {each.split()[0] for each, _ in said} == {"SELECT"}, "nothing changed, nothing written"
    with statements(database) as said, index(database, alice) as mine:
        mine.put([account("a1", city="Springfield"), account("a2", name="Initech", website="initech.test")])
    after = keys_of(database, alice)
    assert len(before - after) == len(after - before) == 1, "one domain for another"
    assert dict(said)["INSERT index_key"] == 1
    assert sum(rows for each, rows in said if each == "INSERT index_entry") == 2


def test_an_update_can_be_worked_out_in_one_transaction_and_written_in_another(
    database: Database, alice: Tenant
) -> None:
    with index(database, alice) as mine:
        mine.put([account("a1")])
    with database.read() as connection:
        prepared = Index(connection, alice.id, alice.seal).prepare([account("a1", website="initech.example")])
    with index(database, alice) as mine:
        assert mine.get("account", ["a1"]) == {"a1": account("a1")}, "nothing is written yet"
        mine.write(prepared)
        assert mine.get("account", ["a1"]) == {"a1": account("a1", website="initech.example")}
    written = keys_of(database, alice)
    with index(database, alice) as mine:
        mine.remove("account", ["a1"])
        mine.put([account("a1", website="initech.example")])
    assert keys_of(database, alice) == written


def test_the_last_of_two_copies_in_one_batch_wins(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account("a1"), account("a1", name="Initech", website="")])
        assert mine.get("account", ["a1"])["a1"].text("name") == "Initech"
        assert mine.accounts([lead()]) == {"l1": []}


def test_the_accounts_of_a_lead_are_those_that_share_the_most(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        near, far = account("near"), account("far", name="Globex Garden Centre", website="")
        mine.put([far, near, account("other", name="Initech", website="initech.example"), lead("x"), lead("y")])
        found = mine.accounts([lead(), lead("l2", email="a@initech.example", company=""), lead("l3", email="")])
        assert [each.id for each in found["l1"]] == ["near", "far"]
        assert [each.id for each in found["l2"]] == ["other"]
        assert [each.id for each in found["l3"]] == ["near", "far"]
        assert mine.accounts([]) == {}
        assert mine.accounts([lead("bare", email="", company="", last_name="")]) == {"bare": []}


def test_the_linked_account_is_a_candidate_whatever_it_shares(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account("a1"), account("linked", name="Initech", website="initech.example")])
        found = mine.accounts([lead(account_id="linked"), lead("l2", account_id="a1"), lead("l3", account_id="gone")])
    assert [each.id for each in found["l1"]] == ["linked", "a1"]
    assert [each.id for each in found["l2"]] == ["a1"], "once, not twice"
    assert [each.id for each in found["l3"]] == ["a1"], "one that the index does not know is left out"


def test_people_are_other_leads_and_contacts(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([lead("l1"), lead("l2", email="KIM@globex.com "), lead("c1", "contact"), account("a1")])
        mine.put([lead("l9", email="somebody@else.example", last_name="Else", company="Else")])
        found = mine.people([lead("l1")])
    assert {(each.kind, each.id) for each in found["l1"]} == {("lead", "l2"), ("contact", "c1")}


@pytest.mark.parametrize(("sharing", "found"), [(KEY_CAP, CANDIDATES), (KEY_CAP + 1, 0)])
def test_a_key_that_too_many_share_says_nothing(database: Database, alice: Tenant, sharing: int, found: int) -> None:
    with index(database, alice) as mine:
        mine.put([account(f"a{number:03}", name="", website="globex.com") for number in range(sharing)])
        got = mine.accounts([lead(company="")])["l1"]
    assert len(got) == found
    assert [each.id for each in got] == [f"a{number:03}" for number in range(found)], "the same ones each time"


def test_the_cap_counts_the_kinds_that_are_asked_for(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([lead(f"l{number:03}", email="info@globex.com") for number in range(KEY_CAP + 1)])
        mine.put([account("a1", name="", website="globex.com")])
        assert [each.id for each in mine.accounts([lead("new")])["new"]] == ["a1"]


def test_a_batch_of_leads_asks_no_more_often_than_one(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account(f"a{number}", name=f"Firm {number}", website=f"f{number}.example") for number in range(60)])
    leads = [lead(f"l{number}", email=f"x@f{number}.example", company="") for number in range(60)]
    with statements(database) as one, index(database, alice) as mine:
        mine.accounts(leads[:1])
    with statements(database) as many, index(database, alice) as mine:
        found = mine.accounts(leads)
    assert len(one) == len(many) == 2
    assert {lead_id: each[0].id for lead_id, each in found.items()} == {f"l{n}": f"a{n}" for n in range(60)}


def test_a_batch_of_a_thousand_goes_in_and_out(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account(f"a{n}", name=f"Firm {n}", website=f"f{n}.example") for n in range(1000)])
        assert mine.count("account") == 1000
        mine.remove("account", [f"a{n}" for n in range(1000)])
        assert mine.count("account") == 0
    assert keys_of(database, alice) == set()


def test_charlie_finds_nothing_of_alice_under_the_same_ids(database: Database, alice: Tenant) -> None:
    bob, charlie = tenant(database, "bob"), tenant(database, "charlie")
    for who in (alice, bob):
        with index(database, who) as mine:
            mine.put([account("a1"), lead("l1")])
    assert not {each[0] for each in keys_of(database, alice)} & {each[0] for each in keys_of(database, bob)}
    with index(database, charlie) as his:
        assert his.accounts([lead(account_id="a1")]) == {"l1": []}
        assert his.people([lead("l9")]) == {"l9": []}
        assert his.get("account", ["a1"]) == {}
        his.remove("account", ["a1"])
        his.put([account("a1", name="Charlie's")])
    with index(database, alice) as mine:
        assert mine.get("account", ["a1"]) == {"a1": account("a1")}
    with database.read() as connection, pytest.raises(Unreadable):
        Index(connection, alice.id, charlie.seal).get("account", ["a1"])


WORDS = st.sampled_from(["Globex", "Initech", "Umbrella Group", "Müller & Söhne", "", "globex.com"])
DOMAINS = st.sampled_from(["globex.com", "initech.example", "", "umbrella.co.uk", "gmail.com"])
RECORDS = st.one_of(
    st.builds(lambda n, a, w: account(n, name=a, website=w), st.sampled_from("ab"), WORDS, DOMAINS),
    st.builds(
        lambda n, k, c, d: lead(n, k, company=c, email=f"kim@{d}" if d else ""),
        st.sampled_from("xy"),
        st.sampled_from(["lead", "contact"]),
        WORDS,
        DOMAINS,
    ),
)
STEPS = st.lists(st.one_of(st.lists(RECORDS, max_size=3), st.sampled_from([*"abxy"])), max_size=6)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[Database, Tenant]]:
    """One store for all examples; each empties the index first."""
    path = tmp_path_factory.mktemp("index") / "store.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    made = Database(f"sqlite:///{path}")
    yield made, tenant(made, "alice")
    made.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_an_index_that_was_updated_equals_one_built_anew(
    store: tuple[Database, Tenant], steps: list[list[Record] | str]
) -> None:
    database, who = store
    final: dict[tuple[str, str], Record] = {}
    with database.write() as connection:
        for table in (entry, key):
            connection.execute(delete(table))
        mine = Index(connection, who.id, who.seal)
        for step in steps:
            if isinstance(step, str):
                kinds: tuple[Kind, ...] = ("account", "lead", "contact")
                for kind in kinds:
                    mine.remove(kind, [step])
                    final.pop((kind, step), None)
            else:
                mine.put(step)
                final |= {(each.kind, each.id): each for each in step}
    updated = keys_of(database, who)
    with database.write() as connection:
        assert connection.execute(select(func.count()).select_from(entry)).scalar_one() == len(final)
        for table in (entry, key):
            connection.execute(delete(table))
        Index(connection, who.id, who.seal).put(final.values())
    assert updated == keys_of(database, who)
