from __future__ import annotations

import json
from urllib.parse import urlsplit

from tests.sandbox.hubspot.manifest import PROJECT, read_manifest
from tests.sandbox.hubspot.standard import standard_properties

MANIFEST = read_manifest()


def test_the_project_is_one_marketplace_app_on_the_current_platform() -> None:
    project = json.loads((PROJECT / "hsproject.json").read_text())
    app = json.loads((PROJECT / "src/app/app-hsmeta.json").read_text())
    assert project["platformVersion"] == "2026.09"
    assert (app["uid"], app["type"]) == ("switchyard", "app")
    assert app["config"]["distribution"] == "marketplace"
    assert app["config"]["auth"]["type"] == "oauth"


def test_scopes_that_need_a_tier_or_can_be_done_without_are_optional() -> None:
    tiered = {scope for scope in (*MANIFEST.required, *MANIFEST.optional) if ".custom." in scope or ".leads." in scope}
    without = {"crm.objects.deals.read", "crm.objects.companies.write", "crm.schemas.companies.write"}
    assert tiered | without == set(MANIFEST.optional)
    assert len(tiered) == 8
    assert len(set(MANIFEST.required)) == 7


def test_redirects_are_https_except_for_localhost() -> None:
    assert all(
        urlsplit(url).scheme == "https" or urlsplit(url).hostname == "localhost" for url in MANIFEST.redirect_urls
    )
    assert urlsplit(MANIFEST.target_url).scheme == "https"


def test_every_object_with_subscriptions_has_its_read_scope() -> None:
    scopes = {"0-1": "crm.objects.contacts.read", "0-2": "crm.objects.companies.read"}
    needed = {scopes[one.object_type] for one in MANIFEST.subscriptions if one.object_type != "0-136"}
    assert needed <= set(MANIFEST.required)
    # Few portals have leads, so what they need may not be required.
    assert "crm.objects.leads.read" in MANIFEST.optional


def test_subscriptions_are_unique_few_enough_and_never_on_the_modification_date() -> None:
    keys = {(one.kind, one.object_type, one.property) for one in MANIFEST.subscriptions}
    assert len(keys) == len(MANIFEST.subscriptions) <= 1_000
    assert not [one for one in MANIFEST.subscriptions if one.property.endswith("lastmodifieddate")]
    assert MANIFEST.concurrency > 5


def test_subscribed_properties_exist_in_every_portal() -> None:
    unknown = {
        (one.object_type, one.property)
        for one in MANIFEST.subscriptions
        if one.property and one.property not in standard_properties(one.object_type)
    }
    # Not a standard contact property, but many portals add it; a subscription to a missing one produces nothing.
    assert unknown == {("0-1", "numberofemployees")}
