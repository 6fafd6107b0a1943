"""The small concerns: rotation, rule sets, memos, progress, tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from connector.store import memos, progress, rotation, rulesets, tokens
from connector.store.base import EPOCH, Database
from connector.store.memos import StoredMemo
from connector.store.seal import Unreadable
from rules.ruleset import Source
from tests.connector.store.kit import NOW, Tenant, after


class Clock:
    """A time that stands still until moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def test_each_pool_keeps_its_own_rotation(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        assert rotation.states(connection, alice.id) == {}
        rotation.put(connection, alice.id, {"EMEA": {"ana": {"due": 2}, "bob": {"due": -2}}, "APAC": {}})
        rotation.put(connection, alice.id, {"EMEA": {"ana": {"due": -1}, "bob": {"due": 1}, "new": {"due": 0}}})
        rotation.put(connection, alice.id, {})
        assert rotation.states(connection, alice.id) == {
            "EMEA": {"ana": {"due": -1}, "bob": {"due": 1}, "new": {"due": 0}},
            "APAC": {},
        }


def test_a_rotation_of_the_first_version_begins_anew(database: Database, alice: Tenant) -> None:
    old: Any = {"ana": -1, "bob": 1}
    with database.write() as connection:
        values = {"install_id": alice.id, "pool": "EMEA", "state": old}
        connection.execute(rotation.rotation.insert().values(**values))
        assert rotation.states(connection, alice.id) == {}


def test_the_last_good_rule_set_stays_live_beside_the_fault_of_a_newer_one(database: Database, alice: Tenant) -> None:
    sources = (Source("Routing Rule 1", "- rule: A\n"), Source("Règle 2", "- rule: Ä\n"))
    with database.write() as connection:
        assert rulesets.get(connection, alice.id, alice.seal) is None
        rulesets.put(connection, alice.id, alice.seal, sources=sources, version="v1", now=NOW)
        rulesets.set_fault(connection, alice.id, alice.seal, "é" * 9000, now=after(minutes=1))
        live = rulesets.get(connection, alice.id, alice.seal)
        assert live is not None
        assert (live.sources, live.version, live.read_at) == (sources, "v1", after(minutes=1))
        assert live.fault == "é" * 9000
        rulesets.expire(connection, alice.id)
        expired = rulesets.get(connection, alice.id, alice.seal)
        assert expired is not None
        assert (expired.read_at, expired.version) == (EPOCH, "v1")
        rulesets.put(connection, alice.id, alice.seal, sources=sources[:1], version="v2", now=after(minutes=2))
        assert rulesets.get(connection, alice.id, alice.seal) == rulesets.Live(sources[:1], "v2", after(minutes=2), "")


def test_a_fault_before_the_first_rule_set_is_kept_so_that_it_is_known_when_to_ask_again(
    database: Database, alice: Tenant
) -> None:
    with database.write() as connection:
        rulesets.expire(connection, alice.id)
        assert rulesets.get(connection, alice.id, alice.seal) is None
        rulesets.set_fault(connection, alice.id, alice.seal, "No.", now=NOW)
        assert rulesets.get(connection, alice.id, alice.seal) == rulesets.Live((), "", NOW, "No.")


def test_a_memo_is_remembered_until_its_time_is_over(database: Database, alice: Tenant) -> None:
    clock = Clock()
    memo = StoredMemo(database, alice.id, alice.seal, clock)
    assert memo.get("users") is None
    memo.put("users", [{"name": "Ana Díaz"}], seconds=60)
    memo.put("shape", {"a": 1}, seconds=3600)
    assert memo.get("users") == [{"name": "Ana Díaz"}]
    clock.now = after(seconds=60)
    assert memo.get("users") is None
    assert memo.get("shape") == {"a": 1}
    memo.put("users", [], seconds=60)
    assert memo.get("users") == []


def test_a_memo_can_be_forgotten_and_old_ones_are_purged(database: Database, alice: Tenant) -> None:
    clock = Clock()
    memo = StoredMemo(database, alice.id, alice.seal, clock)
    for name, seconds in (("a", 60), ("b", 60), ("c", 600)):
        memo.put(name, name, seconds=seconds)
    memo.forget("a")
    memo.forget("never")
    assert [memo.get(name) for name in "abc"] == [None, "b", "c"]
    with database.write() as connection:
        memos.purge(connection, now=after(seconds=60))
        assert connection.execute(select(func.count()).select_from(memos.memo)).scalar_one() == 1
    assert memo.get("c") == "c"


def test_a_memo_of_another_install_is_neither_seen_nor_readable(
    database: Database, alice: Tenant, charlie: Tenant
) -> None:
    StoredMemo(database, alice.id, alice.seal, Clock()).put("users", "Ana", seconds=60)
    stranger = StoredMemo(database, charlie.id, charlie.seal, Clock())
    assert stranger.get("users") is None
    stranger.put("users", "Carl", seconds=60)
    stranger.forget("users")
    assert StoredMemo(database, alice.id, alice.seal, Clock()).get("users") == "Ana"
    with pytest.raises(Unreadable):
        StoredMemo(database, alice.id, charlie.seal, Clock()).get("users")


def test_progress_goes_on_and_starts_over(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        progress.start(connection, alice.id, "backfill:lead", now=NOW)
        progress.start(connection, alice.id, "backfill:account", now=NOW)
        values = {"state": "running", "done": 200, "total": 1000, "after": "page 2", "started_at": NOW}
        progress.move(connection, alice.id, "backfill:lead", now=after(minutes=1), **values)
        account, lead = progress.of(connection, alice.id)
        assert (account.name, account.state, account.done, account.total) == ("backfill:account", "waiting", 0, None)
        assert (lead.state, lead.done, lead.total, lead.after) == ("running", 200, 1000, "page 2")
        assert (lead.started_at, lead.updated_at, lead.not_before) == (NOW, after(minutes=1), NOW)
        progress.start(connection, alice.id, "backfill:lead", now=after(minutes=2))
        again = progress.of(connection, alice.id)[1]
        assert (again.state, again.done, again.total, again.after) == ("waiting", 0, None, None)
        assert (again.started_at, again.not_before) == (None, after(minutes=2))


def test_work_is_due_when_it_is_not_finished_and_its_time_has_come(
    database: Database, alice: Tenant, charlie: Tenant
) -> None:
    with database.write() as connection:
        for name, state in (("a", "waiting"), ("b", "running"), ("c", "done"), ("d", "failed")):
            progress.start(connection, alice.id, name, now=NOW)
            progress.move(connection, alice.id, name, now=NOW, state=state)
        progress.move(connection, alice.id, "a", now=NOW, not_before=after(minutes=1))
        progress.start(connection, charlie.id, "z", now=after(minutes=1))
        assert [each.name for each in progress.due(connection, alice.id, now=NOW)] == ["b"]
        assert [each.name for each in progress.due(connection, alice.id, now=after(minutes=1))] == ["a", "b"]
        assert progress.installs_due(connection, now=NOW) == [alice.id]
        assert set(progress.installs_due(connection, now=after(minutes=1))) == {alice.id, charlie.id}


def test_a_long_reason_of_long_work_is_cut(database: Database, alice: Tenant) -> None:
    """The faults of a whole rule set end up here; PostgreSQL takes no more than the column holds."""
    with database.write() as connection:
        progress.start(connection, alice.id, "setup", now=NOW)
        progress.move(connection, alice.id, "setup", now=NOW, reason="é" * 5000)
        assert progress.of(connection, alice.id)[0].reason == "é" * 1000


def test_each_new_token_has_the_next_version(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        assert tokens.get(connection, alice.id) is None
        tokens.put(connection, alice.id, b"one", expires_at=after(minutes=30))
        assert tokens.get(connection, alice.id) == (b"one", 1, after(minutes=30))
        tokens.put(connection, alice.id, b"two", expires_at=None)
        assert tokens.get(connection, alice.id) == (b"two", 2, None)
