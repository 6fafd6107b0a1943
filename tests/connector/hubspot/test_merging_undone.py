"""Merge and undo leave a portal as it was, record by record; what HubSpot cannot bring back is said."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import Later
from connector.hubspot.unmerging import NO_SNAPSHOT
from tests.connector.hubspot.merges import (
    merge_of,
    merged,
    photograph,
    survivor_now,
    taken,
    to_merge,
    to_undo,
    undone,
    unlimited,
)
from tests.sandbox.hubspot.standard import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connector.work import Work
    from tests.connector.hubspot.conftest import Portal
    from tests.sandbox.hubspot import Sandbox

PAIRS = 100
CITIES = ("Paris", "Lyon", "", "São Paulo", "Köln")


@pytest.fixture
def free(ready: Portal) -> Portal:
    """A portal that is set up, without limits."""
    ready.order("limits", general=None, search=None, associations=None)
    return ready


def tied(to: str, *types: int) -> dict[str, Any]:
    return {
        "to": {"id": to},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": each} for each in types],
    }


def people(portal: Portal, dice: random.Random, count: int) -> list[str]:
    """Put contacts there that say many things, with owners."""
    owners = [portal.owner(), portal.load("owners", [{"email": "bob@example.com"}])[0], ""]
    rows = [
        {
            "email": f"p{number}@example.com" if dice.random() < 0.8 else "",
            "firstname": f"P{number}",
            "phone": dice.choice(["", f"+1555{number:04}"]),
            "city": dice.choice(CITIES),
            "numemployees": dice.choice(["", "25-50", "1000+"]),
            "lifecyclestage": dice.choice(["", *STAGES[:6]]),
            "hs_email_optout": dice.choice(["", "true", "false"]),
            "message": "x" * dice.choice([0, 30, 4_000]),
            "hubspot_owner_id": dice.choice(owners),
            "switchyard_decision": dice.choice(["", f"decision-{number}"]),
        }
        for number in range(count)
    ]
    return portal.load("contacts", [{name: value for name, value in row.items() if value} for row in rows])


def surroundings(portal: Portal, dice: random.Random, contacts: Sequence[str]) -> None:
    """Tie the contacts to companies, deals, tasks, notes and leads, and some to one another."""
    companies = portal.load("companies", [{"name": f"C{number}"} for number in range(30)])
    for person in contacts:
        if dice.random() < 0.6:
            join(portal, ("contacts", person), ("companies", dice.choice(companies)), 1)
        if dice.random() < 0.4:
            join(portal, ("contacts", person), ("companies", dice.choice(companies)), 279)

    def load(kind: str, rows: list[dict[str, Any]]) -> None:
        portal.sandbox.load(portal.id, kind, rows)

    some = [person for person in contacts for _ in range(dice.choice([0, 1, 2]))]
    load("deals", [{"properties": {"dealname": "D", "dealstage": "qualifiedtobuy"}, "associations": [tied(one, 3)]}
                   for one in some])  # fmt: skip
    load("tasks", [{"properties": {"hs_timestamp": "1800000000000"}, "associations": [tied(one, 204)]} for one in some])
    load("notes", [{"properties": {"hs_timestamp": "1800000000000", "hs_note_body": "n"},
                    "associations": [tied(one, 202), tied(dice.choice(companies), 190)]} for one in some])  # fmt: skip
    load("leads", [{"properties": {"hs_lead_name": "L"}, "associations": [tied(one, 578, 608)]} for one in some[::3]])
    for one, other in zip(contacts[0:20:2], contacts[1:20:2], strict=True):
        join(portal, ("contacts", one), ("contacts", other), 449)


def join(portal: Portal, near: tuple[str, str], far: tuple[str, str], type_id: int) -> None:
    """A person ties two records (object and id) together."""
    types = tied(far[1], type_id)["types"]
    body = {"from": near[0], "fromId": near[1], "to": far[0], "toId": far[1], "types": types}
    portal.order("associate", **body)


def test_merge_and_undo_leave_every_property_tie_and_owner_as_before(free: Portal) -> None:
    dice = random.Random(7)
    contacts = people(free, dice, 2 * PAIRS)
    surroundings(free, dice, contacts)
    before, crm = photograph(free), free.crm()
    pairs = list(zip(contacts[::2], contacts[1::2], strict=True))
    items = [planned(dice, one, other) for one, other in pairs]
    calls = crm.calls
    became = merged(crm, items)
    # A snapshot of 100 merges costs some calls for all; each merge is one call; values are written in one.
    assert (crm.calls - calls) / PAIRS < 1.6
    assert len(free.rows("contacts")) == PAIRS
    back = undone(crm, items, became)
    assert [each.left for each in back] == [()] * PAIRS
    old = {new: loser for each in back for loser, new in each.now.items()}
    old |= {survivor_now(item, each): merge_of(item).survivor.id for item, each in zip(items, became, strict=True)}
    after = photograph(free, old)
    assert after.keys() == before.keys()
    assert [(key, before[key], after[key]) for key in before if before[key] != after[key]] == []


def planned(dice: random.Random, one: str, other: str) -> Work:
    """Decide to merge a pair with some values of the loser, as a plan would."""
    chosen: dict[str, Any] = {"city": dice.choice(["Rome", "Oslo"])} if dice.random() < 0.5 else {}
    return to_merge(one, other, values=chosen)


# -- what an undo cannot do, and how it goes on after a failure --------------------------------------------------------


@pytest.fixture(scope="module")
def shared(sandbox: Sandbox) -> Portal:
    """An Enterprise portal, set up, for the tests below."""
    return unlimited(sandbox)


@pytest.fixture
def there(shared: Portal) -> Iterator[Portal]:
    """That portal, as nobody has set it otherwise."""
    shared.calls()
    yield shared
    shared.sandbox.control.forget_orders()
    shared.order("portals", secondary_emails=True, merge_keeps_id=False)
    for row in shared.rows("contacts"):
        shared.order("gdpr-delete", object="contacts", id=row["id"])
    while shared.opened:
        shared.opened.pop().close()


def two(portal: Portal) -> list[str]:
    """Put two contacts with addresses and phones there."""
    return portal.load(
        "contacts",
        [{"email": "ana@x.example", "firstname": "Ana"}, {"email": "a@x.example", "firstname": "A", "phone": "+1555"}],
    )


def test_an_address_that_hubspot_does_not_set_free_stays_and_is_told(there: Portal) -> None:
    there.order("portals", secondary_emails=False)
    one, other = two(there)
    crm, item = there.crm(), to_merge(one, other)
    became = merged(crm, [item])
    back = undone(crm, [item], became)[0]
    assert len(back.left) == 1
    assert f"address of {other} stays" in back.left[0]
    assert "@" not in back.left[0]
    found = there.properties("contacts", back.now[other])
    assert (found["firstname"], found.get("email")) == ("A", None)
    assert there.properties("contacts", became[0].now[one])["hs_additional_emails"] == "a@x.example"


def test_additional_addresses_of_a_loser_go_back_to_it(there: Portal) -> None:
    one, other = two(there)
    third = there.load("contacts", [{"email": "third@x.example"}])[0]
    other = str(there.order("merge", object="contacts", primary=other, other=third)["id"])
    crm, item = there.crm(), to_merge(one, other, values={"email": "third@x.example"})
    became = merged(crm, [item])
    back = undone(crm, [item], became)[0]
    assert back.left == ()
    kept, found = (there.properties("contacts", each) for each in (became[0].now[one], back.now[other]))
    assert (kept["email"], kept.get("hs_additional_emails")) == ("ana@x.example", None)
    assert (found["email"], found["hs_additional_emails"]) == ("a@x.example", "third@x.example")


def test_what_somebody_changed_since_stays_and_is_told(there: Portal) -> None:
    one, other = two(there)
    crm, item = there.crm(), to_merge(one, other, values={"title": "CEO", "city": "Rome"})
    became = merged(crm, [item])
    now = became[0].now[one]
    there.order("update", object="contacts", id=now, properties={"jobtitle": "CFO"})
    back = undone(crm, [item], became)[0]
    assert back.left == ("jobtitle was changed since the merge and stays as it is",)
    found = there.properties("contacts", now)
    assert (found["jobtitle"], found.get("city"), found.get("phone")) == ("CFO", None, None)


def test_an_owner_who_has_left_is_told_and_the_rest_comes_back(there: Portal) -> None:
    one, other = two(there)
    ana = there.owner()
    there.order("update", object="contacts", id=other, properties={"hubspot_owner_id": ana})
    crm, item = there.crm(), to_merge(one, other)
    became = merged(crm, [item])
    there.load("owners", [{"id": ana, "email": "ana@example.com", "archived": True}])
    back = undone(crm, [item], became)[0]
    assert back.left == (f"HubSpot refused to set the owner on what was made of {other}",)
    assert there.properties("contacts", back.now[other])["email"] == "a@x.example"


def test_related_records_that_are_gone_are_counted(there: Portal) -> None:
    one, other = two(there)
    rows = [{"properties": {"hs_timestamp": "1800000000000"}, "associations": [tied(other, 204)]} for _ in range(2)]
    tasks = there.sandbox.load(there.id, "tasks", rows)["ids"]
    crm, item = there.crm(), to_merge(one, other)
    became = merged(crm, [item])
    there.order("delete", object="tasks", id=tasks[0])
    back = undone(crm, [item], became)[0]
    assert back.left == ("1 related records could not be given back: they are gone, or HubSpot refused",)
    (task,) = [row for row in there.rows("tasks") if row["id"] == tasks[1]]
    assert [end["toObjectId"] for end in task["associations"]] == [back.now[other]]


def test_without_its_snapshot_nothing_is_undone(there: Portal) -> None:
    one, other = two(there)
    crm, item = there.crm(), to_merge(one, other)
    became = merged(crm, [item])
    audit_type = f"p{there.id}_routing_audit"
    for row in there.rows(audit_type):
        there.order("delete", object=audit_type, id=row["id"])
    before = photograph(there)
    (effect,) = crm.apply("unmerge", [to_undo(item, survivor_now(item, became[0]))])
    assert (effect.status, effect.detail) == ("refused", NO_SNAPSHOT)
    assert photograph(there) == before


def test_an_undo_that_dies_after_any_of_its_calls_is_finished_by_the_next(there: Portal) -> None:
    """Each call's answer is lost once; no loser is made twice."""
    place = 0
    while True:
        one, other = two(there)
        rows = [{"properties": {"hs_timestamp": "1800000000000"}, "associations": [tied(other, 204)]}]
        task = there.sandbox.load(there.id, "tasks", rows)["ids"][0]
        before, crm = photograph(there), there.crm()
        item = to_merge(one, other, values={"title": "CEO", "lifecycle": "lead"})
        became = merged(crm, [item])
        now = survivor_now(item, became[0])
        there.fault(r"[A-Z]+ /(crm|contacts)/.*", drop="after", skip=place)
        died = False
        try:
            found = crm.apply("unmerge", [to_undo(item, now)])
        except Later:
            died = True
            there.sandbox.control.forget_orders()
            found = crm.apply("unmerge", [to_undo(item, now, uncertain=("unmerge",))])
        there.sandbox.control.forget_orders()
        back = taken(found)[0]
        assert photograph(there, {back.now[other]: other, now: one}) == before, place
        for each in (now, back.now[other]):
            there.order("gdpr-delete", object="contacts", id=each)
        there.order("delete", object="tasks", id=task)
        if not died:
            break
        place += 1
    assert place >= 9


