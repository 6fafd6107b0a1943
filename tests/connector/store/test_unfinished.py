"""Decisions that are not done yet: a retry resumes, only people bring back what was refused."""

from __future__ import annotations

from connector.store import ledger, unfinished
from connector.store.base import Database
from connector.store.ledger import Entry
from tests.connector.store.kit import NOW, Tenant, after, decision, intend, stored


def test_unfinished_decisions_tell_whom_they_give_their_leads(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("open"), decision("done", "l2"), decision("kept", "l3", actions=()))
    with database.write() as connection:
        unfinished.settle(connection, alice.id, ["done"], now=NOW)
        assert unfinished.given(connection, alice.id, alice.seal) == {"l1": "u1"}


def test_a_decision_is_superseded_by_a_newer_one_about_its_lead(
    database: Database, alice: Tenant, charlie: Tenant
) -> None:
    intend(database, alice, decision("old"), decision("other", "l2"))
    intend(database, charlie, decision("theirs", "l2"), now=after(seconds=1))
    with database.read() as connection:
        assert unfinished.superseded(connection, alice.id, ["old", "other"]) == set()
    intend(database, alice, decision("new"), now=after(seconds=1))
    with database.read() as connection:
        assert unfinished.superseded(connection, alice.id, ["old", "other", "new"]) == {"old"}


def test_unfinished_are_those_whose_time_has_come_oldest_first(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("b", "l9"), decision("a"), now=NOW)
    intend(database, alice, decision("old", "l0"), now=after(minutes=-1))
    intend(database, alice, decision("late", "l2"), decision("done", "l3"), now=NOW)
    with database.write() as connection:
        unfinished.settle(connection, alice.id, ["done"], now=NOW)
        unfinished.postpone(connection, alice.id, ["late"], until=after(minutes=1), reason="busy", failed=False)
    with database.read() as connection:

        def due(minutes: int, limit: int = 9) -> list[str]:
            now = after(minutes=minutes)
            found, unreadable = unfinished.due(connection, alice.id, alice.seal, now=now, limit=limit)
            assert unreadable == []
            return [each.decision.key for each in found]

        assert due(0) == ["old", "a", "b"]
        assert due(0, limit=1) == ["old"]
        assert due(1) == ["old", "a", "b", "late"]
        assert unfinished.leads(connection, alice.id) == {"l0", "l1", "l2", "l9"}, "due or not"
        assert unfinished.installs(connection, now=NOW) == [alice.id]
        assert unfinished.installs(connection, now=after(minutes=-5)) == []


def test_a_failure_of_ours_counts_and_a_busy_crm_does_not(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision())
    for failed in (True, False, True):
        with database.write() as connection:
            unfinished.postpone(connection, alice.id, ["d1"], until=NOW, reason="again", failed=failed)
    assert (stored(database, alice).attempts, stored(database, alice).reason) == (2, "again")


def test_a_parked_decision_is_intended_again_with_only_the_refused_actions_open(
    database: Database, alice: Tenant
) -> None:
    intend(database, alice, decision(), decision("d2"), decision("fine"))
    lines = [("d1", "assign", Entry("refused")), ("d1", "audit", Entry("done")), ("d2", "task", Entry("refused"))]
    with database.write() as connection:
        ledger.record(connection, alice.id, lines, now=NOW)
        ledger.record(connection, alice.id, [("fine", "task", Entry("refused"))], now=NOW)
        unfinished.postpone(connection, alice.id, ["d1"], until=after(days=1), reason="", failed=True)
        unfinished.park(connection, alice.id, {"d1": "No.", "d2": "No."})
        assert unfinished.retry_parked(connection, alice.id, now=after(hours=1), key="d1") == 1
        assert unfinished.retry_parked(connection, alice.id, now=after(hours=1), key="d1") == 0
        due, _ = unfinished.due(connection, alice.id, alice.seal, now=after(hours=1), limit=9)
    assert {each.decision.key for each in due} == {"d1", "fine"}
    again = stored(database, alice)
    assert (again.state, again.attempts, again.reason, again.ledger) == ("intended", 0, "", {"audit": Entry("done")})
    assert stored(database, alice, "d2").state == "parked"
    with database.write() as connection:
        assert unfinished.retry_parked(connection, alice.id, now=NOW) == 1
    assert stored(database, alice, "d2").ledger == {}
    assert stored(database, alice, "fine").ledger == {"task": Entry("refused")}, "it was not parked"
