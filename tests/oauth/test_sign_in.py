"""Signing in to the console, and out again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connector.crm import CrmName
from oauth.grant import Grant
from oauth.providers import provider
from tests.oauth.house import PUBLIC_URL, SALESFORCE_ADMIN, House, Visitor, lose_rights, refused, second_admin


def alive(house: House, grant: Grant) -> bool:
    """Whether Salesforce still knows a token of the grant."""
    org = house.salesforce.org.tokens
    return any(org.introspect(token)["active"] for token in (grant.access_token, grant.refresh_token))


def test_an_admin_of_a_connected_crm_signs_in_and_the_stored_tokens_stay(house: House, crm: CrmName) -> None:
    house.visitor().connect(crm)
    [install] = house.every()
    stored, token = house.stored_token(install), house.vault.source(install).current()
    visitor = house.visitor()
    assert visitor.connect(crm, "signin") == (303, f"/installs/{install.id}")
    assert set(visitor.session()) == {"who"}
    assert visitor.session()["who"]["crm"] == crm
    assert house.stored_token(install) == stored
    assert len(house.told) == 1
    assert house.vault.source(install).renew(token).access_token


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/installs/{id}/decisions/d1?back=1", "/installs/{id}/decisions/d1?back=1"),
        ("/installs/{id}x/decisions", "/installs/{id}"),
        ("/installs/another/decisions", "/installs/{id}"),
        ("https://evil.example/installs/{id}/", "/installs/{id}"),
        ("", "/installs/{id}"),
    ],
)
def test_who_came_by_a_link_goes_on_to_it_in_their_own_install_alone(house: House, wanted: str, goes_to: str) -> None:
    house.visitor().connect("salesforce")
    [install] = house.every()
    visitor = house.visitor()
    with visitor.client.session_transaction(base_url=PUBLIC_URL) as session:
        session["wanted"] = wanted.format(id=install.id)
    assert visitor.connect("salesforce", "signin") == (303, goes_to.format(id=install.id))
    assert set(visitor.session()) == {"who"}


def test_a_second_admin_becomes_admin_of_the_install(house: House) -> None:
    house.visitor().connect("salesforce")
    [install] = house.every()
    other = second_admin(house)
    visitor = house.visitor()
    assert visitor.connect("salesforce", "signin", who=other)[0] == 303
    assert house.lets_in(install, visitor.session()["who"])


def test_a_sign_in_refused_for_rights_that_were_lost_ends_what_they_opened(house: House) -> None:
    house.visitor().connect("salesforce")
    [install] = house.every()
    user = second_admin(house)
    first, again = house.visitor(), house.visitor()
    for visitor in (first, again):
        visitor.connect("salesforce", "signin", who=user)
    who = first.session()["who"]
    assert house.lets_in(install, who)
    lose_rights(house, user)
    refused(again.connect("salesforce", "signin", who=user), 403, "administrator")
    assert again.session() == {}
    assert not house.lets_in(install, who), "the other browser's session is over too"
    second_admin(house)
    again.connect("salesforce", "signin", who=user)
    assert house.lets_in(install, again.session()["who"])
    assert not house.lets_in(install, who)


def test_rights_that_are_not_shown_again_run_out(house: House, crm: CrmName) -> None:
    visitor = house.visitor()
    visitor.connect(crm)
    [install] = house.every()
    who = visitor.session()["who"]
    house.clock.ahead = timedelta(hours=12, seconds=1)
    assert not house.lets_in(install, who)
    visitor.connect(crm, "signin")
    assert house.lets_in(install, visitor.session()["who"])


def test_a_hubspot_portal_that_is_not_connected_keeps_no_grant_after_a_sign_in(house: House) -> None:
    refused(house.visitor().connect("hubspot", "signin"), 403, "Not connected yet")
    assert house.calls("hubspot", "/oauth/2026-09/token/revoke") == 1
    house.visitor().connect("hubspot")
    house.visitor().connect("hubspot", "signin")
    assert house.calls("hubspot", "/oauth/2026-09/token/revoke") == 1, "a connected one keeps its own"


def test_a_salesforce_sign_in_asks_for_no_refresh_token_and_revokes_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.visitor().connect("salesforce")
    there = provider("salesforce", house.settings, house.clock)
    seen: list[Grant] = []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            return getattr(there, name)

        def exchange(self, **values: Any) -> Grant:
            seen.append(there.exchange(**values))
            return seen[-1]

    monkeypatch.setattr(house.vault, "provider", lambda _crm: Watched())
    assert house.visitor().connect("salesforce", "signin")[0] == 303
    assert seen[0].refresh_token == ""
    assert not alive(house, seen[0])


def test_a_stranger_to_the_product_cannot_sign_in(house: House, crm: CrmName) -> None:
    visitor = house.visitor()
    refused(visitor.connect(crm, "signin"), 403, "Not connected yet")
    assert visitor.session() == {}
    assert house.every() == []


def test_signing_in_starts_a_new_session(house: House, crm: CrmName) -> None:
    visitor: Visitor = house.visitor()
    with visitor.client.session_transaction(base_url=PUBLIC_URL) as session:
        session["left by an attacker"] = "x"
        session["who"] = {"crm": crm, "user_id": "someone else", "name": "x"}
    visitor.connect(crm)
    assert set(visitor.session()) == {"who"}
    assert visitor.session()["who"]["user_id"] != "someone else"


def test_a_failed_sign_in_keeps_who_was_signed_in_before(house: House) -> None:
    visitor = house.visitor()
    visitor.connect("hubspot")
    who = visitor.session()["who"]
    refused(visitor.connect("salesforce", "signin"), 403, "Not connected yet")
    assert visitor.session()["who"] == who


def test_signing_out_forgets_everything(house: House) -> None:
    visitor = house.visitor()
    visitor.connect("hubspot")
    [install] = house.every()
    who = visitor.session()["who"]
    assert house.lets_in(install, who)
    assert visitor.client.get("/signout", base_url=PUBLIC_URL).status_code == 405
    answer = visitor.client.post("/signout", base_url=PUBLIC_URL)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert visitor.session() == {}
    assert not house.lets_in(install, who), "a copy of the cookie opens nothing"


def test_two_orgs_are_two_installs_with_their_own_keys(house: House) -> None:
    house.visitor().connect("salesforce")
    house.visitor().connect("hubspot")
    first, second = house.every()
    assert first.key != second.key
    assert {first.crm, second.crm} == {"salesforce", "hubspot"}
    assert SALESFORCE_ADMIN not in {first.name, second.name}
