"""HubSpot: dated OAuth endpoints, form bodies, access tokens of 30 minutes, a refresh token that mostly stays.

Who counts as an administrator is decided at `IS_ADMIN`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connector.errors import Later, Refused
from connector.settings import Settings
from oauth import answers
from oauth.answers import NotGranted
from oauth.grant import Grant, Identity, Purpose
from oauth.wire import Unsuccessful, Wire, body, reaching, successful

NAME = "HubSpot"
VERSION = "2026-09"
"""The dated API version; HubSpot supports each for 18 months."""
CREDENTIALS_VERSION = "2026-03"
JOURNAL_SCOPES = ("developer.webhooks_journal.read", "developer.webhooks_journal.subscriptions.write")
REQUIRED_SCOPES = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.owners.read",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
)
OPTIONAL_SCOPES = (
    "crm.objects.deals.read",
    "crm.objects.companies.write",
    "crm.schemas.companies.write",
    "crm.objects.leads.read",
    "crm.objects.leads.write",
    "crm.schemas.leads.read",
    "crm.schemas.leads.write",
    "crm.schemas.custom.read",
    "crm.schemas.custom.write",
    "crm.objects.custom.read",
    "crm.objects.custom.write",
)
"""What only some editions have (leads, custom objects), or some customers want. HubSpot grants what the portal has."""
IS_ADMIN = True
"""Whoever comes back from HubSpot's install page with a code counts as an administrator of the portal: HubSpot shows
that page to super admins and users with App Marketplace access only. Nothing in its answers says which of the two, and
that it is just as strict when somebody authorises an installed app again is unverified (docs/decisions/0006)."""
ACCESS, REFRESH = "access_token", "refresh_token"
DEFAULT_UI = "app.hubspot.com"
_UI = re.compile(r"app(?:-[a-z0-9]+)?\.hubspot\.com", re.ASCII)
_SERVER, _TOO_MANY = 500, 429
_UNINSTALLED = {200, 204, 404}


class HubSpot:
    """OAuth of HubSpot portals; see :class:`oauth.grant.Provider`."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock
        self._api = settings.hubspot_api_url.rstrip("/")

    def login(self, environment: str, domain: str) -> str | None:
        """Return None: there is one place to sign in, and the portal is chosen there."""
        _ = environment, domain
        return None

    def authorize(
        self, *, redirect_uri: str, state: str, host: str | None = None, purpose: Purpose
    ) -> tuple[str, str | None]:
        """Return the authorize URL. A sign-in asks for the same scopes: fewer could shrink what the install has."""
        _ = host, purpose
        with self._wire() as wire:
            url, _ = wire.create_authorization_url(
                self._settings.hubspot_authorize_url,
                state=state,
                redirect_uri=redirect_uri,
                scope=" ".join(REQUIRED_SCOPES),
                optional_scope=" ".join(OPTIONAL_SCOPES),
            )
        # HubSpot wants %20 between scopes; a plus sign that is meant is already %2B.
        return str(url).replace("+", "%20"), None

    def exchange(self, *, code: str, redirect_uri: str, host: str | None, verifier: str | None) -> Grant:
        """Turn the code into a grant. Raises NotGranted or Later."""
        _ = host, verifier
        asked = self._clock()
        try:
            with reaching(NAME), self._wire() as wire:
                url = self._oauth("token")
                answer = wire.fetch_token(url, grant_type="authorization_code", code=code, redirect_uri=redirect_uri)
                return self._grant(answer, asked, frozenset(REQUIRED_SCOPES))
        except Unsuccessful as error:
            raise _for_a_person(error) from None

    def refresh(self, grant: Grant) -> Grant:
        """Return the next grant; the refresh token changes only if HubSpot sends another. Raises Revoked or Later."""
        asked = self._clock()
        try:
            with reaching(NAME), self._wire() as wire:
                answer = wire.refresh_token(self._oauth("token"), refresh_token=grant.refresh_token)
                return self._grant(answer, asked, grant.scopes)
        except Unsuccessful as error:
            raise answers.classify(error.answer, NAME) from None

    def identity(self, grant: Grant) -> Identity:
        """Introspect the token for portal and user, and ask where the portal is opened in a browser."""
        try:
            with reaching(NAME), self._wire(grant.access_token) as wire:
                url = self._oauth("token/introspect")
                token = body(wire.introspect_token(url, token=grant.access_token, token_type_hint=ACCESS))
                if token.get("active") is not True:
                    raise NotGranted("stale")
                details = body(wire.get(f"{self._api}/account-info/{VERSION}/details"))
                portal, user = int(token["hub_id"]), int(token["user_id"])
        except Unsuccessful as error:
            raise _for_a_person(error) from None
        return Identity(
            crm="hubspot",
            tenant_id=str(portal),
            tenant_name=str(token.get("hub_domain") or f"HubSpot {portal}"),
            user_id=str(user),
            user_name=str(token.get("user") or user),
            is_admin=IS_ADMIN,
            base_url=_ui(str(details.get("uiDomain") or "")),
            scopes=grant.scopes,
        )

    def revoke(self, grant: Grant) -> None:
        """Revoke the refresh token. Access tokens already issued live on for up to 30 minutes."""
        try:
            with reaching(NAME), self._wire() as wire:
                url = self._oauth("token/revoke")
                successful(wire.revoke_token(url, token=grant.refresh_token, token_type_hint=REFRESH))
        except Unsuccessful as error:
            raise _later("did not revoke our access", error.answer.status) from None

    def discard(self, grant: Grant) -> None:
        """Forget it without a call; revoking it could cut off the install that is here."""
        # Unverified: HubSpot may give one user and portal the same refresh token again and again.
        _ = grant

    def uninstall(self, grant: Grant) -> None:
        """Take the app out of the portal (its admins get an e-mail), then revoke. Raises Later when either failed."""
        with reaching(NAME), self._wire(grant.access_token) as wire:
            status = wire.delete(f"{self._api}/appinstalls/{VERSION}/external-install").status_code
        # Once the app is out, the refresh token is dead and revoking it may be refused: that is no failure.
        if status not in _UNINSTALLED:
            self.revoke(grant)
            raise _later("did not uninstall the app", status)
        try:
            self.revoke(grant)
        except Later:
            return

    def _wire(self, access_token: str = "") -> Wire:
        settings = self._settings
        secret = settings.hubspot_secrets[0]
        return Wire(settings, settings.hubspot_client_id, secret, verify=True, access_token=access_token)

    def _oauth(self, path: str) -> str:
        return f"{self._api}/oauth/{VERSION}/{path}"

    def _grant(self, answer: Mapping[str, Any], asked: datetime, scopes: frozenset[str]) -> Grant:
        """Read a token answer; its life is counted from before the call, so that it never looks longer than it is."""
        granted = answer.get("scopes")
        return Grant(
            access_token=str(answer["access_token"]),
            refresh_token=str(answer["refresh_token"]),
            base_url=self._api,
            expires_at=asked + timedelta(seconds=int(answer["expires_in"])),
            scopes=frozenset(map(str, granted)) if isinstance(granted, list) else scopes,
            tenant_id=str(answer.get("hub_id") or ""),
        )


