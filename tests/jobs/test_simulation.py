"""A simulation over what was decided, over the CRM's leads and over a table; it can be paused and cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from connector.store import decisions, editions, progress, rulesets, timers
from connector.store.progress import Progress
from connector.store.timers import Waiting, timer
from jobs import past_leads, simulation
from jobs.replay import replayed
from jobs.simulation import Order
from rules.model import Record, User
from rules.typed_leads import table
from tests.jobs.conftest import RULES, House, Prologue
from tests.jobs.test_preview import everything, looking, rules

DRAFT = """
- rule: Account owner
  when: [match.status is matched, account.tier__c is not empty]
  assign: account owner
- rule: Web
  when: [lead.source is Web]
  assign: user "bob@example.com"
  escalate: [{after: 1 hour, remind: true}]
- pool: Everyone
  members: [{user: ana@example.com, weight: 3}, {user: bob@example.com}]
- rule: Everyone else
  assign: pool "Everyone"
"""


ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What reads the store in no way of its own: the others show that it is the same on PostgreSQL."""


def has_routed_nine(house: House) -> None:
    """It has routed nine leads: one of Globex, three from the web; two were changed afterwards."""
    house.account("a1", name="Globex Corporation", website="globex.com", owner="u2")
    house.post(house.event("a1", kind="account"))
    house.drain()
    for number in range(9):
        more: dict[str, Any] = {"source": "Web"} if number % 3 == 0 else {}
        if number == 1:
            more = {"email": "kim@globex.com", "company": "Globex Corporation"}
        house.lead(f"l{number}", **more)
        house.later(minutes=10)
        house.post(house.event(f"l{number}"))
        house.drain()
    for number in (2, 3):
        lead = house.crm.records[("lead", f"l{number}")]
        house.later(minutes=10)
        house.crm.add(replace(lead, fields={**lead.fields, "title": "CEO"}, modified_at=house.now))
        house.post(house.event(f"l{number}", change="updated"))
        house.drain()
    assert len(house.crm.entries) == 11


