"""The HTTP face of the sandbox: REST under /services/data, OAuth, and the control plane."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from tests.sandbox.control import attach

from .actions import Actions
from .api import Answer, Api
from .collections_api import Collections
from .composite import Composites
from .controls import control_blueprint
from .errors import SalesforceError
from .oauth import oauth_blueprint
from .query import Queries
from .rest import Sobjects, versions
from .soap import soap_blueprint

if TYPE_CHECKING:
    from tests.sandbox.control import Control

    from .org import Org
    from .streams import Streams
    from .tokens import Session

_LONGEST_URI = 16_384


def make_app(org: Org, streams: Streams, control: Control) -> tuple[Flask, Queries]:
    """The application of one sandbox, and its queries (which hold cursors to close)."""
    app = Flask("salesforce")
    app.config["MAX_CONTENT_LENGTH"] = None
    attach(app, control)
    api = Api(org)
    queries = Queries(api)
    sobjects = Sobjects(api)
    Collections(api, sobjects)
    Composites(api)
    Actions(api)
    app.register_blueprint(oauth_blueprint(org))
    app.register_blueprint(soap_blueprint(org))
    app.register_blueprint(control_blueprint(org, streams))

    @app.get("/services/data/")
    @app.get("/services/data")
    def list_versions() -> Response:
        return _json(Answer(200, versions()))

    @app.route("/services/data/<path:rest>", methods=["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"])
    def rest(rest: str) -> Response:
        answer = _json(_answer(org, api))
        answer.headers["Sforce-Limit-Info"] = f"api-usage={org.calls_today}/{org.settings.daily_api_limit}"
        return answer

    return app, queries


def _answer(org: Org, api: Api) -> Answer:
    uri = request.environ.get("REQUEST_URI") or request.full_path
    try:
        session = _admitted(org, uri)
        call = api.call(request.method, uri, headers=dict(request.headers), body=_body(), session=session)
    except SalesforceError as error:
        return Answer(error.status, error.body())
    return api.answer(call)


def _admitted(org: Org, uri: str) -> Session:
    """Count the call and return its session, unless the URI, the token or the day's allowance forbids it."""
    if len(uri) > _LONGEST_URI:
        raise SalesforceError("URI_TOO_LONG", "The URI is longer than 16384 bytes")
    session = _session(org)
    if org.calls_today >= org.settings.daily_api_limit:
        raise SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    org.calls_today += 1
    return session


def _session(org: Org) -> Session:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    session = org.tokens.session(token.strip()) if scheme in {"Bearer", "OAuth"} else None
    if session is None:
        raise SalesforceError("INVALID_SESSION_ID", "Session expired or invalid")
    if not session.scopes & {"api", "full"}:
        raise SalesforceError("INVALID_SESSION_ID", "This session is not valid for use with the REST API", status=403)
    if not org.people.has(session.user_id, "ApiEnabled"):
        raise SalesforceError("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
    return session


def _body() -> Any:
    if not request.content_length and request.headers.get("Transfer-Encoding") is None:
        return None
    try:
        return json.loads(request.get_data())
    except ValueError as error:
        raise SalesforceError("JSON_PARSER_ERROR", f"Unexpected character: {error}") from None


def _json(answer: Answer) -> Response:
    if answer.body is None and answer.status == 204:
        return Response(status=204, headers=answer.headers)
    text = json.dumps(answer.body, separators=(",", ":"))
    return Response(text, status=answer.status, headers=answer.headers, content_type="application/json;charset=UTF-8")
