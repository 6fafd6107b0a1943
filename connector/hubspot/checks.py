"""The permission check: what the product needs of a portal, whether it is there, and where to click when it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import Ignored, Later, Refused
from connector.hubspot import definitions, storage
from connector.hubspot.fields import COMPANY, CONTACT, DEAL, LEAD
from connector.hubspot.history import DEALS_SCOPE
from connector.hubspot.records import RecordStorage
from connector.hubspot.schemas import CONTACT_PROPERTIES
from connector.rows import Check

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.storage import Portal

REQUIRED_SCOPES = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.owners.read",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
)
"""The app's required scopes, as the project declares them."""

RECONNECT = (
    "As a super admin, open Settings > Integrations > Connected apps > Switchyard, uninstall it and connect it again"
)
SET_UP = "In Switchyard, open this install and press Set up again"


def check(portal: Portal, *, portal_id: str) -> tuple[Check, ...]:
    """Test everything, one line each; a line that cannot be tested says why. Raises Revoked only."""
    client, scopes = portal.client, portal.scopes
    storage.forget(portal.memo)
    return (
        _line("Portal", lambda: _portal(client, portal_id), RECONNECT),
        _scopes(scopes),
        _line("Contacts", lambda: _readable(client, CONTACT), RECONNECT),
        _line("Companies", lambda: _readable(client, COMPANY), RECONNECT),
        _line("Deals (optional)", lambda: _deals(client, scopes), RECONNECT),
        _line("Owners", lambda: _owners(client), "Open Settings > Users & Teams and add the people who take leads"),
        _line("Contact properties", lambda: _properties(client), SET_UP),
        _line("Rules and audit", lambda: _storage(portal), SET_UP),
        *_reports(portal),
        _notifications(),
    )


def _line(name: str, test: Callable[[], str], remedy: str) -> Check:
    """Run one test: it returns what it found, or raises why it failed."""
    optional = name.endswith("(optional)")
    try:
        return Check(name, ok=True, detail=test(), optional=optional)
    except (Refused, Ignored) as error:
        return Check(name, ok=False, detail=str(error), remedy=remedy, optional=optional)
    except Later as error:
        return Check(name, ok=False, detail=str(error), remedy="Try again in a minute", optional=optional)


def _portal(client: HubSpotClient, portal_id: str) -> str:
    account = client.account()
    if str(account.get("portalId")) != portal_id:
        raise Refused(f"The access belongs to portal {account.get('portalId')}, not to {portal_id}")
    return f"Portal {portal_id} ({account.get('accountType', 'unknown type')})"


def _scopes(scopes: frozenset[str]) -> Check:
    missing = [scope for scope in REQUIRED_SCOPES if scope not in scopes]
    if missing:
        return Check("Scopes", ok=False, detail=f"Not granted: {', '.join(missing)}", remedy=RECONNECT)
    return Check("Scopes", ok=True, detail=f"All {len(REQUIRED_SCOPES)} required scopes are granted")


def _readable(client: HubSpotClient, object_type: str) -> str:
    client.page(object_type, [], limit=1)
    return "Can be read"


def _deals(client: HubSpotClient, scopes: frozenset[str]) -> str:
    """What ranking and rules may ask about a company's open deal; everything else works without."""
    if DEALS_SCOPE not in scopes:
        raise Refused(f"Not granted: {DEALS_SCOPE}. Rules cannot ask about the open deal of an account")
    return _readable(client, DEAL)


def _owners(client: HubSpotClient) -> str:
    if not client.owners(archived=False).get("results"):
        raise Refused("The portal has no owner to route to")
    return "Can be read"


def _properties(client: HubSpotClient) -> str:
    names = [definition["name"] for definition in CONTACT_PROPERTIES]
    there = {found["name"] for found in client.read_properties(CONTACT, names).get("results") or ()}
    if missing := [name for name in names if name not in there]:
        raise Refused(f"Missing on contacts: {', '.join(missing)}")
    return f"{', '.join(names)} exist"


def _storage(portal: Portal) -> str:
    """Say where rules and audits stand and why, and what a better place would take."""
    known, found = portal.shelf.standing(), storage.current(portal)
    found.rules()
    if isinstance(found, RecordStorage):
        noun, places = _NOUNS[found.kind], found.places
        said = f"{noun}: Routing rule is object {places.rule_type}, Routing audit is object {places.audit_type}"
    else:
        said = known.why or storage.best(portal).why or storage.NOTES
    if known.target:
        return f"{said}. Everything is being moved to {_NOUNS[known.target].lower()}"
    best = storage.best(portal)
    if storage.is_better(best.kind, found.kind):
        return f"{said}. {_NOUNS[best.kind]} can be had now: press Set up again, and everything is moved there"
    return said


_NOUNS = {"app_objects": "App objects", "custom_objects": "Custom objects", "properties": "Notes and properties"}


def _reports(portal: Portal) -> tuple[Check, ...]:
    """Name the properties for reports that could not be made; nothing is said when all are there."""
    try:
        missing = definitions.lacking(portal.client, portal.memo, portal.scopes, portal.lead_type)
    except (Later, Refused, Ignored):
        return ()
    names = [f"{each} on {definitions.NOUNS[type_]}" for type_, found in missing.items() for each in sorted(found)]
    if not names:
        return ()
    detail = f"Could not be made: {', '.join(names)}. They are left out; the audit has all of it"
    refused = sorted(definitions.LEAD_SCOPES - portal.scopes) if missing.get(LEAD) else []
    if refused:
        detail = f"{detail}. Not granted: {', '.join(refused)}"
    remedy = RECONNECT if refused else SET_UP
    return (Check("Properties for reports (optional)", ok=False, detail=detail, remedy=remedy, optional=True),)


def _notifications() -> Check:
    """Nothing to test, but people ask why nothing pops up."""
    return Check(
        "Notifications",
        ok=True,
        detail="HubSpot lets apps notify people through task reminders only; each person switches them on for "
        "themselves in Settings > Notifications > Tasks > Reminder",
    )
