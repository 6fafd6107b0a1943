"""What the tests of a page of one's own are made of: an org with sellers, their leads, and their browsers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from connector.errors import Next
from connector.store import assignments, installs, pauses, rotation, rulesets
from connector.store.assignments import Assignment
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from oauth import reps
from oauth.flow import REP
from rules.model import Mode, Standing, User
from rules.routing.rotation import after
from rules.ruleset import Source, load, split
from tests.connector.web.kit import ANA, PUBLIC_URL, Browser, CheckedCrm, House, decision
from tests.fakes import FakeCrm

SAM = User("005000000000002AAA", "Sam Seller", "sam@example.com", zone="America/New_York")
TOM = User("005000000000003AAA", "Tom Turner", "tom@example.com", zone="Europe/Paris")
RULES = """
- rule: Enterprise EMEA
  assign: pool "EMEA enterprise"
- pool: EMEA enterprise
  members: [{user: sam@example.com, cap: 3 per day}, tom@example.com]
- pool: Only Tom
  members: [tom@example.com, ana@example.com]
"""
LEAD, TOMS = "00Q000000000001AAA", "00Q000000000002AAA"


class Directory(FakeCrm):
    """A CRM that says who its users are, or raises; it counts how often it is asked."""

    answer_users: Next | None = None
    asked: int = 0

    def users(self) -> tuple[User, ...]:
        self.asked += 1
        if self.answer_users:
            raise self.answer_users
        return super().users()


class Rep(Browser):
    """The browser of somebody who is no administrator."""

    def sign_in_as_rep(self, install: Install, user: User) -> dict[str, Any]:
        """What the OAuth flow leaves in the session."""
        house = cast("House", self.application.extensions["switchyard"])
        epoch = reps.enter(StoredMemo(house.database, install.id, house.seal(install), house.clock), user.id)
        person = {"crm": install.crm, "tenant_id": install.tenant_id, "user_id": user.id, "name": user.name}
        noted = {**person, "at": house.clock().timestamp(), "epoch": epoch}
        with self.session_transaction(base_url=PUBLIC_URL) as session:
            session[REP] = noted
        return noted


def rep_of(app: Flask, install: Install, user: User) -> Rep:
    app.test_client_class = Rep
    client = cast("Rep", app.test_client())
    client.sign_in_as_rep(install, user)
    return client


@pytest.fixture
def crm(house: House, acme: Install) -> Directory:
    made = Directory(people=[ANA, SAM, TOM])
    house.crms[acme.id] = cast("CheckedCrm", made)
    return made


def mode(house: House, install: Install, wanted: Mode) -> None:
    with house.database.write() as connection:
        installs.set_mode(connection, install.id, wanted)


def give(house: House, install: Install, *given: tuple[str, str, User], how: Mode = "act") -> None:
    """Have decisions (key, lead id, person) give leads away."""
    for key, lead_id, user in given:
        made = decision(key, mode=how)
        route = replace(made.route, assignee=user, reason=f"It was the turn of {user.name} ({key}).")
        lead = replace(made.lead, id=lead_id, fields={"name": f"Lead of {user.name}"})
        house.decide(install, replace(made, lead=lead, route=route))
        with house.database.write() as connection:
            row = Assignment(key, lead_id, user.id, None, "EMEA enterprise", how, house.now)
            assignments.add(connection, install.id, [row])


@pytest.fixture
def desk(house: House, acme: Install, crm: Directory) -> Install:
    """Sam got a lead and Tom two, in the mode act."""
    mode(house, acme, "act")
    standing: Standing = {}
    for taker in (TOM, SAM, TOM):
        standing = after(standing, taker.id, {SAM.id: 1, TOM.id: 1})
    sources = [Source(item.name, item.text) for item in split(RULES)]
    with house.database.write() as connection:
        rotation.put(connection, acme.id, {"EMEA enterprise": standing})
        version = load(sources).version
        rulesets.put(connection, acme.id, house.seal(acme), sources=sources, version=version, now=house.now)
    give(house, acme, ("d1", LEAD, SAM), ("d2", TOMS, TOM))
    return acme


@pytest.fixture
def sam(app: Flask, desk: Install) -> Rep:
    return rep_of(app, desk, SAM)


def words(page: BeautifulSoup, section: str) -> str:
    found = page.select_one(f"section[aria-labelledby={section}]")
    assert found is not None
    return found.get_text(" ", strip=True)


def holders(house: House, install: Install) -> dict[str, tuple[str, str]]:
    """Who was given each lead last, and how that ended."""
    with house.database.read() as connection:
        rows = assignments.of_leads(connection, install.id, [LEAD, TOMS], mode=install.mode)
    return {lead_id: (given[-1].user_id, given[-1].ending) for lead_id, given in rows.items()}


def paused(house: House, install: Install) -> list[pauses.Pause]:
    with house.database.read() as connection:
        return pauses.every(connection, install.id, now=house.now)


def flashed(client: Browser) -> str:
    found = client.page("/me").select_one(".flash")
    return "" if found is None else found.get_text(" ", strip=True)


def out(answer: TestResponse) -> bool:
    """Whether somebody was sent to the front page."""
    return (answer.status_code, answer.headers.get("Location")) == (303, "/")


def session_of(client: Browser) -> dict[str, Any]:
    with client.session_transaction(base_url=PUBLIC_URL) as session:
        return dict(session)
