"""Steps that the tests of the vault share."""

from __future__ import annotations

from typing import Any

import requests

from connector.crm import CrmName, Token
from connector.store.installs import Install
from tests.oauth.house import TOKEN_PATH, House
from tests.sandbox.control import Fault

TOKEN_CALL = {"salesforce": "POST /services/oauth2/token", "hubspot": "POST /oauth/2026-09/token$"}
DEAD = {"error": "invalid_grant", "error_description": "expired access/refresh token"}


def order(house: House, crm: CrmName, **fault: Any) -> None:
    control = house.salesforce.control if crm == "salesforce" else house.hubspot.control
    control.order(Fault(TOKEN_CALL[crm], **fault))


def calls(house: House, crm: CrmName) -> int:
    return house.calls(crm, TOKEN_PATH[crm])


def ready(house: House, crm: CrmName) -> tuple[Install, Token]:
    """An install with its first token; the CRM has seen no call yet."""
    house.hubspot.hub.settings.rotate_refresh = True  # the hard case: Salesforce rotates always, HubSpot may
    install = house.installed(crm)
    house.salesforce.control.forget_calls()
    house.hubspot.control.forget_calls()
    return install, house.vault.source(install).current()


def works(house: House, crm: CrmName, token: Token) -> bool:
    """Whether the CRM accepts the token."""
    path = "/services/oauth2/userinfo" if crm == "salesforce" else "/account-info/2026-09/details"
    answer = requests.get(
        token.base_url + path,
        headers={"Authorization": f"Bearer {token.access_token}"},
        verify=str(house.settings.salesforce_ca_file),
        timeout=10,
    )
    return answer.status_code == 200
