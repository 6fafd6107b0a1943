"""One trace from the change in the CRM to the last call about it, as a Sentry is told it by the real processes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.processes import until
from tests.local.world import CrmName
from tests.story.conftest import REPORTS, Connected
from tests.story.test_line import CRMS, landed

CANARY = "Zanzibarcanary"
BEGUN_BY: dict[CrmName, tuple[str, str]] = {
    "salesforce": ("listener", "switchyard.listen"),
    "hubspot": ("web", "webhooks.receive"),
}
"""The process and the transaction in which a lead comes in."""
WRITES = {
    "salesforce": ("/composite/graph", "/actions/standard/customNotificationAction"),
    "hubspot": ("/crm/objects/2026-09/0-1/batch/update", "/crm/objects/2026-09/0-27/batch/create"),
}
pytestmark = pytest.mark.timeout(240)  # the first test here may also start the product and both CRMs


@pytest.mark.parametrize("crm", CRMS)
def test_one_trace_leads_from_the_change_to_each_call_to_the_crm(connected: Connected, crm: CrmName) -> None:
    eye, sentry, install = connected.eye(crm), connected.sentry, connected.installs[crm]
    names = {"salesforce": ("FirstName", "LastName", "Company", "Email", "Phone"),
             "hubspot": ("firstname", "lastname", "company", "email", "phone")}[crm]  # fmt: skip
    email = f"{CANARY}.{crm}@{CANARY.lower()}.example"
    values = (CANARY, f"{CANARY}{crm}", f"{CANARY} Holdings", email, "+33 1 99 55 41 41")
    (lead_id,) = eye.create([dict(zip(names, values, strict=True))])
    landed(eye, [lead_id], seconds=60)
    connected.product.wait_until_idle(install)
    drained = until(lambda: _about(connected, crm, lead_id), seconds=60, what="the drain's transaction in Sentry")
    trace = drained["contexts"]["trace"]["trace_id"]
    process, name = BEGUN_BY[crm]

    def begun() -> dict[str, Any] | None:
        """The transaction of whoever heard of the change: it is sent by another process."""
        mine = [each for each in sentry.kept("transaction") if each["contexts"]["trace"]["trace_id"] == trace]
        return next((each for each in mine if each["tags"]["process"] == process and each["transaction"] == name), None)

    first = until(begun, seconds=60, what=f"the transaction of {process} in the same trace")
    assert drained["tags"]["process"] == "worker"
    tags = drained["tags"]
    assert (tags["install"], tags["ruleset"]) == (install.id, connected.product.version(install))
    assert tags["event"]
    assert tags["decision"].startswith(f"{lead_id}:") or lead_id in tags["decision"]
    for each in (first, drained):
        assert (each["environment"], each["release"]) == (REPORTS["SENTRY_ENVIRONMENT"], REPORTS["SENTRY_RELEASE"])
    calls = [each for each in drained["spans"] if each["op"] == "http.client"]
    assert all(any(write in each["description"] for each in calls) for write in WRITES[crm]), calls
    assert all("?" not in each["description"] for each in calls)
    assert {each["trace_id"] for each in drained["spans"]} == {trace}
    assert len(calls) == _told(connected, crm, drained["tags"]["decision"]), "every call has its span"
    told = json.dumps(sentry.items).lower()
    assert CANARY.lower() not in told
    assert "99 55 41" not in told


def test_a_day_in_the_story_is_no_error(connected: Connected) -> None:
    assert [each.get("exception") or each.get("logentry") for each in connected.sentry.kept("event")] == []


def _about(connected: Connected, crm: CrmName, lead_id: str) -> dict[str, Any] | None:
    """Return the transaction of the drain that decided about this lead."""
    _ = crm
    for each in connected.sentry.kept("transaction"):
        if each["transaction"] == "switchyard.drain" and lead_id in each["tags"].get("decision", ""):
            return each
    return None


def _told(connected: Connected, crm: CrmName, key: str) -> int:
    """Return how many calls the product has noted with the decision."""
    install = connected.installs[crm]
    with connected.product.store() as database, database.read() as connection:
        from sqlalchemy import select

        from connector.store.decisions import decision

        mine = (decision.c.install_id == install.id) & (decision.c.key == key)
        return int(connection.execute(select(decision.c.calls).where(mine)).scalar_one())
