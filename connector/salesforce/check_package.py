"""The lines of the permission check about the package: installed, new enough, its permission set, channel and bell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from connector.errors import Next, Revoked
from connector.rows import Check
from connector.salesforce import snapshot_parts, soql
from connector.salesforce.check_lines import INSTALL_REMEDY, INTEGRATION_REMEDY, UPDATE_REMEDY, line, listed
from connector.salesforce.check_rights import Rights
from connector.salesforce.describe import ObjectShape, Shapes
from connector.salesforce.fields import (
    AUDIT_OBJECT,
    LEAD_LINK,
    LEAD_STAMP,
    REQUEST,
    REQUEST_REFUSED,
    RULE_OBJECT,
    SNAPSHOT_OBJECT,
    packaged,
)
from connector.salesforce.payloads import AUDIT_FIELDS, RULE_FIELDS
from connector.salesforce.perform import Performer
from connector.salesforce.pubsub import channel_name, topic
from connector.salesforce.session import Session
from connector.settings import Settings

LEAD_PARTS = (LEAD_LINK, *LEAD_STAMP.values(), REQUEST, REQUEST_REFUSED)
AUDIT_PARTS = ("Lead__c", *AUDIT_FIELDS.values())
RULE_PARTS = tuple(name for name in RULE_FIELDS.values() if name.endswith("__c"))
SNAPSHOT_PARTS = (snapshot_parts.PART_KEY, snapshot_parts.DECISION_KEY, snapshot_parts.CONTENT)
SMALL_EDITIONS = frozenset({"Base Edition", "Contact Manager Edition", "Professional Edition", "Team Edition"})
"""OrganizationType of editions without change events (Essentials, Group, Professional): the package cannot be installed
there. Sources: Object Reference "Organization"; ISVforce Guide on editions."""
_WORK = {
    RULE_OBJECT: "no rules can be read, so no lead is routed",
    AUDIT_OBJECT: "no decision can be recorded, so no lead is routed",
    SNAPSHOT_OBJECT: "duplicates are found and told, but not merged: an undo could not give anything back",
}


def parts(shapes: Shapes, rights: Rights, namespace: str) -> Iterable[Check]:
    """Yield the lines about the permission set, our objects and our fields on the lead."""
    shape = shapes.get("Lead")
    missing = unwritable(shape, LEAD_PARTS, namespace) if shape else list(LEAD_PARTS)
    objects = (
        _object(RULE_OBJECT, RULE_PARTS, shapes, rights, namespace),
        _object(AUDIT_OBJECT, AUDIT_PARTS, shapes, rights, namespace),
    )
    yield _permission_set(rights, spared=not missing and all(each.ok for each in objects))
    yield from objects
    yield line(
        "Switchyard's fields on the lead",
        not missing,
        there="all can be written",
        missing=f"missing or read-only: {listed(missing)}",
        without="leads do not show their account, rule and time of routing, or what is asked for on them is not heard",
        remedy=_of_package(rights),
    )
    kept = _object(SNAPSHOT_OBJECT, SNAPSHOT_PARTS, shapes, rights, namespace)
    yield replace(kept, name=f"{kept.name} (optional)", optional=True)


def bell(performer: Performer, rights: Rights) -> Check:
    """Check that our kind of notification is installed."""
    try:
        found, detail = performer.notification_type() is not None, "missing"
    except Revoked:
        raise
    except Next as error:
        found, detail = False, str(error)
    return line(
        f"The notification type {soql.NOTIFICATION_TYPE}",
        found,
        there="there",
        missing=detail,
        without="people get their task, but no notification",
        remedy=_of_package(rights),
    )


def channel(session: Session, settings: Settings, rights: Rights, org_id: str) -> Iterable[Check]:
    """Yield the lines about the edition and the change event channel."""
    yield line(
        "An edition with change events",
        rights.edition not in SMALL_EDITIONS,
        there=rights.edition or "the edition is not told, the channel below shows it",
        missing=f"{rights.edition} has none",
        without="Switchyard hears of no new lead",
        remedy="Setup > Company Settings > Company Information shows the edition: ask Salesforce for Enterprise, "
        "Performance or Unlimited Edition",
    )
    try:
        info = topic(settings, session.token(), org_id)
        found, detail, remedy = info.can_subscribe, "the connected user may not subscribe", INTEGRATION_REMEDY
    except Next as error:
        found, detail, remedy = False, str(error), _of_package(rights)
    yield line(
        f"The change event channel {channel_name(settings)}",
        found,
        there="the connected user can subscribe",
        missing=detail,
        without="Switchyard hears of no new lead",
        remedy=remedy,
    )


def unwritable(shape: ObjectShape, wanted: Iterable[str], namespace: str) -> list[str]:
    """Return the fields of the package that the connected user cannot write."""
    names = [packaged(name, namespace) for name in wanted]
    return [
        name
        for name in names
        if (known := shape.fields.get(name)) is None or not (known.updateable or known.createable)
    ]


def _permission_set(rights: Rights, *, spared: bool) -> Check:
    """Check that the package's permission set is there and assigned; `spared`: the user has all that it gives.

    A package that is missing also ends the connection of users without Approve Uninstalled Connected Apps, so it must
    be installed before anybody connects. Source: Salesforce help 005132365.
    """
    missing = "the package is not installed: only users who may approve uninstalled apps can connect at all"
    return line(
        "The permission set Switchyard Integration",
        rights.assigned or spared,
        there="the connected user has it" if rights.assigned else "the connected user has all that it gives",
        missing="the connected user does not have it" if rights.installed else missing,
        without="rules cannot be read and decisions not recorded",
        remedy=_of_package(rights),
    )


def _object(name: str, wanted: Iterable[str], shapes: Shapes, rights: Rights, namespace: str) -> Check:
    """Check one object of the package: there, writable, with all its fields, all its records seen."""
    sobject = packaged(name, namespace)
    shape = shapes.get(sobject)
    missing = unwritable(shape, wanted, namespace) if shape else []
    if shape is None:
        fault = "missing or hidden from the connected user"
    elif not (shape.createable and shape.updateable):
        fault = "the connected user may not write it"
    elif missing:
        fault = f"missing or read-only: {listed(missing)}"
    elif rights.sees_all(sobject) is False:
        fault = "the connected user does not see all its records, and gets none of its change events"
    else:
        fault = ""
    return line(
        f"The object {sobject}",
        not fault,
        there="there, with all its fields",
        missing=fault,
        without=_WORK[name],
        remedy=_of_package(rights),
    )


def _of_package(rights: Rights) -> str:
    """Return where to click when a part of the package is missing: that depends on how far its admin has come."""
    if rights.assigned:
        return f"{UPDATE_REMEDY}. Who has changed what Switchyard Integration allows, allows it again"
    if rights.installed:
        return INTEGRATION_REMEDY
    return INSTALL_REMEDY
