"""What people ask for on a lead's card, through the drain, on both databases: done once, or refused in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.errors import Later
from connector.store import assignments, decisions, reviews, rotation
from connector.store.decisions import Stored
from connector.work import LOCKED, Effect, Work
from rules import explain
from rules.model import WHOLE_KIND, Event, Record, User, Value
from tests.jobs.conftest import House, Prologue

ANA, BOB, KIM = "u1", "u2", "u4"


def knows_globex(house: House) -> None:
    house.account("a1", owner=ANA, name="Globex", website="globex.com")
    house.crm.people.append(User(KIM, "Kim", "kim@example.com", language="de-DE"))
    house.post(house.event("a1", kind="account"), house.event(KIM, kind="user"))
    house.drain()


@pytest.fixture
def house(begin: Callable[[Prologue], House]) -> House:
    return begin(knows_globex)


def route(house: House, *lead_ids: str, **fields: str) -> None:
    for lead_id in lead_ids:
        house.lead(lead_id, **fields)
        house.post(house.event(lead_id))
    house.drain()


def lead_of(house: House, lead_id: str) -> Record:
    return house.crm.records[("lead", lead_id)]


def write(house: House, lead_id: str, *, owner: str = "", **fields: Value) -> None:
    """A person writes on a lead; nobody has told us yet."""
    lead = lead_of(house, lead_id)
    changed = {**lead.fields, **fields}
    house.crm.add(replace(lead, fields=changed, owner_id=owner or lead.owner_id, modified_at=house.now))


def click(house: House, lead_id: str, what: str, *, by: str = BOB) -> None:
    """A person clicks on the card, a minute later, and the event of that arrives."""
    house.later(minutes=1)
    write(house, lead_id, request=what, request_by=by)
    house.post(replace(house.event(lead_id, change="updated"), changed=("request",)))


def ask(house: House, lead_id: str, what: str, *, by: str = BOB) -> str:
    """Click and let the drain do it; return why it was refused, and see that the request is gone."""
    click(house, lead_id, what, by=by)
    house.drain()
    lead = lead_of(house, lead_id)
    assert not lead.text("request")
    assert house.waiting() == {"waiting": 0, "parked": 0}
    return lead.text("request_refused")


def stored(house: House, lead_id: str) -> list[Stored]:
    with house.database.read() as connection:
        return decisions.of_lead(connection, house.install.id, house.keyring.seal(house.install.key), lead_id)


def outcomes(house: House, lead_id: str) -> list[str]:
    return [each.decision.outcome for each in reversed(stored(house, lead_id))]


def reason(house: House, lead_id: str) -> str:
    """Return what the CRM's newest audit of a lead says."""
    return house.crm.entries[stored(house, lead_id)[0].decision.key].reason


def endings(house: House, lead_id: str) -> list[str]:
    with house.database.read() as connection:
        rows = assignments.of_leads(connection, house.install.id, [lead_id], mode="act").get(lead_id, [])
    return [each.ending for each in rows]


def test_a_wrong_match_is_taken_down_and_the_lead_is_matched_and_routed_anew(house: House) -> None:
    route(house, "l1", email="kim@globex.com", company="Globex")
    assert lead_of(house, "l1").text("account_id") == "a1"
    assert not ask(house, "l1", "wrong_match")
    assert not lead_of(house, "l1").text("account_id")
    assert reason(house, "l1").startswith("Bob said that Globex is the wrong account. ")
    newest = stored(house, "l1")[0].decision
    assert newest.route.rule == "Everyone else"
    assert newest.match.status == "none"
    with house.database.read() as connection:
        (said,) = reviews.decided(connection, house.install.id, house.keyring.seal(house.install.key))
    assert (said.lead_id, said.account_id, said.state, said.detail.by) == ("l1", "a1", "rejected", "Bob")


def test_a_wrong_match_stays_wrong_for_this_lead_alone(house: House) -> None:
    route(house, "l1", email="kim@globex.com", company="Globex")
    ask(house, "l1", "wrong_match")
    house.later(minutes=1)
    write(house, "l1", title="Head of everything")
    house.post(house.event("l1", change="updated"))
    route(house, "l2", email="jo@globex.com", company="Globex")
    assert not lead_of(house, "l1").text("account_id")
    assert lead_of(house, "l2").text("account_id") == "a1"


