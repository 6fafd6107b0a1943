from __future__ import annotations

import pytest

from tests.sandbox.hubspot import Sandbox
from tests.sandbox.hubspot.conftest import ASSOCIATIONS, COMPANIES, CONTACTS, LEADS, OBJECTS, Client, link_to

OWNERS = "/crm/owners/2026-09"


def test_account_details_name_the_portal(client: Client) -> None:
    body = client.get("/account-info/2026-09/details").json()
    assert body["portalId"] == client.portal
    assert body["accountType"] == "STANDARD"
    assert body["timeZone"] == "Europe/Paris"
    assert {"uiDomain", "dataHostingLocation"} <= set(body)


def test_owners_page_and_are_found_by_email(client: Client, sandbox: Sandbox) -> None:
    rows = [{"id": 100 + number, "email": f"Rep{number}@example.com"} for number in range(5)]
    sandbox.load(sandbox.portal, "owners", rows)
    first = client.get(OWNERS, limit=3).json()
    assert [one["id"] for one in first["results"]] == ["100", "101", "102"]
    second = client.get(OWNERS, limit=3, after=first["paging"]["next"]["after"]).json()
    assert [one["id"] for one in second["results"]] == ["103", "104"]
    assert "paging" not in second
    assert [one["id"] for one in client.get(OWNERS, email="rep4@example.com").json()["results"]] == ["104"]


def test_an_owner_is_not_its_user(client: Client, sandbox: Sandbox) -> None:
    teams = [{"id": "7", "name": "EMEA", "primary": True}]
    sandbox.load(sandbox.portal, "owners", [{"id": 41, "userId": 777, "teams": teams}])
    owner = client.get(f"{OWNERS}/41").json()
    assert (owner["id"], owner["userId"], owner["type"], owner["teams"]) == ("41", 777, "PERSON", teams)
    assert client.get(f"{OWNERS}/777").status_code == 404
    assert client.get(f"{OWNERS}/777", idProperty="userId").json()["id"] == "41"


def test_deactivated_owners_show_only_among_the_archived(client: Client, sandbox: Sandbox) -> None:
    sandbox.load(sandbox.portal, "owners", [{"id": 41, "userId": 777, "archived": True}])
    assert client.get(OWNERS).json()["results"] == []
    assert client.get(f"{OWNERS}/41").status_code == 404
    gone = client.get(OWNERS, archived="true").json()["results"][0]
    assert (gone["userId"], gone["userIdIncludingInactive"], gone["archived"]) == (None, 777, True)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", CONTACTS, "crm.objects.contacts.read"),
        ("POST", CONTACTS, "crm.objects.contacts.write"),
        ("POST", COMPANIES, "crm.objects.companies.write"),
        ("POST", f"{OBJECTS}/tasks/batch/create", "crm.objects.contacts.write"),
        ("POST", f"{LEADS}/search", "crm.objects.leads.read"),
        ("GET", OWNERS, "crm.objects.owners.read"),
        ("GET", "/crm-object-schemas/2026-09/schemas", "crm.schemas.custom.read"),
        ("POST", "/crm/properties/2026-09/contacts", "crm.schemas.contacts.write"),
        ("POST", f"{ASSOCIATIONS}/contacts/companies/batch/read", "crm.objects.contacts.read"),
    ],
)
def test_a_call_without_its_scope_is_told_which_one_it_needs(
    sandbox: Sandbox, method: str, path: str, scope: str
) -> None:
    poor = Client(sandbox, sandbox.portal, sandbox.install(scopes=["oauth"])["access_token"])
    answer = poor.call(method, path, {"inputs": []} if method == "POST" else None)
    assert answer.status_code == 403
    assert answer.json()["category"] == "MISSING_SCOPES"
    assert scope in answer.json()["errors"][0]["context"]["requiredGranularScopes"]


def test_the_scopes_that_the_app_requires_read_companies_and_link_them_but_do_not_change_them(sandbox: Sandbox) -> None:
    required = list(sandbox.hub.manifest.required)
    client = Client(sandbox, sandbox.portal, sandbox.install(scopes=required)["access_token"])
    firm = sandbox.load(sandbox.portal, "companies", [{"properties": {"name": "Acme"}}])["ids"][0]
    client.create(CONTACTS, [link_to(firm, 1)], email="ana@acme.com")
    assert client.get(f"{COMPANIES}/{firm}").status_code == 200
    assert client.call("PATCH", f"{COMPANIES}/{firm}", {"properties": {"name": "x"}}).status_code == 403


def test_calls_count_down_in_the_headers_and_the_hundred_and_eleventh_is_refused(sandbox: Sandbox) -> None:
    client = Client(sandbox, sandbox.portal, sandbox.install()["access_token"])
    first = client.get(CONTACTS)
    assert first.headers["X-HubSpot-RateLimit-Max"] == "110"
    assert first.headers["X-HubSpot-RateLimit-Remaining"] == "109"
    assert first.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    answers = [client.get(CONTACTS).status_code for _ in range(110)]
    assert answers == [200] * 109 + [429]
    body = client.get(CONTACTS).json()
    assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "TEN_SECONDLY_ROLLING")
    assert body["status"] == "error"
    assert {"correlationId", "requestId", "message"} <= set(body)


def test_search_has_its_own_limit_and_no_headers(sandbox: Sandbox) -> None:
    client = Client(sandbox, sandbox.portal, sandbox.install()["access_token"])
    client.turn("limits", general=1)
    answers = [client.post(f"{CONTACTS}/search", {}) for _ in range(6)]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert answers[5].json()["policyName"] == "SECONDLY"
    assert not [name for one in answers for name in one.headers if "RateLimit" in name]


def test_associations_have_their_own_limit_by_tier(sandbox: Sandbox) -> None:
    sandbox.hub.portals.add(52, tier="free")
    for portal, limit in ((52, 100), (sandbox.portal, 150)):
        client = Client(sandbox, portal, sandbox.install(portal)["access_token"])
        path = f"{ASSOCIATIONS}/contacts/companies/batch/read"
        statuses = [client.post(path, {"inputs": []}).status_code for _ in range(limit + 1)]
        assert statuses == [200] * limit + [429]
        assert client.get(CONTACTS).headers["X-HubSpot-RateLimit-Remaining"] == "109"


def test_limits_are_counted_per_portal_and_can_be_lifted(sandbox: Sandbox) -> None:
    sandbox.hub.portals.add(52)
    here = Client(sandbox, sandbox.portal, sandbox.install()["access_token"])
    there = Client(sandbox, 52, sandbox.install(52)["access_token"])
    here.order("limits", general=1)
    assert [here.get(CONTACTS).status_code for _ in range(2)] == [200, 429]
    assert [there.get(CONTACTS).status_code for _ in range(2)] == [200, 200]
    here.order("limits", general=None)
    assert [here.get(CONTACTS).status_code for _ in range(3)] == [200] * 3


def test_orders_to_misbehave_come_before_everything_else(client: Client) -> None:
    locked = {"status": "error", "message": "lock", "correlationId": "x"}
    order = {"pattern": f"POST {CONTACTS}", "status": 423, "body": locked, "times": 2}
    client.session.post(f"{client.sandbox.url}/_control/faults", json=order, timeout=10)
    statuses = [client.post(CONTACTS, {"properties": {}}).status_code for _ in range(3)]
    assert statuses == [423, 423, 201]
