"""A My Domain address that was typed on our own page, and the proof that it was typed in this browser.

A link from elsewhere must not choose where somebody signs in: it could lead them, unnoticed, into another's org.
"""

from __future__ import annotations

import hmac
import secrets

from flask import session
from itsdangerous import BadData, URLSafeTimedSerializer

from oauth import signing

TYPED = "typed"
SECONDS = 600
"""How long a page with the links may stay open."""
NONCE_BYTES = 16


class NotTyped(Exception):  # noqa: N818 - an outcome for the person at the browser, not a fault
    """The address was not typed on our page in this browser, or too long ago."""


def proof(host: str) -> str:
    """Return what a link must carry to lead to this host; it serves in this browser only, for ten minutes."""
    nonce = session.setdefault(TYPED, secrets.token_urlsafe(NONCE_BYTES))
    return str(_signed().dumps([host, nonce]))


def read(given: str) -> str:
    """Return the host that was typed. Raises NotTyped."""
    try:
        host, nonce = _signed().loads(given, max_age=SECONDS)
    except BadData:
        raise NotTyped from None
    if not hmac.compare_digest(str(nonce), str(session.get(TYPED, ""))):
        raise NotTyped
    return str(host)


def _signed() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing.keys(), salt="my-domain")
