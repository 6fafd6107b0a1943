"""Puts the parts together behind one port and lets tests start and stop it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from flask import Flask

from tests.sandbox.control import LOOPBACK, attach, serve
from tests.sandbox.hubspot import orders
from tests.sandbox.hubspot.accounts import accounts_blueprint
from tests.sandbox.hubspot.addresses import addresses_blueprint
from tests.sandbox.hubspot.batches import batches_blueprint
from tests.sandbox.hubspot.clicks import ADMIN
from tests.sandbox.hubspot.definitions import definitions_blueprint
from tests.sandbox.hubspot.gate import answer_errors
from tests.sandbox.hubspot.hub import DEFAULT_PORTAL, Hub, Settings
from tests.sandbox.hubspot.journal import journal_blueprint
from tests.sandbox.hubspot.linking import linking_blueprint
from tests.sandbox.hubspot.manifest import PROJECT, read_manifest
from tests.sandbox.hubspot.oauth import Grants, oauth_blueprint
from tests.sandbox.hubspot.objects import objects_blueprint
from tests.sandbox.hubspot.timeline import timeline_blueprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tests.sandbox.control import Control

# A loaded million rows in one body must fit.
MOST_BYTES = 1 << 31


def build(hub: Hub, grants: Grants) -> Flask:
    """Return the web application of a hub."""
    app = Flask("hubspot", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    attach(app, hub.control)
    answer_errors(app)
    app.register_blueprint(orders.orders_blueprint(hub, grants))
    app.register_blueprint(oauth_blueprint(hub, grants))
    for blueprint in (
        batches_blueprint,
        objects_blueprint,
        linking_blueprint,
        definitions_blueprint,
        accounts_blueprint,
        journal_blueprint,
        timeline_blueprint,
        addresses_blueprint,
    ):
        app.register_blueprint(blueprint(hub))
    return app


class Sandbox:
    """A running local HubSpot. `url` is its base; `portal` the id of the portal that is always there."""

    portal = DEFAULT_PORTAL

    def __init__(self, hub: Hub, port: int, host: str = LOOPBACK) -> None:
        self.hub = hub
        self._grants = Grants(hub)
        self._running = serve(build(hub, self._grants), host=host, port=port, threads=24)
        self.port = self._running.port
        self.url = f"http://{host}:{self.port}"
        hub.store.remember("port", self.port)

    @property
    def client_id(self) -> str:
        """Return the app's client id."""
        return self.hub.app.client_id

    @property
    def client_secret(self) -> str:
        """Return the app's client secret."""
        return self.hub.app.client_secret

    @property
    def app_id(self) -> int:
        """Return the app's id, which is the ``sourceId`` of its own changes."""
        return self.hub.app.id

    @property
    def control(self) -> Control:
        """Return the orders and the call log."""
        return self.hub.control

    def install(self, portal: int = DEFAULT_PORTAL, scopes: Iterable[str] | None = None) -> dict[str, Any]:
        """Install the app without the page and return the token answer; all scopes that the tier has by default."""
        manifest = self.hub.manifest
        offered = [s for s in (*manifest.required, *manifest.optional) if self.hub.portals.get(portal).has(s)]
        return self._grants.install(portal, ADMIN, offered if scopes is None else scopes)

    def load(self, portal: int, name: str, rows: Iterable[dict[str, Any]], *, silent: bool = True) -> dict[str, Any]:
        """Fill a portal: rows ``{properties, externalKey?, associations?}``; returns ``{ids, keys, count}``."""
        return orders.load(self.hub, portal, name, rows, silent=silent)

    def rows(self, portal: int, name: str, *, archived: bool = False) -> list[dict[str, Any]]:
        """Return every record of a type with its associations."""
        return orders.rows(self.hub, portal, name, archived=archived)

    def reset(self) -> None:
        """Start anew without a new process: an empty default portal, not installed, no orders, default settings."""
        self.hub.reset()

    def stop(self) -> None:
        """Stop serving and sending; the state stays in the directory."""
        self._running.stop()
        self.hub.close()


def _free_port() -> int:
    """Choose a port, to be bound by number: only then may a restart bind it while old connections linger."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    directory: Path,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    webhook_url: str | None = None,
    public_webhook_url: str | None = None,
    redirect_uris: Sequence[str] = (),
    manifest: Path = PROJECT,
    search_lag: float = 0.0,
    expires_in: int = 1800,
    retry_scale: float | None = None,
) -> Sandbox:
    """Start a local HubSpot whose state is in `directory`.

    `port` 0 takes the port of the last run in that directory, or a free one. `webhook_url` is connected to,
    `public_webhook_url` is signed (the same when None). `search_lag` and `expires_in` in seconds; `retry_scale` shrinks
    the hours between webhook retries.
    """
    hub = Hub(directory, read_manifest(manifest), Settings(search_lag=search_lag, expires_in=expires_in))
    hub.redirect_urls.update(redirect_uris)
    given = {"url": webhook_url, "public_url": public_webhook_url, "retry_scale": retry_scale}
    hub.deliveries.change({name: value for name, value in given.items() if value is not None})
    return Sandbox(hub, port or hub.store.recall("port") or _free_port(), host)
