"""Salesforce: the web-server flow with PKCE and a client secret, and refresh-token rotation.

The token answer has no `expires_in`: a token is good until a call answers 401. With rotation, which partner apps must
switch on, a refresh kills the refresh token it used, and using a dead one kills its successor too.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog

from connector.errors import Later
from connector.settings import Settings
from oauth import answers, hosts
from oauth.answers import NotGranted
from oauth.grant import Grant, Identity, Purpose
from oauth.wire import Unsuccessful, Wire, body, reaching, successful

log = structlog.get_logger()

NAME = "Salesforce"
SCOPES: Mapping[Purpose, str] = {"install": "api refresh_token id", "signin": "id api"}
"""A sign-in asks for no refresh token: it needs the user's name and permissions once."""
ADMIN_SOQL = "SELECT PermissionsCustomizeApplication, PermissionsModifyAllData FROM UserPermissionAccess LIMIT 1"
"""UserPermissionAccess holds the permissions of the user who asks, whatever profile or permission set gives them."""
ORG_SOQL = "SELECT Name FROM Organization LIMIT 1"
VERIFIER_BYTES = 48
"""64 characters; RFC 7636 wants 43 to 128."""
ORG_ID_LENGTH = 18
_SERVER, _TOO_MANY = 500, 429
_REDIRECTS = range(300, 400)


