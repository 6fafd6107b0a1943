"""What people ask for on a lead: the same sentences for the fake and both real adapters."""

from __future__ import annotations

from dataclasses import replace

from connector.crm import Crm
from rules.actions import Answer
from tests.contract.decisions import DONE, decision, perform, statuses, work
from tests.contract.place import Place


def test_what_is_asked_for_on_a_lead_is_read_with_it_where_the_crm_can_ask(place: Place, crm: Crm) -> None:
    asked, quiet = place.lead(last_name="Asked"), place.lead(last_name="Quiet")
    place.ask(asked, "undo")
    found = crm.read("lead", [asked, quiet])
    can = "requests" in crm.can
    assert (found[asked].text("request"), bool(found[asked].text("request_by"))) == (("undo" if can else ""), can)
    assert not found[quiet].text("request")


def test_a_refusal_empties_the_request_and_may_be_repeated(place: Place, crm: Crm) -> None:
    asked = place.lead(last_name="Refused")
    place.ask(asked, "undo")
    for _ in range(2):
        assert list(crm.refuse_requests("lead", {asked: "There is nothing to undo."})) == []
        assert not crm.read("lead", [asked])[asked].text("request")


def test_what_was_done_is_answered_with_its_decision(place: Place, crm: Crm) -> None:
    asked = place.lead(last_name="Done")
    place.ask(asked, "wrong_owner")
    answers = (Answer(),) if "requests" in crm.can else ()
    given = decision(asked, place.ana)
    made = replace(given, actions=(*given.actions, *answers))
    assert set(statuses(perform(crm, work(made)), made).values()) <= DONE
    assert not crm.read("lead", [asked])[asked].text("request")
    assert place.landed(asked).owner_id == place.ana.id
