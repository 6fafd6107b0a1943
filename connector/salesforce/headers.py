"""The headers that every call to Salesforce carries."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

APP_TOKEN = "Switchyard"  # noqa: S105 - a name: it comes back as ``client=`` in the origin of our own changes

ORIGIN_HEADERS: Mapping[str, str] = MappingProxyType({"Sforce-Call-Options": f"client={APP_TOKEN}"})
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        **ORIGIN_HEADERS,
        # Without this the org's assignment rules run after us and overwrite the owner, on update too.
        "Sforce-Auto-Assign": "FALSE",
        # A lead that exists already must be routable, whatever duplicate rules say of new ones.
        "Sforce-Duplicate-Rule-Header": "allowSave=true",
    }
)
