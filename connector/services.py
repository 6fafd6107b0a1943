"""The only place where the product is wired: settings in, working parts out."""

from __future__ import annotations

import contextlib
import os
import socket
import uuid
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cached_property

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from connector import settings as environment
from connector import telemetry
from connector.crm import Crm, CrmName
from connector.hubspot.asking import AskedHubSpot
from connector.hubspot.budget import SharedBudget
from connector.hubspot.journal import Journal
from connector.salesforce.channels import Channels
from connector.salesforce.gateway import SalesforceCrm
from connector.salesforce.pubsub import Stream
from connector.salesforce.schemas import Schemas
from connector.settings import Settings
from connector.store import installs, rulesets
from connector.store.asked import StoredRequests
from connector.store.base import Database
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.seal import KeyRing, Seal
from connector.store.shelves import StoredShelf
from jobs.drain import drain as drain_install
from jobs.queues import Doorbell
from jobs.tools import Door, Tools
from oauth.hubspot import JOURNAL_SCOPES, AppToken
from oauth.vault import Vault
from rules.field_names import NO_NAMES
from rules.ruleset import names_in

log = structlog.get_logger()

REDIS_SECONDS = 2
"""How long Redis may take. Nothing in it can be lost, and HubSpot waits five seconds for the answer to a webhook."""
REDIS_RETRIES = 1
"""A connection that was closed while idle is opened anew, at once; the library's own pauses would take seconds."""


class Services:
    """Everything one process works with. Open it after a fork, close it at the end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database)
        self.keyring = KeyRing(settings.encryption_keys.get_secret_value())
        # Fits a lease's holder column with room for what the lease adds, however long the host's name is.
        self.holder = f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    def clock(self) -> datetime:
        """Return the time now, in UTC."""
        return datetime.now(UTC)

    @cached_property
    def redis(self) -> redis.Redis:
        """Redis or Valkey, for doorbells and the budget of calls; nothing in it can be lost."""
        return redis.Redis.from_url(
            self.settings.redis,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), REDIS_RETRIES),
        )

    @cached_property
    def doorbell(self) -> Doorbell:
        """Rings the workers."""
        return Doorbell(self.redis, silence_seconds=self.settings.doorbell_seconds)

    @cached_property
    def door(self) -> Door:
        """The doorbell as a drain knows it: Redis away is no error."""
        return _Door(self.doorbell)

    @cached_property
    def channels(self) -> Channels:
        """The connections to the Pub/Sub API, for the one event loop of this process."""
        return Channels(self.settings)

    @cached_property
    def schemas(self) -> Schemas:
        """The schemas of change events that this process has seen."""
        return Schemas()

    @cached_property
    def vault(self) -> Vault:
        """The OAuth tokens."""
        return Vault(self.database, self.keyring, self.settings, self.clock, holder=self.holder)

    @cached_property
    def tools(self) -> Tools:
        """What jobs are given."""
        return Tools(
            settings=self.settings,
            database=self.database,
            keyring=self.keyring,
            open_crm=self.crm,
            open_stream=self.stream,
            ring=self.ring,
            clock=self.clock,
            holder=self.holder,
            open_journal=self.journal,
            door=self.door,
        )

    def ring(self, install_id: str) -> None:
        """Ring for an install. Redis away is no error: the letters are stored and the sweep rings again."""
        try:
            self.doorbell.ring(install_id)
        except redis.RedisError as error:
            log.warning("doorbell unanswered", install=install_id, error=type(error).__name__)

    def seal(self, install: Install) -> Seal:
        """Return the seal of an install."""
        return self.keyring.seal(install.key)

    def crm(self, install: Install) -> Crm:
        """Connect to an install's CRM; close it when done."""
        tokens = self.vault.source(install)
        memo = StoredMemo(self.database, install.id, self.seal(install), self.clock)
        made: Crm
        if install.crm == "salesforce":
            made = SalesforceCrm(tokens, settings=self.settings, memo=memo)
        else:
            tenant, scopes = install.tenant_id, install.scopes
            budget = SharedBudget(self.redis, app_id=self.settings.hubspot_app_id, portal_id=tenant)
            portal = AskedHubSpot(
                tokens,
                settings=self.settings,
                memo=memo,
                portal_id=tenant,
                scopes=scopes,
                budget=budget,
                routes=install.routes,
            )
            portal.use_requests(StoredRequests(self.database, install.id, self.seal(install), self.clock))
            portal.use_shelf(StoredShelf(self.database, install.id, self.seal(install), self.clock))
            made = portal
        made.use_fields(self.field_names(install))
        return made

    def field_names(self, install: Install) -> Mapping[str, str]:
        """Return the names that the rules in force give to fields of the CRM."""
        with self.database.read() as connection:
            live = rulesets.get(connection, install.id, self.seal(install))
        return names_in(live.sources) if live else NO_NAMES

    def stream(self, install: Install, place: bytes | None) -> Stream:
        """Subscribe to an org's change events, from a stored place or (None) from now on."""
        return Stream(
            self.vault.source(install),
            settings=self.settings,
            org_id=install.tenant_id,
            channels=self.channels,
            schemas=self.schemas,
            replay_id=place,
            now=self.clock,
        )

    def journal(self) -> Journal | None:
        """Connect to HubSpot's journal where that is switched on; close it when done."""
        if not self.settings.hubspot_journal or not self.settings.hubspot_client_id:
            return None
        return Journal(
            api_url=self.settings.hubspot_api_url.rstrip("/"),
            token=self._app_token,
            hosts=frozenset(filter(None, (each.strip() for each in self.settings.hubspot_journal_hosts.split(",")))),
            connect_timeout=self.settings.crm_connect_timeout,
            read_timeout=self.settings.crm_read_timeout,
        )

    @cached_property
    def _app_token(self) -> AppToken:
        """The app's own token at HubSpot."""
        return AppToken(self.settings, self.clock, JOURNAL_SCOPES)

    def install_of(self, crm: CrmName, tenant_id: str) -> Install | None:
        """Return the install of an org or portal."""
        with self.database.read() as connection:
            return installs.by_tenant(connection, crm, tenant_id)

    def close(self) -> None:
        """Close the database and Redis connections."""
        self.database.close()
        if "redis" in self.__dict__:
            self.redis.close()