@pytest.fixture
def full(begin: Callable[[Prologue], House], monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(past_leads, "BATCH", 4)
    return begin(has_routed_nine)


def order(before: str = RULES, after: str = DRAFT, **more: Any) -> Order:
    return Order(rules(before), rules(after), **more)


def stands(house: House, name: str) -> Progress:
    with house.database.read() as connection:
        return next(each for each in progress.of(connection, house.install.id) if each.name == name)


@ON_SQLITE
def test_what_was_decided_is_what_the_rules_of_then_make_of_it_again(full: House) -> None:
    found = simulation.run(looking(full), order(after=RULES), "simulation:1")
    assert (found.leads, found.moves) == (9, 0)
    given = {f"l{number}": full.owner(f"l{number}") for number in range(9)}
    counts = {user: list(given.values()).count(user) for user in ("u1", "u2")}
    assert found.before.owners == found.after.owners == counts


@ON_SQLITE
def test_a_draft_moves_leads_and_each_has_both_reasons(full: House) -> None:
    seen: list[tuple[int, int]] = []
    found = simulation.run(looking(full), order(), "simulation:1", seen=lambda *place: seen.append(place))
    assert found.after.rules == {"Web": 3, "Everyone else": 6}
    assert found.after.escalations == {"remind": 3}
    assert all(each.before.reason and each.after.reason for each in found.moved)
    assert seen[0] == (0, 9)
    assert seen[-1] == (9, 9)
    assert len(seen) == 4, "a batch at a time"
    done = stands(full, "simulation:1")
    assert (done.state, done.done, done.total) == ("done", 9, 9)
    assert done.reason == f"9 leads, {found.moves} change hands."
    kept = simulation.result(looking(full), "simulation:1")
    assert kept
    assert (kept["moves"], len(kept["moved"])) == (found.moves, found.moves)


@ON_SQLITE
def test_account_fields_that_only_the_draft_reads_are_read_today(full: House) -> None:
    full.account("a1", name="Globex Corporation", website="globex.com", owner="u2", tier__c="gold")
    found = simulation.run(looking(full), order(), "simulation:1")
    assert found.after.rules["Account owner"] == 1


@ON_SQLITE
def test_a_draft_with_another_match_policy_is_matched_anew_for_both(full: House) -> None:
    nobody = "- match: default\n  accept: 1.0\n  review: 0.999\n" + RULES
    found = simulation.run(looking(full), order(after=nobody), "simulation:1")
    assert found.before.rules["Account owner"] == 1
    assert "Account owner" not in found.after.rules


def test_nothing_is_written_but_progress_and_the_result(full: House) -> None:
    before, records = everything(full), dict(full.crm.records)
    asked: list[str] = []
    full.crm.before = asked.append
    simulation.run(looking(full), order(), "simulation:1")
    after = everything(full)
    assert {name for name in after if after[name] != before[name]} == {"progress", "memo"}
    assert full.crm.records == records
    assert set(asked) <= {"users", "read", "account_history"}
    with full.database.read() as connection:
        assert not progress.installs_due(connection, now=full.now + timedelta(days=1)), "no drain takes it up"


def test_without_decisions_the_leads_of_the_crm_are_taken(house: House) -> None:
    for number in range(7):
        house.lead(
            f"l{number}", owner="u3", source="Web" if number < 2 else "Fair", decision="x", converted=number == 5
        )
    long_ago = house.now - timedelta(days=90)
    house.crm.add(Record("lead", "old", {}, "u1", created_at=long_ago, modified_at=house.now))
    house.later(hours=1)
    found = simulation.run(looking(house), order(), "simulation:1")
    assert (found.leads, found.after.rules) == (7, {"Web": 2, "Everyone else": 5})
    assert found.before.owners == {"u1": 4, "u2": 3}


@ON_SQLITE
def test_a_table_is_taken_instead(full: House) -> None:
    text = "id,email,company,source,received_at\n1,kim@globex.com,Globex Corporation,,2026-11-20\n2,x@y.example,,Web,\n"
    found = simulation.run(looking(full), order(table=table(text, {})), "simulation:1")
    assert found.before.rules == {"Account owner": 1, "Everyone else": 1}
    assert found.after.rules == {"Everyone else": 1, "Web": 1}


@ON_SQLITE
def test_a_paused_one_waits_and_goes_on(full: House) -> None:
    rests: list[float] = []

    def seen(done: int, _total: int) -> None:
        if done == 4 and not rests:
            with full.database.write() as connection:
                assert progress.pause(connection, full.install.id, ["simulation:1"], now=full.now) == 1

    def rest(seconds: float) -> None:
        rests.append(seconds)
        assert stands(full, "simulation:1").done == 0, "it rests where it stood"
        if len(rests) == 3:
            with full.database.write() as connection:
                progress.resume(connection, full.install.id, ["simulation:1"], now=full.now)

    found = simulation.run(looking(full), order(), "simulation:1", seen=seen, rest=rest)
    assert (found.leads, len(rests)) == (9, 3)
    assert stands(full, "simulation:1").state == "done"


@ON_SQLITE
def test_a_cancelled_one_ends_without_a_result(full: House) -> None:
    def seen(done: int, _total: int) -> None:
        if done == 4:
            with full.database.write() as connection:
                assert simulation.cancel(connection, full.install.id, "simulation:1", now=full.now)

    with pytest.raises(simulation.Cancelled):
        simulation.run(looking(full), order(), "simulation:1", seen=seen)
    ended = stands(full, "simulation:1")
    assert (ended.state, ended.reason) == ("failed", "Cancelled.")
    assert simulation.result(looking(full), "simulation:1") is None
    with full.database.write() as connection:
        assert not simulation.cancel(connection, full.install.id, "simulation:1", now=full.now)


@ON_SQLITE
def test_a_fault_is_shown_with_it(full: House) -> None:
    def seen(_done: int, _total: int) -> None:
        raise RuntimeError("no room")

    with pytest.raises(RuntimeError):
        simulation.run(looking(full), order(), "simulation:1", seen=seen)
    assert (stands(full, "simulation:1").state, stands(full, "simulation:1").reason) == ("failed", "no room")


@ON_SQLITE
def test_the_first_action_is_known_where_a_timer_was_stopped_for_it(full: House) -> None:
    with full.database.write() as connection:
        (key,) = [each for each in past_leads.decided(looking(full), full.now - timedelta(days=1)) if each[:3] == "l0-"]
        due = full.now + timedelta(hours=1)
        timers.add(connection, full.install.id, [Waiting(key, 0, "l0", "remind", due)], now=full.now)
        mine = timer.c.install_id == full.install.id
        values = {"state": "stopped", "reason": "task done", "changed_at": full.now}
        connection.execute(update(timer).where(mine).values(**values))
    tally = simulation.run(looking(full), order(), "simulation:1").after
    assert (tally.answered, tally.in_time) == (1, 0), "it was noticed hours later than an hour after the lead came"


def test_stored_decisions_are_replayed_with_the_rules_of_then(full: House) -> None:
    with full.database.write() as connection:
        live = rulesets.get(connection, full.install.id, full.tools.seal(full.install))
        assert live
        seal = full.tools.seal(full.install)
        editions.add(
            connection, full.install.id, seal, sources=live.sources, version=live.version, now=full.now, by="Ana"
        )
        new = rules(DRAFT)
        rulesets.put(connection, full.install.id, seal, sources=live.sources[:1], version=new.version, now=full.now)
    found = [replayed(looking(full), key) for key in full.crm.entries]
    assert {each.where for each in found} == {"store"}
    assert all(each.replay.same for each in found), [each.replay.differences for each in found]
    assert replayed(looking(full), "l2").key in full.crm.entries


def test_purged_decisions_are_replayed_from_the_crms_audit(full: House, monkeypatch: pytest.MonkeyPatch) -> None:
    key = next(key for key, each in full.crm.entries.items() if each.rule == "Everyone else")
    with full.database.write() as connection:
        assert decisions.purge(connection, before=full.now + timedelta(days=1)) == 11

    def audits(lead_id: str) -> tuple[dict[str, str], ...]:
        rows = [each for each in full.crm.entries.values() if each.lead_id == lead_id]
        return tuple({"key": each.key, "detail": each.detail} for each in rows)

    monkeypatch.setattr(full.crm, "audits", audits)
    found = replayed(looking(full), key)
    assert (found.where, found.replay.same) == ("crm", True)
    lead_id = full.crm.entries[key].lead_id
    assert replayed(looking(full), lead_id).key.startswith(lead_id)


@ON_SQLITE
def test_what_is_gone_is_named(full: House) -> None:
    key = next(iter(full.crm.entries))
    with full.database.write() as connection:
        seal = full.tools.seal(full.install)
        rulesets.put(connection, full.install.id, seal, sources=(), version="other", now=full.now)
        connection.execute(delete(editions.edition))
    assert "not kept any more" in replayed(looking(full), key).replay.gone[0]
    nothing = replayed(looking(full), "nobody")
    assert (nothing.then, nothing.where) == (None, "")
    assert "Neither we nor the CRM" in nothing.replay.gone[0]


@ON_SQLITE
def test_who_has_left_since_is_named(full: House) -> None:
    key = next(key for key, each in full.crm.entries.items() if each.assignee_id == "u2")
    full.later(days=2)
    full.crm.people = [each if each.id != "u2" else User("u2", "Bob", "bob@example.com", active=False) for each in
                       full.crm.people]  # fmt: skip
    found = replayed(looking(full), key).replay
    assert not found.same
    assert "Bob is not active any more" in found.gone[0]


@ON_SQLITE
def test_the_audit_of_a_drain_fits_and_has_its_basis(full: House) -> None:
    entry = next(iter(full.crm.entries.values()))
    assert len(entry.detail) < 5_000
    assert '"basis":{' in entry.detail
