"""A small house for the OAuth tests: real settings, a real database, the real vault and pages, over the sandboxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from cryptography.fernet import Fernet
from flask import Flask, request
from flask.testing import FlaskClient
from flask_babel import Babel
from jinja2 import DictLoader

from connector.crm import CrmName
from connector.settings import Settings
from connector.store import grants, installs, leases, leaves, memos, postings, progress, tokens
from connector.store.base import Database, metadata
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.seal import KeyRing
from oauth import reps, typed
from oauth.flow import blueprint
from oauth.grant import Grant, Purpose
from oauth.providers import provider
from oauth.vault import Vault
from rules.model import User
from tests.sandbox import hubspot, salesforce

PUBLIC_URL = "http://localhost:8000"
SALESFORCE_ADMIN, SALESFORCE_USER = "admin@acme.example", "standard@acme.example"
HUBSPOT_ADMIN, HUBSPOT_USER = 9_586_504, 9_586_505
PAGE = "{{ status }}|{{ title }}|{{ message }}|{{ remedy }}"
TOKEN_PATH: dict[CrmName, str] = {"salesforce": "/services/oauth2/token", "hubspot": "/oauth/2026-09/token"}
TABLES = (grants, installs, leases, leaves, memos, postings, progress, tokens)


class Clock:
    """The time, which tests move."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class House:
    """Everything one test works with. `told` collects what the blueprint reports as (install, new).

    `people` are the active users of every CRM by the id they sign in with, or what asking for them raises.
    """

    values: dict[str, Any]
    hubspot: hubspot.Sandbox
    salesforce: salesforce.Sandbox
    portal: int
    clock: Clock = field(default_factory=Clock)
    told: list[tuple[Install, bool]] = field(default_factory=list)
    people: dict[str, User] | Exception = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = Settings(**self.values)
        self.database = Database(self.settings.database)
        metadata.create_all(self.database.engine, tables=[t for m in TABLES for t in _tables(m)])
        self.keyring = KeyRing(self.settings.encryption_keys.get_secret_value())
        self.vault = self.another_vault()

    def another_vault(self, settings: Settings | None = None, keyring: KeyRing | None = None) -> Vault:
        """A vault over the same database, as another process would have."""
        return Vault(
            self.database, keyring or self.keyring, settings or self.settings, self.clock, holder="a-host:17:abcd"
        )

    def changed(self, **values: Any) -> Settings:
        """The settings with other values."""
        return Settings(**{**self.values, **values})

    def visitor(self) -> Visitor:
        """A person with a browser that has never been here."""
        app = Flask("house")
        app.secret_key = self.settings.session_secret.get_secret_value()
        Babel(app)
        app.jinja_loader = DictLoader({"oauth/problem.html": PAGE})
        app.register_blueprint(
            blueprint(
                settings=self.settings,
                database=self.database,
                keyring=self.keyring,
                vault=self.vault,
                clock=self.clock,
                connected=lambda install, new: self.told.append((install, new)),
                member=self.member,
            )
        )
        app.add_url_rule("/typed", "typed", lambda: typed.proof(request.args["domain"]))
        return Visitor(self, app.test_client())

    def approve(self, url: str, *, who: str = "admin", decision: str = "allow") -> str:
        """Answer the CRM's authorize page as an ``admin`` or a plain ``user``; return where it sends the browser."""
        parts = urlsplit(url)
        form = dict(parse_qsl(parts.query)) | {"decision": decision}
        if parts.path == "/oauth/authorize":
            form["account"] = f"{self.portal}:{HUBSPOT_ADMIN if who == 'admin' else HUBSPOT_USER}"
        else:
            form["username"] = {"admin": SALESFORCE_ADMIN, "user": SALESFORCE_USER}.get(who, who)
        answer = requests.post(
            parts._replace(query="").geturl(),
            data=form,
            allow_redirects=False,
            verify=str(self.settings.salesforce_ca_file),
            timeout=10,
        )
        return answer.headers.get("Location", answer.text)

    def grant(self, crm: CrmName, purpose: Purpose = "install") -> Grant:
        """A fresh grant of the CRM's admin, through the real provider."""
        there = provider(crm, self.settings, self.clock)
        redirect_uri = f"{PUBLIC_URL}/oauth/{crm}/callback"
        host = there.login("production", "")
        url, verifier = there.authorize(redirect_uri=redirect_uri, state="s", host=host, purpose=purpose)
        code = dict(parse_qsl(urlsplit(self.approve(url)).query))["code"]
        return there.exchange(code=code, redirect_uri=redirect_uri, host=host, verifier=verifier)

    def installed(self, crm: CrmName, grant: Grant | None = None) -> Install:
        """An install with a stored grant, without the browser."""
        grant = grant or self.grant(crm)
        with self.database.write() as connection:
            install, _ = installs.connect(
                connection,
                crm=crm,
                tenant_id=f"tenant-{crm}",
                name="Acme",
                base_url=grant.base_url,
                scopes=grant.scopes,
                new_key=self.keyring.new_key(),
                now=self.clock(),
            )
            self.vault.keep(connection, install.id, self.keyring.seal(install.key), grant)
        return install

    def install(self, install_id: str) -> Install | None:
        """The install as it stands in the database now."""
        with self.database.read() as connection:
            return installs.by_id(connection, install_id)

    def lets_in(self, install: Install, who: dict[str, Any]) -> bool:
        """Whether a session that says this opens the install now."""
        with self.database.read() as connection:
            return installs.is_admin(connection, install.id, who["user_id"], epoch=who["epoch"], now=self.clock())

    def lets_in_rep(self, install: Install, rep: dict[str, Any]) -> bool:
        """Whether a rep's session that says this still counts."""
        memo = StoredMemo(self.database, install.id, self.keyring.seal(install.key), self.clock)
        return reps.stays(memo, rep["user_id"], rep["epoch"])

    def member(self, _install: Install, login_id: str) -> User | None:
        """Who signs in with this id, as the list of users says."""
        if isinstance(self.people, Exception):
            raise self.people
        return self.people.get(login_id)

    def every(self) -> list[Install]:
        """All installs."""
        with self.database.read() as connection:
            return installs.every(connection)

    def stored_token(self, install: Install) -> tuple[bytes, int, datetime | None] | None:
        """The sealed token, its version and expiry."""
        with self.database.read() as connection:
            return tokens.get(connection, install.id)

    def calls(self, crm: CrmName, path: str) -> int:
        """How many calls to a path the CRM has seen since the test began."""
        control = self.salesforce.control if crm == "salesforce" else self.hubspot.control
        return sum(call.path.endswith(path) for call in control.calls())


