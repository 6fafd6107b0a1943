"""What neither the demo nor the contract does: other places for audits, definitions that are mended, an uninstall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connector.crm import Token
from connector.hubspot.gateway import HubSpotCrm
from connector.hubspot.schemas import SCHEMAS
from connector.hubspot.shelf import NoShelf, Standing
from connector.hubspot.wire import dated
from oauth.providers import provider
from rules.model import AUDIT
from tests.connector.hubspot.app_objects import app_scopes, config
from tests.connector.salesforce.signed_in import Memory, Tokens
from tests.contract.decisions import DONE, decision, perform, statuses, work
from tests.contract.grants import walk
from tests.contract.hubspot_place import HubSpotPlace
from tests.local.world import World

CONTACT, DEAL = "0-1", "0-3"
EGG = {
    "name": "seldom",
    "labels": {"singular": "Seldom", "plural": "Seldoms"},
    "primaryDisplayProperty": "title",
    "secondaryDisplayProperties": [],
    "requiredProperties": ["title"],
    "searchableProperties": ["title"],
    "associatedObjects": [CONTACT],
    "allowsSensitiveProperties": False,
    "properties": [{"name": "title", "label": "Title", "type": "string", "fieldType": "text"}],
}


@dataclass
class AppObjects(NoShelf):
    """Remembers that rules and audits stand in the app's objects."""

    kind: str = "app_objects"
    target: str = ""
    why: str = ""

    def standing(self) -> Standing:
        """Return itself."""
        return self


def route_in_a_small_portal(world: World, directory: Path) -> None:
    """Route a lead in a portal that can have no custom objects."""
    place = HubSpotPlace(world, directory)
    place.control.post("portals", {"portalId": int(place.tenant_id), "tier": "free"})
    _route(place, place.open())


def route_with_app_objects(world: World, directory: Path) -> None:
    """Route a lead in a portal where HubSpot has approved the app's own objects."""
    place = HubSpotPlace(world, directory)
    portal, app_id = int(place.tenant_id), place.settings.hubspot_app_id
    objects = [config(name) for name in SCHEMAS]
    place.control.post("app-objects", {"portalId": portal, "objects": objects, "associated": ["0-1", "0-2"]})
    scopes = walk(place.settings, "hubspot", place.tenant_id).scopes | app_scopes(app_id)
    granted = place.control.post("install", {"portalId": portal, "scopes": sorted(scopes)})
    tokens = Tokens(Token(granted["access_token"], place.settings.hubspot_api_url))
    crm = HubSpotCrm(
        tokens, settings=place.settings, memo=Memory(), portal_id=place.tenant_id, scopes=frozenset(granted["scopes"])
    )
    crm.use_shelf(AppObjects())
    _route(place, crm)


def _route(place: HubSpotPlace, crm: HubSpotCrm) -> None:
    """Prepare a portal, route a lead, and look at it again as after a crash. Raises LookupError if it is not routed."""
    crm.prepare()
    made = decision(place.lead(last_name="Seldom"), place.ana, account_id=place.account("Muster", place.ana))
    for uncertain in (frozenset[str](), frozenset({action.key for action in made.actions} | {AUDIT})):
        found = set(statuses(perform(crm, work(made, uncertain=uncertain)), made).values())
        if not found <= DONE | {"unknown"}:
            raise LookupError(f"a lead was not routed: {sorted(found)}")
    crm.close()


def mend_and_end(world: World, directory: Path) -> None:
    """Mend the definitions of a portal of its own as `prepare` does where something is amiss, then uninstall."""
    place = HubSpotPlace(world, directory)
    crm = place.open()
    crm.prepare()
    client = crm._client
    client.archived(CONTACT, limit=10)
    client.schemas(archived=True)
    ours = next(one for one in client.properties(CONTACT)["results"] if one["name"].startswith("switchyard"))
    client.update_property(CONTACT, ours["name"], {"label": ours["label"]})
    made = client.create_schema(EGG)["objectTypeId"]
    client.create_association_type(made, DEAL, "seldom_to_deal")
    # The product only removes for good what an admin has archived; so this one deletion is the admin's.
    client._wire.send("DELETE", dated(f"/crm-object-schemas/v3/schemas/{made}"))
    client.purge_schema(made)
    crm.close()
    there = provider("hubspot", place.settings, lambda: datetime.now(UTC))
    grant = there.refresh(walk(place.settings, "hubspot", place.tenant_id))
    there.identity(grant)
    there.uninstall(grant)
