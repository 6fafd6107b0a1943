"""The object endpoints: single records, lists, search, merge, privacy deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request

from tests.sandbox.hubspot.errors import ApiError, html_error, not_found
from tests.sandbox.hubspot.gate import RULED_VERSION, VERSION, api_blueprint, caller, json_body, named_type
from tests.sandbox.hubspot.links import USER, LinkType
from tests.sandbox.hubspot.merging import merge
from tests.sandbox.hubspot.records import COLUMNS, Inline, from_row
from tests.sandbox.hubspot.rollups import rollups
from tests.sandbox.hubspot.search import BODY, Search
from tests.sandbox.hubspot.standard import STANDARD_TYPES
from tests.sandbox.hubspot.values import iso

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Blueprint

    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.records import Record
    from tests.sandbox.hubspot.standard import ObjectType

LIST_PAGE = 100
BASE = f"/crm/objects/{VERSION}/<name>"


def full_properties(kind: ObjectType, record: Record) -> dict[str, str]:
    """Return every property that has a value, with those kept outside the stored ones."""
    own = {
        "hs_object_id": str(record.id),
        kind.created: iso(record.created),
        kind.updated: iso(record.updated),
    }
    return dict(sorted((record.props | own).items()))


def shown(hub: Hub, kind: ObjectType, record: Record, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Return a record as reads show it: the asked or default properties, null where there is no value."""
    known = hub.properties.of(record.portal, kind.id)
    always = ("hs_object_id", kind.created, kind.updated)
    wanted = [name for name in names if name in known] if names else list(kind.shown)
    every = full_properties(kind, record) | rollups(hub, record, wanted)
    body = written(kind, record)
    body["properties"] = {name: every.get(name) for name in sorted({*wanted, *always})}
    return body


def written(kind: ObjectType, record: Record) -> dict[str, Any]:
    """Return a record as writes answer it: everything that has a value."""
    body: dict[str, Any] = {
        "id": str(record.id),
        "properties": full_properties(kind, record),
        "createdAt": iso(record.created),
        "updatedAt": iso(record.updated),
        "archived": bool(record.archived),
    }
    return body | {"archivedAt": iso(record.archived)} if record.archived else body


def inline_links(body: dict[str, Any]) -> list[Inline]:
    """Read the ``associations`` of a creation."""
    try:
        return [
            (
                int(one["to"]["id"]),
                [(str(t["associationCategory"]), int(t["associationTypeId"])) for t in one["types"]],
            )
            for one in body.get("associations") or []
        ]
    except (KeyError, TypeError, ValueError):
        raise ApiError(400, "Invalid input JSON: associations need to.id and types") from None


def _asked() -> list[str]:
    return [name for text in request.args.getlist("properties") for name in text.split(",") if name]


def objects_blueprint(hub: Hub) -> Blueprint:
    """Return the routes for single records, lists and search."""
    api = api_blueprint(hub, "objects")
    _reading_routes(api, hub)
    _writing_routes(api, hub)
    _ending_routes(api, hub)
    return api


def _one(hub: Hub, kind: ObjectType, ident: str) -> Record:
    found = hub.records.find(caller().portal.id, kind.id, [ident], request.args.get("idProperty"))
    if ident not in found:
        raise not_found([ident])
    return found[ident]


def _reading_routes(api: Blueprint, hub: Hub) -> None:
    search = Search(hub)

    @api.get(BASE)
    def list_objects(version: str, name: str) -> Response:
        kind = named_type(hub, name)
        limit = request.args.get("limit", 10, type=int)
        if not 1 <= limit <= LIST_PAGE:
            raise ApiError(400, f"limit must be between 1 and {LIST_PAGE}")
        # Spelled out, so that the index on living records is used.
        state = "archived > 0" if _archived() else "archived = 0"
        rows = hub.store.read().execute(
            f"SELECT {COLUMNS} FROM records WHERE portal = ? AND type = ? AND {state} AND id > ? ORDER BY id LIMIT ?",  # noqa: S608
            (caller().portal.id, kind.id, request.args.get("after", 0, type=int), limit + 1),
        )
        found = [from_row(row) for row in rows]
        page = [_with_links(hub, kind, record, shown(hub, kind, record, _asked())) for record in found[:limit]]
        body: dict[str, Any] = {"results": page}
        if len(found) > limit:
            after = page[-1]["id"]
            body["paging"] = {"next": {"after": after, "link": f"{request.base_url}?limit={limit}&after={after}"}}
        return jsonify(body)

    @api.get(f"{BASE}/<ident>")
    def read(version: str, name: str, ident: str) -> Response:
        kind = named_type(hub, name)
        if _archived():
            number = int(ident) if ident.isdigit() else 0
            gone = hub.records.many(caller().portal.id, kind.id, [number], archived=True)
            if number not in gone:
                raise not_found([ident])
            return jsonify(shown(hub, kind, gone[number], _asked()))
        record = _one(hub, kind, ident)
        return jsonify(_with_links(hub, kind, record, shown(hub, kind, record, _asked())))

    @api.post(f"{BASE}/search")
    def find(version: str, name: str) -> Response:
        kind = named_type(hub, name)
        if len(request.get_data()) > BODY:
            raise ApiError(400, f"The search body is longer than {BODY} characters")
        body = json_body()
        total, found, after = search.run(caller().portal.id, kind, body)
        names = body.get("properties") or []
        answer: dict[str, Any] = {"total": total, "results": [shown(hub, kind, record, names) for record in found]}
        if after is not None:
            answer["paging"] = {"next": {"after": str(after)}}
        return jsonify(answer)


