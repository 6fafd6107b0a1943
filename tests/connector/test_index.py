"""The match index: only what changed is written, an update equals a new build, people find people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event

from connector.index import PEOPLE, PEOPLE_CAP, Index
from connector.store.base import Database
from connector.store.postings import book, contact, count, entry, fresh, key
from connector.store.seal import Unreadable
from rules.matching.ranking import Shortlist, rank
from rules.model import Kind, Record
from tests.connector.kit import account, ids, index, lead, rows_of
from tests.connector.store.kit import Tenant, tenant

EMPTY: dict[str, list[Any]] = {
    "entries": [], "index_key": [], "index_fresh": [], "index_count": [], "index_contact": []
}  # fmt: skip


@pytest.fixture
def alice(database: Database) -> Tenant:
    return tenant(database, "alice")


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, int]]]:
    """Collect (first word and table, rows) of what the database is told inside the block."""
    found: list[tuple[str, int]] = []

    def note(_connection: Any, _cursor: Any, said: str, values: Any, _context: Any, many: bool) -> None:  # noqa: FBT001
        words = said.replace("(", " ").split()
        table = next((word for word in words if word.startswith("index_")), "")
        if table:
            some = len(values) if many else max([1, *(len(each) for each in values if isinstance(each, list))])
            found.append((f"{words[0]} {table}", some))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


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
        assert mine.count("account") == 0
    assert rows_of(database, alice) == EMPTY


def test_only_keys_that_changed_are_written(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account("a1"), account("a2", name="Initech", website="initech.example")])
    before = rows_of(database, alice)
    with statements(database) as said, index(database, alice) as mine:
        mine.put([account("a1"), account("a2", name="Initech", website="initech.example")])
    assert {each.split()[0] for each, _ in said} == {"SELECT"}, "nothing changed, nothing written"
    with statements(database) as said, index(database, alice) as mine:
        mine.put([account("a1", employees=9), account("a2", name="Initech", website="initech.test")])
    after = rows_of(database, alice)
    gone, new = ({*one["index_key"]} - {*other["index_key"]} for one, other in ((before, after), (after, before)))
    assert {each[2] for each in gone | new} == {"a2"}
    assert 1 <= len(new) == len(gone) < 6, "its domain, and nothing of its name"
    assert dict(said)["INSERT index_key"] == len(new)
    assert dict(said)["INSERT index_entry"] == 2


def test_an_account_that_moves_is_tagged_anew(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account(city="Springfield", country="US")])
    before = rows_of(database, alice)["index_key"]
    with index(database, alice) as mine:
        mine.put([account(city="Shelbyville", country="US")])
    after = rows_of(database, alice)["index_key"]
    assert len({each[3] for each in before}) == len({each[3] for each in after}) == 1
    assert {each[3] for each in before} != {each[3] for each in after}


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
    written = rows_of(database, alice)
    with index(database, alice) as mine:
        mine.remove("account", ["a1"])
        mine.put([account("a1", website="initech.example")])
    assert rows_of(database, alice) == written


def test_the_last_of_two_copies_in_one_batch_wins(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account("a1"), account("a1", name="Initech", website="")])
        assert mine.get("account", ["a1"])["a1"].text("name") == "Initech"
        assert mine.count("account") == 1
        assert ids(mine, lead()) == []


def test_what_a_build_stages_is_found_changed_and_removed_before_it_is_merged(
    database: Database, alice: Tenant
) -> None:
    with index(database, alice) as mine:
        mine.write(mine.prepare([account("a1"), account("a2", name="Initech", website=""), account("a3")]), staged=True)
    before = rows_of(database, alice)
    assert before["index_key"] == []
    staged = len(before["index_fresh"])
    with index(database, alice) as mine:
        assert mine.staged == staged > 0
        assert sorted(ids(mine, lead())) == ["a1", "a3"]
        mine.put([account("a1", name="Umbrella", website="")])
        mine.remove("account", ["a3"])
        assert ids(mine, lead()) == []
        assert ids(mine, lead(company="Umbrella", email="")) == ["a1"]
        assert ids(mine, lead(company="Initech", email="")) == ["a2"]
        assert mine.merge() == mine.staged == 0
        assert ids(mine, lead(company="Initech", email="")) == ["a2"]
    merged = rows_of(database, alice)
    with index(database, alice) as mine:
        mine.remove("account", ["a1", "a2"])
        mine.put([account("a2", name="Initech", website=""), account("a1", name="Umbrella", website="")])
    assert rows_of(database, alice) == merged
    assert merged["index_fresh"] == []


def test_people_are_other_leads_and_contacts(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([lead("l1"), lead("l2", email="KIM@globex.com "), lead("c1", "contact"), account("a1")])
        mine.put([lead("l9", email="somebody@else.example", last_name="Else", company="Else")])
        found = mine.people([lead("l1"), lead("l7", email="", last_name="")])
    assert {(each.kind, each.id) for each in found["l1"]} == {("lead", "l2"), ("contact", "c1")}
    assert found["l7"] == []


@pytest.mark.parametrize(("sharing", "found"), [(PEOPLE_CAP, PEOPLE), (PEOPLE_CAP + 1, 0)])
def test_a_mailbox_that_too_many_share_says_nothing(
    database: Database, alice: Tenant, sharing: int, found: int
) -> None:
    with index(database, alice) as mine:
        mine.put([lead(f"l{number:03}", email="info@globex.com") for number in range(sharing)])
        got = mine.people([lead("new", email="info@globex.com")])["new"]
    assert len(got) == found


def test_a_batch_of_a_thousand_goes_in_and_out(database: Database, alice: Tenant) -> None:
    with index(database, alice) as mine:
        mine.put([account(f"a{n}", name=f"Firm {n}", website=f"f{n}.example") for n in range(1000)])
        assert mine.count("account") == 1000
        mine.remove("account", [f"a{n}" for n in range(1000)])
        assert mine.count("account") == 0
    assert rows_of(database, alice) == EMPTY


def test_charlie_finds_nothing_of_alice_under_the_same_ids(database: Database, alice: Tenant) -> None:
    bob, charlie = tenant(database, "bob"), tenant(database, "charlie")
    for who in (alice, bob):
        with index(database, who) as mine:
            mine.put([account("a1"), lead("l1")])
    hashes = [{each[0] for each in rows_of(database, who)["index_key"]} for who in (alice, bob)]
    assert not hashes[0] & hashes[1], "each install has its own"
    with index(database, charlie) as his:
        assert ids(his, lead(account_id="a1")) == []
        assert his.people([lead("l9")]) == {"l9": []}
        assert his.get("account", ["a1"]) == {}
        his.remove("account", ["a1"])
        his.put([account("a1", name="Charlie's")])
    with index(database, alice) as mine:
        assert mine.get("account", ["a1"]) == {"a1": account("a1")}
    with index(database, alice, charlie.seal) as stolen, pytest.raises(Unreadable):
        stolen.get("account", ["a1"])


NAMES = st.sampled_from(["Globex", "Globex Garden", "Initech", "Umbrella Group", "Müller & Söhne", "", "globex.com"])
DOMAINS = st.sampled_from(["globex.com", "initech.example", "", "umbrella.co.uk", "gmail.com"])
CITIES = st.sampled_from(["", "Springfield", "Shelbyville"])
RECORDS = st.one_of(
    st.builds(lambda n, a, w, c: account(n, name=a, website=w, city=c), st.sampled_from("ab"), NAMES, DOMAINS, CITIES),
    st.builds(
        lambda n, k, c, d, a: lead(n, k, company=c, email=f"kim@{d}" if d else "", account_id=a),
        st.sampled_from("xy"),
        st.sampled_from(["lead", "contact"]),
        NAMES,
        DOMAINS,
        st.sampled_from(["", "a", "b"]),
    ),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["put", "stage"]), st.lists(RECORDS, max_size=3)),
        st.tuples(st.just("remove"), st.sampled_from([*"abxy"])),
        st.tuples(st.just("merge"), st.none()),
    ),
    max_size=6,
)
ALL: tuple[Kind, ...] = ("account", "lead", "contact")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[tuple[Database, Tenant]]:
    """One store for all examples; each empties the index first."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("index") / "store.sqlite"
        path.write_bytes(sqlite_template.read_bytes())
        made = Database(f"sqlite:///{path}")
        event.listen(made.engine, "connect", lambda opened, _record: opened.execute("PRAGMA synchronous=OFF"))
        yield made, tenant(made, "alice")
        made.close()
    else:
        made = request.getfixturevalue("postgres_store")
        yield made, tenant(made, "property")


