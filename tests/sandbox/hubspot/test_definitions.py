from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.hubspot.conftest import CONTACTS, OBJECTS, Client, has
from tests.sandbox.hubspot.test_batches import SCHEMA, audits

if TYPE_CHECKING:
    from tests.sandbox.hubspot import Sandbox

PROPERTIES = "/crm/properties/2026-09/contacts"
SCHEMAS = "/crm-object-schemas/2026-09/schemas"
OUTCOME = {
    "name": "router_last_outcome",
    "label": "Last outcome",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "contactinformation",
    "options": [{"label": "Assigned", "value": "assigned"}, {"label": "Merged", "value": "merged"}],
}


def test_standard_properties_are_listed_with_their_kinds(client: Client) -> None:
    found = {one["name"]: one for one in client.get(PROPERTIES).json()["results"]}
    assert found["email"]["hasUniqueValue"] is True
    assert found["hs_object_id"]["modificationMetadata"]["readOnlyValue"] is True
    assert found["associatedcompanyid"]["calculated"] is True
    assert {one["value"] for one in found["hs_lead_status"]["options"]} >= {"NEW", "OPEN", "CONNECTED"}
    assert "numemployees" in found
    assert "numberofemployees" not in found


def test_a_new_property_takes_values_at_once(client: Client) -> None:
    made = client.post(PROPERTIES, OUTCOME)
    assert made.status_code == 201
    assert made.json()["hubspotDefined"] is False
    assert client.get(f"{PROPERTIES}/router_last_outcome").json() == made.json()
    ident = client.create(CONTACTS, router_last_outcome="assigned")
    assert client.search(CONTACTS, has("router_last_outcome", "EQ", "assigned")) == [ident]
    assert client.post(CONTACTS, {"properties": {"router_last_outcome": "else"}}).status_code == 400


