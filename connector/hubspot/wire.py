"""The way to HubSpot: one pool of connections under the whole client library, and our rules for every call.

hubspot-api-client builds a pool per API object, has no timeouts, retries in its own way and knows only the undated
paths, which HubSpot ends in September 2027. So a :class:`Wire` takes the place of the library's REST client: the
library still writes the requests, the wire carries them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import urllib3

from connector.errors import Later
from connector.hubspot.answers import OUTAGE_SECONDS, next_step
from connector.hubspot.budget import GENERAL, Uncounted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.crm import Token, TokenSource
    from connector.hubspot.budget import Budget

VERSION = "2026-09"
"""The dated API version (HubSpot releases one each March and September and supports it for 18 months)."""

_CRM = re.compile(r"^/crm/v[34]/([a-z]+)")
_SCHEMAS = re.compile(r"^/crm-object-schemas/v3")
_UNREACHED_SECONDS = 5.0


RESERVE = 40
"""Calls left of HubSpot's 110 in ten seconds below which rounds slow down: several rounds' worth."""
CALLS_A_ROUND = 5
"""What a round of up to 100 leads costs: read, update, link, task, audit."""


def breath(headers: Mapping[str, str]) -> float:
    """Return how long a round should wait for the next, by the limit headers of an answer (seconds, 0 = no need).

    It is what is left where no budget is shared: the headers count everybody's calls, but tell of them afterwards.
    Slowing down costs less than a 429, which stops the portal for the rest of its ten seconds.
    """
    try:
        left, most = int(headers["X-HubSpot-RateLimit-Remaining"]), int(headers["X-HubSpot-RateLimit-Max"])
        interval = int(headers["X-HubSpot-RateLimit-Interval-Milliseconds"]) / 1000
    except (KeyError, ValueError):
        return 0.0
    return min(CALLS_A_ROUND * interval / most, interval) if left < RESERVE and most > 0 else 0.0


def uncounted(headers: Mapping[str, str]) -> float:
    """Return how long nobody should call (seconds), as HubSpot has counted more calls than our budget; mostly 0.

    So it is when Redis was emptied: it gives moments away anew that are used already. HubSpot's headers still know.
    """
    try:
        left, most = int(headers["X-HubSpot-RateLimit-Remaining"]), int(headers["X-HubSpot-RateLimit-Max"])
        interval = int(headers["X-HubSpot-RateLimit-Interval-Milliseconds"]) / 1000
    except (KeyError, ValueError):
        return 0.0
    return interval if most - left > GENERAL.calls + 1 else 0.0


def dated(path: str) -> str:
    """Rewrite a path of the library (``/crm/v3/objects/…``) to the dated API (``/crm/objects/2026-09/…``)."""
    path = _CRM.sub(rf"/crm/\1/{VERSION}", path)
    return _SCHEMAS.sub(f"/crm-object-schemas/{VERSION}", path).rstrip("/")


class Wire:
    """Carries calls with the install's token and answers parsed JSON; raises the four errors and nothing else.

    Each call waits for its moment in the shared `budget`. A 401 is answered once with a renewed token. Nothing else is
    ever repeated here. Not shared between threads.
    """

    def __init__(
        self, tokens: TokenSource, *, connect_timeout: float, read_timeout: float, budget: Budget | None = None
    ) -> None:
        self._tokens = tokens
        self._budget = budget or Uncounted()
        self.calls = 0
        self.breath = 0.0
        self._pool = urllib3.PoolManager(
            maxsize=1, retries=False, timeout=urllib3.Timeout(connect=connect_timeout, read=read_timeout)
        )

    def send(
        self, method: str, path: str, *, query: Sequence[tuple[str, Any]] = (), body: Any = None, headers: Any = None
    ) -> Any:
        """Make one call to an undated or dated `path` and return its JSON (None when the answer is empty)."""
        target = dated(path) + (f"?{urlencode(query)}" if query else "")
        content = None if body is None else json.dumps(body).encode()
        token = self._tokens.current()
        answer = self._once(method, target, content, token, headers)
        if answer.status == 401:  # noqa: PLR2004 - the token died before its time
            answer = self._once(method, target, content, self._tokens.renew(token), headers)
        if not 200 <= answer.status < 300:  # noqa: PLR2004
            refusal = next_step(answer.status, answer.headers, answer.data)
            if answer.status == 429 and isinstance(refusal, Later):  # noqa: PLR2004
                self._budget.hold(target, refusal.seconds)
            raise refusal
        if not answer.data:
            return None
        try:
            return json.loads(answer.data)
        except ValueError:
            raise Later("HubSpot's answer was not JSON", seconds=OUTAGE_SECONDS) from None

    def _once(
        self, method: str, target: str, content: bytes | None, token: Token, headers: Mapping[str, str] | None
    ) -> urllib3.BaseHTTPResponse:
        """Send it over the pool; whatever goes wrong underneath may pass."""
        counted = self._budget.take(target)
        self.calls += 1
        sent = dict(headers or {}) | {"Authorization": f"Bearer {token.access_token}"}
        if content is not None:
            sent["Content-Type"] = "application/json"
        try:
            answer = self._pool.request(method, token.base_url + target, body=content, headers=sent, redirect=False)
        except (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError):
            raise Later("HubSpot could not be reached", seconds=_UNREACHED_SECONDS, applied=False) from None
        except urllib3.exceptions.HTTPError:
            # The call may have arrived: the ledger has it as begun, and the next attempt looks before it repeats.
            raise Later("HubSpot did not answer", seconds=_UNREACHED_SECONDS) from None
        self.breath = 0.0 if counted else breath(answer.headers)
        if counted and (seconds := uncounted(answer.headers)):
            self._budget.hold(target, seconds)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()


class LibraryRest:
    """What the library's ApiClient calls instead of its own RESTClientObject (same methods, same keywords)."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def _send(self, method: str, url: str, known: Mapping[str, Any]) -> Any:
        query = list(known.get("query_params") or ())
        return self._wire.send(method, url, query=query, body=known.get("body"), headers=known.get("headers"))

    def GET(self, url: str, **known: Any) -> Any:  # noqa: N802 - the library's spelling, here and below
        """Read."""
        return self._send("GET", url, known)

    def POST(self, url: str, **known: Any) -> Any:  # noqa: N802
        """Create, search or batch."""
        return self._send("POST", url, known)

    def PATCH(self, url: str, **known: Any) -> Any:  # noqa: N802
        """Change."""
        return self._send("PATCH", url, known)

    def DELETE(self, url: str, **known: Any) -> Any:  # noqa: N802
        """Archive."""
        return self._send("DELETE", url, known)
