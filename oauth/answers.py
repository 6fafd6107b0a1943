"""What a CRM's refusal means: pure functions over the status and the error words of its answer.

Codes and shapes: RFC 6749 section 5.2 and the two vendors' OAuth pages. The rule above all: only a code that says "this
grant is dead" revokes. A wrong client secret of ours would otherwise pause every install.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from connector.errors import Later, Next, Revoked

BUSY_SECONDS = 30.0
"""Pause after 429, 5xx or no connection when the CRM names none."""
CONFIGURATION_SECONDS = 900.0
"""Pause after an answer that only a change of our settings, or of the app at the CRM, can mend."""
LONGEST_PAUSE = 3600.0
"""A Retry-After beyond this is not believed."""
IN_FLIGHT_SECONDS = 5.0
"""Pause when an earlier refresh is still at work at the CRM (its answer was lost on the way)."""

DEAD = frozenset({"invalid_grant", "BAD_REFRESH_TOKEN", "BAD_HUB"})
IN_FLIGHT = "already being processed"
"""Salesforce refuses parallel refreshes of one token as ``invalid_grant`` with these words; the grant is alive."""
ELSEWHERE = ("ip restricted", "ip address", "login hours")
"""[U] Words of an ``invalid_grant`` from an address that the app or the user's profile does not allow. The grant is
alive, and were it taken for dead, a changed address of ours would end every install at once."""
_CODE = re.compile(r"[A-Za-z_-]{1,50}")
_TOO_MANY = 429
_SERVER = 500

Refusal: TypeAlias = Literal[
    "denied", "uninstalled", "unapproved", "ip", "api", "stale", "host", "configuration", "not_admin", "unknown_install"
]

_WORDS: tuple[tuple[Refusal, tuple[str, ...]], ...] = (
    ("configuration", ("redirect_uri",)),
    # The exact codes of Salesforce's approval page are not documented; the words are what admins report.
    ("uninstalled", ("uninstalled", "not installed", "app_not_found")),
    ("unapproved", ("not admin approved", "app_access_denied")),
    ("ip", ("ip restricted", "ip_restricted", "login hours", "ip address")),
    ("api", ("api_disabled", "api_currently_disabled", "api is not enabled", "api_not_enabled")),
    ("denied", ("access_denied", "access-denied", "denied authorization", "user_denied")),
    ("stale", ("invalid_grant", "bad_auth_code", "bad_oauth_token", "invalid_session_id")),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is not what was asked for: HTTP status, error words, and the pause it asks for (seconds)."""

    status: int
    codes: tuple[str, ...] = ()
    description: str = ""
    retry_after: float | None = None


class NotGranted(Exception):  # noqa: N818 - an outcome for the person at the browser, not a fault
    """The sign-in or install cannot go on; `kind` says why."""

    def __init__(self, kind: Refusal) -> None:
        super().__init__(kind)
        self.kind: Refusal = kind


def read(status: int, body: Any, headers: Mapping[str, str]) -> Answer:
    """Return the error words of an answer; a body of any other shape has none."""
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return Answer(status, retry_after=_seconds(headers))
    codes = tuple(str(first[key]) for key in ("error", "status", "errorCode") if first.get(key))
    description = str(first.get("error_description") or first.get("message") or "")
    return Answer(status, codes, description, _seconds(headers))


def classify(answer: Answer, crm: str) -> Next:
    """Return what an unsuccessful refresh or revocation means for the install: Revoked or Later."""
    if answer.status == _TOO_MANY or answer.status >= _SERVER:
        seconds = BUSY_SECONDS if answer.retry_after is None else answer.retry_after
        return Later(f"{crm} is busy or away ({answer.status})", seconds=seconds)
    if DEAD.intersection(answer.codes):
        if IN_FLIGHT in answer.description.lower():
            return Later(f"{crm} is still answering an earlier refresh", seconds=IN_FLIGHT_SECONDS)
        if any(words in answer.description.lower() for words in ELSEWHERE):
            return Later(
                f"{crm} does not accept the address that we call from: allow it in the app's settings at {crm}",
                seconds=CONFIGURATION_SECONDS,
            )
        return Revoked(
            f"{crm} no longer accepts our access: the app was removed, its access withdrawn, or the user who connected "
            "it deactivated. Connect again."
        )
    code = next((each for each in answer.codes if _CODE.fullmatch(each)), "no error code")
    return Later(
        f"{crm} refuses our app itself ({answer.status} {code}): check the client id and secret in our settings, and "
        f"the app at {crm}",
        seconds=CONFIGURATION_SECONDS,
    )


def refusal(*words: str) -> Refusal:
    """Return why a callback or an exchange failed, from the CRM's error code and description."""
    text = " ".join(words).lower()
    for kind, marks in _WORDS:
        if any(mark in text for mark in marks):
            return kind
    return "configuration"


def _seconds(headers: Mapping[str, str]) -> float | None:
    value = headers.get("Retry-After", "")
    return min(float(value), LONGEST_PAUSE) if value.isascii() and value.isdigit() else None
