"""What HubSpot's answers mean: every refusal becomes one of the four errors, or a fault of one row. Pure.

HubSpot's messages may repeat field values ("jane@acme.com already has that value"), so a message is never passed on:
only its category, its codes and the names of properties and scopes are.
Sources: HubSpot's pages "Error handling", "Usage details" (limits) and "CRM API write validation".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from connector.errors import Ignored, Later, Refused, Revoked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connector.errors import Next

LOCK_SECONDS = 2.0  # 423: HubSpot's locks last two seconds
ROLLING_SECONDS = 10.0  # the window of the rolling limit when no header tells it
SECONDLY_SECONDS = 1.0  # search allows five calls a second
DAILY_SECONDS = 3600.0  # a daily limit resets at the portal's midnight, which we do not know: look hourly
MIGRATION_SECONDS = 60.0  # 477 without Retry-After
OUTAGE_SECONDS = 30.0
LONGEST_SECONDS = 86_400.0
MOST_WORDS = 25

_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,79}")
_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,99}")
_SCOPE = re.compile(r"[a-z][a-z0-9_.-]{0,99}")
_GONE = "OBJECT_NOT_FOUND"
_PASSING = frozenset(  # categories of a row that say nothing about the row itself [unverified spellings]
    {"RATE_LIMIT", "RATE_LIMITS", "LOCKED", "SERVICE_UNAVAILABLE", "INTERNAL_ERROR", "TIMEOUT"}
)
_NO_SUCH_TYPE = "Unable to infer object type"  # the words of a 400 about the path, not about any row [unverified]
_MESSAGES = {
    "Cannot have more than 250 identities": "TOO_MANY_IDENTITIES",  # HubSpot, "Error handling"
    "Cannot merge an object with itself": "SAME_RECORD",  # [unverified]
}
"""How messages begin that alone say what is wrong; they get a code of ours."""
_PLAIN_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and are associated association associations be been cannot company contact deleted does exist exists "
        "failed found from has have in input invalid is it lead limit merged missing must no not note object objects "
        "of on one or owner properties property record records required task the this to type types unable valid "
        "value was",
    )
)
"""Words of HubSpot's messages that can say nothing of anybody; of a message without a code only these are kept."""
_TAKEN = frozenset({"CONFLICT", "OBJECT_ALREADY_EXISTS", "CONFLICTING_UNIQUE_VALUE"})
_SENTENCES = {
    _GONE: "the record no longer exists (deleted or merged away)",
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": "a property rule of this portal requires {properties} to be filled first; "
    "fill it, or change the rule in Settings > Properties > Conditional logic",
    "MISSING_REQUIRED_PROPERTY": "this portal requires {properties} on new records; "
    "make it optional in Settings > Objects > Record creation",
    "INVALID_OWNER_ID": "the owner does not exist in this portal or is deactivated",
    # [unverified spelling] that a lead goes to users with a seat only stands in HubSpot's guide to leads.
    "OWNER_WITHOUT_SEAT": "leads can be given only to owners with a sales seat; "
    "give one in Settings > Users & Teams > Seats",
    "PROPERTY_DOESNT_EXIST": "{properties} does not exist in this portal; run the set-up again",
    "CONFLICTING_UNIQUE_VALUE": "another record already has this value of {properties}",
    "TOO_MANY_IDENTITIES": "a record takes in 250 others at most, and one of these has that many",
    "SAME_RECORD": "the two are one record already",
    "MISSING_SCOPES": "the app was not granted {scopes}; reconnect it as a super admin",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why HubSpot refused a call or a row. `named` holds the ids and trace ids it names, to find the row by.

    `said` is its message without whatever could be a customer's data.
    """

    category: str = ""
    codes: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    status: int = 0
    said: str = ""

    @property
    def conflict(self) -> bool:
        """Whether something of that name or key is there already."""
        return self.status == 409 or bool(_TAKEN & {self.category, *self.codes})  # noqa: PLR2004

    @property
    def gone(self) -> bool:
        """Whether the record does not exist (any more)."""
        return self.category == _GONE

    @property
    def passing(self) -> bool:
        """Whether the same row may well succeed later."""
        return self.category in _PASSING

    @property
    def words(self) -> str:
        """Say it for people: known codes as a sentence, any other by its name."""
        said = [code for code in (*self.codes, self.category) if code in _SENTENCES]
        properties = ", ".join(self.properties) or "a property"
        if said:
            sentence = _SENTENCES[said[0]].format(properties=properties, scopes=" or ".join(self.scopes) or "a scope")
            return f"HubSpot refused: {sentence} [{said[0]}]"
        label = ", ".join(dict.fromkeys(filter(None, (self.category, *self.codes)))) or "no reason given"
        told = properties if self.properties else self.said
        return f"HubSpot refused: {label}" + (f" ({told})" if told else "")


class BadRows(Refused):
    """The call was refused for what it carries, so a part of it may be accepted on its own."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


class Gone(Ignored):
    """What the call asked for no longer exists."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


def next_step(status: int, headers: Mapping[str, str], body: bytes) -> Next:
    """Decide what an answer that is not 2xx means; `headers` are looked up without regard to case."""
    plain = {name.lower(): value for name, value in headers.items()}
    content = _json(body)
    if status == 401:  # noqa: PLR2004 - HTTP statuses say more than names for them would
        return Revoked("HubSpot no longer accepts our access; connect the portal again")
    if (wait := _wait(status, plain, content)) is not None:
        return wait
    if content is None:
        reason = "has no such address for this portal" if status == 404 else "refused the call"  # noqa: PLR2004
        return Refused(f"HubSpot {reason} (HTTP {status}, not JSON)")
    if str(content.get("message", "")).startswith(_NO_SUCH_TYPE):
        return Refused("HubSpot does not know this object type; the custom object was deleted or made anew")
    found = replace(fault(content), status=status)
    if status == 404:  # noqa: PLR2004
        return Gone(found if found.category else replace(found, category=_GONE))
    if status in {400, 409, 414, 422}:
        return BadRows(found)
    return Refused(f"{found.words} (HTTP {status})")


def fault(content: Mapping[str, Any]) -> Fault:
    """Read an error body, or one entry of a 207 answer's ``errors``; every field of it is optional."""
    parts = [content, *_dicts(content.get("errors"))]
    contexts = [context for part in parts if isinstance(context := part.get("context"), dict)]
    embedded = _embedded(content.get("message"))
    message = str(content.get("message") or "")
    known = [code for words, code in _MESSAGES.items() if message.startswith(words)]
    codes = [*known, *(part.get("code") for part in parts), *(item.get("error") for item in embedded)]
    properties = [*_values(contexts, "propertyName", "propertyNames"), *(item.get("name") for item in embedded)]
    scopes = _values(contexts, "requiredGranularScopes", "requiredScopes")
    return Fault(
        category=next(_only(_CODE, [content.get("category"), content.get("errorType")]), ""),
        codes=tuple(dict.fromkeys(_only(_CODE, codes))),
        properties=tuple(dict.fromkeys(_only(_PROPERTY, properties))),
        scopes=tuple(dict.fromkeys(_only(_SCOPE, scopes))),
        named=frozenset(_values(contexts)),
        said=_scrubbed(message),
    )


def _scrubbed(message: str) -> str:
    """Return a message with all but plain words left out: the rest could be a customer's data."""
    words = [each if each.strip(".,:;").lower() in _PLAIN_WORDS else "…" for each in message.split()]
    kept = [each for number, each in enumerate(words) if each != "…" or words[number - 1 : number] != ["…"]]
    return " ".join(kept[:MOST_WORDS]) if any(each != "…" for each in kept) else ""


def _wait(status: int, headers: Mapping[str, str], content: Mapping[str, Any] | None) -> Later | None:
    """Return Later for the statuses that pass by themselves, with as much patience as HubSpot asks for."""
    asked = _seconds(headers.get("retry-after"))
    if status == 423:  # noqa: PLR2004
        return Later("HubSpot has locked the record for a moment", seconds=asked or LOCK_SECONDS)
    if status == 429:  # noqa: PLR2004
        policy = next(_only(_CODE, [(content or {}).get("policyName")]), "")
        wait = asked or _limit(policy, headers)
        return Later(f"HubSpot's rate limit is reached {policy}".rstrip(), seconds=wait, applied=False)
    if status == 477:  # noqa: PLR2004
        return Later("HubSpot is moving this portal", seconds=asked or MIGRATION_SECONDS)
    if status == 408 or status >= 500:  # noqa: PLR2004
        return Later(f"HubSpot is out of order (HTTP {status})", seconds=asked or OUTAGE_SECONDS)
    return None


def _limit(policy: str, headers: Mapping[str, str]) -> float:
    """Return how long a rate limit lasts: by its policy, else by the interval that the headers name."""
    if "DAILY" in policy:
        return DAILY_SECONDS
    interval = _seconds(headers.get("x-hubspot-ratelimit-interval-milliseconds"))
    if policy.startswith("SECONDLY"):
        return SECONDLY_SECONDS
    return interval / 1000 if interval else ROLLING_SECONDS


def _seconds(value: str | None) -> float | None:
    """Read a header that counts; a date or nonsense counts for nothing."""
    plain = (value or "").strip()
    return min(float(plain), LONGEST_SECONDS) if re.fullmatch(r"\d{1,12}", plain) else None


def _json(body: bytes) -> Mapping[str, Any] | None:
    """Return a JSON object, or None for HTML and everything else."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _embedded(message: Any) -> list[dict[str, Any]]:
    """Read the JSON that HubSpot embeds in some messages: ``Property values were not valid: [{"error", "name"}]``."""
    text = message if isinstance(message, str) else ""
    start = text.find("[{")
    if start < 0:
        return []
    try:
        found, _ = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return []
    return _dicts(found)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


_NOT_ROWS = frozenset({"propertyName", "propertyNames", "requiredGranularScopes", "requiredScopes"})


def _values(contexts: Iterable[Mapping[str, Any]], *names: str) -> list[str]:
    """Collect context values, each a string or a list of them: of `names`, or of all names that can point at rows."""
    found: list[str] = []
    for context in contexts:
        for name, value in context.items():
            if (name in names) if names else (name not in _NOT_ROWS):
                found.extend(str(item) for item in (value if isinstance(value, list) else [value]))
    return found


def _only(pattern: re.Pattern[str], values: Iterable[Any]) -> Iterator[str]:
    """Pass on what looks like a name; anything else could be a customer's data."""
    return (value for value in values if isinstance(value, str) and pattern.fullmatch(value))
