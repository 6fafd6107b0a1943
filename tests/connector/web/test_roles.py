"""Roles: whatever the address and the method, a role sees its parts of its own install, and changes nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from connector.desk import log, roles, support
from connector.desk.roles import Part
from connector.errors import Later
from connector.store import grants, installs
from connector.store.installs import Install
from connector.store.schema import metadata
from tests.connector.web.conftest import ALICE
from tests.connector.web.kit import ANA, PUBLIC_URL, Browser, House, browser
from tests.connector.web.sellers import SAM, TOM, Directory, Rep, crm, desk, out, rep_of, session_of
from tests.connector.web.test_access import Way, bobs, ways

__all__ = ["bobs", "crm", "desk"]

PARTS: dict[str, Part] = {
    "activity": "activity",
    "access": "access",
    "changes": "changes",
    "cleanup": "duplicates",
    "decisions": "activity",
    "duplicates": "duplicates",
    "mapping": "matching",
    "matching": "matching",
    "pools": "people",
    "preview": "preview",
    "reports": "reports",
    "reviews": "duplicates",
    "rule_editor": "rules",
    "rules": "rules",
    "runs": "matching",
    "settings": "settings",
    "simulation": "rules",
    "simulations": "rules",
    "support": "health",
    "console.install": "home",
    "console.today": "home",
    "console.work": "home",
    "console.check": "health",
}
"""Which part of the console a view, or each view of a blueprint, belongs to; what is not here is administrators'."""
MINE: dict[str, frozenset[str]] = {
    "manager": frozenset({"console.install", "decisions.listing", "pools.listing"}),
    "support": frozenset(
        {"console.install", "decisions.listing", "pools.listing", "settings.page", "changes.listing", "mapping.listing"}
    ),
}
"""Pages that open for a role, whatever else does."""
REFRESHED = {"memo"}
"""What the CRM answered is remembered by whoever looks first."""


def rows(house: House) -> dict[str, list[Any]]:
    """Everything that the database holds, but for what is remembered of the CRM."""
    with house.database.read() as connection:
        tables = [each for each in metadata.sorted_tables if each.name not in REFRESHED]
        return {each.name: sorted(map(repr, connection.execute(select(each)))) for each in tables}


@pytest.fixture
def manager(house: House, app: Flask, desk: Install) -> Rep:
    """The browser of Sam, whom Alice made a manager before he signed in."""
    roles.make_manager(house, desk, SAM.id, by=ALICE)
    return rep_of(app, desk, SAM)


@pytest.fixture
def helper(house: House, app: Flask, desk: Install) -> Browser:
    """The browser of somebody from support who came in by Alice's leave."""
    made, client = support.make(house, desk, hours=4, by=ALICE), browser(app)
    page = client.page("/support")
    token = page.select_one("main input[name=csrf_token]")
    assert token is not None
    fields = {"csrf_token": str(token["value"]), "code": made.code.lower().replace("-", " "), "name": "Sue"}
    answer = client.post("/support", data=fields)
    assert answer.headers["Location"] == f"/installs/{desk.id}"
    return client


@pytest.fixture
def unprotected(app: Flask) -> Iterator[None]:
    """So that it is the role that refuses, and not the missing token."""
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = True


def part_of(way: Way) -> Part | None:
    return PARTS.get(way.endpoint) or PARTS.get(way.endpoint.split(".")[0])


def ask(client: Browser, way: Way) -> int:
    fields = {"mode": "act", "understood": "yes", "days": "1", "hours": "1", "name": "x", "scope": "read"}
    return client.open(way.path, method=way.method, data=fields if way.method != "GET" else None).status_code