def test_another_account_takes_the_place_of_the_wrong_one(house: House) -> None:
    house.account("a2", owner=BOB, name="Globex Logistics", website="globex.com")
    house.post(house.event("a2", kind="account"))
    house.drain()
    route(house, "l1", email="kim@globex.com", company="Globex")
    assert lead_of(house, "l1").text("account_id") == "a1"
    ask(house, "l1", "wrong_match")
    assert (lead_of(house, "l1").text("account_id"), house.owner("l1")) == ("a2", BOB)


def test_the_wrong_owner_loses_the_lead_and_the_turn_goes_back(house: House) -> None:
    route(house, "l1")
    first = house.owner("l1")
    assert not ask(house, "l1", "wrong_owner")
    assert house.owner("l1") == ({ANA, BOB} - {first or ""}).pop()
    assert endings(house, "l1") == ["rejected", ""]
    assert reason(house, "l1").startswith("Bob said that the lead was with the wrong person. ")
    with house.database.read() as connection:
        lane = rotation.states(connection, house.install.id)["Everyone"]
    assert sum(each["got"] for each in lane.values()) == 1


def test_a_lead_that_nobody_else_can_take_stays_and_the_audit_says_so(house: House) -> None:
    route(house, "l1")
    ask(house, "l1", "wrong_owner")
    ask(house, "l1", "wrong_owner")
    assert "nobody in the pool Everyone can take a lead now" in explain.story(stored(house, "l1")[0].decision)


def test_undo_takes_the_last_decision_back_that_did_something(house: House) -> None:
    route(house, "l1", email="kim@globex.com", company="Globex")
    assert not ask(house, "l1", "undo")
    lead = lead_of(house, "l1")
    assert (lead.owner_id, lead.text("account_id"), lead.text("decision")) == ("u0", "", "")
    assert house.crm.tasks_of("l1") == []
    assert outcomes(house, "l1") == ["assigned", "undone"]
    assert reason(house, "l1").startswith("Undone by Bob: owner back to Integration; ")
    assert endings(house, "l1") == ["undone"]


def test_an_undo_gives_the_lead_back_to_whom_a_wrong_owner_took_it_from(house: House) -> None:
    route(house, "l1")
    first = house.owner("l1")
    ask(house, "l1", "wrong_owner")
    assert not ask(house, "l1", "undo")
    assert house.owner("l1") == first


def test_no_decision_keeps_what_was_asked_and_none_is_made_of_it_alone(house: House) -> None:
    route(house, "l1")
    ask(house, "l1", "undo")
    assert ask(house, "l1", "undo") == "It was undone already."
    assert outcomes(house, "l1") == ["assigned", "undone"]
    assert all("request" not in each.decision.lead.fields for each in stored(house, "l1"))


def test_what_makes_no_sense_is_refused_in_plain_words(house: House) -> None:
    said = {
        "undo": "There is nothing that could be undone.",
        "wrong_owner": "Nobody has this lead by a decision of Switchyard's.",
        "wrong_match": "Switchyard knows of no account that it has matched to this lead.",
        "raise_salary": "Switchyard does not know this request.",
    }
    for what in said:
        house.lead(what)
        write(house, what, request=what, request_by=BOB)
        house.post(house.event(what))
    house.drain()
    for what, why in said.items():
        lead = lead_of(house, what)
        assert (lead.text("request"), lead.text("request_refused"), outcomes(house, what)) == ("", why, ["assigned"])


def test_a_refusal_is_said_in_the_language_of_who_asked(house: House) -> None:
    route(house, "l1")
    assert ask(house, "l1", "wrong_match", by=KIM).startswith("Switchyard weiß von keinem Account")
    assert not ask(house, "l1", "undo", by=KIM)
    assert reason(house, "l1").startswith("Rückgängig gemacht von Kim: ")


