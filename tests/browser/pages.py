"""Every page of the console with an example of its address, so that no page can be forgotten."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from werkzeug.routing import Rule

from tests.browser import furnished
from tests.browser.viewers import Viewer

NO_PAGES = frozenset({"cleanup.export", "console.today", "decisions.held", "reports.sheet", "simulation.export"})
"""What is downloaded, or only a part of a page."""
NO_CONSOLE = ("/api/", "/hubspot/", "/webhooks/", "/static/", "/oauth/", "/health/", "/metrics")
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "console.home": ("/",),
    "console.own_domain": ("/own-domain?domain=acme.my.salesforce.com",),
    "leave.form": ("/support",),
    "mine.page": ("/me",),
    "viewer.choices": ("/view",),
    "console.install": ("/installs/{id}",),
    "console.check": ("/installs/{id}/check", "/installs/{id}/check?run=now"),
    "console.disconnect": ("/installs/{id}/disconnect",),
    "console.work": ("/installs/{id}/work",),
    "decisions.listing": ("/installs/{id}/decisions",),
    "decisions.story": ("/installs/{id}/decisions/d1", "/installs/{id}/decisions/parked"),
    "decisions.lead": ("/installs/{id}/decisions/lead/00Q000000000001AAA",),
    "decisions.ask_forget": ("/installs/{id}/decisions/lead/00Q000000000001AAA/forget",),
    "decisions.look_back": ("/installs/{id}/decisions/d1/undo",),
    "duplicates.listing": ("/installs/{id}/duplicates",),
    "duplicates.pair": ("/installs/{id}/duplicates/" + furnished.PAIR.key,),
    "cleanup.listing": ("/installs/{id}/cleanup",),
    "reviews.listing": ("/installs/{id}/reviews",),
    "reviews.sure": ("/installs/{id}/reviews/sure",),
    "pools.listing": ("/installs/{id}/pools",),
    "pools.people": ("/installs/{id}/pools/people",),
    "pools.person": ("/installs/{id}/pools/people/" + furnished.BOB.id,),
    "access.ask_revoke": ("/installs/{id}/access/keys/" + furnished.KEY + "/revoke",),
    "mapping.listing": ("/installs/{id}/fields",),
    "rules.listing": ("/installs/{id}/rules?ask=yes",),
    "rules.review": ("/installs/{id}/rules/drafts",),
    "rules.tests": ("/installs/{id}/rules/tests",),
    "rules.history": ("/installs/{id}/rules/editions",),
    "rules.edition": ("/installs/{id}/rules/editions/2?to=1",),
    "rules.ask": ("/installs/{id}/rules/items/" + furnished.FIRST_RULE + "/off",),
    "rule_editor.new": ("/installs/{id}/rules/edit/new/rule", "/installs/{id}/rules/edit/new/pool"),
    "rule_editor.page": ("/installs/{id}/rules/edit/" + furnished.FIRST_RULE,),
    "preview.page": ("/installs/{id}/preview", "/installs/{id}/preview?lead=00Q000000000001AAA"),
    "simulation.listing": ("/installs/{id}/simulations",),
    "simulation.show": ("/installs/{id}/simulations/" + furnished.SIMULATION,),
    "reports.page": ("/installs/{id}/reports",),
    "reports.fairness": ("/installs/{id}/reports/fairness",),
    "duplicates.sure": ("/installs/{id}/duplicates/sure",),
    "support.page": ("/installs/{id}/health",),
    "matching.page": ("/installs/{id}/matching",),
    "runs.contacts": ("/installs/{id}/runs/contacts",),
    "runs.listing": ("/installs/{id}/runs",),
    "settings.page": ("/installs/{id}/settings",),
    "access.listing": ("/installs/{id}/access",),
    "changes.listing": ("/installs/{id}/changes",),
}
"""Addresses of each page by its endpoint; {id} is the install."""


OTHERS: Mapping[Viewer, tuple[str, ...]] = {
    "manager": ("/installs/{id}", "/installs/{id}/decisions/d1", "/installs/{id}/pools", "/installs/{id}/reports"),
    "rep": ("/me", "/"),
    "support": (
        "/installs/{id}", "/installs/{id}/rules?ask=yes", "/installs/{id}/settings", "/installs/{id}/pools/people/"
        + furnished.BOB.id, "/installs/{id}/health", "/installs/{id}/matching",
        "/installs/{id}/rules/edit/" + furnished.FIRST_RULE,
    ),
    "hubspot": (
        "/", "/installs/{id}", "/installs/{id}/settings", "/installs/{id}/decisions/d1", "/installs/{id}/fields",
        "/installs/{id}/duplicates/" + furnished.PAIR.key,
    ),
}  # fmt: skip
"""Pages that look otherwise to others than the administrator of an org."""


def rules(app: Flask) -> list[Rule]:
    """Return the routes of the console that answer with a page."""
    found = [each for each in app.url_map.iter_rules() if "GET" in (each.methods or ())]
    return [each for each in found if not each.rule.startswith(NO_CONSOLE) and each.endpoint not in NO_PAGES]


def addresses(install_id: str) -> list[str]:
    """Return the address of every example."""
    return [each.format(id=install_id) for found in EXAMPLES.values() for each in found]
