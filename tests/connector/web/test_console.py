from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from cryptography.fernet import Fernet
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from connector.app import create_app
from connector.errors import Later
from connector.rows import Check
from connector.store import (
    decisions,
    editions,
    installs,
    letters,
    notes,
    pairs,
    progress,
    reviews,
    rulesets,
    tokens,
    unfinished,
)
from connector.store.base import metadata
from connector.store.decisions import Intent
from connector.store.decisions import decision as decision_table
from connector.store.installs import Install
from connector.store.ledger import Entry, ledger
from jobs import policy
from rules.actions import Member
from rules.model import Candidate, Event, Match
from rules.ruleset import Source
from rules.words import english
from tests.connector.web.conftest import ALICE, ORG
from tests.connector.web.kit import Browser, CheckedCrm, House, browser, decision


def section(page: BeautifulSoup, name: str) -> str:
    """The text of a section, with single spaces."""
    found = page.select_one(f"section[aria-labelledby={name}]")
    assert found is not None, name
    return " ".join(found.text.split())


def main(page: BeautifulSoup) -> str:
    assert page.main is not None
    return " ".join(page.main.text.split())


@pytest.fixture
def own(acme: Install) -> str:
    return f"/installs/{acme.id}"


# The front page


def test_the_front_page_offers_every_configured_crm(anyone: Browser) -> None:
    page = anyone.page("/")
    assert {str(link["href"]) for link in page.select("main a.button")} == {
        "/oauth/salesforce/install?environment=production",
        "/oauth/salesforce/install?environment=sandbox",
        "/oauth/hubspot/install",
        "/oauth/salesforce/signin?environment=production",
        "/oauth/salesforce/signin?environment=sandbox",
        "/oauth/hubspot/signin",
    }
    for hidden in page.select("main [hidden]"):
        hidden.decompose()
    assert len(main(page).split("Connect")[0].split(".")) == 4, "three sentences say what it is"


@pytest.mark.parametrize(("without", "left"), [("salesforce", "hubspot"), ("hubspot", "salesforce")])
def test_a_crm_that_is_not_configured_is_not_offered(house: House, without: str, left: str) -> None:
    house.settings = house.settings.model_copy(update={f"{without}_client_id": ""})
    page = browser(create_app(house)).page("/")
    links = [str(link["href"]) for link in page.select("main a.button")]
    assert links
    assert all(f"/oauth/{left}/" in link for link in links)
    assert ("My Domain" in page.text) == (left == "salesforce")


@pytest.mark.parametrize("typed", ["acme.my.salesforce.com", " https://ACME.my.salesforce.com "])
def test_a_my_domain_address_leads_on_by_links(anyone: Browser, typed: str) -> None:
    page = anyone.get("/own-domain", query_string={"domain": typed})
    links = [str(link["href"]) for link in BeautifulSoup(page.text, "html.parser").select("main a.button")]
    for link, purpose in zip(links, ("install", "signin"), strict=True):
        assert link.startswith(f"/oauth/salesforce/{purpose}?environment=custom&typed=")
        answer = anyone.get(link)
        assert (answer.status_code, urlsplit(answer.headers["Location"]).netloc) == (303, "acme.my.salesforce.com")


def test_an_address_that_was_typed_in_another_browser_leads_nowhere(app: Flask, anyone: Browser) -> None:
    """Else a link could sign somebody in, unnoticed, to the org of whoever made it."""
    typed = {"domain": "attacker.my.salesforce.com"}
    page = BeautifulSoup(anyone.get("/own-domain", query_string=typed).text, "html.parser")
    victim = browser(app)
    for _ in range(2):
        for link in page.select("main a.button"):
            answer = victim.get(str(link["href"]))
            assert answer.status_code == 400
            assert "Type the address yourself" in answer.text
        victim.get("/own-domain", query_string=typed)  # even after they were led to the page itself


@pytest.mark.parametrize("given", ["domain=acme.my.salesforce.com", "typed=", "typed=acme.my.salesforce.com"])
def test_an_address_in_a_link_is_not_taken(anyone: Browser, given: str) -> None:
    answer = anyone.get(f"/oauth/salesforce/install?environment=custom&{given}")
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


