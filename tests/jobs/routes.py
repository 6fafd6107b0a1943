"""What the tests of routing over time share: rules in force, leads that come, and what became of them."""

from __future__ import annotations

from dataclasses import replace

from connector.acts import Act
from connector.rows import RuleRow
from connector.store import assignments, decisions, rotation, timers
from connector.store.assignments import Assignment
from connector.store.decisions import Stored
from connector.store.timers import Waiting
from rules.model import Change, Value
from rules.pools import Share, shares
from rules.ruleset import split
from tests.jobs.conftest import House

POOL = """
- pool: Desk
  members: [{user: ana@example.com}, {user: bob@example.com}]
"""


def rules(house: House, text: str) -> None:
    """Put a rule set in force."""
    house.crm.rule_rows = [
        RuleRow(item.name, item.kind, place, item.text, id=f"n{place}-{house.now.timestamp()}")
        for place, item in enumerate(split(text))
    ]
    house.post(house.event("rules", kind="rule", change="updated"))
    house.drain()
    assert not [row.error for row in house.crm.rule_rows if row.error]
    house.later(seconds=1)


def come(house: House, lead_id: str, *, owner: str = "u0", **fields: Value) -> None:
    """Have a new lead come, and routed."""
    house.lead(lead_id, owner=owner, **fields)
    house.post(house.event(lead_id))
    house.drain()


def change(house: House, lead_id: str, event: Change = "updated") -> None:
    """Tell that a lead is another one now."""
    house.later(seconds=1)
    house.post(house.event(lead_id, change=event))
    house.drain()


def act(house: House, what: Act, lead_id: str = "l1") -> None:
    """Have somebody do something with a lead, or with its task."""
    lead = house.crm.records[("lead", lead_id)]
    if what == "gone":
        del house.crm.records[("lead", lead_id)]
    elif what == "converted":
        house.crm.add(replace(lead, fields={**lead.fields, "converted": True}, modified_at=house.now))
    elif what == "owner changed":
        house.crm.add(replace(lead, owner_id="u3"))
    elif what == "status changed":
        status = lead.text("status") + "Working"  # another one each time
        house.crm.add(replace(lead, fields={**lead.fields, "status": status}, modified_at=house.now))
    elif what == "task done":
        house.crm.done.add("task1")
        house.crm.finished["task1"] = house.now
    else:
        house.crm.activities[lead_id] = house.now


def tick(house: House, **delta: float) -> None:
    """Let time pass, and drain."""
    house.later(**delta)
    house.drain()


def made(house: House, lead_id: str) -> list[Stored]:
    """Return the decisions about a lead, oldest first."""
    seal = house.tools.seal(house.install)
    with house.database.read() as connection:
        found = decisions.of_lead(connection, house.install.id, seal, lead_id)
    return sorted(found, key=lambda each: (each.created_at, len(each.decision.key)))


def outcomes(house: House, lead_id: str) -> list[str]:
    """Return what came of a lead, decision after decision, as the audit tells."""
    entries = [entry for entry in house.crm.entries.values() if entry.lead_id == lead_id]
    return [entry.outcome for entry in sorted(entries, key=lambda each: (each.decided_at, len(each.key)))]


def rows(house: House, lead_id: str) -> list[Assignment]:
    """Return the assignments of a lead in mode act."""
    with house.database.read() as connection:
        return assignments.of_leads(connection, house.install.id, [lead_id], mode="act").get(lead_id, [])


def held(house: House, lead_id: str) -> list[tuple[str, str]]:
    """Return who had a lead, with how that ended."""
    return [(each.user_id, each.ending) for each in rows(house, lead_id)]


def set_timers(house: House, lead_id: str) -> list[Waiting]:
    """Return the timers of a lead."""
    with house.database.read() as connection:
        return timers.of_lead(connection, house.install.id, lead_id)


def states(house: House, lead_id: str) -> list[tuple[str, str, str]]:
    """Return kind, state and reason of a lead's timers, by the time they are due."""
    return [(each.kind, each.state, each.reason) for each in set_timers(house, lead_id)]


def got(house: House, lane: str = "Desk") -> dict[str, int]:
    """Return how many leads count as received from a pool, by user id."""
    with house.database.read() as connection:
        standing = rotation.states(connection, house.install.id).get(lane, {})
    found: list[Share] = shares(standing)
    return {each.user_id: each.got for each in found}