def test_a_request_that_is_done_empties_the_refusal_before_it(house: House) -> None:
    route(house, "l1")
    assert ask(house, "l1", "wrong_match")
    assert not ask(house, "l1", "wrong_owner")


def test_a_lead_that_a_person_gave_away_is_not_ours_to_hand_on(house: House) -> None:
    route(house, "l1", email="kim@globex.com", company="Globex")
    write(house, "l1", owner=KIM)
    refused = ask(house, "l1", "wrong_owner")
    assert refused == "This lead belongs to Kim, and not by a decision of Switchyard's."
    assert house.owner("l1") == KIM


def test_what_cannot_go_back_is_told(house: House) -> None:
    route(house, "l1", email="kim@globex.com", company="Globex")
    house.crm.done.add("task1")
    write(house, "l1", owner=KIM, account_id="a2", decision="of somebody else")
    refused = ask(house, "l1", "undo")
    assert refused.startswith("Nothing was undone: the owner was left, it is Kim now")


def test_who_only_observes_has_nothing_to_hand_back_but_a_match_can_be_wrong(house: House) -> None:
    house.mode("observe")
    route(house, "l1", email="kim@globex.com", company="Globex")
    for what in ("wrong_owner", "undo"):
        assert (
            ask(house, "l1", what) == "Switchyard only observes here: it has changed nothing that could be corrected."
        )
    assert not ask(house, "l1", "wrong_match")
    assert outcomes(house, "l1") == ["observed", "observed"]
    assert house.owner("l1") == "u0"


def test_who_suggests_suggests_somebody_else(house: House) -> None:
    house.mode("suggest")
    route(house, "l1")
    first = stored(house, "l1")[0].decision.route.assignee
    assert not ask(house, "l1", "wrong_owner")
    newest = stored(house, "l1")[0].decision
    assert newest.route.assignee is not None
    assert first is not None
    assert newest.route.assignee.id != first.id
    assert (newest.outcome, house.owner("l1")) == ("suggested", "u0")


def test_a_converted_lead_is_left_alone(house: House) -> None:
    route(house, "l1")
    write(house, "l1", converted=True)
    assert ask(house, "l1", "undo") == "The lead is converted already."
    assert outcomes(house, "l1") == ["assigned"]


def test_a_deleted_lead_has_no_request(house: House) -> None:
    route(house, "l1")
    click(house, "l1", "undo")
    del house.crm.records[("lead", "l1")]
    house.drain()
    assert house.waiting() == {"waiting": 0, "parked": 0}
    assert outcomes(house, "l1") == ["assigned"]


def test_nothing_is_to_be_corrected_on_a_contact(house: House) -> None:
    house.crm.add(Record("contact", "c1", {"email": "jo@globex.com", "request": "undo", "request_by": BOB}))
    house.crm.busy = {"c1"}
    house.post(house.event("c1", kind="contact"))
    house.drain()
    assert house.waiting()["waiting"] == 1, "somebody is writing on the contact"
    house.crm.busy.clear()
    house.later(minutes=1)
    house.drain()
    contact = house.crm.records[("contact", "c1")]
    assert contact.text("request_refused") == "Switchyard routes only leads: there is nothing to correct on a contact."
    assert not contact.text("request")
    assert house.waiting()["waiting"] == 0


def test_requests_of_a_batch_are_each_carried_out(house: House) -> None:
    route(house, "l1", "l2", "l4")
    route(house, "l3", email="kim@globex.com", company="Globex")
    before = {each: house.owner(each) for each in ("l1", "l2", "l3", "l4")}
    for lead_id, what in (("l1", "wrong_owner"), ("l2", "undo"), ("l3", "wrong_match"), ("l4", "raise_salary")):
        click(house, lead_id, what)
    house.drain()
    assert house.owner("l1") not in {before["l1"], "u0"}
    assert house.owner("l2") == "u0"
    assert not lead_of(house, "l3").text("account_id")
    assert (house.owner("l4"), outcomes(house, "l4")) == (before["l4"], ["assigned"])
    assert not any(lead_of(house, each).text("request") for each in before)


