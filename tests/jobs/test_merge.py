"""A lead that duplicates another: they become one before anything is routed, and the survivor is routed once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.store import decisions, pairs
from connector.store.decisions import Stored
from connector.work import CHANGED, Effect, Work
from rules.actions import Merge
from tests.jobs.conftest import House
from tests.jobs.joining import JoiningCrm, joining
from tests.jobs.routes import POOL, change, got, held, made, outcomes, rules, states

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

DESK = '- rule: Leads\n  assign: pool "Desk"\n  task: {subject: "Call {lead.name}"}\n' + POOL
SAME = {"email": "kim@globex.example", "first_name": "Kim", "last_name": "Lee", "name": "Kim Lee"}


def policy(mode: str = "act", **parts: str) -> str:
    told = "".join(f"  {name.replace('_', ' ')}: {value}\n" for name, value in parts.items())
    return f"- duplicates: One person\n  mode: {mode}\n  survivor: oldest\n{told}"


def crm_of(house: House, text: str, *, renames: bool = False) -> JoiningCrm:
    crm = joining(house, renames=renames)
    rules(house, text)
    return crm


def come(house: House, *lead_ids: str, **fields: str) -> None:
    """Have leads of one person come in one batch, each created a second after the one before."""
    for lead_id in lead_ids:
        house.later(seconds=1)
        house.lead(lead_id, **{**SAME, **fields})
        house.post(house.event(lead_id))
    house.drain()
    house.drain()


def merges(house: House) -> list[Stored]:
    seal = house.tools.seal(house.install)
    with house.database.read() as connection:
        found = decisions.recent(connection, house.install.id, seal, limit=50)
    return [each for each in found if each.decision.outcome == "merged"]


def asked(house: House) -> list[frozenset[str]]:
    seal = house.tools.seal(house.install)
    with house.database.read() as connection:
        found = pairs.open_(connection, house.install.id, seal, limit=10)
    return [frozenset(each.ids) for each in found]


@pytest.mark.parametrize("renames", [False, True], ids=["ids stay", "new ids"])
def test_two_leads_of_one_person_in_one_batch_end_as_one_that_is_routed_once(house: House, *, renames: bool) -> None:
    crm = crm_of(house, policy() + DESK, renames=renames)
    come(house, "l1", "l2")
    (left,) = [each for kind, each in crm.records if kind == "lead"]
    assert crm.merged == ["l2"]
    assert left == ("n1" if renames else "l1")
    assert sorted(outcomes(house, left)) == ["assigned", "merged"]
    assert house.owner(left) in {"u1", "u2"}
    assert sum(got(house).values()) == 1
    assert len(crm.tasks) == 1
    assert house.waiting() == {"waiting": 0, "parked": 0}


@pytest.mark.parametrize("renames", [False, True], ids=["ids stay", "new ids"])
def test_who_has_the_older_lead_keeps_it_and_is_told_that_the_person_came_again(house: House, *, renames: bool) -> None:
    crm = crm_of(house, policy() + DESK, renames=renames)
    come(house, "l1")
    owner = house.owner("l1")
    come(house, "l2", title="Buyer")
    kept = "n1" if renames else "l1"
    assert (house.owner(kept), crm.records[("lead", kept)].text("title")) == (owner, "Buyer")
    assert outcomes(house, kept)[-1] == "merged"
    assert [task.owner_id for lead_id, task in crm.tasks] == [owner, owner]
    assert crm.tasks[1][1].subject == "Came again: Kim Lee"
    assert [user for user, ending in held(house, kept) if not ending] == [owner]
    assert held(house, "l2") == []
    assert sum(got(house).values()) == 1


def test_the_survivor_of_a_lead_that_was_routed_takes_over_who_has_it_and_what_waits(house: House) -> None:
    text = policy().replace("oldest", "newest") + DESK.replace(
        "  task:", "  escalate: [{after: 1 hour, remind: true}]\n  task:"
    )
    crm = crm_of(house, text)
    come(house, "l1")
    owner = house.owner("l1")
    come(house, "l2")
    assert [each for kind, each in crm.records if kind == "lead"] == ["l2"]
    assert (house.owner("l2"), held(house, "l2"), held(house, "l1")) == (owner, [(owner, "")], [])
    assert states(house, "l2") == [("remind", "waiting", "")]
    assert sum(got(house).values()) == 1
    assert [each.decision.outcome for each in made(house, "l2")] == ["assigned", "merged"]


def test_a_lead_becomes_part_of_the_contact_it_is_and_is_never_routed(house: House) -> None:
    text = policy(convert="onto contact's account").replace("oldest", "contact before lead") + DESK
    crm = crm_of(house, text)
    contact = replace(house.lead("c1", owner="u2", **SAME, account_id="a1"), kind="contact")
    del crm.records[("lead", "c1")]
    crm.add(contact)
    house.account("a1", name="Globex")
    house.post(house.event("c1", kind="contact"))
    house.drain()
    come(house, "l1")
    assert crm.converted == ["l1"]
    assert outcomes(house, "l1") == []
    assert outcomes(house, "c1") == ["merged"]
    assert [(lead_id, task.owner_id) for lead_id, task in crm.tasks] == [("c1", "u2")]
    assert got(house) == {} or sum(got(house).values()) == 0


@pytest.mark.parametrize(("mode", "questions"), [("observe", 0), ("suggest", 1)])
def test_watching_and_suggesting_route_both_and_say_what_would_be_merged(
    house: House, mode: str, questions: int
) -> None:
    crm = crm_of(house, policy(mode) + DESK)
    come(house, "l1", "l2")
    assert crm.merged == []
    assert [house.owner(each) in {"u1", "u2"} for each in ("l1", "l2")] == [True, True]
    (entry,) = (each for each in crm.entries.values() if each.lead_id == "l2")
    assert "Merges into it: Kim Lee (lead l2)." in entry.story
    assert asked(house) == [frozenset({"l1", "l2"})] * questions


def test_what_a_person_must_look_at_is_asked_and_both_leads_are_routed(house: House) -> None:
    crm = crm_of(house, policy(unless="owners differ") + DESK)
    come(house, "l1")
    come(house, "l2")
    assert crm.merged == []
    assert asked(house) == [frozenset({"l1", "l2"})]
    assert house.owner("l2") in {"u1", "u2"}


def test_two_who_may_be_one_are_asked_about_and_never_merged(house: House) -> None:
    crm = crm_of(house, policy() + DESK)
    come(house, "l1", phone="+49 30 901820", email="kim@globex.example")
    come(house, "l2", phone="+49 30 901820", email="lee@initech.example")
    assert crm.merged == []
    assert asked(house) == [frozenset({"l1", "l2"})]
    assert house.owner("l2") in {"u1", "u2"}


@pytest.mark.parametrize("colleagues", [0, 5])
def test_a_number_that_many_have_merges_nobody(house: House, colleagues: int) -> None:
    crm = crm_of(house, policy() + DESK)
    line = {"phone": "+49 30 901820", "email": "", "company": "Acme"}
    for number, name in enumerate(("Rita Gomes", "Paul Weiss", "Ivo Lang", "Mia Sato", "Otto Blum")[:colleagues]):
        first, _, last = name.partition(" ")
        come(house, f"c{number}", **line, name=name, first_name=first, last_name=last)
    come(house, "l1", **line, name="Ana Lima", first_name="Ana", last_name="Lima")
    come(house, "l2", **line, name="A. Lima", first_name="A.", last_name="Lima")
    assert (crm.merged, asked(house)) == ((["l2"], []) if not colleagues else ([], [frozenset({"l1", "l2"})]))


def test_what_the_crm_refuses_to_merge_is_routed_and_asked_about_once(house: House) -> None:
    crm = crm_of(house, policy() + DESK)
    crm.answer = lambda _work, action: Effect("", action, "refused", detail="No right") if action == "merge" else None
    come(house, "l1", "l2")
    assert crm.merged == []
    assert [house.owner(each) in {"u1", "u2"} for each in ("l1", "l2")] == [True, True]
    assert asked(house) == [frozenset({"l1", "l2"})]
    (refused,) = merges(house)
    assert refused.state == "parked"
    assert [each.outcome for each in crm.entries.values()].count("refused") == 1


def test_nothing_is_merged_before_its_snapshot_is_kept(house: House) -> None:
    crm = crm_of(house, policy() + DESK)
    crm.answer = lambda _work, action: Effect("", action, "refused", detail="Full") if action == "snapshot" else None
    come(house, "l1", "l2")
    assert (crm.merged, crm.snapshots) == ([], {})
    assert [house.owner(each) in {"u1", "u2"} for each in ("l1", "l2")] == [True, True]


def test_a_record_that_was_changed_meanwhile_is_planned_anew(house: House) -> None:
    crm = crm_of(house, policy() + DESK)
    told: list[str] = []

    def once(work: Work, action: str) -> Effect | None:
        if action != "snapshot" or told:
            return None
        told.append(action)
        return Effect("", action, "later", detail=CHANGED, applied=False)

    crm.answer = once
    come(house, "l1", "l2")
    house.later(minutes=2)
    house.drain()
    assert crm.merged == ["l2"]
    assert len(crm.snapshots) == 1
    assert sorted(outcomes(house, "l1")) == ["assigned", "kept", "merged"]


def test_a_merge_the_crm_did_by_half_is_reported_and_the_rest_is_routed(house: House) -> None:
    crm = crm_of(house, policy() + DESK)
    crm.half = True
    come(house, "l1", "l2", "l3")
    assert crm.merged == ["l2"]
    (stored,) = merges(house)
    assert (stored.state, stored.reason) == ("parked", "merge: l3 was not merged")
    assert [house.owner(each) in {"u1", "u2"} for each in ("l1", "l3")] == [True, True]


def test_echoes_of_a_merge_change_nothing(house: House) -> None:
    crm = crm_of(house, policy() + DESK)
    come(house, "l1", "l2")
    before = len(crm.entries)
    for told in ("created", "merged", "deleted", "updated"):
        change(house, "l2", told)
    assert len(crm.entries) == before
    assert sum(got(house).values()) == 1


def test_a_third_who_comes_while_two_are_merged_waits_for_them(house: House) -> None:
    crm = crm_of(house, policy() + DESK)
    busy: list[str] = ["busy"]
    crm.answer = lambda _work, action: Effect("", action, "later", detail="Locked", seconds=20) if busy else None
    come(house, "l1", "l2")
    come(house, "l3")
    busy.clear()
    for _ in range(4):
        house.later(seconds=30)
        house.drain()
    assert sorted(crm.merged) == ["l2", "l3"]
    assert sum(got(house).values()) == 1
    assert isinstance(merges(house)[0].decision.actions[1], Merge)


def test_leads_that_have_only_a_field_of_the_policys_in_common_find_each_other(house: House) -> None:
    crm = crm_of(house, policy(ids="[Member_No__c]") + DESK)
    come(house, "l1", Member_No__c="M-1041")
    come(house, "l2", email="kj.lee@mail.example", first_name="K.", last_name="Lee-Park", name="", Member_No__c="m1041")
    come(house, "l3", email="jo@mail.example", first_name="Jo", last_name="Park", name="", Member_No__c="M-1042")
    assert (crm.merged, asked(house)) == (["l2"], [])


def test_a_field_that_comes_to_say_who_somebody_is_finds_leads_that_were_there(house: House) -> None:
    crm_of(house, policy() + DESK)
    house.lead("l1", email="kim@globex.example", name="Kim Lee", Member_No__c="M-1041")
    house.post(house.event("l1"))
    house.drain()
    rules(house, policy(ids="[Member_No__c]") + DESK)
    house.drain()
    come(house, "l2", email="kj.lee@mail.example", first_name="K.", last_name="Lee-Park", name="", Member_No__c="m1041")
    assert asked(house) == [frozenset({"l1", "l2"})]
