"""The control plane of this sandbox, beside the shared one: what a tester can order over HTTP.

===================================  ==========================================================================
``POST /_control/load``              ``{"sobject", "rows", "silent"}`` (or NDJSON rows with ``?sobject=&silent=``):
                                     insert fast; answers ``{"ids", "keys"}``
``POST /_control/create``            ``{"sobject", "rows", "assign"?, "user"?, "origin"?}``: as a person at the screen
``POST /_control/update``            ``{"sobject", "rows": [{"Id", ...}]}``
``POST /_control/delete, undelete``  ``{"sobject", "ids"}``
``POST /_control/purge``             ``{"sobject", "ids"}``: empty the recycle bin of these
``POST /_control/convert``           ``{"leadId", "accountId"?}``: the four events of a conversion
``POST /_control/merge``             ``{"sobject", "masterId", "mergedIds", "values"?}``
``GET /_control/rows/<sobject>``     every row, deleted ones too
``GET /_control/notifications``      every custom notification; ``DELETE`` forgets them
``POST /_control/refuse``            ``{"code", "sobject"?, "message"?, "fields"?, "times"?, "where"?, "status"?,
                                     "body"?}``: matching writes fail; ``DELETE`` forgets all such orders
``POST /_control/locks``             ``{"ids", "status"?}``: somebody else holds these records, so nobody can write them
                                     or what names them; ``GET`` tells whose writes failed, ``DELETE`` frees all
``POST /_control/picklist``          ``{"sobject", "field", "rename": {value: new value}}``: the default goes along
``POST /_control/permissions``       ``{"user", "grant"?, "deny"?, "hide"?, "show"?}``; ``GET ?user=`` reads them
``POST /_control/settings``          any of the settings; ``GET`` reads them
``POST /_control/feature``           ``{"name": "person_accounts" | "currencies" | "state_codes", "rates"?}``: for good
``POST /_control/fields``            ``{"sobject", "lines"}`` or ``{"sobject", "drop"}``: the customer's own fields
``POST /_control/person``            ``{"LastName", "FirstName"?, "PersonEmail"?, …}``: a person account
``POST /_control/package``           ``{"installed": true | false}``
``POST /_control/expire``            expire access tokens; ``{"refresh": true}`` kills refresh tokens too
``POST /_control/stream``             ``{"cut": true}``, ``{"error_code", "refuse"?}``,
                                     ``{"gap": {"sobject", "ids", "kind"}}``, ``{"overflow": "Lead"}``,
                                     ``{"expire_before": true | "<hex replay id>"}``, ``{"delivered": 0}``
===================================  ==========================================================================
"""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from tests.sandbox.control import CONTROL_PREFIX

from . import feature_orders
from .acts import Acts
from .clock import now
from .errors import SalesforceError
from .events import Commit
from .loading import load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .org import Org
    from .streams import Streams


def control_blueprint(org: Org, streams: Streams) -> Blueprint:
    """The routes under ``/_control`` that belong to Salesforce."""
    routes = Blueprint("salesforce_control", __name__, url_prefix=CONTROL_PREFIX)
    acts = Acts(org)

    @routes.errorhandler(SalesforceError)
    def refused(error: SalesforceError) -> tuple[Response, int]:
        return jsonify(error.body()), error.status

    @routes.errorhandler(KeyError)
    def unknown(error: KeyError) -> tuple[Response, int]:
        return jsonify({"error": f"unknown or missing: {error}"}), 400

    _data_routes(routes, org, acts)
    _org_routes(routes, org, streams)
    return routes


def _given() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}


