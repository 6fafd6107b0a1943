"""An administrator has a person forgotten from the story of their lead."""

from __future__ import annotations

from dataclasses import replace

from bs4 import BeautifulSoup
from flask import Flask

from connector.store import erasures
from connector.store.installs import Install
from tests.connector.web.kit import Browser, House, browser, decision, main

LEAD = "00Q000000000001AAA"


def waiting(house: House, install: Install) -> list[str]:
    with house.database.read() as connection:
        return [each.record_id for each in erasures.waiting(connection, install.id)]


def links(page: BeautifulSoup) -> set[str]:
    return {str(each["href"]) for each in page.select("main a[href]")}


def test_a_person_is_forgotten_once_it_is_understood(house: House, alice: Browser, acme: Install) -> None:
    house.decide(acme, decision("d1"))
    own = f"/installs/{acme.id}/decisions"
    address = f"{own}/lead/{LEAD}/forget"
    assert address in links(alice.page(f"{own}/d1"))
    asked = alice.page(address)
    assert "Forget Marie Curie?" in main(asked)
    assert "Delete the record in Salesforce first." in main(asked)
    assert waiting(house, acme) == []
    refused = alice.submit(address)
    assert refused.status_code == 422
    assert "Tick the box" in refused.text
    assert waiting(house, acme) == []
    done = alice.submit(address, understood="yes")
    assert (done.status_code, done.headers["Location"]) == (303, own)
    assert "They are being forgotten" in main(alice.page(own))
    assert waiting(house, acme) == [LEAD]
    assert acme.id in house.rung


def test_an_id_of_15_characters_is_the_same_record(house: House, alice: Browser, acme: Install) -> None:
    made = decision("d1")
    house.decide(acme, replace(made, lead=replace(made.lead, id="00Q000000000001EAA")))
    alice.submit(f"/installs/{acme.id}/decisions/lead/00Q000000000001/forget", understood="yes")
    assert waiting(house, acme) == ["00Q000000000001EAA"]


def test_of_a_lead_that_nothing_is_kept_of_there_is_nothing_to_forget(
    house: House, alice: Browser, acme: Install
) -> None:
    address = f"/installs/{acme.id}/decisions/lead/00Q00000000000XAAA/forget"
    assert alice.get(address).status_code == 404
    assert alice.submit(address, understood="yes").status_code == 404
    assert waiting(house, acme) == []


def test_what_is_no_id_of_a_lead_or_contact_is_refused(house: House, alice: Browser, acme: Install) -> None:
    for nobody in ("0", "51", "00Q", "001000000000001AAA"):
        address = f"/installs/{acme.id}/decisions/lead/{nobody}/forget"
        for answer in (alice.get(address), alice.submit(address, understood="yes")):
            assert answer.status_code == 422
            assert "Copy it from the address of the record's page" in answer.text
    assert waiting(house, acme) == []


def test_the_health_page_says_how_many_wait(house: House, alice: Browser, acme: Install) -> None:
    page = f"/installs/{acme.id}/health"
    assert "People who wait to be forgotten none" in main(alice.page(page))
    house.decide(acme, decision("d1"))
    alice.submit(f"/installs/{acme.id}/decisions/lead/{LEAD}/forget", understood="yes")
    assert "People who wait to be forgotten 1 here and in Salesforce, 0 in Salesforce alone" in main(alice.page(page))


def test_nobody_else_forgets_anybody(house: House, app: Flask, acme: Install) -> None:
    house.decide(acme, decision("d1"))
    house.connect("hubspot", "42", "Other Ltd", admin="9")
    other = browser(app)
    other.sign_in("hubspot", "42", "9")
    address = f"/installs/{acme.id}/decisions/lead/{LEAD}/forget"
    assert other.get(address).status_code == 404
    assert other.submit(address, understood="yes").status_code == 404
    assert browser(app).get(address).status_code in {302, 303}
    assert waiting(house, acme) == []
