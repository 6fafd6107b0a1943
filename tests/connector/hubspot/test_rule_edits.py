"""Rules that are edited on HubSpot's settings page, in a portal without custom objects: from the click to a lead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connector.app import create_app
from connector.store import editions, installs, rulesets, shelves
from tests.connector.hubspot.test_clicks import ANA, BOB, PEOPLE, Office, connected, live
from tests.connector.web.hubspot_pages import page_of
from tests.sandbox.hubspot import Sandbox

PATH = "/hubspot/settings/rules"


@pytest.fixture(scope="module")
def shop(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A portal of a small subscription at work; Ana is its administrator."""
    house = live(sandbox, tmp_path_factory.mktemp("shop"))
    made = requests.post(f"{sandbox.url}/_control/portals", json={"tier": "professional"}, timeout=10).json()
    sandbox.load(made["portalId"], "owners", [{"properties": each} for each in PEOPLE])
    install = connected(house, str(made["portalId"]))
    with house.database.write() as connection:
        installs.add_admin(connection, install.id, str(ANA["userId"]), house.now)
    page = page_of(create_app(house), house, str(ANA["userId"]), portal_id=str(made["portalId"]))
    office = Office(sandbox, house, install, page, "")
    office.drain()
    yield office
    house.close()


def publish(shop: Office, **texts: str) -> Any:
    shown = shop.ana.get(PATH).get_json()
    assert shown["editable"], shown
    items = [
        {"id": each["id"], **({"definition": texts[each["name"]]} if each["name"] in texts else {})}
        for each in shown["items"]
    ]
    return shop.ana.post(PATH, {"version": shown["version"], "items": items}, method="PUT")


def new_lead(shop: Office, mail: str) -> str:
    """A contact comes in; returns who owns it when the workers are done."""
    new = {"email": mail, "firstname": "Kim", "lastname": "Lee", "company": "Initech"}
    shop.contact = str(shop.order("create", object="contacts", properties=new)["id"])
    shop.route(mail)
    return str(shop.properties().get("hubspot_owner_id") or "")


def test_what_is_published_on_the_page_decides_the_next_lead_and_is_an_edition_like_any_other(shop: Office) -> None:
    with shop.house.database.read() as connection:
        assert shelves.standing(connection, shop.install.id).kind == "properties"
    answer = publish(shop, Everyone="- pool: Everyone\n  members: [bob@example.com]")
    assert answer.status_code == 200, answer.text
    shop.drain()
    assert new_lead(shop, "one@initech.com") == str(BOB["id"])
    shown = shop.ana.get(PATH).get_json()
    with shop.house.database.read() as connection:
        seal = shop.house.seal(shop.install)
        live = rulesets.get(connection, shop.install.id, seal)
        assert live is not None
        edition = editions.by_version(connection, shop.install.id, seal, live.version)
    assert edition is not None
    assert edition.by == "Ana Diaz"
    assert {each["version"] for each in shown["items"]} == {live.version}
    assert shown["error"] == ""


def test_a_wrong_text_changes_nothing_of_what_is_live(shop: Office) -> None:
    answer = publish(shop, Everyone="- pool: Everyone\n  members: []")
    assert answer.status_code == 422
    assert answer.get_json()["faults"]
    with shop.house.database.read() as connection:
        rows = shelves.rules(connection, shop.install.id, shop.house.seal(shop.install))
    assert "bob@example.com" in next(row.definition for row in rows if row.name == "Everyone")
