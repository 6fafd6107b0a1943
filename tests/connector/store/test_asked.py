"""Requests from cards, on both databases: one pending per lead, answered once, sealed, forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from connector.store import asked
from connector.store.asked import KEPT, Request, StoredRequests
from connector.store.base import Database
from tests.connector.store.kit import NOW, Tenant, after, tenant

REQUEST = Request("l1", "undo", "u1", "d1", NOW, note="Kim is my neighbour")


@pytest.fixture
def who(database: Database) -> Tenant:
    return tenant(database, "alice")


def put(database: Database, who: Tenant, request: Request) -> bool:
    with database.write() as connection:
        return asked.put(connection, who.id, who.seal, request)


def last(database: Database, who: Tenant, lead_id: str = "l1") -> Request | None:
    with database.read() as connection:
        return asked.of_lead(connection, who.id, who.seal, lead_id)


def test_a_lead_has_one_pending_request_and_the_first_one_stays(database: Database, who: Tenant) -> None:
    assert put(database, who, REQUEST)
    assert not put(database, who, replace(REQUEST, what="wrong_match", user_id="u2"))
    assert last(database, who) == REQUEST


def test_an_answered_request_makes_room_and_its_note_is_gone(database: Database, who: Tenant) -> None:
    put(database, who, REQUEST)
    requests = StoredRequests(database, who.id, who.seal, lambda: after(minutes=1))
    assert requests.pending(["l1", "l2"]) == {"l1": REQUEST}
    requests.answer({"l1": "It was undone already.", "l2": ""})
    answered = replace(REQUEST, answered_at=after(minutes=1), refused="It was undone already.", note="")
    assert last(database, who) == answered
    assert requests.pending(["l1"]) == {}
    again = replace(REQUEST, asked_at=after(minutes=2), note="")
    assert put(database, who, again)
    assert last(database, who) == again


def test_an_answer_that_is_repeated_changes_nothing(database: Database, who: Tenant) -> None:
    put(database, who, REQUEST)
    StoredRequests(database, who.id, who.seal, lambda: NOW).answer({"l1": ""})
    StoredRequests(database, who.id, who.seal, lambda: after(days=1)).answer({"l1": "Too late."})
    assert last(database, who) == replace(REQUEST, answered_at=NOW, note="")


def test_what_people_wrote_is_sealed(database: Database, who: Tenant) -> None:
    put(database, who, REQUEST)
    with database.read() as connection:
        row = connection.execute(select(asked.asked)).one()
    assert "neighbour" not in repr(tuple(row))
    assert b"neighbour" not in row.note


def test_requests_are_forgotten_after_a_while(database: Database, who: Tenant) -> None:
    put(database, who, REQUEST)
    put(database, who, replace(REQUEST, lead_id="l2", asked_at=NOW + KEPT))
    with database.write() as connection:
        assert asked.purge(connection, before=NOW) == 0
        assert asked.purge(connection, before=NOW + KEPT) == 1
    assert last(database, who) is None
