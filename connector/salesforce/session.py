"""One signed-in HTTP session with an org: headers, timeouts, one renewal of the token, our four errors.

simple-salesforce makes the calls; its known faults are fenced here. It has no timeouts (the adapter injects them), it
would renew a dead token hundreds of times (its hook stays unset; we renew once), and its errors carry the URL with the
query in it (they never leave this file).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession
from urllib3.exceptions import NewConnectionError

from connector.crm import Token, TokenSource
from connector.errors import Next, Revoked
from connector.salesforce.answers import faults, judge, lost
from connector.salesforce.headers import HEADERS
from connector.settings import Settings

_DEAD_TOKEN = "Bad_OAuth_Token"  # noqa: S105 - what the identity service answers, as text with 403
_Make: TypeAlias = Callable[[Salesforce], Any]


class _Adapter(HTTPAdapter):
    """Gives every request its timeouts, in seconds."""

    def __init__(self, *, connect: float, read: float) -> None:
        super().__init__()
        self._timeout = (connect, read)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Send with our timeouts unless the caller brought its own."""
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._timeout
        return super().send(request, **kwargs)


class Session:
    """Calls to one org's REST API, for one thread. `calls` counts every HTTP call made."""

    def __init__(self, tokens: TokenSource, *, settings: Settings) -> None:
        self.calls = 0
        self._tokens = tokens
        self._version = settings.salesforce_api_version
        self._http = requests.Session()
        # REQUESTS_CA_BUNDLE and netrc would silently override what the settings say.
        self._http.trust_env = False
        self._http.headers.update(HEADERS)
        self._http.mount("https://", _Adapter(connect=settings.crm_connect_timeout, read=settings.crm_read_timeout))
        if settings.salesforce_ca_file is not None:
            self._http.verify = str(settings.salesforce_ca_file)
        self._token: Token | None = None
        self._client: Salesforce | None = None

    def call(self, method: str, path: str, *, params: dict[str, str] | None = None, json: Any = None) -> Any:
        """Make one call below ``/services/data/vXX.X/`` and return the parsed answer (None when it is empty).

        Raises Ignored (it is not there), Later, Revoked or Refused (StaleSchema for an unknown field). A token that
        died is renewed once for all who share it and the call repeated once: a 401 has had no effect.
        """
        return self._twice(lambda client: client.restful(path, params=params, method=method, json=json))

    def query(self, soql: str, *, tooling: bool = False) -> list[dict[str, Any]]:
        """Return all rows of a query, page by page."""
        return self.rows(self.query_page(soql, tooling=tooling))

    def rows(self, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of a query whose first page is `answer`, with those of the pages that follow."""
        rows = list(answer["records"])
        while not answer.get("done", True):
            # "/services/data/v66.0/query/01g…-2000": the client wants what follows the version.
            answer = self.call("GET", str(answer["nextRecordsUrl"]).split(f"/v{self._version}/", 1)[1])
            rows.extend(answer["records"])
        return rows

    def queries(self, texts: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
        """Make up to five queries in one call; return their rows by name. Raises what the first refused one says.

        Source: REST API guide "Composite": its queries count as one call.
        """
        root = f"/services/data/v{self._version}/query?q="
        parts = [{"method": "GET", "referenceId": name, "url": root + quote(text)} for name, text in texts.items()]
        answer = self.call("POST", "composite", json={"allOrNone": False, "compositeRequest": parts})
        rows: dict[str, list[dict[str, Any]]] = {}
        for each in answer["compositeResponse"]:
            status = int(each["httpStatusCode"])
            if status >= 400:  # noqa: PLR2004
                raise judge(status, each["body"])
            rows[str(each["referenceId"])] = self.rows(each["body"])
        return rows

    def query_page(self, soql: str, *, tooling: bool = False) -> dict[str, Any]:
        """Return the first page of a query: ``{"totalSize", "done", "records", "nextRecordsUrl"?}``."""
        page: dict[str, Any] = self.call("GET", "tooling/query" if tooling else "query", params={"q": soql})
        return page

    def who(self) -> dict[str, Any]:
        """Return who is signed in (``user_id``, ``organization_id``, both with 18 characters)."""
        found: dict[str, Any] = self._twice(lambda client: client.oauth2("userinfo"))
        return found

    def token(self) -> Token:
        """Return the token in use."""
        if self._token is None:
            self._token = self._tokens.current()
        return self._token

    def close(self) -> None:
        """Release the connections."""
        self._http.close()

    def _twice(self, make: _Make) -> Any:
        """Make a call; when the token has died, renew it and make the call once more."""
        stale = self.token()
        try:
            return self._once(make, self._signed_in())
        except _Expired:
            self._token, self._client = self._tokens.renew(stale), None
        try:
            return self._once(make, self._signed_in())
        except _Expired:
            raise Revoked("Salesforce does not accept the token it has just given us: connect again") from None

    def _once(self, make: _Make, client: Salesforce) -> Any:
        """Make a call and translate what goes wrong; nothing of the client's error is kept, it may hold data."""
        self.calls += 1
        verdict: Next
        try:
            return make(client)
        except SalesforceExpiredSession as error:
            found = faults(error.content)
            if not found or found[0].code == "INVALID_SESSION_ID":
                raise _Expired from None
            verdict = judge(error.status, error.content)
        except SalesforceError as error:
            content: Any = error.content  # declared as bytes; it is the parsed JSON, or text
            if content == _DEAD_TOKEN:
                raise _Expired from None
            if _has_rows(content):
                return content
            verdict = judge(error.status, content)
        except requests.RequestException as error:
            verdict = lost(type(error).__name__, sent=not _never_connected(error))
        except ValueError:
            verdict = lost("the answer was no JSON")
        raise verdict from None

    def _signed_in(self) -> Salesforce:
        """Return a client that uses the token in use."""
        if self._client is None:
            token = self.token()
            self._client = Salesforce(
                instance_url=token.base_url,
                session_id=token.access_token,
                session=self._http,
                version=self._version,
                object_pairs_hook=dict,
            )
        return self._client


class _Expired(Exception):  # noqa: N818 - it never leaves this file
    """The token died."""


def _never_connected(error: requests.RequestException) -> bool:
    """Whether a call failed before anything of it was sent."""
    cause = error.args[0] if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(getattr(cause, "reason", None), NewConnectionError)


def _has_rows(content: Any) -> bool:
    """Whether an error's body is the result list of an action, whose status is an error when any input failed."""
    return isinstance(content, list) and any(isinstance(row, dict) and "isSuccess" in row for row in content)
