"""Deals, and what companies and contacts know about their deals, stages and activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.hubspot.conftest import ASSOCIATIONS, COMPANIES, CONTACTS, OBJECTS, Client, link_to

if TYPE_CHECKING:
    from tests.sandbox.hubspot import Sandbox

DEALS = f"{OBJECTS}/deals"
ROLLUPS = "num_associated_contacts,num_associated_deals,hs_num_open_deals,notes_last_updated"
CLOSED = "hs_is_closed,hs_is_closed_won,hs_is_closed_lost"


SCOPES = [f"crm.objects.{noun}.{verb}" for noun in ("contacts", "companies", "deals") for verb in ("read", "write")]


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    """A client that may write companies and deals, which our app may not."""
    sandbox.hub.limits.order({"general": None, "search": None, "associations": None})
    return Client(sandbox, sandbox.portal, sandbox.install(scopes=SCOPES)["access_token"])


@pytest.fixture
def firm(client: Client) -> str:
    return client.create(COMPANIES, name="Acme")


def deal(client: Client, firm: str, type_id: int = 341, **properties: str) -> str:
    return client.create(DEALS, [link_to(firm, type_id)], dealname="Deal", **properties)


def values(client: Client, path: str, names: str) -> list[str | None]:
    found = client.get(path, properties=names).json()["properties"]
    return [found[name] for name in names.split(",")]


@pytest.mark.parametrize(
    ("stage", "flags"),
    [
        ("appointmentscheduled", ["false", "false", "false"]),
        ("closedwon", ["true", "true", "false"]),
        ("closedlost", ["true", "false", "true"]),
    ],
)
def test_the_stage_says_whether_a_deal_is_closed(client: Client, firm: str, stage: str, flags: list[str]) -> None:
    made = deal(client, firm, dealstage=stage)
    assert values(client, f"{DEALS}/{made}", CLOSED) == flags


def test_a_deal_that_moves_on_is_closed_and_can_be_opened_again(client: Client, firm: str) -> None:
    made = deal(client, firm, dealstage="contractsent")
    for stage, closed in (("closedwon", "true"), ("contractsent", "false")):
        client.call("PATCH", f"{DEALS}/{made}", {"properties": {"dealstage": stage}})
        assert values(client, f"{DEALS}/{made}", "hs_is_closed") == [closed]


def test_whether_it_is_closed_cannot_be_written(client: Client, firm: str) -> None:
    made = deal(client, firm, dealstage="contractsent")
    answer = client.call("PATCH", f"{DEALS}/{made}", {"properties": {"hs_is_closed": "true"}})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "READ_ONLY_VALUE"


def test_a_company_counts_its_contacts_and_deals(client: Client, firm: str) -> None:
    assert values(client, f"{COMPANIES}/{firm}", ROLLUPS) == ["0", "0", "0", None]
    for _ in range(2):
        client.create(CONTACTS, [link_to(firm, 279)], lastname="Kim")
    for stage in ("contractsent", "closedwon"):
        deal(client, firm, dealstage=stage)
    assert values(client, f"{COMPANIES}/{firm}", ROLLUPS)[:3] == ["2", "2", "1"]


def test_archived_contacts_and_deals_are_not_counted(client: Client, firm: str) -> None:
    made = deal(client, firm, dealstage="contractsent")
    contact = client.create(CONTACTS, [link_to(firm, 279)], lastname="Kim")
    for path in (f"{DEALS}/{made}", f"{CONTACTS}/{contact}"):
        client.call("DELETE", path)
    assert values(client, f"{COMPANIES}/{firm}", ROLLUPS)[:3] == ["0", "0", "0"]


def test_the_last_activity_is_the_latest_note_or_done_task(client: Client, firm: str) -> None:
    for day, kind, type_id, more in (
        ("2026-02-01", "notes", 190, {}),
        ("2026-03-01", "tasks", 192, {"hs_task_status": "COMPLETED"}),
        ("2026-09-01", "tasks", 192, {"hs_task_status": "NOT_STARTED"}),
    ):
        properties = {"hs_timestamp": f"{day}T00:00:00Z"} | more
        body = {"properties": properties, "associations": [link_to(firm, type_id)]}
        assert client.post(f"{OBJECTS}/{kind}", body).status_code == 201
    assert values(client, f"{COMPANIES}/{firm}", "notes_last_updated") == ["2026-03-01T00:00:00.000Z"]


def test_a_contact_was_last_contacted_when_the_latest_call_was(client: Client) -> None:
    person = client.create(CONTACTS, lastname="Kim")
    assert values(client, f"{CONTACTS}/{person}", "notes_last_contacted") == [None]
    for kind, type_id, day in (
        ("calls", 194, "2026-02-01"),
        ("calls", 194, "2026-03-01"),
        ("notes", 202, "2026-09-01"),
    ):
        properties = {"hs_timestamp": f"{day}T00:00:00Z"}
        body = {"properties": properties, "associations": [link_to(person, type_id)]}
        assert client.post(f"{OBJECTS}/{kind}", body).status_code == 201
    assert values(client, f"{CONTACTS}/{person}", "notes_last_contacted") == ["2026-03-01T00:00:00.000Z"]


def test_a_contact_that_becomes_an_opportunity_is_dated(client: Client) -> None:
    person = client.create(CONTACTS, lastname="Kim", lifecyclestage="lead")
    dates = "hs_v2_date_entered_opportunity,hs_v2_date_entered_customer"
    assert values(client, f"{CONTACTS}/{person}", dates) == [None, None]
    client.call("PATCH", f"{CONTACTS}/{person}", {"properties": {"lifecyclestage": "opportunity"}})
    became, never = values(client, f"{CONTACTS}/{person}", dates)
    assert became is not None
    assert never is None


def test_a_primary_company_of_a_deal_brings_the_plain_association_along(client: Client, firm: str) -> None:
    made = deal(client, firm, type_id=5)
    found = client.post(f"{ASSOCIATIONS}/companies/deals/batch/read", {"inputs": [{"id": firm}]}).json()["results"]
    ((to,),) = [one["to"] for one in found]
    assert to["toObjectId"] == made
    assert {kind["typeId"] for kind in to["associationTypes"]} == {6, 342}


def test_deals_need_a_scope_of_their_own(client: Client, sandbox: Sandbox, firm: str) -> None:
    made = deal(client, firm)
    only = sandbox.install(scopes=["crm.objects.companies.read"])["access_token"]
    poor = Client(sandbox, sandbox.portal, only)
    assert poor.post(f"{DEALS}/batch/read", {"inputs": [{"id": made}]}).status_code == 403
    assert poor.post(f"{ASSOCIATIONS}/companies/deals/batch/read", {"inputs": [{"id": firm}]}).status_code == 403
    assert values(poor, f"{COMPANIES}/{firm}", "hs_num_open_deals") == ["1"]
