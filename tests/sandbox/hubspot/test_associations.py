from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.hubspot.conftest import ASSOCIATIONS, CONTACTS, LEADS, OBJECTS, Client, link_to, spec
from tests.sandbox.hubspot.test_batches import audits

if TYPE_CHECKING:
    from tests.sandbox.hubspot import Sandbox


@pytest.fixture
def firms(sandbox: Sandbox) -> list[str]:
    made = sandbox.load(sandbox.portal, "companies", [{"properties": {"name": f"Firm {n}"}} for n in range(3)])
    return list(made["ids"])


@pytest.fixture
def ana(client: Client) -> str:
    return client.create(CONTACTS, email="ana@acme.com")


def links(client: Client, left: str, ident: str, right: str) -> dict[str, set[int]]:
    """Return {other id: type ids} as the batch read tells it."""
    answer = client.post(f"{ASSOCIATIONS}/{left}/{right}/batch/read", {"inputs": [{"id": ident}]})
    found = answer.json()["results"]
    return {to["toObjectId"]: {kind["typeId"] for kind in to["associationTypes"]} for one in found for to in one["to"]}


def pair(left: str, right: str, *type_ids: int) -> dict[str, Any]:
    return {"from": {"id": left}, "to": {"id": right}, "types": [spec(type_id) for type_id in type_ids]}


def primary_of(client: Client, contact: str) -> str | None:
    values = client.get(f"{CONTACTS}/{contact}", properties="associatedcompanyid").json()["properties"]
    company: str | None = values["associatedcompanyid"]
    return company


def test_a_plain_association_shows_on_both_sides(client: Client, firms: list[str], ana: str) -> None:
    body = {"inputs": [pair(ana, firms[0], 279)]}
    answer = client.post(f"{ASSOCIATIONS}/contacts/companies/batch/create", body)
    assert answer.status_code == 201
    assert answer.json()["results"][0] == {
        "fromObjectTypeId": "0-1",
        "fromObjectId": ana,
        "toObjectTypeId": "0-2",
        "toObjectId": firms[0],
        "labels": [],
    }
    assert links(client, "contacts", ana, "companies") == {firms[0]: {279}}
    assert links(client, "companies", firms[0], "contacts") == {ana: {280}}
    assert primary_of(client, ana) is None


def test_a_primary_brings_the_plain_one_along_and_replaces_the_primary_before(
    client: Client, firms: list[str], ana: str
) -> None:
    for firm in firms[:2]:
        client.post(f"{ASSOCIATIONS}/contacts/companies/batch/create", {"inputs": [pair(ana, firm, 1)]})
    assert links(client, "contacts", ana, "companies") == {firms[0]: {279}, firms[1]: {1, 279}}
    assert links(client, "companies", firms[0], "contacts") == {ana: {280}}
    assert links(client, "companies", firms[1], "contacts") == {ana: {2, 280}}
    assert primary_of(client, ana) == firms[1]


def test_a_primary_can_be_written_from_the_company(client: Client, firms: list[str], ana: str) -> None:
    for firm in firms[:2]:
        client.post(f"{ASSOCIATIONS}/companies/contacts/batch/create", {"inputs": [pair(firm, ana, 2)]})
    assert links(client, "contacts", ana, "companies") == {firms[0]: {279}, firms[1]: {1, 279}}
    assert primary_of(client, ana) == firms[1]


def test_labels_name_the_primary_and_nothing_else(client: Client) -> None:
    found = client.get(f"{ASSOCIATIONS}/contacts/companies/labels").json()["results"]
    assert {(one["category"], one["typeId"], one["label"]) for one in found} == {
        ("HUBSPOT_DEFINED", 1, "Primary"),
        ("HUBSPOT_DEFINED", 279, None),
    }


