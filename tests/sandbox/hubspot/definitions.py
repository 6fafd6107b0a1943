"""The endpoints for property definitions and for custom object schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request

from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.gate import VERSION, api_blueprint, batch_answer, caller, inputs, json_body
from tests.sandbox.hubspot.portals import APP_OBJECT, CUSTOM_OBJECT_LIMIT
from tests.sandbox.hubspot.schemas import Schemas
from tests.sandbox.hubspot.store import now_ms

if TYPE_CHECKING:
    from flask import Blueprint

    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.standard import ObjectType

MOST = 100
PROPERTIES = f"/crm/properties/{VERSION}/<name>"
SCHEMAS = f"/crm-object-schemas/{VERSION}/schemas"


def definitions_blueprint(hub: Hub) -> Blueprint:
    """Return the routes of properties, groups, schemas and the limit of custom objects."""
    api = api_blueprint(hub, "definitions")
    _property_routes(api, hub)
    _property_batches(api, hub)
    _group_routes(api, hub)
    _schema_routes(api, hub)
    return api


def _readable(hub: Hub, name: str) -> tuple[int, ObjectType]:
    """Definitions may be read with the schema scope or with the object's own."""
    portal = caller().portal.id
    kind = hub.portals.object_type(portal, name)
    caller().need(f"crm.schemas.{kind.scope}.read", kind.read_scope())
    return portal, kind


def _writable(hub: Hub, name: str) -> tuple[int, ObjectType]:
    portal = caller().portal.id
    kind = hub.portals.object_type(portal, name)
    caller().need(f"crm.schemas.{kind.scope}.write")
    return portal, kind


def _property_routes(api: Blueprint, hub: Hub) -> None:
    @api.get(PROPERTIES)
    def list_properties(version: str, name: str) -> Response:
        portal, kind = _readable(hub, name)
        if request.args.get("archived", "").lower() == "true":
            return jsonify({"results": [prop.body() for prop in hub.properties.archived(portal, kind.id)]})
        return jsonify({"results": [prop.body() for prop in hub.properties.of(portal, kind.id).values()]})

    @api.post(PROPERTIES)
    def create_property(version: str, name: str) -> tuple[Response, int]:
        portal, kind = _writable(hub, name)
        return jsonify(hub.properties.create(portal, kind.id, json_body()).body()), 201

    @api.get(f"{PROPERTIES}/<prop>")
    def read_property(version: str, name: str, prop: str) -> Response:
        portal, kind = _readable(hub, name)
        return jsonify(hub.properties.get(portal, kind.id, prop).body())

    @api.patch(f"{PROPERTIES}/<prop>")
    def change_property(version: str, name: str, prop: str) -> Response:
        portal, kind = _writable(hub, name)
        return jsonify(hub.properties.change(portal, kind.id, prop, json_body()).body())

    @api.delete(f"{PROPERTIES}/<prop>")
    def archive_property(version: str, name: str, prop: str) -> tuple[str, int]:
        portal, kind = _writable(hub, name)
        hub.properties.archive(portal, kind.id, prop)
        return "", 204


def _property_batches(api: Blueprint, hub: Hub) -> None:
    @api.post(f"{PROPERTIES}/batch/read")
    def read_properties(version: str, name: str) -> Response:
        started = now_ms()
        portal, kind = _readable(hub, name)
        known = hub.properties.of(portal, kind.id)
        names = [str(one.get("name", "")) for one in inputs(MOST)]
        missing = [prop for prop in names if prop not in known]
        message = "Could not get some properties, they may be deleted or not exist."
        errors = (
            [ApiError(404, message, category="OBJECT_NOT_FOUND", context={"names": missing}).part()] if missing else []
        )
        return batch_answer([known[prop].body() for prop in names if prop in known], errors, started)

    @api.post(f"{PROPERTIES}/batch/create")
    def create_properties(version: str, name: str) -> Response:
        started = now_ms()
        portal, kind = _writable(hub, name)
        results, errors = [], []
        for one in inputs(MOST):
            try:
                results.append(hub.properties.create(portal, kind.id, one).body())
            except ApiError as error:
                errors.append(error.part() | {"context": {"name": [str(one.get("name"))]}})
        return batch_answer(results, errors, started, status=201)

    @api.post(f"{PROPERTIES}/batch/archive")
    def archive_properties(version: str, name: str) -> tuple[str, int]:
        portal, kind = _writable(hub, name)
        for one in inputs(MOST):
            if str(one.get("name")) in hub.properties.of(portal, kind.id):
                hub.properties.archive(portal, kind.id, str(one["name"]))
        return "", 204


