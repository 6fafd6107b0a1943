"""A worker killed at any step of an undo, over both sandboxes with the real clients: all goes back once."""

from __future__ import annotations

import signal
from collections import Counter

import pytest

from connector.services import opened
from connector.store import assignments, decisions, progress
from connector.store.assignments import Assignment
from jobs import undo
from jobs.undo import Wish
from tests.demo.watch import HubSpotEye, SalesforceEye
from tests.jobs.test_crash import AFTER_THE_LEASE, CRMS, FIRST_STEP, KILL_EVERY, Place, _row, place
from tests.local.world import CrmName

__all__ = ["place"]

MOST_STEPS = 50
LEADS = 2
"""Leads whose routing is undone together at each step."""


def ask(place: Place, crm: CrmName, lead_ids: list[str]) -> str:
    """Ask for the undo of what these leads' only decisions did."""
    install = place.installs[crm]
    with opened(place.world.settings(place.world.directory / "data")) as services:
        seal = services.seal(install)
        with services.database.read() as store:
            keys = [decisions.of_lead(store, install.id, seal, each)[0].decision.key for each in lead_ids]
        wish = Wish("Kim", services.clock(), keys=tuple(keys))
        return undo.ask(services.database, install.id, seal, wish, clock=services.clock)


def came(place: Place, crm: CrmName) -> dict[str, tuple[str, str]]:
    """Return state and result of every undo by name."""
    with opened(place.world.settings(place.world.directory / "data")) as services, services.database.read() as store:
        return {each.name: (each.state, each.reason) for each in progress.of(store, place.installs[crm].id)}


def given(place: Place, crm: CrmName, lead_ids: list[str]) -> list[Assignment]:
    with opened(place.world.settings(place.world.directory / "data")) as services, services.database.read() as store:
        found = assignments.of_leads(store, place.installs[crm].id, lead_ids, mode="act")
    return [row for rows in found.values() for row in rows]


def live_tasks(crm: CrmName, eye: SalesforceEye | HubSpotEye) -> Counter[str]:
    """Return how many tasks that are not deleted each lead has."""
    if isinstance(eye, SalesforceEye):
        return Counter(row["WhoId"] for row in eye.rows("Task") if not row["IsDeleted"])
    return eye.tasks()


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.timeout(240)
def test_an_undo_killed_at_any_step_takes_everything_back_once(place: Place, crm: CrmName) -> None:
    eye = SalesforceEye(place.world) if crm == "salesforce" else HubSpotEye(place.world, place.installs[crm].tenant_id)
    # It counts real seconds, of which fewer pass here than the workers' clock is put forward.
    place.world.hubspot_control.post("limits", {"general": None, "search": None, "associations": None})
    ids = eye.create([_row(crm, f"undo{crm}{number}") for number in range(MOST_STEPS * LEADS)])
    before = eye.owners()
    place.post(crm, ids)
    assert place.run(crm, die_at=0) == 0
    told = {each: len(found) for each, found in eye.audits().items()}
    assert [told[each] for each in ids] == [1] * len(ids)
    steps: dict[int, list[str]] = {}
    for step in range(FIRST_STEP[crm], MOST_STEPS, KILL_EVERY):
        steps[step] = ids[(step - 1) * LEADS : step * LEADS]
        name = ask(place, crm, steps[step])
        exit_code = place.run(crm, die_at=step)
        if exit_code == 0:
            break
        assert exit_code == -signal.SIGKILL
        assert place.run(crm, die_at=0, later=AFTER_THE_LEASE) == 0
        assert place.left(crm) == 0, f"killed at step {step}"
        assert came(place, crm)[name] == ("done", f"{LEADS} undone, 0 left as they are."), f"killed at step {step}"
    assert exit_code == 0, f"more than {MOST_STEPS} steps"
    assert max(steps) > 8, "an undo has more steps than this: the killing does not work"
    audits, owners, links, tasks = eye.audits(), eye.owners(), eye.links(), live_tasks(crm, eye)
    for step, undone in steps.items():
        assert {row.ending for row in given(place, crm, undone)} == {"undone"}, f"step {step}"
        for lead_id in undone:
            outcomes = sorted(each.outcome for each in audits[lead_id])
            assert outcomes in (["assigned", "undone"], ["kept", "undone"]), f"step {step}: {outcomes}"
            assert (owners[lead_id], links[lead_id], tasks[lead_id]) == (before[lead_id], "", 0), f"step {step}"
    untouched = set(ids) - {each for undone in steps.values() for each in undone}
    assert all(len(audits[each]) == 1 for each in untouched)
    assert all(tasks[each] == 1 for each in untouched)
