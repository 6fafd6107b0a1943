"""One signed-in HTTP session with an org: headers, timeouts, one renewal of the token, our four errors.

simple-salesforce makes the calls; its known faults are fenced here, and each has a test by name:

- it has no timeouts: the adapter injects them;
- it would renew a dead token hundreds of times: its hook stays unset, and we renew once;
- it reads how many calls the org has left on success only: a hook reads it from every answer, refusals too;
- it puts every query into the URL, which Salesforce caps: a long one is posted;
- it lets the environment overrule what the settings trust, and follows redirects: our own HTTP session does neither;
- its errors carry the URL with the query in it: they never leave this file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession
from urllib3.exceptions import NewConnectionError

from connector.crm import Allowance, Token, TokenSource
from connector.errors import Later, Next, Revoked
from connector.salesforce.answers import OUTAGE_SECONDS, faults, judge, lost
from connector.salesforce.headers import HEADERS
from connector.settings import Settings

_DEAD_TOKEN = "Bad_OAuth_Token"  # noqa: S105 - what the identity service answers, as text with 403
LONGEST_QUERY = 12_000
"""Bytes of a query in a URL. The URL and the headers may have 16,384 together, and a token may take 2,000 of them."""

_Make: TypeAlias = Callable[[Salesforce], Any]
_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")
"""In the header Sforce-Limit-Info; ``per-app-api-usage`` beside it is another count."""
_ELSEWHERE = frozenset({301, 302, 303, 307, 308})
_FAULT = 500
"""The status of every SOAP fault."""


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


class _Http(requests.Session):
    """Follows no redirect: a token, or what we write about a person, must not go where no setting sends it."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """There is never another place to go to."""
        _ = resp


class Session:
    """Calls to one org's REST API, for one thread.

    `calls` counts every HTTP call made. `allowance` is what the last answer said of the org's, None until one did.
    """

    def __init__(self, tokens: TokenSource, *, settings: Settings) -> None:
        self.calls = 0
        self.allowance: Allowance | None = None
        self._tokens = tokens
        self._version = settings.salesforce_api_version
        self._http = _Http()
        # REQUESTS_CA_BUNDLE and netrc would silently override what the settings say.
        self._http.trust_env = False
        self._http.headers.update(HEADERS)
        self._http.mount("https://", _Adapter(connect=settings.crm_connect_timeout, read=settings.crm_read_timeout))
        if settings.salesforce_ca_file is not None:
            self._http.verify = str(settings.salesforce_ca_file)
        self._http.hooks["response"].append(self._note_allowance)
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
        return {name: self.rows(page) for name, page in self._queried(texts).items()}

    def query_page(self, soql: str, *, tooling: bool = False) -> dict[str, Any]:
        """Return the first page of a query: ``{"totalSize", "done", "records", "nextRecordsUrl"?}``.

        A long one is posted, which costs one call too. [U] That a subrequest's URL may be longer than a call's own.
        """
        if not tooling and len(quote(soql)) > LONGEST_QUERY:
            return self._queried({"long": soql})["long"]
        page: dict[str, Any] = self.call("GET", "tooling/query" if tooling else "query", params={"q": soql})
        return page

    def limits(self) -> Allowance | None:
        """Ask how many calls the org has left, for when no answer has told; None when that is hidden from us.

        Source: REST API guide "Limits". Raises Later or Revoked.
        """
        body = self.call("GET", "limits") or {}
        daily = body.get("DailyApiRequests") if isinstance(body, Mapping) else None
        if not isinstance(daily, Mapping) or "Max" not in daily or "Remaining" not in daily:
            return None
        return Allowance(used=int(daily["Max"]) - int(daily["Remaining"]), total=int(daily["Max"]))

    def post_xml(self, path: str, body: Callable[[str], bytes], headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Post XML below the org's address; return the HTTP status and the answer. `body` makes it for an access token.

        A token that died is renewed as in :meth:`call`: SOAP tells of it in a fault, before anything was done. Raises
        Later or Revoked; what any other answer says is for the caller to judge.
        """

        def make(_client: Salesforce) -> tuple[int, bytes]:
            token = self.token()
            answer = self._http.post(f"{token.base_url}{path}", data=body(token.access_token), headers=dict(headers))
            if answer.status_code in _ELSEWHERE:
                raise _Moved(f"Salesforce sends us to another address ({answer.status_code})")
            if answer.status_code == _FAULT and b"INVALID_SESSION_ID" in answer.content:
                raise _Expired
            return answer.status_code, answer.content

        found: tuple[int, bytes] = self._twice(make)
        return found

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

    def _queried(self, texts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """Post up to five queries as one call; return their first pages by name."""
        root = f"/services/data/v{self._version}/query?q="
        parts = [{"method": "GET", "referenceId": name, "url": root + quote(text)} for name, text in texts.items()]
        answer = self.call("POST", "composite", json={"allOrNone": False, "compositeRequest": parts})
        pages: dict[str, dict[str, Any]] = {}
        for each in answer["compositeResponse"]:
            status = int(each["httpStatusCode"])
            if status >= 400:  # noqa: PLR2004
                raise judge(status, each["body"])
            pages[str(each["referenceId"])] = each["body"]
        return pages

    def _note_allowance(self, response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        """Read from any answer, also from a refusal, how many calls everybody has made and how many the org has."""
        found = _USAGE.search(response.headers.get("Sforce-Limit-Info", ""))
        if found is not None:
            self.allowance = Allowance(used=int(found[1]), total=int(found[2]))

    def _twice(self, make: _Make) -> Any:
        """Make a call; when the token has died or the org has moved, renew the token and make the call once more."""
        stale = self.token()
        try:
            return self._once(make, self._signed_in())
        except _Expired:
            self._token, self._client = self._tokens.renew(stale), None
        try:
            return self._once(make, self._signed_in())
        except _Moved as error:
            raise Later(str(error), seconds=OUTAGE_SECONDS, applied=False) from None
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
            if error.status in _ELSEWHERE:
                # With a new token comes the address of the org: it may have moved to another instance.
                raise _Moved(f"Salesforce sends us to another address ({error.status})") from None
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


class _Moved(_Expired):
    """The org does not answer at the address that came with the token."""


def _never_connected(error: requests.RequestException) -> bool:
    """Whether a call failed before anything of it was sent."""
    cause = error.args[0] if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(getattr(cause, "reason", None), NewConnectionError)


def _has_rows(content: Any) -> bool:
    """Whether an error's body is the result list of an action, whose status is an error when any input failed."""
    return isinstance(content, list) and any(isinstance(row, dict) and "isSuccess" in row for row in content)
