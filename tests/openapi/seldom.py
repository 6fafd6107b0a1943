"""The calls that neither the demo nor the contract makes: an install that is mended, and one that ends."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from connector.hubspot.wire import dated
from oauth.providers import provider
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
    "properties": [{"name": "title", "label": "Title", "type": "string", "fieldType": "text"}],
}


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
