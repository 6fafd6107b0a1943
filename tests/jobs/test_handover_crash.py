"""A worker killed at any step of giving a lead to somebody else, over both sandboxes with the real clients.

Whoever loses it loses its task, and whoever gets it has one, once.
"""

from __future__ import annotations

import signal
from collections import defaultdict

import pytest

from connector.rows import RuleRow
from connector.services import opened
from connector.store import assignments, decisions, letters
from connector.store.assignments import holding
from jobs import routing
from jobs.drain import drain
from rules.actions import Withdraw
from rules.model import Event
from tests.demo.watch import HubSpotEye, SalesforceEye
from tests.jobs.test_crash import AFTER_THE_LEASE, CRMS, FIRST_STEP, KILL_EVERY, Place, _row, place
from tests.local.world import CrmName

__all__ = ["place"]

MOST_STEPS = 60
LEADS = 2
"""Leads that go to somebody else together at each step."""


def share(place: Place, crm: CrmName) -> None:
    """Put a rule in force by which four people share all leads."""
    install = place.installs[crm]
    with opened(place.world.settings(place.world.directory / "data")) as services:
        opened_crm = services.tools.open_crm(install)
        try:
            people = [user.email for user in opened_crm.users() if user.active and user.email and not user.queue][:4]
            parts = (f"- pool: Over\n  members: [{', '.join(people)}]\n", '- rule: Over\n  assign: pool "Over"\n')
            kinds = zip(("pool", "rule"), parts, strict=True)
            # Before the starter rules.
            opened_crm.put_rules([RuleRow("Over", kind, -1, text) for kind, text in kinds])
        finally:
            opened_crm.close()
        event = Event("rules", "rule", "rules", "updated", services.clock())
        with services.database.write() as store:
            letters.receive(store, install.id, [event], now=services.clock())
        drain(services.tools, install.id)


def hand_back(place: Place, crm: CrmName, lead_ids: list[str]) -> dict[str, str]:
    """Have these leads handed back by whoever has them; return who had each."""
    install, had = place.installs[crm], dict[str, str]()
    with opened(place.world.settings(place.world.directory / "data")) as services, services.database.write() as store:
        for lead_id, rows in assignments.of_leads(store, install.id, lead_ids, mode="act").items():
            held = holding(rows)
            assert held is not None
            had[lead_id] = held.user_id
            now = services.clock()
            assert routing.reject(store, install.id, lead_id, by=held.user_id, mode="act", now=now)
    return had


def taken_back(place: Place, crm: CrmName, lead_ids: list[str]) -> dict[str, int]:
    """Return how many tasks of each lead were taken back, as its decisions say."""
    install = place.installs[crm]
    with opened(place.world.settings(place.world.directory / "data")) as services, services.database.read() as store:
        seal = services.seal(install)
        made = {each: decisions.of_lead(store, install.id, seal, each) for each in lead_ids}
    return {
        lead_id: sum(
            len(action.tasks)
            for one in every
            for action in one.decision.actions
            if isinstance(action, Withdraw) and one.ledger[Withdraw.key].state in {"done", "already"}
        )
        for lead_id, every in made.items()
    }


def live_tasks(crm: CrmName, eye: SalesforceEye | HubSpotEye) -> dict[str, list[str]]:
    """Return who has a task about each lead that is not deleted."""
    found: dict[str, list[str]] = defaultdict(list)
    if isinstance(eye, SalesforceEye):
        for row in eye.rows("Task"):
            if not row["IsDeleted"]:
                found[row["WhoId"]].append(row["OwnerId"])
        return found
    for row in eye.rows("tasks"):
        for each in row["associations"]:
            found[str(each["toObjectId"])].append(row["properties"]["hubspot_owner_id"])
    return found


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.timeout(240)
def test_a_lead_that_changes_hands_has_one_task_wherever_the_worker_died(place: Place, crm: CrmName) -> None:
    eye = SalesforceEye(place.world) if crm == "salesforce" else HubSpotEye(place.world, place.installs[crm].tenant_id)
    # It counts real seconds, of which fewer pass here than the workers' clock is put forward.
    place.world.hubspot_control.post("limits", {"general": None, "search": None, "associations": None})
    ids = eye.create([_row(crm, f"over{crm}{number}") for number in range(MOST_STEPS * LEADS)])
    share(place, crm)
    place.post(crm, ids)
    assert place.run(crm, die_at=0) == 0
    had: dict[str, str] = {}
    at: dict[str, int] = {}
    for step in range(FIRST_STEP[crm], MOST_STEPS, KILL_EVERY):
        mine = ids[(step - 1) * LEADS : step * LEADS]
        at |= dict.fromkeys(mine, step)
        had |= hand_back(place, crm, mine)
        exit_code = place.run(crm, die_at=step)
        if exit_code == 0:
            break
        assert exit_code == -signal.SIGKILL
        assert place.run(crm, die_at=0, later=AFTER_THE_LEASE) == 0
        assert place.left(crm) == 0, f"killed at step {step}"
    assert exit_code == 0, f"more than {MOST_STEPS} steps"
    assert max(at.values()) > 8, "this has more steps: the killing does not work"
    audits, owners, tasks = eye.audits(), eye.owners(), live_tasks(crm, eye)
    told = taken_back(place, crm, list(at))
    for lead_id, step in at.items():
        assert owners[lead_id] != had[lead_id], f"step {step}"
        assert tasks[lead_id] == [owners[lead_id]], f"step {step}"
        assert len(audits[lead_id]) == 2, f"step {step}"
        assert told[lead_id] == 1, f"step {step}"
    assert all(len(tasks[each]) == 1 for each in ids if each not in at)
