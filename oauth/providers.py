"""The provider of each CRM."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connector.crm import CrmName
from connector.settings import Settings
from oauth.grant import Provider
from oauth.hubspot import HubSpot
from oauth.salesforce import Salesforce


def provider(crm: CrmName, settings: Settings, clock: Callable[[], datetime]) -> Provider:
    """Return the OAuth of a CRM; `clock` is the time now in UTC."""
    return Salesforce(settings) if crm == "salesforce" else HubSpot(settings, clock)
