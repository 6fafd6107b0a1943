"""Sign-ins of users who are no administrators: their own page, and nothing of what administrators have."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.errors import Later, Revoked
from connector.store import grants, installs
from connector.store.grants import Grant
from connector.store.installs import Install
from oauth import hubspot
from rules.model import User
from tests.oauth.house import (
    HUBSPOT_ADMIN,
    PUBLIC_URL,
    SALESFORCE_USER,
    House,
    Visitor,
    lose_rights,
    refused,
    second_admin,
)


@pytest.fixture
def acme(house: House) -> Install:
    """A connected org whose standard user Sam can own leads."""
    house.visitor().connect("salesforce")
    row = house.salesforce.org.user_by_name(SALESFORCE_USER)
    assert row is not None
    house.people = {str(row["Id"]): User(str(row["Id"]), "Sam Seller")}
    [install] = house.every()
    return install


def sign_in(house: House, visitor: Visitor | None = None) -> Visitor:
    visitor = visitor or house.visitor()
    assert visitor.connect("salesforce", "signin", who="user") == (303, "/me")
    return visitor


def admins(house: House, install: Install) -> list[str]:
    with house.database.read() as connection:
        query = installs.admin.select().where(installs.admin.c.install_id == install.id)
        return [row.user_id for row in connection.execute(query)]


def test_a_user_who_is_no_administrator_lands_on_their_own_page_as_a_rep(house: House, acme: Install) -> None:
    before = admins(house, acme)
    session = sign_in(house).session()
    assert set(session) == {"rep"}, "no session of an administrator"
    rep = session["rep"]
    assert set(rep) == {"crm", "tenant_id", "user_id", "name", "at", "epoch"}
    assert (rep["crm"], rep["tenant_id"], rep["name"]) == ("salesforce", acme.tenant_id, "Sam Seller")
    assert house.lets_in_rep(acme, rep)
    assert not house.lets_in(acme, rep)
    assert admins(house, acme) == before
    assert len(house.told) == 1


def test_a_manager_lands_on_the_home_of_their_install_with_a_session_of_their_own(house: House, acme: Install) -> None:
    assert not isinstance(house.people, Exception)
    (user,) = house.people
    with house.database.write() as connection:
        grants.give(connection, acme.id, Grant(user, "manager", "005", house.clock()))
    visitor = house.visitor()
    visitor.connect("salesforce")
    assert visitor.connect("salesforce", "signin", who="user") == (303, f"/installs/{acme.id}")
    assert set(visitor.session()) == {"rep"}, "nothing of the administrator before them goes along"


def test_a_user_who_is_not_in_the_list_of_users_cannot_sign_in(house: House, acme: Install) -> None:
    """Customers and partners of the org can sign in at Salesforce too; those who left are not active."""
    house.people = {}
    visitor = house.visitor()
    refused(visitor.connect("salesforce", "signin", who="user"), 403, "not in the list of users")
    assert visitor.session() == {}


def test_a_plain_user_cannot_sign_in_where_nothing_is_connected(house: House) -> None:
    visitor = house.visitor()
    refused(visitor.connect("salesforce", "signin", who="user"), 403, "administrator")
    assert visitor.session() == {}


def test_a_plain_user_still_cannot_connect_an_org(house: House, acme: Install) -> None:
    visitor = house.visitor()
    refused(visitor.connect("salesforce", "install", who="user"), 403, "administrator")
    assert visitor.session() == {}
    assert len(house.told) == 1


def test_a_rep_of_an_org_whose_access_was_withdrawn_cannot_sign_in(house: House, acme: Install) -> None:
    house.people = Revoked("The app was removed.")
    refused(house.visitor().connect("salesforce", "signin", who="user"), 403, "administrator")
    with house.database.write() as connection:
        installs.set_status(connection, acme.id, "revoked", "The app was removed.")
    house.people = AssertionError("nobody is asked")
    refused(house.visitor().connect("salesforce", "signin", who="user"), 403, "administrator")


def test_a_list_of_users_that_cannot_be_read_now_lets_nobody_in(house: House, acme: Install) -> None:
    house.people = Later("Busy.", seconds=30)
    visitor = house.visitor()
    refused(visitor.connect("salesforce", "signin", who="user"), 503, "does not answer")
    assert visitor.session() == {}


def test_an_administrator_who_is_one_no_more_comes_back_as_a_rep(house: House, acme: Install) -> None:
    username = second_admin(house)
    row = house.salesforce.org.user_by_name(username)
    assert row is not None
    house.people = {str(row["Id"]): User(str(row["Id"]), "Iris")}
    visitor = house.visitor()
    visitor.connect("salesforce", "signin", who=username)
    who = visitor.session()["who"]
    lose_rights(house, username)
    assert visitor.connect("salesforce", "signin", who=username) == (303, "/me")
    assert set(visitor.session()) == {"rep"}
    assert not house.lets_in(acme, who)


def test_a_rep_who_became_an_administrator_is_no_rep_any_more(house: House, acme: Install) -> None:
    username = second_admin(house)
    visitor = house.visitor()
    with visitor.client.session_transaction(base_url=PUBLIC_URL) as session:
        session["rep"] = {"crm": "salesforce", "user_id": "someone else"}
    visitor.connect("salesforce", "signin", who=username)
    assert set(visitor.session()) == {"who"}
    lose_rights(house, username)


def test_signing_in_as_a_rep_starts_a_new_session(house: House, acme: Install) -> None:
    visitor = house.visitor()
    with visitor.client.session_transaction(base_url=PUBLIC_URL) as session:
        session["left by an attacker"] = "x"
        session["who"] = {"crm": "salesforce", "user_id": "someone else", "name": "x"}
    sign_in(house, visitor)
    assert set(visitor.session()) == {"rep"}


def test_signing_out_ends_every_copy_of_a_reps_session_and_no_later_one(house: House, acme: Install) -> None:
    visitor, other = sign_in(house), sign_in(house)
    rep = visitor.session()["rep"]
    assert rep["epoch"] == other.session()["rep"]["epoch"]
    answer = visitor.client.post("/signout", base_url=PUBLIC_URL)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert visitor.session() == {}
    assert not house.lets_in_rep(acme, rep)
    later = sign_in(house).session()["rep"]
    assert house.lets_in_rep(acme, later)
    other.client.post("/signout", base_url=PUBLIC_URL)
    assert house.lets_in_rep(acme, later), "an old cookie ends nothing of today"


def test_a_reps_sign_in_runs_out_after_twelve_hours(house: House, acme: Install) -> None:
    rep = sign_in(house).session()["rep"]
    house.clock.ahead = timedelta(hours=11, minutes=59)
    assert house.lets_in_rep(acme, rep)
    house.clock.ahead = timedelta(hours=12, seconds=1)
    assert not house.lets_in_rep(acme, rep)


def test_with_the_install_every_reps_session_goes_even_when_it_is_connected_again(house: House, acme: Install) -> None:
    rep = sign_in(house).session()["rep"]
    house.vault.disconnect(acme)
    house.visitor().connect("salesforce")
    [again] = house.every()
    assert again.tenant_id == acme.tenant_id
    assert not house.lets_in_rep(again, rep)


def test_a_rep_of_hubspot_is_noted_by_the_id_that_owns_leads(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should HubSpot ever say who is no administrator: leads belong to owner ids, people sign in with others."""
    house.visitor().connect("hubspot")
    house.people = {str(HUBSPOT_ADMIN): User("41629779", "Sam Seller", login_id=str(HUBSPOT_ADMIN))}
    monkeypatch.setattr(hubspot, "IS_ADMIN", False)
    visitor = house.visitor()
    assert visitor.connect("hubspot", "signin") == (303, "/me")
    assert visitor.session()["rep"]["user_id"] == "41629779"
