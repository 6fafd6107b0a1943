"""How often somebody may ask: pages per person, sign-in per address, the API per key. Counted in Redis.

Where Redis is away each process counts for itself: people go on working, and a flood is slowed all the same. Webhooks,
what HubSpot's cards ask for, health and static files are not counted: the first two are signed by HubSpot and have
limits of their own, and a webhook that is refused would only come again.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from flask_limiter import ApplicationLimit, HeaderNames, Limiter
from werkzeug.middleware.proxy_fix import ProxyFix

from connector.web.access import hashed, mark

if TYPE_CHECKING:
    from connector.services import Services

FREE = frozenset(
    {"static", "webhooks", "hubspot_ui", "hubspot_settings", "hubspot_actions", "health", "metrics"}
)  # fmt: skip
"""The blueprints (and ``static``) that are not counted."""
DOORS = frozenset({"oauth", "leave"})
"""The blueprints where people come in."""
API = "api"
UNAUTHORIZED = 401
HEADERS = {
    HeaderNames.LIMIT: "RateLimit-Limit",
    HeaderNames.REMAINING: "RateLimit-Remaining",
    HeaderNames.RESET: "RateLimit-Reset",
    HeaderNames.RETRY_AFTER: "Retry-After",
}
_KEY = re.compile(r"bearer +sy_([0-9a-f]{16})_", re.ASCII | re.IGNORECASE)


def keep(app: Flask, here: Services) -> None:
    """Keep to the limits in `app`, as far as the settings have any."""
    settings = here.settings
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    if not settings.rate_limits:
        return
    Limiter(
        _address,
        app=app,
        application_limits=[
            ApplicationLimit(f"{settings.rate_pages}/minute", _person, scope="pages", exempt_when=_is_no_page),
            ApplicationLimit(f"{settings.rate_sign_in}/minute", _address, scope="doors", exempt_when=_is_no_door),
            ApplicationLimit(f"{settings.rate_api}/minute", _api_key, scope="api", exempt_when=_is_no_key),
            ApplicationLimit(
                f"{settings.rate_sign_in}/minute",
                _address,
                scope="strangers",
                exempt_when=_is_no_stranger,
                deduct_when=_was_refused,
            ),
        ],
        storage_uri="redis://",
        storage_options={"connection_pool": here.redis.connection_pool},  # type: ignore[dict-item]  # as its docs say
        in_memory_fallback_enabled=True,
        headers_enabled=True,
        header_name_mapping=HEADERS,
        key_prefix="switchyard",
    )


def _part() -> str:
    return (request.endpoint or "").partition(".")[0]


def _is_no_page() -> bool:
    return _part() in FREE | DOORS | {API}


def _is_no_door() -> bool:
    """Whether this is no way in, or nobody knows whose address it is: then the proxy in front must count."""
    return _part() not in DOORS or _is_our_own(_address())


def _is_no_key() -> bool:
    return _part() != API


def _is_no_stranger() -> bool:
    return _part() != API or _is_our_own(_address())


def _was_refused(answer: Response) -> bool:
    return answer.status_code == UNAUTHORIZED


def _address() -> str:
    return request.remote_addr or ""


def _is_our_own(address: str) -> bool:
    """Whether an address is a proxy's rather than a person's: this machine, when no proxy is believed."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return True


def _person() -> str:
    """Return who is counted: the person signed in, else the address. Redis gets a keyed hash of it, no id."""
    return mark() or hashed(_address())


def _api_key() -> str:
    """Return which key is counted, by its id; whoever sends none is counted by address."""
    found = _KEY.match(request.headers.get("Authorization", ""))
    return hashed(found[1] if found else _address())
