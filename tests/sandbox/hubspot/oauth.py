"""OAuth: the authorize page, tokens, introspection, revocation.

Sources: the OAuth guides of 2026; error words and the fact that revoking a refresh token leaves issued access tokens
alive are from published live tests. The life of a code and the error of a wrong redirect are [U].
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, jsonify, redirect, request

from tests.sandbox.hubspot.gate import VERSION
from tests.sandbox.hubspot.pages import authorize_page, error_page
from tests.sandbox.hubspot.store import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.wrappers import Response as AnyResponse

    from tests.sandbox.hubspot.hub import Hub

FOREVER = 1 << 62
FIELDS = ("client_id", "redirect_uri", "scope", "optional_scope", "state", "code_challenge", "code_challenge_method")


class OAuthError(Exception):
    """A 400 of the token endpoint: `error` is the RFC word, `status` HubSpot's own."""

    def __init__(self, error: str, status: str, message: str) -> None:
        super().__init__(message)
        self.error = error
        self.status = status
        self.message = message

    def body(self) -> dict[str, str]:
        """Return the JSON body."""
        return {
            "error": self.error,
            "error_description": self.message,
            "status": self.status,
            "message": self.message,
        }


class InstallBlockedError(Exception):
    """The install cannot go on; the text is shown to the user."""


