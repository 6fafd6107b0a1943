"""A client of the JSON API: keys, repetition without doing anything twice, pages, and problems as sentences."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import requests
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

PREFIX = "/api/v1"
ATTEMPTS = 5
"""How often a request is sent at most; with the pauses between them, a restart of the server is outlived."""
LONGEST_WAIT = 60.0
"""Who must wait for longer is told so instead."""
CONNECT_SECONDS, READ_SECONDS = 5.0, 90.0
"""A permission check or a simulation's first page may keep the server for a minute."""
AGAIN = frozenset({429, 502, 503, 504})
GET = "GET"
LONGEST_PAGE = 200

Asked = Mapping[str, Any]


class Refusal(Exception):  # noqa: N818 - it is what the API did
    """What was asked was not done. `status` 0: no answer came. `problem` is what the API said (RFC 9457)."""

    def __init__(self, detail: str, *, status: int = 0, problem: Asked | None = None) -> None:
        super().__init__(detail)
        self.status, self.problem = status, dict(problem or {})


class _Again(Exception):  # noqa: N818 - it is what to do
    """The same request is worth sending again, after `seconds` if the server said so."""

    def __init__(self, refusal: Refusal, seconds: float | None = None) -> None:
        super().__init__(str(refusal))
        self.refusal, self.seconds = refusal, seconds


class _Bearer(AuthBase):
    """The key; given as auth, a .netrc cannot take its place."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._key}"
        return r


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its JSON (None for none), its text, and the ETag to send back as If-Match."""

    data: Any
    text: str
    etag: str = ""


@dataclass(slots=True)
class Client:
    """The API at one address with one key. Raises Refusal for whatever was not done."""

    url: str
    key: str = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def __post_init__(self) -> None:
        where = urlsplit(self.url)
        if where.scheme != "https" and not (where.scheme == "http" and _is_here(where.hostname or "")):
            raise Refusal("The address must begin with https://, or the key could be read on the way.")
        self.session.auth = _Bearer(self.key)
        self.session.headers["User-Agent"] = "switchyard-cli"

    def get(self, path: str, **query: Any) -> Any:
        """Return what stands at `path`; names without a value are left out of the query."""
        return self.send(GET, path, query=query).data

    def write(self, method: str, path: str, body: Asked | None = None, *, if_match: str = "") -> Any:
        """Change something, once however often it must be sent; return what was answered."""
        return self.send(method, path, body=body, if_match=if_match).data

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Return the pages of a list, each when it is needed."""
        cursor: str | None = ""
        while cursor is not None:
            page: dict[str, Any] = self.get(path, **query, cursor=cursor)
            yield page
            cursor = page.get("next")

    def items(self, path: str, *, most: int, sized: bool = True, **query: Any) -> list[dict[str, Any]]:
        """Return the first `most` things of a list; `sized`: the list lets us say how many are on a page."""
        found: list[dict[str, Any]] = []
        limit = {"limit": min(most, LONGEST_PAGE)} if sized else {}
        for page in self.pages(path, **query, **limit):
            found.extend(page["items"])
            if len(found) >= most:
                break
        return found[:most]

    def send(
        self, method: str, path: str, *, query: Asked | None = None, body: Asked | None = None, if_match: str = ""
    ) -> Told:
        """Send one request, again while that is worth it. A write has an idempotency key, the same each time."""
        headers = {} if method == GET else {"Idempotency-Key": str(uuid4())}
        if if_match:
            headers["If-Match"] = if_match
        params = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        tries = Retrying(
            retry=retry_if_exception_type(_Again), stop=stop_after_attempt(ATTEMPTS), wait=_pause, sleep=self.sleep
        )
        try:
            for attempt in tries.copy(reraise=True):
                with attempt:
                    return self._once(method, path, params, body, headers)
        except _Again as error:
            raise error.refusal from None
        raise Refusal("The request was never sent.")  # pragma: no cover - the loop returns or raises

    def _once(self, method: str, path: str, params: Asked, body: Asked | None, headers: Mapping[str, str]) -> Told:
        address = self.url.rstrip("/") + PREFIX + path
        try:
            answer = self.session.request(
                method,
                address,
                params=params,
                json=body,
                headers=headers,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            host = urlsplit(self.url).netloc
            raise _Again(Refusal(f"{host} does not answer ({type(error).__name__}).")) from None
        if answer.ok and not answer.is_redirect:
            data = answer.json() if "json" in answer.headers.get("Content-Type", "") else None
            return Told(data, answer.text, answer.headers.get("ETag", ""))
        raise _refused(answer)


def address(*parts: str) -> str:
    """Return a path made of these parts, each of them quoted."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def _refused(answer: requests.Response) -> Exception:
    try:
        problem = answer.json()
    except (ValueError, json.JSONDecodeError):
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    if "type" in problem:
        detail = str(problem.get("detail", problem.get("title", "")))
    else:
        detail = f"There is no Switchyard API at this address (it answered {answer.status_code})."
    refusal = Refusal(detail, status=answer.status_code, problem=problem)
    waiting = str(problem.get("type", "")).endswith("#in-progress")
    if answer.status_code not in AGAIN and not waiting:
        return refusal
    seconds = _seconds(answer.headers.get("Retry-After", ""))
    return refusal if seconds is not None and seconds > LONGEST_WAIT else _Again(refusal, seconds)


def _pause(state: RetryCallState) -> float:
    """Return the seconds until the next attempt: what the server said, else twice as long each time."""
    error = state.outcome.exception() if state.outcome else None
    told = error.seconds if isinstance(error, _Again) else None
    return told if told is not None else 0.5 * 2.0**state.attempt_number


def _seconds(told: str) -> float | None:
    return float(told) if told.isascii() and told.isdecimal() else None


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
