"""Performing decisions: every effect once, row by row, whatever HubSpot does."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import Later
from connector.hubspot import objects
from connector.hubspot.properties import TASK_BODY
from rules.model import AUDIT
from tests.connector.hubspot.conftest import NOW, work

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.hubspot.gateway import HubSpotCrm
    from connector.work import Effect, Work
    from tests.connector.hubspot.conftest import Portal

NOBODY = "999999999"


def perform(crm: HubSpotCrm, items: list[Work]) -> list[Effect]:
    """Take all decisions through all steps, in batches."""
    found: list[Effect] = []
    for step in crm.steps:
        for start in range(0, len(items), step.batch):
            found += crm.apply(step.name, items[start : start + step.batch])
    return found


def statuses(effects: Iterable[Effect]) -> dict[str, str]:
    return {effect.action: effect.status for effect in effects}


def by_key(effects: Iterable[Effect]) -> dict[str, Effect]:
    return {effect.decision_key: effect for effect in effects}


def linked(portal: Portal, kind: str, record_id: str, other: str) -> list[tuple[str, int]]:
    row = next(row for row in portal.rows(kind) if row["id"] == record_id)
    return [(link["category"], link["typeId"]) for link in row["associations"] if str(link["toObjectId"]) == other]


def audits_of(portal: Portal) -> str:
    """Return the name of the portal's audit object."""
    return f"p{portal.id}_routing_audit"


@pytest.fixture
def company(ready: Portal) -> str:
    return ready.load("companies", [{"name": "Acme", "domain": "acme.com"}])[0]


def test_a_decision_is_performed_whole(ready: Portal, company: str) -> None:
    (lead,), owner = ready.people(1), ready.owner()
    effects = perform(ready.crm(), [work(lead, owner, company=company)])
    assert statuses(effects) == dict.fromkeys(("assign", "stamp", "link", "task", "notify", AUDIT), "done")
    contact = ready.properties("contacts", lead)
    assert contact["hubspot_owner_id"] == owner
    assert contact["associatedcompanyid"] == company
    assert contact["switchyard_decision"] == f"decision-{lead}"
    assert (contact["switchyard_rule"], contact["switchyard_confidence"]) == ("EMEA", "0.9")
    (task,) = ready.rows("tasks")
    assert task["properties"]["hubspot_owner_id"] == owner
    assert task["properties"][TASK_BODY].splitlines() == ["Jane wants a demo<br>", f"Switchyard ref: decision-{lead}"]
    assert int(task["properties"]["hs_task_reminders"]) == (int(NOW.timestamp()) + 60) * 1000
    assert linked(ready, "tasks", task["id"], lead) == [("HUBSPOT_DEFINED", 204)]
    refs = {effect.action: effect.ref for effect in effects}
    assert refs["task"] == refs["notify"] == task["id"]
    assert (refs["link"], refs["assign"]) == (company, lead)
    audit_type = audits_of(ready)
    (audit,) = ready.rows(audit_type)
    assert audit["id"] == refs[AUDIT]
    assert audit["properties"]["assignee_id"] == owner
    assert linked(ready, audit_type, audit["id"], lead)
    assert linked(ready, audit_type, audit["id"], company)


def test_only_what_is_pending_is_performed(ready: Portal, company: str) -> None:
    (lead,), owner = ready.people(1), ready.owner()
    item = work(lead, owner, company=company, pending=["stamp", "task"])
    assert statuses(perform(ready.crm(), [item])) == {"stamp": "done", "task": "done"}
    assert "hubspot_owner_id" not in ready.properties("contacts", lead)
    assert "hs_task_reminders" not in ready.rows("tasks")[0]["properties"]
    assert ready.crm().apply("link", [item]) == []


def test_a_bell_without_a_task_becomes_a_task_of_its_own(ready: Portal) -> None:
    (lead,), owner = ready.people(1), ready.owner()
    item = work(lead, owner, actions=["notify"])
    assert statuses(ready.crm().apply("task", [item])) == {"notify": "done"}
    (task,) = ready.rows("tasks")
    assert task["properties"]["hs_task_subject"] == "A new lead"
    assert task["properties"]["hubspot_owner_id"] == owner
    assert "hs_task_reminders" in task["properties"]


