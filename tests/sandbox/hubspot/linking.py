"""The association endpoints: batches of 2,000 (create), 1,000 (read) and 100 (archive), labels, single associations.

[U] Scopes: reading needs the read scope of both ends; writing needs the write scope of one end as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify

from tests.sandbox.hubspot.associations import End, association_body
from tests.sandbox.hubspot.errors import ApiError, html_error, missing_scopes, not_found, some_not_found
from tests.sandbox.hubspot.gate import VERSION, api_blueprint, batch_answer, caller, inputs, json_body
from tests.sandbox.hubspot.links import LinkType, noun
from tests.sandbox.hubspot.store import now_ms

if TYPE_CHECKING:
    from flask import Blueprint

    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.standard import ObjectType

MOST_CREATED, MOST_READ, MOST_ARCHIVED = 2_000, 1_000, 100
READ_PAGE = 500
BASE = f"/crm/associations/{VERSION}/<left>/<right>"
SINGLE = f"/crm/objects/{VERSION}/<left>/<ident>/associations"


class Linking:
    """The steps behind the association endpoints."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def ends(self, left: str, right: str, *, write: bool = False) -> tuple[ObjectType, ObjectType]:
        """Return the two object types of a path, if the caller may."""
        portal = caller().portal.id
        near, far = self.hub.portals.object_type(portal, left), self.hub.portals.object_type(portal, right)
        granted = caller().scopes
        if not {near.read_scope(), far.read_scope()} <= granted:
            raise missing_scopes([near.read_scope(), far.read_scope()])
        if write and not {near.write_scope(), far.write_scope()} & granted:
            raise missing_scopes([near.write_scope(), far.write_scope()])
        return near, far

    def links(self, near: ObjectType, far: ObjectType, types: Any) -> list[LinkType]:
        """Read association specs; 400 for a type that does not exist in that direction."""
        kinds = self.hub.associations.types
        try:
            return [
                kinds.get(
                    caller().portal.id, near.id, far.id, str(t["associationCategory"]), int(t["associationTypeId"])
                )
                for t in types
            ]
        except (KeyError, TypeError, ValueError):
            raise ApiError(400, "Invalid input JSON: types need associationCategory and associationTypeId") from None

    def pairs(self, near: ObjectType, far: ObjectType, listed: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
        """Return ([(input, left end, right end)], errors for inputs whose records do not exist)."""
        try:
            idents = [(str(one["from"]["id"]), str(one["to"]["id"])) for one in listed]
        except (KeyError, TypeError):
            raise ApiError(400, "Invalid input JSON: every input needs from.id and to.id") from None
        portal = caller().portal.id
        lefts = self.hub.records.find(portal, near.id, [left for left, _ in idents])
        rights = self.hub.records.find(portal, far.id, [right for _, right in idents])
        good, errors = [], []
        for one, (left, right) in zip(listed, idents, strict=True):
            if left in lefts and right in rights:
                good.append((one, End(near.id, lefts[left].id), End(far.id, rights[right].id)))
            else:
                kind, ident = (noun(far.id), right) if left in lefts else (noun(near.id), left)
                errors.append(some_not_found(kind, [ident]).part())
        return good, errors

    def single(self, left: str, ident: str, right: str, other: str) -> tuple[ObjectType, ObjectType, End, End]:
        """Return types and ends of a single association's path; 404 when a record is missing."""
        near, far = self.ends(left, right, write=True)
        good, _ = self.pairs(near, far, [{"from": {"id": ident}, "to": {"id": other}}])
        if not good:
            raise not_found([ident, other])
        return near, far, good[0][1], good[0][2]

    def neighbours(self, near: ObjectType, far: ObjectType, one: dict[str, Any]) -> dict[str, Any] | None:
        """Return one result of a batch read, None when there is no association."""
        portal = caller().portal.id
        number = int(one["id"]) if str(one.get("id", "")).isdigit() else 0
        if number not in self.hub.records.many(portal, near.id, [number]):
            return None
        found = self.hub.associations.read([number], far.id).get(number, {})
        after = int(one.get("after") or 0)
        rest = [(other, keys) for other, keys in sorted(found.items()) if other > after]
        if not rest:
            return None
        kinds = self.hub.associations.types
        result: dict[str, Any] = {
            "from": {"id": str(number)},
            "to": [
                {
                    "toObjectId": str(other),
                    "associationTypes": [association_body(kinds.get(portal, near.id, far.id, *key)) for key in keys],
                }
                for other, keys in rest[:READ_PAGE]
            ],
        }
        if len(rest) > READ_PAGE:
            result["paging"] = {"next": {"after": str(rest[READ_PAGE - 1][0])}}
        return result


def linking_blueprint(hub: Hub) -> Blueprint:
    """Return the association routes."""
    api = api_blueprint(hub, "linking")
    steps = Linking(hub)
    _batch_routes(api, hub, steps)
    _label_routes(api, hub, steps)
    _single_routes(api, hub, steps)
    return api


def _batch_routes(api: Blueprint, hub: Hub, steps: Linking) -> None:
    @api.post(f"{BASE}/batch/create")
    def create(version: str, left: str, right: str) -> Response:
        started = now_ms()
        near, far = steps.ends(left, right, write=True)
        good, errors = steps.pairs(near, far, inputs(MOST_CREATED))
        results = []
        with hub.store.write():
            for one, here, there in good:
                links = steps.links(near, far, one.get("types") or [])
                hub.associations.link(caller().portal.id, here, there, links, hub.events.app())
                labels = [link.label for link in links if link.label]
                results.append(_created(here, there, labels))
        return batch_answer(results, errors, started, status=201)

    @api.post(f"{BASE}/batch/associate/default")
    def associate(version: str, left: str, right: str) -> Response:
        started = now_ms()
        near, far = steps.ends(left, right, write=True)
        link = hub.associations.types.default(caller().portal.id, near.id, far.id)
        good, errors = steps.pairs(near, far, inputs(MOST_CREATED))
        results = []
        with hub.store.write():
            for _, here, there in good:
                hub.associations.link(caller().portal.id, here, there, [link], hub.events.app())
                results += _both_ways(here, there, link)
        return batch_answer(results, errors, started)

    @api.post(f"{BASE}/batch/read")
    def read(version: str, left: str, right: str) -> Response:
        started = now_ms()
        near, far = steps.ends(left, right)
        results, errors = [], []
        for one in inputs(MOST_READ):
            result = steps.neighbours(near, far, one)
            if result is not None:
                results.append(result)
                continue
            # Observed on the older versions, which answer 207 for inputs without associations, too.
            ident = str(one.get("id", ""))
            message = f"No {far.singular} is associated with {near.singular} {ident}."
            context = {"fromObjectId": [ident], "fromObjectType": [near.singular], "toObjectType": [far.singular]}
            part = ApiError(404, message, category="OBJECT_NOT_FOUND", context=context).part()
            errors.append(part | {"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"})
        return batch_answer(results, errors, started)

    @api.post(f"{BASE}/batch/archive")
    def archive(version: str, left: str, right: str) -> Response:
        started = now_ms()
        near, far = steps.ends(left, right, write=True)
        listed = inputs(MOST_ARCHIVED)
        portal = caller().portal.id
        # `to` is a list here, unlike in every other batch.
        flat = [{"from": one.get("from"), "to": to} for one in listed for to in one.get("to") or ()]
        good, _ = steps.pairs(near, far, flat)
        with hub.store.write():
            for _, here, there in good:
                hub.associations.unlink(portal, here, there, hub.events.app())
        return batch_answer([], [], started)

    @api.post(f"{BASE}/batch/labels/archive")
    def archive_labels(version: str, left: str, right: str) -> Response:
        started = now_ms()
        near, far = steps.ends(left, right, write=True)
        good, _ = steps.pairs(near, far, inputs(MOST_ARCHIVED))
        with hub.store.write():
            for one, here, there in good:
                links = steps.links(near, far, one.get("types") or [])
                hub.associations.unlink(caller().portal.id, here, there, hub.events.app(), links)
        return batch_answer([], [], started)


def _label_routes(api: Blueprint, hub: Hub, steps: Linking) -> None:
    @api.get(f"{BASE}/labels")
    def labels(version: str, left: str, right: str) -> Response:
        near, far = steps.ends(left, right)
        links = hub.associations.types.between(caller().portal.id, near.id, far.id)
        return jsonify({"results": [association_body(link) for link in links]})

    @api.post(f"{BASE}/labels")
    def define(version: str, left: str, right: str) -> Response:
        near, far = steps.ends(left, right, write=True)
        body = json_body()
        if not body.get("label") or not body.get("name"):
            raise ApiError(400, "A label needs label and name")
        there_and_back = (str(body["label"]), str(body.get("inverseLabel") or body["label"]))
        made = hub.associations.types.define(caller().portal.id, (near.id, far.id), str(body["name"]), there_and_back)
        return jsonify({"results": [association_body(link) for link in made]})

    @api.delete(f"{BASE}/labels/<int:type_id>")
    def undefine(version: str, left: str, right: str, type_id: int) -> tuple[str, int]:
        near, far = steps.ends(left, right, write=True)
        link = hub.associations.types.get(caller().portal.id, near.id, far.id, "USER_DEFINED", type_id)
        hub.associations.types.undefine(caller().portal.id, [link.id, link.inverse])
        return "", 204


def _single_routes(api: Blueprint, hub: Hub, steps: Linking) -> None:
    @api.put(f"{SINGLE}/default/<right>/<other>")
    def put_default(version: str, left: str, ident: str, right: str, other: str) -> Response:
        started = now_ms()
        near, far, here, there = steps.single(left, ident, right, other)
        link = hub.associations.types.default(caller().portal.id, near.id, far.id)
        hub.associations.link(caller().portal.id, here, there, [link], hub.events.app())
        return batch_answer(_both_ways(here, there, link), [], started)

    @api.put(f"{SINGLE}/<right>/<other>")
    def put(version: str, left: str, ident: str, right: str, other: str) -> tuple[Response, int]:
        near, far, here, there = steps.single(left, ident, right, other)
        links = steps.links(near, far, json_body(list))
        hub.associations.link(caller().portal.id, here, there, links, hub.events.app())
        return jsonify(_created(here, there, [link.label for link in links if link.label])), 201

    @api.delete(f"{SINGLE}/<right>/<other>")
    def delete(version: str, left: str, ident: str, right: str, other: str) -> tuple[str, int]:
        _, _, here, there = steps.single(left, ident, right, other)
        hub.associations.unlink(caller().portal.id, here, there, hub.events.app())
        return "", 204

    @api.get(f"{SINGLE}/<right>")
    def list_single(version: str, left: str, ident: str, right: str) -> Response:
        # This list is specified for 2026-03 and missing from 2026-09.
        if version != "2026-03":
            return html_error()
        near, far = steps.ends(left, right)
        result = steps.neighbours(near, far, {"id": ident})
        return jsonify({"results": result["to"] if result else []})


def _created(here: End, there: End, labels: list[str]) -> dict[str, Any]:
    return {
        "fromObjectTypeId": here.type,
        "fromObjectId": str(here.id),
        "toObjectTypeId": there.type,
        "toObjectId": str(there.id),
        "labels": labels,
    }


def _both_ways(here: End, there: End, link: LinkType) -> list[dict[str, Any]]:

    return [
        {
            "from": {"id": str(near.id)},
            "to": {"id": str(far.id)},
            "associationSpec": {"associationCategory": link.category, "associationTypeId": type_id},
        }
        for near, far, type_id in ((here, there, link.id), (there, here, link.inverse))
    ]
