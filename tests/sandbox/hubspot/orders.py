"""The sandbox's own control plane: portals, data, users who click, and settings. All under ``/_control``.

================================  ===========================================================================
``GET /_control/app``             ``{url, client_id, client_secret, app_id, subscriptions}``
``POST /_control/reset``          start anew: empty, not installed, default settings; the app and the port stay
``GET|POST /_control/portals``    list; add or change one (see :class:`portals.Portal`); ``DELETE …/<id>`` closes it
``POST /_control/app-objects``    deploy app objects: ``{portalId, objects: [config], associated: [type ids]}``
``POST /_control/install``        ``{portalId, scopes?}`` -> a token answer, without the page
``POST /_control/uninstall``      a user uninstalls: ``{portalId}``
``POST /_control/expire``         access tokens run out: ``{portalId?}``
``POST /_control/load``           ``{portalId, object, rows, silent}``; or NDJSON rows with the rest in the query
``POST /_control/create``         a user creates: ``{portalId, object, properties, associations?, userId?}`` or ``rows``
``POST /_control/update``         ``{portalId, object, id, properties, userId?}``
``POST /_control/delete``         ``{portalId, object, id}``; also ``restore``, ``gdpr-delete``
``POST /_control/merge``          ``{portalId, object, primary, other}``
``POST /_control/associate``      ``{portalId, from, fromId, to, toId, types?}``; ``dissociate`` undoes it
``GET /_control/rows/<object>``   every record with associations; ``?portalId=&archived=``
``POST /_control/settings``       see :class:`hub.Settings`
``POST /_control/limits``         ``{portalId?, general?, search?, associations?, associations_daily?}``; null lifts one
``GET /_control/limits``          what was counted: ``[{portalId, kind, limit, most, refused}]``
``POST /_control/redirects``      ``{"urls": [...]}`` registers more redirect URLs
``GET|POST /_control/webhooks``   see :class:`delivery.Behaviour`; ``POST …/flush`` sends what waits at once
``GET|DELETE /_control/deliveries``  every batch with state, attempts and events; forget them
================================  ===========================================================================
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from tests.sandbox.control import CONTROL_PREFIX
from tests.sandbox.hubspot.clicks import ADMIN, user_routes
from tests.sandbox.hubspot.events import Actor
from tests.sandbox.hubspot.journal import UNINSTALLED
from tests.sandbox.hubspot.loading import Loader
from tests.sandbox.hubspot.objects import full_properties, inline_links
from tests.sandbox.hubspot.records import COLUMNS, from_row
from tests.sandbox.hubspot.schemas import Schemas
from tests.sandbox.hubspot.values import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.oauth import Grants


def orders_blueprint(hub: Hub, grants: Grants) -> Blueprint:
    """Return the control routes."""
    routes = Blueprint("orders", __name__, url_prefix=CONTROL_PREFIX)

    @routes.errorhandler(ValueError)
    @routes.errorhandler(KeyError)
    def refuse(error: Exception) -> tuple[Response, int]:
        return jsonify({"message": f"{type(error).__name__}: {error}"}), 400

    _portal_routes(routes, hub, grants)
    _data_routes(routes, hub)
    user_routes(routes, hub)
    _setting_routes(routes, hub)
    _webhook_routes(routes, hub)
    return routes


def _portal_routes(routes: Blueprint, hub: Hub, grants: Grants) -> None:
    @routes.get("/portals")
    def list_portals() -> Response:
        return jsonify([_portal(hub, portal.id) for portal in hub.portals.all()])

    @routes.post("/portals")
    def add_portal() -> Response:
        body = dict(request.get_json())
        portal = hub.portals.add(int(body.pop("portalId", 0)) or None, **body)
        return jsonify(_portal(hub, portal.id))

    @routes.post("/app-objects")
    def deploy() -> Response:
        body, schemas = request.get_json(), Schemas(hub)
        hub.portals.add(int(body["portalId"]), app_objects=True)
        made = [schemas.deploy(int(body["portalId"]), each, body["associated"]) for each in body["objects"]]
        return jsonify([each["fullyQualifiedName"] for each in made])

    @routes.delete("/portals/<int:portal>")
    def remove_portal(portal: int) -> Response:
        hub.portals.remove(portal)
        return jsonify({"ok": True})

    @routes.post("/install")
    def install() -> Response:
        body = request.get_json()
        portal = int(body["portalId"])
        offered = [s for s in (*hub.manifest.required, *hub.manifest.optional) if hub.portals.get(portal).has(s)]
        return jsonify(grants.install(portal, int(body.get("userId", ADMIN)), body.get("scopes", offered)))

    @routes.post("/uninstall")
    def uninstall() -> Response:
        portal = int(request.get_json()["portalId"])
        hub.portals.uninstall(portal)
        hub.journal.lifecycle(portal, UNINSTALLED)
        return jsonify({"ok": True})

    @routes.post("/expire")
    def expire() -> Response:
        body = request.get_json(silent=True) or {}
        grants.expire(int(body["portalId"]) if "portalId" in body else None)
        return jsonify({"ok": True})


def _portal(hub: Hub, portal: int) -> dict[str, Any]:
    scopes = hub.portals.granted(portal)
    users = [{"id": user, "email": email, "admin": admin} for user, email, admin in hub.portals.users(portal)]
    shown = {"portalId": portal, "users": users, "installed": scopes is not None, "scopes": sorted(scopes or ())}
    return asdict(hub.portals.get(portal)) | shown


def load(hub: Hub, portal: int, name: str, rows: Iterable[dict[str, Any]], *, silent: bool = True) -> dict[str, Any]:
    """Fill a portal; not `silent` = as if a user had created each row, with events."""
    loader = Loader(hub, portal)
    if name == "owners":
        return loader.owners(rows)
    kind = hub.portals.object_type(portal, name)
    if silent:
        return loader.records(kind, rows)
    actor = Actor("CRM_UI", f"userId:{ADMIN}")
    made = [
        hub.records.create(portal, kind, row["properties"], actor, links=inline_links(row), ruled=False) for row in rows
    ]
    keys = {str(row["externalKey"]): str(one.id) for row, one in zip(rows, made, strict=True) if "externalKey" in row}
    return {"ids": [str(one.id) for one in made], "keys": keys, "count": len(made)}


def rows(hub: Hub, portal: int, name: str, *, archived: bool = False) -> list[dict[str, Any]]:
    """Return every record of a type with its associations, oldest first."""
    if name == "owners":
        return list(hub.portals.owners(portal).values())
    kind = hub.portals.object_type(portal, name)
    found = hub.store.read().execute(
        f"SELECT {COLUMNS} FROM records WHERE portal = ? AND type = ? AND (archived != 0) = ? ORDER BY id",  # noqa: S608
        (portal, kind.id, archived),
    )
    return [
        {
            "id": str(record.id),
            "properties": full_properties(kind, record),
            "createdAt": iso(record.created),
            "updatedAt": iso(record.updated),
            "archived": bool(record.archived),
            "associations": [
                {"toObjectType": to, "toObjectId": str(other), "category": category, "typeId": key}
                for to, other, category, key in hub.associations.of_record(record.id)
            ],
        }
        for record in map(from_row, found.fetchall())
    ]


def _data_routes(routes: Blueprint, hub: Hub) -> None:
    @routes.post("/load")
    def load_rows() -> Response:
        if request.is_json:
            body = request.get_json()
            silent = bool(body.get("silent", True))
            return jsonify(load(hub, int(body["portalId"]), body["object"], body["rows"], silent=silent))
        given = request.args
        silent = given.get("silent", "true") == "true"
        listed: Any = _lines() if silent else list(_lines())
        return jsonify(load(hub, int(given["portalId"]), given["object"], listed, silent=silent))

    @routes.get("/rows/<name>")
    def list_rows(name: str) -> Response:
        archived = request.args.get("archived", "") == "true"
        return jsonify(rows(hub, int(request.args["portalId"]), name, archived=archived))


def _lines() -> Iterator[dict[str, Any]]:
    """Read NDJSON by the megabyte: reading a request line by line is a hundred times slower."""
    rest = b""
    while block := request.stream.read(1 << 20):
        *lines, rest = (rest + block).split(b"\n")
        yield from (json.loads(line) for line in lines if line.strip())
    if rest.strip():
        yield json.loads(rest)


def _setting_routes(routes: Blueprint, hub: Hub) -> None:
    @routes.post("/settings")
    def change_settings() -> Response:
        hub.settings.change(request.get_json())
        return jsonify(asdict(hub.settings))

    @routes.post("/limits")
    def change_limits() -> Response:
        body = dict(request.get_json())
        portal = body.pop("portalId", None)
        hub.limits.order(body, None if portal is None else int(portal))
        return jsonify({"ok": True})

    @routes.get("/limits")
    def show_limits() -> Response:
        return jsonify(hub.limits.counted())

    @routes.post("/redirects")
    def add_redirects() -> Response:
        urls = request.get_json()["urls"]
        hub.redirect_urls.update(urls)
        return jsonify(sorted(hub.redirect_urls))

    @routes.post("/reset")
    def reset() -> Response:
        hub.reset()
        return jsonify({"ok": True})

    @routes.get("/app")
    def show_app() -> Response:
        return jsonify(
            {
                "url": request.host_url.rstrip("/"),
                "client_id": hub.app.client_id,
                "client_secret": hub.app.client_secret,
                "app_id": hub.app.id,
                "subscriptions": [asdict(subscription) for subscription in hub.manifest.subscriptions],
            }
        )


def _webhook_routes(routes: Blueprint, hub: Hub) -> None:
    @routes.get("/webhooks")
    def show_webhooks() -> Response:
        return jsonify(asdict(hub.deliveries.behaviour))

    @routes.post("/webhooks")
    def change_webhooks() -> Response:
        hub.deliveries.change(request.get_json())
        return jsonify(asdict(hub.deliveries.behaviour))

    @routes.post("/webhooks/flush")
    def flush() -> Response:
        hub.deliveries.hurry()
        return jsonify({"waiting": hub.deliveries.waiting()})

    @routes.get("/deliveries")
    def list_deliveries() -> Response:
        return jsonify(hub.deliveries.listed())

    @routes.delete("/deliveries")
    def forget_deliveries() -> Response:
        hub.deliveries.forget()
        return jsonify({"ok": True})
