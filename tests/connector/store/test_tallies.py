"""Tallies: what was counted is there by the half hour, adds up, and cannot be read without the install's key."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from connector.store import counting, tallies
from connector.store.base import Database
from connector.store.decisions import Stored
from connector.store.ledger import Entry
from connector.store.tallies import Label, tally
from rules.model import Candidate, Filtered, Match, Outcome, Record, Turn
from tests.connector.store.kit import ANA, NOW, Tenant, after, decision, tenant

WEB: Label = ("source", "Web", "matched")


def add(database: Database, who: Tenant, moment: datetime, **counts: int) -> None:
    with database.write() as connection:
        tallies.add(connection, who.id, who.seal, [(moment, {("rule", name): count for name, count in counts.items()})])


def found(database: Database, who: Tenant) -> dict[datetime, dict[Label, int]]:
    with database.read() as connection:
        kept = tallies.read(connection, who.id, who.seal, since=after(days=-9), until=after(days=9))
        return {start: dict(tallies.labelled(counts)) for start, counts in kept}


def test_what_is_counted_twice_in_a_half_hour_adds_up(database: Database) -> None:
    alice = tenant(database, "alice")
    add(database, alice, NOW, Web=1, Fair=2)
    add(database, alice, after(minutes=29), Web=3)
    add(database, alice, after(minutes=30), Web=5)
    assert found(database, alice) == {
        NOW: {("rule", "Web"): 4, ("rule", "Fair"): 2},
        after(minutes=30): {("rule", "Web"): 5},
    }


def test_nobody_sees_what_another_tenant_counted(database: Database) -> None:
    alice, bob = tenant(database, "alice"), tenant(database, "bob")
    add(database, alice, NOW, Web=1)
    add(database, bob, NOW, Web=7)
    assert found(database, alice) == {NOW: {("rule", "Web"): 1}}
    with database.read() as connection:
        assert tallies.first(connection, alice.id) == NOW


def test_names_in_any_script_come_back_as_they_were(database: Database) -> None:
    alice = tenant(database, "alice")
    names = ["Zürich → São Paulo", "日本 営業", "عملاء", "half \ud83d of one", "a\tb\nc", ""]
    with database.write() as connection:
        tallies.add(connection, alice.id, alice.seal, [(NOW, {("rule", name): 1 for name in names})])
    assert {label[1] for label in found(database, alice)[NOW]} == {" ".join(name.split()) for name in names}


def test_what_is_counted_cannot_be_read_in_the_database(database: Database) -> None:
    alice = tenant(database, "alice")
    add(database, alice, NOW, Birdcage=1)
    with database.read() as connection:
        assert b"Birdcage" not in bytes(connection.execute(select(tally.c.sealed)).scalar_one())


def test_a_damaged_half_hour_counts_nothing_and_holds_up_nobody(database: Database) -> None:
    alice = tenant(database, "alice")
    add(database, alice, NOW, Web=1)
    with database.write() as connection:
        connection.execute(update(tally).values(sealed=b"damaged"))
    assert found(database, alice) == {NOW: {}}
    add(database, alice, NOW, Web=2)
    assert found(database, alice) == {NOW: {("rule", "Web"): 2}}


def test_a_field_that_says_something_else_of_every_lead_fills_no_row(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "MOST_LABELS", 3)
    alice = tenant(database, "alice")
    with database.write() as connection:
        many: dict[Label, int] = {("source", f"s{number}", "none"): 1 for number in range(9)}
        tallies.add(connection, alice.id, alice.seal, [(NOW, many)])
    assert found(database, alice)[NOW] == {
        ("source", "s0", "none"): 1,
        ("source", "s1", "none"): 1,
        ("source", "s2", "none"): 1,
        ("source", "…", "none"): 6,
    }


def stored(key: str = "d1", *, part_of: str = "", **changes: Any) -> Stored:
    ledger = {"assign": Entry("done"), "task": Entry("done", "t1"), "audit": Entry("done")}
    made = decision(key, **changes)
    return Stored(made, "settled", (), ledger, 0, "", "", NOW, after(seconds=4), part_of)


ACME = Candidate("a1", "Acme", None, 0.9)
LEAD = Record("lead", "l1", {"email": "kim@globex.example", "company": "Globex", "source": "Web"})


def test_a_lead_that_was_given_counts_with_all_that_reports_ask() -> None:
    turn = Turn("Everyone", "u1", {}, {})
    made = stored(lead=LEAD, match=Match("matched", ACME), route=replace(decision().route, turn=turn))
    assert counting.of_decision(made) == Counter(
        {
            ("outcome", "assigned"): 1,
            ("rule", "Everyone"): 1,
            WEB: 1,
            ("taker", "assigned", ANA.id, ANA.name): 1,
            ("pool", "Everyone"): 1,
            ("speed", "5"): 1,
        }
    )
    assert counting.SPEEDS[5] == 4, "four seconds, and not more"


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"outcome": "waiting"}, {("outcome", "waiting")}),
        ({"outcome": "ignored"}, {("outcome", "ignored")}),
        ({"outcome": "undone"}, {("outcome", "undone")}),
        ({"outcome": "reminded", "part_of": "d0"}, {("outcome", "reminded")}),
        ({"key": "l1-0123456789abm-0123456789ab", "outcome": "merged"}, {("outcome", "merged")}),
        ({"outcome": "observed", "mode": "observe"}, {
            ("outcome", "observed"), ("rule", "Everyone"), ("source", "", "none"), ("unmatched", "nothing in common"),
            ("taker", "observed", "u1", "Ana Diaz"),
        }),
    ],
)  # fmt: skip
def test_what_gave_nobody_a_lead_counts_by_its_outcome(changes: dict[str, str], counts: set[Label]) -> None:
    assert set(counting.of_decision(stored(**changes))) == counts


@pytest.mark.parametrize(
    ("fields", "match", "why"),
    [
        ({"email": "kim@gmail.com"}, Match("none"), "unknown company"),
        ({"email": "kim@gmail.com", "company": "n/a"}, Match("none"), "unknown company"),
        ({}, Match("none"), "unknown company"),
        ({"email": "kim@globex.example"}, Match("none"), "nothing in common"),
        ({"company": "Globex"}, Match("none"), "nothing in common"),
        ({"company": "Globex"}, Match("none", runners_up=(ACME,)), "unlikely"),
        ({"company": "Globex"}, Match("none", filtered=(Filtered("a1", "Acme", "closed"),)), "left out"),
        ({"company": "Globex"}, Match("review", ACME), "review"),
        ({"company": "Globex"}, Match("matched", ACME), None),
    ],
)
def test_why_a_lead_found_no_account_is_one_of_a_few_words(
    fields: dict[str, str], match: Match, why: str | None
) -> None:
    made = decision(lead=Record("lead", "l1", fields), match=match)
    assert counting.why_unmatched(made) == why


def test_who_was_never_reached_has_no_speed() -> None:
    overtaken = replace(stored(), ledger={"assign": Entry("refused"), "audit": Entry("done")})
    assert not [label for label in counting.of_decision(overtaken) if label[0] == "speed"]


@pytest.mark.parametrize(("outcome", "speed"), [("suggested", True), ("kept", False), ("refused", False)])
def test_only_what_somebody_knows_of_has_a_speed(outcome: Outcome, speed: bool) -> None:  # noqa: FBT001 - a case
    assert any(label[0] == "speed" for label in counting.of_decision(stored(outcome=outcome))) == speed


def test_a_half_hour_begins_on_the_half_hour() -> None:
    moment = datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC)
    assert tallies.slot(moment) == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert tallies.slot(moment + timedelta(microseconds=1)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
