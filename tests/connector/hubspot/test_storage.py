"""Setting a portal up, and checking that it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import requests

from connector.acts import ResponseRow
from connector.crm import Crm
from connector.errors import Refused
from connector.hubspot.schemas import SCHEMAS
from connector.rows import RuleRow
from tests.connector.hubspot.conftest import NOW, Memory, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.connector.hubspot.conftest import Portal


def schemas(portal: Portal) -> dict[str, dict[str, object]]:
    found = api(portal, "GET", "/crm-object-schemas/2026-09/schemas").json()["results"]
    return {schema["name"]: schema for schema in found}


def api(portal: Portal, method: str, path: str, body: object = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {portal.tokens.access_token}"}
    return requests.request(method, portal.sandbox.url + path, json=body, headers=headers, timeout=10)


def failing(crm: Crm) -> dict[str, str]:
    return {line.name: f"{line.detail} -> {line.remedy}" for line in crm.check() if not line.ok}


def test_a_new_portal_is_set_up_and_then_passes_every_check(portal: Portal) -> None:
    crm = portal.crm()
    portal.owner()
    assert failing(crm).keys() == {"Contact properties", "Rules and audit"}
    crm.prepare()
    assert failing(crm) == {}
    assert schemas(portal).keys() == SCHEMAS.keys()
    properties = api(portal, "GET", "/crm/properties/2026-09/contacts/switchyard_decision").json()
    assert (properties["groupName"], properties["type"]) == ("switchyard", "string")


def test_setting_up_twice_changes_nothing(ready: Portal) -> None:
    before = schemas(ready)
    ready.crm().prepare()
    assert not [call for call in ready.calls() if not (call.startswith("GET") or call.endswith("/batch/read"))]
    assert schemas(ready) == before


def test_what_an_earlier_version_lacks_is_added(ready: Portal) -> None:
    audit = schemas(ready)["routing_audit"]["objectTypeId"]
    base = f"/crm/properties/2026-09/{audit}"
    assert api(ready, "DELETE", f"{base}/story").status_code == 204
    kept = [{"label": "Assigned", "value": "assigned"}, {"label": "Own", "value": "own"}]
    assert api(ready, "PATCH", f"{base}/outcome", {"options": kept}).status_code == 200
    assert api(ready, "DELETE", "/crm/properties/2026-09/contacts/switchyard_rule").status_code == 204
    ready.crm().prepare()
    assert api(ready, "GET", f"{base}/story").json()["archived"] is False
    values = {option["value"] for option in api(ready, "GET", f"{base}/outcome").json()["options"]}
    assert values >= {"assigned", "own", "suggested", "observed", "kept", "ignored", "refused"}
    assert api(ready, "GET", "/crm/properties/2026-09/contacts/switchyard_rule").json()["archived"] is False


def test_standings_are_refused_until_the_object_of_an_earlier_version_has_their_properties(ready: Portal) -> None:
    crm = ready.crm()
    (pool,) = crm.put_rules([RuleRow("Desk", "pool", 1, "- pool: Desk")])
    told = RuleRow("Desk", "pool", 1, "- pool: Desk", id=pool, standing="Ana: received 1", received=1, difference=0.5)
    base = f"/crm/properties/2026-09/{schemas(ready)['routing_rule']['objectTypeId']}"
    for name in ("standing", "received", "largest_difference"):
        assert api(ready, "DELETE", f"{base}/{name}").status_code == 204
    assert crm.rules() == (RuleRow("Desk", "pool", 1, "- pool: Desk", id=pool),)
    with pytest.raises(Refused):
        crm.mark_standings([told])
    crm.prepare()
    crm.mark_standings([told])
    assert crm.rules() == (told,)


RESPONSES = ("response_status", "responded_at", "response_minutes")


def of_an_earlier_version(portal: Portal) -> str:
    """Take from the audit object what an earlier version did not have; return the address of its properties."""
    base = f"/crm/properties/2026-09/{schemas(portal)['routing_audit']['objectTypeId']}"
    for name in RESPONSES:
        assert api(portal, "DELETE", f"{base}/{name}").status_code == 204
    portal.calls()
    return base


def recorded(portal: Portal, crm: Crm) -> tuple[str, str]:
    """Carry out a decision; return its key and the status of its audit."""
    (person,) = portal.people(1)
    item = work(person, portal.owner())
    (effect,) = crm.apply("audit", [item])
    return item.decision.key, effect.status


def test_an_audit_object_of_an_earlier_version_gets_its_properties_before_the_next_audit(ready: Portal) -> None:
    base, crm = of_an_earlier_version(ready), ready.crm(memo=Memory())
    key, status = recorded(ready, crm)
    assert status == "done"
    assert all(api(ready, "GET", f"{base}/{name}").json()["archived"] is False for name in RESPONSES)
    assert crm.mark_responses([ResponseRow(key, "", "late")]) == {}
    (row,) = ready.rows(f"p{ready.id}_routing_audit")
    assert row["properties"]["response_status"] == "late"


def test_audits_are_written_without_the_properties_that_a_portal_refuses_to_add(ready: Portal) -> None:
    base, crm = of_an_earlier_version(ready), ready.crm(memo=Memory())
    ready.fault(f"POST {base}", status=403, body={"category": "MISSING_SCOPES"}, times=2)
    key, status = recorded(ready, crm)
    assert status == "done"
    with pytest.raises(Refused, match="has no responded_at, response_minutes, response_status; run the set-up again"):
        crm.mark_responses([ResponseRow(key, "", "late")])
    crm.prepare()
    assert crm.mark_responses([ResponseRow(key, "", "late")]) == {}


def test_a_hundred_answers_take_one_call_and_one_to_see_whose_decision_is_still_the_last(ready: Portal) -> None:
    crm = ready.crm()
    people, owner = ready.people(101), ready.owner()
    items = [work(person, owner, actions=()) for person in people]
    refs = {each.decision_key: each.ref for part in (items[:100], items[100:]) for each in crm.apply("audit", part)}
    ready.calls()
    rows = [ResponseRow(key, ref, "in_time", NOW, 2.5) for key, ref in refs.items()]
    assert crm.mark_responses(rows) == {}
    assert len(ready.calls()) == 2
    leads = {item.decision.key: item.decision.lead.id for item in items}
    assert crm.mark_responses([replace(each, ref="", lead_id=leads[each.key]) for each in rows[:100]]) == {}
    assert len(ready.calls()) == 2
    assert {row["properties"]["response_minutes"] for row in ready.rows(f"p{ready.id}_routing_audit")} == {"2.5"}


def test_an_archived_object_is_made_anew(ready: Portal) -> None:
    crm = ready.crm()
    rule_type = schemas(ready)["routing_rule"]["objectTypeId"]
    assert api(ready, "DELETE", f"/crm-object-schemas/2026-09/schemas/{rule_type}").status_code == 204
    with pytest.raises(Refused):
        crm.rules()
    crm.prepare()
    assert schemas(ready)["routing_rule"]["objectTypeId"] != rule_type
    assert crm.rules() == ()


def test_a_contact_property_of_another_type_is_named_with_its_remedy(portal: Portal) -> None:
    wrong = {"name": "switchyard_confidence", "label": "x", "type": "string", "fieldType": "text"}
    group = {"groupName": "contactinformation"}
    assert api(portal, "POST", "/crm/properties/2026-09/contacts", wrong | group).status_code == 201
    with pytest.raises(Refused, match="switchyard_confidence exists with type string, but must be number: rename"):
        portal.crm().prepare()


def test_a_portal_without_room_for_two_more_objects_keeps_notes_and_is_told_why(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="enterprise")
    for number in range(9):
        egg = {
            "name": f"thing{number}",
            "labels": {"singular": "Thing", "plural": "Things"},
            "primaryDisplayProperty": "n",
            "requiredProperties": [],
            "properties": [{"name": "n", "label": "N", "type": "string", "fieldType": "text"}],
        }
        assert api(portal, "POST", "/crm-object-schemas/2026-09/schemas", egg).status_code == 201
    crm = portal.crm()
    crm.prepare()
    assert "routing_rule" not in schemas(portal)
    assert "properties" in crm.can
    portal.owner()
    (line,) = [each for each in crm.check() if each.name == "Rules and audit"]
    assert line.ok
    assert "may have 10 custom objects and has 9; Switchyard needs 2 more. Delete one" in line.detail


def test_a_portal_without_custom_objects_is_told_where_things_stand_instead(shelved: Callable[..., Portal]) -> None:
    portal = shelved(tier="professional")
    portal.owner()
    crm = portal.crm()
    crm.prepare()
    assert crm.can >= {"notify", "properties"}
    assert failing(crm) == {}
    (line,) = [each for each in crm.check() if each.name == "Rules and audit"]
    assert line.detail.startswith("Your subscription has no custom objects (they need Enterprise)")
    assert "the audit stands in notes and properties" in line.detail


def test_the_place_of_rules_and_audits_comes_from_the_granted_scopes(connect: Callable[..., Portal]) -> None:
    assert connect(tier="free").crm().can == {"notify", "audits_anew", "properties"}
    enterprise = connect(tier="enterprise")
    assert enterprise.crm().can >= {"notify", "custom_objects"}
    assert "properties" in enterprise.crm(scopes=enterprise.scopes - {"crm.schemas.custom.write"}).can


def test_the_check_names_missing_scopes_and_a_wrong_portal(ready: Portal) -> None:
    ready.owner()
    found = failing(ready.crm(scopes=ready.scopes - {"crm.objects.owners.read"}, portal_id="1"))
    assert found.keys() == {"Portal", "Scopes"}
    assert "Not granted: crm.objects.owners.read -> As a super admin, open Settings > Integrations" in found["Scopes"]


def test_the_check_goes_on_where_a_line_fails(ready: Portal) -> None:
    ready.owner()
    ready.fault("GET /crm/objects/2026-09/0-2", status=503, body={})
    ready.fault("GET /account-info", status=403, body={"category": "MISSING_SCOPES"})
    assert failing(ready.crm()).keys() == {"Portal", "Companies"}


def test_the_adapter_is_a_crm(portal: Portal) -> None:
    crm: Crm = portal.crm()
    assert crm.name == "hubspot"
    assert [(step.name, step.batch) for step in crm.steps] == [
        ("snapshot", 50),
        ("merge", 50),
        ("unmerge", 50),
        ("update", 100),
        ("link", 1000),
        ("task", 100),
        ("audit", 100),
    ]
