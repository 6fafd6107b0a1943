"""What the manifests ask customers for: what the code uses, and no more."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from oauth.hubspot import OPTIONAL_SCOPES, REQUIRED_SCOPES
from oauth.salesforce import SCOPES

ROOT = Path(__file__).parents[2]
HUBSPOT = ROOT / "manifests" / "hubspot" / "src"
APP = HUBSPOT / "app" / "app-hsmeta.json"
PERMISSIONS = ROOT / "manifests" / "salesforce" / "force-app" / "main" / "default" / "permissionsets"
NS = {"m": "http://soap.sforce.com/2006/04/metadata"}


def app(profile: str) -> dict[str, Any]:
    """The app's configuration as a profile fills it in."""
    text = APP.read_text(encoding="utf-8")
    for name, value in json.loads((HUBSPOT / f"hsprofile.{profile}.json").read_text())["variables"].items():
        text = text.replace(f"${{{name}}}", value)
    config: dict[str, Any] = json.loads(text)["config"]
    return config


def test_the_scopes_equal_those_of_the_hubspot_project() -> None:
    """HubSpot refuses an install URL that differs."""
    auth = app("production")["auth"]
    assert auth["requiredScopes"] == list(REQUIRED_SCOPES)
    assert auth["optionalScopes"] == list(OPTIONAL_SCOPES)


def test_every_scope_of_salesforce_is_explained_in_the_docs() -> None:
    """Those of HubSpot: tests/test_docs_hubspot.py."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    for scope in " ".join(SCOPES.values()).split():
        assert f"| `{scope}` |" in text, scope


def test_cards_reach_our_own_host_alone() -> None:
    """`hubspot.fetch` signs with the webhooks' secret what a user wrote, so webhooks refuse an address with a query."""
    assert app("production")["permittedUrls"] == {
        "fetch": ["https://switchyard.example.com"],
        "iframe": [],
        "img": [],
    }


def test_codes_are_sent_to_localhost_in_development_only() -> None:
    assert app("production")["auth"]["redirectUrls"] == ["https://switchyard.example.com/oauth/hubspot/callback"]
    assert app("development")["auth"]["redirectUrls"] == ["http://localhost:8000/oauth/hubspot/callback"]


def test_the_integration_user_may_correct_audits_of_others_and_only_forgetting_deletes_one() -> None:
    """An audit belongs to whoever got the lead, so only Modify All lets us correct it; that right includes deleting."""
    tree = ET.parse(PERMISSIONS / "Switchyard_Integration.permissionset-meta.xml")  # noqa: S314 - our own file
    (audit,) = (
        {each.tag.partition("}")[2]: each.text for each in found}
        for found in tree.findall("m:objectPermissions", NS)
        if found.findtext("m:object", namespaces=NS) == "Routing_Audit__c"
    )
    assert audit["modifyAllRecords"] == "true"
    deleting = {
        path.name: re.findall(r""""method": "DELETE", "url": f"[^"]*"|writing\.delete\([^)]*\)""", text)
        for path in (ROOT / "connector" / "salesforce").glob("*.py")
        if (text := path.read_text(encoding="utf-8"))
    }
    assert {name: len(found) for name, found in deleting.items() if found} == {
        "undoing.py": 1,  # tasks that an undo takes back
        "reparenting.py": 1,  # rows between a person and something else, made anew for whom they belong to
        "expiring.py": 1,  # snapshots of merges that can no longer be undone
        "erasing.py": 3,  # what we wrote about a person who must be forgotten: tasks, snapshots, audits
    }
    assert "/Task/" in deleting["undoing.py"][0]