def test_of_two_requests_on_one_lead_the_later_is_done(house: House) -> None:
    route(house, "l1")
    click(house, "l1", "wrong_owner")
    click(house, "l1", "undo")
    house.drain()
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u0", ["assigned", "undone"])
    assert not lead_of(house, "l1").text("request")


def test_a_request_waits_until_what_is_being_done_is_done(house: House) -> None:
    busy = True

    def answer(work: Work, action: str) -> Effect | None:
        return Effect(work.decision.key, action, "later", detail=LOCKED, seconds=5.0, applied=False) if busy else None

    house.crm.answer = answer
    route(house, "l1")
    click(house, "l1", "undo")
    house.drain()
    assert lead_of(house, "l1").text("request") == "undo"
    busy = False
    house.later(minutes=1)
    house.drain()
    house.drain()
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u0", ["assigned", "undone"])
    assert not lead_of(house, "l1").text("request")


def test_a_lead_on_which_somebody_is_writing_is_answered_later(house: House) -> None:
    route(house, "l1")
    house.crm.busy = {"l1"}
    click(house, "l1", "wrong_match")
    house.drain()
    assert house.waiting()["waiting"] == 1
    house.crm.busy.clear()
    house.later(minutes=1)
    house.drain()
    lead = lead_of(house, "l1")
    assert (lead.text("request"), house.waiting()["waiting"]) == ("", 0)
    assert lead.text("request_refused")


def test_a_request_whose_event_was_lost_is_found_by_the_comparison(house: House) -> None:
    route(house, "l1")
    house.later(minutes=1)
    write(house, "l1", request="undo", request_by=BOB)
    house.post(Event("gap", "lead", WHOLE_KIND, "resync", house.now))
    house.drain()
    assert (house.owner("l1"), outcomes(house, "l1")) == ("u0", ["assigned", "undone"])
    assert not lead_of(house, "l1").text("request")


def test_a_crm_that_is_away_changes_nothing_of_what_comes_of_it(house: House) -> None:
    asked = ("wrong_match", "wrong_owner", "undo")
    route(house, *asked, email="kim@globex.com", company="Globex")
    fails = iter([True, False, True, True, False, True])

    def away(_call: str) -> None:
        if next(fails, False):
            raise Later("away", seconds=1.0)

    house.crm.before = away
    for each in asked:
        click(house, each, each)
    for _ in range(8):
        house.drain()
        house.later(minutes=1)
    for each in asked:
        lead = lead_of(house, each)
        assert (len(stored(house, each)), lead.text("request"), lead.text("request_refused")) == (2, "", ""), each
    assert len(house.crm.entries) == 2 * len(asked)


def test_an_undo_that_a_person_overtakes_is_answered_all_the_same(house: House) -> None:
    route(house, "l1", email="kim@globex.com", company="Globex")

    def away(call: str) -> None:
        if call.startswith("apply"):
            raise Later("away", seconds=1.0)

    house.crm.before = away
    click(house, "l1", "undo")
    house.drain()
    house.crm.before = lambda _call: None
    house.crm.done.add("task1")
    write(house, "l1", owner=KIM, account_id="a2", decision="of somebody else")
    house.later(minutes=10)
    house.drain()
    lead = lead_of(house, "l1")
    assert lead.text("request_refused") == "Nothing was undone: the lead was changed before it could be."
    assert (lead.owner_id, lead.text("request")) == (KIM, "")


def test_a_mode_that_is_lowered_before_it_was_done_is_the_reason_that_nothing_was(house: House) -> None:
    route(house, "l1")
    before = house.owner("l1")

    def away(call: str) -> None:
        if call.startswith("apply"):
            raise Later("away", seconds=1.0)

    house.crm.before = away
    click(house, "l1", "wrong_owner")
    house.drain()
    house.crm.before = lambda _call: None
    house.mode("observe")
    house.later(minutes=1)
    house.drain()
    lead = lead_of(house, "l1")
    assert lead.text("request_refused") == "It was not performed: the mode was changed before that."
    assert (lead.owner_id, lead.text("request")) == (before, "")