class Salesforce:
    """OAuth of Salesforce orgs; see :class:`oauth.grant.Provider`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def login(self, environment: str, domain: str) -> str | None:
        """Return the login, test or My Domain origin. Raises NotGranted for a host that is not Salesforce's."""
        return hosts.login(environment or "production", domain, self._settings)

    def authorize(
        self, *, redirect_uri: str, state: str, host: str | None = None, purpose: Purpose
    ) -> tuple[str, str | None]:
        """Return the authorize URL and the PKCE verifier."""
        verifier = secrets.token_urlsafe(VERIFIER_BYTES)
        with self._wire() as wire:
            url, _ = wire.create_authorization_url(
                self._origin(host) + "/services/oauth2/authorize",
                state=state,
                code_verifier=verifier,
                redirect_uri=redirect_uri,
                scope=SCOPES[purpose],
            )
        return str(url).replace("+", "%20"), verifier

    def exchange(self, *, code: str, redirect_uri: str, host: str | None, verifier: str | None) -> Grant:
        """Turn the code into a grant whose hosts are all Salesforce's. Raises NotGranted or Later."""
        with _for_a_person(), self._wire() as wire:
            answer = wire.fetch_token(
                self._origin(host) + "/services/oauth2/token",
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                code_verifier=verifier,
            )
            identity_url = str(answer["id"])
            hosts.identity_parts(identity_url, self._settings)
            return Grant(
                access_token=str(answer["access_token"]),
                refresh_token=str(answer.get("refresh_token") or ""),
                base_url=hosts.origin(str(answer["instance_url"]), self._settings),
                expires_at=None,
                scopes=frozenset(str(answer.get("scope") or "").split()),
                identity_url=identity_url,
            )

    def refresh(self, grant: Grant) -> Grant:
        """Return the next grant. From here on the old refresh token may be dead. Raises Revoked or Later."""
        try:
            with reaching(NAME), self._wire() as wire:
                url = grant.base_url + "/services/oauth2/token"
                answer = wire.refresh_token(url, refresh_token=grant.refresh_token)
                # Absent when the org's app does not rotate; Authlib then keeps the one we have.
                refresh_token = str(answer["refresh_token"])
                access_token = str(answer["access_token"])
        except Unsuccessful as error:
            raise answers.classify(error.answer, NAME) from None
        base_url = self._moved(str(answer.get("instance_url") or grant.base_url), grant.base_url)
        return Grant(access_token, refresh_token, base_url, None, grant.scopes)

    def identity(self, grant: Grant) -> Identity:
        """Ask the identity URL who this is, and with their own token whether they administer the org."""
        path, org, user = hosts.identity_parts(grant.identity_url, self._settings)
        with _for_a_person(), self._wire(grant.access_token) as wire:
            response = wire.get(grant.identity_url, headers={"Accept": "application/json"})
            if response.status_code in _REDIRECTS:
                # The login host may point to the org's own; that one we know, so no Location needs to be trusted.
                response = wire.get(grant.base_url + path, headers={"Accept": "application/json"})
            person = body(response)
            tenant, user_id = str(person["organization_id"]), str(person["user_id"])
            if len(tenant) != ORG_ID_LENGTH or tenant[:15] != org or user_id[:15] != user:
                raise NotGranted("host")
            rights = self._first(wire, grant, ADMIN_SOQL)
            admin = rights.get("PermissionsCustomizeApplication") is True
            admin = admin or rights.get("PermissionsModifyAllData") is True
            return Identity(
                crm="salesforce",
                tenant_id=tenant,
                tenant_name=self._org_name(wire, grant),
                user_id=user_id,
                user_name=str(person.get("display_name") or person.get("username") or user_id),
                is_admin=admin,
                base_url=grant.base_url,
                scopes=grant.scopes,
            )

    def revoke(self, grant: Grant) -> None:
        """Revoke the refresh token, and with it its access tokens; without one, the access token."""
        try:
            with reaching(NAME), self._wire() as wire:
                url = grant.base_url + "/services/oauth2/revoke"
                successful(wire.revoke_token(url, token=grant.refresh_token or grant.access_token))
        except Unsuccessful as error:
            raise _later(error) from None

    def discard(self, grant: Grant) -> None:
        """Revoke it: every Salesforce grant stands alone, so the install's own is not touched."""
        self.revoke(grant)

    def uninstall(self, grant: Grant) -> None:
        """Revoke our access. The package itself can only be removed by an admin of the org."""
        self.revoke(grant)

    def _wire(self, access_token: str = "") -> Wire:
        settings = self._settings
        ca = settings.salesforce_ca_file
        secret = settings.salesforce_client_secret.get_secret_value()
        verify = str(ca) if ca else True
        return Wire(settings, settings.salesforce_client_id, secret, verify=verify, access_token=access_token)

    def _origin(self, host: str | None) -> str:
        return hosts.origin(host or self._settings.salesforce_login_url, self._settings)

    def _moved(self, instance_url: str, known: str) -> str:
        """Follow an org that moved; never raise: the refresh token just received must be stored, come what may."""
        try:
            return hosts.origin(instance_url, self._settings)
        except NotGranted:
            log.warning("Salesforce named an instance that is not Salesforce's; the known one is kept")
            return known

    def _first(self, wire: Wire, grant: Grant, soql: str) -> Mapping[str, Any]:
        url = f"{grant.base_url}/services/data/v{self._settings.salesforce_api_version}/query"
        records = body(wire.get(url, params={"q": soql}))["records"]
        return dict(records[0]) if records else {}

    def _org_name(self, wire: Wire, grant: Grant) -> str:
        """Return the org's name, or the first part of its host for a user who may not read it."""
        short = str(urlsplit(grant.base_url).hostname).partition(".")[0]
        try:
            return str(self._first(wire, grant, ORG_SOQL).get("Name") or short)
        except Unsuccessful:
            return short


@contextlib.contextmanager
def _for_a_person() -> Iterator[None]:
    """Turn a refusal into what the person at the browser can do about it."""
    try:
        with reaching(NAME):
            yield
    except Unsuccessful as error:
        answer = error.answer
        if answer.status == _TOO_MANY or answer.status >= _SERVER:
            raise answers.classify(answer, NAME) from None
        raise NotGranted(answers.refusal(*answer.codes, answer.description)) from None


def _later(error: Unsuccessful) -> Later:
    return Later(f"{NAME} did not revoke our access ({error.answer.status})", seconds=answers.BUSY_SECONDS)