def test_an_existing_name_is_a_conflict_and_an_archived_one_comes_back(client: Client) -> None:
    client.post(PROPERTIES, OUTCOME)
    again = client.post(PROPERTIES, OUTCOME)
    assert (again.status_code, again.json()["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    assert client.call("DELETE", f"{PROPERTIES}/router_last_outcome").status_code == 204
    assert client.get(f"{PROPERTIES}/router_last_outcome").status_code == 404
    assert [one["name"] for one in client.get(PROPERTIES, archived="true").json()["results"]] == [OUTCOME["name"]]
    assert client.post(CONTACTS, {"properties": {"router_last_outcome": "merged"}}).status_code == 400
    assert client.post(PROPERTIES, OUTCOME).status_code == 201


def test_changing_options_replaces_the_whole_list(client: Client) -> None:
    client.post(PROPERTIES, OUTCOME)
    change = {"options": [{"label": "Parked", "value": "parked"}], "label": "Outcome"}
    changed = client.call("PATCH", f"{PROPERTIES}/router_last_outcome", change).json()
    assert [one["value"] for one in changed["options"]] == ["parked"]
    assert changed["label"] == "Outcome"
    unique = client.call("PATCH", f"{PROPERTIES}/router_last_outcome", {"hasUniqueValue": True})
    assert unique.status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Router"},
        {"label": ""},
        {"type": "text"},
        {"fieldType": "number"},
        {"options": []},
        {"options": [{"label": "A", "value": "a"}, {"label": "B", "value": "a"}]},
        {"groupName": "nonsense"},
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(client: Client, change: dict[str, Any]) -> None:
    assert client.post(PROPERTIES, OUTCOME | change).status_code == 400


def test_hubspots_own_properties_cannot_be_deleted(client: Client) -> None:
    assert client.call("DELETE", f"{PROPERTIES}/email").status_code == 400


def test_groups_are_made_changed_and_deleted(client: Client) -> None:
    groups = f"{PROPERTIES}/groups"
    assert client.post(groups, {"name": "routing", "label": "Routing"}).status_code == 201
    assert client.post(groups, {"name": "routing", "label": "Routing"}).status_code == 409
    assert client.post(PROPERTIES, OUTCOME | {"groupName": "routing"}).status_code == 201
    assert client.call("PATCH", f"{groups}/routing", {"label": "Router"}).json()["label"] == "Router"
    assert {one["name"] for one in client.get(groups).json()["results"]} == {"contactinformation", "routing"}
    assert client.call("DELETE", f"{groups}/routing").status_code == 204
    assert client.get(f"{groups}/routing").status_code == 404


def test_batches_of_properties_tell_what_worked(client: Client) -> None:
    made = client.post(f"{PROPERTIES}/batch/create", {"inputs": [OUTCOME, OUTCOME]})
    assert made.status_code == 207
    assert made.json()["errors"][0]["category"] == "OBJECT_ALREADY_EXISTS"
    names = [{"name": "email"}, {"name": "nonsense"}]
    read = client.post(f"{PROPERTIES}/batch/read", {"inputs": names})
    assert [one["name"] for one in read.json()["results"]] == ["email"]
    gone = client.post(f"{PROPERTIES}/batch/archive", {"inputs": [{"name": OUTCOME["name"]}]})
    assert gone.status_code == 204


def test_a_custom_object_is_defined_found_by_all_its_names_and_holds_records(client: Client) -> None:
    path = audits(client)
    type_id = path.rpartition("/")[2]
    full = f"p{client.portal}_routing_audit"
    schema = client.get(f"{SCHEMAS}/{full}").json()
    assert (schema["objectTypeId"], schema["fullyQualifiedName"]) == (type_id, full)
    assert {one["toObjectTypeId"] for one in schema["associations"]} >= {"0-1", "0-27", "0-46"}
    ident = client.create(path, title="one", event_key="k1")
    for name in (type_id, full, "p_routing_audit"):
        assert client.get(f"{OBJECTS}/{name}/k1", idProperty="event_key").json()["id"] == ident
    assert client.post(path, {"properties": {"event_key": "k2"}}).json()["context"] == {"properties": ["title"]}
    assert client.search(path, has("hs_createdate", "GT", "2026-01-01")) == [ident]


def test_the_limit_of_custom_objects_is_told_and_kept(client: Client) -> None:
    limit = "/crm/limits/2026-09/custom-object-types"
    assert client.get(limit).json() == {"limit": 10, "usage": 0, "percentage": 0}
    for number in range(10):
        assert client.post(SCHEMAS, SCHEMA | {"name": f"thing_{number}"}).status_code == 201
    assert client.get(limit).json() == {"limit": 10, "usage": 10, "percentage": 100}
    assert client.post(SCHEMAS, SCHEMA).status_code == 400


def test_a_schema_changes_but_for_its_name(client: Client) -> None:
    audits(client)
    path = f"{SCHEMAS}/p_routing_audit"
    changed = client.call("PATCH", path, {"requiredProperties": ["title", "event_key"]})
    assert changed.json()["requiredProperties"] == ["title", "event_key"]
    assert client.post(f"{OBJECTS}/p_routing_audit", {"properties": {"title": "x"}}).status_code == 400
    assert client.call("PATCH", path, {"name": "other"}).status_code == 400
    assert client.call("PATCH", path, {"requiredProperties": ["nonsense"]}).status_code == 400


def test_a_schema_is_deleted_when_empty_and_its_name_is_free_only_after_a_purge(client: Client) -> None:
    path = audits(client)
    ident = client.create(path, title="x", event_key="k")
    schema = f"{SCHEMAS}/{path.rpartition('/')[2]}"
    assert client.call("DELETE", schema).status_code == 400
    client.call("DELETE", f"{path}/{ident}")
    assert client.call("DELETE", schema).status_code == 204
    assert client.get(schema).status_code == 404
    assert client.get(path).status_code == 400
    assert [one["name"] for one in client.get(SCHEMAS, archived="true").json()["results"]] == ["routing_audit"]
    assert client.post(SCHEMAS, SCHEMA).status_code == 409
    assert client.call("DELETE", f"{schema}?archived=true").status_code == 204
    assert client.post(SCHEMAS, SCHEMA).status_code == 201


@pytest.mark.parametrize(
    "change",
    [
        {"name": "2nd"},
        {"labels": {"singular": "x"}},
        {"primaryDisplayProperty": "nonsense"},
        {"requiredProperties": ["nonsense"]},
        {"associatedObjects": ["spaceships"]},
        {"properties": [*SCHEMA["properties"], SCHEMA["properties"][0]]},  # type: ignore[index]
    ],
)
def test_a_schema_that_makes_no_sense_is_refused_and_leaves_nothing(
    client: Client, sandbox: Sandbox, change: dict[str, Any]
) -> None:
    assert client.post(SCHEMAS, SCHEMA | change).status_code in {400, 409}
    assert client.get(SCHEMAS).json()["results"] == []
    assert client.get(f"{OBJECTS}/p_routing_audit").status_code == 400
    assert client.post(SCHEMAS, SCHEMA).status_code == 201


def test_two_portals_have_their_own_types_for_the_same_custom_object(client: Client, sandbox: Sandbox) -> None:
    sandbox.hub.portals.add(52)
    other = Client(sandbox, 52, sandbox.install(52)["access_token"])
    assert audits(client) != audits(other)
    assert client.get(f"{SCHEMAS}/p52_routing_audit").status_code == 404


def test_a_definition_made_while_others_read_is_known_to_everybody_at_once(client: Client) -> None:
    done = threading.Event()

    def read() -> None:
        with requests.Session() as session:
            reader = Client(client.sandbox, client.portal, client.token, session)
            while not done.is_set():
                assert reader.post(CONTACTS, {"properties": {"router_note_0": "x"}}).status_code in {201, 400}

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        for number in range(20):
            text = {"name": f"router_note_{number}", "label": "Note", "type": "string", "fieldType": "text"}
            client.post(PROPERTIES, text | {"groupName": "contactinformation"})
            assert client.post(CONTACTS, {"properties": {text["name"]: "x"}}).status_code == 201
        done.set()
        for reader in readers:
            reader.result()
