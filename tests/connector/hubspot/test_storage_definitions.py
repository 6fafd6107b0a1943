"""What HubSpot says about definitions, one test each: what can never be changed, what comes back, what is replaced."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import requests

from connector.acts import ResponseRow
from connector.errors import Refused
from connector.hubspot.definitions import LEAD_SCOPES
from connector.hubspot.fields import COMPANY, CONTACT, LEAD
from connector.hubspot.schemas import COMPANY_PROPERTIES, CONTACT_PROPERTIES, SCHEMAS
from tests.connector.hubspot.app_objects import CUSTOM, deploy, grant
from tests.connector.hubspot.conftest import settings, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.connector.hubspot.conftest import Portal

MOST_UNIQUE = 10
PROPERTIES = "/crm/properties/2026-09"


def api(portal: Portal, method: str, path: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {portal.tokens.access_token}"}
    answer = requests.request(method, portal.sandbox.url + path, json=body, headers=headers, timeout=10)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


def audit_type(portal: Portal) -> str:
    every = api(portal, "GET", "/crm-object-schemas/2026-09/schemas")["results"]
    return next(str(each["objectTypeId"]) for each in every if each["name"] == "routing_audit")


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_object_fits_what_app_objects_and_custom_objects_allow(name: str) -> None:
    schema = SCHEMAS[name]
    names = [each["name"] for each in schema["properties"]]
    assert len(names) == len(set(names))
    assert sum(bool(each.get("hasUniqueValue")) for each in schema["properties"]) <= MOST_UNIQUE
    assert len(schema["description"]) <= 72
    assert len(schema["secondaryDisplayProperties"]) <= 2
    labels = [*schema["labels"].values(), *(each["label"] for each in schema["properties"])]
    assert [label for label in labels if not re.fullmatch("[A-Za-z ]+", label)] == []
    used = {schema["primaryDisplayProperty"], *schema["searchableProperties"], *schema["requiredProperties"]}
    assert used <= set(names)


def test_properties_of_contacts_and_companies_stand_in_a_group_of_their_own() -> None:
    every = (*CONTACT_PROPERTIES, *COMPANY_PROPERTIES)
    assert {each["groupName"] for each in every} == {"switchyard"}
    assert all(each["name"].startswith("switchyard_") and each["description"] for each in every)
    assert [each["name"] for each in every if each["type"] == "enumeration" and not each["options"]] == []


def test_a_property_that_exists_by_now_is_no_fault_409(portal: Portal) -> None:
    portal.crm().prepare()
    portal.memo.values.clear()
    portal.fault(f"POST {PROPERTIES}/0-1/batch/read", status=200, body={"results": []})
    portal.crm().prepare()
    assert api(portal, "GET", f"{PROPERTIES}/contacts/switchyard_rule")["archived"] is False


def test_an_archived_property_comes_back_by_its_name_201(ready: Portal) -> None:
    api(ready, "DELETE", f"{PROPERTIES}/contacts/switchyard_outcome")
    api(ready, "DELETE", f"{PROPERTIES}/{audit_type(ready)}/mode")
    ready.crm().prepare()
    for where in ("contacts/switchyard_outcome", f"{audit_type(ready)}/mode"):
        assert api(ready, "GET", f"{PROPERTIES}/{where}")["archived"] is False


def test_options_are_sent_whole_as_a_change_replaces_the_list(ready: Portal) -> None:
    own = [{"label": "Own", "value": "own"}, {"label": "Assigned", "value": "assigned"}]
    api(ready, "PATCH", f"{PROPERTIES}/contacts/switchyard_outcome", {"options": own})
    ready.crm().prepare()
    options = [each["value"] for each in api(ready, "GET", f"{PROPERTIES}/contacts/switchyard_outcome")["options"]]
    assert options[:2] == ["own", "assigned"]
    assert {"observed", "kept", "undone"} <= set(options)


def test_a_unique_property_cannot_be_made_later_so_the_object_must_go(portal: Portal) -> None:
    schema = SCHEMAS["routing_audit"]
    plain = [{**each, "hasUniqueValue": False} for each in schema["properties"]]
    api(portal, "POST", "/crm-object-schemas/2026-09/schemas", {**schema, "properties": plain})
    with pytest.raises(Refused, match="has no unique property decision_key, and HubSpot cannot add one later: delete"):
        portal.crm().prepare()


def test_the_set_up_stands_on_the_portals_own_type_ids(connect: Callable[..., Portal]) -> None:
    first, second = connect(tier="enterprise"), connect(tier="enterprise")
    for portal in (first, second):
        portal.crm().prepare()
    assert audit_type(first) != audit_type(second)


def test_an_app_object_lacks_what_its_project_has_not_got_yet_and_is_written_without(
    shelved: Callable[..., Portal],
) -> None:
    portal = shelved(tier="professional")
    deploy(portal)
    full = f"a{portal.sandbox.app_id}_routing_audit"
    with portal.sandbox.hub.store.write():
        portal.sandbox.hub.properties.archive(
            portal.id, _type_of(portal, full), f"a{portal.sandbox.app_id}_response_status"
        )
    crm = portal.crm(settings=settings(hubspot_app_id=str(portal.sandbox.app_id)))
    crm.prepare()
    assert "app_objects" in crm.can
    (person,) = portal.people(1)
    (effect,) = crm.apply("audit", [work(person, portal.owner())])
    assert effect.status == "done"
    with pytest.raises(Refused, match="has no response_status; run the set-up again"):
        crm.mark_responses([ResponseRow(effect.decision_key, "", "late")])


def _type_of(portal: Portal, full: str) -> str:
    found: str = portal.sandbox.hub.portals.object_type(portal.id, full).id
    return found


def test_app_objects_take_none_of_the_portals_custom_objects(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="enterprise")
    deploy(portal)
    assert api(portal, "GET", "/crm/limits/2026-09/custom-object-types")["usage"] == 0
    grant(portal, portal.scopes - CUSTOM)
    every = api(portal, "GET", "/crm-object-schemas/2026-09/schemas")["results"]
    names = [each["fullyQualifiedName"] for each in every]
    assert names == [f"a{portal.sandbox.app_id}_{name}" for name in SCHEMAS]
    own = {prop["name"] for each in every for prop in each["properties"] if not prop["hubspotDefined"]}
    assert all(name.startswith(f"a{portal.sandbox.app_id}_") for name in own)


def test_leads_and_companies_get_properties_only_where_they_are_asked_for(portal: Portal) -> None:
    portal.crm().prepare()
    made = {call.split("/")[4] for call in portal.calls() if call.startswith(f"POST {PROPERTIES}/0-")}
    assert made == {CONTACT, COMPANY}
    assert LEAD not in made


def test_leads_get_our_properties_and_their_audits_stand_in_the_apps_objects(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="professional")
    deploy(portal)
    crm = portal.crm(routes="leads", settings=settings(hubspot_app_id=str(portal.sandbox.app_id)))
    crm.prepare()
    assert "app_objects" in crm.can
    names = {each["name"] for each in api(portal, "GET", f"{PROPERTIES}/leads")["results"]}
    assert {each["name"] for each in CONTACT_PROPERTIES} <= names
    (person,) = portal.people(1)
    of_person = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}]
    links = [{"to": {"id": person}, "types": of_person}]
    lead = portal.order("create", object="leads", properties={"hs_lead_name": "A lead"}, associations=links)["id"]
    item = work(str(lead), portal.owner(), fields={"contact_id": person})
    assert {each.status for each in (*crm.apply("update", [item]), *crm.apply("audit", [item]))} == {"done"}
    assert portal.properties("leads", str(lead))["switchyard_decision"] == item.decision.key
    assert [each["key"] for each in crm.audits(str(lead))] == [item.decision.key]


def test_the_check_names_the_scopes_without_which_leads_have_no_properties(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="professional")
    grant(portal, portal.scopes - LEAD_SCOPES)
    crm = portal.crm(routes="leads")
    crm.prepare()
    (line,) = [each for each in crm.check() if each.name == "Properties for reports (optional)"]
    assert "switchyard_decision on lead" in line.detail
    assert line.detail.endswith("Not granted: crm.schemas.leads.read, crm.schemas.leads.write")
    assert "connect it again" in line.remedy
