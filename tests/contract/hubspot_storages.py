"""The local HubSpot as two more places: portals whose rules and audits stand elsewhere than in custom objects."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path

from connector.crm import Token
from connector.hubspot.gateway import HubSpotCrm
from connector.hubspot.schemas import SCHEMAS
from connector.store import migrate
from connector.store.base import Database
from connector.store.shelves import StoredShelf
from tests.connector.hubspot.app_objects import app_scopes, config
from tests.connector.salesforce.signed_in import Memory, Tokens
from tests.connector.store.kit import NOW, tenant
from tests.contract.hubspot_place import HubSpotPlace
from tests.local.world import World

RECORD = re.compile(r"Switchyard record: ([A-Za-z0-9_=-]+)")


class NotesPlace(HubSpotPlace):
    """A new portal of a small subscription: notes, properties, and rules in our own database."""

    audits_in = "notes"

    def __init__(self, world: World, directory: Path) -> None:
        super().__init__(world, directory)
        self._order("portals", tier="starter")
        database = Database(f"sqlite:///{directory / 'shelf.sqlite'}")
        migrate.upgrade(database)
        who = tenant(database, self.tenant_id)
        self.shelf = StoredShelf(database, who.id, who.seal, lambda: NOW)

    def open(self) -> HubSpotCrm:
        """Connect with a fresh grant and an empty memory, and with a shelf that lasts."""
        scopes = self._scopes()
        answer = self._order("install", **({"scopes": sorted(scopes)} if scopes else {}))
        tokens = Tokens(Token(answer["access_token"], self.settings.hubspot_api_url))
        app_id = str(self.control.get("app")["app_id"])
        crm = HubSpotCrm(
            tokens,
            settings=self.settings.model_copy(update={"hubspot_app_id": app_id}),
            memo=Memory(),
            portal_id=self.tenant_id,
            scopes=frozenset(answer["scopes"]),
        )
        crm.use_shelf(self.shelf)
        return crm

    def drop_audit(self, ref: str) -> None:
        """A person deletes an audit."""
        self._order("delete", object=self.audits_in, id=ref)

    def _scopes(self) -> frozenset[str]:
        """All that the subscription has."""
        return frozenset()

    def _audits(self, lead_id: str) -> dict[str, str]:
        found = [word for row in self._rows("notes") for word in RECORD.findall(row["properties"]["hs_note_body"])]
        every = [json.loads(zlib.decompress(base64.urlsafe_b64decode(word))) for word in found]
        return {row["key"]: row["outcome"] for row in every if row["lead_id"] == lead_id}


class AppObjectsPlace(NotesPlace):
    """A new portal of a small subscription with the app objects of ours."""

    def __init__(self, world: World, directory: Path) -> None:
        super().__init__(world, directory)
        objects = [config(name) for name in SCHEMAS]
        names = self._order("app-objects", objects=objects, associated=["0-1", "0-2"])
        self.audits_in = next(name for name in names if name.endswith("routing_audit"))
        self.prefix = self.audits_in.removesuffix("routing_audit")

    def _scopes(self) -> frozenset[str]:
        return frozenset(self._order("install")["scopes"]) | app_scopes(self.prefix.strip("a_"))

    def _audits(self, lead_id: str) -> dict[str, str]:
        every = [row["properties"] for row in self._rows(self.audits_in)]
        mine = [row for row in every if row[f"{self.prefix}lead_id"] == lead_id]
        return {row[f"{self.prefix}decision_key"]: row[f"{self.prefix}outcome"] for row in mine}