def test_a_thousand_leads_cost_at_most_ninety_calls(ready: Portal, company: str) -> None:
    ready.order("limits", general=None, associations=None)
    ids, owner = ready.people(1000), ready.owner()
    crm = ready.crm()
    before = crm.calls
    for start in range(0, 1000, 200):
        part = ids[start : start + 200]
        assert len(crm.read("lead", part)) == 200
        effects = perform(crm, [work(lead, owner, company=company) for lead in part])
        assert Counter(effect.status for effect in effects) == {"done": 1200}
    assert crm.calls - before <= 90
    assert len(ready.rows("tasks")) == 1000


# -- one bad record among good ones ----------------------------------------------------------------------------------


def test_a_deleted_lead_does_not_take_the_others_down(ready: Portal, company: str) -> None:
    ids, owner = ready.people(20), ready.owner()
    ready.order("delete", object="contacts", id=ids[7])
    effects = perform(ready.crm(), [work(lead, owner, company=company) for lead in ids])
    bad = {effect.action: effect for effect in effects if effect.decision_key == f"decision-{ids[7]}"}
    assert {effect.status for effect in effects if effect.decision_key != f"decision-{ids[7]}"} == {"done"}
    assert {action: effect.status for action, effect in bad.items()} == {
        "assign": "refused",
        "stamp": "refused",
        "link": "refused",
        "task": "refused",
        "notify": "refused",
        AUDIT: "done",
    }
    assert "no longer exists" in bad["assign"].detail
    assert bad[AUDIT].detail.startswith("Written without its links")


def test_a_merged_lead_is_refused_and_left_alone(ready: Portal, company: str) -> None:
    one, two, good = ready.people(3)
    owner = ready.owner()
    new = ready.order("merge", object="contacts", primary=one, other=two)["id"]
    effects = ready.crm().apply("update", [work(two, owner), work(good, owner)])
    assert {(effect.decision_key, effect.status) for effect in effects} == {
        (f"decision-{two}", "refused"),
        (f"decision-{good}", "done"),
    }
    assert "hubspot_owner_id" not in ready.properties("contacts", new)


def test_an_owner_who_is_not_there_is_refused_without_naming_values(ready: Portal) -> None:
    ids, owner = ready.people(3), ready.owner()
    items = [work(ids[0], owner), work(ids[1], NOBODY), work(ids[2], owner)]
    effects = ready.crm().apply("update", items)
    bad = [effect for effect in effects if effect.status != "done"]
    assert {effect.decision_key for effect in bad} == {f"decision-{ids[1]}"}
    assert {effect.status for effect in bad} == {"refused"}
    assert "the owner does not exist in this portal" in bad[0].detail
    assert NOBODY not in bad[0].detail
    assert "switchyard_decision" not in ready.properties("contacts", ids[1])


def test_a_rule_of_the_portal_about_required_properties_is_said_in_plain_words(ready: Portal) -> None:
    ids, owner = ready.people(3), ready.owner()
    rule = {
        "object": "contacts",
        "require": ["hs_lead_status"],
        "when": {"property": "hubspot_owner_id", "value": owner},
    }
    ready.order("portals", rules=[rule])
    ready.order("update", object="contacts", id=ids[0], properties={"hs_lead_status": "NEW"})
    effects = by_key(ready.crm().apply("update", [work(lead, owner, actions=["assign"]) for lead in ids]))
    assert effects[f"decision-{ids[0]}"].status == "done"
    refused = effects[f"decision-{ids[1]}"]
    assert refused.status == "refused"
    assert "a property rule of this portal requires hs_lead_status to be filled first" in refused.detail
    assert "Settings > Properties > Conditional logic" in refused.detail
    assert effects[f"decision-{ids[2]}"].status == "refused"


def test_a_portal_that_requires_properties_of_new_tasks_refuses_them_and_nothing_else(ready: Portal) -> None:
    (lead,), owner = ready.people(1), ready.owner()
    ready.order("portals", rules=[{"object": "tasks", "require": ["hs_task_priority"], "when": None}])
    found = {effect.action: effect for effect in perform(ready.crm(), [work(lead, owner)])}
    assert found["assign"].status == found[AUDIT].status == "done"
    assert found["task"].status == "refused"
    assert "this portal requires hs_task_priority on new records" in found["task"].detail
    assert "Settings > Objects > Record creation" in found["task"].detail


