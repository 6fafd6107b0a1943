"""What the connected user may do, as Salesforce's own records of permissions tell it.

User permissions are told to everybody of themselves; those on objects, and which permission sets there are, only to who
has View Setup and Configuration. Sources: Object Reference "UserPermissionAccess", "ObjectPermissions",
"PermissionSet".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from simple_salesforce.format import format_soql

from connector.errors import Ignored, Refused
from connector.salesforce.describe import Shapes
from connector.salesforce.session import Session

PERMISSION_SET = "Switchyard_Integration"
"""The package's permission set for the user we connect as, by its name without namespace."""
_OF_USERS = (
    "ConvertLeads",
    "ManageUsers",
    "ModifyAllData",
    "SendCustomNotifications",
    "TransferAnyLead",
    "ViewAllData",
    "ViewAllUsers",
    "ViewSetup",
)
_ON_OBJECTS = ("Create", "Delete", "Edit", "ModifyAllRecords", "ViewAllRecords")
_ACCESS = "UserPermissionAccess"
_HELD = "SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = {}"


@dataclass(frozen=True, slots=True)
class Rights:
    """What is known of a user. `objects` (object -> rights) and what depends on it are None when they are not told.

    `installed` says whether the package's permission set is there, `assigned` whether the user has it. `edition` is the
    org's, "" when hidden.
    """

    user: frozenset[str]
    objects: Mapping[str, frozenset[str]] | None = None
    installed: bool | None = None
    assigned: bool | None = None
    edition: str = ""

    def sees_all(self, sobject: str) -> bool | None:
        """Whether the user sees the records of an object whoever owns them; None when that is not told."""
        if self.user & {"ViewAllData", "ModifyAllData"}:
            return True
        return self._has(sobject, "ViewAllRecords")

    def may(self, sobject: str, verb: str) -> bool | None:
        """Whether the user may ``Create``, ``Edit`` or ``Delete`` records of an object; None when that is not told."""
        return True if "ModifyAllData" in self.user else self._has(sobject, verb)

    def _has(self, sobject: str, verb: str) -> bool | None:
        if self.objects is None:
            return None
        return bool(self.objects.get(sobject, frozenset()) & {verb, "ModifyAllRecords"})


def read_rights(session: Session, shapes: Shapes, user_id: str, *, namespace: str) -> Rights:
    """Ask what a user may do, in three calls. Raises Later or Revoked."""
    user = _of_user(session, shapes)
    texts = {
        "objects": format_soql(
            f"SELECT SobjectType, {_listed(_ON_OBJECTS)} FROM ObjectPermissions WHERE ParentId IN ({_HELD})",  # noqa: S608
            user_id,
        ),
        "sets": format_soql("SELECT Id FROM PermissionSet WHERE Name = {}", PERMISSION_SET) + _of(namespace),
        "held": format_soql(_HELD, user_id),
        "org": "SELECT OrganizationType FROM Organization",
    }
    try:
        rows = session.queries(texts)
    except (Ignored, Refused):
        return Rights(user)
    objects: dict[str, frozenset[str]] = {}
    for row in rows["objects"]:
        sobject = str(row["SobjectType"])
        objects[sobject] = objects.get(sobject, frozenset()) | _ticked([row])
    sets = {str(row["Id"]) for row in rows["sets"]}
    held = {str(row["PermissionSetId"]) for row in rows["held"]}
    edition = next((str(row["OrganizationType"] or "") for row in rows["org"]), "")
    return Rights(user, objects, installed=bool(sets), assigned=bool(sets & held), edition=edition)


def _of_user(session: Session, shapes: Shapes) -> frozenset[str]:
    """Return the user permissions that are ticked; an org has only those of its edition, so it is asked which."""
    shapes.forget(_ACCESS)
    shape = shapes.get(_ACCESS)
    known = [name for name in _OF_USERS if shape and f"Permissions{name}" in shape.fields]
    if not known:
        return frozenset()
    try:
        return _ticked(session.query(f"SELECT {_listed(known)} FROM {_ACCESS} LIMIT 1"))  # noqa: S608 - ours
    except (Ignored, Refused):
        return frozenset()


def _ticked(rows: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the permissions that are true in any of the rows, without their prefix."""
    return frozenset(name.removeprefix("Permissions") for row in rows for name, value in row.items() if value is True)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"Permissions{name}" for name in names)


def _of(namespace: str) -> str:
    """Return the condition that a permission set is the package's own."""
    return format_soql(" AND NamespacePrefix = {}", namespace) if namespace else ""
