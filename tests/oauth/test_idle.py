"""A grant that sleeps: Salesforce forgets a refresh token that nobody used for thirty days."""

from __future__ import annotations

import pytest

from connector.errors import Revoked
from tests.oauth.grants import ready, works
from tests.oauth.house import House

DAY = 86_400


def age(house: House, days: int) -> None:
    """Make every token of the org as much older."""
    with house.salesforce.org.store.write() as connection:
        connection.execute("UPDATE sys_token SET issued = issued - ?", (days * DAY,))


def test_each_renewal_starts_the_thirty_days_anew(house: House) -> None:
    install, token = ready(house, "salesforce")
    source = house.vault.source(install)
    for _ in range(3):
        age(house, 29)
        token = source.renew(token)
    assert works(house, "salesforce", token)


def test_a_grant_that_nobody_used_for_thirty_days_is_dead_and_its_admin_is_told(house: House) -> None:
    install, token = ready(house, "salesforce")
    age(house, 31)
    with pytest.raises(Revoked):
        house.vault.source(install).renew(token)
    after = house.install(install.id)
    assert after is not None
    assert (after.status, after.key) == ("revoked", install.key)
    assert "Connect again" in after.reason
    assert house.installed("salesforce").status == "active"
