"""The front page: which CRM can be connected, and a My Domain that is typed."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from connector.app import create_app
from tests.connector.web.kit import Browser, House, browser, main


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