def rebuilt(database: Database, who: Tenant, records: list[Record]) -> dict[str, list[Any]]:
    """Empty the index, put these records, and return what is there."""
    with database.write() as connection:
        for table in (entry, key, fresh, count, contact, book):
            connection.execute(delete(table))
        Index(connection, who.id, who.seal).put(records)
    return rows_of(database, who)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.randoms())
def test_an_index_that_was_updated_equals_one_built_anew_in_any_order(
    store: tuple[Database, Tenant], steps: list[tuple[str, Any]], dice: Any
) -> None:
    database, who = store
    rebuilt(database, who, [])
    final: dict[tuple[str, str], Record] = {}
    with database.write() as connection:
        mine = Index(connection, who.id, who.seal)
        for what, some in steps:
            if what == "remove":
                for kind in ALL:
                    mine.remove(kind, [some])
                    final.pop((kind, some), None)
            elif what == "merge":
                mine.merge()
            else:
                mine.write(mine.prepare(some), staged=what == "stage")
                final |= {(each.kind, each.id): each for each in some}
        mine.merge()
    updated = rows_of(database, who)
    asked = [lead("q", company="Globex Garden", city="Springfield"), lead("r", company="Umbrella", email="")]
    with index(database, who) as mine:
        shortlists = mine.accounts(asked)
    again = list(final.values())
    dice.shuffle(again)
    assert updated == rebuilt(database, who, again)
    with index(database, who) as mine:
        assert mine.accounts(asked) == shortlists