@pytest.mark.parametrize("typed", ["", "evil.example.com", "my.salesforce.com.evil.com", "acme.my.salesforce.com/x"])
def test_any_other_address_is_refused_with_a_word_of_help(anyone: Browser, typed: str) -> None:
    answer = anyone.get("/own-domain", query_string={"domain": typed})
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 400
    assert "acme--uat.sandbox.my.salesforce.com" in page.text
    assert page.select("main a.button") == []


# The list of installs


def test_my_installs_are_listed_with_mode_status_and_what_waits(house: House, alice: Browser, acme: Install) -> None:
    events = [Event(f"e{number}", "lead", str(number), "created", house.now) for number in range(1200)]
    with house.database.write() as connection:
        letters.receive(connection, acme.id, events, now=house.now)
        letters.park(connection, acme.id, [1, 2], reason="Locked")
        progress.start(connection, acme.id, "backfill:account", now=house.now)
        progress.move(connection, acme.id, "backfill:account", now=house.now, state="running", done=50, total=200)
    house.decide(acme, decision("d1"), parked="Not allowed")
    page = alice.page("/")
    card = page.select_one("article")
    assert card is not None
    text = " ".join(card.text.split())
    for words in ("Acme Corp", f"Salesforce org {ORG}", "Active", "Observe", "1,198 changes wait", "3 things need you"):
        assert words in text
    bar = card.progress
    assert bar is not None
    assert (bar["value"], bar["max"]) == ("50", "200")


def test_a_card_says_what_a_connection_waits_for(house: House, alice: Browser, acme: Install) -> None:
    full = "The org's data storage is full: free some or buy more (STORAGE_LIMIT_EXCEEDED)"
    with house.database.write() as connection:
        stored = [Intent(decision(key), ()) for key in ("w1", "w2")]
        decisions.intend(connection, acme.id, house.seal(acme), stored, now=house.now)
        until = house.now + timedelta(minutes=15)
        unfinished.postpone(connection, acme.id, ["w1", "w2"], until=until, reason=full, failed=False)
        policy.pause_install(connection, acme.id, Later("The org has no calls left", seconds=900), now=house.now)
    text = main(alice.page("/"))
    assert f"2 decisions wait: {full}." in text
    assert "Waits for Salesforce, and goes on in 15 minutes: The org has no calls left." in text
    with house.database.write() as connection:
        installs.set_status(connection, acme.id, "paused", "The package is missing.")
    assert "The package is missing." in main(alice.page("/"))


def test_who_administers_nothing_any_more_is_told_what_to_do(house: House, app: Flask) -> None:
    client = browser(app)
    client.sign_in("salesforce", ORG, ALICE)
    page = client.page("/")
    assert "no connection that you administer" in main(page)
    assert page.select("main a.button[href^='/oauth/']")


# An install


def test_a_new_install_says_in_every_section_what_comes_next(alice: Browser, own: str) -> None:
    page = alice.page(own)
    assert "Create or change a lead in Salesforce" in section(page, "today")
    assert "No decision in the last 24 hours." in section(page, "today")
    assert "Nothing. Switchyard does its work." in section(page, "needs")
    assert "Check the permissions" in section(page, "steps")
    assert page.select_one("#work[hx-trigger]") is None
    assert "It starts by itself" in main(alice.page(f"{own}/work"))


def test_a_revoked_install_says_why_and_what_to_do(house: House, alice: Browser) -> None:
    gone = house.connect("salesforce", ORG, "Acme Corp", status="revoked")
    notice = alice.page(f"/installs/{gone.id}").select_one("[role=alert]")
    assert notice is not None
    text = " ".join(notice.text.split())
    assert "no longer lets Switchyard in" in text
    assert "The reason that was noted." in text
    assert "connect this org again" in text


def test_a_paused_install_says_why(house: House, alice: Browser) -> None:
    paused = house.connect("salesforce", ORG, "Acme Corp", status="paused")
    assert "Routing is paused. The reason that was noted." in main(alice.page(f"/installs/{paused.id}"))


def test_a_crm_that_asked_for_quiet_is_mentioned(house: House, alice: Browser, acme: Install, own: str) -> None:
    with house.database.write() as connection:
        policy.pause_install(connection, acme.id, Later("busy", seconds=60), now=house.now)
    assert "asked us to slow down" in main(alice.page(own))
    house.now += timedelta(seconds=61)
    assert "asked us to slow down" not in main(alice.page(own))