class AppToken:
    """The app's own token (client credentials), kept until shortly before it runs out. Raises Later or Refused.

    [U] The grant stands in HubSpot's specification of 2026-03 alone.
    """

    def __init__(self, settings: Settings, clock: Callable[[], datetime], scopes: tuple[str, ...]) -> None:
        self._settings = settings
        self._clock = clock
        self._scopes = scopes
        self._token = ""
        self._until = clock()

    def __call__(self) -> str:
        """Return a token that is good for a minute at least."""
        now = self._clock()
        if not self._token or self._until - now < timedelta(minutes=1):
            found = self._fetch()
            self._token = str(found["access_token"])
            self._until = now + timedelta(seconds=int(found["expires_in"]))
        return self._token

    def _fetch(self) -> Mapping[str, Any]:
        secret = self._settings.hubspot_secrets[0]
        url = f"{self._settings.hubspot_api_url.rstrip('/')}/oauth/{CREDENTIALS_VERSION}/token"
        wire = Wire(self._settings, self._settings.hubspot_client_id, secret, verify=True)
        try:
            with reaching(NAME), wire:
                scope = " ".join(self._scopes)
                found: Mapping[str, Any] = wire.fetch_token(url, grant_type="client_credentials", scope=scope)
                return {"access_token": found["access_token"], "expires_in": int(found["expires_in"])}
        except Unsuccessful as error:
            # Whatever it says, it is about the app: no install ends by it.
            refusal = answers.classify(error.answer, NAME)
            raise refusal if isinstance(refusal, Later) else Refused(f"{NAME} gives the app no token") from None


def _ui(domain: str) -> str:
    return f"https://{domain if _UI.fullmatch(domain) else DEFAULT_UI}"


def _for_a_person(error: Unsuccessful) -> Exception:
    """Turn a refusal into what the person at the browser can do about it."""
    answer = error.answer
    if answer.status == _TOO_MANY or answer.status >= _SERVER:
        return answers.classify(answer, NAME)
    return NotGranted(answers.refusal(*answer.codes, answer.description))


def _later(what: str, status: int) -> Later:
    return Later(f"{NAME} {what} ({status})", seconds=answers.BUSY_SECONDS)
