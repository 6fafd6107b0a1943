"""Where leads (0-136) are routed: each is read with its contact, written beside it, and never lost by it."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from connector.acts import Deed
from connector.errors import Later
from connector.hubspot.lead_steps import LAST_PRIMARY, NOWHERE
from connector.hubspot.schemas import CONTACT_PROPERTIES
from connector.work import Work
from rules.actions import Unassign, Unlink, Unstamp
from tests.connector.hubspot.conftest import NOW, work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from connector.work import Effect
    from rules.model import Decision
    from tests.connector.hubspot.conftest import LeadPortal, Portal

JANE = {"firstname": "Jane", "lastname": "Doe", "phone": "+33 1 23 45 67 89"}
NUMBERS = count()
JANE |= {"hubspot_owner_id": "", "company": "Acme", "hs_lead_status": "OPEN", "switchyard_decision": ""}


@pytest.fixture
def jane(leading: LeadPortal) -> str:
    return leading.load("contacts", [JANE | {"email": f"jane{next(NUMBERS)}@acme.com"}])[0]


@pytest.fixture
def firms(leading: LeadPortal) -> list[str]:
    return leading.load("companies", [{"name": "Acme"}, {"name": "Other"}])


def about(lead: str, contact: str, owner: str, **given: Any) -> Work:
    """Make a decision about a lead and its contact."""
    fields = {"contact_id": contact} if contact else {}
    return work(lead, owner, fields=fields | given.pop("fields", {}), **given)


def statuses(effects: Iterable[Effect]) -> dict[str, str]:
    return {effect.action: effect.status for effect in effects}


def ends(portal: Portal, kind: str, record_id: str) -> set[tuple[str, str, int]]:
    row = next(row for row in portal.rows(kind) if row["id"] == record_id)
    return {(each["toObjectType"], str(each["toObjectId"]), each["typeId"]) for each in row["associations"]}


def undone(item: Work, *actions: Any) -> Work:
    """Make a decision that takes such actions back."""
    decision: Decision = replace(item.decision, actions=actions)
    return replace(item, decision=decision, pending=frozenset(action.key for action in actions))


# -- read ------------------------------------------------------------------------------------------------------------


def test_a_lead_says_what_its_contact_says(leading: LeadPortal, jane: str, firms: list[str]) -> None:
    owner = leading.owner()
    lead = leading.lead(
        jane, company=firms[0], hubspot_owner_id=owner, hs_pipeline_stage="new-stage-id", hs_lead_label="HOT"
    )
    found = leading.crm().read("lead", [lead], extra=["hs_lead_label", "hs_lead_name", "hs_email_domain"])[lead]
    assert (found.kind, found.id, found.owner_id) == ("lead", lead, owner)
    told = {name: found.fields.get(name) for name in ("email", "name", "phone", "company", "account_id", "contact_id")}
    assert told == {
        "email": leading.properties("contacts", jane)["email"],
        "name": "Jane Doe",
        "phone": "+33 1 23 45 67 89",
        "company": "Acme",
        "account_id": firms[0],
        "contact_id": jane,
    }
    assert found.fields["status"] == "new-stage-id", "a lead has a stage; the status of its contact is another thing"
    assert (found.fields["hs_lead_label"], found.fields["hs_lead_name"]) == ("HOT", "A lead")
    assert found.fields["hs_email_domain"] == "acme.com"


def test_the_account_of_a_lead_without_a_company_is_that_of_its_contact(
    leading: LeadPortal, jane: str, firms: list[str]
) -> None:
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    ends_ = {"from": "contacts", "fromId": jane, "to": "companies", "toId": firms[1]}
    leading.order("associate", types=primary, **ends_)
    alone, tied = leading.lead(jane), leading.lead(jane, company=firms[0])
    found = leading.crm().read("lead", [alone, tied])
    assert [found[each].text("account_id") for each in (alone, tied)] == [firms[1], firms[0]]


def test_the_stamp_of_one_lead_is_not_that_of_another_of_the_same_contact(leading: LeadPortal, jane: str) -> None:
    one, two, owner = leading.lead(jane), leading.lead(jane), leading.owner()
    crm = leading.crm()
    crm.apply("update", [about(one, jane, owner)])
    found = crm.read("lead", [one, two])
    assert [found[each].text("decision") for each in (one, two)] == [f"decision-{one}", ""]
    assert leading.properties("contacts", jane)["switchyard_decision"] == f"decision-{one}"


def test_a_lead_whose_contact_is_gone_is_still_a_lead(leading: LeadPortal, jane: str) -> None:
    lead = leading.lead(jane, hs_lead_name="Jane of Acme")
    leading.order("delete", object="contacts", id=jane)
    found = leading.crm().read("lead", [lead])[lead]
    assert found.fields == {"name": "Jane of Acme"}


def test_a_hundred_leads_are_read_in_four_calls(leading: LeadPortal) -> None:
    people = leading.load("contacts", [{"lastname": str(number)} for number in range(100)])
    ids = leading.leads(people)
    crm = leading.crm()
    before = crm.calls
    found = crm.read("lead", ids)
    assert crm.calls - before == 4
    assert [found[each].text("last_name") for each in ids] == [str(number) for number in range(100)]


def test_a_contact_is_no_lead_and_a_deleted_lead_is_gone(leading: LeadPortal, jane: str) -> None:
    kept, dropped = leading.lead(jane), leading.lead(jane)
    leading.order("delete", object="leads", id=dropped)
    crm = leading.crm()
    assert crm.read("lead", [kept, dropped, jane]).keys() == {kept}
    assert crm.read("contact", [jane]) == {}
    assert dropped in crm.gone("lead", since=NOW.replace(year=2020)).ids
    assert crm.count("lead") == len(leading.rows("leads"))


def test_scans_list_leads_with_their_contacts(leading: LeadPortal, jane: str) -> None:
    lead = leading.lead(jane)
    crm = leading.crm()
    for since in (None, NOW.replace(year=2020)):
        pages = [crm.scan("lead", since=since)]
        while pages[-1].after is not None:
            pages.append(crm.scan("lead", since=since, after=pages[-1].after))
        found = {each.id: each.text("email") for page in pages for each in page.records}
        assert found[lead] == leading.properties("contacts", jane)["email"]
        assert len(found) == pages[0].total == len(leading.rows("leads"))


def test_leads_of_contacts_are_told_so_that_they_change_with_them(leading: LeadPortal, jane: str) -> None:
    one, two = leading.lead(jane), leading.lead(jane)
    (nobody,) = leading.people(1)
    crm = leading.crm()
    assert "leads" in crm.can
    assert {each: set(found) for each, found in crm.leads_of([jane, nobody]).items()} == {jane: {one, two}}
    assert leading.crm(routes="contacts").leads_of([jane]) == {}


def test_a_name_of_ours_may_stand_for_a_property_of_the_lead(leading: LeadPortal, jane: str) -> None:
    lead = leading.lead(jane, hs_lead_type="UPSELL")
    crm = leading.crm()
    crm.use_fields({"lead.product": "hs_lead_type"})
    assert crm.read("lead", [lead])[lead].text("product") == "UPSELL"
    table = crm.fields("lead", {"lead.product": "hs_lead_type"})
    offered = {each.name for each in table.offered}
    assert {"hs_lead_type", "hs_lead_name", "email", "jobtitle"} <= offered


# -- written ---------------------------------------------------------------------------------------------------------


def test_a_decision_about_a_lead_is_performed_whole(leading: LeadPortal, jane: str, firms: list[str]) -> None:
    lead, owner = leading.lead(jane), leading.owner()
    crm = leading.crm()
    item = about(lead, jane, owner, company=firms[0])
    effects = [effect for step in crm.steps for effect in crm.apply(step.name, [item])]
    assert set(statuses(effects).values()) == {"done"}, effects
    row = leading.properties("leads", lead)
    assert (row["hubspot_owner_id"], row["switchyard_decision"]) == (owner, f"decision-{lead}")
    contact = leading.properties("contacts", jane)
    assert contact["switchyard_rule"] == "EMEA"
    assert not contact.get("hubspot_owner_id"), "the contact keeps its owner unless the portal chose otherwise"
    assert contact["associatedcompanyid"] == firms[0]
    assert ("0-2", firms[0], 580) in ends(leading, "leads", lead)
    (task,) = [each for each in leading.rows("tasks") if ("0-136", lead, 647) in ends(leading, "tasks", each["id"])]
    assert {("0-136", lead, 647), ("0-1", jane, 204)} <= ends(leading, "tasks", task["id"])
    assert crm.audits(lead)[0]["key"] == f"decision-{lead}"


def test_the_contact_gets_the_owner_too_where_the_portal_chose_so(leading: LeadPortal, jane: str) -> None:
    lead, owner = leading.lead(jane), leading.owner()
    crm = leading.crm(routes="leads and contacts")
    crm.apply("update", [about(lead, jane, owner)])
    assert leading.properties("contacts", jane)["hubspot_owner_id"] == owner
    crm.apply("update", [undone(about(lead, jane, owner), Unassign(), Unstamp())])
    assert not leading.properties("contacts", jane).get("hubspot_owner_id")
    assert not leading.properties("leads", lead).get("switchyard_decision")


def test_two_leads_of_one_contact_are_written_in_one_batch_each(leading: LeadPortal, jane: str) -> None:
    one, two, owner = leading.lead(jane), leading.lead(jane), leading.owner()
    crm = leading.crm()
    crm.apply("update", [])
    before = crm.calls
    effects = crm.apply("update", [about(one, jane, owner), about(two, jane, owner)])
    assert {effect.status for effect in effects} == {"done"}
    assert crm.calls - before <= 3
    assert leading.properties("contacts", jane)["switchyard_decision"] == f"decision-{two}"


def test_what_the_contact_refuses_stops_nothing_and_is_told(leading: LeadPortal, jane: str) -> None:
    rule = {"object": "contacts", "require": ["jobtitle"], "when": {"property": "switchyard_rule", "value": "EMEA"}}
    leading.order("portals", rules=[rule])
    lead, owner = leading.lead(jane), leading.owner()
    effects = leading.crm().apply("update", [about(lead, jane, owner)])
    assert statuses(effects) == {"assign": "done", "stamp": "done"}
    assert "requires jobtitle to be filled first" in effects[0].detail
    assert leading.properties("leads", lead)["hubspot_owner_id"] == owner


def test_an_owner_without_a_sales_seat_is_refused_in_plain_words(leading: LeadPortal, jane: str) -> None:
    (poor,) = leading.load("owners", [{"salesSeat": False}])
    lead = leading.lead(jane)
    effects = leading.crm().apply("update", [about(lead, jane, poor)])
    assert statuses(effects) == {"assign": "refused", "stamp": "refused"}
    assert "only to owners with a sales seat" in effects[0].detail


def test_an_owner_whom_the_lead_refuses_does_not_get_its_contact(leading: LeadPortal, jane: str) -> None:
    (poor,) = leading.load("owners", [{"salesSeat": False}])
    crm = leading.crm(routes="leads and contacts")
    assert "refused" in statuses(crm.apply("update", [about(leading.lead(jane), jane, poor)])).values()
    contact = leading.properties("contacts", jane)
    assert not contact.get("hubspot_owner_id")
    assert not contact.get("switchyard_decision"), "nor does it say that it was given to anybody"


def test_the_rate_limit_on_the_contact_puts_off_the_whole(leading: LeadPortal, jane: str) -> None:
    lead, owner = leading.lead(jane), leading.owner()
    leading.fault("0-1/batch/update", status=429, body={"policyName": "TEN_SECONDLY_ROLLING"})
    crm = leading.crm()
    with pytest.raises(Later):
        crm.apply("update", [about(lead, jane, owner)])
    assert set(statuses(crm.apply("update", [about(lead, jane, owner)])).values()) == {"done"}


def test_without_our_properties_on_leads_the_contact_alone_is_stamped(leading: LeadPortal, jane: str) -> None:
    lead, owner = leading.lead(jane), leading.owner()
    crm = leading.crm()
    crm.apply("update", [])
    bare = {"0-136": frozenset(each["name"] for each in CONTACT_PROPERTIES)}
    found = crm._routed.update(crm._client, [about(lead, jane, owner), about(leading.lead(jane), "", owner)], bare)
    assert [effect.status for effect in found] == ["done", "done", "done", "done"]
    (nothing,) = crm._routed.update(crm._client, [about(lead, "", owner, pending=["stamp"])], bare)
    assert (nothing.status, nothing.detail) == ("refused", NOWHERE)
    assert leading.properties("contacts", jane)["switchyard_decision"] == f"decision-{lead}"


def test_a_task_on_a_lead_is_found_and_not_made_again(leading: LeadPortal, jane: str) -> None:
    lead, owner = leading.lead(jane), leading.owner()
    crm = leading.crm()
    leading.fault("batch/create", drop="after")
    with pytest.raises(Later):
        crm.apply("task", [about(lead, jane, owner)])
    effects = crm.apply("task", [about(lead, jane, owner, uncertain=["task", "notify"])])
    assert {effect.status for effect in effects} == {"already"}
    assert len([end for end in ends(leading, "leads", lead) if end[0] == "0-27"]) == 1


# -- links -----------------------------------------------------------------------------------------------------------


def test_the_primary_company_of_a_lead_is_never_replaced(leading: LeadPortal, jane: str, firms: list[str]) -> None:
    lead, owner = leading.lead(jane, company=firms[1]), leading.owner()
    (effect,) = leading.crm().apply("link", [about(lead, jane, owner, company=firms[0])])
    assert (effect.status, effect.ref) == ("refused", firms[1])
    assert effect.detail == "The lead already has another primary company, which was left as it is"
    assert ("0-2", firms[1], 580) in ends(leading, "leads", lead)


def test_the_contact_of_a_linked_lead_keeps_its_own_company(leading: LeadPortal, jane: str, firms: list[str]) -> None:
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    side = {"from": "contacts", "fromId": jane, "to": "companies", "toId": firms[1]}
    lead, owner = leading.lead(jane), leading.owner()
    leading.order("associate", types=primary, **side)
    (effect,) = leading.crm().apply("link", [about(lead, jane, owner, company=firms[0])])
    assert effect.status == "done"
    assert leading.properties("contacts", jane)["associatedcompanyid"] == firms[1]


def test_an_undone_link_leaves_the_lead_and_its_contact(leading: LeadPortal, jane: str, firms: list[str]) -> None:
    lead, owner = leading.lead(jane), leading.owner()
    crm = leading.crm()
    item = about(lead, jane, owner, company=firms[0])
    crm.apply("link", [item])
    (effect,) = crm.apply("link", [undone(item, Unlink(firms[0]))])
    assert effect.status == "done"
    assert not {end for end in ends(leading, "leads", lead) if end[0] == "0-2"}
    assert ("0-1", jane, 578) in ends(leading, "leads", lead)
    assert not leading.properties("contacts", jane).get("associatedcompanyid")


def test_the_last_primary_association_of_a_lead_is_never_removed(
    leading: LeadPortal, jane: str, firms: list[str]
) -> None:
    lead, owner = leading.lead(jane, company=firms[0]), leading.owner()
    leading.order("dissociate", **{"from": "leads", "fromId": lead, "to": "contacts", "toId": jane})
    item = undone(about(lead, "", owner, company=firms[0]), Unlink(firms[0]))
    (effect,) = leading.crm().apply("link", [item])
    assert (effect.status, effect.detail) == ("refused", LAST_PRIMARY)
    assert ("0-2", firms[0], 580) in ends(leading, "leads", lead), "HubSpot would have deleted the lead"


# -- what became of it -----------------------------------------------------------------------------------------------


def deed(owner: str, stage: str = "", task: str = "") -> Deed:
    return Deed(NOW.replace(year=2020), owner, stage, task)


def test_what_people_do_with_a_lead_is_told_by_the_lead_and_by_its_contact(leading: LeadPortal, jane: str) -> None:
    owner, other = leading.load("owners", [{}, {}])
    quiet, given, moved = (leading.lead(jane, hubspot_owner_id=owner) for _ in range(3))
    leading.order("update", object="leads", id=given, properties={"hubspot_owner_id": other})
    leading.order("update", object="leads", id=moved, properties={"hs_pipeline_stage": "attempting-stage-id"})
    crm = leading.crm()
    found = crm.acted({each: deed(owner) for each in (quiet, given, moved, "123456")})
    acts = {each: done.act for each, done in found.items()}
    assert acts == {given: "owner changed", moved: "status changed", "123456": "gone"}
    link = {"to": {"id": jane}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]}
    call = {"hs_timestamp": NOW.isoformat(), "hs_call_title": "Call"}
    leading.order("create", object="calls", properties=call, associations=[link])
    assert crm.acted({quiet: deed(owner)})[quiet].act == "activity logged"


def test_a_qualified_lead_is_a_converted_one(leading: LeadPortal, jane: str) -> None:
    owner = leading.owner()
    lead = leading.lead(jane, hubspot_owner_id=owner)
    leading.order("update", object="leads", id=lead, properties={"hs_pipeline_stage": "qualified-stage-id"})
    crm = leading.crm()
    done = crm.acted({lead: deed(owner)})[lead]
    assert (done.act, done.at is not None) == ("converted", True)
    assert crm.read("lead", [lead])[lead].fields["converted"] is True


def test_leads_are_open_until_they_are_qualified_or_given_up(leading: LeadPortal, jane: str) -> None:
    owner = leading.owner()
    for stage in ("new-stage-id", "1707", "qualified-stage-id", "unqualified-stage-id"):
        leading.lead(jane, hubspot_owner_id=owner, hs_pipeline_stage=stage)
    leading.lead(jane, hubspot_owner_id=owner)
    assert leading.crm().open_leads([owner]) == {owner: 3}


def test_the_check_says_whether_leads_were_granted(leading: LeadPortal, connect: Callable[..., Portal]) -> None:
    lines = {line.name: line for line in leading.crm().check()}
    assert lines["Leads"].ok
    poor = connect(tier="starter")
    line = {each.name: each for each in poor.crm(routes="leads").check()}["Leads"]
    assert not line.ok
    assert "Sales Hub Professional" in line.detail
    assert "Route contacts instead" in line.remedy