def test_archiving_one_label_leaves_the_rest(client: Client, firms: list[str], ana: str) -> None:
    client.post(f"{ASSOCIATIONS}/contacts/companies/batch/create", {"inputs": [pair(ana, firms[0], 1)]})
    archive = f"{ASSOCIATIONS}/contacts/companies/batch/labels/archive"
    assert client.post(archive, {"inputs": [pair(ana, firms[0], 1)]}).json()["status"] == "COMPLETE"
    assert links(client, "contacts", ana, "companies") == {firms[0]: {279}}
    assert links(client, "companies", firms[0], "contacts") == {ana: {280}}
    assert primary_of(client, ana) is None


def test_archiving_removes_everything_between_two_records(client: Client, firms: list[str], ana: str) -> None:
    body = {"inputs": [pair(ana, firm, 1) for firm in firms]}
    client.post(f"{ASSOCIATIONS}/contacts/companies/batch/create", body)
    gone = {"inputs": [{"from": {"id": ana}, "to": [{"id": firms[0]}, {"id": firms[2]}]}]}
    assert client.post(f"{ASSOCIATIONS}/contacts/companies/batch/archive", gone).json()["results"] == []
    assert links(client, "contacts", ana, "companies") == {firms[1]: {279}}


def test_the_default_association_is_the_unlabelled_one_told_both_ways(
    client: Client, firms: list[str], ana: str
) -> None:
    body = {"inputs": [{"from": {"id": ana}, "to": {"id": firms[0]}}]}
    answer = client.post(f"{ASSOCIATIONS}/0-1/0-2/batch/associate/default", body)
    assert answer.status_code == 200
    specs = [one["associationSpec"]["associationTypeId"] for one in answer.json()["results"]]
    assert specs == [279, 280]


def test_single_associations_are_put_and_deleted(client: Client, firms: list[str], ana: str) -> None:
    path = f"{CONTACTS}/{ana}/associations"
    assert client.call("PUT", f"{path}/companies/{firms[0]}", [spec(1)]).status_code == 201
    assert client.call("PUT", f"{path}/default/companies/{firms[1]}").status_code == 200
    assert links(client, "contacts", ana, "companies") == {firms[0]: {1, 279}, firms[1]: {279}}
    assert client.call("DELETE", f"{path}/companies/{firms[0]}").status_code == 204
    assert links(client, "contacts", ana, "companies") == {firms[1]: {279}}
    assert client.call("PUT", f"{path}/companies/99", [spec(1)]).status_code == 404


def test_the_single_list_lives_in_2026_03_only(client: Client, firms: list[str], ana: str) -> None:
    client.call("PUT", f"{CONTACTS}/{ana}/associations/default/companies/{firms[0]}")
    older = client.get(f"/crm/objects/2026-03/contacts/{ana}/associations/companies")
    assert [one["toObjectId"] for one in older.json()["results"]] == [firms[0]]
    newer = client.get(f"{CONTACTS}/{ana}/associations/companies")
    assert (newer.status_code, newer.headers["Content-Type"][:9]) == (404, "text/html")


def test_a_type_that_does_not_fit_the_direction_is_refused(client: Client, firms: list[str], ana: str) -> None:
    answer = client.post(f"{ASSOCIATIONS}/contacts/companies/batch/create", {"inputs": [pair(ana, firms[0], 280)]})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "INVALID_ASSOCIATION_TYPE"


def test_records_that_do_not_exist_are_told_in_a_207(client: Client, firms: list[str], ana: str) -> None:
    body = {"inputs": [pair(ana, firms[0], 279), pair(ana, "99", 279)]}
    answer = client.post(f"{ASSOCIATIONS}/contacts/companies/batch/create", body)
    assert answer.status_code == 207
    assert len(answer.json()["results"]) == 1
    assert answer.json()["errors"][0]["context"] == {"ids": ["99"]}


def test_a_batch_read_tells_which_records_have_no_association(client: Client, firms: list[str], ana: str) -> None:
    alone = client.create(CONTACTS, email="bob@acme.com")
    client.call("PUT", f"{CONTACTS}/{ana}/associations/default/companies/{firms[0]}")
    answer = client.post(f"{ASSOCIATIONS}/contacts/companies/batch/read", {"inputs": [{"id": ana}, {"id": alone}]})
    assert answer.status_code == 207
    assert [one["from"]["id"] for one in answer.json()["results"]] == [ana]
    assert answer.json()["errors"][0]["context"]["fromObjectId"] == [alone]


