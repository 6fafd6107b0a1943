"""The story of one decision: who got the lead and why, what was done, and what can be done about it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import select

from connector.hubspot import objects
from connector.store import responses, shelves
from connector.store.decisions import decision as decision_table
from connector.store.installs import Install
from connector.store.ledger import Entry
from connector.store.memos import StoredMemo
from connector.store.responses import Awaited
from jobs.rulebook import DIRECTORY
from rules.model import Candidate, Outcome, User, Verdict
from rules.response import Response
from tests.connector.web.kit import APP_ID, DONE, NOBODY, NONE, Browser, House, browser, decision, main, section


@pytest.fixture
def own(acme: Install) -> str:
    return f"/installs/{acme.id}/decisions"


@pytest.fixture
def story(house: House, alice: Browser, acme: Install, own: str) -> BeautifulSoup:
    house.decide(acme, decision("d1"), ledger=DONE)
    return alice.page(f"{own}/d1")


def test_the_story_says_who_and_why(story: BeautifulSoup) -> None:
    text = section(story, "why")
    assert "Rule Enterprise EMEA holds and it was Ana's turn." in text
    assert "Goes to Ana Diaz" in text
    assert "Whose turn in pool EMEA enterprise" in text
    assert "Owner before 005000000000007AAA" in text


@pytest.mark.parametrize("outcome", ["suggested", "observed"])
def test_the_story_of_what_was_not_given_says_who_would_get_it(
    house: House, alice: Browser, acme: Install, own: str, outcome: Outcome
) -> None:
    house.decide(acme, replace(decision("d1"), outcome=outcome))
    assert "Would go to Ana Diaz" in section(alice.page(f"{own}/d1"), "why")


def test_the_story_has_a_timeline_with_milliseconds(story: BeautifulSoup) -> None:
    times = [str(each["datetime"]) for each in story.select(".timeline time")]
    assert times == ["2026-11-22T09:29:59.100Z", "2026-11-22T09:30:00.000Z", "2026-11-22T09:30:01.840Z"]
    text = section(story, "timeline")
    assert "900 ms later" in text
    assert "1.8 s later" in text


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, "An answer is due"),
        (Response("in_time", None, 12.2), "Answered after 12 minutes (in time)."),
        (Response("late", None, 1.0), "Answered after 1 minute (late)."),
        (Response("late", None, 200.0), "Answered after 3 hours (late)."),
        (Response("late", None, 5000.0), "Answered after 3 days (late)."),
        (Response("never"), "Nobody answered; it was due"),
        (Response("late"), "Nobody had answered in time when it went to somebody else or was gone."),
        (Response("none"), "It went to somebody else, or was gone, before an answer was due."),
    ],
)
def test_the_story_says_how_fast_the_lead_was_answered(
    house: House, alice: Browser, acme: Install, found: Response | None, said: str
) -> None:
    house.decide(acme, decision("d1"), ledger=DONE)
    with house.database.write() as connection:
        row = Awaited("d1", "l1", house.now, house.now + 30 * MINUTE, house.now + 30 * MINUTE)
        responses.add(connection, acme.id, [row], now=house.now)
        if found:
            responses.find(connection, acme.id, "d1", found, now=house.now)
    assert said in section(alice.page(f"/installs/{acme.id}/decisions/d1"), "timeline")


def test_a_story_of_a_lead_that_nobody_waits_for_says_nothing_of_answers(story: BeautifulSoup) -> None:
    assert "nswer" not in section(story, "timeline")


def test_the_story_weighs_the_evidence(story: BeautifulSoup) -> None:
    assert "It belongs to Acme France" in section(story, "account")
    table = story.select_one("section[aria-labelledby=account] table")
    assert table is not None
    assert [" ".join(row.text.split()) for row in table.select("tbody tr")] == [
        "Both use the e-mail domain acme.fr +6.2 for 100 %",
        "The company names are alike (92 %) +2.4 for 39 %",
        "The lead is in FR, the account in BE \u22121.1 against 18 %",
    ]
    assert [(str(each["class"][0]), each["value"]) for each in table.select("meter")] == [
        ("for", "1.000"),
        ("for", "0.387"),
        ("against", "0.177"),
    ]
    assert [each.text for each in story.select("section[aria-labelledby=account] summary")] == ["Acme Holding, 31 %"]


def test_the_story_shows_the_rules_that_were_tried_and_what_failed(story: BeautifulSoup) -> None:
    assert [" ".join(each.text.split()) for each in story.select(".path li")] == [
        'Did not hold Partners because lead.source == "Partner" is not so: found Web',
        "Held Enterprise EMEA",
    ]


def test_the_story_shows_every_action_with_what_the_ledger_says(story: BeautifulSoup) -> None:
    lines = [
        " ".join(each.text.replace("↗", "").replace("(opens Salesforce)", "").split())
        for each in story.select(".deeds li")
    ]
    assert lines == [
        "Done Make Ana Diaz the owner",
        "Was done already Link to Acme France",
        "Done Write rule, confidence and time on the lead",
        "Done Task “Call Marie Curie at Acme”, due 22 Nov 2026, 09:45:00 UTC (in 15 minutes) (00T000000000001AAA )",
        "Not known Notify Ana Diaz: Salesforce did not answer",
        "Done Write the audit in Salesforce (a01000000000001AAA )",
    ]  # fmt: skip


def test_the_story_names_version_and_trace_for_support(story: BeautifulSoup) -> None:
    text = section(story, "lead")
    assert "v-3f2a" in text
    assert "0123456789abcdef0123456789abcdef" in text
    assert "marie@acme.fr" in text, "what it was decided from"


def test_records_are_linked_into_salesforce(story: BeautifulSoup) -> None:
    links = {str(link["href"]) for link in story.select("a[target=_blank]")}
    base = "https://acme.my.salesforce.com"
    assert {f"{base}/00Q000000000001AAA", f"{base}/001000000000001AAA", f"{base}/005000000000001AAA"} <= links
    assert all("noopener" in link["rel"] for link in story.select("a[target=_blank]"))


def test_the_story_says_why_nobody_was_notified(house: House, alice: Browser, acme: Install, own: str) -> None:
    why = "No notification: your settings say so, and your rule “Everyone” leaves it open."
    house.decide(acme, replace(decision("d1"), untold=(why,)), ledger=DONE)
    assert why in section(alice.page(f"{own}/d1"), "actions")


def test_the_owner_before_is_called_by_name_where_the_list_of_users_is_known(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    house.decide(acme, decision("d1"), ledger=DONE)
    memo = StoredMemo(house.database, acme.id, house.seal(acme), lambda: house.now)
    memo.put(DIRECTORY, [asdict(User("005000000000007AAA", "Bea Before"))], seconds=60)
    assert "Owner before Bea Before" in section(alice.page(f"{own}/d1"), "why")


@pytest.mark.parametrize(
    ("kind", "prefix"), [("custom_objects", ""), ("app_objects", f"a{APP_ID}_"), ("properties", "")]
)
def test_the_audit_is_linked_into_hubspot_where_it_is_a_record(
    kind: str, prefix: str, house: House, app: Flask
) -> None:
    portal = house.connect("hubspot", "247187887", "Portal", admin="77")
    house.decide(portal, decision("d1"), ledger={**DONE, "audit": Entry("done", "5150")})
    places = {"rule_type": "2-7", "audit_type": "2-8", "audit_to_lead": 1, "audit_to_company": 2}
    memo = StoredMemo(house.database, portal.id, house.seal(portal), lambda: house.now)
    memo.put(objects.MEMO, {f"{prefix}0-1": places}, seconds=60)
    with house.database.write() as connection:
        shelves.choose(connection, portal.id, shelves.Standing(kind), now=house.now)
    client = browser(app)
    client.sign_in("hubspot", "247187887", "77")
    page = client.page(f"/installs/{portal.id}/decisions/d1")
    found = page.select_one('a[href="https://app-eu1.hubspot.com/contacts/247187887/record/2-8/5150"]')
    assert (found is not None) == (kind != "properties")
    assert "5150" in section(page, "actions")


def test_records_are_linked_into_hubspot(house: House, app: Flask) -> None:
    portal = house.connect("hubspot", "247187887", "Portal", admin="77")
    made = decision("d1")
    account = Candidate("88", "Acme", None, 0.9)
    match = replace(made.match, account=account, runners_up=())
    house.decide(portal, replace(made, lead=replace(made.lead, id="541935488729"), match=match), ledger=DONE)
    client = browser(app)
    client.sign_in("hubspot", "247187887", "77")
    page = client.page(f"/installs/{portal.id}/decisions/d1")
    base = "https://app-eu1.hubspot.com/contacts/247187887/record"
    assert {f"{base}/0-1/541935488729", f"{base}/0-2/88"} <= {
        str(link["href"]) for link in page.select("a[target=_blank]")
    }


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict("different"), "No: nobody in Salesforce is the same person."),
        (Verdict("same", "contact", "003000000000001AAA"), "Yes: the same person as contact 003000000000001AAA"),
        (Verdict("unsure", "lead", "00Q000000000009AAA"), "Perhaps: it may be the same person as lead"),
    ],
)
def test_the_story_tells_the_duplicate_verdict(
    house: House, alice: Browser, acme: Install, verdict: Verdict, words: str
) -> None:
    house.decide(acme, decision("d1", duplicate=verdict))
    assert words in section(alice.page(f"/installs/{acme.id}/decisions/d1"), "duplicate")


def test_a_story_with_nothing_found_has_a_sentence_in_every_section(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    house.decide(acme, decision("d1", outcome="refused", route=NOBODY, match=NONE, actions=()), settled=False)
    page = alice.page(f"{own}/d1")
    assert "No account was found. No candidate shares a key." in section(page, "account")
    assert "No rule was tried; the reason above says why." in section(page, "path")
    assert "Goes to nobody" in section(page, "why")
    assert "All carried out not yet" in section(page, "timeline")
    assert "This is being carried out" in main(page)


def test_a_parked_decision_is_tried_again_by_a_click(house: House, alice: Browser, acme: Install, own: str) -> None:
    refused = {"assign": Entry("done"), "task": Entry("refused", detail="The owner may not have tasks")}
    house.decide(acme, decision("d1"), parked="The owner may not have tasks", ledger=refused)
    house.decide(acme, decision("d2"), parked="Another reason")
    text = main(alice.page(f"{own}/d1"))
    assert "Salesforce would not do part of this: The owner may not have tasks" in text
    answer = alice.submit(f"{own}/d1/retry")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{own}/d1")
    with house.database.read() as connection:
        found = {row.key: row.state for row in connection.execute(select(decision_table))}
    assert found == {"d1": "intended", "d2": "parked"}
    assert house.rung == [acme.id]
    page = alice.page(f"{own}/d1")
    assert "Trying 1 again now." in page.text
    assert "Done Make Ana Diaz" in " ".join(page.text.split()), "what was done stays done"


def test_a_decision_that_is_not_there_is_not_found(alice: Browser, own: str) -> None:
    alice.page(f"{own}/nothing", status=404)
    assert alice.submit(f"{own}/nothing/retry").status_code == 404


def test_an_administrator_takes_out_all_that_is_held_about_a_person(
    house: House, acme: Install, alice: Browser, anyone: Browser, own: str
) -> None:
    house.decide(acme, decision("d1"))
    lead = decision("d1").lead.id
    link = alice.page(f"{own}/d1").find("a", href=f"{own}/lead/{lead}/held.json")
    assert isinstance(link, Tag)
    answer = alice.get(str(link["href"]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="held.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json is not None
    assert [each["decision"]["key"] for each in answer.json["decisions"]] == ["d1"]
    assert "Took out all that is held about a person" in alice.get(f"/installs/{acme.id}/changes").text
    assert alice.get(f"{own}/lead/00Q00000000000XAAA/held.json").status_code == 404
    refused = alice.get(f"{own}/lead/nobody/held.json")
    assert (refused.status_code, "no id of a lead or contact in Salesforce" in refused.text) == (422, True)
    assert anyone.get(str(link["href"])).status_code in {302, 303}
