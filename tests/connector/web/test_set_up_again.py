"""Setting up once more, and a portal whose rules stand in Switchyard alone."""

from __future__ import annotations

import pytest
from flask import Flask

from connector.store import progress, rulesets, shelves
from connector.store.installs import Install
from connector.store.shelves import Standing
from tests.connector.web.kit import Browser, House, browser, main

PORTAL, ADMIN = "247187887", "9586504"


@pytest.fixture
def portal(house: House) -> Install:
    return house.connect("hubspot", PORTAL, "Acme portal", admin=ADMIN)


@pytest.fixture
def admin(app: Flask, portal: Install) -> Browser:
    client = browser(app)
    client.sign_in("hubspot", PORTAL, ADMIN)
    return client


def test_an_administrator_has_everything_set_up_again(house: House, admin: Browser, portal: Install) -> None:
    own = f"/installs/{portal.id}"
    with house.database.write() as connection:
        progress.start(connection, portal.id, "setup", now=house.now)
        progress.move(connection, portal.id, "setup", now=house.now, state="done", done=1)
    assert "Set up again" in main(admin.page(f"{own}/check"))
    assert admin.submit(f"{own}/setup").status_code == 303
    with house.database.read() as connection:
        (work,) = progress.of(connection, portal.id)
    assert (work.name, work.state, work.done) == ("setup", "waiting", 0)
    assert house.rung == [portal.id]


def test_who_has_lost_access_connects_again_instead(house: House, admin: Browser, portal: Install) -> None:
    house.connect("hubspot", PORTAL, "Acme portal", status="revoked")
    assert "Set up again" not in main(admin.page(f"/installs/{portal.id}/check"))


@pytest.mark.parametrize("kind", ["custom_objects", "properties"])
def test_it_is_said_where_the_rules_stand_and_whether_they_go_with_the_connection(
    house: House, admin: Browser, portal: Install, kind: str
) -> None:
    here = kind == "properties"
    with house.database.write() as connection:
        shelves.choose(connection, portal.id, Standing(kind), now=house.now)
        rulesets.put(connection, portal.id, house.seal(portal), sources=[], version="v1", now=house.now)
    shown = main(admin.page(f"/installs/{portal.id}"))
    assert "Create or change a contact in HubSpot" in shown
    assert ("They live in Switchyard, because this portal has no place for them." in shown) == here
    assert ("They live in HubSpot as Routing Rule records." in shown) == (not here)
    leaving = admin.page(f"/installs/{portal.id}/disconnect")
    told = main(leaving)
    assert bool(leaving.select(f"main li a[href='/installs/{portal.id}/rules']")) == here
    assert ("the rules themselves" in told) == here
    assert ("the Routing Rule and Routing Audit records" in told) == (not here)
