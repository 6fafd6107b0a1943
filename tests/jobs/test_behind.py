"""A worker whose clock is behind: which decision of a lead is the latest does not go by clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.jobs.conftest import House
from tests.jobs.routes import POOL, come, held, made, outcomes, rules, tick

RULES = f"""
- rule: Hot
  when: [lead.status is Hot]
  assign: user "bob@example.com"
  escalate: [{{after: 1 hour, return: true}}]
- rule: Leads
  assign: pool "Desk"
{POOL}"""


def test_a_decision_by_a_clock_that_is_behind_is_the_latest_all_the_same(house: House) -> None:
    rules(house, RULES)
    come(house, "l1")
    assert house.owner("l1") == "u1"
    house.later(seconds=-30)
    at = house.now + timedelta(seconds=40)
    lead = house.crm.records[("lead", "l1")]
    house.crm.add(replace(lead, fields={**lead.fields, "status": "Hot"}, modified_at=at))
    house.post(replace(house.event("l1", change="updated"), at=at))
    house.drain()
    assert house.owner("l1") == "u2"
    first, second = (each.created_at for each in made(house, "l1"))
    assert second - first == timedelta(microseconds=1)
    tick(house, hours=1, minutes=1)
    assert len(outcomes(house, "l1")) == 3, "the timer led to a decision"
    assert held(house, "l1")[1] == ("u2", "timed out")
