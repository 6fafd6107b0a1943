"""Property definitions of each portal: the standard ones, changed ones, custom ones, archived ones."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.sandbox.hubspot.cache import Cache
from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.standard import FIELD_TYPES, STANDARD_TYPES, Property, standard_properties
from tests.sandbox.hubspot.store import now_ms
from tests.sandbox.hubspot.values import iso

if TYPE_CHECKING:
    from tests.sandbox.hubspot.store import Store

NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
UNIQUE_LIMIT = 10
CHANGEABLE = {
    "label",
    "groupName",
    "description",
    "options",
    "fieldType",
    "type",
    "displayOrder",
    "hidden",
    "formField",
}


def parse_property(body: dict[str, Any]) -> Property:
    """Read a definition from a request body; 400 says what is wrong."""
    name = str(body.get("name", ""))
    kind, field_type = str(body.get("type", "")), str(body.get("fieldType", ""))
    if not NAME.fullmatch(name):
        raise ApiError(400, f"Property name {name!r} must start with a letter and hold only a-z, 0-9 and _.")
    if kind not in FIELD_TYPES or field_type not in FIELD_TYPES[kind]:
        raise ApiError(400, f"Field type {field_type!r} is not valid for property type {kind!r} of {name!r}.")
    if not body.get("label"):
        raise ApiError(400, f"Property {name!r} needs a label.")
    options = _options(name, body.get("options") or [])
    if kind == "enumeration" and not options:
        raise ApiError(400, f"Property {name!r} is an enumeration and needs options.")
    now = iso(now_ms())
    return Property(
        name=name,
        label=str(body["label"]),
        type=kind,
        field_type=field_type,
        group=str(body.get("groupName", "")),
        options=options,
        unique=bool(body.get("hasUniqueValue")),
        hubspot=False,
        description=str(body.get("description") or ""),
        created_at=now,
        updated_at=now,
        values=frozenset(option["value"] for option in options),
    )


def _options(name: str, listed: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    values = [str(option.get("value", "")) for option in listed]
    if len(set(values)) < len(values) or not all(values) or not all(option.get("label") for option in listed):
        raise ApiError(400, f"Options of {name!r} need a label and a value of their own each.")
    return tuple(
        {
            "label": str(option["label"]),
            "value": str(option["value"]),
            "displayOrder": option.get("displayOrder", number),
            "hidden": bool(option.get("hidden", False)),
            "description": option.get("description", ""),
        }
        for number, option in enumerate(listed)
    )


class Properties:
    """Property definitions and groups, cached by portal and object type."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: Cache[tuple[int, str], dict[str, Property]] = Cache(store)

    def of(self, portal: int, type_id: str) -> dict[str, Property]:
        """Return the live definitions by name."""
        return self._known.get((portal, type_id), lambda: self._live(portal, type_id))

    def _live(self, portal: int, type_id: str) -> dict[str, Property]:
        stored = self._stored(portal, type_id, archived=False)
        return standard_properties(type_id) | {prop.name: prop for prop in stored}

    def archived(self, portal: int, type_id: str) -> list[Property]:
        """Return the definitions that were deleted."""
        return self._stored(portal, type_id, archived=True)

    def get(self, portal: int, type_id: str, name: str) -> Property:
        """Return one live definition; 404 when there is none."""
        prop = self.of(portal, type_id).get(name)
        if prop is None:
            raise ApiError(404, f'Property "{name}" does not exist', category="OBJECT_NOT_FOUND")
        return prop

    def create(self, portal: int, type_id: str, body: dict[str, Any], *, with_object: bool = False) -> Property:
        """Add a definition. 409 for a taken name; an archived name comes back as it is now defined.

        `with_object`: the definition comes with its custom object, whose groups need not exist yet. Uniqueness can only
        be chosen here, never changed, for at most ten properties.
        """
        prop = parse_property(body)
        if prop.name in self.of(portal, type_id):
            message = f'A property named "{prop.name}" already exists.'
            raise ApiError(409, message, category="OBJECT_ALREADY_EXISTS")
        if not with_object and prop.group not in self.groups(portal, type_id):
            raise ApiError(400, f'Property group "{prop.group}" does not exist.')
        taken = sum(known.unique and not known.hubspot for known in self.of(portal, type_id).values())
        if prop.unique and taken >= UNIQUE_LIMIT:
            raise ApiError(400, f"An object type can have at most {UNIQUE_LIMIT} unique properties.")
        self._save(portal, type_id, prop)
        return prop

    def change(self, portal: int, type_id: str, name: str, body: dict[str, Any]) -> Property:
        """Change a definition; `options` replaces the whole list."""
        prop = self.get(portal, type_id, name)
        unknown = set(body) - CHANGEABLE
        if unknown:
            raise ApiError(400, f"These cannot be changed: {sorted(unknown)}")
        options = prop.options if "options" not in body else _options(name, body["options"])
        prop = replace(
            prop,
            label=body.get("label", prop.label),
            group=body.get("groupName", prop.group),
            description=body.get("description", prop.description),
            field_type=body.get("fieldType", prop.field_type),
            type=body.get("type", prop.type),
            options=options,
            values=frozenset(option["value"] for option in options),
            updated_at=iso(now_ms()),
        )
        self._save(portal, type_id, prop)
        return prop

    def archive(self, portal: int, type_id: str, name: str) -> None:
        """Delete a custom definition; HubSpot's own cannot be deleted."""
        prop = self.get(portal, type_id, name)
        if prop.hubspot:
            raise ApiError(400, f'"{name}" is defined by HubSpot and cannot be deleted.')
        self._save(portal, type_id, replace(prop, archived=True))

    def groups(self, portal: int, type_id: str) -> dict[str, dict[str, Any]]:
        """Return the property groups by name."""
        kind = STANDARD_TYPES.get(type_id)
        standard = f"{kind.singular}information" if kind else "custominformation"
        label = f"{kind.singular.capitalize()} information" if kind else "Information"
        groups = {standard: {"name": standard, "label": label, "displayOrder": 0, "archived": False}}
        rows = self._store.read().execute(
            "SELECT name, definition FROM groups WHERE portal = ? AND type = ?", (portal, type_id)
        )
        return groups | {name: json.loads(definition) for name, definition in rows}

    def put_group(self, portal: int, type_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Add or change a group."""
        name = str(body.get("name", ""))
        if not name or not body.get("label"):
            raise ApiError(400, "A property group needs a name and a label.")
        group = {"name": name, "label": body["label"], "displayOrder": body.get("displayOrder", -1), "archived": False}
        with self._store.write() as tx:
            tx.execute("INSERT OR REPLACE INTO groups VALUES(?, ?, ?, ?)", (portal, type_id, name, json.dumps(group)))
        return group

    def drop_group(self, portal: int, type_id: str, name: str) -> None:
        """Delete a group."""
        with self._store.write() as tx:
            tx.execute("DELETE FROM groups WHERE portal = ? AND type = ? AND name = ?", (portal, type_id, name))

    def forget(self, portal: int, type_id: str) -> None:
        """Delete every definition of a custom object that is gone for good."""
        with self._store.write() as tx:
            tx.execute("DELETE FROM properties WHERE portal = ? AND type = ?", (portal, type_id))
        self._known.forget((portal, type_id))

    def _stored(self, portal: int, type_id: str, *, archived: bool) -> list[Property]:
        rows = self._store.read().execute(
            "SELECT definition FROM properties WHERE portal = ? AND type = ? AND archived = ? ORDER BY name",
            (portal, type_id, int(archived)),
        )
        found = []
        for (text,) in rows:
            stored = json.loads(text)
            stored["options"] = tuple(stored["options"])
            stored["values"] = frozenset(option["value"] for option in stored["options"])
            found.append(Property(**stored))
        return found

    def _save(self, portal: int, type_id: str, prop: Property) -> None:
        stored = {name: value for name, value in vars(prop).items() if name != "values"}
        with self._store.write() as tx:
            tx.execute(
                "INSERT OR REPLACE INTO properties VALUES(?, ?, ?, ?, ?)",
                (portal, type_id, prop.name, json.dumps(stored), int(prop.archived)),
            )
        self._known.forget((portal, type_id))
