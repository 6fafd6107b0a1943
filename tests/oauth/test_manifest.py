"""The scopes in the code are the scopes in the app's project: HubSpot refuses an install URL that differs."""

from __future__ import annotations

import json
from pathlib import Path

from oauth.hubspot import OPTIONAL_SCOPES, REQUIRED_SCOPES

APP = Path(__file__).parents[2] / "manifests" / "hubspot" / "src" / "app" / "app-hsmeta.json"


def test_the_scopes_equal_those_of_the_hubspot_project() -> None:
    auth = json.loads(APP.read_text(encoding="utf-8"))["config"]["auth"]
    assert auth["requiredScopes"] == list(REQUIRED_SCOPES)
    assert auth["optionalScopes"] == list(OPTIONAL_SCOPES)
