"""Answers of the API that are kept: a write that comes again is answered as the first time, and never done twice."""

from __future__ import annotations

from datetime import timedelta

from connector.store import replies
from connector.store.base import Database
from connector.store.replies import Claim, Reply
from tests.connector.store.kit import NOW, Tenant, after

ANSWER = Reply(201, '{"id": "Warblerton"}')


def claim(database: Database, who: Tenant, key: str = "k", request: str = "POST /x {}", *, minutes: float = 0) -> Claim:
    with database.write() as connection:
        return replies.claim(connection, who.id, who.seal, key, request, now=after(minutes=minutes))


def keep(database: Database, who: Tenant, key: str = "k") -> None:
    with database.write() as connection:
        replies.keep(connection, who.id, who.seal, key, ANSWER)


def test_the_first_is_to_be_done_and_the_next_waits_for_it(database: Database, alice: Tenant) -> None:
    assert [claim(database, alice), claim(database, alice)] == ["new", "busy"]
    keep(database, alice)
    assert claim(database, alice) == ANSWER
    assert claim(database, alice, "another") == "new"


def test_a_key_that_named_another_write_is_refused(database: Database, alice: Tenant) -> None:
    claim(database, alice)
    keep(database, alice)
    assert claim(database, alice, request="POST /x {1}") == "other"


def test_what_failed_may_be_sent_again(database: Database, alice: Tenant) -> None:
    claim(database, alice)
    with database.write() as connection:
        replies.drop(connection, alice.id, alice.seal, "k")
    assert claim(database, alice) == "new"


def test_a_write_whose_process_died_may_be_sent_again_after_a_while(database: Database, alice: Tenant) -> None:
    claim(database, alice)
    assert claim(database, alice, minutes=1) == "busy"
    assert claim(database, alice, minutes=2) == "new"
    assert claim(database, alice, minutes=3) == "busy"


def test_after_a_day_a_key_means_nothing_any_more(database: Database, alice: Tenant) -> None:
    claim(database, alice)
    keep(database, alice)
    assert claim(database, alice, minutes=24 * 60 - 1) == ANSWER
    assert claim(database, alice, minutes=24 * 60) == "new"
    with database.write() as connection:
        assert replies.purge(connection, now=NOW + timedelta(hours=24)) == 0
        assert replies.purge(connection, now=NOW + timedelta(hours=49)) == 1


def test_neither_key_nor_request_nor_answer_is_readable(database: Database, alice: Tenant) -> None:
    claim(database, alice, "Warblerton", "Warblerton")
    keep(database, alice, "Warblerton")
    with database.read() as connection:
        assert "Warblerton" not in str(connection.execute(replies.api_reply.select()).all())
