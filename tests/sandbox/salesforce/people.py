"""Who may do what: the seeded users, profiles and permission sets, and the permission questions."""
# ruff: noqa: S608 - table and column names come from the schema, values are always parameters

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from .clock import now, stamp
from .related_fields import GOVERNED, OF_EVERYBODY
from .schema import Field
from .store import quoted

if TYPE_CHECKING:
    from .package import Package
    from .schema import Schema
    from .store import Store

ADMIN, INTEGRATION, STANDARD = "System Administrator", "Switchyard Integration User", "Standard User"
USER_PERMISSIONS = (
    "ApiEnabled",
    "ViewSetup",
    "ViewAllData",
    "ModifyAllData",
    "CustomizeApplication",
    "ManageUsers",
    "ViewAllUsers",
    "SendCustomNotifications",
    "EditTask",
    "ConvertLeads",
    "TransferAnyLead",
    "BulkApiHardDelete",
    "ApproveUninstalledConnectedApps",
    "UseAnyApiClient",
)
OBJECT_PERMISSIONS = ("Create", "Read", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")
PERMISSION_OBJECTS = frozenset(
    {"PermissionSet", "PermissionSetAssignment", "ObjectPermissions", "FieldPermissions", "User"}
)
SETUP_OBJECTS = frozenset({"PermissionSet", "ObjectPermissions", "FieldPermissions"})
"""Objects that only who has View Setup and Configuration can read."""
_GRANTED = {
    ADMIN: set(USER_PERMISSIONS) - {"UseAnyApiClient"},
    INTEGRATION: {
        "ApiEnabled",
        "ConvertLeads",
        "EditTask",
        "SendCustomNotifications",
        "TransferAnyLead",
        "ViewAllUsers",
        "ViewSetup",
    },
    STANDARD: {"ApiEnabled", "EditTask"},
}
_BUSINESS = ("Lead", "Contact", "Account", "Opportunity", "Task", "Event", "Campaign")


def add_permission_fields(schema: Schema) -> None:
    """Give the permission objects a boolean field for each user permission."""
    for name in ("PermissionSet", "Profile", "UserPermissionAccess"):
        for permission in USER_PERMISSIONS:
            field = f"Permissions{permission}"
            schema.get(name).add(Field(field, "boolean", permission, default=False))


class People:
    """The users of the org and their permissions."""

    def __init__(self, store: Store, schema: Schema) -> None:
        self._store = store
        self._schema = schema
        self._lock = threading.Lock()
        self._cache: dict[str, frozenset[str]] = {}

    def put(self, sobject: str, **values: Any) -> str:
        """Write one row as the system does, without rules or events; returns its id."""
        thing = self._schema.get(sobject)
        row: dict[str, Any] = {item.name: item.default for item in thing.stored()}
        moment = stamp(now())
        for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
            if name in row:
                row[name] = moment
        row |= values
        row.setdefault("Id", None)
        row["Id"] = row["Id"] or self._store.new_ids(thing)[0]
        self._store.insert(thing, [row])
        return str(row["Id"])

    def forget(self) -> None:
        """Read permissions anew from now on."""
        with self._lock:
            self._cache.clear()

    def permissions(self, user_id: str) -> frozenset[str]:
        """Everything that the user's permission sets grant: ``ApiEnabled``, ``Lead.Edit``, ``hidden:Lead.Email``."""
        with self._lock:
            found = self._cache.get(user_id)
        if found is None:
            found = self._read(user_id)
            with self._lock:
                self._cache[user_id] = found
        return found

    def _read(self, user_id: str) -> frozenset[str]:
        held = "SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = ?"
        granted: set[str] = set()
        for row in self._store.all(f"SELECT * FROM PermissionSet WHERE Id IN ({held})", (user_id,)):
            granted |= {name for name in USER_PERMISSIONS if row[f"Permissions{name}"]}
        for row in self._store.all(f"SELECT * FROM ObjectPermissions WHERE ParentId IN ({held})", (user_id,)):
            granted |= {f"{row['SobjectType']}.{name}" for name in OBJECT_PERMISSIONS if row[f"Permissions{name}"]}
        for row in self._store.all(f"SELECT * FROM FieldPermissions WHERE ParentId IN ({held})", (user_id,)):
            granted |= set() if row["PermissionsRead"] else {f"hidden:{row['Field']}"}
        return frozenset(granted)

    def has(self, user_id: str, permission: str) -> bool:
        """Whether the user holds a user permission."""
        return permission in self.permissions(user_id)

    def allows(self, user_id: str, sobject: str, verb: str) -> bool:
        """Whether the user may `verb` (Create, Read, Edit, Delete, ViewAllRecords) records of an object."""
        granted = self.permissions(user_id)
        if "ModifyAllData" in granted or (verb in {"Read", "ViewAllRecords"} and "ViewAllData" in granted):
            return True
        if sobject == "User" and verb == "ViewAllRecords":
            return "ViewAllUsers" in granted
        if sobject in SETUP_OBJECTS and verb in {"Read", "ViewAllRecords"}:
            return "ViewSetup" in granted
        sobject = GOVERNED.get(sobject, sobject)
        if sobject in OF_EVERYBODY:
            return True
        if sobject not in _BUSINESS and not sobject.endswith("__c"):
            # Setup objects have no object permissions: everybody reads them, administrators change them.
            return verb in {"Read", "ViewAllRecords"} or "ManageUsers" in granted
        return f"{sobject}.{verb}" in granted

    def hidden(self, user_id: str, sobject: str, field: str) -> bool:
        """Whether field-level security hides a field from the user."""
        return f"hidden:{sobject}.{field}" in self.permissions(user_id)

    def change(self, user_id: str, *, grant: list[str], deny: list[str], hide: list[str], show: list[str]) -> None:
        """Switch permissions (``ApiEnabled``, ``Lead.ViewAllRecords``) and fields (``Lead.Email``) of a user.

        Every permission set that the user holds is changed, so others who hold the same set are changed too.
        """
        sets = [
            row["PermissionSetId"]
            for row in self._store.all(
                "SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = ?", (user_id,)
            )
        ]
        with self._store.write():
            for holder in sets:
                for name, value in [(name, 1) for name in grant] + [(name, 0) for name in deny]:
                    self._switch(holder, name, value)
                for field in hide:
                    sobject = field.split(".")[0]
                    self.put("FieldPermissions", ParentId=holder, SobjectType=sobject, Field=field, PermissionsRead=0)
            with self._store.write() as connection:
                for field in show:
                    connection.execute("DELETE FROM FieldPermissions WHERE Field = ?", (field,))
        self.forget()

    def _switch(self, holder: str, name: str, value: int) -> None:
        with self._store.write() as connection:
            if "." not in name:
                column = quoted(f"Permissions{name}")
                connection.execute(f"UPDATE PermissionSet SET {column} = ? WHERE Id = ?", (value, holder))
                return
            sobject, verb = name.split(".")
            where = (holder, sobject)
            have = "SELECT 1 FROM ObjectPermissions WHERE ParentId = ? AND SobjectType = ?"
            if connection.execute(have, where).fetchone() is None:
                if not value:
                    return
                self.put("ObjectPermissions", ParentId=holder, SobjectType=sobject)
            column = quoted(f"Permissions{verb}")
            connection.execute(
                f"UPDATE ObjectPermissions SET {column} = ? WHERE ParentId = ? AND SobjectType = ?", (value, *where)
            )

    def profile(self, name: str) -> str:
        """The id of a profile."""
        row = self._store.one("SELECT Id FROM Profile WHERE Name = ?", (name,))
        return row["Id"] if row else ""

    def assign_profile(self, user_id: str, profile_id: str) -> None:
        """Give a new user the permission set that its profile owns."""
        row = self._store.one("SELECT Id FROM PermissionSet WHERE ProfileId = ?", (profile_id,))
        if row is not None:
            self.put("PermissionSetAssignment", PermissionSetId=row["Id"], AssigneeId=user_id)

    def seed_profiles(self) -> None:
        """Make the three profiles, each with its own permission set."""
        for name, granted in _GRANTED.items():
            flags = {f"Permissions{item}": int(item in granted) for item in USER_PERMISSIONS}
            profile = self.put("Profile", Name=name, UserType="Standard", **flags)
            holder = self.put(
                "PermissionSet", Name=f"X{profile[:15]}", Label=name, IsOwnedByProfile=1, ProfileId=profile, **flags
            )
            full = name != STANDARD
            for sobject in _BUSINESS:
                verbs = OBJECT_PERMISSIONS if full else ("Create", "Read", "Edit")
                grants = {f"Permissions{verb}": int(verb in verbs) for verb in OBJECT_PERMISSIONS}
                self.put("ObjectPermissions", ParentId=holder, SobjectType=sobject, **grants)

    def seed_package(self, package: Package, holders: dict[str, str]) -> None:
        """Make the package's permission sets and give them to users: set name -> user id."""
        for name, (label, grants) in package.permission_sets.items():
            holder = self.put("PermissionSet", Name=name, Label=label, IsCustom=1)
            for grant in grants:
                flags = {key: int(value) for key, value in grant.permissions.items()}
                self.put("ObjectPermissions", ParentId=holder, SobjectType=grant.sobject, **flags)
            if name in holders:
                self.put("PermissionSetAssignment", PermissionSetId=holder, AssigneeId=holders[name])
        self.forget()

    def remove_package(self, package: Package) -> None:
        """Take the package's permission sets away again."""
        marks = ", ".join("?" for _ in package.permission_sets)
        names = list(package.permission_sets)
        chosen = f"SELECT Id FROM PermissionSet WHERE Name IN ({marks}) AND IsCustom = 1"
        with self._store.write() as connection:
            connection.execute(f"DELETE FROM ObjectPermissions WHERE ParentId IN ({chosen})", names)
            connection.execute(f"DELETE FROM PermissionSetAssignment WHERE PermissionSetId IN ({chosen})", names)
            connection.execute(f"DELETE FROM PermissionSet WHERE Name IN ({marks}) AND IsCustom = 1", names)
        self.forget()
