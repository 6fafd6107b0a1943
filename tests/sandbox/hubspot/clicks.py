"""What users of the portal do in its pages: create, change, delete, merge, associate (control plane)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from tests.sandbox.hubspot.associations import End
from tests.sandbox.hubspot.errors import not_found
from tests.sandbox.hubspot.events import Actor
from tests.sandbox.hubspot.merging import merge
from tests.sandbox.hubspot.objects import inline_links

if TYPE_CHECKING:
    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.records import Record

ADMIN = 9_586_504


def user_routes(routes: Blueprint, hub: Hub) -> None:
    """Add the routes by which a test acts as a user; see :mod:`tests.sandbox.hubspot.orders`."""

    def user(body: dict[str, Any]) -> Actor:
        return Actor("CRM_UI", f"userId:{body.get('userId', ADMIN)}")

    @routes.post("/create")
    def create() -> Response:
        body = request.get_json()
        portal = int(body["portalId"])
        kind = hub.portals.object_type(portal, body["object"])
        made = []
        with hub.store.write():
            for row in body.get("rows") or [body]:
                links = inline_links(row)
                made.append(hub.records.create(portal, kind, row["properties"], user(body), links=links, ruled=True))
        ids = [str(record.id) for record in made]
        return jsonify({"id": ids[0], "ids": ids})

    @routes.post("/update")
    def update() -> Response:
        body = request.get_json()
        record = _record(hub, body, str(body["id"]))
        kind = hub.portals.object_type(record.portal, body["object"])
        hub.records.update(record, kind, body["properties"], user(body), ruled=True)
        return jsonify({"id": str(record.id)})

    @routes.post("/delete")
    def delete() -> Response:
        body = request.get_json()
        record = _record(hub, body, str(body["id"]))
        hub.records.archive(record.portal, record.type, record.id, user(body))
        return jsonify({"id": str(record.id)})

    @routes.post("/gdpr-delete")
    def gdpr_delete() -> Response:
        body = request.get_json()
        record = _record(hub, body, str(body["id"]))
        hub.records.forget(record.portal, record.type, record.id, user(body))
        return jsonify({"id": str(record.id)})

    @routes.post("/restore")
    def restore() -> Response:
        body = request.get_json()
        portal = int(body["portalId"])
        kind = hub.portals.object_type(portal, body["object"])
        hub.records.restore(portal, kind.id, int(body["id"]), user(body))
        return jsonify({"id": str(body["id"])})

    @routes.post("/merge")
    def merge_two() -> Response:
        body = request.get_json()
        primary, other = _record(hub, body, str(body["primary"])), _record(hub, body, str(body["other"]))
        kind = hub.portals.object_type(primary.portal, body["object"])
        return jsonify({"id": str(merge(hub, kind, primary, other, user(body)).id)})

    @routes.post("/associate")
    def associate() -> Response:
        return _associate(hub, request.get_json(), user(request.get_json()), remove=False)

    @routes.post("/dissociate")
    def dissociate() -> Response:
        return _associate(hub, request.get_json(), user(request.get_json()), remove=True)


def _record(hub: Hub, body: dict[str, Any], ident: str) -> Record:
    portal = int(body["portalId"])
    kind = hub.portals.object_type(portal, body["object"])
    found = hub.records.find(portal, kind.id, [ident])
    if ident not in found:
        raise not_found([ident])
    return found[ident]


def _associate(hub: Hub, body: dict[str, Any], actor: Actor, *, remove: bool) -> Response:
    portal = int(body["portalId"])
    near, far = (hub.portals.object_type(portal, body[key]).id for key in ("from", "to"))
    left, right = End(near, int(body["fromId"])), End(far, int(body["toId"]))
    for end in (left, right):
        if end.id not in hub.records.many(portal, end.type, [end.id]):
            raise not_found([str(end.id)])
    types = hub.associations.types
    links = [
        types.get(portal, near, far, t["associationCategory"], t["associationTypeId"]) for t in body.get("types", ())
    ]
    if remove:
        hub.associations.unlink(portal, left, right, actor, links or None)
    else:
        hub.associations.link(portal, left, right, links or [types.default(portal, near, far)], actor)
    return jsonify({"ok": True})