class Grants:
    """Codes and tokens."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def check(self, asked: dict[str, str]) -> None:
        """Refuse an install URL that does not fit the app's configuration."""
        manifest = self._hub.manifest
        if asked["client_id"] != self._hub.app.client_id:
            raise InstallBlockedError("The app's client ID is unknown.")
        if asked["redirect_uri"] not in self._hub.redirect_urls:
            raise InstallBlockedError("The redirect URL does not match any of the app's registered redirect URLs.")
        scopes, optional = set(asked["scope"].split()), set(asked["optional_scope"].split())
        required, conditional = set(manifest.required), set(manifest.conditional)
        if not required <= scopes <= required | conditional:
            raise InstallBlockedError("The scopes of the install URL do not match the app's required scopes.")
        if not optional <= set(manifest.optional):
            raise InstallBlockedError("The install URL asks for optional scopes that the app does not have.")

    def allow(self, asked: dict[str, str], portal: int, user: int) -> str:
        """Install the app as this user and return the authorization code."""
        self.check(asked)
        account = self._hub.portals.get(portal)
        if not any(number == user and admin for number, _, admin in self._hub.portals.users(portal)):
            raise InstallBlockedError("Only a super admin or a user with App Marketplace access can install apps.")
        lacking = [scope for scope in asked["scope"].split() if not account.has(scope)]
        if lacking:
            raise InstallBlockedError(f"This account has no access to: {', '.join(lacking)}")
        optional = [scope for scope in asked["optional_scope"].split() if account.has(scope)]
        code = secrets.token_urlsafe(24)
        grant = {
            "portal": portal,
            "user": user,
            "scopes": sorted({*asked["scope"].split(), *optional}),
            "redirect_uri": asked["redirect_uri"],
            "challenge": asked["code_challenge"],
            "method": asked["code_challenge_method"],
            "expires": now_ms() + self._hub.settings.code_life * 1000,
        }
        with self._hub.store.write() as tx:
            tx.execute("INSERT INTO codes VALUES(?, ?)", (code, json.dumps(grant)))
        return code

    def exchange(self, form: dict[str, str]) -> dict[str, Any]:
        """Trade a code for tokens; a code works once."""
        with self._hub.store.write() as tx:
            row = tx.execute(
                "DELETE FROM codes WHERE code = ? RETURNING grant_json", (form.get("code", ""),)
            ).fetchone()
        grant = json.loads(row[0]) if row else None
        if grant is None or grant["expires"] < now_ms():
            raise OAuthError("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code")
        if grant["redirect_uri"] != form.get("redirect_uri"):
            raise OAuthError("invalid_grant", "BAD_REDIRECT_URI", "missing or mismatched redirect URI")
        if grant["challenge"] and grant["challenge"] != _challenge(form.get("code_verifier", ""), grant["method"]):
            raise OAuthError("invalid_grant", "BAD_AUTH_CODE", "code verifier does not match")
        return self.install(grant["portal"], grant["user"], grant["scopes"])

    def install(self, portal: int, user: int, scopes: Iterable[str]) -> dict[str, Any]:
        """Note the install and return its first token answer."""
        scopes = list(scopes)
        self._hub.portals.install(portal, user, scopes)
        return self._answer(portal, user, scopes, self._issue("refresh_token", portal, user, scopes))

    def refresh(self, form: dict[str, str]) -> dict[str, Any]:
        """Trade a refresh token for a new access token."""
        token = form.get("refresh_token", "")
        row = self._row(token, "refresh_token")
        if row is not None and all(portal.id != row[0] for portal in self._hub.portals.all()):
            raise OAuthError("access_denied", "BAD_HUB", "unknown or unsupported hub")
        if row is None or row[4] or self._hub.portals.granted(row[0]) is None:
            raise OAuthError("invalid_grant", "BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked")
        portal, user, scopes = row[0], row[1], json.loads(row[2])
        if self._hub.settings.rotate_refresh:
            self.revoke(token)
            token = self._issue("refresh_token", portal, user, scopes)
        return self._answer(portal, user, scopes, token)

    def app_token(self, form: dict[str, str]) -> dict[str, Any]:
        """Give the app a token of its own, which reads the journal and nothing else."""
        scopes = form.get("scope", "").split()
        if not scopes or not all(each.startswith("developer.webhooks_journal.") for each in scopes):
            raise OAuthError("invalid_scope", "BAD_SCOPE", "missing or unknown scopes")
        token = f"CC{secrets.token_urlsafe(64)}"
        self._hub.journal.tokens.add(token)
        expires = self._hub.settings.expires_in
        return {"token_type": "bearer", "access_token": token, "expires_in": expires, "scopes": scopes}

    def introspect(self, token: str) -> dict[str, Any]:
        """Describe a token as RFC 7662 wants; a dead one is only ``{"active": false}``."""
        row = self._row(token, "access_token") or self._row(token, "refresh_token")
        if row is None or row[4] or row[3] <= now_ms() or self._hub.portals.granted(row[0]) is None:
            return {"active": False}
        portal, user, scopes, expires, _, use = row
        emails = {number: email for number, email, _ in self._hub.portals.users(portal)}
        return {
            "active": True,
            "hub_id": portal,
            "user_id": user,
            "app_id": self._hub.app.id,
            "client_id": self._hub.app.client_id,
            "user": emails.get(user, ""),
            "hub_domain": f"portal{portal}.example.com",
            "scopes": json.loads(scopes),
            "expires_in": (expires - now_ms()) // 1000,
            "is_private_distribution": False,
            "token_use": use,
            "token_type": "bearer",
        }

    def revoke(self, token: str) -> None:
        """Revoke one token; access tokens made from a refresh token live on."""
        with self._hub.store.write() as tx:
            tx.execute("UPDATE tokens SET revoked = 1 WHERE token = ?", (token,))

    def expire(self, portal: int | None = None) -> None:
        """Let every access token (of one portal) run out now."""
        with self._hub.store.write() as tx:
            tx.execute(
                "UPDATE tokens SET expires = ? WHERE use = 'access_token' AND (? IS NULL OR portal = ?)",
                (now_ms() - 1, portal, portal),
            )

    def _row(self, token: str, use: str) -> tuple[int, int, str, int, int, str] | None:
        row: tuple[int, int, str, int, int, str] | None = (
            self._hub.store.read()
            .execute(
                "SELECT portal, user, scopes, expires, revoked, use FROM tokens WHERE token = ? AND use = ?",
                (token, use),
            )
            .fetchone()
        )
        return row

    def _issue(self, use: str, portal: int, user: int, scopes: list[str]) -> str:
        # Access tokens are long: clients must not assume that one fits into 255 characters.
        token = f"CN{secrets.token_urlsafe(240)}" if use == "access_token" else f"na1-{secrets.token_hex(16)}"
        expires = now_ms() + self._hub.settings.expires_in * 1000 if use == "access_token" else FOREVER
        with self._hub.store.write() as tx:
            row = (token, use, portal, user, json.dumps(scopes), expires)
            tx.execute("INSERT INTO tokens VALUES(?, ?, ?, ?, ?, ?, 0)", row)
        return token

    def _answer(self, portal: int, user: int, scopes: list[str], refresh: str) -> dict[str, Any]:
        return {
            "token_type": "bearer",
            "access_token": self._issue("access_token", portal, user, scopes),
            "refresh_token": refresh,
            "expires_in": self._hub.settings.expires_in,
            "hub_id": portal,
            "scopes": scopes,
            "user_id": user,
            "token_use": "access_token",
        }


