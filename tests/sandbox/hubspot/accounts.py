"""The endpoints about the account: its details, its owners, and the app's own uninstall."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Response, jsonify, request

from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.gate import VERSION, api_blueprint, caller

if TYPE_CHECKING:
    from flask import Blueprint

    from tests.sandbox.hubspot.hub import Hub

MOST_OWNERS = 500


def accounts_blueprint(hub: Hub) -> Blueprint:
    """Return the account routes."""
    api = api_blueprint(hub, "accounts")
    _owner_routes(api, hub)

    @api.get(f"/account-info/{VERSION}/details")
    def details(version: str) -> Response:
        caller().need("oauth")
        portal = caller().portal
        offset = datetime.now(ZoneInfo(portal.time_zone)).strftime("%z")
        hours = int(offset[:3])
        return jsonify(
            {
                "portalId": portal.id,
                "accountType": portal.account_type,
                "timeZone": portal.time_zone,
                "companyCurrency": portal.currency,
                "additionalCurrencies": [],
                "utcOffset": f"{offset[:3]}:{offset[3:]}",
                "utcOffsetMilliseconds": hours * 3_600_000,
                "uiDomain": "app.hubspot.com",
                "dataHostingLocation": portal.data_hosting,
            }
        )

    @api.delete(f"/appinstalls/{VERSION}/external-install")
    def uninstall(version: str) -> tuple[str, int]:
        caller().need("oauth")
        hub.portals.uninstall(caller().portal.id)
        return "", 204

    return api


def _owner_routes(api: Blueprint, hub: Hub) -> None:
    path = f"/crm/owners/{VERSION}"

    def visible(owner: dict[str, Any], *, archived: bool) -> bool:
        return bool(owner["archived"]) is archived

    @api.get(path)
    @api.get(f"{path}/")
    def list_owners(version: str) -> Response:
        caller().need("crm.objects.owners.read")
        limit = request.args.get("limit", 100, type=int)
        if not 1 <= limit <= MOST_OWNERS:
            raise ApiError(400, f"limit must be between 1 and {MOST_OWNERS}")
        after = request.args.get("after", 0, type=int)
        email = request.args.get("email", "").lower()
        archived = request.args.get("archived", "").lower() == "true"
        found = [
            owner
            for owner in hub.portals.owners(caller().portal.id).values()
            if int(owner["id"]) > after
            and visible(owner, archived=archived)
            and (not email or owner.get("email", "").lower() == email)
        ]
        body: dict[str, Any] = {"results": [_shown(owner) for owner in found[:limit]]}
        if len(found) > limit:
            last = found[limit - 1]["id"]
            body["paging"] = {"next": {"after": last, "link": f"{request.base_url}?limit={limit}&after={last}"}}
        return jsonify(body)

    @api.get(f"{path}/<owner>")
    def read_owner(version: str, owner: str) -> Response:
        caller().need("crm.objects.owners.read")
        archived = request.args.get("archived", "").lower() == "true"
        owners = hub.portals.owners(caller().portal.id)
        found = owners.get(owner)
        if request.args.get("idProperty") == "userId":
            found = next((one for one in owners.values() if str(one["userId"]) == owner), None)
        if found is None or not visible(found, archived=archived):
            raise ApiError(404, "resource not found", category="OBJECT_NOT_FOUND")
        return jsonify(_shown(found))


def _shown(owner: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only the sandbox knows."""
    return {name: value for name, value in owner.items() if name != "salesSeat"}
