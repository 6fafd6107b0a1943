"""The app's own objects as the project's files describe them, deployed to a portal of the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.hubspot.objects import app_scopes
from connector.hubspot.schemas import SCHEMAS

if TYPE_CHECKING:
    from tests.connector.hubspot.conftest import Portal

CUSTOM = frozenset(
    {"crm.objects.custom.read", "crm.objects.custom.write", "crm.schemas.custom.read", "crm.schemas.custom.write"}
)


def config(name: str) -> dict[str, Any]:
    """Return the ``config`` of an app object's file."""
    schema = SCHEMAS[name]
    return {
        "name": name.upper(),
        "description": schema["description"],
        "singularForm": schema["labels"]["singular"],
        "pluralForm": schema["labels"]["plural"],
        "primaryDisplayLabelPropertyName": schema["primaryDisplayProperty"],
        "secondaryDisplayLabelPropertyNames": schema["secondaryDisplayProperties"],
        "properties": schema["properties"],
    }


def deploy(portal: Portal) -> None:
    """HubSpot has approved the app objects, and the portal connects again with their scopes."""
    portal.order("app-objects", objects=[config(name) for name in SCHEMAS], associated=["0-1", "0-2"])
    grant(portal, portal.scopes | app_scopes(str(portal.sandbox.app_id)))


def grant(portal: Portal, scopes: frozenset[str]) -> None:
    """Connect again with these scopes."""
    answer = portal.order("install", scopes=sorted(scopes))
    portal.tokens.access_token, portal.scopes = answer["access_token"], frozenset(answer["scopes"])


def upgrade(portal: Portal) -> None:
    """The portal buys Enterprise and connects again, so that custom objects are granted."""
    portal.order("portals", tier="enterprise")
    grant(portal, portal.scopes | CUSTOM)


def downgrade(portal: Portal) -> None:
    """The portal gives Enterprise up and connects again."""
    portal.order("portals", tier="professional")
    grant(portal, portal.scopes - CUSTOM)
