"""What stands before every API endpoint: the token, the rate limit, the scopes, the body."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, g, jsonify, request

from tests.sandbox.hubspot.errors import ApiError, html_error, missing_scopes
from tests.sandbox.hubspot.store import now_ms
from tests.sandbox.hubspot.values import iso

if TYPE_CHECKING:
    from flask import Flask

    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.portals import Portal
    from tests.sandbox.hubspot.standard import ObjectType

# Dates that answer today; both have the same endpoints but for admin rules and one association list.
VERSION = '<any("2026-09", "2026-03"):version>'
RULED_VERSION = "2026-09"


@dataclass(frozen=True)
class Caller:
    """Who calls: the portal of the token and the scopes it has."""

    portal: Portal
    scopes: frozenset[str]

    def need(self, *alternatives: str) -> None:
        """Refuse with 403 unless one of the scopes is granted."""
        if not self.scopes.intersection(alternatives):
            raise missing_scopes(list(alternatives))


def caller() -> Caller:
    """Return who makes the call being answered."""
    found: Caller = g.caller
    return found


def api_blueprint(hub: Hub, name: str) -> Blueprint:
    """Return a blueprint whose routes need a token and count against the limits."""
    blueprint = Blueprint(name, __name__)

    @blueprint.before_request
    def enter() -> None:
        g.caller = _authenticate(hub)
        portal = g.caller.portal
        g.rate_headers = hub.limits.take(portal.id, portal.tier, _kind(request.path))

    @blueprint.after_request
    def leave(answer: Response) -> Response:
        answer.headers.update(g.get("rate_headers", {}))
        return answer

    return blueprint


def answer_errors(app: Flask) -> None:
    """Turn refusals into HubSpot's error bodies, and unknown paths into its HTML."""

    @app.errorhandler(ApiError)
    def refuse(error: ApiError) -> Response:
        answer = jsonify(error.body())
        answer.status_code = error.status
        return answer

    for status in (404, 405, 415):
        app.register_error_handler(status, lambda _error, status=status: html_error(status))

    @app.after_request
    def correlate(answer: Response) -> Response:
        answer.headers["X-HubSpot-Correlation-Id"] = str(uuid.uuid4())
        return answer


def _kind(path: str) -> str:
    if path.endswith("/search"):
        return "search"
    return "associations" if "/associations/" in path else "general"


def _authenticate(hub: Hub) -> Caller:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    row = (
        hub.store.read()
        .execute(
            "SELECT portal, scopes, expires, revoked FROM tokens WHERE token = ? AND use = 'access_token'",
            (token.strip(),),
        )
        .fetchone()
    )
    if scheme.lower() != "bearer" or row is None or row[3] or hub.portals.granted(row[0]) is None:
        message = (
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
            "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
        )
        raise ApiError(401, message, category="INVALID_AUTHENTICATION")
    late = (now_ms() - row[2]) // 1000
    if late >= 0:
        raise ApiError(
            401,
            f"The OAuth token used to make this call expired {late} second(s) ago.",
            category="EXPIRED_AUTHENTICATION",
            context={"expire time": [iso(row[2])]},
        )
    return Caller(hub.portals.get(row[0]), frozenset(json.loads(row[1])))


def json_body(kind: type = dict) -> Any:
    """Return the JSON body (an object unless `kind` says list); 400 or 415 when it is none."""
    if not request.is_json:
        abort(415)
    try:
        body = json.loads(request.get_data())
    except ValueError as error:
        raise ApiError(400, f"Invalid input JSON: {error}") from None
    if not isinstance(body, kind):
        raise ApiError(400, f"Invalid input JSON: expected {'an object' if kind is dict else 'a list'}")
    return body


def inputs(most: int) -> list[dict[str, Any]]:
    """Return the ``inputs`` of a batch; 400 when there are more than `most`."""
    listed = json_body().get("inputs")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ApiError(400, "Invalid input JSON: inputs must be a list of objects")
    if len(listed) > most:
        raise ApiError(400, f"The batch holds {len(listed)} inputs, the limit is {most}.")
    return listed


def named_type(hub: Hub, name: str, *, write: bool = False) -> ObjectType:
    """Return the object type that a path names, if the caller may read (or write) it."""
    kind = hub.portals.object_type(caller().portal.id, name)
    caller().need(kind.write_scope() if write else kind.read_scope())
    return kind


def batch_answer(
    results: list[dict[str, Any]], errors: list[dict[str, Any]], started: int, *, status: int = 200
) -> Response:
    """Answer a batch; any error makes it 207."""
    body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": iso(started)}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    answer = jsonify(body | {"completedAt": iso(now_ms())})
    answer.status_code = 207 if errors else status
    return answer