@pytest.mark.usefixtures("unprotected")
@pytest.mark.parametrize("role", ["manager", "support"])
def test_a_role_opens_its_parts_changes_no_row_and_finds_nothing_else(
    role: roles.Role, request: pytest.FixtureRequest, app: Flask, house: House, desk: Install
) -> None:
    client: Browser = request.getfixturevalue("manager" if role == "manager" else "helper")
    assert client.get(f"/installs/{desk.id}").status_code == 200
    before = rows(house)
    for way in ways(app, desk.id, "d1"):
        status, part = ask(client, way), part_of(way)
        if way.endpoint == "decisions.search":
            assert status == 303, (role, "it is sent as a form, and only looks")
        elif way.method != "GET" or part is None or not roles.sees(role, part):
            assert status == 404, (role, way)
        elif way.endpoint in MINE[role]:
            assert status == 200, (role, way)
        else:
            assert status in {200, 303, 404}, (role, way)
    assert rows(house) == before
    assert house.rung == []


@pytest.mark.usefixtures("unprotected")
@pytest.mark.parametrize("who", ["manager", "helper"])
def test_another_install_is_not_there_for_any_role(
    who: str, request: pytest.FixtureRequest, app: Flask, house: House, bobs: Install
) -> None:
    client: Browser = request.getfixturevalue(who)
    before = rows(house)
    for way in ways(app, bobs.id, "d1"):
        assert ask(client, way) == 404, way
    assert rows(house) == before


def test_a_manager_reaches_the_home_of_their_install_and_is_shown_no_more(manager: Rep, desk: Install) -> None:
    front = manager.page("/")
    assert front.select_one(f"a[href='/installs/{desk.id}']"), "the front page leads there"
    page = manager.page(f"/installs/{desk.id}")
    places = {str(each["href"]) for each in page.select("nav.places a")}
    assert f"/installs/{desk.id}/pools" in places
    assert not {f"/installs/{desk.id}/{each}" for each in ("access", "changes", "duplicates")} & places
    assert manager.page("/me").select_one("h1"), "their own page is theirs still"


def test_a_change_of_role_ends_every_session_of_that_person(
    app: Flask, house: House, desk: Install, alice: Browser
) -> None:
    sam = rep_of(app, desk, SAM)
    assert sam.get("/me").status_code == 200
    assert alice.submit(f"/installs/{desk.id}/access/managers", user="SAM@example.com").status_code == 303
    assert out(sam.get("/me")), "an old cookie does not carry the new role"
    manager = rep_of(app, desk, SAM)
    assert manager.get(f"/installs/{desk.id}").status_code == 200
    page = alice.page(f"/installs/{desk.id}/access")
    assert "Sam Seller" in page.select_one("section[aria-labelledby=people]").text  # type: ignore[union-attr]
    alice.submit(f"/installs/{desk.id}/access/managers/{SAM.id}/end")
    assert out(manager.get(f"/installs/{desk.id}"))
    assert out(rep_of(app, desk, SAM).get(f"/installs/{desk.id}")), "signed in anew they are a rep"
    told = [(each.did, each.by, each.about) for each in log.listed(house, desk).changes]
    assert told == [("manager ended", ALICE, SAM.id), ("manager made", ALICE, SAM.id)]


@pytest.mark.parametrize("typed", ["", "nobody@example.com", "005000000000009AAA"])
def test_nobody_becomes_a_manager_whom_the_crm_does_not_know(
    typed: str, house: House, desk: Install, alice: Browser
) -> None:
    answer = alice.submit(f"/installs/{desk.id}/access/managers", user=typed)
    assert answer.status_code == 422
    assert "no such active user" in answer.text
    with house.database.read() as connection:
        assert grants.every(connection, desk.id) == []


def test_a_manager_who_left_or_whose_org_went_away_sees_nothing(
    house: House, manager: Rep, crm: Directory, desk: Install
) -> None:
    crm.people = [ANA, TOM]
    house.now += timedelta(seconds=house.settings.directory_seconds)
    assert manager.get(f"/installs/{desk.id}").status_code == 404
    house.now += timedelta(seconds=house.settings.directory_seconds)
    crm.answer_users = Later("Busy", seconds=1)
    assert manager.get(f"/installs/{desk.id}").status_code == 503, "nobody says that they are active"
    with house.database.write() as connection:
        installs.set_status(connection, desk.id, "revoked", "The app was removed.")
    assert out(manager.get(f"/installs/{desk.id}"))


