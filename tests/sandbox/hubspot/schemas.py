"""Custom objects (Enterprise only, by scope) and app objects: their schemas, and the associations with them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.portals import APP_OBJECT, CUSTOM_OBJECT_LIMIT, full_name
from tests.sandbox.hubspot.store import now_ms
from tests.sandbox.hubspot.values import iso

if TYPE_CHECKING:
    from tests.sandbox.hubspot.hub import Hub

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
# Every custom object can have tasks and notes without being asked for.
ALWAYS = ("0-27", "0-46")
CHANGEABLE = {
    "labels",
    "description",
    "primaryDisplayProperty",
    "secondaryDisplayProperties",
    "searchableProperties",
    "requiredProperties",
    "clearDescription",
}


class Schemas:
    """The custom objects of every portal."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def all(self, portal: int, *, archived: bool) -> list[dict[str, Any]]:
        """Return every schema of a portal, live ones or deleted ones."""
        rows = self._hub.store.read().execute(
            "SELECT type, name, definition, archived FROM schemas WHERE portal = ? AND archived = ? ORDER BY type",
            (portal, int(archived)),
        )
        return [self._body(portal, *row) for row in rows]

    def usage(self, portal: int) -> int:
        """Count the custom objects; those of apps do not count."""
        return sum(not APP_OBJECT.match(each["name"]) for each in self.all(portal, archived=False))

    def deploy(self, portal: int, config: dict[str, Any], associated: list[str]) -> dict[str, Any]:
        """Put an app object there, from the ``config`` of its project file: every name gets the app's prefix.

        Source: HubSpot's pages "App objects". [U] Whether an installed portal has new ones before it is connected anew.
        """
        prefix = f"a{self._hub.app.id}_"
        main = f"{prefix}{config['primaryDisplayLabelPropertyName']}"
        body = {
            "name": f"{prefix}{config['name'].lower()}",
            "labels": {"singular": config["singularForm"], "plural": config["pluralForm"]},
            "description": config.get("description", ""),
            "primaryDisplayProperty": main,
            "secondaryDisplayProperties": [
                f"{prefix}{each}" for each in config.get("secondaryDisplayLabelPropertyNames", ())
            ],
            "requiredProperties": [main],
            "properties": [{**each, "name": f"{prefix}{each['name']}"} for each in config["properties"]],
            "associatedObjects": associated,
        }
        return self.create(portal, body)

    def get(self, portal: int, name: str) -> dict[str, Any]:
        """Return one live schema by type id, full name or ``p_name``; 404 when there is none."""
        type_id, short, definition = self._row(portal, name, archived=False)
        return self._body(portal, type_id, short, json.dumps(definition), 0)

    def create(self, portal: int, body: dict[str, Any]) -> dict[str, Any]:
        """Define a custom object with its properties and its associations (type ids are the portal's own)."""
        name = str(body.get("name", ""))
        properties = body.get("properties") or []
        self._check(portal, name, body)
        type_id = f"2-{self._hub.store.allocate('schema')}"
        now = iso(now_ms())
        definition = {
            "labels": body["labels"],
            "description": body.get("description", ""),
            "primaryDisplayProperty": body["primaryDisplayProperty"],
            "secondaryDisplayProperties": body.get("secondaryDisplayProperties") or [],
            "searchableProperties": body.get("searchableProperties") or [],
            "requiredProperties": body.get("requiredProperties") or [],
            "createdAt": now,
            "updatedAt": now,
        }
        with self._hub.store.write() as tx:
            row = (portal, type_id, name, json.dumps(definition))
            tx.execute("INSERT INTO schemas VALUES(?, ?, ?, ?, 0)", row)
            for one in properties:
                group = {"groupName": one.get("groupName") or f"{name}_information"}
                self._hub.properties.create(portal, type_id, one | group, with_object=True)
            self._hub.properties.put_group(
                portal, type_id, {"name": f"{name}_information", "label": f"{body['labels']['singular']} information"}
            )
            self._hub.portals.forget_types(portal)
            for other in dict.fromkeys([*(body.get("associatedObjects") or []), *ALWAYS]):
                self.associate(portal, type_id, str(other), "")
        return self.get(portal, type_id)

    def _check(self, portal: int, name: str, body: dict[str, Any]) -> None:
        labels = body.get("labels") or {}
        names = {str(one.get("name")) for one in body.get("properties") or []}
        mentioned = [
            body.get("primaryDisplayProperty"),
            *(body.get("requiredProperties") or []),
            *(body.get("searchableProperties") or []),
            *(body.get("secondaryDisplayProperties") or []),
        ]
        if not NAME.fullmatch(name):
            raise ApiError(400, f"Object name {name!r} must start with a letter and hold only letters, digits and _.")
        if not labels.get("singular") or not labels.get("plural"):
            raise ApiError(400, "labels need singular and plural")
        unknown = [one for one in mentioned if one not in names]
        if unknown:
            raise ApiError(400, f"These properties are not part of the schema: {unknown}")
        every = [*self.all(portal, archived=False), *self.all(portal, archived=True)]
        if any(known["name"].lower() == name.lower() for known in every):
            # A deleted object keeps its name until it is deleted with ?archived=true as well.
            raise ApiError(409, f"Object type {name!r} already exists.", category="OBJECT_ALREADY_EXISTS")
        if not APP_OBJECT.match(name) and self.usage(portal) >= CUSTOM_OBJECT_LIMIT:
            raise ApiError(400, f"The limit of {CUSTOM_OBJECT_LIMIT} custom objects is reached.")

    def associate(self, portal: int, left: str, right: str, name: str) -> dict[str, Any]:
        """Allow associations between two object types, in both directions; returns the first."""
        near, far = self._hub.portals.object_type(portal, left), self._hub.portals.object_type(portal, right)
        name = name or f"{near.singular}_to_{far.singular}"
        link = self._hub.associations.types.define(portal, (near.id, far.id), name, (None, None))[0]
        return {"id": str(link.id), "fromObjectTypeId": near.id, "toObjectTypeId": far.id, "name": name}

    def change(self, portal: int, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Change labels, display, searchable or required properties; the name is for ever."""
        unknown = set(body) - CHANGEABLE
        if unknown:
            raise ApiError(400, f"These cannot be changed: {sorted(unknown)}")
        type_id, _, definition = self._row(portal, name, archived=False)
        known = self._hub.properties.of(portal, type_id)
        lists = ("requiredProperties", "searchableProperties", "secondaryDisplayProperties")
        missing = [prop for key in lists for prop in body.get(key) or [] if prop not in known]
        if missing:
            raise ApiError(400, f"These properties do not exist: {missing}")
        definition |= {key: value for key, value in body.items() if key != "clearDescription"}
        definition["updatedAt"] = iso(now_ms())
        with self._hub.store.write() as tx:
            key = (json.dumps(definition), portal, type_id)
            tx.execute("UPDATE schemas SET definition = ? WHERE portal = ? AND type = ?", key)
        self._hub.portals.forget_types(portal)
        return self.get(portal, type_id)

    def delete(self, portal: int, name: str, *, for_good: bool) -> None:
        """Delete a custom object (all its records must be gone), or free the name of one already deleted."""
        type_id, _, _ = self._row(portal, name, archived=for_good)
        with self._hub.store.write() as tx:
            if for_good:
                tx.execute("DELETE FROM schemas WHERE portal = ? AND type = ?", (portal, type_id))
                self._hub.properties.forget(portal, type_id)
                links = [link.id for link in self._hub.associations.types.of_object(portal, type_id)]
                self._hub.associations.types.undefine(portal, links)
            else:
                alive = "SELECT 1 FROM records WHERE portal = ? AND type = ? AND archived = 0 LIMIT 1"
                if tx.execute(alive, (portal, type_id)).fetchone():
                    raise ApiError(400, f"Object type {type_id} still has records and cannot be deleted.")
                tx.execute("UPDATE schemas SET archived = 1 WHERE portal = ? AND type = ?", (portal, type_id))
        self._hub.portals.forget_types(portal)

    def _row(self, portal: int, name: str, *, archived: bool) -> tuple[str, str, dict[str, Any]]:
        rows = self._hub.store.read().execute(
            "SELECT type, name, definition FROM schemas WHERE portal = ? AND archived = ?", (portal, int(archived))
        )
        for type_id, short, definition in rows:
            if name.lower() in {type_id, full_name(portal, short).lower(), f"p_{short}".lower(), short.lower()}:
                return type_id, short, json.loads(definition)
        raise ApiError(404, f"Unable to find object type {name!r}", category="OBJECT_NOT_FOUND")

    def _body(self, portal: int, type_id: str, name: str, text: str, archived: int) -> dict[str, Any]:
        definition: dict[str, Any] = json.loads(text)
        links = self._hub.associations.types.of_object(portal, type_id)
        return definition | {
            "id": type_id.removeprefix("2-"),
            "name": name,
            "objectTypeId": type_id,
            "fullyQualifiedName": full_name(portal, name),
            "archived": bool(archived),
            "allowsSensitiveProperties": False,
            "properties": [prop.body() for prop in self._hub.properties.of(portal, type_id).values()],
            "associations": [
                {
                    "id": str(link.id),
                    "fromObjectTypeId": link.from_type,
                    "toObjectTypeId": link.to_type,
                    "name": link.name,
                }
                for link in links
            ],
        }