def test_a_batch_that_fails_whole_is_halved_until_the_bad_row_stands_alone(ready: Portal) -> None:
    ids, owner = ready.people(8), ready.owner()
    ready.fault("0-1/batch/update", status=400, body={"category": "VALIDATION_ERROR", "message": "bad"})
    crm = ready.crm()
    effects = crm.apply("update", [work(lead, owner) for lead in ids])
    assert {effect.status for effect in effects} == {"done"}
    assert crm.calls == 3


def test_two_decisions_about_one_lead_are_both_written(ready: Portal) -> None:
    (lead, other), owner = ready.people(2), ready.owner()
    items = [work(lead, owner, key="d1"), work(other, owner, key="d2"), work(lead, owner, key="d3")]
    effects = ready.crm().apply("update", items)
    assert {effect.status for effect in effects} == {"done"}
    assert len(effects) == 6
    assert ready.properties("contacts", lead)["switchyard_decision"] == "d3"


# -- links -----------------------------------------------------------------------------------------------------------


def test_a_primary_company_is_never_replaced(ready: Portal, company: str) -> None:
    ids, owner = ready.people(3), ready.owner()
    (other,) = ready.load("companies", [{"name": "Other"}])
    crm = ready.crm()
    items = [
        work(ids[0], owner, company=company, fields={"account_id": other}),
        work(ids[1], owner, company=company, fields={"account_id": company}),
        work(ids[2], owner, company=company),
    ]
    effects = by_key(crm.apply("link", items))
    assert [effects[f"decision-{lead}"].status for lead in ids] == ["refused", "already", "done"]
    assert "already has another primary company" in effects[f"decision-{ids[0]}"].detail
    assert crm.calls == 3
    assert linked(ready, "contacts", ids[0], company) == []


def test_an_uncertain_link_is_looked_for_first(ready: Portal, company: str) -> None:
    ids, owner = ready.people(3), ready.owner()
    (other,) = ready.load("companies", [{"name": "Other"}])
    crm = ready.crm()
    crm.apply("link", [work(ids[0], owner, company=company), work(ids[1], owner, company=other)])
    calls = crm.calls
    items = [work(lead, owner, company=company, uncertain=["link"]) for lead in ids]
    effects = by_key(crm.apply("link", items))
    assert [effects[f"decision-{lead}"].status for lead in ids] == ["already", "refused", "done"]
    assert crm.calls - calls == 3


def test_a_company_that_is_gone_is_refused_and_the_other_links_stand(ready: Portal, company: str) -> None:
    ids, owner = ready.people(3), ready.owner()
    (gone,) = ready.load("companies", [{"name": "Gone"}])
    ready.order("delete", object="companies", id=gone)
    items = [work(ids[0], owner, company=company), work(ids[1], owner, company=gone), work(ids[2], owner, company=gone)]
    effects = by_key(ready.crm().apply("link", items))
    assert [effects[f"decision-{lead}"].status for lead in ids] == ["done", "refused", "refused"]


# -- cut off in the middle -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["task", "audit"])
def test_what_was_made_before_the_connection_broke_is_found_and_not_made_again(ready: Portal, step: str) -> None:
    ids, owner = ready.people(5), ready.owner()
    crm = ready.crm()
    items = [work(lead, owner) for lead in ids]
    crm.apply("audit", [])
    ready.fault("batch/create", drop="after")
    with pytest.raises(Later):
        crm.apply(step, items)
    again = [work(lead, owner, uncertain=["task", "notify", AUDIT]) for lead in ids]
    effects = crm.apply(step, again)
    assert {effect.status for effect in effects} == {"already"}
    made = ready.rows("tasks" if step == "task" else audits_of(ready))
    assert sorted(row["id"] for row in made) == sorted({effect.ref for effect in effects})


def test_a_task_is_found_again_though_a_person_has_merged_its_contact_since(ready: Portal) -> None:
    ids, owner = ready.people(4), ready.owner()
    crm = ready.crm()
    ready.fault("batch/create", drop="after")
    with pytest.raises(Later):
        crm.apply("task", [work(lead, owner) for lead in ids[:2]])
    ready.order("merge", object="contacts", primary=ids[3], other=ids[0])
    ready.order("delete", object="contacts", id=ids[2])
    effects = by_key(crm.apply("task", [work(lead, owner, uncertain=["task", "notify"]) for lead in ids[:3]]))
    assert [effects[f"decision-{lead}"].status for lead in ids[:3]] == ["already", "already", "refused"]
    assert len(ready.rows("tasks")) == 2


