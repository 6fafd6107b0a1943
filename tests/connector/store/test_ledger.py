"""The ledger: a line goes from begun to an outcome and never back."""

from __future__ import annotations

import pytest

from connector.store import ledger, unfinished
from connector.store.base import Database
from connector.store.ledger import Entry
from tests.connector.store.kit import NOW, Tenant, decision, intend, stored


def test_the_ledger_goes_from_begun_to_an_outcome_and_never_back(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision())
    with database.write() as connection:
        ledger.begin(connection, alice.id, [("d1", "assign"), ("d1", "task"), ("d1", "audit")], now=NOW)
    assert {each.state for each in stored(database, alice).ledger.values()} == {"begun"}
    lines = [("d1", "assign", Entry("done", "001")), ("d1", "task", Entry("refused", "", "No."))]
    with database.write() as connection:
        ledger.record(connection, alice.id, lines, now=NOW)
        ledger.begin(connection, alice.id, [("d1", "assign"), ("d1", "task")], now=NOW)
        ledger.forget_begun(connection, alice.id, [("d1", "assign"), ("d1", "task"), ("d1", "audit")])
    assert stored(database, alice).ledger == {"assign": Entry("done", "001"), "task": Entry("refused", "", "No.")}


def test_what_is_forgotten_is_only_what_was_named(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision(), decision("d2"))
    pairs = [("d1", "assign"), ("d1", "task"), ("d2", "assign")]
    with database.write() as connection:
        ledger.begin(connection, alice.id, pairs, now=NOW)
        ledger.forget_begun(connection, alice.id, [("d1", "assign")])
    assert set(stored(database, alice).ledger) == {"task"}
    assert set(stored(database, alice, "d2").ledger) == {"assign"}


def test_the_crms_words_are_cut_to_what_fits(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision())
    with database.write() as connection:
        ledger.record(connection, alice.id, [("d1", "task", Entry("refused", "r" * 9000, "é" * 3000))], now=NOW)
        unfinished.park(connection, alice.id, {"d1": "é" * 3000})
    found = stored(database, alice)
    assert found.ledger["task"] == Entry("refused", "r" * 9000, "é" * 1000), "what became of a merge has room"
    assert found.reason == "é" * 1000


def test_a_ledger_line_without_its_decision_is_refused(database: Database, alice: Tenant) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.write() as connection:
        ledger.begin(connection, alice.id, [("nobody", "assign")], now=NOW)
