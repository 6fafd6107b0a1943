"""The inbox: nothing twice, nothing lost, urgent things first, one record's letters together."""

from __future__ import annotations

import contextlib

import pytest
from sqlalchemy import select, update

from connector.store import cursors, letters, unfinished
from connector.store.base import Database
from connector.store.letters import BACKFILL, LETTERS_A_RECORD, LIVE
from tests.connector.store.kit import NOW, Tenant, after, decision, event, inbox, intend, post


def test_a_delivery_that_comes_twice_is_one_letter(database: Database, alice: Tenant) -> None:
    assert post(database, alice, event("e1"), event("e2")) == 2
    assert post(database, alice, event("e2"), event("e3")) == 1
    assert [each.event.key for each in inbox(database, alice)] == ["e1", "e2", "e3"]


def test_two_copies_in_one_delivery_are_one_letter(database: Database, alice: Tenant) -> None:
    assert post(database, alice, event("e1"), event("e1")) == 1


def test_the_same_event_key_in_two_installs_is_two_letters(database: Database, alice: Tenant, charlie: Tenant) -> None:
    assert post(database, alice, event("e1")) == 1
    assert post(database, charlie, event("e1")) == 1


def test_our_own_echo_is_no_letter(database: Database, alice: Tenant) -> None:
    assert post(database, alice, event("e1", ours=True)) == 0
    assert inbox(database, alice) == []


def test_a_thousand_events_are_counted_right(database: Database, alice: Tenant) -> None:
    events = [event(f"e{number}", f"l{number}") for number in range(1000)]
    assert post(database, alice, *events[:400]) == 400
    assert post(database, alice, *events) == 600


def test_a_letter_comes_out_as_it_went_in(database: Database, alice: Tenant) -> None:
    sent = event("e1", "l9", kind="contact", change="updated", at=after(seconds=-7), changed=("email", "Custom__c"))
    with database.write() as connection:
        letters.receive(connection, alice.id, [sent], now=NOW, trace="a-trace")
    (found,) = inbox(database, alice)
    assert found.event == sent
    assert (found.received_at, found.priority, found.trace, found.attempts) == (NOW, LIVE, "a-trace", 0)


def test_live_goes_before_backfill_and_old_before_new(database: Database, alice: Tenant) -> None:
    post(database, alice, event("b1", "b1"), event("b2", "b2"), priority=BACKFILL)
    post(database, alice, event("n1", "n1"), event("n2", "n2"))
    assert [each.event.key for each in inbox(database, alice)] == ["n1", "n2", "b1", "b2"]


def test_a_round_takes_all_letters_of_the_records_it_takes(database: Database, alice: Tenant) -> None:
    post(database, alice, event("a1", "a"), event("b1", "b"), event("c1", "c"), event("a2", "a"), event("b2", "b"))
    found = inbox(database, alice, records=2)
    assert [each.event.key for each in found] == ["a1", "b1", "a2", "b2"]


def test_records_of_one_id_and_two_kinds_are_two_records(database: Database, alice: Tenant) -> None:
    post(database, alice, event("l", "7"), event("c", "7", kind="contact"))
    assert [each.event.kind for each in inbox(database, alice, records=1)] == ["lead"]


def test_letters_of_a_lead_with_an_unfinished_decision_wait_for_it(
    database: Database, alice: Tenant, charlie: Tenant
) -> None:
    for who in (alice, charlie):
        post(database, who, event("a", "a"), event("b", "b"), event("c", "b", kind="contact"))
    intend(database, alice, decision("d1", "a"), decision("d2", "b"))
    assert [each.event.key for each in inbox(database, alice)] == ["c"], "a contact of that id is another record"
    assert [each.event.key for each in inbox(database, charlie)] == ["a", "b", "c"]
    with database.write() as connection:
        letters.settle(connection, alice.id, [each.id for each in inbox(database, alice)])
    with database.write() as connection:
        assert letters.installs_waiting(connection, now=NOW) == [charlie.id], "nobody rings for what has to wait"
        unfinished.settle(connection, alice.id, ["d1"], now=NOW)
        unfinished.park(connection, alice.id, {"d2": "No."})
    assert [each.event.key for each in inbox(database, alice)] == ["a", "b"]


def test_blocked_letters_do_not_hide_the_ones_behind_them(database: Database, alice: Tenant) -> None:
    many = [event(f"a{number}", "a") for number in range(LETTERS_A_RECORD * 2)]
    post(database, alice, *many, event("b", "b"))
    intend(database, alice, decision("d1", "a"))
    assert [each.event.key for each in inbox(database, alice, records=1)] == ["b"]


def test_a_chatty_record_does_not_take_more_than_its_place(database: Database, alice: Tenant) -> None:
    many = [event(f"a{number}", "a") for number in range(LETTERS_A_RECORD + 5)]
    post(database, alice, *many, event("b1", "b"))
    assert {each.event.record_id for each in inbox(database, alice, records=2)} == {"a", "b"}


