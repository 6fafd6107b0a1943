"""What to do about an answer of Salesforce: ignore, later, revoked, refused. PURE.

A REST error body is an array of ``{"message", "errorCode", "fields"}``; the rows of collections and actions say
``statusCode`` instead of ``errorCode``. The code decides, not the HTTP status: row locks come as 400 and as 500.
Sources: REST API guide "Status Codes and Error Responses"; Pub/Sub API guide "Handling Errors".

No message made here holds a field value, a query or an address: they end in logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connector import work
from connector.errors import Exhausted, Ignored, Later, Next, Refused, Revoked

DUPLICATE = "DUPLICATE_VALUE"
MISSING = "REQUIRED_FIELD_MISSING"
DETECTED = "DUPLICATES_DETECTED"
LOCKED = "UNABLE_TO_LOCK_ROW"
CHANGED_SINCE = "PRECONDITION_FAILED"
"""[U] That a row answered with 412 says this code; the status alone is enough for us."""
HALTED = frozenset({"PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"})
"""Codes of rows that failed only because another row of their transaction did."""
CANNOT_OWN = frozenset(
    {
        "TRANSFER_REQUIRES_READ",
        "INACTIVE_OWNER_OR_USER",  # [U] this name and the next two
        "OPERATION_WITH_INVALID_USER_TYPE",
        "OPERATION_WITH_INVALID_USER_TYPE_EXCEPTION",
    }
)
"""Codes that say: this user cannot own such a record."""

LOCK_SECONDS = 5.0
LOST_SECONDS = 15.0
OUTAGE_SECONDS = 60.0
CROWD_SECONDS = 30.0
QUOTA_SECONDS = 900.0
STORAGE_SECONDS = 900.0
"""Two calls each time, and leads wait: soon after somebody has freed some storage it goes on."""
STREAM_SECONDS = 5.0
PROTECTION_SECONDS = 30.0
COPY_SECONDS = 60.0
ALLOWANCE_SECONDS = 4 * 3600.0
"""The allowance is counted over the last 24 hours, so it comes back bit by bit, after what used it up."""


class StaleSchema(Refused):
    """Salesforce does not know a field or object that we believed was there: describe again."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One error as Salesforce reports it; `message` is Salesforce's own and may hold customer data.

    `fields` are the fields it is about, or the duplicate rule.
    """

    code: str
    message: str = ""
    fields: tuple[str, ...] = ()


_LATER: Mapping[str, tuple[float, str]] = {
    LOCKED: (LOCK_SECONDS, work.LOCKED),
    "SERVER_UNAVAILABLE": (OUTAGE_SECONDS, "Salesforce is not available"),
    "QUERY_TIMEOUT": (OUTAGE_SECONDS, "Salesforce took too long to answer"),
    "REQUEST_RUNNING_TOO_LONG": (OUTAGE_SECONDS, "Salesforce took too long to answer"),
    "UNKNOWN_EXCEPTION": (OUTAGE_SECONDS, "Salesforce had a fault of its own"),
    "REQUEST_LIMIT_EXCEEDED": (QUOTA_SECONDS, "The org has used up its API calls"),
    "STORAGE_LIMIT_EXCEEDED": (STORAGE_SECONDS, "The org's data storage is full: free some or buy more"),
}
_REVOKED: Mapping[str, str] = {
    "INVALID_SESSION_ID": "Salesforce no longer accepts our sign-in: connect again",
    "INVALID_AUTH_HEADER": "Salesforce no longer accepts our sign-in: connect again",
    "API_DISABLED_FOR_ORG": "The API is switched off for the org or the connected user",
    "API_CURRENTLY_DISABLED": "The API is switched off for the org or the connected user",
    "INACTIVE_ORG": "The org is locked or has expired",
    "ORG_LOCKED": "The org is locked or has expired",
}
_IGNORED: Mapping[str, str] = {
    "NOT_FOUND": "The record is not there any more",
    "ENTITY_IS_DELETED": "The record was deleted",
}
_STALE: Mapping[str, str] = {
    "INVALID_FIELD": "A field is missing or hidden from the connected user",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "A field is read-only for the connected user",
    "INVALID_TYPE": "An object is missing or hidden from the connected user",
}
_REFUSED: Mapping[str, str] = {
    "STRING_TOO_LONG": "A text is longer than its field",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "A picklist of the org does not have this value (any more)",
    DETECTED: "A duplicate rule of the org blocks this record",
    DUPLICATE: "A record with this unique value exists already",
    "MALFORMED_QUERY": "Salesforce does not understand the query",
    "MALFORMED_ID": "An id is not a Salesforce id",
    "JSON_PARSER_ERROR": "Salesforce does not understand the request",
    "INVALID_QUERY_LOCATOR": "The page of results is gone",
}
_QUOTED = frozenset(
    {
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INVALID_CROSS_REFERENCE_KEY",
        MISSING,
    }
    | CANNOT_OWN
)
"""Codes whose message was written by the org's admins or names fields and ids only: people need to read it."""
_QUOTE_LENGTH = 300
_READ_LENGTH = 2000
_TELLING = re.compile(r"\S+@\S+|(?<![A-Za-z0-9])\+?[0-9][0-9 ().\-]{5,40}[0-9](?![A-Za-z0-9])")
"""An address, or a number of seven digits and more: a telephone's."""
_NAMES = ("name", "first_name", "last_name", "company")
_SHORTEST_WORD, _SHORTEST_TEXT = 3, 5
"""Characters: what is shorter is a word of the language rather than somebody's."""


