"""Undo through the drain, on both databases: what goes back, what is left, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.store import assignments, decisions, progress, rotation, timers
from connector.store.assignments import Assignment
from connector.store.decisions import Stored
from connector.store.progress import Progress
from jobs import undo
from jobs.undo import Wish
from rules import explain
from tests.jobs.conftest import House, Prologue

OWNERS = {"u1", "u2"}


def knows_globex(house: House) -> None:
    house.account("a1", owner="u1", name="Globex", website="globex.com")
    house.post(house.event("a1", kind="account"))
    house.drain()


@pytest.fixture
def house(begin: Callable[[Prologue], House]) -> House:
    return begin(knows_globex)


def route(house: House, *lead_ids: str, **fields: str) -> None:
    for lead_id in lead_ids:
        house.lead(lead_id, **fields)
        house.post(house.event(lead_id))
    house.drain()


def stored(house: House, lead_id: str) -> list[Stored]:
    with house.database.read() as connection:
        seal = house.keyring.seal(house.install.key)
        return decisions.of_lead(connection, house.install.id, seal, lead_id)


def ask(house: House, wish: Wish) -> str:
    seal = house.keyring.seal(house.install.key)
    return undo.ask(house.database, house.install.id, seal, wish, clock=lambda: house.now)


def undo_lead(house: House, lead_id: str) -> Progress:
    """Have the lead's newest decision undone by Kim, a minute later; return how it went."""
    key = stored(house, lead_id)[0].decision.key
    house.later(minutes=1)
    return finished(house, ask(house, Wish("Kim", house.now, keys=(key,))))


def finished(house: House, name: str) -> Progress:
    house.drain()
    with house.database.read() as connection:
        return next(each for each in progress.of(connection, house.install.id) if each.name == name)


def rows(house: House, lead_id: str) -> list[Assignment]:
    with house.database.read() as connection:
        return assignments.of_leads(connection, house.install.id, [lead_id], mode="act").get(lead_id, [])


def change(house: House, lead_id: str, *, owner: str = "", **fields: str) -> None:
    """A person changes a lead in the CRM."""
    lead = house.crm.records[("lead", lead_id)]
    house.crm.add(replace(lead, fields={**lead.fields, **fields}, owner_id=owner or lead.owner_id))


def test_owner_link_stamp_and_task_go_back(house: House) -> None:
    route(house, "l1", email="kim@globex.com", company="Globex")
    lead = house.crm.records[("lead", "l1")]
    assert (lead.owner_id, lead.text("account_id"), len(house.crm.tasks_of("l1"))) == ("u1", "a1", 1)
    work = undo_lead(house, "l1")
    assert (work.state, work.done, work.reason) == ("done", 1, "1 undone, 0 left as they are.")
    lead = house.crm.records[("lead", "l1")]
    assert (lead.owner_id, lead.text("account_id"), lead.text("decision")) == ("u0", "", "")
    assert house.crm.tasks_of("l1") == []


def test_an_audit_of_its_own_says_who_took_what_back(house: House) -> None:
    route(house, "l1", email="kim@globex.com", company="Globex")
    house.crm.done.add("task1")
    undo_lead(house, "l1")
    undone, made = stored(house, "l1")
    assert (undone.decision.outcome, undone.decision.undoes, undone.state) == ("undone", made.decision.key, "settled")
    entry = house.crm.entries[undone.decision.key]
    assert entry.outcome == "undone"
    assert entry.reason.startswith("Undone by Kim: owner back to Integration; link to Globex removed; ")
    assert "the task “Call l1” was left, it is completed" in entry.reason
    assert "by the rule “Account owner”" in entry.reason
    assert entry.reason in explain.story(undone.decision)
    assert len(house.crm.tasks_of("l1")) == 1


def test_what_somebody_has_changed_since_is_left_and_said(house: House) -> None:
    house.account("a2", owner="u2", name="Initech")
    route(house, "l1", email="kim@globex.com", company="Globex")
    change(house, "l1", owner="u2", account_id="a2", decision="of somebody else")
    house.crm.edited.add("task1")
    undo_lead(house, "l1")
    lead = house.crm.records[("lead", "l1")]
    assert (lead.owner_id, lead.text("account_id"), lead.text("decision")) == ("u2", "a2", "of somebody else")
    assert len(house.crm.tasks_of("l1")) == 1
    assert len(stored(house, "l1")) == 1, "nothing went back, so nothing was undone"