@pytest.mark.parametrize(("verb", "most"), [("create", 2_000), ("read", 1_000), ("archive", 100)])
def test_batches_of_associations_have_their_own_sizes(client: Client, ana: str, verb: str, most: int) -> None:
    one = {"id": ana, "from": {"id": ana}, "to": {"id": "99"} if verb == "create" else [{"id": "99"}], "types": []}
    path = f"{ASSOCIATIONS}/contacts/companies/batch/{verb}"
    assert client.post(path, {"inputs": [one] * (most + 1)}).status_code == 400
    assert client.post(path, {"inputs": [one] * most}).status_code in {200, 207}


def test_two_thousand_associations_are_made_in_one_call(client: Client, sandbox: Sandbox, firms: list[str]) -> None:
    rows = [{"properties": {"email": f"c{number}@acme.com"}} for number in range(2_000)]
    ids = sandbox.load(sandbox.portal, "contacts", rows)["ids"]
    body = {"inputs": [pair(ident, firms[0], 1) for ident in ids]}
    assert client.post(f"{ASSOCIATIONS}/contacts/companies/batch/create", body).status_code == 201
    path = f"{ASSOCIATIONS}/companies/contacts/batch/read"
    page = client.post(path, {"inputs": [{"id": firms[0]}]}).json()["results"][0]
    assert len(page["to"]) == 500
    following = client.post(path, {"inputs": [{"id": firms[0], "after": page["paging"]["next"]["after"]}]}).json()
    assert following["results"][0]["to"][0]["toObjectId"] > page["to"][-1]["toObjectId"]


def test_inline_associations_are_made_with_the_record_or_not_at_all(
    client: Client, sandbox: Sandbox, firms: list[str]
) -> None:
    wrong = {"properties": {"email": "bob@acme.com"}, "associations": [link_to("99", 279)]}
    assert client.post(CONTACTS, wrong).status_code == 400
    assert sandbox.rows(sandbox.portal, "contacts") == []
    bob = client.create(CONTACTS, [link_to(firms[0], 1)], email="bob@acme.com")
    found = client.get(f"{CONTACTS}/{bob}", associations="companies").json()["associations"]["companies"]["results"]
    assert found == [
        {"id": firms[0], "type": "contact_to_company"},
        {"id": firms[0], "type": "contact_to_company_unlabeled"},
    ]


@pytest.mark.parametrize(
    ("path", "to", "types"),
    [
        ("tasks", "contacts", (204, 203)),
        ("tasks", "companies", (192, 191)),
        ("tasks", "leads", (647, 646)),
        ("notes", "contacts", (202, 201)),
        ("notes", "companies", (190, 189)),
        ("notes", "leads", (855, 854)),
    ],
)
def test_tasks_and_notes_hang_on_records_by_their_own_types(
    client: Client, sandbox: Sandbox, path: str, to: str, types: tuple[int, int]
) -> None:
    firm = sandbox.load(sandbox.portal, "companies", [{"properties": {"name": "Acme"}}])["ids"][0]
    contact = client.create(CONTACTS, email="ana@acme.com")
    lead = client.create(LEADS, [link_to(contact, 578)], hs_lead_name="Ana")
    target = {"contacts": contact, "companies": firm, "leads": lead}[to]
    made = client.create(f"{OBJECTS}/{path}", [link_to(target, types[0])], hs_timestamp="1800000000000")
    assert links(client, path, made, to) == {target: {types[0]}}
    assert links(client, to, target, path) == {made: {types[1]}}


