"""A merge, and its undo, by a worker that is killed between any two steps: over both sandboxes with the real clients.

Each pair ends as one record that was routed once, with one snapshot and one audit of the merge; taken back, as two.
"""

from __future__ import annotations

import signal
from datetime import timedelta
from typing import Any

import pytest

from connector.rows import RuleRow
from connector.services import Services, opened
from connector.store import decisions, letters
from connector.store.decisions import Stored
from jobs.drain import drain
from jobs.undo import Wish, ask
from rules.actions import Merge, Unmerge
from rules.model import Event
from tests.demo.watch import HubSpotEye, SalesforceEye
from tests.jobs import test_crash
from tests.jobs.test_crash import AFTER_THE_LEASE, CRMS, Place, place
from tests.local.world import CrmName

KILL_EVERY = 12 * test_crash.KILL_EVERY
"""At every how many-th step a worker is killed; by ``make crash`` at three times as many. That it may be any step is
in test_merge_killed."""
FIRST_STEP = 14
MOST_STEPS = 200
POLICY = "- duplicates: One person\n  mode: act\n  survivor: [oldest]\n"

__all__ = ["place"]


@pytest.fixture(scope="module")
def merging(place: Place) -> Place:
    """Both CRMs, where people's records become one.

    HubSpot's limit is lifted: it counts real seconds, of which fewer pass here than the workers' clock is put forward.
    """
    place.world.hubspot_control.post("limits", {"general": None, "search": None, "associations": None})
    with services_of(place) as services:
        for crm in CRMS:
            install = place.installs[crm]
            opened_crm = services.tools.open_crm(install)
            opened_crm.put_rules([RuleRow("One person", "duplicates", 0, POLICY)])
            opened_crm.close()
            event = Event("rules", "rule", "rules", "updated", services.clock())
            with services.database.write() as store:
                letters.receive(store, install.id, [event], now=services.clock())
            drain(services.tools, install.id)
    return place


def services_of(place: Place) -> Any:
    return opened(place.world.settings(place.world.directory / "data"))


def eye_of(place: Place, crm: CrmName) -> SalesforceEye | HubSpotEye:
    return SalesforceEye(place.world) if crm == "salesforce" else HubSpotEye(place.world, place.installs[crm].tenant_id)


def pair(crm: CrmName, name: str) -> list[dict[str, Any]]:
    """Return two records of one person, whose addresses are written in two ways."""
    mails = (f"{name}.twin@gmail.com", f"{name}twin@gmail.com")
    if crm == "salesforce":
        return [{"LastName": name, "FirstName": "Kim", "Company": "Twin Ltd", "Email": mail} for mail in mails]
    return [{"lastname": name, "firstname": "Kim", "company": "Twin Ltd", "email": mail} for mail in mails]


def living(eye: SalesforceEye | HubSpotEye, crm: CrmName, name: str) -> list[str]:
    """Return the ids of the records of a person that are there."""
    if crm == "salesforce":
        return [row["Id"] for row in eye.rows("Lead") if row["LastName"] == name and not row["IsDeleted"]]
    return [row["id"] for row in eye.rows("contacts") if row["properties"].get("lastname") == name
            and not row.get("archived")]  # fmt: skip


def merges(services: Services, place: Place, crm: CrmName, name: str) -> list[Stored]:
    """Return what was decided about merging a person, newest first, but for what was planned anew."""
    install = place.installs[crm]
    with services.database.read() as store:
        found = decisions.recent(store, install.id, services.tools.seal(install), limit=1000)
    mine = [each for each in found if each.decision.lead.text("last_name") == name]
    return [each for each in mine if any(isinstance(one, Merge | Unmerge) for one in each.decision.actions)]


def waits(place: Place, crm: CrmName) -> list[str]:
    """Return what unfinished decisions wait for."""
    install = place.installs[crm]
    with services_of(place) as services, services.database.read() as store:
        found = decisions.recent(store, install.id, services.tools.seal(install), limit=10)
    return [f"{each.decision.outcome} {each.reason} {dict(each.ledger)}" for each in found if each.state == "intended"]


def finish(place: Place, crm: CrmName) -> None:
    """Have workers do what is left: one stops when its shift is over."""
    for number in range(5):
        assert place.run(crm, die_at=0, later=AFTER_THE_LEASE + number) == 0
        if not place.left(crm):
            return
    raise AssertionError(waits(place, crm))


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.timeout(240)
def test_a_merge_by_a_worker_that_is_killed_is_done_once(merging: Place, crm: CrmName) -> None:
    eye, names = eye_of(merging, crm), dict[int, str]()
    for step in range(FIRST_STEP, MOST_STEPS, KILL_EVERY):
        names[step] = f"twin{crm[0]}{step}"
        merging.post(crm, eye.create(pair(crm, names[step])))
        exit_code = merging.run(crm, die_at=step)
        assert exit_code in {0, -signal.SIGKILL}
        finish(merging, crm)
        if exit_code == 0:
            break
    assert exit_code == 0, f"more than {MOST_STEPS} steps"
    audits, tasks = eye.audits(), eye.tasks()
    with services_of(merging) as services:
        for step, name in names.items():
            (left,) = living(eye, crm, name)
            (merge,) = merges(services, merging, crm, name)
            assert merge.state == "settled", f"step {step}: {merge.reason}"
            outcomes = [each.outcome for each in audits[left]]
            assert outcomes.count("merged") == 1, f"step {step}: {outcomes}"
            assert outcomes.count("assigned") <= 1, f"step {step}: {outcomes}"
            assert tasks[left] == 1, f"step {step}: routed once"


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.timeout(240)
def test_an_undo_by_a_worker_that_is_killed_is_done_once(merging: Place, crm: CrmName) -> None:
    eye, install, names = eye_of(merging, crm), merging.installs[crm], dict[int, str]()
    for step in range(FIRST_STEP, MOST_STEPS, KILL_EVERY):
        names[step] = f"undo{crm[0]}{step}"
        merging.post(crm, eye.create(pair(crm, names[step])))
        finish(merging, crm)
        with services_of(merging) as services:
            (merge,) = merges(services, merging, crm, names[step])
            wish = Wish("Kim", services.clock() + timedelta(seconds=1), keys=(merge.decision.key,))
            ask(services.database, install.id, services.tools.seal(install), wish, clock=services.clock)
        exit_code = merging.run(crm, die_at=step)
        assert exit_code in {0, -signal.SIGKILL}
        finish(merging, crm)
        if exit_code == 0:
            break
    assert exit_code == 0, f"more than {MOST_STEPS} steps"
    audits, tasks = eye.audits(), eye.tasks()
    with services_of(merging) as services:
        for step, name in names.items():
            both = living(eye, crm, name)
            assert len(both) == 2, f"step {step}: {both}"
            undo = merges(services, merging, crm, name)[0]
            assert (undo.decision.outcome, undo.state) == ("undone", "settled"), f"step {step}: {undo.reason}"
            outcomes = [each.outcome for one in both for each in audits.get(one, [])]
            assert outcomes.count("undone") == 1, f"step {step}: {outcomes}"
            assert sum(tasks[one] for one in both) == 1, f"step {step}: nobody is routed anew"
