"""HubSpot's cards and settings page: who may see and ask for what, and what is stored of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from flask import Flask
from structlog.testing import capture_logs

from connector.desk import log
from connector.errors import Later
from connector.rows import Check
from connector.store import installs, shelves
from connector.store.installs import Install
from connector.store.shelves import Standing
from connector.web import hurry
from rules.model import Match
from tests.connector.web.hubspot_pages import (
    ADMIN_LOGIN,
    ANA,
    BOB,
    CARD,
    COMPANY,
    LEAD,
    PORTAL,
    RIVAL,
    WRITES,
    Page,
    acme_portal,
    ana,
    answer,
    bob,
    boss,
    gone_to,
    page_of,
    request_of,
    route,
    routed,
    rows,
)
from tests.connector.web.kit import PUBLIC_URL, CheckedCrm, House
from tests.fakes import FakeCrm

__all__ = ["acme_portal", "ana", "bob", "boss"]


def test_the_card_says_account_confidence_why_who_since_when_and_by_which_rule(ana: Page, house: House) -> None:
    card = ana.card()
    assert card == {
        "state": "routed",
        "account": {
            "id": COMPANY,
            "name": "Acme France",
            "url": f"https://app-eu1.hubspot.com/contacts/{PORTAL}/record/0-2/{COMPANY}",
        },
        "confidence": 0.97,
        "confidence_words": "very likely",
        "why": ["Both use the e-mail domain acme.fr", "The company names are alike (92 %)"],
        "runners_up": [{"id": RIVAL, "name": "Acme Holding", "confidence": 0.31, "why": "Alike in name"}],
        "owner": {"id": ANA.id, "name": "Ana Diaz"},
        "proposed": False,
        "rule": "Enterprise EMEA",
        "decided_at": "2026-11-22T09:30:00.000Z",
        "since": "2026-11-22T09:30:00.000Z",
        "response": {"status": "waiting", "minutes": None, "due_at": "2026-11-22T09:45:00.000Z"},
        "reason": "Rule Enterprise EMEA holds and it was Ana's turn.",
        "decision": "d1",
        "can": ["wrong_match", "wrong_owner", "undo"],
        "pending": None,
        "refused": None,
        "story_url": f"{PUBLIC_URL}/installs/{next(iter(house.crms))}/decisions/d1",
    }


def test_a_card_of_a_record_that_nobody_decided_about_says_so(ana: Page) -> None:
    card = ana.card("777")
    assert (card["state"], card["reason"]) == ("unknown", "Switchyard has not decided about this record yet.")
    assert card["can"] == []


def test_a_record_whose_letter_waits_is_told_as_coming(ana: Page, house: House, acme_portal: Install) -> None:
    proxy = replace(ana.proxy, user_id="1")
    ana.send(proxy.execute(f"{PUBLIC_URL}/hubspot/actions/route", 888, at=house.now))
    assert house.rung == [acme_portal.id]
    assert ana.card("888")["state"] == "waiting"


def test_what_is_too_old_for_our_store_is_told_from_its_audit_in_the_crm(
    ana: Page, house: House, acme_portal: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = {
        "outcome": "assigned", "account_id": COMPANY, "assignee_id": ANA.id, "confidence": "0.91", "rule": "Old rule",
        "reason": "It was so.", "story": "First.\nSecond.", "decided_at": "2025-01-01T09:00:00Z",
    }  # fmt: skip
    answer = {"key": "apart:5:6:1795341600000", "outcome": "ignored", "reason": "Ana said: this is not Kim."}
    monkeypatch.setattr(house.crms[acme_portal.id], "audits", lambda lead_id: (answer, audit) if lead_id == "5" else ())
    card = ana.card("5")
    assert (card["state"], card["rule"], card["confidence_words"]) == ("routed", "Old rule", "likely")
    assert (card["account"]["id"], card["owner"]["id"], card["why"]) == (COMPANY, ANA.id, ["First.", "Second."])
    assert (card["proposed"], card["can"], card["decision"]) == (False, [], "")
    audit["outcome"] = "suggested"
    assert ana.card("5")["proposed"] is True


def test_a_crm_that_hangs_does_not_make_a_card_wait(
    ana: Page, house: House, acme_portal: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana.card()  # now it is known who Ana is
    ended = threading.Event()
    monkeypatch.setattr(house.crms[acme_portal.id], "audits", lambda _lead_id: ended.wait(20))
    monkeypatch.setattr(hurry, "SECONDS", 0.05)
    card = ana.card("5")
    ended.set()
    assert (card["state"], card["reason"]) == ("unknown", "Switchyard cannot read its older audits in HubSpot now.")


def test_a_record_of_a_type_that_is_not_routed_has_nothing_to_say(ana: Page) -> None:
    answer_ = ana.get(f"/hubspot/cards/record?objectTypeId=0-3&objectId={LEAD}")
    assert (answer_.status_code, answer_.get_json()["state"], answer_.get_json()["account"]) == (200, "unknown", None)


def test_where_leads_are_routed_the_card_is_about_them_and_a_contact_with_the_same_id_is_another(
    ana: Page, house: House, acme_portal: Install
) -> None:
    with house.database.write() as connection:
        installs.set_routes(connection, acme_portal.id, "leads", now=house.now)
    lead = ana.get(f"/hubspot/cards/record?objectTypeId=0-136&objectId={LEAD}").get_json()
    assert (lead["state"], lead["decision"]) == ("routed", "d1")
    assert (ana.card()["state"], ana.card()["reason"]) == ("unknown", "Switchyard routes leads only in this portal.")
    assert ana.ask("undo").status_code == 409
    call = ana.proxy.execute(f"{PUBLIC_URL}/hubspot/actions/route", 7, at=house.now)
    assert ana.send(call).status_code == 400


@pytest.mark.parametrize("what", ["wrong_match", "wrong_owner", "undo"])
def test_a_click_is_stored_with_its_letter_and_a_worker_is_woken(
    ana: Page, house: House, acme_portal: Install, what: str
) -> None:
    answer_ = ana.ask(what, note="Not\nmine")
    assert (answer_.status_code, answer_.get_json()["status"]) == (202, "accepted")
    request = request_of(house, acme_portal)
    assert request is not None
    assert (request.what, request.user_id, request.decision, request.note) == (what, ANA.id, "d1", "Not mine")
    (letter,) = house.letters(acme_portal.id)
    assert (letter.kind, letter.record_id, letter.change, letter.changed) == ("lead", LEAD, "updated", "request")
    assert house.rung == [acme_portal.id]
    card = ana.card()
    assert (card["pending"], card["can"]) == ({"request": what, "since": "2026-11-22T09:30:00.000Z"}, [])


def test_the_same_request_once_more_is_answered_alike_and_changes_nothing(
    ana: Page, house: House, acme_portal: Install
) -> None:
    call = ana.proxy.fetch(*WRITES[0][:1], f"{PUBLIC_URL}{WRITES[0][1]}", WRITES[0][2], at=house.now)
    first = ana.send(call)
    before = rows(house)
    house.now += timedelta(minutes=4)
    assert ana.send(call).get_json() == first.get_json()
    answer(house, acme_portal)
    assert ana.send(call).status_code == 202
    assert rows(house) == before
    request = request_of(house, acme_portal)
    assert request is not None
    assert not request.pending


def test_a_request_signed_more_than_five_minutes_ago_is_not_believed(ana: Page, house: House) -> None:
    call = ana.proxy.fetch("GET", f"{PUBLIC_URL}{CARD}", at=house.now)
    house.now += timedelta(minutes=5, seconds=1)
    assert ana.send(call).status_code == 401


def test_whoever_has_the_record_and_administrators_may_ask_and_nobody_else(
    ana: Page, bob: Page, boss: Page, house: House
) -> None:
    before = rows(house)
    assert bob.card()["can"] == []
    refused = bob.ask("undo")
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    assert rows(house) == {**before, "memo": before["memo"] + 1}, "the list of users is remembered, and nothing else"
    assert boss.card()["can"] == ana.card()["can"] == ["wrong_match", "wrong_owner", "undo"]
    assert boss.ask("undo").status_code == 202


def test_who_lost_the_record_may_not_ask_any_more_and_who_got_it_may(
    ana: Page, bob: Page, house: House, acme_portal: Install
) -> None:
    gone_to(house, acme_portal, routed(), BOB)
    assert ana.ask("undo").status_code == 403
    assert bob.card()["can"] == ["wrong_match", "undo"]


def test_an_administrator_of_long_ago_is_none(boss: Page, house: House) -> None:
    house.now += installs.ADMIN_FOR
    assert boss.card()["can"] == []
    assert boss.ask("undo").status_code == 403
    assert boss.post("/hubspot/settings/mode", {"mode": "observe"}, method="PUT").status_code == 403


def test_a_user_whom_the_crm_does_not_list_may_ask_for_nothing(app: Flask, house: House, acme_portal: Install) -> None:
    stranger = page_of(app, house, "1")
    assert stranger.card()["can"] == []
    assert stranger.ask("undo").status_code == 403
    assert request_of(house, acme_portal) is None


def test_while_nobody_can_say_who_asks_a_card_is_only_read(ana: Page, house: House, acme_portal: Install) -> None:
    def silent(_call: str) -> None:
        raise Later("Too many calls.", seconds=9)

    cast("FakeCrm", house.crms[acme_portal.id]).before = silent
    assert (ana.card()["rule"], ana.card()["can"]) == ("Enterprise EMEA", [])
    answer_ = ana.ask("undo")
    assert (answer_.status_code, answer_.get_json()["title"]) == (503, "Not available now")
    assert request_of(house, acme_portal) is None


def test_an_owner_id_is_no_login_id(app: Flask, house: House, acme_portal: Install) -> None:
    assert page_of(app, house, ANA.id, portal_id=acme_portal.tenant_id).card()["can"] == []


def test_a_card_that_shows_an_older_decision_is_told_to_look_again(
    ana: Page, house: House, acme_portal: Install
) -> None:
    house.now += timedelta(minutes=1)
    route(house, acme_portal, routed("d2"))
    answer_ = ana.ask("undo", key="d1")
    assert (answer_.status_code, answer_.get_json()["title"]) == (409, "Not possible now")
    assert "again since" in answer_.get_json()["detail"]
    assert ana.ask("undo", key="d2").status_code == 202


def test_while_a_request_is_pending_nobody_asks_for_anything_else(ana: Page, boss: Page, house: House) -> None:
    ana.ask("undo")
    before = rows(house)
    assert boss.ask("wrong_owner").status_code == 409
    assert rows(house) == {**before, "memo": before["memo"]}


def test_what_cannot_be_done_is_refused_at_once(ana: Page, house: House, acme_portal: Install) -> None:
    made = routed("d9", "99", match=Match("none", reason="Nothing in common."))
    route(house, acme_portal, made)
    card = ana.card("99")
    assert (card["account"], card["why"]) == (None, ["Nothing in common."])
    assert card["can"] == ["wrong_owner", "undo"]
    assert ana.ask("wrong_match", lead_id="99", key="d9").status_code == 409


def test_in_the_mode_observe_only_a_match_can_be_called_wrong(ana: Page, house: House, acme_portal: Install) -> None:
    with house.database.write() as connection:
        installs.set_mode(connection, acme_portal.id, "observe")
    assert ana.card()["can"] == ["wrong_match"]
    assert ana.ask("undo").status_code == 409


def test_why_a_request_was_not_done_stands_on_the_card_until_the_next_one(
    ana: Page, house: House, acme_portal: Install
) -> None:
    ana.ask("undo")
    answer(house, acme_portal, "It was undone already.")
    card = ana.card()
    assert (card["pending"], card["refused"]["why"]) == (None, "It was undone already.")
    assert ana.ask("wrong_owner").status_code == 202
    assert ana.card()["refused"] is None


def test_while_the_install_rests_a_request_is_taken_down(ana: Page, house: House, acme_portal: Install) -> None:
    with house.database.write() as connection:
        installs.set_status(connection, acme_portal.id, "paused", "By an admin.")
    answer_ = ana.ask("undo")
    assert (answer_.status_code, "works again" in answer_.get_json()["message"]) == (202, True)


def test_the_card_of_a_company_lists_its_leads_with_who_has_them(ana: Page, house: House, acme_portal: Install) -> None:
    house.now += timedelta(minutes=1)
    route(house, acme_portal, routed("d2", "42", decided_at=house.now), owner=BOB)
    found = ana.get(f"/hubspot/cards/company?objectId={COMPANY}").get_json()
    assert (found["total"], found["proposed"]) == (2, False)
    assert [(each["id"], each["name"], each["confidence"]) for each in found["leads"]] == [
        ("42", "Marie Curie", 0.97),
        (LEAD, "Marie Curie", 0.97),
    ]
    assert found["leads"][1] == {
        "id": LEAD,
        "type": "0-1",
        "name": "Marie Curie",
        "owner": "Ana Diaz",
        "decided_at": "2026-11-22T09:30:00.000Z",
        "confidence": 0.97,
        "duplicate_of": None,
    }
    gone_to(house, acme_portal, routed(), BOB)
    assert ana.get(f"/hubspot/cards/company?objectId={COMPANY}").get_json()["total"] == 1
    assert ana.get("/hubspot/cards/company?objectId=1").get_json()["leads"] == []


def test_cards_say_that_what_is_only_suggested_was_not_given(ana: Page, house: House, acme_portal: Install) -> None:
    with house.database.write() as connection:
        installs.set_mode(connection, acme_portal.id, "suggest")
    house.now += timedelta(minutes=1)
    made = routed("d2", "42", decided_at=house.now, mode="suggest", outcome="suggested")
    route(house, acme_portal, made, owner=ANA)
    card = ana.card("42")
    assert (card["state"], card["owner"]["name"], card["proposed"]) == ("routed", "Ana Diaz", True)
    assert ana.get(f"/hubspot/cards/company?objectId={COMPANY}").get_json()["proposed"] is True


class Told(FakeCrm):
    """A CRM that counts how often it is checked."""

    checks: int = 0

    def check(self) -> tuple[Check, ...]:
        self.checks += 1
        return (Check("Rules", ok=True, detail="There."), Check("Tasks", ok=False, detail="Missing.", remedy="Click."))


def test_the_settings_page_shows_state_mode_storage_and_checks(
    boss: Page, bob: Page, house: House, acme_portal: Install
) -> None:
    crm = Told(name="hubspot", people=[ANA])
    house.crms[acme_portal.id] = cast("CheckedCrm", crm)
    with house.database.write() as connection:
        shelves.choose(connection, acme_portal.id, Standing("custom_objects", why="Granted."), now=house.now)
    found = boss.get("/hubspot/settings").get_json()
    assert (found["state"], found["mode"], found["crm_storage"]) == ("live", "act", "custom_objects")
    assert found["checks"][0] == {"name": "Tasks", "ok": False, "detail": "Missing.", "remedy": "Click."}
    assert found["console_url"] == f"{PUBLIC_URL}/installs/{acme_portal.id}"
    assert (found["may_change"], bob.get("/hubspot/settings").get_json()["may_change"]) == (True, False)
    assert crm.checks == 1, "some minutes old is good enough"


def test_a_settings_page_says_when_hubspot_does_not_answer(boss: Page, house: House, acme_portal: Install) -> None:
    house.crms[acme_portal.id] = CheckedCrm(Later("Too many calls.", seconds=9))
    (line,) = boss.get("/hubspot/settings").get_json()["checks"]
    assert (line["ok"], line["detail"]) == (False, "Too many calls.")


def test_administrators_switch_the_mode_and_nobody_else(
    boss: Page, ana: Page, house: House, acme_portal: Install
) -> None:
    assert ana.post("/hubspot/settings/mode", {"mode": "observe"}, method="PUT").status_code == 403
    wrong: tuple[Any, ...] = ("destroy", None, ["act"], {})
    for mode in wrong:
        assert boss.post("/hubspot/settings/mode", {"mode": mode}, method="PUT").status_code == 400
    with capture_logs() as logs:
        assert boss.post("/hubspot/settings/mode", {"mode": "suggest"}, method="PUT").get_json() == {"mode": "suggest"}
    found = house.install(acme_portal.id)
    assert found is not None
    assert found.mode == "suggest"
    (line,) = [each for each in logs if each["event"] == "changed"]
    assert (line["did"], line["by"]) == ("mode", ADMIN_LOGIN)
    (change,) = log.listed(house, acme_portal).changes
    assert (change.before, change.about) == ("act", "suggest")
