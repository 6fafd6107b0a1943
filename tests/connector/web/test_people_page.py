"""The people of an org in the console: who is in which pool, and one person's page."""

from __future__ import annotations

from bs4 import BeautifulSoup

from connector.errors import Later
from connector.store import assignments, pauses
from connector.store.assignments import Assignment
from connector.store.installs import Install
from rules.model import User
from tests.connector.web.kit import ANA, NOW, Browser, House
from tests.connector.web.pool_pages import BOB, crm, desk, in_force
from tests.connector.web.sellers import Directory

__all__ = ["crm", "desk"]


def test_people_are_listed_with_their_pools_and_their_load(house: House, alice: Browser, desk: Install) -> None:
    given = [
        Assignment("d1", "l1", ANA.id, None, "", "observe", NOW),
        Assignment("d2", "l2", ANA.id, None, "", "act", NOW),
    ]
    with house.database.write() as connection:
        assignments.add(connection, desk.id, given)
    page = alice.page(f"/installs/{desk.id}/pools/people")
    found = [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in page.select("tbody tr")]
    assert [row[0] for row in found] == ["Ana Diaz UTC", "Bob Ömer America/New_York", "Cem Kaya UTC"]
    assert found[0][1:4] == ["EMEA enterprise, By load, By account, By skill, Alone", "1", "1"]
    assert found[1][4].startswith("Takes leads")
    assert found[2][4].startswith("Not active")


def test_one_persons_page_has_everything_about_them_and_lets_an_admin_change_it(
    house: House, alice: Browser, desk: Install
) -> None:
    path = f"/installs/{desk.id}/pools/people/{BOB.id}"
    text = alice.page(path).get_text(" ", strip=True)
    for words in ("Bob Ömer", "bob@example.com", "None are planned.", "EMEA enterprise", "Outside working hours"):
        assert words in text, words
    answer = alice.submit(path, **{"do": "pause", "for": "until", "until": "2026-11-30T09:00", "from": "person"})
    assert (answer.status_code, answer.location) == (303, path)
    assert "Paused until 30 Nov 2026, 14:00." in alice.page(path).get_text(" ", strip=True), "nine in New York"
    answer = alice.submit(path, **{"do": "pause", "for": "until", "until": "2020-11-30T09:00", "from": "person"})
    assert answer.status_code == 422
    (box,) = BeautifulSoup(answer.text, "html.parser").select("[aria-invalid=true]")
    assert (box["name"], box["value"]) == ("until", "2020-11-30T09:00")
    assert "Give a date and time that is ahead, within a year." in answer.text
    answer = alice.submit(f"{path}/absences", first="2026-12-26", last="2026-12-24")
    assert answer.status_code == 422
    (box,) = BeautifulSoup(answer.text, "html.parser").select("[aria-invalid=true]")
    assert (box["name"], box["value"], box["aria-describedby"]) == ("last", "2026-12-24", "last-why")
    assert alice.submit(f"{path}/absences", first="2026-12-24", last="2026-12-26").location == path
    assert "24 Dec 2026 to 26 Dec 2026" in alice.page(path).get_text(" ", strip=True)
    assert alice.submit(f"{path}/absences/2026-12-24").location == path
    assert "None are planned." in alice.page(path).get_text(" ", strip=True)
    alice.submit(path, **{"do": "resume", "from": "people"})
    with house.database.read() as connection:
        assert pauses.every(connection, desk.id, now=NOW) == []


def test_who_is_nobody_or_of_another_tenant_has_no_page(house: House, alice: Browser, desk: Install) -> None:
    other = house.connect("salesforce", "00D000000000002AAA", "Other", admin="005000000000009AAA")
    assert alice.get(f"/installs/{desk.id}/pools/people/005000000000404AAA").status_code == 404
    for path in (f"people/{ANA.id}", "people"):
        assert alice.get(f"/installs/{other.id}/pools/{path}").status_code == 404
    days = {"first": "2026-12-24", "last": "2026-12-24"}
    assert alice.submit(f"/installs/{other.id}/pools/people/{ANA.id}/absences", **days).status_code == 404
    assert alice.submit(f"/installs/{desk.id}/pools/people/005000000000404AAA/absences", **days).status_code == 404


def test_without_a_word_of_the_crm_the_list_of_people_says_so(alice: Browser, desk: Install, crm: Directory) -> None:
    crm.answer_users = Later("Busy.", seconds=30)
    text = alice.page(f"/installs/{desk.id}/pools/people").get_text(" ", strip=True)
    assert "Salesforce does not say just now who its users are" in text


def test_without_rules_nobody_is_in_a_pool(alice: Browser, acme: Install, crm: Directory) -> None:
    assert "Nobody is in a pool yet" in alice.page(f"/installs/{acme.id}/pools/people").text


def test_who_gets_leads_without_a_pool_is_listed_and_can_be_sent_on_holiday(
    house: House, alice: Browser, acme: Install, crm: Directory
) -> None:
    in_force(house, acme, '- rule: All\n  assign: user "ana@example.com"\n')
    crm.people.append(User("00G000000000001AAA", "Inbound", queue=True))
    with house.database.write() as connection:
        given = [("d1", "l1", ANA.id), ("d2", "l2", "00G000000000001AAA")]
        assignments.add(connection, acme.id, [Assignment(*each, None, "", acme.mode, NOW) for each in given])
    page = alice.page(f"/installs/{acme.id}/pools/people")
    (row,) = page.select("tbody tr")
    assert [cell.get_text(" ", strip=True) for cell in row.select("th, td")][:4:2] == ["Ana Diaz UTC", "1"]
    assert "In no pool" in row.text
    (link,) = row.select("th a")
    assert "Plan days without leads" in alice.page(str(link["href"])).text
