"""Attacks that need no more than a request or a record: what came of each, with the threat that it belongs to."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest
from flask import Flask

from connector.api.rule_shapes import LONGEST_TEXT
from connector.desk import whole_text
from connector.desk.faults import Unusable
from connector.hubspot import notetext, snapshot_parts, undoing
from connector.salesforce import payloads
from connector.salesforce import snapshot_parts as rows
from connector.store.installs import Install
from rules import detail
from tests.connector.web.conftest import ALICE, ORG, acme, alice, anyone, app, empty, house
from tests.connector.web.kit import PUBLIC_URL, SECRET, Browser, House, browser, decision
from tests.rules.test_hostile import linear

__all__ = ["acme", "alice", "anyone", "app", "empty", "house"]

DEEP = "[" * 100_000
FORWARDED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Prefix": "//evil.example",
    "X-Original-URL": "/installs",
    "X-Rewrite-URL": "/installs",
    "Forwarded": "host=evil.example;proto=http",
    "X-Forwarded-For": "127.0.0.1",
}


# What somebody wrote into a record of the CRM


@pytest.mark.threat("T14")
def test_a_detail_that_is_nested_without_end_cannot_be_read_and_breaks_nothing() -> None:
    with pytest.raises(detail.Unreadable):
        detail.read(DEEP, {})
    assert payloads.refusals(DEEP) == {}


@pytest.mark.threat("T14")
def test_a_snapshot_that_is_nested_or_swells_without_end_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = base64.urlsafe_b64encode(zlib.compress(DEEP.encode())).decode()
    assert snapshot_parts.unpack([f"1/1:{packed}"]) is None
    assert notetext.read_note(f"{notetext.RECORD}{packed}") == {}
    monkeypatch.setattr(snapshot_parts, "LARGEST", 1_000_000)
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * (10_000_000))).decode()
    assert snapshot_parts.unpack([f"1/1:{bomb}"]) is None
    framed = f"1 {hashlib.sha256(DEEP.encode()).hexdigest()}|{DEEP}|"
    assert rows._joined("d1", {"d1#0000": framed}) is None


@pytest.mark.threat("T14")
def test_a_snapshot_of_more_values_than_records_can_have_is_none() -> None:
    """Unpacked it is short enough; as lists it would be twenty times as long."""
    few, many = (b'{"a":[' + b"[]," * count + b"[]]}" for count in (1_000, snapshot_parts.MOST_VALUES // 2))
    assert len(many) < snapshot_parts.LARGEST
    packed = [f"1/1:{base64.urlsafe_b64encode(zlib.compress(each)).decode()}" for each in (few, many)]
    assert [snapshot_parts.unpack([each]) is None for each in packed] == [False, True]


@pytest.mark.threat("T15")
@linear
def test_a_note_full_of_brackets_costs_no_more_than_its_length() -> None:
    assert len(undoing._words("<" * 100_000)) == 1


TRIED = "- test: T{0}\n  leads: [{{country: France}}]\n  repeat: 10000\n  expect: {{rule: A}}\n"
RULE = "- rule: {0}\n  assign: keep\n  when: [lead.country is France, lead.employees < {1}]\n"


@pytest.mark.threat("T14")
@linear
def test_a_text_that_is_hours_of_work_is_refused_before_it_is_done() -> None:
    """What a key with `read` may send: 3,000 tests of 10,000 leads each, and thousands of rules to be held together."""
    tests = "".join(TRIED.format(number) for number in range(3_000))
    assert len(tests) < LONGEST_TEXT
    (fault,) = whole_text.examine(RULE.format("A", 9) + tests).faults
    assert fault.message == "There are more than 100,000 leads in all tests."
    with pytest.raises(Unusable, match="at most 500 rules"):
        whole_text.examine("".join(RULE.format(f"R{number}", number) for number in range(501)), tested=False)


# Headers


@pytest.mark.threat("T16")
@pytest.mark.parametrize("path", ["/", "/oauth/salesforce/signin?environment=production", "/installs/x", "/nothing"])
def test_no_header_of_a_proxy_or_host_finds_its_way_into_an_answer(anyone: Browser, path: str) -> None:
    plain = anyone.get(path)
    told = anyone.get(path, headers=FORWARDED)
    assert told.status_code == plain.status_code
    assert "evil.example" not in told.text + str(told.headers)


@pytest.mark.threat("T16")
def test_the_link_to_copy_has_our_own_address_whatever_the_host_header_says(
    house: House, alice: Browser, acme: Install
) -> None:
    house.decide(acme, decision())
    with alice.session_transaction(base_url=PUBLIC_URL) as session:
        signed_in = dict(session)
    with alice.session_transaction(base_url="https://evil.example") as session:
        session.update(signed_in)
    text = alice.get(f"/installs/{acme.id}/decisions/d1", base_url="https://evil.example").text
    assert f"{PUBLIC_URL}/installs/{acme.id}/decisions/d1" in text
    assert "evil.example" not in text


@pytest.mark.threat("T16")
@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_turns_one_method_into_another(alice: Browser, house: House, acme: Install, header: str) -> None:
    path = f"/installs/{acme.id}/disconnect"
    answer = alice.get(path, headers={header: "POST"}, query_string={"name": "Acme Corp", "_method": "POST"})
    assert answer.status_code == 200
    assert house.install(acme.id) is not None


# Signatures


@pytest.mark.threat("T07")
def test_an_old_signature_cannot_be_drawn_out_to_a_longer_body(anyone: Browser, house: House) -> None:
    """SHA-256 of secret and text can be gone on with by whoever knows its length; what comes of it is no JSON."""
    house.connect("hubspot", "1", "Portal")
    asked = b'{"callbackId":"a","origin":{"portalId":1},"object":{"objectId":1,"objectType":"CONTACT"}}'
    told = len(f"{SECRET}POST{PUBLIC_URL}/hubspot/actions/route") + len(asked)
    padding = b"\x80" + b"\0" * ((55 - told) % 64) + (told * 8).to_bytes(8, "big")
    body = asked + padding + b'{"object":{"objectId":2}}'
    signature = hashlib.sha256(f"{SECRET}POST{PUBLIC_URL}/hubspot/actions/route".encode() + body).hexdigest()
    headers = {"X-HubSpot-Signature": signature, "X-HubSpot-Signature-Version": "v2"}
    assert anyone.post("/hubspot/actions/route", data=body, headers=headers).status_code == 400
    assert house.rung == []


# Ways out


@pytest.mark.threat("T06")
@pytest.mark.parametrize(
    "back", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "javascript:alert(1)"]
)
def test_a_form_leads_nobody_to_another_site(app: Flask, house: House, acme: Install, back: str) -> None:
    person = browser(app)
    person.sign_in("salesforce", ORG, ALICE)
    answer = person.submit("/view", back=back, language="de")
    assert (answer.status_code, answer.location) == (303, "/")