def test_a_postponed_letter_is_due_when_its_time_has_come(database: Database, alice: Tenant) -> None:
    post(database, alice, event("e1"), event("e2", "l2"))
    ids = [inbox(database, alice)[0].id]
    with database.write() as connection:
        letters.postpone(connection, alice.id, ids, until=after(minutes=5), reason="x" * 2000, failed=True)
    assert [each.event.key for each in inbox(database, alice)] == ["e2"]
    first = inbox(database, alice, now=after(minutes=5))[0]
    assert (first.event.key, first.attempts, first.reason) == ("e1", 1, "x" * 1000)


def test_a_busy_crm_is_no_attempt_of_ours(database: Database, alice: Tenant) -> None:
    post(database, alice, event("e1"))
    with database.write() as connection:
        ids = [each.id for each in letters.waiting(connection, alice.id, now=NOW, records=1)]
        letters.postpone(connection, alice.id, ids, until=NOW, reason="busy", failed=False)
    assert inbox(database, alice)[0].attempts == 0


def test_parked_letters_wait_for_a_person_and_come_back_fresh(database: Database, alice: Tenant) -> None:
    post(database, alice, event("e1"), event("e2", "l2"))
    with database.write() as connection:
        ids = [each.id for each in letters.waiting(connection, alice.id, now=NOW, records=9)]
        letters.postpone(connection, alice.id, ids, until=NOW, reason="", failed=True)
        letters.park(connection, alice.id, ids, reason="No such picklist value.")
    assert inbox(database, alice) == []
    with database.write() as connection:
        assert letters.counts(connection, alice.id) == {"waiting": 0, "parked": 2}
        assert [each.event.key for each in letters.parked(connection, alice.id)] == ["e2", "e1"], "newest first"
        assert [each.event.key for each in letters.parked(connection, alice.id, limit=1)] == ["e2"]
        assert letters.parked(connection, alice.id)[0].reason == "No such picklist value."
        assert letters.installs_waiting(connection, now=after(days=1)) == []
        assert letters.retry_parked(connection, alice.id, now=after(days=1)) == 2
    assert inbox(database, alice) == [], "not before the moment of the retry"
    assert [(each.attempts, each.reason) for each in inbox(database, alice, now=after(days=1))] == [(0, "")] * 2


def test_settled_letters_have_left_and_nothing_else_has(database: Database, alice: Tenant) -> None:
    post(database, alice, event("e1"), event("e2"))
    first = inbox(database, alice)[0].id
    for ids in ([], [first], [first]):
        with database.write() as connection:
            letters.settle(connection, alice.id, ids)
    assert [each.event.key for each in inbox(database, alice)] == ["e2"]


def test_the_sweep_finds_the_installs_with_a_due_letter(database: Database, alice: Tenant, charlie: Tenant) -> None:
    post(database, alice, event("e1"), event("e2"))
    post(database, charlie, event("e1"), now=after(minutes=1))
    with database.read() as connection:
        assert letters.installs_waiting(connection, now=NOW) == [alice.id]
        assert set(letters.installs_waiting(connection, now=after(minutes=1))) == {alice.id, charlie.id}
        assert letters.installs_waiting(connection, now=NOW, install_id=charlie.id) == []
        assert letters.installs_waiting(connection, now=after(minutes=1), install_id=charlie.id) == [charlie.id]


def test_letters_and_cursor_are_one_transaction(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        letters.receive(connection, alice.id, [event("e1")], now=NOW)
        cursors.put(connection, alice.id, "salesforce", b"one", NOW)
    with contextlib.suppress(KeyboardInterrupt), database.write() as connection:
        letters.receive(connection, alice.id, [event("e2")], now=NOW)
        cursors.put(connection, alice.id, "salesforce", b"two", after(seconds=1))
        raise KeyboardInterrupt
    with database.read() as connection:
        assert cursors.get(connection, alice.id, "salesforce") == (b"one", NOW)
    assert [each.event.key for each in inbox(database, alice)] == ["e1"]


def test_a_cursor_moves_and_can_be_dropped(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        assert cursors.get(connection, alice.id, "a") is None
        for place, moment in ((b"\x00\xff", NOW), (b"", after(seconds=1))):
            cursors.put(connection, alice.id, "a", place, moment)
            assert cursors.get(connection, alice.id, "a") == (place, moment)
        cursors.put(connection, alice.id, "b", b"other", NOW)
        cursors.drop(connection, alice.id, "a")
        assert cursors.get(connection, alice.id, "a") is None
        assert cursors.get(connection, alice.id, "b") == (b"other", NOW)


def test_a_long_list_of_changed_fields_is_cut(database: Database, alice: Tenant) -> None:
    names = tuple(f"Field_{number}__c" for number in range(500))
    post(database, alice, event("e1", changed=names))
    assert set(inbox(database, alice)[0].event.changed[:-1]) <= set(names)


def test_times_are_exact_to_the_microsecond_and_never_naive(database: Database, alice: Tenant) -> None:
    post(database, alice, event("e1", at=NOW.replace(microsecond=123_457)))
    assert inbox(database, alice)[0].event.at.microsecond == 123_457
    with pytest.raises(Exception, match="time zone"), database.write() as connection:
        connection.execute(update(letters.letter).values(not_before=NOW.replace(tzinfo=None)))
    with database.read() as connection:
        assert connection.execute(select(letters.letter.c.not_before)).scalar_one() == NOW