def _writing_routes(api: Blueprint, hub: Hub) -> None:
    @api.post(BASE)
    def create(version: str, name: str) -> tuple[Response, int]:
        kind = named_type(hub, name, write=True)
        body = json_body()
        record = hub.records.create(
            caller().portal.id,
            kind,
            body.get("properties") or {},
            hub.events.app(),
            links=inline_links(body),
            ruled=version == RULED_VERSION,
        )
        return jsonify(written(kind, record)), 201

    @api.patch(f"{BASE}/<ident>")
    def update(version: str, name: str, ident: str) -> Response:
        kind = named_type(hub, name, write=True)
        record = _one(hub, kind, ident)
        values = json_body().get("properties") or {}
        ruled = version == RULED_VERSION
        return jsonify(written(kind, hub.records.update(record, kind, values, hub.events.app(), ruled=ruled)))

    @api.delete(f"{BASE}/<ident>")
    def archive(version: str, name: str, ident: str) -> tuple[str, int]:
        kind = named_type(hub, name, write=True)
        number = int(ident) if ident.isdigit() else 0
        portal = caller().portal.id
        if number not in hub.records.many(portal, kind.id, [number], archived=True):
            hub.records.archive(portal, kind.id, _one(hub, kind, ident).id, hub.events.app())
        return "", 204


def _ending_routes(api: Blueprint, hub: Hub) -> None:
    @api.post(f"{BASE}/merge")
    def merge_two(version: str, name: str) -> Response:
        kind = named_type(hub, name, write=True)
        if not kind.mergeable:
            return html_error()
        body = json_body()
        idents = [str(body.get(key, "")) for key in ("primaryObjectId", "objectIdToMerge")]
        found = hub.records.find(caller().portal.id, kind.id, idents)
        missing = [ident for ident in idents if ident not in found]
        if missing:
            raise not_found(missing)
        primary, other = (found[ident] for ident in idents)
        if primary.id == other.id:
            raise ApiError(400, f"Cannot merge an object with itself: {primary.id}")
        return jsonify(written(kind, merge(hub, kind, primary, other, hub.events.app())))

    @api.post(f"{BASE}/gdpr-delete")
    def gdpr_delete(version: str, name: str) -> tuple[str, int]:
        kind = named_type(hub, name, write=True)
        body = json_body()
        ident = str(body.get("objectId", ""))
        found = hub.records.find(caller().portal.id, kind.id, [ident], body.get("idProperty"))
        if ident in found:
            hub.records.forget(caller().portal.id, kind.id, found[ident].id, hub.events.app())
        return "", 204


def _archived() -> bool:
    return request.args.get("archived", "").lower() == "true"


def _with_links(hub: Hub, kind: ObjectType, record: Record, body: dict[str, Any]) -> dict[str, Any]:
    """Add the associations that ``?associations=`` asks for."""
    for name in (part for text in request.args.getlist("associations") for part in text.split(",") if part):
        other = named_type(hub, name)
        found = hub.associations.read([record.id], other.id).get(record.id, {})
        results = [
            {"id": str(far), "type": _legacy_name(hub, record.portal, kind, other, key)}
            for far, keys in found.items()
            for key in keys
        ]
        if results:
            body.setdefault("associations", {})[other.plural] = {"results": results}
    return body


def _legacy_name(hub: Hub, portal: int, kind: ObjectType, other: ObjectType, key: tuple[str, int]) -> str:
    link: LinkType = hub.associations.types.get(portal, kind.id, other.id, *key)
    if link.category == USER and link.name:
        return link.name
    plain_of_labelled = link.label is None and any(
        kin.label for kin in hub.associations.types.between(portal, kind.id, other.id)
    )
    suffix = "_unlabeled" if plain_of_labelled and kind.id in STANDARD_TYPES else ""
    return f"{kind.singular}_to_{other.singular}{suffix}"
