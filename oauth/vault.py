"""The vault: each install's tokens, sealed; refreshed by one caller at a time over all threads and processes.

Refreshing is the dangerous moment. Salesforce kills the refresh token with its first use, and HubSpot may. So one
caller holds the lease ``token:<install>`` while it asks the CRM, and stores the new refresh token before anybody uses
the new access token. Who loses the race waits and takes the newer version.

One gap cannot be closed: if the process dies, or the CRM's answer is lost, after the CRM has rotated the token and
before we have stored it, the new token is known to nobody. The next refresh then finds the grant dead, the install
becomes ``revoked``, letters wait, and its admin connects again. Nothing else is lost.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, select
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_random

from connector.crm import CrmName, Token, TokenSource
from connector.errors import Later, Next, Revoked
from connector.settings import Settings
from connector.store import books, installs, leases, tokens
from connector.store.base import Database
from connector.store.installs import Install
from connector.store.seal import KeyRing, Seal
from oauth.grant import Grant, Provider
from oauth.providers import provider

log = structlog.get_logger()

EARLY = timedelta(minutes=5)
"""A token that runs out sooner than this is refreshed: a batch of calls must not outlive it."""
LEASE_MARGIN_SECONDS = 10.0
"""On top of the longest call to the CRM: time to store the answer."""
POLL_SECONDS = (0.05, 0.2)
"""How often a waiting caller looks for the newer token; drawn anew each time so that many do not look at once."""
CLEAR_SECONDS = 3.0
"""How long a disconnect deletes the index, which nobody can read any more; the clock does the rest of a large one."""
RETRY_SECONDS = 10.0
"""Pause of a caller who waited in vain."""
HOLDER_LENGTH = 31
GONE = "The connection was removed."


class Vault:
    """Keeps and renews the grants of all installs. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        keyring: KeyRing,
        settings: Settings,
        clock: Callable[[], datetime],
        *,
        holder: str,
    ) -> None:
        self.database = database
        self.clock = clock
        self.holder = holder
        self.lease_seconds = settings.crm_connect_timeout + settings.crm_read_timeout + LEASE_MARGIN_SECONDS
        self._keyring = keyring
        self._settings = settings

    def provider(self, crm: CrmName) -> Provider:
        """Return the OAuth of a CRM."""
        return provider(crm, self._settings, self.clock)

    def keep(self, connection: Connection, install_id: str, seal: Seal, grant: Grant) -> None:
        """Store a grant in the caller's transaction; the next version of whatever was there."""
        sealed = seal.close(_plain(grant), about=_about(install_id))
        tokens.put(connection, install_id, sealed, expires_at=grant.expires_at)

    def source(self, install: Install) -> TokenSource:
        """Return the tokens of an install. Raises Unreadable when no master key opens its key."""
        return self._source(install)

    def disconnect(self, install: Install) -> None:
        """Leave the CRM, then destroy the install's key and rows. A CRM that cannot be told does not hold this up.

        Of a large index, whose key is gone with the rest, the clock deletes what is left.
        """
        try:
            grant = self._source(install).good()
            self.provider(install.crm).uninstall(grant)
        except Revoked:
            log.info("nothing to withdraw at the CRM", install=install.id)
        except Exception as error:  # noqa: BLE001 - who wants out gets out, whatever fails at the CRM or with the token
            log.warning("the CRM was not told of a disconnect", install=install.id, error=type(error).__name__)
        with self.database.write() as connection:
            installs.remove(connection, install.id)
        books.clear_for(self.database, seconds=CLEAR_SECONDS)
        if not self.database.forget():
            log.warning("the write-ahead log still holds what was deleted, until it is next emptied")

    def _source(self, install: Install) -> _Source:
        return _Source(self, install, self._keyring.seal(install.key))


