"""Everything one sandbox is made of, in one place that its parts share."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from tests.sandbox.control import Control
from tests.sandbox.hubspot.associations import Associations
from tests.sandbox.hubspot.delivery import Deliveries
from tests.sandbox.hubspot.events import Events
from tests.sandbox.hubspot.joining import Joining
from tests.sandbox.hubspot.journal import Journal
from tests.sandbox.hubspot.limits import Limits
from tests.sandbox.hubspot.portals import Portals
from tests.sandbox.hubspot.properties import Properties
from tests.sandbox.hubspot.records import Records
from tests.sandbox.hubspot.store import Store
from tests.sandbox.hubspot.timeline import Timeline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.hubspot.manifest import Manifest

DEFAULT_PORTAL = 247_187_887


@dataclass
class Settings:
    """What can be turned while it runs. Times in seconds.

    `search_lag`: how long a write stays unseen by search. `expires_in`: life of an access token. `code_life`: life of
    an authorization code. `rotate_refresh`: a refresh gives a new refresh token and kills the old one (HubSpot does not
    today; its answer may carry a new one). `shuffle_results`: batch answers come in any order, as nothing promises one.
    """

    search_lag: float = 0.0
    expires_in: int = 1800
    code_life: int = 600
    rotate_refresh: bool = False
    shuffle_results: bool = False

    def change(self, values: dict[str, Any]) -> None:
        """Set several at once; ValueError for a name that does not exist."""
        unknown = set(values) - {known.name for known in fields(self)}
        if unknown:
            message = f"no such setting: {sorted(unknown)}"
            raise ValueError(message)
        for name, value in values.items():
            setattr(self, name, value)


@dataclass(frozen=True)
class App:
    """The installed app's identity."""

    id: int
    client_id: str
    client_secret: str


class Hub:
    """One local HubSpot without its web face."""

    def __init__(self, directory: Path, manifest: Manifest, settings: Settings) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.store = Store(directory / "hubspot.sqlite")
        self.manifest = manifest
        self.settings = settings
        self.control = Control()
        self.app = self._app()
        self.deliveries = Deliveries(self.store, manifest, self.app.client_secret)
        self.redirect_urls: set[str] = set(manifest.redirect_urls)
        self.journal = Journal()
        self._initial = replace(settings)
        self._open()

    def _open(self) -> None:
        """Make the parts that keep things in memory."""
        self.limits = Limits()
        self.portals = Portals(self.store)
        self.properties = Properties(self.store)
        self.journal.files.clear()
        self.journal.subscriptions.clear()
        self.events = Events(self)
        self.associations = Associations(self)
        self.joining = Joining(self)
        self.records = Records(self)
        self.timeline = Timeline(self)
        if not self.portals.all():
            self.portals.add(DEFAULT_PORTAL)

    def _app(self) -> App:
        known = self.store.recall("app")
        if known is None:
            known = {
                "id": 50_780_459,
                "client_id": str(uuid.uuid4()),
                "client_secret": str(uuid.UUID(bytes=secrets.token_bytes(16))),
            }
            self.store.remember("app", known)
        return App(**known)

    def reset(self) -> None:
        """Start anew: no records, portals, installs, orders or calls; the app, the port and the ids go on."""
        self.joining.stop()
        self.deliveries.reset()
        self.store.empty()
        self.control.forget_orders()
        self.control.forget_calls()
        self.settings = replace(self._initial)
        self._open()

    def close(self) -> None:
        """Stop sending and close the file."""
        self.joining.stop()
        self.deliveries.stop()
        self.store.close()
