"""One trace from the change in the CRM to the last call about it, as a Sentry is told it by the real processes."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from connector.store.decisions import decision
from tests.local.processes import until
from tests.local.world import CrmName
from tests.story.conftest import REPORTS, Connected
from tests.story.test_line import CRMS, landed

CANARY = "Zanzibarcanary"
BEGUN_BY: dict[CrmName, tuple[str, str]] = {
    "salesforce": ("listener", "switchyard.listen"),
    "hubspot": ("web", "webhooks.hubspot"),
}
"""The process and the transaction in which a lead comes in."""
CALLS: dict[CrmName, tuple[str, ...]] = {
    "salesforce": ("/composite/sobjects/Lead", "/composite/graph"),
    "hubspot": (
        "/crm/objects/2026-09/0-1/batch/read",
        "/crm/objects/2026-09/0-1/batch/update",
        "/crm/objects/2026-09/0-27/batch/create",
    ),
}
"""Calls without which no lead gets its owner and its task."""
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
    drained = until(lambda: _about(connected, lead_id), seconds=60, what="the drain's transaction in Sentry")
    trace = drained["contexts"]["trace"]["trace_id"]
    process, name = BEGUN_BY[crm]

    def begun() -> dict[str, Any] | None:
        """The transaction of whoever heard of the change: it is sent by another process."""
        mine = [each for each in sentry.kept("transaction") if each["contexts"]["trace"]["trace_id"] == trace]
        return next((each for each in mine if each["tags"]["process"] == process and each["transaction"] == name), None)

    first = until(begun, seconds=60, what=f"the transaction of {process} in the same trace")
    tags = drained["tags"]
    assert (tags["process"], tags["install"]) == ("worker", install.id)
    assert tags["ruleset"] == connected.product.version(install)
    assert tags["decision"].startswith(lead_id)
    assert (first["tags"]["install"], first["tags"]["event"]) == (install.id, tags["event"]), "support finds both"
    for each in (first, drained):
        assert (each["environment"], each["release"]) == (REPORTS["SENTRY_ENVIRONMENT"], REPORTS["SENTRY_RELEASE"])
    assert {each["trace_id"] for each in drained["spans"]} == {trace}
    calls = [each["description"] for each in drained["spans"] if each["op"] == "http.client"]
    assert all(any(each.endswith(wanted) for each in calls) for wanted in CALLS[crm]), calls
    heard = (
        connected.product.world.salesforce_control if crm == "salesforce" else connected.product.world.hubspot_control
    )
    made = [f"{each['method']} {each['path'].split('?')[0]}" for each in heard.get("calls")]
    addresses = [f"{verb} {urlsplit(url).path}" for verb, url in (each.split(" ", 1) for each in calls)]
    assert set(addresses) <= set(made), "a span is a call that the CRM has heard"
    assert len(calls) == _noted(connected, crm, tags["decision"]), "and every call of this decision has one"
    told = json.dumps(sentry.items).lower()
    assert CANARY.lower() not in told
    assert "99 55 41" not in told


def test_a_day_in_the_story_is_no_error(connected: Connected) -> None:
    assert [each.get("exception") or each.get("logentry") for each in connected.sentry.kept("event")] == []


def _about(connected: Connected, lead_id: str) -> dict[str, Any] | None:
    """Return the transaction of the drain that decided about this lead."""
    for each in connected.sentry.kept("transaction"):
        if each["transaction"] == "switchyard.drain" and each["tags"].get("decision", "").startswith(lead_id):
            return each
    return None


def _noted(connected: Connected, crm: CrmName, key: str) -> int:
    """Return how many calls the product has noted with the decision."""
    install = connected.installs[crm]
    with connected.product.store() as database, database.read() as connection:
        mine = (decision.c.install_id == install.id) & (decision.c.key == key)
        return int(connection.execute(select(decision.c.calls).where(mine)).scalar_one())
