"""Telling people inside the local Salesforce: once at most, and never at the lead's expense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.errors import Later, Revoked
from connector.salesforce.gateway import SalesforceCrm
from connector.work import Work
from rules.model import Notify, User
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.examples import decision, work


@pytest.fixture(scope="module")
def ana(sandbox: Any) -> User:
    return User(LocalOrg(sandbox).user(FirstName="Ana", LastName="Muster"), "Ana Muster")


def rings(org: LocalOrg, lead_id: str) -> list[str]:
    return [str(row["recipient"]) for row in org.control("GET", "notifications") if row["target"] == lead_id]


def bell(lead_id: str, user_id: str, **parts: Any) -> Work:
    made = replace(decision(key=f"n-{lead_id}", lead_id=lead_id), actions=(Notify(user_id, "A lead", "for you"),))
    return work(made, pending={"notify"}, **parts)


def test_many_are_told_in_one_call(org: LocalOrg, crm: SalesforceCrm, ana: User) -> None:
    leads = org.leads(200)
    effects = crm.apply("notify", [bell(lead, ana.id) for lead in leads])
    assert [effect.status for effect in effects] == ["done"] * 200
    assert rings(org, leads[7]) == [ana.id]
    assert crm.calls == 2  # the type's id is asked for once


def test_a_bell_that_may_have_rung_is_not_rung_again(org: LocalOrg, crm: SalesforceCrm, ana: User) -> None:
    (lead,) = org.leads(1)
    org.fault("customNotificationAction", drop="after")
    with pytest.raises(Later) as caught:
        crm.apply("notify", [bell(lead, ana.id)])
    assert caught.value.applied
    before = crm.calls
    effects = crm.apply("notify", [bell(lead, ana.id, uncertain={"notify"})])
    assert [(effect.action, effect.status) for effect in effects] == [("notify", "unknown")]
    assert crm.calls == before
    assert rings(org, lead) == [ana.id]


def test_a_queue_is_told_as_such(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    assert [effect.status for effect in crm.apply("notify", [bell(lead, org.queue_id())])] == ["done"]
    assert rings(org, lead) == [org.queue_id()]


def test_one_recipient_who_is_not_there_does_not_keep_the_others_from_hearing(
    org: LocalOrg, crm: SalesforceCrm, ana: User
) -> None:
    leads = org.leads(3)
    users = [ana.id, "005000000000000AAA", ana.id]
    effects = crm.apply("notify", [bell(lead, user) for lead, user in zip(leads, users, strict=True)])
    assert [effect.status for effect in effects] == ["done", "refused", "done"]
    assert [rings(org, lead) for lead in leads] == [[ana.id], [], [ana.id]]


def test_a_missing_permission_to_notify_is_an_effect_not_an_error(org: LocalOrg, crm: SalesforceCrm, ana: User) -> None:
    (lead,) = org.leads(1)
    org.control("POST", "permissions", {"user": INTEGRATION, "deny": ["SendCustomNotifications"]})
    try:
        effects = crm.apply("notify", [bell(lead, ana.id)])
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "grant": ["SendCustomNotifications"]})
    assert [effect.status for effect in effects] == ["refused"]


def test_a_missing_notification_type_is_an_effect_not_an_error(org: LocalOrg, ana: User) -> None:
    crm = org.crm(salesforce_namespace="acme")
    (effect,) = crm.apply("notify", [bell("00Q000000000001AAA", ana.id)])
    assert effect.status == "refused"
    assert "Switchyard_Lead_Assigned" in effect.detail


def test_a_shut_api_is_raised(org: LocalOrg, crm: SalesforceCrm, ana: User) -> None:
    org.fault("customNotificationAction", status=403, body=[{"errorCode": "API_DISABLED_FOR_ORG", "message": "off"}])
    with pytest.raises(Revoked):
        crm.apply("notify", [bell("00Q000000000001AAA", ana.id)])


def test_a_bell_that_is_not_pending_is_left_alone(crm: SalesforceCrm, ana: User) -> None:
    one = bell("00Q000000000001AAA", ana.id)
    assert crm.apply("notify", [replace(one, pending=frozenset())]) == []
    assert crm.calls == 0