def faults(body: Any) -> tuple[Fault, ...]:
    """Read the errors in an answer's body (an array, one error, or text that says nothing)."""
    if isinstance(body, Mapping):
        body = [body]
    if not isinstance(body, Sequence) or isinstance(body, str | bytes):
        return ()
    found = []
    for row in body:
        if isinstance(row, Mapping) and (code := row.get("errorCode") or row.get("statusCode")):
            names = tuple(str(name) for name in row.get("fields") or ()) or _rule(row)
            found.append(Fault(str(code), str(row.get("message") or ""), names))
    return tuple(found)


def _rule(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the name of the duplicate rule that an error is about; real answers misspell the key."""
    result = row.get("duplicateResut") or row.get("duplicateResult")
    name = result.get("duplicateRule") if isinstance(result, Mapping) else None
    return (str(name),) if name else ()


def words(fault: Fault, about: Iterable[str] = ()) -> str:
    """Say a fault for people: Salesforce's words where they are safe to repeat, ours where they may hold data.

    A trigger of the org may quote the record it refuses, so of its words goes what the record says (`about`).
    """
    known = _LATER.get(fault.code, (0, ""))[1] or next(
        (table[fault.code] for table in (_REVOKED, _IGNORED, _STALE, _REFUSED) if fault.code in table), ""
    )
    text = known or "Salesforce refused this"
    if fault.code in _QUOTED and fault.message:
        text = _without(fault.message[:_READ_LENGTH], about)[:_QUOTE_LENGTH]
    where = f" [{', '.join(fault.fields)}]" if fault.fields else ""
    return f"{text}{where} ({fault.code})"


def sayings(fields: Mapping[str, Any]) -> frozenset[str]:
    """Return what the fields of a record say that must not be repeated: texts, and each word of a name."""
    texts = {str(value).strip() for value in fields.values() if isinstance(value, str)}
    named = {word for name in _NAMES for word in str(fields.get(name) or "").split() if len(word) >= _SHORTEST_WORD}
    return frozenset({each for each in texts if len(each) >= _SHORTEST_TEXT} | named)


def _without(text: str, about: Iterable[str]) -> str:
    """Return a text in one line, without addresses, long numbers and what a record says."""
    kept = _TELLING.sub("…", text)
    for value in sorted(about, key=len, reverse=True):
        kept = re.sub(re.escape(value), "…", kept, flags=re.IGNORECASE)
    return " ".join(kept.split())


def judge_row(found: Sequence[Fault]) -> Next:
    """Say what to do about one refused row; what `found` says first decides, a transient fault before all.

    A refused row is rolled back, so a Later from here has had no effect.
    """
    for fault in found:
        if fault.code == "REQUEST_LIMIT_EXCEEDED" and "concurrent" in fault.message.lower():
            return Later("Too many long requests run in the org at once", seconds=CROWD_SECONDS, applied=False)
        if fault.code in _LATER:
            return Later(words(fault), seconds=_LATER[fault.code][0], applied=False)
    if not found:
        return Refused("Salesforce refused this without a reason")
    first = found[0]
    if first.code in _REVOKED:
        return Revoked(words(first))
    if first.code in _IGNORED:
        return Ignored(words(first))
    if first.code in _STALE:
        return StaleSchema(words(first))
    return Refused(words(first))


def judge(status: int, body: Any) -> Next:
    """Say what to do about a whole answer with an error `status` (an HTTP status) and a parsed `body`."""
    found = faults(body)
    if found:
        verdict = judge_row(found)
        if isinstance(verdict, Later) and status >= 500:  # noqa: PLR2004
            # A lock error also comes as 500 and means that nothing was done; of the others nobody can know.
            verdict.applied = not any(fault.code == LOCKED for fault in found)
        return verdict
    if status == 401:  # noqa: PLR2004
        return Revoked(_REVOKED["INVALID_SESSION_ID"])
    if status == 404:  # noqa: PLR2004
        return Ignored("Salesforce does not have this (404)")
    if status in (408, 429) or status >= 500:  # noqa: PLR2004
        applied = status >= 500  # noqa: PLR2004
        return Later(f"Salesforce is not available ({status})", seconds=OUTAGE_SECONDS, applied=applied)
    return Refused(f"Salesforce refused the request ({status})")


def lost(reason: str, *, sent: bool = True) -> Later:
    """Say what to do when no answer came; a call that was `sent` may have had its effect all the same."""
    return Later(f"Salesforce did not answer ({reason})", seconds=LOST_SECONDS, applied=sent)


_STREAM_PREFIX = "sfdc.platform.eventbus.grpc."
_STREAM_PERMANENT: Mapping[str, str] = {
    "topic.not.found": "The change event channel is not there: install or update the Switchyard package",
    "subscription.topic.cannot.subscribe": "The connected user may not subscribe to the change event channel",
    "topic.meta.permission": "The connected user may not see the change event channel",
    "service.tenant.license": "The org's edition has no Pub/Sub API",
    "service.auth.headers.invalid": "Salesforce does not accept the stream's headers (is the org id 18 characters?)",
    "subscription.fetch.replayid.validation.failed": "A stream was opened without its place",
    "subscription.fetch.requested.events.invalid": "A stream asked for no events",
    "subscription.fetch.topic.mismatch": "A stream changed its channel",
    "subscription.fetch.overflow": "A stream asked for too many events",
}
_STREAM_PAUSES: Mapping[str, float] = {
    "concurrent.client.limit.exceeded": COPY_SECONDS,  # another copy of a stream has to go away first
}
_STREAM_PROTECTION = "service.protection."
"""What the codes begin with by which the service keeps itself from being overrun."""


def judge_stream(status: str, code: str) -> Next | Literal["renew", "restart"]:
    """Say what to do about a broken event stream: `status` is gRPC's, `code` the ``error-code`` trailer.

    ``renew``: get a new token and reconnect with the stored replay id. ``restart``: the replay id is unknown to
    Salesforce (older than 72 hours, or the stream was reset): reconnect at EARLIEST and compare everything.
    """
    short = code.removeprefix(_STREAM_PREFIX)
    if short == "subscription.fetch.replayid.corrupted":
        return "restart"
    if short == "service.auth.error" or (not short and status == "UNAUTHENTICATED"):
        return "renew"
    if short == "subscription.limit.exceeded":
        return Exhausted("The org has used up its event deliveries for 24 hours", seconds=ALLOWANCE_SECONDS)
    if short in _STREAM_PERMANENT:
        return Refused(f"{_STREAM_PERMANENT[short]} ({short})")
    if not short and status in {"PERMISSION_DENIED", "NOT_FOUND", "UNIMPLEMENTED"}:
        return Refused(f"Salesforce refused the event stream ({status})")
    seconds = PROTECTION_SECONDS if short.startswith(_STREAM_PROTECTION) else _STREAM_PAUSES.get(short, STREAM_SECONDS)
    return Later(f"The event stream broke ({short or status})", seconds=seconds)


def schema_is_gone(code: str) -> bool:
    """Whether the ``error-code`` of a question about a schema says that it will never be answered."""
    return code.removeprefix(_STREAM_PREFIX) == "schema.not.found"