def test_an_install_whose_key_is_missing_tells_the_operator(house: House, alice: Browser, acme: Install) -> None:
    other = House(house.settings.model_copy(update={"encryption_keys": SecretStr(Fernet.generate_key().decode())}))
    client = browser(create_app(other))
    client.sign_in("salesforce", ORG, ALICE)
    page = client.page(f"/installs/{acme.id}", status=503)
    other.close()
    assert "ENCRYPTION_KEYS" in main(page)


# Modes


@pytest.mark.parametrize("mode", ["suggest", "act"])
def test_the_mode_is_switched_by_a_click(house: House, alice: Browser, acme: Install, own: str, mode: str) -> None:
    answer = alice.submit(f"{own}/settings/mode", mode=mode, understood="yes")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{own}/settings")
    found = house.install(acme.id)
    assert found is not None
    assert found.mode == mode
    assert f"The mode is now “{mode.capitalize()}”" in alice.page(f"{own}/settings").text


def test_act_wants_to_be_understood_first(house: House, alice: Browser, acme: Install, own: str) -> None:
    assert "Tick the box" in alice.submit(f"{own}/settings/mode", mode="act").text
    assert house.install(acme.id) == acme


def test_each_mode_explains_itself_before_the_button(alice: Browser, own: str) -> None:
    page = alice.page(f"{own}/settings")
    for mode in ("suggest", "act"):
        card = page.select_one(f"article[aria-labelledby=mode-{mode}]")
        assert card is not None
        assert card.p is not None
        assert len(card.p.text) > 40
        assert card.button is not None
        assert card.button.text == f"Switch to {mode.capitalize()}"
    assert page.select_one("article[aria-labelledby=mode-act] input[name=understood][required]")


@pytest.mark.parametrize("mode", ["rampage", ""])
def test_a_mode_that_does_not_exist_is_refused(
    house: House, alice: Browser, acme: Install, own: str, mode: str
) -> None:
    assert alice.submit(f"{own}/settings/mode", mode=mode).status_code == 422
    assert house.install(acme.id) == acme


# Progress


