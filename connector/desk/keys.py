"""Keys of the JSON API: made with scopes, shown once, revoked; and who a key that comes in belongs to."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from connector.desk import log
from connector.desk.faults import NotThere, Unusable
from connector.services import Services
from connector.store import api_keys, installs
from connector.store.api_keys import ApiKey
from connector.store.installs import Install

SCOPES = ("read", "rules:write", "people:write", "reviews:write", "runs:write", "settings:write")
"""What a key may do: look, or change the rules, the people, what is asked for review, long work, the settings."""
ID_BYTES, SECRET_BYTES = 8, 24
LONGEST_NAME = 80
MOST = 50
"""Keys that open something at a time, for one install; more is a fault in somebody's script."""
_TOKEN = re.compile(rf"sy_([0-9a-f]{{{2 * ID_BYTES}}})_[0-9a-f]{{{2 * SECRET_BYTES}}}", re.ASCII)
_NOBODYS = sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key. `token` is the whole of it, known now and never again."""

    key: ApiKey
    token: str


def issue(
    services: Services, install: Install, *, name: str, scopes: Collection[str], by: str, expires: datetime | None
) -> Issued:
    """Make a key that opens this install until `expires` (None: until it is revoked). Raises Unusable."""
    now, name = services.clock(), " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Unusable("Give the key a name of 1 to %(most)s characters.", field="name", most=LONGEST_NAME)
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Unusable("Choose what the key may do.", field="scopes")
    if expires is not None and expires <= now:
        raise Unusable("The key must end in the future.", field="expires")
    key = ApiKey(secrets.token_hex(ID_BYTES), name, frozenset(scopes), by, now, expires)
    token = f"sy_{key.id}_{secrets.token_hex(SECRET_BYTES)}"
    seal = services.seal(install)
    with services.database.write() as connection:
        if sum(each.opens(now) for each in api_keys.every(connection, install.id, seal)) >= MOST:
            raise Unusable("There are %(most)s keys already. Revoke one first.", field="name", most=MOST)
        api_keys.put(connection, install.id, seal, key, digest=_digest(token))
    log.note(services, install, by=by, did="key made", about=f"{name} ({', '.join(_in_order(scopes))})")
    return Issued(key, token)


def revoke(services: Services, install: Install, key_id: str, *, by: str) -> ApiKey:
    """Let a key open nothing any more, from now on; return it. Raises NotThere."""
    seal = services.seal(install)
    with services.database.write() as connection:
        key = api_keys.get(connection, install.id, seal, key_id)
        if key is None:
            raise NotThere("There is no such key.")
        done = api_keys.revoke(connection, install.id, key_id, now=services.clock())
    if done:
        log.note(services, install, by=by, did="key revoked", about=key.name)
    return key


def get(services: Services, install: Install, key_id: str) -> ApiKey:
    """Return a key of an install. Raises NotThere."""
    with services.database.read() as connection:
        key = api_keys.get(connection, install.id, services.seal(install), key_id)
    if key is None:
        raise NotThere("There is no such key.")
    return key


def listed(services: Services, install: Install) -> tuple[ApiKey, ...]:
    """Return the keys of an install, the newest first; those that open nothing any more stay for some days."""
    with services.database.read() as connection:
        return tuple(api_keys.every(connection, install.id, services.seal(install)))


def opened(services: Services, token: str) -> tuple[Install, ApiKey] | None:
    """Return whose key this is; None for every text that is no key, or one that opens nothing (any more).

    How long it takes says nothing of a secret: what a text comes to is compared whole, with nobody's for an unknown id.
    """
    parsed = _TOKEN.fullmatch(token)
    if parsed is None:
        return None
    now = services.clock()
    with services.database.read() as connection:
        found = api_keys.find(connection, parsed[1])
        matches = hmac.compare_digest(_digest(token), found[1] if found else _NOBODYS)
        install = installs.by_id(connection, found[0]) if found and matches else None
        key = api_keys.get(connection, install.id, services.seal(install), parsed[1]) if install else None
    if install is None or key is None or not key.opens(now):
        return None
    if key.used_at is None or key.used_at <= now - api_keys.USED_EVERY:
        with services.database.write() as connection:
            api_keys.used(connection, install.id, key.id, now=now)
    return install, key


def _in_order(scopes: Collection[str]) -> list[str]:
    return [each for each in SCOPES if each in scopes]


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
