"""A world: a local Salesforce, a local HubSpot, and the environment in which the product finds them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import requests
from cryptography.fernet import Fernet

from connector.settings import Settings, load
from tests.local.processes import Running, free_port, plain_environment, start_sandbox

CrmName = Literal["salesforce", "hubspot"]


@dataclass
class Control:
    """The control plane of one sandbox, over HTTP like any other client of it."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def post(self, path: str, body: Any) -> Any:
        """Give an order."""
        answer = self.session.post(f"{self.url}/_control/{path}", json=body, timeout=120)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def get(self, path: str, **query: Any) -> Any:
        """Ask something."""
        answer = self.session.get(f"{self.url}/_control/{path}", params=query, timeout=120)
        answer.raise_for_status()
        return answer.json()

    def delete(self, path: str) -> None:
        """Forget orders or calls."""
        self.session.delete(f"{self.url}/_control/{path}", timeout=30).raise_for_status()


@dataclass
class World:
    """Both sandboxes running, and where the product would be. `stop` ends the sandboxes."""

    directory: Path
    port: int
    salesforce: Running
    hubspot: Running
    keys: str = field(default_factory=lambda: Fernet.generate_key().decode())
    session_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def url(self) -> str:
        """Where the console is (once a web process runs)."""
        return f"http://localhost:{self.port}"

    @property
    def salesforce_control(self) -> Control:
        """The control plane of the local Salesforce."""
        session = requests.Session()
        session.trust_env = False
        session.verify = self.salesforce.ready["ca"]
        return Control(self.salesforce.ready["url"], session)

    @property
    def hubspot_control(self) -> Control:
        """The control plane of the local HubSpot."""
        session = requests.Session()
        session.trust_env = False
        return Control(self.hubspot.ready["url"], session)

    def variables(self, data_dir: Path, **more: str) -> dict[str, str]:
        """Return the product's settings as environment variables."""
        salesforce, hubspot = self.salesforce.ready, self.hubspot.ready
        return {
            "PUBLIC_URL": self.url,
            "PORT": str(self.port),
            "ENCRYPTION_KEYS": self.keys,
            "SESSION_SECRET": self.session_secret,
            "DATA_DIR": str(data_dir),
            "SALESFORCE_CLIENT_ID": salesforce["client_id"],
            "SALESFORCE_CLIENT_SECRET": salesforce["client_secret"],
            "SALESFORCE_LOGIN_URL": salesforce["url"],
            "SALESFORCE_TEST_LOGIN_URL": salesforce["url"],
            "SALESFORCE_EXTRA_HOSTS": salesforce["url"].removeprefix("https://"),
            "SALESFORCE_PUBSUB": salesforce["pubsub"],
            "SALESFORCE_CA_FILE": str(salesforce["ca"]),
            "HUBSPOT_CLIENT_ID": hubspot["client_id"],
            "HUBSPOT_CLIENT_SECRET": hubspot["client_secret"],
            "HUBSPOT_APP_ID": str(hubspot["app_id"]),
            "HUBSPOT_AUTHORIZE_URL": f"{hubspot['url']}/oauth/authorize",
            "HUBSPOT_API_URL": hubspot["url"],
            **more,
        }

    def environment(self, data_dir: Path, **more: str) -> dict[str, str]:
        """Return the whole environment of a product process."""
        return {**plain_environment(), **self.variables(data_dir, **more)}

    def settings(self, data_dir: Path, **more: str) -> Settings:
        """Return the product's settings, for tests that run it in their own process."""
        return load(self.variables(data_dir, **more))

    def stop(self) -> None:
        """End both sandboxes."""
        self.salesforce.stop()
        self.hubspot.stop()


def begin(directory: Path, *, port: int = 0) -> World:
    """Start both sandboxes with their state and logs in `directory`; `port` is where the console will be."""
    port = port or free_port()
    directory.mkdir(parents=True, exist_ok=True)
    redirect = f"http://localhost:{port}/oauth"
    hook = f"http://127.0.0.1:{port}/webhooks/hubspot"
    salesforce = start_sandbox(
        "tests.sandbox.salesforce",
        *("--dir", str(directory / "salesforce"), "--redirect-uri", f"{redirect}/salesforce/callback"),
        log=directory / "salesforce.log",
    )
    hubspot = start_sandbox(
        "tests.sandbox.hubspot",
        *("--dir", str(directory / "hubspot"), "--redirect-uri", f"{redirect}/hubspot/callback"),
        *("--webhook-url", hook, "--public-webhook-url", f"http://localhost:{port}/webhooks/hubspot"),
        log=directory / "hubspot.log",
    )
    return World(directory, port, salesforce, hubspot)