def _challenge(verifier: str, method: str) -> str:
    if method != "S256":
        return verifier
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def oauth_blueprint(hub: Hub, grants: Grants) -> Blueprint:
    """Return the OAuth routes; none of them takes a bearer token."""
    routes = Blueprint("oauth", __name__)
    _page_routes(routes, hub, grants)
    _token_routes(routes, hub, grants)
    return routes


def _page_routes(routes: Blueprint, hub: Hub, grants: Grants) -> None:
    @routes.get("/oauth/authorize")
    @routes.get("/oauth/<int:portal>/authorize")
    def ask(portal: int | None = None) -> Response:
        asked = {name: request.args.get(name, "") for name in FIELDS}
        try:
            grants.check(asked)
        except InstallBlockedError as blocked:
            return error_page(str(blocked))
        return authorize_page(hub, asked, portal)

    @routes.post("/oauth/authorize")
    @routes.post("/oauth/<int:portal>/authorize")
    def decide(portal: int | None = None) -> AnyResponse:
        asked = {name: request.form.get(name, "") for name in FIELDS}
        try:
            grants.check(asked)
            if request.form.get("decision") != "allow":
                return _back(asked, error="access_denied", error_description="The user denied access.")
            who, _, user = request.form.get("account", "").partition(":")
            return _back(asked, code=grants.allow(asked, int(who), int(user)))
        except InstallBlockedError as blocked:
            return error_page(str(blocked))
        except (KeyError, ValueError):
            return error_page("This account does not exist.")


def _back(asked: dict[str, str], **answer: str) -> AnyResponse:
    if asked["state"]:
        answer["state"] = asked["state"]
    parts = urlsplit(asked["redirect_uri"])
    query = "&".join(part for part in (parts.query, urlencode(answer)) if part)
    return redirect(urlunsplit(parts._replace(query=query)))


def _token_routes(routes: Blueprint, hub: Hub, grants: Grants) -> None:
    def form() -> dict[str, str]:
        if request.mimetype != "application/x-www-form-urlencoded" or request.query_string:
            raise OAuthError("invalid_request", "BAD_REQUEST", "parameters belong into a form body")
        values = request.form.to_dict()
        if values.get("client_id") != hub.app.client_id:
            raise OAuthError("invalid_client", "BAD_CLIENT_ID", "missing or invalid client id")
        if values.get("client_secret") != hub.app.client_secret:
            raise OAuthError("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret")
        return values

    @routes.errorhandler(OAuthError)
    def refuse(error: OAuthError) -> tuple[Response, int]:
        return jsonify(error.body()), 400

    @routes.post(f"/oauth/{VERSION}/token")
    def token(version: str) -> Response:
        values = form()
        kinds = {
            "authorization_code": grants.exchange,
            "refresh_token": grants.refresh,
            "client_credentials": grants.app_token,
        }
        grant = kinds.get(values.get("grant_type", ""))
        if grant is None:
            raise OAuthError("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type")
        return jsonify(grant(values))

    @routes.post(f"/oauth/{VERSION}/token/introspect")
    def introspect(version: str) -> Response:
        return jsonify(grants.introspect(form().get("token", "")))

    @routes.post(f"/oauth/{VERSION}/token/revoke")
    def revoke(version: str) -> Response:
        grants.revoke(form().get("token", ""))
        return Response(status=200)