def test_support_sees_until_the_admin_ends_it_and_a_code_serves_once(
    app: Flask, house: House, desk: Install, alice: Browser
) -> None:
    answer = alice.submit(f"/installs/{desk.id}/access/support", hours="4")
    code = answer.text.split('id="secret" value="')[1].split('"')[0]
    app.config["WTF_CSRF_ENABLED"] = False
    first, second = browser(app), browser(app)
    first.get(f"/installs/{desk.id}/decisions/d1")
    entered = first.post("/support", data={"code": code, "name": "Sue"})
    assert (entered.status_code, entered.headers["Location"]) == (303, f"/installs/{desk.id}/decisions/d1")
    again = second.post("/support", data={"code": code, "name": "Eve"})
    assert (again.status_code, "opens nothing" in again.text) == (422, True)
    assert first.get(f"/installs/{desk.id}/settings").status_code == 200
    page = alice.page(f"/installs/{desk.id}/access")
    ends = page.select_one("section[aria-labelledby=support] form[action$='/end']")
    assert ends is not None
    assert "Sue" in page.text
    assert code not in page.text
    alice.post(str(ends["action"]))
    assert out(first.get(f"/installs/{desk.id}/settings"))
    told = [(each.did, each.about) for each in log.listed(house, desk).changes]
    assert told == [("leave ended", ""), ("support came", "Sue"), ("leave given", "4")]


def test_support_is_out_when_the_hours_are_over_and_when_they_go(
    app: Flask, house: House, helper: Browser, desk: Install
) -> None:
    stolen = browser(app)
    with stolen.session_transaction(base_url=PUBLIC_URL) as session:
        session.update(session_of(helper))
    assert stolen.get(f"/installs/{desk.id}").status_code == 200
    helper.submit("/signout")
    assert out(stolen.get(f"/installs/{desk.id}")), "no copy of the session counts"
    made, late = support.make(house, desk, hours=1, by=ALICE), browser(app)
    app.config["WTF_CSRF_ENABLED"] = False
    late.post("/support", data={"code": made.code, "name": "Sue"})
    assert late.get(f"/installs/{desk.id}").status_code == 200
    house.now += timedelta(hours=1)
    assert out(late.get(f"/installs/{desk.id}"))
    unused = support.make(house, desk, hours=1, by=ALICE)
    house.now += timedelta(hours=1)
    assert browser(app).post("/support", data={"code": unused.code, "name": "Sue"}).status_code == 422


def test_coming_in_keeps_nothing_of_the_session_before(app: Flask, house: House, alice: Browser, desk: Install) -> None:
    made = support.make(house, desk, hours=1, by=ALICE)
    app.config["WTF_CSRF_ENABLED"] = False
    alice.post("/support", data={"code": made.code, "name": "Sue"})
    assert set(session_of(alice)) <= {"support", "csrf_token"}
    assert alice.get(f"/installs/{desk.id}/access").status_code == 404


def test_every_part_is_somebodys_and_only_an_administrator_has_all() -> None:
    every = roles.SEES["admin"]
    assert roles.SEES["rep"] == frozenset()
    assert all(seen < every for role, seen in roles.SEES.items() if role != "admin")
    assert not {"access", "preview", "duplicates"} & (roles.SEES["support"] | roles.SEES["manager"])


@pytest.mark.parametrize("who", ["manager", "helper"])
def test_every_entry_of_the_navigation_opens_for_whoever_is_shown_it(
    request: pytest.FixtureRequest, desk: Install, who: str
) -> None:
    client: Browser = request.getfixturevalue(who)
    shown = [str(each["href"]) for each in client.page(f"/installs/{desk.id}").select("nav a[href^='/installs/']")]
    assert {url: client.get(url).status_code for url in shown} == dict.fromkeys(shown, 200)
    assert shown