def _rows(given: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = given["rows"]
    return rows


def _who(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("user", "origin") if name in given}


def _data_routes(routes: Blueprint, org: Org, acts: Acts) -> None:
    @routes.post("/load")
    def load_rows() -> Response:
        if request.content_type == "application/x-ndjson":
            rows: Iterable[dict[str, Any]] = (
                json.loads(line) for line in request.get_data().splitlines() if line.strip()
            )
            name, silent = request.args["sobject"], request.args.get("silent", "true") != "false"
        else:
            given = _given()
            rows, name, silent = _rows(given), given["sobject"], given.get("silent", True)
        ids, keys = load(org, name, rows, silent=silent)
        return jsonify({"ids": ids, "keys": keys})

    @routes.post("/create")
    def create() -> Response:
        given = _given()
        return jsonify({"ids": acts.create(given["sobject"], _rows(given), assign=given.get("assign"), **_who(given))})

    @routes.post("/update")
    def update() -> Response:
        given = _given()
        assign = bool(given.get("assign"))
        return jsonify({"ids": acts.update(given["sobject"], _rows(given), assign=assign, **_who(given))})

    @routes.post("/delete")
    def delete() -> Response:
        given = _given()
        return jsonify({"ids": acts.delete(given["sobject"], given["ids"], **_who(given))})

    @routes.post("/undelete")
    def undelete() -> Response:
        given = _given()
        return jsonify({"ids": acts.delete(given["sobject"], given["ids"], undo=True, **_who(given))})

    @routes.post("/purge")
    def purge() -> Response:
        given = _given()
        acts.purge(given["sobject"], given["ids"])
        return jsonify({"ok": True})

    @routes.post("/convert")
    def convert() -> Response:
        given = _given()
        return jsonify(acts.convert(given["leadId"], account_id=given.get("accountId"), user=given.get("user")))

    @routes.post("/merge")
    def merge() -> Response:
        given = _given()
        values = given.get("values", {})
        return jsonify({"id": acts.merge(given["sobject"], given["masterId"], given["mergedIds"], values)})

    @routes.get("/rows/<sobject>")
    def rows(sobject: str) -> Response:
        return jsonify(org.rows(sobject))

    @routes.post("/refuse")
    def refuse() -> Response:
        acts.refuse(**_given())
        return jsonify({"ok": True})

    @routes.delete("/refuse")
    def forget_refusals() -> Response:
        org.records.refusals.clear()
        return jsonify({"ok": True})

    @routes.post("/picklist")
    def picklist() -> Response:
        given = _given()
        acts.rename_values(given["sobject"], given["field"], given["rename"])
        return jsonify({"ok": True})

    _lock_routes(routes, org)


def _lock_routes(routes: Blueprint, org: Org) -> None:
    @routes.post("/locks")
    def lock() -> Response:
        given = _given()
        org.records.locks.update(dict.fromkeys(given["ids"], int(given.get("status", 400))))
        return jsonify({"ok": True})

    @routes.get("/locks")
    def lock_hits() -> Response:
        return jsonify(org.records.lock_hits)

    @routes.delete("/locks")
    def unlock() -> Response:
        org.records.locks.clear()
        org.records.lock_hits.clear()
        return jsonify({"ok": True})


def _org_routes(routes: Blueprint, org: Org, streams: Streams) -> None:
    @routes.get("/notifications")
    def notifications() -> Response:
        return jsonify(org.notifications())

    @routes.delete("/notifications")
    def forget_notifications() -> Response:
        with org.store.write() as connection:
            connection.execute("DELETE FROM sys_notification")
        return jsonify({"ok": True})

    @routes.post("/permissions")
    def permissions() -> Response:
        given = _given()
        user = org.user_by_name(given["user"])
        if user is None:
            raise KeyError(given["user"])
        switches = {name: given.get(name, []) for name in ("grant", "deny", "hide", "show")}
        org.people.change(user["Id"], **switches)
        return jsonify({"permissions": sorted(org.people.permissions(user["Id"]))})

    @routes.get("/permissions")
    def list_permissions() -> Response:
        user = org.user_by_name(request.args["user"])
        if user is None:
            raise KeyError(request.args["user"])
        return jsonify({"permissions": sorted(org.people.permissions(user["Id"]))})

    @routes.post("/feature")
    def feature() -> Response:
        given = _given()
        feature_orders.switch_on(org, given["name"], given.get("rates", {}))
        return jsonify({"features": org.settings.features})

    @routes.post("/fields")
    def fields() -> Response:
        given = _given()
        if "drop" in given:
            feature_orders.drop_field(org, given["sobject"], given["drop"])
        else:
            feature_orders.add_fields(org, given["sobject"], given["lines"])
        return jsonify({"ok": True})

    @routes.post("/person")
    def person() -> Response:
        return jsonify(feature_orders.make_person(org, _given()))

    @routes.post("/settings")
    def settings() -> Response:
        given = _given()
        if "calls_today" in given:
            org.calls_today = given.pop("calls_today")
        if "assignment_owner" in given:
            given["assignment_owner"] = Acts(org).assignment_owner(given["assignment_owner"])
        org.settings.change(given)
        org.settings.save(org.store)
        org.bus.ring()
        return jsonify(asdict(org.settings))

    @routes.get("/settings")
    def show_settings() -> Response:
        return jsonify({**asdict(org.settings), "calls_today": org.calls_today, "delivered": org.bus.delivered})

    @routes.post("/package")
    def package() -> Response:
        if _given()["installed"]:
            org.install()
        else:
            org.uninstall()
        return jsonify({"installed": org.settings.package_installed})

    @routes.post("/expire")
    def expire() -> Response:
        expired = org.tokens.expire(refresh_too=bool(_given().get("refresh")))
        org.bus.ring()
        return jsonify({"expired": expired})

    @routes.post("/stream")
    def stream() -> Response:
        order_stream(org, streams, _given())
        return jsonify({"ok": True, "open": streams.open})


def order_stream(org: Org, streams: Streams, order: dict[str, Any]) -> None:
    """Obey one order for the event stream (see the table above)."""
    bus = org.bus
    if "gap" in order:
        gap = order["gap"]
        commit = Commit(str(uuid.uuid4()), round(now().timestamp() * 1000), 0, "", "")
        bus.append_header(org.schema.get(gap["sobject"]), gap.get("kind", "GAP_UPDATE"), gap["ids"], commit)
    if "overflow" in order:
        commit = Commit(str(uuid.uuid4()), round(now().timestamp() * 1000), 0, "", "")
        bus.append_header(org.schema.get(order["overflow"]), "GAP_OVERFLOW", [], commit)
    if "expire_before" in order:
        given = order["expire_before"]
        place = bus.latest() if given is True else bus.place(bytes.fromhex(given))
        if place is None:
            raise KeyError("expire_before")
        bus.expire(place)
    if "delivered" in order:
        bus.delivered = int(order["delivered"])
    if order.get("cut") or "error_code" in order:
        streams.cut(order.get("error_code", ""), refuse=int(order.get("refuse", 0)))
        bus.ring()