def test_progress_is_asked_for_every_2_seconds_while_something_is_under_way(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    with house.database.write() as connection:
        progress.start(connection, acme.id, "setup", now=house.now)
        progress.move(connection, acme.id, "setup", now=house.now, state="done", done=1, total=1)
        progress.start(connection, acme.id, "backfill:lead", now=house.now)
        progress.move(connection, acme.id, "backfill:lead", now=house.now, state="running", done=12400, total=48210)
        progress.start(connection, acme.id, "backfill:account", now=house.now)
        progress.move(connection, acme.id, "backfill:account", now=house.now, state="running", done=700)
    page = alice.page(own)
    block = page.select_one("#work")
    assert block is not None
    assert (block["hx-get"], block["hx-trigger"]) == (f"{own}/work", "every 2s")
    labels = [label.text for label in block.select("label")]
    assert labels == ["Setting up", "Reading accounts", "Reading leads"]
    bars = [(bar.get("value"), bar.get("max")) for bar in block.select("progress")]
    assert bars == [("1", "1"), (None, None), ("12400", "48210")]
    assert "12,400 of 48,210 records." in block.text
    assert "700 records so far." in block.text


def test_looking_for_missed_changes_is_not_called_getting_ready(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    with house.database.write() as connection:
        progress.start(connection, acme.id, "setup", now=house.now)
        progress.move(connection, acme.id, "setup", now=house.now, state="done", done=1, total=1)
        progress.start(connection, acme.id, "reconcile:lead", now=house.now)
    block = alice.page(own).select_one("#work")
    assert block is not None
    assert [each.text for each in block.select("h2, label")] == ["Under way", "Checking leads for missed changes"]


def test_the_polling_stops_when_all_is_done(house: House, alice: Browser, acme: Install, own: str) -> None:
    with house.database.write() as connection:
        progress.start(connection, acme.id, "setup", now=house.now)
        progress.move(connection, acme.id, "setup", now=house.now, state="done", done=1, total=1)
    part = alice.get(f"{own}/work", headers={"HX-Request": "true"})
    assert part.text.startswith('<div id="work">') or part.text.lstrip().startswith('<div id="work">')
    assert "hx-trigger" not in part.text
    assert "<html" not in part.text
    assert "<html" in alice.get(f"{own}/work").text, "without JavaScript it is a page"


def test_what_stopped_can_be_started_again(house: House, alice: Browser, acme: Install, own: str) -> None:
    with house.database.write() as connection:
        for name, values in {
            "backfill:lead": {"state": "failed", "done": 7, "reason": "Lead is not readable"},
            "backfill:account": {"state": "done", "done": 9},
        }.items():
            progress.start(connection, acme.id, name, now=house.now)
            progress.move(connection, acme.id, name, now=house.now, **values)
    assert "Stopped. Lead is not readable" in main(alice.page(own))
    assert alice.submit(f"{own}/work").status_code == 303
    with house.database.read() as connection:
        states = {each.name: each.state for each in progress.of(connection, acme.id)}
    assert states == {"backfill:lead": "waiting", "backfill:account": "done"}
    assert house.rung == [acme.id]


TWICE = pairs.Suggestion((Member("lead", "k1"), Member("lead", "k2")), 0.9)
RULE = Source("Everyone", '- rule: Everyone\n  assign: pool "All"\n')


# The first steps, and what needs a person


def steps(page: BeautifulSoup) -> dict[str, str]:
    """Return the first steps by their title, with what they are: done, next or to come."""
    found = {}
    for each in page.select("ol.steps > li"):
        title = each.strong
        assert title is not None
        found[title.text] = " ".join(each.get("class") or ["to come"])
    return found


def test_the_first_steps_say_what_is_done_and_what_comes_next(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    assert list(steps(alice.page(own)).values()) == ["done", "next", *["to come"] * 5]
    house.crms[acme.id] = CheckedCrm([Check("Routing Rule object", True, "can be read")])
    alice.page(f"{own}/check?run=now")
    assert steps(alice.page(own))["Check the permissions"] == "done"
    with house.database.write() as connection:
        seal = house.seal(acme)
        editions.add(connection, acme.id, seal, sources=[RULE], version="1", now=house.now, by="Alice Adams")
    found = steps(alice.page(own))
    assert (found["Publish"], found["Look at the starter rules"]) == ("done", "next")


def test_the_first_steps_can_be_hidden_and_shown_again(alice: Browser, own: str) -> None:
    alice.submit(f"{own}/first-steps", show="no")
    page = alice.page(own)
    assert page.select_one("ol.steps") is None
    assert "Show the first steps again" in main(page)
    alice.submit(f"{own}/first-steps", show="yes")
    assert alice.page(own).select_one("ol.steps")


def test_what_needs_a_person_is_listed_with_where_it_is_dealt_with(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    missing = Check("Convert leads", False, "The user may not.", "Tick it.")
    house.crms[acme.id] = CheckedCrm([missing, replace(missing, optional=True)])
    alice.get(f"{own}/check", headers={"HX-Request": "true"})
    house.decide(acme, decision("d1"), parked="Not allowed")
    unsure = decision("d2", match=Match("review", Candidate("a1", "Acme", None, 0.7)))
    with house.database.write() as connection:
        seal = house.seal(acme)
        reviews.follow(connection, acme.id, seal, [unsure], now=house.now)
        pairs.suggest(connection, acme.id, seal, [TWICE], now=house.now)
        progress.start(connection, acme.id, "backfill:lead", now=house.now)
        progress.move(connection, acme.id, "backfill:lead", now=house.now, state="failed", reason="Not readable")
        rulesets.put(connection, acme.id, seal, sources=[RULE], version="1", now=house.now)
        rulesets.set_fault(connection, acme.id, seal, "There is no pool All.", now=house.now)
    page = alice.page(own)
    words = [each.get_text(" ", strip=True) for each in page.select("ul.tasks > li > p")]
    assert dict(zip(words, [str(each["href"]) for each in page.select("ul.tasks > li > a")], strict=True)) == {
        "The newest text of the rules is not valid; the last good version stays in force. There is no pool All.": (
            f"{own}/rules"
        ),
        "1 thing stands still.": f"{own}#parked",
        "1 thing is missing in your CRM, by the last permission check.": f"{own}/check",
        "1 long work has stopped.": f"{own}/work",
        "1 match waits for a word.": f"{own}/reviews",
        "1 pair of records may be one.": f"{own}/duplicates",
    }


def test_leads_that_came_while_nothing_was_connected_are_told_until_a_mode_is_chosen(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    told = english("work.missed", decisions="30", count="12", since="2026-11-01 08:00", until="2026-11-02 09:00")
    with house.database.write() as connection:
        installs.set_mode(connection, acme.id, "observe")
        notes.put(connection, acme.id, notes.MISSED_TOLD, str(told), now=house.now)
    (words,) = [each.get_text(" ", strip=True) for each in alice.page(own).select("ul.tasks > li > p")]
    assert words == told
    with house.database.write() as connection:
        installs.set_mode(connection, acme.id, "suggest")
    assert "12 leads" not in main(alice.page(own))


def test_today_is_counted_by_outcome_and_by_the_viewers_hour(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    for hours, outcome in ((0, "assigned"), (0, "kept"), (3, "assigned"), (23, "refused"), (25, "assigned")):
        key = f"{outcome}{hours}"
        made = decision(key, outcome=outcome, lead=replace(decision().lead, id=key))
        house.decide(acme, made, at=house.now - timedelta(hours=hours))
    alice.set_cookie("browser_zone", "Asia/Kolkata", domain="route.example.com")
    page = alice.page(own)
    names, figures = page.select("dl.facts dt"), page.select("dl.facts dd")
    told = {name.text: figure.text for name, figure in zip(names, figures, strict=True)}
    assert told == {"Assigned": "2", "Kept": "1", "Nobody found": "1", "Changes that wait": "0"}
    lines = [[cell.text for cell in row.select("th, td")] for row in page.select("table[data-chart] tbody tr")]
    rows = {hour: counts for hour, *counts in lines}
    assert len(rows) == 24
    assert rows["14:30"] == ["1", "1", "0"], "09:30 in London is 15:00 in Kolkata, in the hour from 14:30"
    assert rows["11:30"] == ["1", "0", "0"]
    assert alice.get(f"{own}/today", headers={"HX-Request": "true"}).text.lstrip().startswith('<div id="today-live"')


# Parked


def test_everything_parked_is_shown_with_its_reason_and_tried_again_by_one_click(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    with house.database.write() as connection:
        letters.receive(
            connection, acme.id, [Event("e1", "lead", "00Q000000000005AAA", "created", house.now)], now=house.now
        )
        letters.park(connection, acme.id, [1], reason="The record stayed locked.")
    house.decide(acme, decision("d1"), parked="Not allowed", ledger={"assign": Entry("refused")})
    text = section(alice.page(own), "parked")
    assert "2 things stand still" in text
    assert "The record stayed locked." in text
    alice.submit(f"{own}/retry")
    assert "Trying 2 again now." in alice.page(own).text
    assert [row.state for row in house.letters(acme.id)] == ["waiting"]
    with house.database.read() as connection:
        assert list(connection.execute(select(decision_table.c.state)).scalars()) == ["intended"]
        assert list(connection.execute(select(ledger.c.state)).scalars()) == [], "what was refused is pending anew"
    assert house.rung == [acme.id]


# Disconnect


def test_disconnecting_says_first_what_is_deleted(house: House, alice: Browser, acme: Install, own: str) -> None:
    text = main(alice.page(f"{own}/disconnect"))
    for words in ("the grant is given back", "match index", "Routing Audit records", "routes no lead twice"):
        assert words in text
    assert house.install(acme.id) == acme


def test_disconnecting_deletes_every_row_and_signs_nobody_into_anything_else(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    house.decide(acme, decision("d1"), ledger={"audit": Entry("done")})
    with house.database.write() as connection:
        letters.receive(connection, acme.id, [Event("e1", "lead", "1", "created", house.now)], now=house.now)
        progress.start(connection, acme.id, "setup", now=house.now)
        rulesets.put(connection, acme.id, house.seal(acme), sources=[RULE], version="1", now=house.now)
    assert alice.submit(f"{own}/disconnect", name="Acme").status_code == 422, "its whole name must be typed"
    assert house.install(acme.id) == acme
    answer = alice.submit(f"{own}/disconnect", name="Acme Corp")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    with house.database.read() as connection:
        for table in metadata.sorted_tables:
            if "install_id" in table.c:
                assert connection.execute(select(table)).all() == [], table.name
        assert tokens.get(connection, acme.id) is None
    assert house.install(acme.id) is None
    assert "Disconnected." in alice.page("/").text
    alice.page(own, status=404)
