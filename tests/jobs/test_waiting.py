"""Leads that wait, for a value or for somebody at work: asked about in time, with one audit, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rules.model import Value
from tests.jobs.conftest import START, House
from tests.jobs.routes import POOL, change, come, held, made, outcomes, rules, set_timers, states, tick

WAITING = f"""
- rule: Big
  when: [lead.employees >= 1000]
  assign: user "bob@example.com"
  wait: {{for: lead.employees, at most: 10 minutes}}
- rule: Leads
  assign: pool "Desk"
{POOL}"""
HOLDING = """
- pool: Desk
  hold: 2 days
  hours: "Mon-Fri 12:00-18:00 UTC"
  members: [{user: ana@example.com}]
- rule: Leads
  assign: pool "Desk"
"""


def edit(house: House, lead_id: str, **fields: Value) -> None:
    lead = house.crm.records[("lead", lead_id)]
    house.crm.add(replace(lead, fields={**lead.fields, **fields}))
    change(house, lead_id)


def test_a_lead_waits_for_a_value_until_its_deadline_and_is_routed_then(house: House) -> None:
    rules(house, WAITING)
    come(house, "l1")
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u0", ["waiting"])
    assert states(house, "l1") == [("ask", "waiting", "")]
    tick(house, minutes=9)
    assert outcomes(house, "l1") == ["waiting"]
    tick(house, minutes=1)
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u1", ["waiting", "assigned"])
    assert states(house, "l1") == [("ask", "fired", "")]


def test_a_value_that_comes_while_it_waits_has_it_routed_at_once(house: House) -> None:
    rules(house, WAITING)
    come(house, "l1")
    house.later(minutes=2)
    edit(house, "l1", employees=5000)
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u2", ["waiting", "assigned"])
    assert states(house, "l1") == [("ask", "stopped", "decided anew")]
    assert held(house, "l1") == [("u2", "")]
    tick(house, minutes=20)
    assert len(outcomes(house, "l1")) == 2


def test_another_update_neither_prolongs_the_wait_nor_is_audited(house: House) -> None:
    rules(house, WAITING)
    come(house, "l1")
    due = set_timers(house, "l1")[0].due_at
    house.later(minutes=5)
    edit(house, "l1", company="Initech")
    assert outcomes(house, "l1") == ["waiting"]
    assert [each.due_at for each in set_timers(house, "l1")] == [due]
    house.now = due
    house.drain()
    last = made(house, "l1")[-1].decision
    assert (last.outcome, last.lead.text("company")) == ("assigned", "Initech")
    assert last.received_at < due - timedelta(minutes=9), "it came when it began to wait"


def test_a_lead_that_waits_for_its_account_is_asked_about_when_the_account_changes(house: House) -> None:
    text = WAITING.replace("lead.employees", "account.employees")
    rules(house, text)
    house.account("a1", name="Globex Corporation", website="globex.com", phone="+1 650 253 0000")
    house.post(house.event("a1", kind="account"))
    house.drain()
    come(house, "l1", email="kim@globex.com", company="Globex Corporation")
    assert outcomes(house, "l1") == ["waiting"]
    house.later(minutes=1)
    house.account("a1", name="Globex Corporation", website="globex.com", phone="+1 650 253 0000", employees=9000)
    house.post(house.event("a1", kind="account", change="updated"))
    house.drain()
    house.drain()
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u2", ["waiting", "assigned"])


def test_a_lead_is_held_until_somebody_is_on_shift(house: House) -> None:
    rules(house, HOLDING)
    come(house, "l1")
    assert outcomes(house, "l1") == ["waiting"]
    assert [each.due_at for each in set_timers(house, "l1")] == [START.replace(hour=12)]
    tick(house, hours=2)
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u1", ["waiting", "assigned"])


def test_a_wait_that_goes_on_sets_its_timer_again_without_another_audit(house: House) -> None:
    rules(house, HOLDING)
    come(house, "l1")
    rules(house, HOLDING.replace("12:00", "14:00"))
    assert outcomes(house, "l1") == ["waiting"]
    assert [(each.state, each.due_at.hour, each.step) for each in set_timers(house, "l1")] == [
        ("stopped", 12, 0), ("waiting", 14, 1),
    ]  # fmt: skip
    house.now = START.replace(hour=14)
    house.drain()
    assert outcomes(house, "l1") == ["waiting", "assigned"]


def test_whoever_takes_a_lead_that_waits_keeps_it(house: House) -> None:
    rules(house, WAITING)
    come(house, "l1")
    house.crm.add(replace(house.crm.records[("lead", "l1")], owner_id="u2"))
    tick(house, minutes=10)
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u2", ["waiting", "kept"])


def test_whoever_made_a_lead_has_not_got_it_by_a_wait(house: House) -> None:
    rules(house, WAITING)
    come(house, "first")
    tick(house, minutes=10)
    assert house.owner("first") == "u1"
    come(house, "l1", owner="u1")
    tick(house, minutes=10)
    assert house.owner("l1") == "u2", "it is Bob's turn, though Ana made the lead"


def test_a_lead_that_goes_while_it_waits_is_not_asked_about(house: House) -> None:
    rules(house, WAITING)
    come(house, "l1")
    del house.crm.records[("lead", "l1")]
    tick(house, minutes=10)
    assert outcomes(house, "l1") == ["waiting"]
    assert states(house, "l1") == [("ask", "stopped", "gone")]


def test_observe_waits_too(house: House) -> None:
    house.mode("observe")
    rules(house, WAITING)
    come(house, "l1")
    tick(house, minutes=10)
    assert outcomes(house, "l1") == ["waiting", "observed"]
    assert house.owner("l1") == "u0"