def test_part_of_it_goes_back_where_part_was_changed(house: House) -> None:
    route(house, "l1", email="kim@globex.com", company="Globex")
    change(house, "l1", owner="u2")
    undo_lead(house, "l1")
    lead = house.crm.records[("lead", "l1")]
    assert (lead.owner_id, lead.text("account_id"), house.crm.tasks_of("l1")) == ("u2", "", [])
    assert "the owner was left, it is Bob now" in house.crm.entries[stored(house, "l1")[0].decision.key].reason


def test_who_is_not_active_any_more_does_not_get_the_lead_back(house: House) -> None:
    house.lead("l1", owner="u3")
    house.post(house.event("l1"))
    house.drain()
    given = house.owner("l1")
    assert given in OWNERS
    undo_lead(house, "l1")
    assert house.owner("l1") == given
    reason = house.crm.entries[stored(house, "l1")[0].decision.key].reason
    assert "the owner was left, Gone is not active any more" in reason
    assert "the turn in the pool Everyone stays" in reason
    assert rows(house, "l1")[-1].ended_at is None


def test_the_turn_goes_back_to_the_pool_and_the_assignment_ends(house: House) -> None:
    route(house, "l1", "l2", "l3")
    with house.database.read() as connection:
        before = rotation.states(connection, house.install.id)["Everyone"]
    route(house, "l4")
    taker = house.owner("l4")
    undo_lead(house, "l4")
    (row,) = rows(house, "l4")
    assert (row.ending, row.user_id) == ("undone", taker)
    route(house, "l5")
    assert house.owner("l5") == taker, "the turn was given back"
    with house.database.read() as connection:
        after = rotation.states(connection, house.install.id)["Everyone"]
    assert sum(each["got"] for each in after.values()) == sum(each["got"] for each in before.values()) + 1


def test_a_turn_goes_back_once_however_often_it_is_asked_for(house: House) -> None:
    route(house, "l1")
    key = stored(house, "l1")[0].decision.key
    for _ in range(3):
        house.later(minutes=1)
        finished(house, ask(house, Wish("Kim", house.now, keys=(key,))))
    assert [each.decision.outcome for each in stored(house, "l1")] == ["undone", "assigned"]
    route(house, "l2")
    with house.database.read() as connection:
        standing = rotation.states(connection, house.install.id)["Everyone"]
    assert sum(each["got"] for each in standing.values()) == 1


def test_its_timers_are_stopped(house: House) -> None:
    rule = next(row for row in house.crm.rule_rows if row.name == "Everyone else")
    text = rule.definition.rstrip() + "\n  escalate: [{after: 30 minutes, remind: true}]\n"
    house.crm.rule_rows = [replace(row, definition=text) if row is rule else row for row in house.crm.rule_rows]
    house.post(house.event("rules", kind="rule"))
    house.drain()
    route(house, "l1")
    undo_lead(house, "l1")
    with house.database.read() as connection:
        assert [(each.state, each.reason) for each in timers.of_lead(connection, house.install.id, "l1")] == [
            ("stopped", "undone")
        ]


def test_the_lead_is_not_routed_again_until_it_changes(house: House) -> None:
    route(house, "l1", "other")
    taker = house.owner("l1")
    undo_lead(house, "l1")
    house.later(minutes=1)
    house.post(house.event("l1", change="updated"))
    house.drain()
    assert (house.owner("l1"), len(stored(house, "l1"))) == ("u0", 2)
    house.later(minutes=1)
    change(house, "l1", country="Spain")
    house.post(house.event("l1", change="updated"))
    house.drain()
    assert house.owner("l1") in OWNERS - {taker}, "who had it taken away does not get it again"


def test_an_account_that_changes_does_not_move_an_undone_lead(house: House) -> None:
    route(house, "l1", email="kim@initech.com", company="Initech")
    undo_lead(house, "l1")
    house.later(minutes=1)
    house.account("a2", owner="u2", name="Initech", website="initech.com")
    house.post(house.event("a2", kind="account"))
    house.drain()
    lead = house.crm.records[("lead", "l1")]
    assert (lead.owner_id, lead.text("account_id")) == ("u0", "a2")


def test_the_stamp_of_the_decision_before_comes_back(house: House) -> None:
    route(house, "l1")
    first = house.crm.records[("lead", "l1")].text("decision")
    house.later(minutes=1)
    change(house, "l1", email="kim@globex.com", company="Globex")
    house.post(house.event("l1", change="updated"))
    house.drain()
    assert house.crm.records[("lead", "l1")].text("account_id") == "a1"
    undo_lead(house, "l1")
    lead = house.crm.records[("lead", "l1")]
    assert (lead.text("decision"), lead.text("account_id")) == (first, "")


