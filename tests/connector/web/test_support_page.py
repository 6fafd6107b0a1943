"""Health for support: how an install is, and one text for a ticket that tells nothing of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from flask import Flask

from connector.crm import Routes
from connector.desk import health
from connector.desk.health import kind_of
from connector.desk.tickets import ticket
from connector.store import cursors, leases, letters, progress, rulesets, streams
from connector.store.installs import Install
from jobs import choice, contacts, expiry, longwork, massmatch, move, recall, responses, setup, standings
from jobs.clock import LEASE
from rules.model import Event, Record
from rules.ruleset import Source
from tests.connector.web.kit import Browser, House, browser, decision, main, section

REASON = "task: FIELD_CUSTOM_VALIDATION_EXCEPTION: Marie Curie of “ACME_CORP” may have no tasks, marie@acme.fr"
SECRETS = ("Marie", "Curie", "acme.fr", "ACME_CORP", "Birdcage", "Acme")


class Bell:
    """A queue in which some drains wait, or a Redis that is away."""

    def __init__(self, answer: int | None) -> None:
        self.answer = answer

    def waiting(self) -> int:
        if self.answer is None:
            raise redis.ConnectionError
        return self.answer


@pytest.fixture
def own(acme: Install) -> str:
    return f"/installs/{acme.id}/health"


@pytest.fixture(autouse=True)
def queue(house: House) -> Iterator[None]:
    house.__dict__["doorbell"] = Bell(3)
    yield
    del house.__dict__["doorbell"]


@pytest.fixture
def troubled(house: House, acme: Install) -> None:
    """An install with something of every trouble."""
    made = decision("d1")
    lead = Record("lead", "00Q1", {"name": "Marie Curie", "email": "marie@acme.fr", "company": "Birdcage"})
    house.decide(acme, replace(made, lead=lead), parked=REASON)
    event = Event("e1", "lead", "00Q2", "created", house.now)
    with house.database.write() as connection:
        letters.receive(connection, acme.id, [event, replace(event, key="e2")], now=house.now - timedelta(hours=2))
        (first, _) = letters.waiting(connection, acme.id, now=house.now, records=9)
        letters.park(connection, acme.id, [first.id], reason="KeyError")
        streams.put(connection, acme.id, "broken", now=house.now, reason="Marie Curie has no right")
        cursors.put(connection, acme.id, "topic", b"place", house.now - timedelta(minutes=4))
        progress.start(connection, acme.id, "backfill:lead", now=house.now)
        progress.move(connection, acme.id, "backfill:lead", now=house.now, state="failed", reason="No access to Marie")
        rulesets.put(connection, acme.id, house.seal(acme), sources=[Source("r", "x")], version="v7", now=house.now)
        rulesets.set_fault(connection, acme.id, house.seal(acme), "Birdcage: no such rule", now=house.now)
        leases.take(connection, LEASE, "clock", now=house.now, seconds=60)


def test_an_install_that_is_well_says_so(alice: Browser, own: str) -> None:
    page = alice.page(own)
    assert "Nothing failed." in section(page, "troubles")
    assert "Nothing was begun yet." in section(page, "work")
    assert "3 drains wait" in section(page, "inside")
    assert "The clock is not at work" in section(page, "inside")


@pytest.mark.usefixtures("troubled")
def test_everything_that_stands_still_is_told_with_its_reason(alice: Browser, own: str) -> None:
    page = alice.page(own)
    text = main(page)
    assert REASON in text
    assert "KeyError" in section(page, "troubles")
    assert "Broken" in section(page, "coming")
    assert "2 hours ago" in section(page, "coming")
    assert "Stopped" in section(page, "work")
    assert "v7" in section(page, "inside")
    assert "Newer text is not valid" in section(page, "inside")
    assert "the clock is at work" in section(page, "inside")


def test_all_long_work_is_called_by_a_name_for_people(house: House, alice: Browser, acme: Install, own: str) -> None:
    names = {
        choice.NAME,
        contacts.NAME,
        expiry.NAME,
        move.NAME,
        recall.NAME,
        responses.NAME,
        setup.NAME,
        standings.NAME,
    }
    names |= {*massmatch.NAMES, *longwork.SOON_DONE, "backfill:lead", "reconcile:lead", "compare:lead"}
    with house.database.write() as connection:
        for name in names:
            progress.start(connection, acme.id, name, now=house.now)
    shown = {cell.get_text(strip=True) for cell in alice.page(own).select("table tr > :first-child")}
    assert "Asking the rules again about leads that wait" in shown
    assert not shown & set(names)


@pytest.mark.usefixtures("troubled")
def test_the_text_for_a_ticket_tells_nothing_of_anybody(house: House, acme: Install) -> None:
    text = ticket(health.read(house, acme))
    assert [each for each in SECRETS if each in text] == []
    assert "task FIELD_CUSTOM_VALIDATION_EXCEPTION" in text
    assert "letters: 1 wait (the oldest due since 2026-11-22 07:30:00 UTC), 1 parked" in text
    assert "rules v7" in text
    assert "newer text is not valid" in text
    assert "queue: 3 drains wait; clock at work" in text
    assert f"install {acme.id}: salesforce, active, mode observe, routes leads\n" in text
    assert "trace 0123456789abcdef0123456789abcdef" in text


@pytest.mark.parametrize("routes", ["contacts", "leads", "leads and contacts"])
def test_the_text_for_a_ticket_says_what_a_portal_takes_for_leads(house: House, acme: Install, routes: Routes) -> None:
    found = health.read(house, acme)
    text = ticket(replace(found, install=replace(acme, crm="hubspot", routes=routes)))
    assert f"install {acme.id}: hubspot, active, mode observe, routes {routes}\n" in text


@pytest.mark.usefixtures("troubled")
def test_the_text_can_be_copied_with_and_without_a_script(
    house: House, alice: Browser, acme: Install, own: str
) -> None:
    page = alice.page(own)
    field = page.select_one("textarea#copied[readonly]")
    assert field is not None
    assert field.text.strip() == ticket(health.read(house, acme)).strip()
    assert page.select("button[data-copies=copied][hidden]")


def test_redis_away_is_told_and_nothing_fails(house: House, alice: Browser, own: str) -> None:
    house.__dict__["doorbell"] = Bell(None)
    assert "Redis does not answer" in section(alice.page(own), "inside")


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (REASON, "task FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("assign: the owner is inactive", "assign"),
        ("OperationalError", "OperationalError"),
        ("Marie Curie could not be read", "other"),
        ("'JOHN_DOE' is no value", "other"),
        ("", "other"),
    ],
)
def test_a_reason_is_told_by_its_kind_alone(reason: str, kind: str) -> None:
    assert kind_of(reason) == kind


def test_another_tenant_sees_nothing_of_it(house: House, app: Flask, acme: Install, own: str) -> None:
    house.connect("hubspot", "77", "Portal", admin="7")
    client = browser(app)
    client.sign_in("hubspot", "77", "7")
    assert client.get(own).status_code == 404


@pytest.mark.usefixtures("troubled")
def test_one_tenants_troubles_are_no_others(house: House, acme: Install) -> None:
    other = house.connect("hubspot", "77", "Portal")
    found = health.read(house, other)
    assert (found.troubles, found.parked, found.refused, found.work, found.rules.version) == ((), (), (), (), "")
