"""What people type to find a lead goes sealed into the address: names do not belong where many machines keep them."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from connector.store.installs import Install
from tests.connector.web.kit import Browser, House, browser, decision
from tests.security import hunting

BOB, ORG = "005000000000005AAA", "00D000000000002AAA"


def keys(text: str) -> list[str]:
    return [str(item["id"]).removeprefix("d-") for item in BeautifulSoup(text, "html.parser").select("ol.decisions li")]


@pytest.fixture(autouse=True)
def known(house: House, acme: Install) -> None:
    house.decide(acme, decision("d1"))


@pytest.mark.threat("T23")
@pytest.mark.parametrize(
    "typed", [{"q": "marie curie"}, {"email": "marie@acme.fr"}, {"name": "marie", "company": "acme"}, {"rep": "ana"}]
)
def test_no_address_says_what_was_typed_and_the_lead_is_found(
    alice: Browser, acme: Install, typed: dict[str, str]
) -> None:
    answer = alice.submit(f"/installs/{acme.id}/decisions", **typed, outcome="assigned")
    assert answer.status_code == 303
    address = str(answer.location)
    assert hunting.found(typed.values(), {"address": address.encode()}) == []
    assert "outcome=assigned" in address
    page = alice.get(address).text
    assert keys(page) == ["d1"]
    box = BeautifulSoup(page, "html.parser").select_one(f"[name={next(iter(typed))}]")
    assert box is not None
    assert box["value"] == next(iter(typed.values())), "what was typed can be changed"


def test_an_id_leads_to_the_story(alice: Browser, acme: Install) -> None:
    answer = alice.submit(f"/installs/{acme.id}/decisions", q="00Q000000000001AAA")
    assert alice.get(str(answer.location)).location == f"/installs/{acme.id}/decisions/lead/00Q000000000001AAA"


def test_nothing_typed_is_the_whole_list(alice: Browser, acme: Install) -> None:
    assert alice.submit(f"/installs/{acme.id}/decisions", q=" ").location == f"/installs/{acme.id}/decisions"


@pytest.mark.parametrize("sealed", ["x", "AAAA" * 20, "é", "=" * 9000])
def test_what_nobody_sealed_is_not_understood(alice: Browser, acme: Install, sealed: str) -> None:
    assert alice.get(f"/installs/{acme.id}/decisions", query_string={"sealed": sealed}).status_code == 400


@pytest.mark.threat("T02")
def test_what_another_install_sealed_is_not_understood(app: Flask, house: House, alice: Browser, acme: Install) -> None:
    other = house.connect("salesforce", ORG, "Other", admin=BOB)
    bob = browser(app)
    bob.sign_in("salesforce", ORG, BOB)
    query = str(alice.submit(f"/installs/{acme.id}/decisions", q="marie").location).partition("?")[2]
    assert bob.get(f"/installs/{other.id}/decisions?{query}").status_code == 400
