"""All settings come from the environment; each is explained here and shown by ``switchyard check``.

Any setting NAME may instead be given as NAME_FILE, the path of a file that holds the value (for mounted secrets).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

if TYPE_CHECKING:
    from connector.crm import CrmName

DATABASES = ("sqlite", "postgresql", "postgres")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_UNQUOTED = (
    "cannot be read: in its user and password write whatever is no letter and no digit as % and its code, "
    "e.g. @ as %40, / as %2F, # as %23 and ? as %3F"
)
"""A password with such a character would be taken for a host in part, and connection errors name hosts."""
_ORIGIN = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?/?", re.ASCII
)


class SettingsError(Exception):
    """The environment is not usable; the message names every fault at once."""


class Settings(BaseSettings):
    """Everything that can be set, with its default and the reason for it."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    public_url: str = Field(description="The https address people and HubSpot reach us at, e.g. https://route.acme.com")
    encryption_keys: SecretStr = Field(
        description="Fernet keys, comma separated, newest first; they seal each install's own key "
        "(make one with `switchyard keys new`)"
    )
    session_secret: SecretStr = Field(
        description="Signs the console's session cookie; 32 random characters or more. Several, comma separated: the "
        "first signs, all are believed"
    )
    data_dir: Path = Field(Path("var"), description="Where the embedded database and Valkey keep their files")
    database_url: SecretStr = Field(
        SecretStr(""), description="SQLAlchemy URL; empty = SQLite in DATA_DIR (PostgreSQL in production)"
    )
    redis_url: SecretStr = Field(
        SecretStr(""), description="Redis or Valkey URL; empty = the embedded Valkey in DATA_DIR"
    )
    bind: str = Field(
        "127.0.0.1", description="IP address the web process listens on: this machine's own proxy; 0.0.0.0 = everybody"
    )
    port: int = Field(8000, description="Port of the web process")
    web_workers: int = Field(2, ge=1, description="Web worker processes; one a core")
    web_threads: int = Field(4, ge=1, description="Threads per web worker; requests wait on the database, not the CPU")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    sentry_dsn: SecretStr | None = Field(None, description="Sentry project to report to; empty = no Sentry")
    sentry_environment: str = Field("production", description="Environment name shown in Sentry")
    sentry_release: str = Field("", description="Release shown in Sentry; empty = switchyard@ and our version")
    sentry_traces_sample_rate: float = Field(0.1, ge=0, le=1, description="Share of traces kept; errors are all kept")
    sentry_trace_url: str = Field(
        "", description="Address of a trace in your Sentry, with {trace} for its id; empty = the console shows the id"
    )

    metrics_token: SecretStr = Field(
        SecretStr(""), description="Who sends it as bearer token may read /metrics (Prometheus); empty = no such page"
    )

    salesforce_client_id: str = Field("", description="Consumer key of the External Client App; empty = no Salesforce")
    salesforce_client_secret: SecretStr = Field(SecretStr(""), description="Consumer secret of that app")
    salesforce_login_url: str = Field("https://login.salesforce.com", description="Where production orgs sign in")
    salesforce_test_login_url: str = Field("https://test.salesforce.com", description="Where sandbox orgs sign in")
    salesforce_extra_hosts: str = Field(
        "", description="Further hosts (host:port, comma separated) allowed as a Salesforce address; for local servers"
    )
    salesforce_pubsub: str = Field("api.pubsub.salesforce.com:7443", description="Pub/Sub API endpoint")
    salesforce_ca_file: Path | None = Field(None, description="PEM file of a private CA in front of Salesforce")
    salesforce_api_version: str = Field("66.0", description="REST version; the one the adapter was tested with")
    salesforce_channel: str = Field("/data/Switchyard__chn", description="Change event channel that the package ships")
    salesforce_streams_per_channel: int = Field(
        50, ge=1, le=1000, description="Orgs' streams on one connection; HTTP/2 servers usually allow 100 calls on one"
    )
    salesforce_poll_seconds: float = Field(
        60.0, gt=0, description="How often changes are asked for while an org may get no more events; ~6 calls each"
    )
    salesforce_namespace: str = Field("", description="Namespace prefix of the installed package, without underscores")
    salesforce_api_share: float = Field(
        0.25, gt=0, le=1, description="Share of an org's daily API calls we may use; the rest is for its other apps"
    )

    salesforce_forget_deleted: bool = Field(
        False,
        description="Forget whoever's lead or contact is deleted in Salesforce, which has no event of its own for it; "
        "a lead that comes back from the recycle bin is then a new one",
    )

    hubspot_client_id: str = Field("", description="Client id of the HubSpot app; empty = no HubSpot")
    hubspot_client_secret: SecretStr = Field(
        SecretStr(""),
        description="Client secret; also verifies webhooks. Several, comma separated: "
        "the first signs in, by any a webhook is verified",
    )
    hubspot_app_id: str = Field("", description="App id; recognises our own changes in webhooks")
    hubspot_authorize_url: str = Field(
        "https://app.hubspot.com/oauth/authorize", description="Where an admin grants access"
    )
    hubspot_api_url: str = Field("https://api.hubapi.com", description="HubSpot API")

    hubspot_app_events: bool = Field(
        False, description="Tell each decision on the contact's timeline; HubSpot must approve the app's events first"
    )
    hubspot_journal: bool = Field(
        False, description="Read HubSpot's webhook journal too: finds what webhooks lost; the app needs its scopes"
    )
    hubspot_journal_hosts: str = Field(
        "hubspot.com,hubapi.com,hubspotusercontent.com,amazonaws.com",
        description="Hosts (comma separated, with all below them) that the journal's files may come from",
    )

    crm_connect_timeout: float = Field(5.0, gt=0, description="Seconds to connect to a CRM; more means it is down")
    crm_read_timeout: float = Field(30.0, gt=0, description="Seconds to wait for a CRM's answer; batches take ~10 s")
    probe_seconds: float = Field(
        10.0, gt=0, le=20, description="Seconds that the permission check waits for its probe; an event takes one"
    )
    webhook_max_bytes: int = Field(1_000_000, description="Largest webhook body; 100 HubSpot events take ~50 kB")
    drain_batch: int = Field(200, ge=1, le=1000, description="Records a round; what one Salesforce call can hold")
    lease_seconds: float = Field(30.0, gt=0, description="A drain's lease; a killed worker's letters wait this long")
    listener_threads: int = Field(
        4, ge=1, le=8, description="Threads of a listener that store events; they wait on the database, not the CPU"
    )
    doorbell_seconds: int = Field(30, ge=1, description="How long one unanswered doorbell silences the next")
    sweep_seconds: float = Field(10.0, gt=0, description="How often the clock rings for letters nobody drains")
    rules_poll_seconds: float = Field(60.0, gt=0, description="How often rules are read again where no event tells")
    reconcile_seconds: float = Field(
        6 * 3600.0, gt=0, description="How often HubSpot is compared for changes whose webhooks never came"
    )
    directory_seconds: float = Field(300.0, gt=0, description="How long the list of users is trusted")
    park_after_attempts: int = Field(20, ge=1, description="Failures of ours before a letter is parked (~3 days)")
    decision_days: int = Field(30, ge=1, description="Days the console can show a decision; the CRM keeps its audit")
    parked_days: int = Field(90, ge=1, description="Days a decision that the CRM refused can be tried again")
    merge_undo_days: int = Field(
        30,
        ge=1,
        description="Days a merge can be taken back: so long the CRM keeps its snapshot, all that its records said. A "
        "month is longer than Salesforce's recycle bin (15), and who looks at a month's report can still act",
    )
    grace_days: float = Field(
        30, gt=0, description="Days an org or portal that cut us off keeps its data here, so that it can connect again"
    )
    assignment_days: int = Field(
        365, ge=1, description="Days it is known who had a lead, after somebody else got it or nothing more was decided"
    )
    open_leads_seconds: float = Field(300.0, gt=0, description="How long the CRM's count of open leads is trusted")
    standings_seconds: float = Field(
        3600.0, gt=0, description="How often at most what pools' members received is written to the CRM's records"
    )
    task_due_minutes: int = Field(60, ge=1, description="When a task is due if the rule does not say")

    change_days: int = Field(
        365, ge=30, description="Days it is known who changed what in an install, and which API keys there were"
    )
    rate_limits: bool = Field(True, description="Count requests and refuse whoever asks too often")
    rate_pages: int = Field(
        600, ge=1, description="Pages a minute for one person; a page that stays open asks six times"
    )
    rate_sign_in: int = Field(30, ge=1, description="Attempts a minute to sign in, or with unknown keys, per address")
    rate_api: int = Field(600, ge=1, description="Calls of the API a minute for one key; CRMs allow us hardly more")
    proxies: int = Field(
        0, ge=0, le=5, description="Proxies in front that add to X-Forwarded-For; 0 = addresses of people are not known"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Values passed in code win (tests); the environment is read by :func:`load` alone, with NAME_FILE."""
        _ = settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @field_validator("encryption_keys")
    @classmethod
    def _keys_are_fernet(cls, value: SecretStr) -> SecretStr:
        keys = [key.strip() for key in value.get_secret_value().split(",") if key.strip()]
        if not keys:
            raise ValueError("holds no key; make one with `switchyard keys new`")
        for position, key in enumerate(keys, start=1):
            try:
                Fernet(key)
            except ValueError:
                raise ValueError(f"key {position} is not a Fernet key; make one with `switchyard keys new`") from None
        return value

    @field_validator("session_secret")
    @classmethod
    def _secret_is_long(cls, value: SecretStr) -> SecretStr:
        if min(map(len, _several(value)), default=0) < 32:  # noqa: PLR2004 - 32 characters of base64 are 192 bits
            raise ValueError("is too short; use 32 random characters or more, no comma among them")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_is_ours(cls, value: SecretStr) -> SecretStr:
        if not value:
            return value
        try:
            address = make_url(value.get_secret_value())
            known = address.get_backend_name() in DATABASES
        except (ArgumentError, ValueError):  # what they say quotes the address
            known = False
        if not known:
            raise ValueError("is no address of a database we know, e.g. postgresql://user:password@host/name")
        behind = address.database or value.get_secret_value().partition("?")[2]
        if address.host is not None and "@" in address.host + behind:
            raise ValueError(_UNQUOTED)
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_is_redis(cls, value: SecretStr) -> SecretStr:
        if not value:
            return value
        try:
            address = urlsplit(value.get_secret_value())
            _ = address.port
        except ValueError:  # what it says quotes the address
            raise ValueError(_UNQUOTED) from None
        if address.scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("must start with redis://, rediss:// or unix://")
        if address.netloc and "@" not in address.netloc and "@" in f"{address.path}{address.query}{address.fragment}":
            raise ValueError(_UNQUOTED)
        return value

    @field_validator("log_level")
    @classmethod
    def _level_is_known(cls, value: str) -> str:
        if value.upper() not in LEVELS:
            raise ValueError(f"must be one of {', '.join(LEVELS)}")
        return value.upper()

    @field_validator("public_url")
    @classmethod
    def _public_url_is_https(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in {"localhost", "127.0.0.1"}):
            raise ValueError("must start with https:// (http:// only for localhost)")
        if _ORIGIN.fullmatch(value) is None:
            raise ValueError("must be https://host or https://host:port, with nothing behind it")
        return value.rstrip("/")

    @field_validator("sentry_trace_url")
    @classmethod
    def _trace_url_leads_to_a_trace(cls, value: str) -> str:
        if value and not (value.startswith("https://") and "{trace}" in value):
            raise ValueError("must start with https:// and hold {trace} where the trace's id goes")
        return value

    @field_validator("bind")
    @classmethod
    def _bind_is_an_address(cls, value: str) -> str:
        try:
            ip_address(value)
        except ValueError:
            raise ValueError("must be an IP address, e.g. 127.0.0.1 or 0.0.0.0") from None
        return value

    @property
    def crms(self) -> tuple[CrmName, ...]:
        """The CRMs that are configured."""
        found: list[CrmName] = []
        if self.salesforce_client_id:
            found.append("salesforce")
        if self.hubspot_client_id:
            found.append("hubspot")
        return tuple(found)

    @property
    def session_secrets(self) -> tuple[str, ...]:
        """What signs sessions: the first signs, the older ones are believed until they are taken out."""
        return _several(self.session_secret)

    @property
    def hubspot_secrets(self) -> tuple[str, ...]:
        """The client secrets of the HubSpot app: we sign in by the first, HubSpot may still sign by an older one."""
        return _several(self.hubspot_client_secret) or ("",)

    @property
    def listen(self) -> str:
        """Where the web process listens, as host:port; an IPv6 address in brackets."""
        return f"[{self.bind}]:{self.port}" if ":" in self.bind else f"{self.bind}:{self.port}"

    @property
    def database(self) -> str:
        """The database URL in use."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir.absolute() / 'switchyard.sqlite'}"

    @property
    def redis(self) -> str:
        """The Redis URL in use; the embedded Valkey listens on a socket in DATA_DIR."""
        return self.redis_url.get_secret_value() or f"unix://{self.data_dir.absolute() / 'valkey.sock'}"

    @property
    def secure_cookies(self) -> bool:
        """Whether the console is served over https."""
        return self.public_url.startswith("https://")


def _several(value: SecretStr) -> tuple[str, ...]:
    """Return the secrets of a setting that may hold several, newest first."""
    return tuple(each.strip() for each in value.get_secret_value().split(",") if each.strip())


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment. Raises SettingsError with every missing or bad one at once."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    faults: list[str] = []
    for name in Settings.model_fields:
        variable = name.upper()
        if path := environ.get(f"{variable}_FILE"):
            try:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                faults.append(f"{variable}_FILE: cannot read {path}: {error.strerror}")
            except UnicodeDecodeError:
                faults.append(f"{variable}_FILE: {path} holds no text")
        elif environ.get(variable):
            values[name] = environ[variable]
    faults.extend(_crm_faults(values))
    try:
        settings = Settings(**values)
    except ValidationError as error:
        faults.extend(_sentence(fault) for fault in error.errors(include_input=False, include_url=False))
        raise SettingsError("\n".join(faults)) from None
    if faults:
        raise SettingsError("\n".join(faults))
    return settings


def _crm_faults(values: Mapping[str, Any]) -> list[str]:
    """Name what is missing of each CRM; at least one must be whole."""
    if not (values.get("salesforce_client_id") or values.get("hubspot_client_id")):
        return ["No CRM is configured: set SALESFORCE_CLIENT_ID or HUBSPOT_CLIENT_ID (or both)"]
    needed = {
        "salesforce_client_id": ("salesforce_client_secret",),
        "hubspot_client_id": ("hubspot_client_secret", "hubspot_app_id"),
    }
    return [
        f"{name.upper()} is missing: {Settings.model_fields[name].description}"
        for first, others in needed.items()
        if values.get(first)
        for name in others
        if not values.get(name)
    ]


def _sentence(fault: Any) -> str:
    """Say one validation fault by the variable's name; never with its value."""
    name = str(fault["loc"][0]).upper() if fault["loc"] else ""
    if fault["type"] == "missing":
        return f"{name} is missing: {Settings.model_fields[name.lower()].description}"
    message = fault["msg"].removeprefix("Value error, ")
    return f"{name} {message}" if name else message
