"""The permission check: what the product needs in an org, whether it is there, and where to click when it is not.

A managed package cannot grant permissions on standard objects, so an admin must; and on a custom channel Salesforce
drops events in silence when View All is missing. Source: 2GP guide "Permission Sets and Permission Set Groups";
Change Data Capture guide "Required Permissions for Receiving Change Events".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connector.crm import Check
from connector.errors import Next, Revoked
from connector.salesforce import soql
from connector.salesforce.describe import ObjectShape, Shapes
from connector.salesforce.fields import AUDIT_OBJECT, LEAD_LINK, LEAD_STAMP, OWNER, RULE_OBJECT, packaged
from connector.salesforce.history import FIELDS, LINKS, History
from connector.salesforce.payloads import AUDIT_FIELDS, RULE_FIELDS
from connector.salesforce.perform import Performer
from connector.salesforce.pubsub import channel_name, topic
from connector.salesforce.session import Session
from connector.settings import Settings

_PERMISSION_SET = "Setup > Users > Permission Sets > (a permission set of your own, assigned to the connected user)"
_OBJECT_REMEDY = f"{_PERMISSION_SET} > Object Settings > {{label}} > Edit > tick {{right}} > Save"
_SYSTEM_REMEDY = f"{_PERMISSION_SET} > System Permissions > Edit > tick {{right}} > Save"
_INTEGRATION_REMEDY = (
    "Setup > Users > Users > (the connected user) > Permission Set Assignments > Edit Assignments > "
    "add Switchyard Integration > Save"
)
_PACKAGE_REMEDY = (
    "Setup > Apps > Packaging > Installed Packages: install or update Switchyard; then "
    "Setup > Users > Users > (the connected user) > Permission Set Assignments > add Switchyard Integration > Save"
)
LEAD_PARTS = (LEAD_LINK, *LEAD_STAMP.values())
AUDIT_PARTS = ("Lead__c", *AUDIT_FIELDS.values())
RULE_PARTS = tuple(name for name in RULE_FIELDS.values() if name.endswith("__c"))


def missing_parts(shapes: Shapes, namespace: str, *, again: bool = False) -> list[str]:
    """Return the objects of the package that are not there for the connected user; `again` asks the org anew."""
    missing = []
    for name in (RULE_OBJECT, AUDIT_OBJECT):
        sobject = packaged(name, namespace)
        if again:
            shapes.forget(sobject)
        if shapes.get(sobject) is None:
            missing.append(sobject)
    return missing


class Inspector:
    """Looks at one org as the connected user."""

    def __init__(
        self, session: Session, shapes: Shapes, performer: Performer, history: History, settings: Settings
    ) -> None:
        self._session = session
        self._shapes = shapes
        self._performer = performer
        self._history = history
        self._settings = settings
        self._namespace = settings.salesforce_namespace

    def check(self) -> tuple[Check, ...]:
        """Return one line for each need. Raises Later or Revoked when the org cannot be asked at all."""
        who = self._session.who()
        missing_parts(self._shapes, self._namespace, again=True)
        rights = self._rights()
        objects = self._object_rights(str(who["user_id"]))
        return (
            self._package(RULE_OBJECT, RULE_PARTS),
            self._package(AUDIT_OBJECT, AUDIT_PARTS),
            self._lead_fields(),
            *(self._view_all(name, rights, objects) for name in ("Lead", "Contact", "Account")),
            self._read_opportunities(rights, objects),
            self._edit_leads(),
            self._transfer_leads(rights, objects),
            self._create_tasks(),
            self._send_notifications(rights),
            self._notification_type(),
            self._channel(str(who["organization_id"])),
        )

    def _rights(self) -> frozenset[str]:
        """Return the names of the user permissions that the connected user has."""
        try:
            rows = self._session.query(soql.MY_PERMISSIONS)
        except Revoked:
            raise
        except Next:
            return frozenset()
        return _ticked(rows)

    def _object_rights(self, user_id: str) -> dict[str, frozenset[str]]:
        """Return, per object, which rights over all its records the connected user has."""
        rights: dict[str, frozenset[str]] = {}
        for row in self._session.query(soql.object_permissions(user_id)):
            sobject = str(row["SobjectType"])
            rights[sobject] = rights.get(sobject, frozenset()) | _ticked([row])
        return rights

    def _package(self, name: str, parts: Iterable[str]) -> Check:
        """Check one object of the package: there, writable, with all its fields."""
        sobject = packaged(name, self._namespace)
        shape = self._shapes.get(sobject)
        title = f"The object {sobject}"
        if shape is None:
            return Check(title, False, "missing or hidden from the connected user", _PACKAGE_REMEDY)
        if not (shape.createable and shape.updateable):
            return Check(title, False, "the connected user may not write it", _INTEGRATION_REMEDY)
        missing = _unwritable(shape, parts, self._namespace)
        if missing:
            return Check(title, False, f"missing or read-only: {', '.join(missing)}", _INTEGRATION_REMEDY)
        return Check(title, True, "there, with all its fields")

    def _lead_fields(self) -> Check:
        """Check the fields of the package on the lead."""
        title = "Switchyard's fields on the lead"
        shape = self._shapes.get("Lead")
        missing = _unwritable(shape, LEAD_PARTS, self._namespace) if shape else list(LEAD_PARTS)
        if missing:
            return Check(title, False, f"missing or read-only: {', '.join(missing)}", _INTEGRATION_REMEDY)
        return Check(title, True, "all can be written")

    def _view_all(self, sobject: str, rights: frozenset[str], objects: dict[str, frozenset[str]]) -> Check:
        """Check that change events of an object reach us: without View All they are dropped in silence."""
        if _sees_all(sobject, rights, objects):
            return Check(f"See all records of {sobject}", True, "the connected user has View All")
        return Check(
            f"See all records of {sobject}",
            False,
            "without View All, Salesforce drops change events in silence and matching misses records",
            _OBJECT_REMEDY.format(label=f"{sobject}s", right="View All Records"),
        )

    def _read_opportunities(self, rights: frozenset[str], objects: dict[str, frozenset[str]]) -> Check:
        """Check what ranking and rules may ask about an account's opportunities; everything else works without."""
        title = "Read opportunities (optional)"
        shape = self._history.opportunities()
        if shape is None:
            remedy = _OBJECT_REMEDY.format(label="Opportunities", right=f"Read, and Read Access to {_listed(LINKS)}")
            detail = "hidden from the connected user: accounts have no open opportunities for ranking and rules"
            return Check(title, False, detail, remedy)
        missing = [name for name in FIELDS.values() if name not in shape.fields]
        if missing:
            remedy = _OBJECT_REMEDY.format(label="Opportunities", right=f"Read Access to {_listed(missing)}")
            return Check(title, False, f"hidden from the connected user: {_listed(missing)}", remedy)
        if not _sees_all("Opportunity", rights, objects):
            remedy = _OBJECT_REMEDY.format(label="Opportunities", right="View All Records")
            return Check(title, False, "without View All, those that others own are not counted", remedy)
        return Check(title, True, "the connected user can see them all")

    def _edit_leads(self) -> Check:
        """Check that leads and their owner can be written."""
        shape = self._shapes.get("Lead")
        owner = shape.fields.get(OWNER) if shape else None
        if shape and shape.updateable and owner and owner.updateable:
            return Check("Edit leads", True, "the connected user can change leads and their owner")
        remedy = _OBJECT_REMEDY.format(label="Leads", right="Edit")
        return Check("Edit leads", False, "the connected user cannot change a lead's owner", remedy)

    def _transfer_leads(self, rights: frozenset[str], objects: dict[str, frozenset[str]]) -> Check:
        """Check that leads of other people can be given away."""
        all_leads = "ModifyAllRecords" in objects.get("Lead", frozenset())
        if all_leads or rights & {"TransferAnyLead", "ModifyAllData"}:
            return Check("Transfer leads", True, "the connected user can give away leads of others")
        remedy = _SYSTEM_REMEDY.format(right="Transfer Leads")
        return Check("Transfer leads", False, "leads that others own may be refused", remedy)

    def _create_tasks(self) -> Check:
        """Check that tasks can be made."""
        shape = self._shapes.get("Task")
        if shape and shape.createable:
            return Check("Create tasks", True, "the connected user can create tasks")
        remedy = _SYSTEM_REMEDY.format(right="Edit Tasks")
        return Check("Create tasks", False, "the connected user cannot create tasks", remedy)

    def _send_notifications(self, rights: frozenset[str]) -> Check:
        """Check that people can be told in Salesforce."""
        if "SendCustomNotifications" in rights:
            return Check("Send notifications", True, "the connected user can send custom notifications")
        remedy = _SYSTEM_REMEDY.format(right="Send Custom Notifications")
        return Check("Send notifications", False, "people get their task, but no notification", remedy)

    def _notification_type(self) -> Check:
        """Check that our kind of notification is installed."""
        title = f"The notification type {soql.NOTIFICATION_TYPE}"
        try:
            found = self._performer.notification_type()
        except Revoked:
            raise
        except Next as error:
            return Check(title, False, str(error), _PACKAGE_REMEDY)
        return Check(title, True, "there") if found else Check(title, False, "missing", _PACKAGE_REMEDY)

    def _channel(self, org_id: str) -> Check:
        """Check that the change event channel can be subscribed to."""
        title = f"The change event channel {channel_name(self._settings)}"
        try:
            info = topic(self._settings, self._session.token(), org_id)
        except Next as error:
            return Check(title, False, str(error), _PACKAGE_REMEDY)
        if info.can_subscribe:
            return Check(title, True, "the connected user can subscribe")
        return Check(title, False, "the connected user may not subscribe", _INTEGRATION_REMEDY)


def _sees_all(sobject: str, rights: frozenset[str], objects: dict[str, frozenset[str]]) -> bool:
    """Whether the connected user sees the records of an object whoever owns them."""
    had = objects.get(sobject, frozenset())
    return bool(had & {"ViewAllRecords", "ModifyAllRecords"} or rights & {"ViewAllData", "ModifyAllData"})


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _ticked(rows: Iterable[dict[str, Any]]) -> frozenset[str]:
    """Return the permissions that are true in any of the rows, without their prefix."""
    return frozenset(name.removeprefix("Permissions") for row in rows for name, value in row.items() if value is True)


def _unwritable(shape: ObjectShape, parts: Iterable[str], namespace: str) -> list[str]:
    """Return the fields of the package that the connected user cannot write."""
    names = [packaged(name, namespace) for name in parts]
    return [
        name
        for name in names
        if (known := shape.fields.get(name)) is None or not (known.updateable or known.createable)
    ]