def test_a_lead_without_any_primary_association_is_deleted(client: Client, firms: list[str], ana: str) -> None:
    lead = client.create(LEADS, [link_to(ana, 578), link_to(firms[0], 580)], hs_lead_name="Ana")
    assert links(client, "leads", lead, "contacts") == {ana: {578, 608}}
    assert links(client, "contacts", ana, "leads") == {lead: {609}}
    client.call("DELETE", f"{LEADS}/{lead}/associations/contacts/{ana}")
    assert client.get(f"{LEADS}/{lead}").status_code == 200
    assert links(client, "contacts", ana, "leads") == {}
    client.call("DELETE", f"{LEADS}/{lead}/associations/companies/{firms[0]}")
    assert client.get(f"{LEADS}/{lead}").status_code == 404


def test_a_lead_whose_association_is_removed_from_the_contact_is_deleted(client: Client, ana: str) -> None:
    lead = client.create(LEADS, [link_to(ana, 578)], hs_lead_name="Ana")
    client.call("DELETE", f"{CONTACTS}/{ana}/associations/leads/{lead}")
    assert client.get(f"{LEADS}/{lead}").status_code == 404


def test_custom_objects_have_types_of_the_portals_own_in_both_directions(client: Client, ana: str) -> None:
    path = audits(client)
    there = client.get(f"{ASSOCIATIONS}/p_routing_audit/contacts/labels").json()["results"][0]
    back = client.get(f"{ASSOCIATIONS}/contacts/p_routing_audit/labels").json()["results"][0]
    assert there["category"] == back["category"] == "USER_DEFINED"
    types = [spec(there["typeId"], "USER_DEFINED")]
    audit = client.create(path, [{"to": {"id": ana}, "types": types}], title="x", event_key="k")
    assert links(client, "p_routing_audit", audit, "contacts") == {ana: {there["typeId"]}}
    assert links(client, "contacts", ana, f"p{client.portal}_routing_audit") == {audit: {back["typeId"]}}
    wrong = {"inputs": [{"from": {"id": audit}, "to": {"id": ana}, "types": [spec(there["typeId"])]}]}
    assert client.post(f"{ASSOCIATIONS}/p_routing_audit/contacts/batch/create", wrong).status_code == 400


def test_a_portal_defines_labels_of_its_own(client: Client, firms: list[str], ana: str) -> None:
    body = {"label": "Champion", "name": "champion", "inverseLabel": "Champion of"}
    made = client.post(f"{ASSOCIATIONS}/contacts/companies/labels", body).json()["results"]
    assert [one["label"] for one in made] == ["Champion", "Champion of"]
    types = [spec(made[0]["typeId"], "USER_DEFINED")]
    client.call("PUT", f"{CONTACTS}/{ana}/associations/companies/{firms[0]}", types)
    assert links(client, "companies", firms[0], "contacts") == {ana: {made[1]["typeId"]}}
    path = f"{ASSOCIATIONS}/contacts/companies/labels/{made[0]['typeId']}"
    assert client.call("DELETE", path).status_code == 204
    assert len(client.get(f"{ASSOCIATIONS}/contacts/companies/labels").json()["results"]) == 2


def test_archived_records_vanish_from_associations_until_they_are_restored(
    client: Client, firms: list[str], ana: str
) -> None:
    client.call("PUT", f"{CONTACTS}/{ana}/associations/companies/{firms[0]}", [spec(1)])
    client.order("delete", object="companies", id=firms[0])
    assert links(client, "contacts", ana, "companies") == {}
    assert primary_of(client, ana) is None
    client.order("restore", object="companies", id=firms[0])
    assert links(client, "contacts", ana, "companies") == {firms[0]: {1, 279}}
    assert primary_of(client, ana) == firms[0]


def test_a_child_company_knows_its_parent(client: Client, sandbox: Sandbox, firms: list[str]) -> None:
    body = {"from": "companies", "fromId": firms[0], "to": "companies", "toId": firms[1], "types": [spec(14)]}
    client.order("associate", **body)
    child = sandbox.rows(sandbox.portal, "companies")[0]
    assert child["properties"]["hs_parent_company_id"] == firms[1]
