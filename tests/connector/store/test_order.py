"""What came after what, and what is deleted when nothing tells of it any more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.store import assignments, decisions, progress, timers, unfinished
from connector.store.assignments import Assignment, Ending
from connector.store.base import Database
from connector.store.timers import Waiting
from tests.connector.store.kit import NOW, Tenant, after, decision, intend, stored

GIVEN = Assignment("d1", "l1", "u1", None, "Everyone", "act", NOW)


def test_a_later_decision_is_the_younger_one_whatever_the_clock_says(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("k1"), decision("other", "l2"), now=NOW)
    intend(database, alice, decision("k2"), decision("another", "l3"), now=after(seconds=-30))
    intend(database, alice, decision("k3"), now=after(seconds=-20))
    intend(database, alice, decision("k4"), now=after(seconds=30))
    moments = [stored(database, alice, key).created_at - NOW for key in ("k1", "k2", "k3", "k4", "another")]
    tick = timedelta(microseconds=1)
    assert moments == [0 * tick, tick, 2 * tick, timedelta(seconds=30), timedelta(seconds=-30)]
    with database.read() as connection:
        assert decisions.latest(connection, alice.id, alice.seal, ["l1"])["l1"].key == "k4"
        due, _ = unfinished.due(connection, alice.id, alice.seal, now=NOW, limit=9)
    assert "k2" in {each.decision.key for each in due}, "its time is now"


def test_two_decisions_of_a_lead_in_one_batch_have_an_order(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("b"), decision("a"), now=NOW)
    with database.read() as connection:
        assert unfinished.superseded(connection, alice.id, ["a", "b"]) == {"b"}


def test_an_unfinished_decision_can_be_stored_as_what_came_of_it(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("d1"))
    with database.write() as connection:
        unfinished.amend(connection, alice.id, alice.seal, decision("d1", outcome="kept", actions=()))
    assert (stored(database, alice).decision.outcome, stored(database, alice).decision.actions) == ("kept", ())
    with database.write() as connection:
        unfinished.settle(connection, alice.id, ["d1"], now=NOW)
        unfinished.amend(connection, alice.id, alice.seal, decision("d1", outcome="ignored"))
    assert stored(database, alice).decision.outcome == "kept", "what is settled stays"


@pytest.mark.parametrize("ending", ["replaced", "timed out", "gone", "converted"])
def test_what_the_lead_did_does_not_hide_what_a_person_said(database: Database, alice: Tenant, ending: Ending) -> None:
    with database.write() as connection:
        assignments.add(connection, alice.id, [GIVEN])
        assert assignments.end(connection, alice.id, "d1", "rejected", now=NOW, gives_back=True)
        assert not assignments.end(connection, alice.id, "d1", ending, now=after(minutes=1), gives_back=True)
        (row,) = assignments.of_leads(connection, alice.id, ["l1"], mode="act")["l1"]
    assert (row.ending, row.ended_at, row.credit) == ("rejected", NOW, "due")


@pytest.mark.parametrize("ending", ["rejected", "undone", "merged"])
def test_what_a_person_did_is_told_of_what_had_ended(database: Database, alice: Tenant, ending: Ending) -> None:
    with database.write() as connection:
        assignments.add(connection, alice.id, [GIVEN])
        assignments.end(connection, alice.id, "d1", "gone", now=NOW)
        assert assignments.end(connection, alice.id, "d1", ending, now=after(minutes=1), gives_back=True)
        (row,) = assignments.of_leads(connection, alice.id, ["l1"], mode="act")["l1"]
    assert (row.ending, row.ended_at, row.credit) == (ending, NOW, "due")


def test_an_open_assignment_goes_when_nothing_tells_of_it_any_more(
    database: Database, alice: Tenant, charlie: Tenant
) -> None:
    rows = [Assignment(f"d{n}", f"l{n}", "u1", None, "", "act", NOW) for n in range(4)]
    intend(database, alice, decision("d0", "l0"))
    intend(database, charlie, decision("d2", "l2"))
    with database.write() as connection:
        assignments.add(connection, alice.id, rows)
        timers.add(connection, alice.id, [Waiting("late", 0, "l1", "remind", NOW)], now=NOW)
        timers.add(connection, charlie.id, [Waiting("late", 0, "l3", "remind", NOW)], now=NOW)
        assert assignments.purge(connection, before=NOW) == 0, "not older"
        assert assignments.purge(connection, before=after(days=1)) == 2
        assert set(assignments.of_leads(connection, alice.id, ["l0", "l1", "l2", "l3"], mode="act")) == {"l0", "l1"}


def test_parked_decisions_have_an_end_of_their_own(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("d1"), decision("d2", "l2"))
    with database.write() as connection:
        unfinished.park(connection, alice.id, {"d1": "No."})
        assert decisions.purge(connection, before=after(days=1)) == 0
        assert decisions.purge(connection, before=after(days=1), state="parked") == 1
    assert stored(database, alice, "d2").state == "intended"


def test_only_finished_work_of_that_name_is_deleted(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        for name, state in (("undo:1", "done"), ("undo:2", "failed"), ("undo:3", "running"), ("undone", "done")):
            progress.start(connection, alice.id, name, now=NOW)
            progress.move(connection, alice.id, name, now=NOW, state=state)
        assert progress.purge(connection, before=NOW, prefix="undo:") == 0
        assert progress.purge(connection, before=after(days=1), prefix="undo:") == 2
        assert [each.name for each in progress.of(connection, alice.id)] == ["undo:3", "undone"]


def test_an_idle_timer_keeps_its_note_and_the_moment_it_counts_from(database: Database, alice: Tenant) -> None:
    idle = Waiting("d1", 0, "l1", "idle", after(days=3))
    with database.write() as connection:
        timers.add(connection, alice.id, [idle, Waiting("d1", 1, "l1", "tell", after(days=1))], now=NOW)
        assert timers.stop(connection, alice.id, ["l1"], "task done", now=NOW, spare="idle") == 1
        timers.delay(connection, alice.id, idle, until=after(days=4), now=after(days=1), reason="task done, 0")
        timers.delay(connection, alice.id, idle, until=after(days=5), now=after(days=2))
        found = [each for each in timers.of_lead(connection, alice.id, "l1") if each.kind == "idle"]
    assert [(each.reason, each.changed_at, each.due_at) for each in found] == [
        ("task done, 0", after(days=1), after(days=5))
    ]


def test_leads_that_wait_are_asked_about_only_when_there_are_any(
    database: Database, alice: Tenant, charlie: Tenant
) -> None:
    with database.write() as connection:
        timers.add(connection, alice.id, [Waiting("d1", 0, "l1", "ask", NOW)], now=NOW)
        for who in (alice, charlie):
            timers.ask_all(connection, who.id, now=NOW)
        assert [each.name for each in progress.of(connection, alice.id)] == [timers.ASK_ALL]
        assert progress.of(connection, charlie.id) == []