class _Source:
    """The tokens of one install; see :class:`connector.crm.TokenSource`."""

    def __init__(self, vault: Vault, install: Install, seal: Seal) -> None:
        self._vault = vault
        self._install = install
        self._seal = seal
        self._lease = _about(install.id)

    def current(self) -> Token:
        """Return the stored token; one that runs out within five minutes is refreshed first."""
        return _token(self.good())

    def renew(self, stale: Token) -> Token:
        """Return a token newer than `stale`: one that somebody stored meanwhile, or a refreshed one."""
        grant, version = self._load()
        if grant.access_token != stale.access_token:
            return _token(grant)
        return _token(self._refreshed(version))

    def good(self) -> Grant:
        """Return a grant that is believed to be good. Raises Revoked or Later."""
        grant, version = self._load()
        if grant.expires_at is not None and grant.expires_at - self._vault.clock() < EARLY:
            return self._refreshed(version)
        return grant

    def _load(self) -> tuple[Grant, int]:
        """Return the stored grant and its version. Raises Revoked for an install that is gone or revoked."""
        with self._vault.database.read() as connection:
            return self._read(connection)

    def _read(self, connection: Connection) -> tuple[Grant, int]:
        install = installs.by_id(connection, self._install.id)
        row = tokens.get(connection, self._install.id)
        if install is None or row is None:
            raise Revoked(GONE)
        if install.status == "revoked":
            raise Revoked(install.reason)
        sealed, version, _ = row
        return _grant(self._seal.open(sealed, about=_about(self._install.id))), version

    def _read_for_writing(self, connection: Connection) -> tuple[Grant, int]:
        """Read, and keep a reconnect or disconnect out until this transaction ends.

        Both begin by writing the install's row. SQLite lets one writer in at a time anyway and ignores the lock.
        """
        table = installs.install
        connection.execute(select(table.c.id).where(table.c.id == self._install.id).with_for_update())
        return self._read(connection)

    def _refreshed(self, seen: int) -> Grant:
        """Return a grant newer than version `seen`; refresh it, or wait for whoever does."""
        waiting = Retrying(
            retry=retry_if_result(lambda grant: grant is None),
            wait=wait_random(*POLL_SECONDS),
            stop=stop_after_delay(self._vault.lease_seconds + LEASE_MARGIN_SECONDS),
        )
        try:
            grant = waiting(self._attempt, seen)
        except RetryError:
            grant = None
        if grant is None:
            raise Later("Another process is still refreshing the token", seconds=RETRY_SECONDS)
        return grant

    def _attempt(self, seen: int) -> Grant | None:
        """Refresh if nobody else does; None = somebody does, look again."""
        grant, version = self._load()
        if version != seen:
            return grant
        # Unique per attempt: threads share the vault's holder, and a lease may be renewed by its own holder.
        holder = f"{self._vault.holder[:HOLDER_LENGTH]}:{uuid.uuid4().hex}"
        if not self._take(holder):
            return None
        try:
            # Read again: the last holder may have stored a newer one just before it gave the lease back.
            grant, version = self._load()
            return grant if version != seen else self._exchange(grant, seen)
        finally:
            with self._vault.database.write() as connection:
                leases.release(connection, self._lease, holder)

    def _take(self, holder: str) -> bool:
        now = self._vault.clock()
        with self._vault.database.read() as connection:
            if leases.held(connection, self._lease, now=now):
                return False  # without a write: waiting callers must not keep the database busy
        with self._vault.database.write() as connection:
            return leases.take(connection, self._lease, holder, now=now, seconds=self._vault.lease_seconds)

    def _exchange(self, grant: Grant, seen: int) -> Grant:
        """Ask the CRM for the next grant and store it before anybody uses it."""
        crm = self._vault.provider(self._install.crm)
        try:
            fresh = crm.refresh(grant)
        except Revoked as error:
            return self._dead(seen, error)
        try:
            with self._vault.database.write() as connection:
                newer, version = self._read_for_writing(connection)
                if version != seen:
                    # The admin connected again while we asked: that grant is the one to use.
                    return newer
                self._vault.keep(connection, self._install.id, self._seal, fresh)
        except Revoked:
            # Disconnected while we asked: leave no living token behind that nobody knows.
            with contextlib.suppress(Next):
                crm.revoke(fresh)
            raise
        log.info("token refreshed", install=self._install.id, crm=self._install.crm)
        return fresh

    def _dead(self, seen: int, error: Revoked) -> Grant:
        """Pause the install with the sentence its admin will read, unless it was connected again meanwhile."""
        with self._vault.database.write() as connection:
            newer, version = self._read_for_writing(connection)
            if version != seen:
                return newer
            installs.set_status(connection, self._install.id, "revoked", str(error))
        log.warning("the grant is dead", install=self._install.id, crm=self._install.crm)
        raise error


def rotate(database: Database, keyring: KeyRing) -> int:
    """Wrap every install's key by the newest master key, all or none; return how many. Raises Unreadable."""
    with database.write() as connection:
        every = installs.every(connection)
        for install in every:
            installs.set_key(connection, install.id, keyring.rewrap(install.key))
    return len(every)


def _about(install_id: str) -> str:
    return f"token:{install_id}"


def _token(grant: Grant) -> Token:
    return Token(grant.access_token, grant.base_url)


def _plain(grant: Grant) -> dict[str, Any]:
    return {
        "access_token": grant.access_token,
        "refresh_token": grant.refresh_token,
        "base_url": grant.base_url,
        "expires_at": grant.expires_at.isoformat() if grant.expires_at else None,
        "scopes": sorted(grant.scopes),
    }


def _grant(plain: dict[str, Any]) -> Grant:
    expires = plain["expires_at"]
    return Grant(
        access_token=plain["access_token"],
        refresh_token=plain["refresh_token"],
        base_url=plain["base_url"],
        expires_at=datetime.fromisoformat(expires) if expires else None,
        scopes=frozenset(plain["scopes"]),
    )