class Visitor:
    """A person with a browser."""

    def __init__(self, house: House, client: FlaskClient) -> None:
        self.house = house
        self.client = client

    def start(self, crm: str, purpose: str = "install", **query: str) -> str:
        """Click install or sign in; return the CRM's URL the browser is sent to."""
        answer = self.client.get(f"/oauth/{crm}/{purpose}", query_string=query, base_url=PUBLIC_URL)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def open(self, url: str) -> tuple[int, str]:
        """Follow a link to our own site: (status, redirect target or page)."""
        parts = urlsplit(url)
        answer = self.client.get(f"{parts.path}?{parts.query}", base_url=PUBLIC_URL)
        return answer.status_code, answer.headers.get("Location") or answer.text

    def connect(self, crm: str, purpose: str = "install", *, who: str = "admin") -> tuple[int, str]:
        """The whole way: click, allow, come back."""
        return self.open(self.house.approve(self.start(crm, purpose), who=who))

    def types(self, domain: str) -> str:
        """Type a My Domain on our page; return the proof that its links carry."""
        return str(self.client.get("/typed", query_string={"domain": domain}, base_url=PUBLIC_URL).text)

    def session(self) -> dict[str, Any]:
        """What our cookie says."""
        with self.client.session_transaction(base_url=PUBLIC_URL) as session:
            return dict(session)


def second_admin(house: House) -> str:
    """A user of the org who may customise it: the integration user, given the permission for this test's org."""
    return _permit(house, "grant")


def lose_rights(house: House, username: str) -> None:
    """Take the permission from the second admin again."""
    assert _permit(house, "deny") == username


def _permit(house: House, how: str) -> str:
    org = house.salesforce.org
    user = org.user_by_name("integration@acme.example")
    assert user is not None
    change: dict[str, list[str]] = {"grant": [], "deny": [], "hide": [], "show": []}
    org.people.change(user["Id"], **(change | {how: ["CustomizeApplication"]}))
    return str(user["Username"])


def refused(answer: tuple[int, str], status: int, words: str) -> None:
    """Assert that the page says what happened and what to do."""
    assert answer[0] == status
    assert words in answer[1]
    assert len(answer[1].split("|")[3]) > 20, "the remedy"


def environment(directory: Path, hub: hubspot.Sandbox, org: salesforce.Sandbox) -> dict[str, Any]:
    """The values of the settings for a test."""
    return {
        "public_url": PUBLIC_URL,
        "encryption_keys": Fernet.generate_key().decode(),
        "session_secret": "a session secret of 32 characters or more",
        "data_dir": directory,
        "salesforce_client_id": org.client_id,
        "salesforce_client_secret": org.client_secret,
        "salesforce_login_url": org.url,
        "salesforce_ca_file": org.ca,
        "hubspot_client_id": hub.client_id,
        "hubspot_client_secret": hub.client_secret,
        "hubspot_app_id": str(hub.app_id),
        "hubspot_authorize_url": f"{hub.url}/oauth/authorize",
        "hubspot_api_url": hub.url,
    }


def _tables(module: Any) -> list[Any]:
    # By identity: the modules also hold parts of statements, which make a condition of every comparison.
    there = {id(each) for each in vars(module).values()}
    return [table for table in metadata.sorted_tables if id(table) in there]
