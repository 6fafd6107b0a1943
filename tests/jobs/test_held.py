"""Leads that wait are asked about again when rules or people are not what they waited by."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.store import pauses, timers
from jobs import held
from tests.jobs.conftest import House
from tests.jobs.routes import come, outcomes, rules, tick

NIGHT = """
- rule: Leads
  assign: pool "Night"
- pool: Night
  hold: true
  members: [{user: ana@example.com, hours: "Mon 20:00-21:00 UTC"}]
"""
HOLDING = """
- rule: Leads
  assign: pool "Desk"
- pool: Desk
  hold: true
  members: [{user: ana@example.com}]
"""


def test_a_lead_held_for_a_shift_is_asked_about_when_the_rules_change(house: House) -> None:
    rules(house, NIGHT)
    come(house, "l1")
    assert outcomes(house, "l1") == ["waiting"]
    house.later(minutes=1)
    rules(house, '- rule: Leads\n  assign: user "bob@example.com"\n')
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u2", ["waiting", "assigned"])


def test_rules_that_are_what_they_were_ask_about_nobody(house: House) -> None:
    rules(house, NIGHT)
    come(house, "l1")
    house.post(house.event("rules", kind="rule", change="updated"))
    calls: list[str] = []
    house.crm.before = calls.append
    house.drain()
    assert "read" not in calls


def test_a_lead_goes_to_who_takes_leads_again_before_the_pause_was_over(house: House) -> None:
    rules(house, HOLDING)
    with house.database.write() as connection:
        until = house.now + timedelta(hours=8)
        pauses.put(connection, house.install.id, "u1", until=until, by="u1", now=house.now)
    come(house, "l1")
    assert outcomes(house, "l1") == ["waiting"]
    house.later(minutes=5)
    with house.database.write() as connection:
        assert pauses.end(connection, house.install.id, "u1", now=house.now)
    house.drain()
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u1", ["waiting", "assigned"])


def test_a_user_that_was_changed_has_leads_that_wait_asked_about(house: House) -> None:
    rules(house, NIGHT)
    come(house, "l1")
    calls: list[str] = []
    house.crm.before = calls.append
    tick(house, minutes=1)
    assert "read" not in calls
    house.post(house.event("u1", kind="user", change="updated"))
    house.drain()
    assert "read" in calls
    assert outcomes(house, "l1") == ["waiting"], "it still waits for the same: no second audit"


def test_many_leads_that_wait_are_asked_about_page_by_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "PAGE", 2)
    rules(house, NIGHT)
    for number in range(5):
        come(house, f"l{number}")
    with house.database.write() as connection:
        timers.ask_all(connection, house.install.id, now=house.now)
        assert timers.asking_page(connection, house.install.id, after="l2", limit=9) == ["l3", "l4"]
    rules(house, '- rule: Leads\n  assign: user "bob@example.com"\n')
    assert {house.owner(f"l{number}") for number in range(5)} == {"u2"}
