"""Assignments, timers and pauses: who has what, what waits for its time, who takes nothing."""

from __future__ import annotations

from dataclasses import replace

from connector.store import assignments, decisions, pauses, timers, unfinished
from connector.store.assignments import Assignment, holding
from connector.store.base import Database
from connector.store.decisions import Intent
from connector.store.timers import Waiting
from tests.connector.store.kit import NOW, Tenant, after, decision, intend

GIVEN = Assignment("d1", "l1", "u1", 7, "Everyone", "act", NOW)
TIMER = Waiting("d1", 0, "l1", "remind", after(minutes=15))


def test_whoever_gets_a_lead_replaces_who_had_it_in_the_same_mode(database: Database, alice: Tenant) -> None:
    later = replace(GIVEN, decision_key="d2", user_id="u2", at=after(hours=1))
    watched = replace(GIVEN, decision_key="d3", mode="observe")
    with database.write() as connection:
        assignments.add(connection, alice.id, [GIVEN, GIVEN, watched, later])
        (first, second) = assignments.of_leads(connection, alice.id, ["l1"], mode="act")["l1"]
        (third,) = assignments.of_leads(connection, alice.id, ["l1"], mode="observe")["l1"]
    assert (first.ending, first.ended_at, holding([first, second])) == ("replaced", after(hours=1), second)
    assert holding([third]) == third


