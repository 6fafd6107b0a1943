"""How HubSpot signs what it sends to an app (webhooks, and what UI extensions fetch).

Source: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
"""

from __future__ import annotations

import base64
import hashlib
import hmac

# Only these are decoded before signing; %20, %26, %3D and all others stay.
DECODED = {
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


def canonical(uri: str) -> str:
    """Return the full public URL as it goes into a v3 signature."""
    for code, character in DECODED.items():
        uri = uri.replace(code, character).replace(code.lower(), character)
    return uri


def sign_v1(secret: str, body: bytes) -> str:
    """Return hex SHA-256 of secret + body (``X-HubSpot-Signature`` with version v1)."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def sign_v2(secret: str, method: str, uri: str, body: bytes) -> str:
    """Return hex SHA-256 of secret + METHOD + URI + body (``X-HubSpot-Signature`` with version v2)."""
    return hashlib.sha256(f"{secret}{method}{uri}".encode() + body).hexdigest()


def sign_v3(secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """Return base64 HMAC-SHA256 of METHOD + URI + body + timestamp (Unix ms)."""
    text = f"{method}{canonical(uri)}".encode() + body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def signed_headers(
    secret: str, method: str, uri: str, body: bytes, *, timestamp: int, legacy: str = "v1"
) -> dict[str, str]:
    """Return all signature headers of one request; `timestamp` in Unix ms, `legacy` is ``v1`` or ``v2``."""
    old = sign_v1(secret, body) if legacy == "v1" else sign_v2(secret, method, uri, body)
    return {
        "X-HubSpot-Signature": old,
        "X-HubSpot-Signature-Version": legacy,
        "X-HubSpot-Signature-v3": sign_v3(secret, method, uri, body, str(timestamp)),
        "X-HubSpot-Request-Timestamp": str(timestamp),
    }
