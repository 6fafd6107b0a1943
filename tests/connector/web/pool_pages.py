"""What the tests of pools and their people are made of: rules with pools, and a CRM that says who is who."""

from __future__ import annotations

from typing import cast

import pytest
from bs4 import BeautifulSoup

from connector.store import rotation, rulesets
from connector.store.installs import Install
from rules.calendar import window
from rules.model import Standing, User
from rules.routing.rotation import after
from rules.ruleset import Source, load, split
from tests.connector.web.kit import ANA, Browser, CheckedCrm, House
from tests.connector.web.sellers import Directory

BOB = User("005000000000002AAA", "Bob Ömer", "bob@example.com", zone="America/New_York")
CEM = User("005000000000003AAA", "Cem Kaya", "cem@example.com", active=False)
RULES = """
- rule: Enterprise EMEA
  assign: pool "EMEA enterprise"
  escalate:
    - {after: 15 minutes, remind: true}
    - {after: 4 working hours, to: manager}
- pool: EMEA enterprise
  members:
    - {user: ana@example.com, weight: 2, cap: 3 per day}
    - {user: bob@example.com, hours: "Mon-Fri 09:00-17:00 America/New_York", open leads: 20}
    - {user: cem@example.com, when: [lead.country is France]}
    - nobody@example.com
- pool: By load
  by: fewest open leads
  members: [ana@example.com, bob@example.com]
- pool: By account
  sticky: account
  members: [ana@example.com, bob@example.com]
- pool: By skill
  by: best fit
  members: [{user: ana@example.com, skills: [fr]}, {user: bob@example.com, skills: [en]}]
- pool: Alone
  members: [ana@example.com]
"""


@pytest.fixture
def crm(house: House, acme: Install) -> Directory:
    made = Directory(people=[ANA, BOB, CEM])
    house.crms[acme.id] = cast("CheckedCrm", made)
    return made


def in_force(house: House, install: Install, text: str = RULES) -> None:
    sources = [Source(item.name, item.text) for item in split(text)]
    with house.database.write() as connection:
        version = load(sources).version
        seal = house.seal(install)
        rulesets.put(connection, install.id, seal, sources=sources, version=version, now=house.now)


@pytest.fixture
def desk(house: House, acme: Install, crm: Directory) -> Install:
    """Ana got three leads and Bob one, of the pool of weights 2 to 1; today Ana had her three."""
    standing: Standing = {}
    for taker in (ANA, BOB, ANA, ANA):
        standing = after(standing, taker.id, {ANA.id: 2, BOB.id: 1})
    today = {window("day", house.now, "UTC"): 3}
    standing = {**standing, ANA.id: {**standing[ANA.id], **today}}
    with house.database.write() as connection:
        rotation.put(connection, acme.id, {"EMEA enterprise (observe)": standing})
    in_force(house, acme)
    return acme


def pool(page: BeautifulSoup, name: str = "EMEA enterprise") -> BeautifulSoup:
    return cast("BeautifulSoup", next(each for each in page.select("section.pool") if name in each.text))


def rows(page: BeautifulSoup, name: str = "EMEA enterprise") -> dict[str, list[str]]:
    """Return the cells of a pool's members by name."""
    found = {}
    for row in pool(page, name).select("table.stacked tbody tr"):
        title, *cells = (each.get_text(" ", strip=True) for each in row.select("th, td"))
        found[title] = cells
    return found


def open_page(alice: Browser, install: Install) -> BeautifulSoup:
    return alice.page(f"/installs/{install.id}/pools")
