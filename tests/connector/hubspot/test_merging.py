"""Merging contacts and companies: what is read before, what one merge does, and what happens when it goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connector.hubspot.snapshots import GONE, NOT_MERGED
from connector.merging import Taken
from rules.actions import Member, Task
from rules.merging.blockers import Ground
from rules.merging.groups import Group, Judgement
from rules.merging.plan import plan
from rules.merging.policy import MergePolicy
from rules.model import AUDIT
from tests.connector.hubspot.conftest import NOW
from tests.connector.hubspot.merges import apply, merged, survivor_now, to_merge, told, unlimited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.work import Effect
    from tests.connector.hubspot.conftest import LeadPortal, Portal
    from tests.sandbox.hubspot import Sandbox


@pytest.fixture(scope="module")
def shared(sandbox: Sandbox) -> Portal:
    """An Enterprise portal, set up, for all tests of this module."""
    return unlimited(sandbox)


@pytest.fixture
def there(shared: Portal) -> Iterator[Portal]:
    """That portal, as nobody has set it otherwise."""
    shared.calls()
    yield shared
    shared.sandbox.control.forget_orders()
    shared.order("portals", salesforce_sync=False, merge_keeps_id=False, rules=[])
    while shared.opened:
        shared.opened.pop().close()


def pair(portal: Portal, **more: str) -> tuple[str, str]:
    one, other = portal.load("contacts", [{"firstname": "Ana", "city": "Paris"}, {"firstname": "Anna", **more}])
    return one, other


def one_effect(effects: list[Effect]) -> Effect:
    assert len(effects) == 1, effects
    return effects[0]


def by_hand(portal: Portal, primary: str, other: str, kind: str = "contacts") -> str:
    """A person merges two records in HubSpot."""
    return str(portal.order("merge", object=kind, primary=primary, other=other)["id"])


def ids(portal: Portal, kind: str = "contacts") -> set[str]:
    return {row["id"] for row in portal.rows(kind)}


# -- before ------------------------------------------------------------------------------------------------------------


def test_a_plan_can_be_made_of_what_is_read(there: Portal) -> None:
    ana, gone = there.owner(), there.load("owners", [{"email": "old@example.com", "archived": True}])[0]
    people = [
        {"email": "ana@x.example", "firstname": "Ana", "numemployees": "25-50", "hubspot_owner_id": ana},
        {"firstname": "Ana", "phone": "+15551234", "hubspot_owner_id": gone},
    ]
    one, other = there.load("contacts", people)
    deal = {
        "properties": {"dealname": "D", "dealstage": "qualifiedtobuy"},
        "associations": [{"to": {"id": one}, "types": [{"associationCategory": "HUBSPOT_DEFINED",
                                                        "associationTypeId": 3}]}],
    }  # fmt: skip
    there.sandbox.load(there.id, "deals", [deal])
    members = [Member("lead", one), Member("lead", other), Member("lead", "999")]
    crm = there.crm()
    found = crm.mergeable(members)
    assert set(found.records) == set(members[:2])
    assert (found.facts[one].open_opportunities, found.facts[other].open_opportunities) == (1, 0)
    assert (found.facts[one].owner_active, found.facts[other].owner_active) == (True, False)
    first = found.records[members[0]]
    assert (first.fields["employees"], first.fields["phone"]) == ("25-50", None)
    assert {"phone", "employees", "email"} <= found.writable["lead"]
    assert {"source", "account_id", "owner_id", "num_notes"}.isdisjoint(found.writable["lead"])
    group = Group(tuple(found.records.values()), {frozenset({one, other}): Judgement("same", 0.9999)})
    ground = Ground(MergePolicy(mode="act"), found.abilities, found.facts, NOW, writable=found.writable)
    made = plan(group, ground)
    assert (made.survivor.id, made.blocked) == (one, ())
    assert {name: chosen.value for name, chosen in made.changes.items()} == {"phone": "+15551234"}
    assert not any("no place" in sentence for sentence in made.lost)


def test_companies_that_the_salesforce_sync_holds_are_told_to_be_locked(there: Portal) -> None:
    free, held = there.load("companies", [{"name": "A"}, {"name": "B", "salesforceaccountid": "001"}])
    crm = there.crm()
    assert crm.mergeable([Member("account", free)]).abilities.locked == {}
    assert "account" in crm.mergeable([Member("account", free), Member("account", held)]).abilities.locked


def test_records_taken_in_before_count_toward_the_ceiling(there: Portal) -> None:
    one, other = pair(there)
    now = by_hand(there, one, other)
    assert there.crm().mergeable([Member("lead", now)]).facts[now].merged == 2


def test_reading_a_hundred_records_costs_a_few_calls(there: Portal) -> None:
    crm = there.crm()
    crm.users()
    people = there.people(100)
    before = crm.calls
    assert len(crm.mergeable([Member("lead", each) for each in people]).records) == 100
    assert crm.calls - before <= 4


def test_where_leads_are_routed_they_cannot_be_merged_and_their_contacts_can(leading: LeadPortal) -> None:
    (contact, other) = leading.people(2)
    lead = leading.lead(contact)
    crm = leading.crm()
    found = crm.mergeable([Member("lead", lead), Member("contact", contact)])
    assert len(found.records) == 2
    assert not found.abilities.can_take("lead", "lead")
    assert found.abilities.can_take("contact", "contact")
    refused = one_effect(crm.apply("snapshot", [to_merge(lead, leading.lead(other))]))
    assert (refused.status, refused.detail) == ("refused", NOT_MERGED)
    assert merged(crm, [to_merge(contact, other, kind="contact")])[0].now.keys() == {contact, other}


# -- the merge ---------------------------------------------------------------------------------------------------------


def test_a_merge_says_under_which_id_everybody_lives_now(there: Portal) -> None:
    one, other = pair(there, phone="+15551234")
    owner = there.owner()
    became = merged(there.crm(), [to_merge(one, other, values={"title": "CEO", "mobile": "+1"}, owner_id=owner)])[0]
    now = became.now[one]
    assert became.now == {one: now, other: now}
    assert now not in {one, other}
    found = there.properties("contacts", now)
    assert (found["jobtitle"], found["mobilephone"], found["hubspot_owner_id"]) == ("CEO", "+1", owner)
    assert (found["firstname"], found["phone"]) == ("Ana", "+15551234")


def test_a_survivor_that_keeps_its_id_is_not_told_to_have_another(there: Portal) -> None:
    there.order("portals", merge_keeps_id=True)
    one, other = pair(there)
    assert merged(there.crm(), [to_merge(one, other)])[0].now == {other: one}


def test_several_losers_are_merged_one_after_the_other_each_into_what_the_last_one_made(there: Portal) -> None:
    people = there.people(4)
    before = ids(there)
    became = merged(there.crm(), [to_merge(*people)])[0]
    (now,) = ids(there) - before
    assert became.now == dict.fromkeys(people, now)


def test_what_follows_the_merge_is_done_on_the_new_id(there: Portal) -> None:
    """An inline association with an id that was merged away is refused."""
    one, other = pair(there)
    owner, crm = there.owner(), there.crm()
    item = to_merge(one, other)
    order = Task(owner, "Look", "Two became one", NOW + timedelta(hours=1))
    item = replace(item, decision=replace(item.decision, actions=(*item.decision.actions, order)))
    apply(crm, "snapshot", [item])
    effect = one_effect(crm.apply("merge", [item]))
    now = Taken.read(effect.ref).now[one]
    after = replace(told(item, effect), pending=frozenset({Task.key, AUDIT}))
    assert [each.status for step in ("task", "audit") for each in crm.apply(step, [after])] == ["done", "done"]
    (task,) = [row for row in there.rows("tasks") if row["properties"]["hs_task_subject"] == "Look"]
    assert [end["toObjectId"] for end in task["associations"]] == [now]
    assert crm.audits(now)[0]["lead_id"] == now


# -- what goes wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [1, 2])
def test_a_merge_whose_answer_was_lost_is_looked_for_and_not_repeated(there: Portal, lost: int) -> None:
    people = there.people(3)
    crm, item = there.crm(), to_merge(*people, values={"city": "Rome"})
    apply(crm, "snapshot", [item])
    there.fault("POST /crm/objects/2026-09/0-1/merge", drop="after", skip=lost - 1, times=1)
    wait = one_effect(crm.apply("merge", [item]))
    assert (wait.status, wait.applied) == ("later", True)
    done = one_effect(crm.apply("merge", [replace(item, uncertain=frozenset({"merge"}))]))
    assert done.status == "done"
    now = Taken.read(done.ref).now
    assert now.keys() == set(people)
    found = there.properties("contacts", now[people[0]])
    assert found["city"] == "Rome"
    taken_in = found["hs_merged_object_ids"].split(";")
    assert set(people) < set(taken_in)
    assert len(taken_in) == 4, "each once, and what the first merge made"


def test_a_merge_that_a_person_was_quicker_to_make_is_done(there: Portal) -> None:
    one, other = pair(there)
    crm, item = there.crm(), to_merge(one, other)
    apply(crm, "snapshot", [item])
    now = by_hand(there, one, other)
    done = one_effect(crm.apply("merge", [item]))
    assert (done.status, Taken.read(done.ref).now) == ("done", {one: now, other: now})


def test_half_of_a_merge_that_goes_no_further_is_told_with_what_was_merged_and_what_not(there: Portal) -> None:
    one, two, three = there.people(3)
    crm, item = there.crm(), to_merge(one, two, three)
    apply(crm, "snapshot", [item])
    there.order("delete", object="contacts", id=three)
    effect = one_effect(crm.apply("merge", [item]))
    now = Taken.read(effect.ref).now
    assert effect.status == "refused"
    assert set(now) == {one, two}
    assert f"{two} merged into {now[one]}; not merged: {three}." in effect.detail


def test_a_record_that_is_gone_is_neither_kept_nor_merged(there: Portal) -> None:
    one, other = pair(there)
    there.order("delete", object="contacts", id=other)
    effect = one_effect(there.crm().apply("snapshot", [to_merge(one, other)]))
    assert (effect.status, effect.detail) == ("refused", GONE)


def test_more_than_250_identities_are_refused_in_plain_words(there: Portal) -> None:
    many = ";".join(str(number) for number in range(1, 251))
    one, other = there.load("contacts", [{"firstname": "A", "hs_merged_object_ids": many}, {"firstname": "B"}])
    crm, item = there.crm(), to_merge(one, other)
    apply(crm, "snapshot", [item])
    effect = one_effect(crm.apply("merge", [item]))
    assert effect.status == "refused"
    assert "takes in 250 others at most" in effect.detail
    assert {one, other} <= ids(there)


def test_companies_locked_by_the_salesforce_sync_are_refused_with_the_likely_reason(there: Portal) -> None:
    one, other = there.load("companies", [{"name": "A"}, {"name": "A Ltd"}])
    crm, item = there.crm(), to_merge(one, other, kind="account")
    apply(crm, "snapshot", [item])
    there.order("portals", salesforce_sync=True)
    effect = one_effect(crm.apply("merge", [item]))
    assert effect.status == "refused"
    assert effect.detail.endswith("Companies cannot be merged while their sync with Salesforce is on")


def test_values_that_a_rule_of_the_portal_refuses_are_a_failure_that_says_what_was_merged(there: Portal) -> None:
    one, other = pair(there)
    crm, item = there.crm(), to_merge(one, other, values={"status": "NEW"})
    apply(crm, "snapshot", [item])
    when = {"property": "hs_lead_status", "value": "NEW"}
    there.order("portals", rules=[{"object": "contacts", "require": ["fax"], "when": when}])
    effect = one_effect(crm.apply("merge", [item]))
    assert effect.status == "refused"
    assert "Merged, but the values could not be written" in effect.detail
    assert Taken.read(effect.ref).now.keys() == {one, other}


def test_one_locked_record_lets_the_other_merges_pass(there: Portal) -> None:
    people = there.people(6)
    crm, items = there.crm(), [to_merge(*people[at : at + 2]) for at in (0, 2, 4)]
    apply(crm, "snapshot", items)
    there.fault("POST /crm/objects/2026-09/0-1/merge", status=423, times=1)
    assert [each.status for each in crm.apply("merge", items)] == ["later", "done", "done"]


def test_when_hubspot_is_out_of_order_the_rest_of_a_batch_is_not_even_begun(there: Portal) -> None:
    people = there.people(8)
    crm, items = there.crm(), [to_merge(*people[at : at + 2]) for at in (0, 2, 4, 6)]
    apply(crm, "snapshot", items)
    there.fault("POST /crm/objects/2026-09/0-1/merge", status=503, times=9)
    found = crm.apply("merge", items)
    assert [(each.status, each.applied) for each in found] == [("later", True)] * 2 + [("later", False)] * 2


def test_a_batch_of_fifty_merges_costs_one_call_each_and_a_few_for_all(there: Portal) -> None:
    people, crm = there.people(100), there.crm()
    items = [to_merge(*people[at : at + 2], values={"city": "Rome"}) for at in range(0, 100, 2)]
    merged(crm, items[:1])
    before = crm.calls
    became = merged(crm, items[1:])
    assert crm.calls - before <= 49 + 20
    cities: list[Any] = [row["properties"]["city"] for row in there.rows("contacts")
                         if row["id"] in {survivor_now(item, each)
                                          for item, each in zip(items[1:], became, strict=True)}]  # fmt: skip
    assert cities == ["Rome"] * 49


def test_the_merge_goes_by_the_dated_path_of_the_api(there: Portal) -> None:
    one, other = pair(there)
    merged(there.crm(), [to_merge(one, other)])
    assert "POST /crm/objects/2026-09/0-1/merge" in there.calls()
