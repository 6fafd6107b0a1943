"""Is this call really HubSpot's? The signatures of webhooks, of what cards fetch and of workflows.

Pure: no I/O, no clock. Source: HubSpot's page "Validating requests".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

MAX_AGE_SECONDS = 300
"""HubSpot asks receivers to reject older deliveries; we hold the same distance into the future."""

_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ENCODED = re.compile("|".join(_DECODED), re.IGNORECASE)
_TIMESTAMP = re.compile(r"[0-9]{1,16}")


class BadSignature(Exception):  # noqa: N818 - it is the signature that is bad
    """The delivery is not HubSpot's, or is too old to be believed."""


def verify(
    *,
    method: str,
    url: str,
    body: bytes,
    signature: str | None,
    timestamp: str | None,
    secrets: Sequence[str],
    now: datetime,
) -> None:
    """Check signature v3: base64(HMAC-SHA256(secret, METHOD + URL + body + timestamp)). Raises BadSignature.

    `url` is the full public https URL with its query, as configured, never as a proxy header tells it. `signature`
    and `timestamp` (Unix ms) are the X-HubSpot-Signature-v3 and X-HubSpot-Request-Timestamp headers as they came.
    Any of `secrets` will do: there are two while one takes over from the other.
    """
    if not any(secrets):
        raise BadSignature("no client secret is configured, so nothing can be verified")
    if not signature or not timestamp:
        raise BadSignature("the signature or its timestamp is missing")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise BadSignature("the timestamp is not a number")
    if abs(now.timestamp() * 1000 - int(timestamp)) > MAX_AGE_SECONDS * 1000:
        raise BadSignature("the timestamp is more than 5 minutes away from our clock")
    signed = _bytes(method.upper() + _decode(url)) + body + timestamp.encode("ascii")
    digests = (hmac.new(_bytes(each), signed, hashlib.sha256).digest() for each in secrets if each)
    if not _is_one_of(_bytes(signature), map(base64.b64encode, digests)):
        raise BadSignature("the signature does not match")


def verify_v2(*, method: str, url: str, body: bytes, signature: str | None, secrets: Sequence[str]) -> None:
    """Check signature v2: hex SHA-256 of secret + METHOD + URL + body. Raises BadSignature.

    It has no time, so it may be sent again by whoever has seen it: only for what does no harm twice.
    """
    if not any(secrets):
        raise BadSignature("no client secret is configured, so nothing can be verified")
    expected = (hashlib.sha256(_bytes(each + method.upper() + url) + body).hexdigest() for each in secrets if each)
    if not signature or not _is_one_of(_bytes(signature), map(_bytes, expected)):
        raise BadSignature("the signature v2 is missing or does not match")


def _is_one_of(given: bytes, expected: Iterable[bytes]) -> bool:
    """Whether a signature is one of these; each is compared, so that the time says nothing of which."""
    found = [hmac.compare_digest(each, given) for each in expected]
    return any(found)


def _decode(url: str) -> str:
    """Undo exactly the percent codes that HubSpot undoes before signing; %20, %26 and the rest stay."""
    return _ENCODED.sub(lambda found: _DECODED[found.group().upper()], url)


def _bytes(text: str) -> bytes:
    """Encode any header text; what is no UTF-8 can only fail to match."""
    return text.encode("utf-8", "surrogatepass")