class _Door:
    """A doorbell that may be away: then nobody is told, and the sweep rings."""

    def __init__(self, doorbell: Doorbell) -> None:
        self._doorbell = doorbell

    def answered(self, install_id: str, seconds: float) -> None:
        """Another drain is at it."""
        with contextlib.suppress(redis.RedisError):
            self._doorbell.answered(install_id, seconds)

    def closed(self, install_id: str) -> None:
        """The drain has ended and looks once more."""
        with contextlib.suppress(redis.RedisError):
            self._doorbell.closed(install_id)

    def others_wait(self, install_id: str) -> bool:
        """Whether other installs wait for a worker."""
        with contextlib.suppress(redis.RedisError):
            return self._doorbell.others_wait(install_id)
        return False


@contextlib.contextmanager
def opened(settings: Settings | None = None) -> Iterator[Services]:
    """Open the services of a process and close them afterwards."""
    services = Services(settings or environment.load())
    try:
        yield services
    finally:
        services.close()


_SHARED: ContextVar[list[Services] | None] = ContextVar("shared services", default=None)
"""Where the services are that jobs of one process share; None where each job has its own."""


@contextlib.contextmanager
def sharing() -> Iterator[None]:
    """Have the jobs of this process share the services that the first of them opens; closed at the end."""
    shared: list[Services] = []
    token = _SHARED.set(shared)
    try:
        yield
    finally:
        _SHARED.reset(token)
        for each in shared:
            each.close()


@contextlib.contextmanager
def _at_hand() -> Iterator[Services]:
    shared = _SHARED.get()
    if shared is None:
        with opened() as services:
            yield services
        return
    if not shared:
        shared.append(Services(environment.load()))
    yield shared[0]


def drain(install_id: str) -> None:
    """The RQ job: answer every letter of an install. Runs in a forked process, which opens its own services.

    Logs and Sentry were set up by the worker before the fork: that takes longer than routing a lead.
    """
    with _at_hand() as services:
        with contextlib.suppress(redis.RedisError):
            services.doorbell.opened(install_id)
        drain_install(services.tools, install_id)
    telemetry.flush()
