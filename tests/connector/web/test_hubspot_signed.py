"""Who calls from inside HubSpot: what the signature vouches for counts, and nothing that a caller writes beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs

from connector.store import installs
from connector.store.installs import Install
from tests.connector.web.hubspot_pages import (
    ADMIN_LOGIN,
    ANA_LOGIN,
    CARD,
    COMPANY,
    LEAD,
    OTHER,
    PORTAL,
    READS,
    WRITES,
    Page,
    acme_portal,
    ana,
    boss,
    page_of,
    portal,
    request_of,
    rows,
)
from tests.connector.web.kit import NOW, PUBLIC_URL, House

__all__ = ["acme_portal", "ana", "boss"]


@pytest.mark.parametrize("path", READS)
def test_a_portal_that_is_not_connected_is_not_found(app: Flask, house: House, acme_portal: Install, path: str) -> None:
    assert acme_portal.tenant_id == PORTAL
    assert page_of(app, house, ANA_LOGIN, portal_id="4242").get(path).status_code == 404


def test_a_portal_that_withdrew_our_right_sees_only_that(boss: Page, house: House, acme_portal: Install) -> None:
    with house.database.write() as connection:
        installs.set_status(connection, acme_portal.id, "revoked", "Removed.")
    assert [boss.get(path).status_code for path in READS] == [404, 404, 200, 200]
    assert [boss.post(path, body, method=method).status_code for method, path, body in WRITES] == [404] * 4
    found = boss.get("/hubspot/settings").get_json()
    assert (found["state"], found["checks"]) == ("revoked", [])
    assert boss.get("/hubspot/settings/rules").get_json()["items"] == []


def test_a_portal_never_sees_or_changes_anothers_records(app: Flask, house: House, acme_portal: Install) -> None:
    other = portal(house, OTHER)
    eve = page_of(app, house, ADMIN_LOGIN, portal_id=OTHER)  # administrator of her own portal, with the same login
    before = rows(house)
    for lead_id in (LEAD, COMPANY, *map(str, range(9))):
        card = eve.card(lead_id)
        assert (card["state"], card["account"], card["decision"]) == ("unknown", None, "")
        assert eve.get(f"/hubspot/cards/company?objectId={lead_id}").get_json()["total"] == 0
        for what in ("wrong_match", "wrong_owner", "undo"):
            assert eve.ask(what, lead_id=lead_id, key="d1").status_code == 409
    assert rows(house) == {**before, "memo": before["memo"] + 1}
    assert request_of(house, acme_portal) is None
    assert house.rung == []
    eve.post("/hubspot/settings/mode", {"mode": "observe"}, method="PUT")
    modes = [found.mode for each in (acme_portal, other) if (found := house.install(each.id))]
    assert modes == ["act", "observe"]


def test_a_query_of_the_callers_own_cannot_name_another_portal_or_user(ana: Page, house: House) -> None:
    """Whoever writes a page chooses the address; HubSpot's own words come behind and are signed with it."""
    before = rows(house)
    for forged in (f"portalId={OTHER}", f"userId={ADMIN_LOGIN}", "appId=1", f"portalId={PORTAL}"):
        assert ana.get(f"{CARD}&{forged}").status_code == 400
        assert ana.post(f"/hubspot/settings/mode?{forged}", {"mode": "act"}, method="PUT").status_code == 400
    assert rows(house) == before


def test_the_portal_in_a_body_is_not_asked(ana: Page, house: House, acme_portal: Install) -> None:
    portal(house, OTHER)
    body = {**WRITES[0][2], "portalId": int(OTHER), "userId": 1}
    assert ana.post("/hubspot/cards/request", body).status_code == 202
    assert request_of(house, acme_portal) is not None


def test_a_call_that_was_signed_for_another_app_is_refused(ana: Page, house: House) -> None:
    other = replace(ana.proxy, app_id="1")
    assert ana.send(other.fetch("GET", f"{PUBLIC_URL}{CARD}", at=house.now)).status_code == 401