ASKED = st.lists(st.tuples(NAMES, DOMAINS, CITIES), min_size=2, max_size=5)
STRANGER = account("z", name="Zyxgorf Quibblewort", website="zyxgorf.example", city="Ulan Bator")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(RECORDS, max_size=6), ASKED, st.randoms())
def test_a_lead_gets_the_same_whoever_else_is_asked_for_and_whoever_is_a_stranger_to_it(
    store: tuple[Database, Tenant], records: list[Record], told: list[tuple[str, str, str]], dice: Any
) -> None:
    database, who = store
    rebuilt(database, who, list({(each.kind, each.id): each for each in records}.values()))
    batch = [
        lead(f"q{place}", company=name, email=f"kim@{domain}" if domain else "", city=city)
        for place, (name, domain, city) in enumerate(told)
    ]
    with index(database, who) as mine:
        alone = {each.id: ranked(mine.accounts([each])[each.id], each) for each in batch}
        dice.shuffle(batch)
        together = mine.accounts(batch)
    assert {each.id: ranked(together[each.id], each) for each in batch} == alone
    with index(database, who) as mine:
        mine.put([STRANGER])
        after = mine.accounts(batch)
    for each in batch:
        assert {side.id for side in after[each.id].profiles} == {side.id for side in together[each.id].profiles}


def ranked(found: Shortlist, asked: Record) -> list[tuple[str, float]]:
    """What a shortlist comes to: each account with its score, best first."""
    return [(each.profile.id, each.score) for each in rank(asked, found)]
