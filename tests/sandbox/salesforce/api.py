"""The REST API without HTTP: a call goes in, an answer comes out; composite requests make calls of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .errors import SalesforceError
from .records import Actor
from .soql_sql import Compiler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .org import Org
    from .tokens import Session

VERSIONS = {"66.0": "Spring '26", "67.0": "Summer '26"}
_PATH = re.compile(r"/services/data/v(?P<version>\d+\.\d)(?P<rest>/.*)?\Z")


@dataclass(frozen=True)
class Call:
    """One REST call. `path` is what follows ``/services/data/vXX.X``, already unquoted; header names are lower-case."""

    method: str
    version: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    session: Session
    raw_path: str = ""

    def actor(self) -> Actor:
        """Who this call writes as, and what its headers ask for."""
        client = next(
            (
                value.strip()
                for part in re.split(r"[;,]", self.headers.get("sforce-call-options", ""))
                for name, _, value in [part.partition("=")]
                if name.strip() == "client"
            ),
            "",
        )
        origin = f"com/salesforce/api/rest/{self.version}" + (f";client={client}" if client else "")
        # The default is to run the active assignment rule; only FALSE prevents it.
        assign = self.headers.get("sforce-auto-assign", "TRUE").strip().upper() != "FALSE"
        return Actor(self.session.user_id, origin, api=True, auto_assign=assign)


@dataclass
class Answer:
    """What a call is answered with; no `body` means no content."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """One resource: a method, a pattern for the path after the version, and what serves it."""

    method: str
    pattern: re.Pattern[str]
    serve: Callable[..., Answer]


class Api:
    """All resources of the REST API."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self._routes: list[Route] = []

    def route(self, method: str, pattern: str, serve: Callable[..., Answer]) -> None:
        """Serve ``METHOD /services/data/vXX.X<pattern>``; ``<name>`` in the pattern stands for one path segment."""
        expression = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", pattern)
        self._routes.append(Route(method, re.compile(f"{expression}/?\\Z"), serve))

    def answer(self, call: Call) -> Answer:
        """Serve a call; errors become answers."""
        try:
            return self._serve(call)
        except SalesforceError as error:
            return Answer(error.status, error.body())

    def _serve(self, call: Call) -> Answer:
        known = False
        for route in self._routes:
            match = route.pattern.match(call.raw_path)
            if match is None:
                continue
            known = True
            if route.method == call.method:
                return route.serve(call, **{name: unquote(value) for name, value in match.groupdict().items()})
        if known:
            raise SalesforceError("METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed.")
        raise SalesforceError("NOT_FOUND", "The requested resource does not exist")

    def call(self, method: str, url: str, *, headers: Mapping[str, str], body: Any, session: Session) -> Call:
        """Make a call from a method and a URL; NOT_FOUND or UNSUPPORTED_API_VERSION for what is no REST resource."""
        parts = urlsplit(url)
        match = _PATH.match(parts.path)
        if match is None:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        version = match["version"]
        if float(version) <= 30:
            raise SalesforceError("UNSUPPORTED_API_VERSION", f"API version {version} is no longer supported")
        if version not in VERSIONS:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        raw = (match["rest"] or "").rstrip("/")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        lowered = {name.lower(): value for name, value in headers.items()}
        return Call(method, version, unquote(raw), query, lowered, body, session, raw)

    def compiler(self, user_id: str) -> Compiler:
        """A SOQL compiler that sees what this user sees."""
        people = self.org.people
        return Compiler(
            self.org.schema,
            user_id,
            lambda name: people.allows(user_id, name, "Read"),
            lambda sobject, name: people.hidden(user_id, sobject, name),
        )
