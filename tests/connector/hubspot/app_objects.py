"""The app's own objects as the project's files describe them, deployed to a portal of the sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.hubspot.objects import app_prefix
from connector.hubspot.schemas import SCHEMAS

if TYPE_CHECKING:
    from tests.connector.hubspot.conftest import Portal

APP = Path(__file__).resolve().parents[3] / "manifests" / "hubspot" / "src" / "app"
PROJECT = APP / "app-objects"
TYPES = {"CONTACT": "0-1", "COMPANY": "0-2", "LEAD": "0-136"}
CUSTOM = frozenset(
    {"crm.objects.custom.read", "crm.objects.custom.write", "crm.schemas.custom.read", "crm.schemas.custom.write"}
)


def app_scopes(app_id: str) -> frozenset[str]:
    """Return the scopes of the app objects. [U] Their spelling: it stands in install links of others."""
    names = [f"{app_prefix(app_id)}{name}" for name in SCHEMAS]
    records = {f"crm.app.objects.{name}.{verb}" for name in names for verb in ("view", "create", "edit")}
    return frozenset(records | {f"crm.app.schemas.{name}.read" for name in names})


def config(name: str) -> dict[str, Any]:
    """Return the ``config`` of an app object's file in the project."""
    file = PROJECT / f"{name.replace('_', '-')}-hsmeta.json"
    found: dict[str, Any] = json.loads(file.read_text())["config"]
    return found


def associated(name: str) -> list[str]:
    """Return the object types that the project associates an app object with."""
    files = sorted((APP / "app-object-associations").glob("*-hsmeta.json"))
    pairs = [json.loads(file.read_text())["config"] for file in files]
    return [TYPES[pair["secondObjectType"]] for pair in pairs if pair["firstObjectType"] == name]


def deploy(portal: Portal) -> None:
    """HubSpot has approved the app objects, and the portal connects again with their scopes."""
    for name in SCHEMAS:
        portal.order("app-objects", objects=[config(name)], associated=associated(name))
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
