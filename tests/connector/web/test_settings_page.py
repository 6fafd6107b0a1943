"""Settings: the mode, what counts as a lead, and leaving; each asks before it does what cannot be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from connector.hubspot import leads
from connector.store import installs, progress
from connector.store.installs import Install
from jobs import choice
from tests.connector.web.conftest import ORG
from tests.connector.web.kit import Browser, House, browser

CHARLIE = "77"


@pytest.fixture
def portal(house: House) -> Install:
    return house.connect("hubspot", "247187887", "Charlie's portal", admin=CHARLIE)


@pytest.fixture
def charlie(app: Flask, portal: Install) -> Browser:
    client = browser(app)
    client.sign_in("hubspot", portal.tenant_id, CHARLIE)
    return client


def grant_leads(house: House, portal: Install) -> None:
    values: dict[str, Any] = {"crm": "hubspot", "tenant_id": portal.tenant_id, "name": portal.name}
    with house.database.write() as connection:
        installs.connect(
            connection, **values, base_url=portal.base_url, scopes=leads.SCOPES, new_key=b"", now=house.now
        )


def routes_of(house: House, portal: Install) -> str:
    found = house.install(portal.id)
    return found.routes if found else ""


@pytest.mark.parametrize("fields", [{}, {"mode": "fly"}, {"mode": "act"}, {"mode": "act", "understood": "no"}])
def test_the_mode_stays_when_it_is_none_or_not_understood(
    fields: dict[str, str], house: House, alice: Browser, acme: Install
) -> None:
    answer = alice.submit(f"/installs/{acme.id}/settings/mode", **fields)
    fault = BeautifulSoup(answer.text, "html.parser").select_one("#fault[role=alert]")
    assert answer.status_code == 422
    assert fault is not None
    assert house.install(acme.id) == acme


def test_the_page_shows_the_mode_in_force_and_a_form_for_each_other(alice: Browser, acme: Install) -> None:
    page = alice.page(f"/installs/{acme.id}/settings")
    current = page.select_one("article.current h3")
    assert current is not None
    assert current.text == "Observe"
    assert [str(each["value"]) for each in page.select(".modes input[name=mode]")] == ["suggest", "act"]
    assert not page.select("#routes"), "in Salesforce there is nothing to choose"


def test_what_counts_as_a_lead_is_chosen_with_the_consequences_said(
    house: House, charlie: Browser, portal: Install
) -> None:
    at = f"/installs/{portal.id}/settings"
    assert not charlie.page(at).select("input[name=routes]"), "HubSpot has not granted leads"
    wish = {"routes": "leads", "before": "contacts", "sure": "yes"}
    assert charlie.submit(f"{at}/routes", **wish).status_code == 422
    grant_leads(house, portal)
    assert len(charlie.page(at).select("input[name=routes]")) == 3
    unsure = charlie.submit(f"{at}/routes", routes="leads", before="contacts")
    assert (unsure.status_code, "Tick the box" in unsure.text) == (422, True)
    late = charlie.submit(f"{at}/routes", **(wish | {"before": "leads and contacts"}))
    assert (late.status_code, "Somebody else has chosen" in late.text) == (422, True)
    assert routes_of(house, portal) == "contacts"
    assert charlie.submit(f"{at}/routes", **wish).status_code == 303
    assert routes_of(house, portal) == "leads"
    with house.database.read() as connection:
        assert choice.NAME in {each.name for each in progress.of(connection, portal.id)}
    assert house.rung == [portal.id]


@pytest.mark.parametrize("typed", ["", "Acme", "acme corp 2"])
def test_nothing_is_deleted_until_the_name_is_typed(typed: str, house: House, alice: Browser, acme: Install) -> None:
    answer = alice.submit(f"/installs/{acme.id}/disconnect", name=typed)
    assert (answer.status_code, "Nothing was deleted." in answer.text) == (422, True)
    assert house.install(acme.id) == acme


def test_who_types_the_name_disconnects(house: House, alice: Browser, acme: Install) -> None:
    assert alice.submit(f"/installs/{acme.id}/disconnect", name=" acme  Corp ").status_code == 303
    assert house.install(acme.id) is None
    assert house.install_of("salesforce", ORG) is None
