"""The preview in the console: a lead of the CRM or one typed in, changed at will, by live or drafted rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from connector.errors import Later
from connector.index import Index
from rules.model import Record
from tests.connector.web.kit import Browser
from tests.connector.web.rule_pages import RULES, Book, book, fields, only, words, write_down

__all__ = ["book"]


@pytest.fixture
def path(book: Book) -> str:
    return f"/installs/{book.install.id}/preview"


def looked(alice: Browser, path: str, told: dict[str, str], **more: str) -> BeautifulSoup:
    answer: TestResponse = alice.submit(path, **{**told, **more})
    assert answer.status_code == 200, BeautifulSoup(answer.text, "html.parser").get_text(" ")[:800]
    return BeautifulSoup(answer.text, "html.parser")


def index(book: Book, *records: Record) -> None:
    with book.house.database.write() as connection:
        Index(connection, book.install.id, book.house.seal(book.install)).put(records)


def test_a_lead_that_is_typed_in_is_decided_with_the_whole_story(alice: Browser, path: str) -> None:
    told: dict[str, Any] = {"field.country": "Deutschland", "field.employees": "12", "field.last_name": "Müller"}
    page = looked(alice, path, told)
    assert "Müller: Ana Diaz" in words(only(page, "#result"))
    (needed, second) = only(page, "#needed ~ ul").select("li")
    assert "lead.source is Partner" in words(needed)
    assert "For Großkunden 株式会社 : lead.employees >= 5000 would have to hold. Found: 12." in words(second)
    assert [words(each)[:12] for each in page.select("ol.path li")] == ["Did not hold", "Did not hold", "Held Everyon"]
    assert "No account was found." in words(page)
    assert "Rules, in order:" in words(only(page, "#story ~ details"))


def test_what_decided_a_tie_and_whom_the_policy_left_out_is_told(alice: Browser, book: Book, path: str) -> None:
    policy = "- match: default\n  only: [account.type is not Competitor]\n  prefer: [oldest]\n"
    write_down(book.crm, RULES + policy)
    assert book.take_in() == ""
    old = book.house.now - timedelta(days=99)
    index(
        book,
        Record("account", "001A", {"name": "Initech", "website": "initech.de"}, "u1", book.house.now),
        Record("account", "001B", {"name": "Initech", "website": "initech.de"}, "u2", old),
        Record("account", "001C", {"name": "Initech", "website": "initech.de", "type": "Competitor"}, "u2", old),
    )
    page = looked(alice, path, {"field.company": "Initech", "field.email": "kim@initech.de"})
    told = words(only(page, "section[aria-labelledby=account]"))
    assert "Initech (001B) is preferred, as it is the oldest" in told
    assert "Left out by the match policy Initech" in told
    assert "“account.type is not Competitor” does not hold (found: Competitor)." in told


def test_nothing_is_written(alice: Browser, book: Book, path: str) -> None:
    asked: list[str] = []
    book.crm.before = asked.append
    looked(alice, path, {"field.country": "France"})
    assert "put_rules" not in asked
    assert "apply" not in asked
    assert book.house.letters(book.install.id) == []


@pytest.mark.parametrize(
    "named",
    [
        "00Q000000000001AAA",
        "https://acme.lightning.force.com/lightning/r/Lead/00Q000000000001AAA/view",
        "https://acme.my.salesforce.com/00Q000000000001AAA",
        "Marie@Acme.fr",
    ],
)
def test_a_lead_is_found_by_id_address_and_mail(alice: Browser, book: Book, path: str, named: str) -> None:
    lead = book.lead(email="marie@acme.fr", last_name="Curie", country="Austria", employees=9000)
    index(book, lead)
    page = looked(alice, path, {"lead": named})
    assert "Curie: " in words(only(page, "#result"))
    assert "Großkunden 株式会社" in words(only(page, "#result ~ dl"))
    assert fields(page, "#ask")["field.country"] == "Austria"


def test_a_value_of_a_lead_is_changed_and_changed_back(alice: Browser, book: Book, path: str) -> None:
    book.lead(last_name="Curie", country="Austria", employees=9000)
    page = looked(alice, path, {"lead": "00Q000000000001AAA"})
    page = looked(alice, path, fields(page, "#ask") | {"field.employees": "10"})
    assert "Everyone else" in words(only(page, "#result ~ dl"))
    page = looked(alice, path, fields(page, "#ask") | {"field.employees": ""})
    assert "lead.employees >= 5000 would have to hold. Found: empty." in words(page)
    page = looked(alice, path, fields(page, "#ask") | {"field.employees": "9000"})
    assert "Großkunden 株式会社" in words(only(page, "#result ~ dl"))


def test_a_custom_field_is_named(alice: Browser, path: str) -> None:
    page = looked(alice, path, {"name-0": "LeadSource", "value-0": "Partner"})
    assert "Bob Burns" in words(only(page, "#result"))


@pytest.mark.parametrize(
    ("told", "box", "why"),
    [
        ({"value-1": "Gold", "name-1": " "}, "name-1", "Which field has this value?"),
        ({"name-0": "Tier__c", "value-0": "A", "name-2": "Tier__c", "value-2": "B"}, "name-2", "are the same field"),
        ({"name-0": "country", "value-0": "A", "field.country": "Austria"}, "name-0", "are the same field"),
        ({"name-1": "LeadSource", "value-1": "A", "field.source": "Partner"}, "name-1", "are the same field"),
    ],
)
def test_another_field_that_is_half_filled_in_or_there_twice_is_told_and_stays(
    alice: Browser, path: str, told: dict[str, str], box: str, why: str
) -> None:
    answer = alice.submit(path, **told)
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    (marked,) = page.select("[aria-invalid=true]")
    assert (marked["name"], marked["aria-describedby"]) == (box, f"{box}-why")
    assert why in words(only(page, f"#{box}-why"))
    still = fields(page, "#ask")
    assert {name: still[name] for name in told} == told
    assert page.select("details[open]")


def test_drafts_may_be_asked_instead(alice: Browser, book: Book, path: str) -> None:
    alice.submit(book.path(f"/items/{book.row('Partners').id}"), do="up")
    told = {"field.source": "Partner", "field.country": "Germany", "field.employees": "9000"}
    assert "Großkunden 株式会社" in words(only(looked(alice, path, told), "#result ~ dl"))
    assert "Partners" in words(only(looked(alice, path, told, rules="drafts"), "#result ~ dl"))


def refused(alice: Browser, path: str, **told: str) -> str:
    answer = alice.submit(path, **told)
    assert answer.status_code == 422
    return words(only(BeautifulSoup(answer.text, "html.parser"), ".notice.bad"))


def test_what_cannot_be_asked_is_told(alice: Browser, book: Book, path: str) -> None:
    assert "Name a lead, or type in at least one value." in refused(alice, path)
    assert "The CRM has no lead that is called so." in refused(alice, path, lead="00Q000000000009AAA")
    assert "The CRM has no lead that is called so." in refused(alice, path, lead="nobody@nowhere.example")

    def silent(_call: str) -> None:
        raise Later("no answer", seconds=30)

    book.crm.before = silent
    assert "The CRM does not answer" in refused(alice, path, lead="00Q000000000001AAA")


def test_drafts_with_faults_are_told_with_their_lines(alice: Browser, book: Book, path: str) -> None:
    text = "- rule: Partners\n  assign: nobody at all\n"
    record = book.row("Partners").id
    alice.submit(book.path(f"/edit/{record}"), editor="text", text=text, do="save")
    assert "line 2" in refused(alice, path, **{"field.country": "France", "rules": "drafts"})


def test_the_form_has_nothing_of_a_lead_in_its_address(alice: Browser, path: str) -> None:
    page = alice.page(path)
    assert only(page, "#ask")["method"] == "post"
    assert not page.select("#result")
    alice.page(f"/installs/{'0' * 32}/preview", status=404)
