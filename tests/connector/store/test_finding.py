"""Finding decisions by their terms: whole words, in any script and case, newest first, page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from connector.store import aliases, decisions, finding, forgetting, terms, unfinished
from connector.store.base import Database
from connector.store.decisions import Intent
from connector.store.finding import Sought
from connector.store.forgetting import Mentions
from connector.store.terms import Field, term
from rules.model import Candidate, Decision, Match, Record, User
from tests.connector.store.kit import NOW, Tenant, after, decision, tenant


def lead(lead_id: str, **fields: str) -> Record:
    return Record("lead", lead_id, fields)


def intend(database: Database, who: Tenant, *made: Decision, at: datetime = NOW) -> None:
    with database.write() as connection:
        decisions.intend(connection, who.id, who.seal, [Intent(each, ()) for each in made], now=at)


def found(database: Database, who: Tenant, *wanted: tuple[Field, str], **more: object) -> list[str]:
    sought = Sought(tuple(((field, text),) for field, text in wanted), **more)  # type: ignore[arg-type]
    with database.read() as connection:
        return [each.decision.key for each in finding.search(connection, who.id, who.seal, sought, limit=99)]


@pytest.fixture
def alice(database: Database) -> Tenant:
    who = tenant(database, "alice")
    jose = lead("l1", name="José  Núñez-Ångström", email="JOSE@Mail.Globex.Example.COM", company="Globex GmbH & Co. KG")
    yuki = lead("l2", first_name="由紀", last_name="田中", email="yuki@xn--r8jz45g.example", company="ソニー")
    match = Match("matched", Candidate("a1", "Initech Holding", None, 0.9))
    bob = User("u2", "Bob Łukasz", "Bob@Example.com")
    intend(database, who, decision("d1", "l1", lead=jose, match=match))
    route = replace(decision().route, rule="Enterprise  EMEA", assignee=bob)
    intend(database, who, decision("d2", "l2", lead=yuki, route=route, outcome="kept"), at=after(hours=1))
    return who


@pytest.mark.parametrize(
    ("field", "text", "keys"),
    [
        ("email", "jose@mail.globex.example.com", ["d1"]),
        ("domain", "example.com", ["d1"]),
        ("name", "jose", ["d1"]),
        ("name", "angstrom", ["d1"]),
        ("name", "田中", ["d2"]),
        ("company", "globex", ["d1"]),
        ("company", "initech", ["d1"]),
        ("rep", "u2", ["d2"]),
        ("rep", "bob@example.com", ["d2"]),
        ("rep", "bob", ["d2"]),
        ("rule", "enterprise emea", ["d2"]),
        ("outcome", "kept", ["d2"]),
        ("name", "globex", []),
        ("email", "nobody@globex.example", []),
    ],
)
def test_a_decision_is_found_by_each_of_its_words(
    database: Database, alice: Tenant, field: Field, text: str, keys: list[str]
) -> None:
    assert found(database, alice, (field, text)) == keys


def test_all_that_is_given_must_be_so(database: Database, alice: Tenant) -> None:
    assert found(database, alice, ("name", "jose"), ("company", "globex"), ("outcome", "assigned")) == ["d1"]
    assert found(database, alice, ("name", "jose"), ("outcome", "kept")) == []
    assert found(database, alice, ("outcome", "assigned"), leads=("l2",)) == []
    assert found(database, alice, ("outcome", "kept"), leads=("l2",)) == ["d2"]


def test_a_time_begins_with_its_first_moment_and_ends_before_its_last(database: Database, alice: Tenant) -> None:
    assert found(database, alice, since=NOW, until=after(hours=1)) == ["d1"]
    assert found(database, alice, ("outcome", "kept"), since=after(hours=1)) == ["d2"]
    assert found(database, alice, ("outcome", "kept"), until=after(hours=1)) == []


def test_a_state_is_looked_for_alone_and_beside_words(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        unfinished.park(connection, alice.id, {"d1": "No."})
    assert found(database, alice, state="parked") == ["d1"]
    assert found(database, alice, ("name", "jose"), state="parked") == ["d1"]
    assert found(database, alice, ("name", "jose"), state="settled") == []


def test_another_tenant_finds_nothing_of_it(database: Database, alice: Tenant) -> None:
    bob = tenant(database, "bob")
    intend(database, bob, decision("d1", "l1", lead=lead("l1", name="Jose Other")))
    assert found(database, bob, ("company", "globex")) == []
    assert found(database, bob, ("name", "jose")) == ["d1"]
    assert found(database, alice, ("name", "other")) == []


def test_pages_show_each_once_though_a_batch_shares_one_moment(database: Database) -> None:
    who = tenant(database, "alice")
    for batch in range(3):
        made = [decision(f"b{batch}-{each}", f"l{batch}{each}") for each in range(7)]
        intend(database, who, *made, at=after(minutes=batch))
    seen: list[str] = []
    after_: tuple[datetime, str] | None = None
    sought = Sought(((("outcome", "assigned"),),))
    while True:
        with database.read() as connection:
            page = finding.search(connection, who.id, who.seal, sought, limit=4, after=after_)
        if not page:
            break
        seen += [each.decision.key for each in page]
        after_ = page[-1].created_at, page[-1].decision.key
    assert seen == [f"b{batch}-{each}" for batch in (2, 1, 0) for each in range(7)]


def test_what_a_decision_came_to_later_is_found_and_what_it_was_before_is_not(database: Database) -> None:
    who = tenant(database, "alice")
    made = decision("d1")
    intend(database, who, made)
    with database.write() as connection:
        unfinished.amend(connection, who.id, who.seal, replace(made, outcome="kept"))
    assert found(database, who, ("outcome", "kept")) == ["d1"]
    assert found(database, who, ("outcome", "assigned")) == []


def test_a_decision_that_is_stored_again_is_found_once(database: Database) -> None:
    who = tenant(database, "alice")
    intend(database, who, decision("d1"))
    intend(database, who, decision("d1"), at=after(hours=1))
    assert found(database, who, ("rep", "u1")) == ["d1"]


def test_who_is_forgotten_is_found_no_more_and_who_was_merged_still_is(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        aliases.move_lead(connection, alice.id, "l2", "l9")
        forgetting.forget(connection, alice.id, alice.seal, Mentions(frozenset({"l1"})))
    assert found(database, alice, ("name", "jose")) == []
    assert found(database, alice, ("name", "由紀"), ("outcome", "kept")) == ["d2"]
    with database.read() as connection:
        assert [row.decision_key for row in connection.execute(select(term))] == ["d2"]


def test_no_word_can_be_read_and_two_tenants_have_no_mark_in_common(database: Database, alice: Tenant) -> None:
    bob = tenant(database, "bob")
    with database.read() as connection:
        kept = b"".join(bytes(row.marks) for row in connection.execute(select(term)))
    assert b"globex" not in kept.lower()
    assert terms.mark(alice.seal, "name", "jose") in kept
    assert terms.mark(bob.seal, "name", "jose") not in kept


def test_a_name_as_long_as_a_page_is_found_by_its_first_words() -> None:
    whole = " ".join(f"word{number}" for number in range(500))
    made = terms.of_decision(decision(lead=lead("l1", name=whole)))
    assert len(made) == terms.MOST
    assert ("name", "word3") in made


def test_when_each_action_was_done_is_told(database: Database, alice: Tenant) -> None:
    with database.read() as connection:
        assert finding.done_at(connection, alice.id, "d1") == {}
        assert finding.knows(connection, alice.id, ["l1", "nobody"])
        assert not finding.knows(connection, alice.id, ["nobody"])