def test_what_was_not_made_before_the_connection_broke_is_made(ready: Portal) -> None:
    ids, owner = ready.people(5), ready.owner()
    crm = ready.crm()
    ready.fault("batch/create", drop="before")
    with pytest.raises(Later):
        crm.apply("task", [work(lead, owner) for lead in ids])
    effects = crm.apply("task", [work(lead, owner, uncertain=["task", "notify"]) for lead in ids])
    assert {effect.status for effect in effects} == {"done"}
    assert len(ready.rows("tasks")) == 5


def test_an_uncertain_task_is_told_from_other_tasks_of_the_same_lead(ready: Portal) -> None:
    (lead,), owner = ready.people(1), ready.owner()
    crm = ready.crm()
    crm.apply("task", [work(lead, owner, key="old")])
    effects = crm.apply("task", [work(lead, owner, key="new", uncertain=["task"])])
    assert {effect.status for effect in effects} == {"done"}
    assert len(ready.rows("tasks")) == 2


def test_an_audit_that_is_there_already_is_recognised_without_being_uncertain(ready: Portal) -> None:
    ids, owner = ready.people(3), ready.owner()
    crm = ready.crm()
    (first,) = crm.apply("audit", [work(ids[0], owner)])
    effects = by_key(crm.apply("audit", [work(lead, owner) for lead in ids]))
    assert [effects[f"decision-{lead}"].status for lead in ids] == ["already", "done", "done"]
    assert effects[f"decision-{ids[0]}"].ref == first.ref
    assert len(ready.rows(audits_of(ready))) == 3


def test_an_update_is_simply_repeated(ready: Portal) -> None:
    (lead,), owner = ready.people(1), ready.owner()
    crm = ready.crm()
    ready.fault("batch/update", drop="after")
    with pytest.raises(Later):
        crm.apply("update", [work(lead, owner)])
    assert {e.status for e in crm.apply("update", [work(lead, owner, uncertain=["assign", "stamp"])])} == {"done"}


def test_rows_of_which_hubspot_says_nothing_wait_and_are_looked_for(ready: Portal) -> None:
    (lead,), owner = ready.people(1), ready.owner()
    crm = ready.crm()
    ready.fault("0-27/batch/create", status=201, body={"status": "COMPLETE", "results": []})
    effects = crm.apply("task", [work(lead, owner)])
    assert statuses(effects) == {"task": "later", "notify": "later"}
    assert all(effect.seconds > 0 for effect in effects)
    assert ready.rows("tasks") == []


def test_the_rate_limit_stops_a_step_with_its_own_interval(ready: Portal) -> None:
    (lead,), owner = ready.people(1), ready.owner()
    ready.fault(
        "batch/update",
        status=429,
        body={"policyName": "TEN_SECONDLY_ROLLING"},
        headers={"X-HubSpot-RateLimit-Interval-Milliseconds": "10000"},
    )
    with pytest.raises(Later) as later:
        ready.crm().apply("update", [work(lead, owner)])
    assert later.value.seconds == 10


# -- audits in odd portals -------------------------------------------------------------------------------------------


def test_objects_that_were_made_anew_are_found_again(ready: Portal) -> None:
    ids, owner = ready.people(50), ready.owner()
    known: dict[str, Any] = dict(ready.memo.values[objects.MEMO])
    ready.memo.values[objects.MEMO] = {"0-1": known["0-1"] | {"audit_type": "2-1"}}
    crm = ready.crm()
    effects = crm.apply("audit", [work(lead, owner) for lead in ids])
    assert {effect.status for effect in effects} == {"done"}
    assert crm.calls == 5
    assert ready.memo.values[objects.MEMO] == known


def test_association_types_that_changed_cost_one_batch_its_links_and_no_more(ready: Portal) -> None:
    (lead, other), owner = ready.people(2), ready.owner()
    known: dict[str, Any] = dict(ready.memo.values[objects.MEMO])
    ready.memo.values[objects.MEMO] = {"0-1": known["0-1"] | {"audit_to_lead": 99_999}}
    crm = ready.crm()
    (first,) = crm.apply("audit", [work(lead, owner)])
    (second,) = crm.apply("audit", [work(other, owner)])
    assert (first.status, first.detail.startswith("Written without its links")) == ("done", True)
    assert (second.status, second.detail) == ("done", "")
