"""One org: its schema, data, people, tokens and event log, wired together and seeded on first start."""
# ruff: noqa: S608 - table and column names come from the schema, values are always parameters

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from .bus import Bus
from .clock import now
from .features import apply
from .ids import record_id
from .package import read_package
from .people import ADMIN, INTEGRATION, STANDARD, People, add_permission_fields
from .records import Actor, Records
from .settings import Settings
from .standard import standard_schema
from .store import Store, quoted
from .tokens import Client, Tokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# One External Client App for all orgs, as in reality: every sandbox knows the same client.
CLIENT_ID = "3MVG9sandboxSwitchyardExternalClientApp.0000000000000000000000000000000000000000000000"
CLIENT_SECRET = "0F1E2D3C4B5A69788796A5B4C3D2E1F00F1E2D3C4B5A69788796A5B4C3D2E1F0"
ADMIN_USER, INTEGRATION_USER, STANDARD_USER = (f"{name}@acme.example" for name in ("admin", "integration", "standard"))
UNASSIGNED = "Unassigned Leads"
CONVERTED = "Closed - Converted"
CONVERT_ORIGIN = "com/salesforce/api/soap/66.0;client=SfdcInternalAPI/"


class Org:
    """The org of one sandbox directory."""

    def __init__(self, directory: Path, manifest: Path, redirect_uris: Sequence[str]) -> None:
        self.store = Store(directory / "salesforce.sqlite")
        self.schema = standard_schema()
        add_permission_fields(self.schema)
        self.package = read_package(manifest)
        self.settings = Settings.load(self.store)
        if self.settings.package_installed:
            self.package.install(self.schema)
        apply(self.schema, self.settings.features, self.settings.custom_fields)
        self.store.create_tables(self.schema)
        self.people = People(self.store, self.schema)
        self.bus = Bus(self.store, self.schema, self.settings)
        self.records = Records(self.store, self.schema, self.settings, self.people, self.bus)
        self.org_id = self._seed()
        self.tokens = Tokens(
            self.store, self.settings, self.org_id, Client(CLIENT_ID, CLIENT_SECRET, tuple(redirect_uris))
        )
        self.calls_today = 0
        self._open_channels()

    @property
    def base_url(self) -> str:
        """``https://localhost:<port>``: the login host and the instance in one."""
        return self.tokens.base_url

    @base_url.setter
    def base_url(self, url: str) -> None:
        self.tokens.base_url = url

    def close(self) -> None:
        """End the streams and close the database."""
        self.bus.close()
        self.store.close()

    def _seed(self) -> str:
        row = self.store.one("SELECT Id FROM Organization")
        if row is not None:
            return str(row["Id"])
        with self.store.write():
            org_id = record_id("00D", secrets.randbelow(62**5))
            self.people.put(
                "Organization",
                Id=org_id,
                Name="Acme",
                InstanceName="USA0S",
                IsSandbox=0,
                OrganizationType="Enterprise Edition",
            )
            self.people.seed_profiles()
            users = {
                ADMIN_USER: ("Ada", "Admin", ADMIN),
                INTEGRATION_USER: ("Switchyard", "Integration", INTEGRATION),
                STANDARD_USER: ("Sam", "Standard", STANDARD),
            }
            for name, (first, last, profile) in users.items():
                self._seed_user(name, first, last, profile)
            queue = self.people.put("Group", Name=UNASSIGNED, DeveloperName="Unassigned_Leads", Type="Queue")
            self.people.put("QueueSobject", QueueId=queue, SobjectType="Lead")
            self._seed_statuses()
            self.settings.assignment_owner = queue
            self.settings.save(self.store)
            if self.settings.package_installed:
                self._seed_package()
        return org_id

    def _seed_statuses(self) -> None:
        status = self.schema.get("Lead").fields["Status"]
        for place, (value, label) in enumerate(status.values, 1):
            flags = {"IsDefault": int(value == status.default), "IsConverted": int(value == CONVERTED)}
            self.people.put("LeadStatus", ApiName=value, MasterLabel=label, SortOrder=place, **flags)

    def _seed_user(self, name: str, first: str, last: str, profile: str) -> None:
        actor = Actor("", trusted=True, auto_assign=False)
        values = user_values({"Username": name, "FirstName": first, "LastName": last}, self.people.profile(profile))
        self.records.create(self.schema.get("User"), values, actor)

    def _seed_package(self) -> None:
        holders = {"Switchyard_Integration": INTEGRATION_USER, "Switchyard_Admin": ADMIN_USER}
        ids = {name: user["Id"] for name, who in holders.items() if (user := self.user_by_name(who))}
        self.people.seed_package(self.package, ids)
        for kind in self.package.notification_types:
            self.people.put("CustomNotificationType", **kind)

    def _open_channels(self) -> None:
        self.bus.channels = list(self.package.channels) if self.settings.package_installed else []

    def install(self) -> None:
        """Install the package: its objects, fields, channel, notification type and permission sets."""
        if self.settings.package_installed:
            return
        self.package.install(self.schema)
        self.store.create_tables(self.schema)
        self.settings.package_installed = True
        with self.store.write():
            self.settings.save(self.store)
            self._seed_package()
        self._open_channels()

    def uninstall(self) -> None:
        """Uninstall the package with all its data; the app's tokens of users who may not use an uninstalled app die."""
        if not self.settings.package_installed:
            return
        self.settings.package_installed = False
        with self.store.write() as connection:
            self.settings.save(self.store)
            for sobject in self.package.objects:
                self.store.drop(sobject)
            for name, fields in self.package.fields.items():
                for item in fields:
                    self.store.clear_column(name, item.name)
            self.people.remove_package(self.package)
            connection.execute("DELETE FROM CustomNotificationType")
        self.package.uninstall(self.schema)
        self._open_channels()
        self.tokens.expire(refresh_too=True)
        self.bus.ring()

    def may_authorize(self, user_id: str) -> bool:
        """Whether the user may grant access: always with the package, else only with one of two special permissions."""
        special = ("ApproveUninstalledConnectedApps", "UseAnyApiClient")
        return self.settings.package_installed or any(self.people.has(user_id, name) for name in special)

    def user_by_name(self, username: str) -> dict[str, Any] | None:
        """The user of this username."""
        row = self.store.one("SELECT * FROM User WHERE Username = ?", (username,))
        return dict(row) if row else None

    def sign_in_names(self) -> list[str]:
        """The usernames to offer on the authorize page: the first fifty active users."""
        rows = self.store.all("SELECT Username FROM User WHERE IsActive = 1 ORDER BY Id LIMIT 50")
        return [row["Username"] for row in rows]

    def user(self, user_id: str) -> dict[str, Any]:
        """The user row of an id."""
        return self.store.row(self.schema.get("User"), user_id) or {}

    def identity(self, user_id: str) -> dict[str, Any]:
        """The body of the identity URL."""
        user = self.user(user_id)
        base = self.base_url
        data = f"{base}/services/data/v{{version}}/"
        return {
            "id": f"{base}/id/{self.org_id}/{user_id}",
            "asserted_user": True,
            "user_id": user_id,
            "organization_id": self.org_id,
            "username": user["Username"],
            "nick_name": user["Alias"],
            "display_name": user["Name"],
            "email": user["Email"],
            "email_verified": True,
            "first_name": user["FirstName"],
            "last_name": user["LastName"],
            "timezone": user["TimeZoneSidKey"],
            "active": bool(user["IsActive"]),
            "user_type": "STANDARD",
            "language": user["LanguageLocaleKey"],
            "locale": user["LocaleSidKey"],
            "utcOffset": -28800000,
            "last_modified_date": user["LastModifiedDate"],
            "is_app_installed": self.settings.package_installed,
            "urls": {
                "rest": data,
                "sobjects": f"{data}sobjects/",
                "query": f"{data}query/",
                "search": f"{data}search/",
                "recent": f"{data}recent/",
                "metadata": f"{base}/services/Soap/m/{{version}}/{self.org_id[:15]}",
                "partner": f"{base}/services/Soap/u/{{version}}/{self.org_id[:15]}",
                "enterprise": f"{base}/services/Soap/c/{{version}}/{self.org_id[:15]}",
                "profile": f"{base}/{user_id}",
                "custom_domain": base,
            },
        }

    def userinfo(self, user_id: str) -> dict[str, Any]:
        """The body of the userinfo endpoint."""
        identity = self.identity(user_id)
        return {
            "sub": identity["id"],
            "user_id": user_id,
            "organization_id": self.org_id,
            "preferred_username": identity["username"],
            "nickname": identity["nick_name"],
            "name": identity["display_name"],
            "email": identity["email"],
            "email_verified": True,
            "given_name": identity["first_name"],
            "family_name": identity["last_name"],
            "zoneinfo": identity["timezone"],
            "urls": identity["urls"],
            "active": identity["active"],
            "user_type": identity["user_type"],
            "language": identity["language"],
            "locale": identity["locale"],
            "utcOffset": identity["utcOffset"],
        }

    def rows(self, sobject: str) -> list[dict[str, Any]]:
        """All rows of an object, deleted ones too, as a tester wants to see them."""
        thing = self.schema.get(sobject)
        flags = [item.name for item in thing.stored() if item.type == "boolean"]
        rows = [dict(row) for row in self.store.all(f"SELECT * FROM {quoted(thing.name)} ORDER BY Id")]
        for row in rows:
            row.update({name: bool(row[name]) for name in flags})
        return rows

    def notifications(self) -> list[dict[str, Any]]:
        """Every custom notification sent, oldest first."""
        return [dict(row) for row in self.store.all("SELECT * FROM sys_notification ORDER BY id")]

    def notify(self, recipients: Sequence[str], **sent: Any) -> None:
        """Keep a sent notification (`type_id`, `title`, `body`, `target`, `sender`) for each recipient."""
        at = now().timestamp()
        rows = [{**sent, "at": at, "recipient": recipient} for recipient in recipients]
        names = ("at", "type_id", "recipient", "title", "body", "target", "sender")
        marks = ", ".join(f":{name}" for name in names)
        with self.store.write() as connection:
            connection.executemany(f"INSERT INTO sys_notification ({', '.join(names)}) VALUES ({marks})", rows)


def user_values(given: dict[str, Any], profile: str) -> dict[str, Any]:
    """A user's row with what a tester may leave out."""
    name = given.get("Username") or given.get("Email") or f"user{secrets.token_hex(4)}@acme.example"
    values = {
        "Username": name,
        "Email": name,
        "LastName": name.partition("@")[0],
        "Alias": name[:8],
        "ProfileId": profile,
    }
    return values | {key: value for key, value in given.items() if value is not None}