def test_companies_come_back_and_a_domain_that_stays_is_told(there: Portal) -> None:
    one, other = there.load("companies", [{"name": "Acme", "domain": "acme.com"}, {"name": "Acme 2", "domain": "a.io"}])
    (person,) = there.people(1)
    join(there, ("contacts", person), ("companies", other), 1)
    crm, item = there.crm(), to_merge(one, other, kind="account", values={"city": "Rome"})
    became = merged(crm, [item])
    assert there.properties("contacts", person)["associatedcompanyid"] == became[0].now[other]
    back = undone(crm, [item], became)[0]
    assert back.left == (f"The domain of {other} stays an additional one of the company that was kept",)
    assert there.properties("contacts", person)["associatedcompanyid"] == back.now[other]
    found = there.properties("companies", back.now[other])
    assert (found["name"], found["domain"]) == ("Acme 2", "a.io")


def test_three_losers_are_told_apart_again(there: Portal) -> None:
    people = there.load("contacts", [{"firstname": f"P{each}", "email": f"p{each}@x.example"} for each in range(4)])
    for one, other in ((people[0], people[1]), (people[2], people[3])):
        join(there, ("contacts", one), ("contacts", other), 449)
    before, crm, item = photograph(there), there.crm(), to_merge(*people)
    became = merged(crm, [item])
    back = undone(crm, [item], became)[0]
    old = {new: loser for loser, new in back.now.items()} | {survivor_now(item, became[0]): people[0]}
    assert photograph(there, old) == before