def test_a_run_goes_back_to_where_each_lead_was_before_it(house: House) -> None:
    route(house, "before")
    kept = house.owner("before")
    house.later(hours=1)
    since = house.now
    route(house, *(f"l{number}" for number in range(7)))
    house.later(minutes=1)
    for number in range(3):  # these are given twice within the run
        change(house, f"l{number}", email=f"l{number}@globex.com", company="Globex")
        house.post(house.event(f"l{number}", change="updated"))
    house.drain()
    assert house.crm.records[("lead", "l0")].text("account_id") == "a1"
    house.later(minutes=1)
    work = finished(house, ask(house, Wish("Kim", house.now, since=since)))
    assert (work.state, work.reason) == ("done", "10 undone, 0 left as they are.")
    for number in range(7):
        lead = house.crm.records[("lead", f"l{number}")]
        assert (lead.owner_id, lead.text("account_id"), lead.text("decision")) == ("u0", "", ""), lead.id
        assert house.crm.tasks_of(lead.id) == []
    assert (house.owner("before"), len(stored(house, "before"))) == (kept, 1)


def test_a_run_can_be_that_of_one_rule_or_version(house: House) -> None:
    route(house, "l1", email="kim@globex.com", company="Globex")
    route(house, "l2")
    version = stored(house, "l1")[0].decision.ruleset_version
    since = house.now - timedelta(hours=1)
    house.later(minutes=1)
    assert finished(house, ask(house, Wish("Kim", house.now, since=since, version="another"))).done == 0
    finished(house, ask(house, Wish("Kim", house.now, since=since, rule="Account owner", version=version)))
    assert house.owner("l1") == "u0"
    assert house.owner("l2") in OWNERS


def test_pages_go_on_where_they_stood(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo, "PAGE", 2)
    monkeypatch.setattr(undo.wanted, "__kwdefaults__", {"size": 2})
    since = house.now
    route(house, *(f"l{number}" for number in range(5)))
    house.later(minutes=1)
    work = finished(house, ask(house, Wish("Kim", house.now, since=since)))
    assert (work.state, work.reason) == ("done", "5 undone, 0 left as they are.")
    assert {house.owner(f"l{number}") for number in range(5)} == {"u0"}


def test_what_was_decided_after_the_wish_stays(house: House) -> None:
    route(house, "l1")
    house.later(minutes=1)
    wish = Wish("Kim", house.now, since=house.now - timedelta(hours=1))
    house.later(minutes=1)
    route(house, "l2")
    finished(house, ask(house, wish))
    assert house.owner("l1") == "u0"
    assert house.owner("l2") in OWNERS


def test_a_deleted_lead_only_gives_its_turn_back(house: House) -> None:
    route(house, "l1")
    del house.crm.records[("lead", "l1")]
    undo_lead(house, "l1")
    (row,) = rows(house, "l1")
    assert row.ending == "undone"
    assert "the lead is deleted" in house.crm.entries[stored(house, "l1")[0].decision.key].reason


def test_a_converted_lead_is_left(house: House) -> None:
    route(house, "l1")
    lead = house.crm.records[("lead", "l1")]
    house.crm.add(replace(lead, fields={**lead.fields, "converted": True}))
    work = undo_lead(house, "l1")
    assert (work.reason, len(stored(house, "l1"))) == ("0 undone, 1 left as they are.", 1)


def test_an_undo_cannot_be_undone(house: House) -> None:
    route(house, "l1")
    undo_lead(house, "l1")
    undo_lead(house, "l1")
    assert (house.owner("l1"), len(stored(house, "l1"))) == ("u0", 2)


def test_a_suggestion_is_taken_back_with_its_task(house: House) -> None:
    house.mode("suggest")
    route(house, "l1")
    assert len(house.crm.tasks_of("l1")) == 1
    undo_lead(house, "l1")
    assert (house.owner("l1"), house.crm.tasks_of("l1")) == ("u0", [])


def test_a_wish_that_is_forgotten_fails_and_says_so(house: House) -> None:
    name = ask(house, Wish("Kim", house.now, keys=("nobody",)))
    house.later(days=31)
    assert finished(house, name).state == "failed"


def test_a_decision_about_which_something_is_still_done_is_waited_for(house: House) -> None:
    route(house, "l1")
    key = stored(house, "l1")[0].decision.key
    with house.database.write() as connection:
        connection.execute(
            decisions.decision.update().values(state="intended", not_before=house.now + timedelta(minutes=5))
        )
    name = ask(house, Wish("Kim", house.now, keys=(key,)))
    waits = finished(house, name)
    assert (waits.state, waits.reason[:22]) == ("running", "0 undone, 0 left as th")
    assert "1 put off: something is still being done" in waits.reason
    house.later(minutes=6)
    assert finished(house, name).state == "done"
    assert house.owner("l1") == "u0"