def _group_routes(api: Blueprint, hub: Hub) -> None:
    groups = f"{PROPERTIES}/groups"

    @api.get(groups)
    def list_groups(version: str, name: str) -> Response:
        portal, kind = _readable(hub, name)
        return jsonify({"results": list(hub.properties.groups(portal, kind.id).values())})

    @api.post(groups)
    def create_group(version: str, name: str) -> tuple[Response, int]:
        portal, kind = _writable(hub, name)
        body = json_body()
        if body.get("name") in hub.properties.groups(portal, kind.id):
            message = f"Property group {body['name']!r} already exists."
            raise ApiError(409, message, category="OBJECT_ALREADY_EXISTS")
        return jsonify(hub.properties.put_group(portal, kind.id, body)), 201

    @api.get(f"{groups}/<group>")
    def read_group(version: str, name: str, group: str) -> Response:
        portal, kind = _readable(hub, name)
        return jsonify(_group(hub, portal, kind, group))

    @api.patch(f"{groups}/<group>")
    def change_group(version: str, name: str, group: str) -> Response:
        portal, kind = _writable(hub, name)
        return jsonify(hub.properties.put_group(portal, kind.id, _group(hub, portal, kind, group) | json_body()))

    @api.delete(f"{groups}/<group>")
    def drop_group(version: str, name: str, group: str) -> tuple[str, int]:
        portal, kind = _writable(hub, name)
        hub.properties.drop_group(portal, kind.id, _group(hub, portal, kind, group)["name"])
        return "", 204


def _group(hub: Hub, portal: int, kind: ObjectType, group: str) -> dict[str, Any]:
    found = hub.properties.groups(portal, kind.id).get(group)
    if found is None:
        raise ApiError(404, f"Property group {group!r} does not exist", category="OBJECT_NOT_FOUND")
    return found


def _scopes_of(schema: dict[str, Any]) -> set[str]:
    """Return the scopes of which any shows a schema."""
    full = str(schema["fullyQualifiedName"])
    return {f"crm.app.schemas.{full}.read" if APP_OBJECT.match(full) else "crm.schemas.custom.read"}


def _schema_routes(api: Blueprint, hub: Hub) -> None:
    schemas = Schemas(hub)

    @api.get(SCHEMAS)
    def list_schemas(version: str) -> Response:
        archived = request.args.get("archived", "").lower() == "true"
        found = schemas.all(caller().portal.id, archived=archived)
        granted = [f"crm.app.schemas.{each['fullyQualifiedName']}.read" for each in found]
        caller().need("crm.schemas.custom.read", *granted)
        return jsonify({"results": [each for each in found if caller().scopes & _scopes_of(each)]})

    @api.post(SCHEMAS)
    def create_schema(version: str) -> tuple[Response, int]:
        caller().need("crm.schemas.custom.write")
        return jsonify(schemas.create(caller().portal.id, json_body())), 201

    @api.get(f"{SCHEMAS}/<name>")
    def read_schema(version: str, name: str) -> Response:
        caller().need("crm.schemas.custom.read")
        return jsonify(schemas.get(caller().portal.id, name))

    @api.patch(f"{SCHEMAS}/<name>")
    def change_schema(version: str, name: str) -> Response:
        caller().need("crm.schemas.custom.write")
        return jsonify(schemas.change(caller().portal.id, name, json_body()))

    @api.delete(f"{SCHEMAS}/<name>")
    def delete_schema(version: str, name: str) -> tuple[str, int]:
        caller().need("crm.schemas.custom.write")
        for_good = request.args.get("archived", "").lower() == "true"
        schemas.delete(caller().portal.id, name, for_good=for_good)
        return "", 204

    @api.post(f"{SCHEMAS}/<name>/associations")
    def associate_schema(version: str, name: str) -> tuple[Response, int]:
        caller().need("crm.schemas.custom.write")
        body = json_body()
        ends = (str(body.get("fromObjectTypeId", "")), str(body.get("toObjectTypeId", "")))
        return jsonify(schemas.associate(caller().portal.id, *ends, str(body.get("name") or ""))), 201

    @api.get(f"/crm/limits/{VERSION}/custom-object-types")
    def custom_object_limit(version: str) -> Response:
        caller().need("crm.schemas.custom.read")
        usage = schemas.usage(caller().portal.id)
        used = 100 * usage / CUSTOM_OBJECT_LIMIT
        return jsonify({"limit": CUSTOM_OBJECT_LIMIT, "usage": usage, "percentage": used})
