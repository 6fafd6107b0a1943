"""Codes, access tokens and refresh tokens: issued, rotated, expired, revoked.

The rules are those of an External Client App with PKCE and refresh-token rotation, as partners must use since May 2026.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .settings import Settings
    from .store import Store

SCOPES = ("api", "refresh_token", "offline_access", "id", "profile", "email", "openid", "full", "web")

# RFC 7636 ends at 128; jsforce, under the vendor's own command line, sends 128 random bytes as 171 characters.
_LONGEST_VERIFIER = 171


class OAuthError(Exception):
    """A refused OAuth call: `error` and `description` as in the answer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True)
class Client:
    """The External Client App."""

    id: str
    secret: str
    redirect_uris: tuple[str, ...]


@dataclass(frozen=True)
class Session:
    """A live access token: whose it is and what it may do."""

    user_id: str
    scopes: frozenset[str]
    token: str


class Tokens:
    """All codes and tokens of the org."""

    def __init__(self, store: Store, settings: Settings, org_id: str, client: Client) -> None:
        self._store = store
        self._settings = settings
        self._org_id = org_id
        self.client = client
        self.base_url = ""

    def authenticate(self, client_id: str | None, secret: str | None) -> None:
        """Check the client's id and secret."""
        if client_id != self.client.id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if not secret or not hmac.compare_digest(secret, self.client.secret):
            raise OAuthError("invalid_client", "invalid client credentials")

    def code(self, user_id: str, redirect_uri: str, scope: str, challenge: str) -> str:
        """A new authorization code."""
        code = f"aPrx{secrets.token_urlsafe(48)}"
        expires = time.time() + self._settings.code_seconds
        with self._store.write() as connection:
            connection.execute(
                "INSERT INTO sys_code (code, client_id, redirect_uri, user_id, scope, challenge, expires) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (code, self.client.id, redirect_uri, user_id, scope, challenge, expires),
            )
        return code

    def exchange(self, code: str | None, redirect_uri: str | None, verifier: str | None) -> dict[str, Any]:
        """Trade a code for tokens. A code works once, for its own redirect_uri and verifier, within its time."""
        with self._store.write() as connection:
            row = connection.execute("SELECT * FROM sys_code WHERE code = ?", (code or "",)).fetchone()
            if row is None:
                raise OAuthError("invalid_grant", "invalid authorization code")
            used = connection.execute("UPDATE sys_code SET used = 1 WHERE code = ? AND used = 0", (code,)).rowcount == 0
        if used or row["expires"] < time.time():
            raise OAuthError("invalid_grant", "expired authorization code")
        if row["redirect_uri"] != redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
        if not verifier:
            raise OAuthError("invalid_request", "missing required code verifier")
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if not 43 <= len(verifier) <= _LONGEST_VERIFIER or not hmac.compare_digest(digest, row["challenge"]):
            raise OAuthError("invalid_grant", "invalid code verifier")
        with self._store.write() as connection:
            grant = connection.execute(
                "INSERT INTO sys_grant (client_id, user_id, scope) VALUES (?, ?, ?)",
                (self.client.id, row["user_id"], row["scope"]),
            ).lastrowid
            return self._issue(int(grant or 0), row["user_id"], row["scope"])

    def refresh(self, token: str | None) -> dict[str, Any]:
        """Trade a refresh token for a new pair; the old one is dead from then on, whoever comes first wins."""
        with self._store.write() as connection:
            row = connection.execute(
                "SELECT t.*, g.scope, g.revoked FROM sys_token t JOIN sys_grant g ON g.id = t.grant_id "
                "WHERE t.token = ? AND t.kind = 'refresh'",
                (token or "",),
            ).fetchone()
            if row is None or row["dead"] or row["revoked"] or not self._active(row["user_id"]):
                raise OAuthError("invalid_grant", "expired access/refresh token")
            if row["issued"] + self._settings.refresh_idle_seconds < time.time():
                raise OAuthError("invalid_grant", "expired access/refresh token")
            connection.execute("UPDATE sys_token SET dead = 1 WHERE token = ?", (token,))
            return self._issue(row["grant_id"], row["user_id"], row["scope"])

    def _active(self, user_id: str) -> bool:
        row = self._store.one("SELECT IsActive FROM User WHERE Id = ?", (user_id,))
        return bool(row and row["IsActive"])

    def _issue(self, grant: int, user_id: str, scope: str) -> dict[str, Any]:
        issued = time.time()
        access = f"{self._org_id[:15]}!AQ{secrets.token_urlsafe(66)}"
        rows = [(access, "access", grant, user_id, issued, issued + self._settings.session_seconds)]
        issued_at = str(int(issued * 1000))
        identity = f"{self.base_url}/id/{self._org_id}/{user_id}"
        answer = {
            "access_token": access,
            "signature": self._sign(identity + issued_at),
            "scope": scope,
            "instance_url": self.base_url,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        }
        if "refresh_token" in scope.split():
            answer["refresh_token"] = f"5Aep861{secrets.token_urlsafe(60)}"
            rows.append((answer["refresh_token"], "refresh", grant, user_id, issued, 0.0))
        with self._store.write() as connection:
            connection.executemany(
                "INSERT INTO sys_token (token, kind, grant_id, user_id, issued, expires) VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
        return answer

    def _sign(self, text: str) -> str:
        # That the signature is this HMAC is not confirmed by an official page.
        digest = hmac.new(self.client.secret.encode(), text.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode()

    def session(self, token: str) -> Session | None:
        """The live session of an access token; None when it is expired, revoked or unknown."""
        row = self._store.one(
            "SELECT t.*, g.scope, g.revoked FROM sys_token t JOIN sys_grant g ON g.id = t.grant_id "
            "WHERE t.token = ? AND t.kind = 'access'",
            (token,),
        )
        if row is None or row["dead"] or row["revoked"] or row["expires"] < time.time():
            return None
        return Session(row["user_id"], frozenset(row["scope"].split()), token)

    def introspect(self, token: str) -> dict[str, Any]:
        """The state of an access or refresh token, as RFC 7662 words it."""
        row = self._store.one(
            "SELECT t.*, g.scope, g.revoked, u.Username FROM sys_token t JOIN sys_grant g ON g.id = t.grant_id "
            "JOIN User u ON u.Id = t.user_id WHERE t.token = ?",
            (token,),
        )
        alive = row is not None and not row["dead"] and not row["revoked"]
        if row is None or not alive or (row["kind"] == "access" and row["expires"] < time.time()):
            return {"active": False}
        answer = {
            "active": True,
            "scope": row["scope"],
            "client_id": self.client.id,
            "username": row["Username"],
            "sub": f"{self.base_url}/id/{self._org_id}/{row['user_id']}",
            "token_type": f"{row['kind']}_token",
            "iat": int(row["issued"]),
            "nbf": int(row["issued"]),
        }
        return answer | ({"exp": int(row["expires"])} if row["kind"] == "access" else {})

    def revoke(self, token: str) -> bool:
        """Revoke a token; with a refresh token its access tokens die too. False when the token is unknown or dead."""
        with self._store.write() as connection:
            row = connection.execute("SELECT * FROM sys_token WHERE token = ? AND dead = 0", (token,)).fetchone()
            if row is None:
                return False
            if row["kind"] == "refresh":
                connection.execute("UPDATE sys_grant SET revoked = 1 WHERE id = ?", (row["grant_id"],))
            connection.execute("UPDATE sys_token SET dead = 1 WHERE token = ?", (token,))
        return True

    def expire(self, *, refresh_too: bool = False) -> int:
        """Expire every access token now (and, when asked, every refresh token); returns how many access tokens."""
        with self._store.write() as connection:
            if refresh_too:
                connection.execute("UPDATE sys_grant SET revoked = 1")
            done = connection.execute(
                "UPDATE sys_token SET expires = 0 WHERE kind = 'access' AND expires > ?", (time.time(),)
            )
            return int(done.rowcount)
