"""What an uploaded version of the project can never take back: ``python -m tests.manifests.hubspot.releases``.

Run it when a version is uploaded: it writes ``released.txt``. HubSpot lets nobody rename, retype or remove what was
deployed of an app object, and refuses an upload without a subscription that was there (it is switched off instead).
The tests notice before.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.manifests.hubspot.project_files import ROOT, Config, config, metas

RELEASED = ROOT / "released.txt"


def promised() -> set[str]:
    """Return a line for each thing that cannot be taken back, as the project stands."""
    found = {line for uid, one in metas("app-objects").items() for line in _object(uid, one)}
    for one in metas("app-object-associations").values():
        found.add(f"association {one['firstObjectType']} {one['secondObjectType']}")
    found |= {f"event {uid} {each['name']}" for uid, one in metas("app-events").items() for each in one["properties"]}
    found |= {f"action {uid}" for uid in metas("workflow-actions")}
    return found | set(_subscriptions(config("webhooks/webhooks")["subscriptions"]))


def released() -> set[str]:
    """Return the lines of the last upload."""
    lines = RELEASED.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def _object(uid: str, one: Config) -> Iterator[str]:
    yield f"object {uid} {one['name']} engagements={one['settings']['hasEngagements']}"
    for each in one["properties"]:
        unique = " unique" if each.get("hasUniqueValue") else ""
        yield f"property {uid}.{each['name']} {each['type']} {each['fieldType']}{unique}"
        for option in each.get("options", ()):
            yield f"option {uid}.{each['name']} {option['value']}"


def _subscriptions(hooks: Config) -> Iterator[str]:
    for group in ("crmObjects", "legacyCrmObjects", "hubEvents"):
        for each in hooks[group]:
            named = (each.get("objectType"), each["subscriptionType"], each.get("propertyName"))
            yield f"subscription {' '.join(filter(None, named))}"


if __name__ == "__main__":
    head = "# What was uploaded last, or is to be the first. Written by `python -m tests.manifests.hubspot.releases`.\n"
    RELEASED.write_text(head + "".join(f"{line}\n" for line in sorted(promised())), encoding="utf-8")
