"""The portals (customer accounts) of the sandbox: tier, users, installs, object types, owners.

Tiers decide what exists: leads from Sales Professional on, custom objects in Enterprise only.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.sandbox.hubspot.cache import Cache
from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.standard import STANDARD_TYPES, ObjectType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.sandbox.hubspot.store import Store

TIERS = ("free", "starter", "professional", "enterprise")
CUSTOM_OBJECT_LIMIT = 10
APP_OBJECT = re.compile(r"a\d+_")
UserRow = tuple[int, str, bool]


@dataclass(frozen=True)
class Portal:
    """One customer account. `auto_associate`: HubSpot links contacts to companies by e-mail domain, a little later.

    `app_objects`: HubSpot has approved those of our app, and they were deployed to it.
    """

    id: int
    tier: str = "enterprise"
    name: str = "Sandbox"
    account_type: str = "STANDARD"
    time_zone: str = "Europe/Paris"
    currency: str = "EUR"
    data_hosting: str = "na1"
    auto_associate: bool = False
    auto_associate_delay: float = 0.2
    app_objects: bool = False
    # The Salesforce sync is on: companies cannot be merged.
    salesforce_sync: bool = False
    # As before 2025: the record that comes of a merge keeps the primary's id.
    merge_keeps_id: bool = False
    # [U] Whether an app of today may take additional e-mail addresses off contacts by the first contacts API.
    secondary_emails: bool = True
    # Admin rules: {"object", "require": [...], "when": {"property", "value"} | None, "creating": bool}.
    rules: list[dict[str, Any]] = field(default_factory=list)

    def has(self, scope: str) -> bool:
        """Tell whether this portal's tier offers what `scope` opens."""
        if ".custom." in scope:
            return self.tier == "enterprise"
        if ".leads." in scope:
            return self.tier in {"professional", "enterprise"}
        if scope.startswith("crm.app."):
            return self.app_objects
        return True


def full_name(number: int, name: str) -> str:
    """Return the full name of a portal's object: that of an app object begins with the app's id already."""
    return name if APP_OBJECT.match(name) else f"p{number}_{name}"


