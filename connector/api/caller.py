"""Who calls: the key that was sent, the install it belongs to, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request

from connector.api.problems import NO_KEY, SCOPE, Trouble
from connector.desk import keys
from connector.store.api_keys import ApiKey
from connector.store.installs import Install

if TYPE_CHECKING:
    from connector.services import Services

EXTENSION = "switchyard"
SCHEME = "bearer"
MISSING = "No key was sent. Send one of this install: Authorization: Bearer sy_..."
UNKNOWN = "This key opens nothing: it is mistyped, expired or revoked."


@dataclass(frozen=True, slots=True)
class Caller:
    """The install and its key that a request came with."""

    services: Services
    install: Install
    key: ApiKey

    @property
    def by(self) -> str:
        """Who did it, in the words of the log of changes."""
        return f"key:{self.key.id}"

    @property
    def name(self) -> str:
        """What the history of the rules calls it."""
        return f"API key {self.key.name}"


def services() -> Services:
    """Return what this process works with; create_app put it there."""
    return cast("Services", current_app.extensions[EXTENSION])


def admitted() -> Caller:
    """Return who calls. Raises Trouble (401) when no key was sent, or one that opens nothing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != SCHEME or not token.strip():
        raise Trouble(NO_KEY, MISSING)
    here = services()
    found = keys.opened(here, token.strip())
    if found is None:
        raise Trouble(NO_KEY, UNKNOWN)
    caller = Caller(here, *found)
    g.api_caller = caller
    return caller


def may(caller: Caller, scope: str) -> None:
    """Raise Trouble (403) when the key was made without this scope."""
    if scope not in caller.key.scopes:
        raise Trouble(SCOPE, f"This needs a key with the scope {scope}; this one has {', '.join(caller.key.scopes)}.")


def if_match() -> str:
    """Return the ETag that the caller has seen; "" when they did not say, or took any."""
    told = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    return "" if told == "*" else told