def test_a_turn_is_due_to_go_back_once_however_often_the_assignment_ends(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        assignments.add(connection, alice.id, [GIVEN, replace(GIVEN, decision_key="d2", lead_id="l2", lane="")])
        for key in ("d1", "d2"):
            assert assignments.end(connection, alice.id, key, "rejected", now=NOW, gives_back=True)
        (owed,) = assignments.owed(connection, alice.id, limit=9)
        assert owed.decision_key == "d1", "the other was no turn"
        assignments.credited(connection, alice.id, ["d1"])
        assert assignments.end(connection, alice.id, "d1", "undone", now=after(days=1), gives_back=True)
        assert assignments.owed(connection, alice.id, limit=9) == []
        assert not assignments.end(connection, alice.id, "d9", "undone", now=NOW)


def test_neighbours_are_the_latest_of_each_account_without_those_who_gave_up(database: Database, alice: Tenant) -> None:
    many = [
        replace(GIVEN, decision_key=f"d{n}", lead_id=f"l{n}", user_id=f"u{n % 3}", account=n % 2) for n in range(40)
    ]
    with database.write() as connection:
        assignments.add(connection, alice.id, many)
        assert assignments.neighbours(connection, alice.id, [0, 1, 5], mode="act") == {
            0: ("u2", "u0", "u1"), 1: ("u0", "u1", "u2"),
        }  # fmt: skip
        assert assignments.neighbours(connection, alice.id, [], mode="act") == {}
        assignments.end(connection, alice.id, "d39", "timed out", now=NOW)
        assert assignments.neighbours(connection, alice.id, [1], mode="act")[1][0] == "u1"


def test_what_grew_and_shrank_since_is_counted_per_person(database: Database, alice: Tenant) -> None:
    later = replace(GIVEN, decision_key="d2", user_id="u2", at=after(hours=1))
    with database.write() as connection:
        assignments.add(connection, alice.id, [GIVEN, later])
        assert assignments.moved(connection, alice.id, since=after(minutes=1), mode="act") == {"u1": -1, "u2": 1}
        assert assignments.moved(connection, alice.id, since=NOW, mode="act") == {"u1": 0, "u2": 1}


def test_only_what_ended_long_ago_is_cleared_away(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("d2"))
    with database.write() as connection:
        assignments.add(connection, alice.id, [GIVEN, replace(GIVEN, decision_key="d2", at=after(hours=1))])
        assert assignments.purge(connection, before=after(days=1)) == 1
        assert len(assignments.of_leads(connection, alice.id, ["l1"], mode="act")["l1"]) == 1


def test_a_timer_is_due_at_its_time_and_fires_once(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        timers.add(connection, alice.id, [TIMER, TIMER], now=NOW)
        assert timers.due(connection, alice.id, now=after(minutes=14), limit=9) == []
        assert timers.due(connection, alice.id, now=after(minutes=15), limit=9) == [TIMER]
        assert timers.fire(connection, alice.id, TIMER, now=after(minutes=15))
        assert not timers.fire(connection, alice.id, TIMER, now=after(minutes=15))
        assert timers.installs_due(connection, now=after(days=1)) == set()
        assert timers.purge(connection, before=after(days=1)) == 1


def test_a_timer_waits_for_the_decision_that_set_it_to_be_performed(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("d1", "l1"))
    with database.write() as connection:
        timers.add(connection, alice.id, [TIMER], now=NOW)
        assert timers.due(connection, alice.id, now=after(days=1), limit=9) == []
        assert timers.installs_due(connection, now=after(days=1)) == set()
        unfinished.settle(connection, alice.id, ["d1"], now=NOW)
        assert timers.due(connection, alice.id, now=after(days=1), limit=9) == [TIMER]
        assert timers.installs_due(connection, now=after(days=1), install_id=alice.id) == {alice.id}


def test_a_lead_that_waits_has_one_time_at_which_it_is_asked_about(database: Database, alice: Tenant) -> None:
    ask = replace(TIMER, kind="ask")
    with database.write() as connection:
        timers.add(connection, alice.id, [ask], now=NOW)
        timers.ask_at(connection, alice.id, "d1", "l1", ask.due_at, now=NOW)
        assert timers.of_lead(connection, alice.id, "l1") == [ask]
        timers.ask_at(connection, alice.id, "d1", "l1", after(hours=1), now=NOW)
        assert [(each.step, each.state) for each in timers.of_lead(connection, alice.id, "l1")] == [
            (0, "stopped"), (1, "waiting"),
        ]  # fmt: skip
        assert timers.asking(connection, alice.id, limit=9) == ["l1"]
        assert timers.stop(connection, alice.id, ["l1"], "gone", now=NOW) == 1
        assert timers.stop(connection, alice.id, [], "gone", now=NOW) == 0
        assert timers.upcoming(connection, alice.id, limit=9) == []


def test_what_a_timer_made_is_no_leads_latest_decision_and_overtakes_none(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("d1", "l1"))
    told = Intent(decision("d1-t0", "l1", outcome="reminded"), (), part_of="d1")
    with database.write() as connection:
        decisions.intend(connection, alice.id, alice.seal, [told], now=after(minutes=15))
        assert decisions.latest(connection, alice.id, alice.seal, ["l1"])["l1"].key == "d1"
        assert unfinished.superseded(connection, alice.id, ["d1"]) == set()
        assert len(decisions.of_lead(connection, alice.id, alice.seal, "l1")) == 2


def test_a_decision_that_a_timer_waits_by_is_kept(database: Database, alice: Tenant) -> None:
    intend(database, alice, decision("d1", "l1"), decision("d2", "l2"))
    with database.write() as connection:
        unfinished.settle(connection, alice.id, ["d1", "d2"], now=NOW)
        timers.add(connection, alice.id, [TIMER], now=NOW)
        assert decisions.purge(connection, before=after(days=1), but=timers.needed()) == 1
        assert decisions.by_key(connection, alice.id, alice.seal, "d1") is not None


def test_a_pause_ends_at_its_time_or_by_a_word(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        pauses.put(connection, alice.id, "u1", until=after(hours=1), by="u1", now=NOW)
        pauses.put(connection, alice.id, "u2", until=None, by="cem", now=NOW)
        assert pauses.of(connection, alice.id, now=NOW) == {"u1": after(hours=1), "u2": None}
        assert [each.by for each in pauses.every(connection, alice.id, now=after(hours=1))] == ["cem"]
        assert pauses.purge(connection, now=after(hours=1)) == 1
        assert pauses.end(connection, alice.id, "u2", now=NOW)
        assert not pauses.end(connection, alice.id, "u2", now=NOW)
