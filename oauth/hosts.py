"""Which hosts may be Salesforce: an admin types one, and Salesforce's own answers name others; no other is contacted.

Only exact text passes: no user info, port, path, IP address, trailing dot, or letters outside ASCII. A port passes only
with the hosts that the settings name.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from connector.settings import Settings
from oauth.answers import NotGranted

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# acme.my.salesforce.com and acme--uat.sandbox.my.salesforce.com; `develop`, `scratch` and the other partitions of
# enhanced domains have the same shape. Every name below my.salesforce.com belongs to Salesforce.
_MY_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})?\.my\.salesforce\.com", re.ASCII)
_IDENTITY = re.compile(r"(https://[^/]+)/id/(00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?)/(005[A-Za-z0-9]{12,15})", re.ASCII)
_LONGEST = 253
_ID_PREFIX = 15


def allowed(host: str, settings: Settings) -> bool:
    """Whether `host` (host, or host:port for those in the settings) may be contacted as Salesforce."""
    if len(host) > _LONGEST or not host.isascii():
        return False
    named = {urlsplit(settings.salesforce_login_url).netloc, urlsplit(settings.salesforce_test_login_url).netloc}
    named |= {each.strip() for each in settings.salesforce_extra_hosts.split(",")}
    return host in named - {""} or _MY_DOMAIN.fullmatch(host) is not None


def origin(url: str, settings: Settings) -> str:
    """Return ``https://host`` of an address that is nothing but an allowed host. Raises NotGranted."""
    host = url.removeprefix("https://").removesuffix("/")
    if not url.startswith("https://") or not allowed(host, settings):
        raise NotGranted("host")
    return f"https://{host}"


def login(environment: str, domain: str, settings: Settings) -> str:
    """Return where an admin signs in: ``production``, ``sandbox``, or ``custom`` with a My Domain host they typed.

    People copy the address with https:// in front; that much is forgiven. Raises NotGranted.
    """
    if environment == "production":
        return settings.salesforce_login_url.rstrip("/")
    if environment == "sandbox":
        return settings.salesforce_test_login_url.rstrip("/")
    typed = domain.strip(" ")
    if not typed.isascii():  # before lower(): it would turn a Kelvin sign into a k
        raise NotGranted("host")
    return origin("https://" + typed.lower().removeprefix("https://"), settings)


def identity_parts(url: str, settings: Settings) -> tuple[str, str, str]:
    """Return (path, first 15 characters of the org id, same of the user id) of an identity URL. Raises NotGranted."""
    found = _IDENTITY.fullmatch(url)
    if found is None:
        raise NotGranted("host")
    origin(found[1], settings)
    return url.removeprefix(found[1]), found[2][:_ID_PREFIX], found[3][:_ID_PREFIX]
