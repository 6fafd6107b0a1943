"""The action of HubSpot's workflows: signed, answered at once, and one letter however often it is repeated."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from connector.store import installs
from connector.store.installs import Install
from tests.connector.web.hubspot_pages import ADMIN_LOGIN, OTHER, PORTAL, Page, page_of, portal
from tests.connector.web.kit import NOW, PUBLIC_URL, House
from tests.sandbox.hubspot.signature import sign_v2

ROUTE = f"{PUBLIC_URL}/hubspot/actions/route"


@pytest.fixture
def acme_portal(house: House) -> Install:
    return portal(house)


@pytest.fixture
def workflow(app: Flask, house: House, acme_portal: Install) -> Page:
    """HubSpot's workflows in the portal; nobody sits at them."""
    return page_of(app, house, "", portal_id=acme_portal.tenant_id)


def test_an_execution_is_answered_at_once_and_leaves_one_letter(
    workflow: Page, house: House, acme_portal: Install
) -> None:
    answer = workflow.send(workflow.proxy.execute(ROUTE, 904, at=NOW))
    assert answer.status_code == 200
    assert answer.get_json() == {"outputFields": {"outcome": "queued", "owner": "", "rule": "", "account": ""}}
    (letter,) = house.letters(acme_portal.id)
    assert (letter.kind, letter.record_id, letter.change) == ("lead", "904", "created")
    assert letter.event_key.startswith("workflow:904:")
    assert (house.rung, house.stored_when_rung) == ([acme_portal.id], [1])


def test_an_execution_that_hubspot_repeats_is_one_letter_and_another_one_is_another(
    workflow: Page, house: House, acme_portal: Install
) -> None:
    for _ in range(3):
        assert workflow.send(workflow.proxy.execute(ROUTE, 904, at=NOW)).status_code == 200
    assert len(house.letters(acme_portal.id)) == 1
    assert house.rung == [acme_portal.id]
    workflow.send(workflow.proxy.execute(ROUTE, 904, at=NOW, callback="ap-9-9-9-0"))
    workflow.send(workflow.proxy.execute(ROUTE, 905, at=NOW))
    assert len(house.letters(acme_portal.id)) == 3


def test_what_a_users_own_page_signs_is_no_execution(workflow: Page, house: House, acme_portal: Install) -> None:
    """A page may fetch this address too, with any body; HubSpot then adds who asks, so the address has a query."""
    body = json.loads(workflow.proxy.execute(ROUTE, 904, at=NOW).body)
    body["origin"]["portalId"] = int(PORTAL)
    eve = replace(workflow.proxy, portal_id=OTHER, user_id=ADMIN_LOGIN)
    portal(house, OTHER)
    assert workflow.send(eve.fetch("POST", ROUTE, body, at=NOW)).status_code == 401
    assert house.letters(acme_portal.id) == []


def test_an_execution_without_a_signature_or_with_an_old_one_is_refused(workflow: Page, house: House) -> None:
    call = workflow.proxy.execute(ROUTE, 904, at=NOW)
    assert workflow.send(replace(call, headers={})).status_code == 401
    assert workflow.send(replace(call, body=call.body + b" ")).status_code == 401
    assert workflow.app.get("/hubspot/actions/route").status_code == 405
    assert house.rung == []


def test_an_execution_may_carry_signature_v2_alone_and_sent_again_is_the_same_letter(
    workflow: Page, house: House, acme_portal: Install
) -> None:
    call = workflow.proxy.execute(ROUTE, 904, at=NOW)
    signature = sign_v2(workflow.proxy.secret, "POST", ROUTE, call.body)
    old = replace(call, headers={"X-HubSpot-Signature": signature, "X-HubSpot-Signature-Version": "v2"})
    assert workflow.send(old).status_code == 200
    assert workflow.send(old).status_code == 200
    assert len(house.letters(acme_portal.id)) == 1
    assert workflow.send(replace(old, body=call.body + b" ")).status_code == 401
    v1 = {"X-HubSpot-Signature": signature, "X-HubSpot-Signature-Version": "v1"}
    assert workflow.send(replace(old, headers=v1)).status_code == 401
    bad_v3 = old.headers | {"X-HubSpot-Signature-v3": "x", "X-HubSpot-Request-Timestamp": "1"}
    assert workflow.send(replace(old, headers=bad_v3)).status_code == 401


def test_an_execution_of_a_portal_that_is_not_ours_is_not_found(
    workflow: Page, house: House, acme_portal: Install
) -> None:
    other = replace(workflow.proxy, portal_id=OTHER)
    assert workflow.send(other.execute(ROUTE, 904, at=NOW)).status_code == 404
    with house.database.write() as connection:
        installs.set_status(connection, acme_portal.id, "revoked", "Removed.")
    assert workflow.send(workflow.proxy.execute(ROUTE, 904, at=NOW)).status_code == 404
    assert house.letters(acme_portal.id) == []


def test_while_the_install_rests_executions_wait(workflow: Page, house: House, acme_portal: Install) -> None:
    with house.database.write() as connection:
        installs.set_status(connection, acme_portal.id, "paused", "By an admin.")
    assert workflow.send(workflow.proxy.execute(ROUTE, 904, at=NOW)).status_code == 200
    assert len(house.letters(acme_portal.id)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"object": {"objectId": 904, "objectType": "COMPANY"}},
        {"object": {"objectId": 904, "objectType": ["CONTACT"]}},
        {"object": {"objectType": "CONTACT"}},
        {"object": {"objectId": True, "objectType": "CONTACT"}},
        {"object": {"objectId": -4, "objectType": "CONTACT"}},
        {"object": {"objectId": 10**30, "objectType": "CONTACT"}},
        {"object": None},
        {"origin": []},
        {"origin": {"portalId": 1.5}},
        {"callbackId": 7},
        {"callbackId": ""},
        {"callbackId": "x" * 501},
    ],
)
def test_an_execution_that_makes_no_sense_is_not_understood(
    workflow: Page, house: House, acme_portal: Install, changes: dict[str, Any]
) -> None:
    answer = workflow.send(workflow.proxy.execute(ROUTE, 904, at=NOW, **changes))
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert house.letters(acme_portal.id) == []


def test_a_callback_id_of_any_characters_names_its_execution(
    workflow: Page, house: House, acme_portal: Install
) -> None:
    for odd in ("ü", "\ud800", "\x00", "a b/c"):
        assert workflow.send(workflow.proxy.execute(ROUTE, 904, at=NOW, callback=odd)).status_code == 200
    assert len(house.letters(acme_portal.id)) == 4


def test_hubspot_is_told_to_come_again_when_nothing_can_be_stored(
    workflow: Page, house: House, acme_portal: Install
) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    event.listen(house.database.engine, "before_cursor_execute", locked)
    try:
        answer = workflow.send(workflow.proxy.execute(ROUTE, 904, at=NOW))
    finally:
        event.remove(house.database.engine, "before_cursor_execute", locked)
    assert (answer.status_code, answer.get_json()["detail"]) == (503, "Nothing was done. Try again in a minute.")
    assert house.letters(acme_portal.id) == []