class Portals:
    """Every portal, its users and what it has installed. Reads are cached; every change goes through here."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._portals: dict[int, Portal] = {}
        self._types: Cache[int, dict[str, ObjectType]] = Cache(store)
        self._scopes: Cache[int, frozenset[str] | None] = Cache(store)
        self._owners: Cache[int, dict[str, dict[str, Any]]] = Cache(store)
        for number, settings in store.read().execute("SELECT id, settings FROM portals"):
            self._portals[number] = Portal(id=number, **json.loads(settings))

    def all(self) -> list[Portal]:
        """Return every portal, oldest id first."""
        return [self._portals[number] for number in sorted(self._portals)]

    def get(self, number: int) -> Portal:
        """Return a portal; KeyError when there is none."""
        return self._portals[number]

    def add(self, number: int | None = None, **settings: Any) -> Portal:
        """Create a portal, or change the settings of one that is there, with a super admin and a plain user."""
        number = number or self._store.allocate("portal")
        known = self._portals.get(number)
        portal = replace(known, **settings) if known else Portal(id=number, **settings)
        if portal.tier not in TIERS:
            message = f"tier must be one of {TIERS}"
            raise ValueError(message)
        self._save(portal)
        if known is None:
            users = (
                (9_586_504, f"admin@portal{number}.example.com", 1),
                (9_586_505, f"rep@portal{number}.example.com", 0),
            )
            with self._store.write() as tx:
                tx.executemany("INSERT INTO users VALUES(?, ?, ?, ?)", [(number, *user) for user in users])
        return portal

    def remove(self, number: int) -> None:
        """Close a portal for good; its tokens then answer BAD_HUB."""
        with self._store.write() as tx:
            tx.execute("DELETE FROM portals WHERE id = ?", (number,))
            self.uninstall(number)
        self._portals.pop(number, None)

    def _save(self, portal: Portal) -> None:
        settings = asdict(portal)
        del settings["id"]
        with self._store.write() as tx:
            tx.execute("INSERT OR REPLACE INTO portals VALUES(?, ?)", (portal.id, json.dumps(settings)))
        self._portals[portal.id] = portal

    def users(self, number: int) -> list[UserRow]:
        """Return (user id, e-mail, may install apps) of a portal's users."""
        rows = self._store.read().execute("SELECT id, email, admin FROM users WHERE portal = ? ORDER BY id", (number,))
        return [(user, email, bool(admin)) for user, email, admin in rows]

    def install(self, number: int, user: int, scopes: Iterable[str]) -> None:
        """Note that the app is installed with these scopes."""
        granted = sorted(scopes)
        with self._store.write() as tx:
            tx.execute("INSERT OR REPLACE INTO installs VALUES(?, ?, ?)", (number, user, json.dumps(granted)))
            self._scopes.forget(number)

    def uninstall(self, number: int) -> None:
        """Forget the install and kill its tokens; HubSpot sends no webhook about it."""
        with self._store.write() as tx:
            tx.execute("DELETE FROM installs WHERE portal = ?", (number,))
            tx.execute("UPDATE tokens SET revoked = 1 WHERE portal = ?", (number,))
            self._scopes.forget(number)

    def granted(self, number: int) -> frozenset[str] | None:
        """Return the scopes of the install, or None when the app is not installed."""
        return self._scopes.get(number, lambda: self._read_scopes(number))

    def _read_scopes(self, number: int) -> frozenset[str] | None:
        row = self._store.read().execute("SELECT scopes FROM installs WHERE portal = ?", (number,)).fetchone()
        return frozenset(json.loads(row[0])) if row else None

    def object_type(self, number: int, name: str) -> ObjectType:
        """Find an object type by id, singular, plural, or a custom object's names; 400 when there is none."""
        found = self._types.get(number, lambda: self._all_types(number)).get(name.lower())
        if found is None:
            raise ApiError(400, f"Unable to infer object type from: {name}")
        return found

    def forget_types(self, number: int) -> None:
        """Read the portal's custom objects again next time."""
        self._types.forget(number)

    def _all_types(self, number: int) -> dict[str, ObjectType]:
        names = {key: kind for kind in STANDARD_TYPES.values() for key in (kind.id, kind.singular, kind.plural)}
        rows = self._store.read().execute(
            "SELECT type, name, definition FROM schemas WHERE portal = ? AND archived = 0", (number,)
        )
        for type_id, name, definition in rows:
            full = full_name(number, name)
            kind = ObjectType(
                type_id,
                full,
                full,
                "custom",
                "hs_createdate",
                "hs_lastmodifieddate",
                ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
                required=tuple(json.loads(definition)["requiredProperties"]),
                mergeable=True,
                app=full == name,
            )
            names |= {type_id: kind, full.lower(): kind} | ({} if kind.app else {f"p_{name}".lower(): kind})
        return names

    def owners(self, number: int) -> dict[str, dict[str, Any]]:
        """Return the portal's owners by owner id, archived ones too, as the owners API shows them."""
        return self._owners.get(number, lambda: self._read_owners(number))

    def _read_owners(self, number: int) -> dict[str, dict[str, Any]]:
        rows = self._store.read().execute("SELECT id, definition FROM owners WHERE portal = ? ORDER BY id", (number,))
        return {str(owner): json.loads(definition) for owner, definition in rows}

    def put_owners(self, number: int, rows: Iterable[tuple[int, dict[str, Any]]]) -> None:
        """Add or replace owners."""
        with self._store.write() as tx:
            tx.executemany(
                "INSERT OR REPLACE INTO owners VALUES(?, ?, ?, ?, ?)",
                [
                    (number, owner, body.get("email", "").lower(), int(body["archived"]), json.dumps(body))
                    for owner, body in rows
                ],
            )
            self._owners.forget(number)
