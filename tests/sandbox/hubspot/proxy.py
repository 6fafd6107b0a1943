"""What HubSpot calls an app with from inside a portal: pages by ``hubspot.fetch``, and workflows.

The proxy adds who asks to the address, signs the whole, and lets no other header through. Sources: HubSpot's pages
"Fetching data" (UI extensions), "Validating requests" and "Custom workflow actions".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from tests.sandbox.hubspot.signature import sign_v3


@dataclass(frozen=True)
class Call:
    """A request on its way to the app; `url` is the full public address."""

    method: str
    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Proxy:
    """One app in one portal, used by one person of it."""

    secret: str
    app_id: str
    portal_id: str
    user_id: str
    email: str = "ana@example.com"

    def fetch(self, method: str, url: str, body: Any = None, *, at: datetime) -> Call:
        """Return what arrives when a page fetches `url`, which may have a query of its own."""
        mine = {"portalId": self.portal_id, "userId": self.user_id, "userEmail": self.email, "appId": self.app_id}
        address = f"{url}{'&' if '?' in url else '?'}{urlencode(mine, quote_via=quote)}"
        return self.sign(method, address, b"" if body is None else json.dumps(body).encode(), at=at)

    def execute(self, url: str, record_id: int, *, at: datetime, callback: str = "ap-1-2-3-0", **changes: Any) -> Call:
        """Return what arrives when a workflow executes the app's action on a contact."""
        sent: dict[str, Any] = {
            "callbackId": callback,
            "origin": {"portalId": int(self.portal_id), "actionDefinitionId": 10646377, "actionDefinitionVersion": 1},
            "context": {"source": "WORKFLOWS", "workflowId": 192814114},
            "object": {"objectId": record_id, "objectType": "CONTACT"},
            "inputFields": {},
        }
        return self.sign("POST", url, json.dumps(sent | changes).encode(), at=at)

    def sign(self, method: str, url: str, body: bytes, *, at: datetime) -> Call:
        """Return a request with the signature over all of it."""
        timestamp = str(round(at.timestamp() * 1000))
        headers = {
            "X-HubSpot-Signature-v3": sign_v3(self.secret, method, url, body, timestamp),
            "X-HubSpot-Request-Timestamp": timestamp,
            "Content-Type": "application/json",
        }
        return Call(method, url, body, headers)
