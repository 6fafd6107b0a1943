"""The OAuth endpoints: authorize with a page for the tester, token, revoke, introspect, identity."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, request

from .pages import authorize_page, error_page
from .tokens import SCOPES, OAuthError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response as BaseResponse

    from .org import Org

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")
UNINSTALLED = "Access to uninstalled connected app is denied"


def oauth_blueprint(org: Org) -> Blueprint:
    """The routes under ``/services/oauth2``, ``/id`` and ``/.well-known``."""
    pages = Blueprint("oauth", __name__)

    @pages.route("/services/oauth2/authorize", methods=["GET", "POST"])
    def authorize() -> BaseResponse:
        return _authorize(org, request.values)

    @pages.post("/services/oauth2/token")
    def token() -> Response:
        try:
            answer = _token(org, request.form)
        except OAuthError as error:
            return _refused(error)
        return _uncached(jsonify(answer))

    @pages.route("/services/oauth2/revoke", methods=["GET", "POST"])
    def revoke() -> Response:
        if not org.tokens.revoke(request.values.get("token", "")):
            return _refused(OAuthError("unsupported_token_type", "this token is not supported"))
        org.bus.ring()
        return Response(status=200)

    @pages.post("/services/oauth2/introspect")
    def introspect() -> Response:
        try:
            org.tokens.authenticate(*_client(request.form))
        except OAuthError as error:
            return _refused(error)
        return _uncached(jsonify(org.tokens.introspect(request.form.get("token", ""))))

    @pages.get("/id/<org_id>/<user_id>")
    def identity(org_id: str, user_id: str) -> Response:
        session = org.tokens.session(_bearer())
        if session is None:
            return Response("Bad_OAuth_Token", status=403, mimetype="text/plain")
        if org_id != org.org_id or user_id != session.user_id:
            return Response("Wrong_Org" if org_id != org.org_id else "Bad_Id", status=403, mimetype="text/plain")
        return _uncached(jsonify(org.identity(user_id)))

    @pages.route("/services/oauth2/userinfo", methods=["GET", "POST"])
    def userinfo() -> Response:
        session = org.tokens.session(_bearer())
        if session is None:
            return Response("Bad_OAuth_Token", status=403, mimetype="text/plain")
        return _uncached(jsonify(org.userinfo(session.user_id)))

    @pages.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        return jsonify(_discovery(org.base_url))

    @pages.get("/id/keys")
    def keys() -> Response:
        return jsonify({"keys": []})  # no id_token is issued here: openid sign-in is not asked for

    return pages


def _discovery(base: str) -> dict[str, Any]:
    oauth = f"{base}/services/oauth2"
    return {
        "issuer": base,
        "authorization_endpoint": f"{oauth}/authorize",
        "token_endpoint": f"{oauth}/token",
        "revocation_endpoint": f"{oauth}/revoke",
        "introspection_endpoint": f"{oauth}/introspect",
        "userinfo_endpoint": f"{oauth}/userinfo",
        "jwks_uri": f"{base}/id/keys",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "subject_types_supported": ["public"],
    }


def _uncached(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-cache, no-store"
    return answer


def _refused(error: OAuthError) -> Response:
    answer = jsonify({"error": error.error, "error_description": error.description})
    answer.status_code = error.status
    return _uncached(answer)


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme in {"Bearer", "OAuth"} else request.values.get("access_token", "")


def _client(form: Mapping[str, str]) -> tuple[str | None, str | None]:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        try:
            name, _, secret = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None, None
        return name, secret
    return form.get("client_id"), form.get("client_secret")


def _token(org: Org, form: Mapping[str, str]) -> dict[str, Any]:
    grant = form.get("grant_type")
    if grant not in {"authorization_code", "refresh_token"}:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    org.tokens.authenticate(*_client(form))
    if grant == "authorization_code":
        return org.tokens.exchange(form.get("code"), form.get("redirect_uri"), form.get("code_verifier"))
    return org.tokens.refresh(form.get("refresh_token"))


def _authorize(org: Org, values: Mapping[str, str]) -> BaseResponse:
    redirect_uri = values.get("redirect_uri", "")
    if values.get("client_id") != org.tokens.client.id:
        return error_page("invalid_client_id", "client identifier invalid")
    if redirect_uri not in org.tokens.client.redirect_uris:
        return error_page("redirect_uri_mismatch", "redirect_uri must match configuration")
    try:
        scope = _checked(values)
        if request.method == "GET":
            return authorize_page(org.sign_in_names(), dict(values), scope)
        user = org.user_by_name(values.get("username") or values.get("login_hint") or "")
        if user is None or not user["IsActive"]:
            return error_page("invalid_grant", "authentication failure: no active user of this name")
        _check_consent(org, values, user["Id"])
    except OAuthError as error:
        return _back(redirect_uri, values, error=error.error, error_description=error.description)
    code = org.tokens.code(user["Id"], redirect_uri, scope, values["code_challenge"])
    return _back(redirect_uri, values, code=code)


def _check_consent(org: Org, values: Mapping[str, str], user_id: str) -> None:
    if values.get("decision") == "deny":
        raise OAuthError("access_denied", "end-user denied authorization")
    if not org.may_authorize(user_id):
        # How the refusal travels back is not confirmed by an official page; the text is.
        raise OAuthError("access_denied", UNINSTALLED)


def _checked(values: Mapping[str, str]) -> str:
    """The granted scope of an authorize request; OAuthError when the request is not acceptable."""
    if values.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response type must be code")
    if values.get("code_challenge_method", "S256") != "S256":
        raise OAuthError("invalid_request", "code challenge method must be S256")
    if not _CHALLENGE.match(values.get("code_challenge", "")):
        raise OAuthError("invalid_request", "missing required code challenge")
    asked = values.get("scope", "api id").split()
    unknown = set(asked) - set(SCOPES)
    if unknown:
        raise OAuthError("invalid_scope", f"the requested scope is not allowed: {' '.join(sorted(unknown))}")
    return " ".join(dict.fromkeys(asked))


def _back(redirect_uri: str, values: Mapping[str, str], **answer: str) -> BaseResponse:
    if values.get("state"):
        answer["state"] = values["state"]
    join = "&" if "?" in redirect_uri else "?"
    return redirect(f"{redirect_uri}{join}{urlencode(answer)}", code=302)
