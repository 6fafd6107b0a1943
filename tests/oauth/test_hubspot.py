"""What HubSpot's OAuth does in its own way."""

from __future__ import annotations

import dataclasses

import pytest

from tests.oauth.grants import ready
from tests.oauth.house import House, refused
from tests.sandbox.control import Fault


def test_tokens_of_any_length_are_kept_whole(house: House) -> None:
    """HubSpot sets no limit to the length of a token."""
    install, _ = ready(house, "hubspot")
    grant = house.vault._source(install).good()
    long = dataclasses.replace(grant, access_token="a" * 6_000, refresh_token="r" * 6_000)
    with house.database.write() as connection:
        house.vault.keep(connection, install.id, house.keyring.seal(install.key), long)
    kept = house.vault._source(install).good()
    assert (kept.access_token, kept.refresh_token) == (long.access_token, long.refresh_token)


def test_a_token_that_hubspot_calls_inactive_connects_nothing(house: House) -> None:
    house.hubspot.control.order(Fault("POST .*/token/introspect", status=200, body={"active": False}))
    refused(house.visitor().connect("hubspot"), 400, "did not accept the sign-in")
    assert house.every() == []


@pytest.mark.parametrize(
    ("told", "opened"),
    [
        ("app-eu1.hubspot.com", "https://app-eu1.hubspot.com"),
        ("app.hubspot.com.evil.example", "https://app.hubspot.com"),
        ("", "https://app.hubspot.com"),
    ],
)
def test_a_portal_is_opened_in_the_region_where_it_is(house: House, told: str, opened: str) -> None:
    details = {"portalId": house.portal, "accountType": "STANDARD", "uiDomain": told}
    house.hubspot.control.order(Fault("GET /account-info", status=200, body=details))
    house.visitor().connect("hubspot")
    [install] = house.every()
    assert install.base_url == opened