@pytest.mark.parametrize("taken", ["portalId", "userId", "appId", "objectId"])
def test_an_address_without_one_of_its_ids_is_not_understood(ana: Page, house: House, taken: str) -> None:
    call = ana.proxy.fetch("GET", f"{PUBLIC_URL}{CARD}", at=house.now)
    url = call.url.replace(f"{taken}=", "x=")
    answer_ = ana.send(ana.proxy.sign("GET", url, b"", at=house.now))
    assert (answer_.status_code, answer_.mimetype) == (400, "application/problem+json")


def test_the_decode_rule_holds_for_addresses_with_a_query(ana: Page, house: House) -> None:
    """%40 in userEmail is signed as @; %20 and %26 stay as they are."""
    for more in ("&note=a%20b%26c%3D", "&note=%3A%2F%3f%40%21%24%27%28%29%2A%2C%3B", "&note=%C3%A9+e"):
        assert ana.get(f"{CARD}{more}").status_code == 200
    assert "%40" in ana.proxy.fetch("GET", PUBLIC_URL, at=house.now).url


@pytest.mark.parametrize("change", ["body", "query", "method", "timestamp", "signature", "none"])
@pytest.mark.parametrize("write", WRITES)
def test_what_was_changed_after_signing_is_refused_and_stores_nothing(
    boss: Page, house: House, write: tuple[str, str, Any], change: str
) -> None:
    method, path, body = write
    call = boss.proxy.fetch(method, f"{PUBLIC_URL}{path}", body, at=NOW)
    headers = call.headers
    altered: dict[str, Callable[[], Any]] = {
        "body": lambda: replace(call, body=call.body.replace(b"}", b" }")),
        "query": lambda: replace(call, url=call.url.replace(PORTAL, OTHER)),
        "method": lambda: replace(call, method="PUT" if method == "POST" else "POST"),
        "timestamp": lambda: replace(call, headers={**headers, "X-HubSpot-Request-Timestamp": "1763803800001"}),
        "signature": lambda: replace(call, headers={**headers, "X-HubSpot-Signature-v3": "ü" * 44}),
        "none": lambda: replace(call, headers={}),
    }
    before = rows(house)
    assert boss.send(altered[change]()).status_code in {401, 405}
    assert rows(house) == before


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"[]", b"{", b"1", b'"x"', b'{"objectId": true}', b'{"objectId": "1", "decision": 5, "request": "undo"}',
        b'{"objectId": "1", "decision": "\\ud800", "request": "undo"}', b"[" * 5000, b"\xff\xfe",
        b'{"objectId": "1", "decision": "d", "request": ["undo"]}', b'{"objectId": ' + b"9" * 5000 + b"}",
        b'{"objectTypeId": "0-1", "objectId": "1", "decision": "d", "request": "undo", "note": 7}',
    ],
)  # fmt: skip
def test_a_body_that_makes_no_sense_is_not_understood(ana: Page, house: House, sent: bytes) -> None:
    call = ana.proxy.fetch("POST", f"{PUBLIC_URL}/hubspot/cards/request", at=house.now)
    answer_ = ana.send(ana.proxy.sign("POST", call.url, sent, at=house.now))
    assert (answer_.status_code, answer_.get_json()["status"]) == (400, 400)


def test_a_body_that_is_too_long_is_refused_as_a_problem(ana: Page, house: House) -> None:
    call = ana.proxy.fetch("POST", f"{PUBLIC_URL}/hubspot/cards/request", at=house.now)
    answer_ = ana.send(ana.proxy.sign("POST", call.url, b" " * 70_000, at=house.now))
    assert (answer_.status_code, answer_.mimetype) == (413, "application/problem+json")


def test_no_log_line_has_an_address_with_somebodys_email_or_a_note(ana: Page) -> None:
    with capture_logs() as logs:
        ana.ask("undo", note="Kim is my neighbour")
        ana.card()
    assert len(logs) >= 2
    assert "ana@example.com" not in repr(logs)
    assert "neighbour" not in repr(logs)
