"""The console: the list of installs, and on the page of one its mode, its long work, what is parked, and leaving."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from connector.app import create_app
from connector.errors import Later
from connector.store import decisions, installs, letters, progress, rulesets, tokens, unfinished
from connector.store.base import metadata
from connector.store.decisions import Intent
from connector.store.decisions import decision as decision_table
from connector.store.installs import Install
from connector.store.ledger import Entry, ledger
from jobs import policy
from rules.model import Event
from tests.connector.web.conftest import ALICE, ORG
from tests.connector.web.kit import RULE, Browser, House, browser, decision, main, section

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
