"""Reads the developer-platform project: the app's scopes, redirect URLs and webhook subscriptions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[3] / "manifests" / "hubspot"


@dataclass(frozen=True)
class Subscription:
    """One active subscription. `kind` is what the payload calls it, `event` its last word, `object_type` like 0-1."""

    id: int
    kind: str
    event: str
    object_type: str
    property: str = ""
    generic: bool = True


@dataclass(frozen=True)
class Manifest:
    """What an upload of the project tells HubSpot about the app. `events` are its event types, by uid."""

    name: str
    redirect_urls: tuple[str, ...]
    required: tuple[str, ...]
    conditional: tuple[str, ...]
    optional: tuple[str, ...]
    target_url: str
    concurrency: int
    subscriptions: tuple[Subscription, ...]
    events: dict[str, dict[str, Any]]


OBJECT_NAMES = {"contact": "0-1", "company": "0-2", "lead": "0-136", "task": "0-27", "note": "0-46"}


def read_manifest(folder: Path = PROJECT, profile: str = "production") -> Manifest:
    """Read the project in `folder`, with the variables of ``src/hsprofile.<profile>.json`` put in."""
    project = json.loads((folder / "hsproject.json").read_text())
    source = folder / project["srcDir"]
    variables = json.loads((source / f"hsprofile.{profile}.json").read_text())["variables"]

    def config(path: Path) -> dict[str, Any]:
        text = path.read_text()
        for name, value in variables.items():
            text = text.replace(f"${{{name}}}", value)
        content: dict[str, Any] = json.loads(text)["config"]
        return content

    app = config(source / "app" / "app-hsmeta.json")
    hooks = config(source / "app" / "webhooks" / "webhooks-hsmeta.json")
    auth = app["auth"]
    return Manifest(
        name=app["name"],
        redirect_urls=tuple(auth["redirectUrls"]),
        required=tuple(auth["requiredScopes"]),
        conditional=tuple(auth.get("conditionallyRequiredScopes", ())),
        optional=tuple(auth.get("optionalScopes", ())),
        target_url=hooks["settings"]["targetUrl"],
        concurrency=hooks["settings"]["maxConcurrentRequests"],
        subscriptions=_subscriptions(hooks["subscriptions"]),
        events={
            str(json.loads(path.read_text())["uid"]): config(path)
            for path in sorted((source / "app" / "app-events").glob("*-hsmeta.json"))
        },
    )


def _subscriptions(declared: dict[str, list[dict[str, Any]]]) -> tuple[Subscription, ...]:
    found = []
    groups = (("crmObjects", True), ("legacyCrmObjects", False), ("hubEvents", False))
    entries = [(entry, generic) for group, generic in groups for entry in declared.get(group, ())]
    # Ids are dealt in file order, so they stay the same from one start to the next.
    for number, (entry, generic) in enumerate(entries, start=7_562_680):
        if not entry.get("active", True):
            continue
        kind = entry["subscriptionType"]
        noun, event = kind.split(".")
        object_type = OBJECT_NAMES[entry["objectType"].lower() if generic else noun]
        found.append(Subscription(number, kind, event, object_type, entry.get("propertyName", ""), generic))
    return tuple(found)
