"""What a CRM grants us, who granted it, and what each CRM's OAuth can do: the same verbs for both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from connector.crm import CrmName

Purpose: TypeAlias = Literal["install", "signin"]


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens and what they are good for; the repr shows none of them.

    `base_url` has no trailing slash. `expires_at` is None when the CRM does not tell (Salesforce). `refresh_token` is
    empty for a sign-in to Salesforce. `identity_url` comes with a fresh Salesforce grant only, `tenant_id` with a
    fresh HubSpot one.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    base_url: str
    expires_at: datetime | None
    scopes: frozenset[str]
    identity_url: str = field(default="", repr=False)
    tenant_id: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in, and where. `base_url` is where people open their CRM in a browser."""

    crm: CrmName
    tenant_id: str
    tenant_name: str
    user_id: str
    user_name: str
    is_admin: bool
    base_url: str
    scopes: frozenset[str]


class Provider(Protocol):
    """The OAuth of one CRM. Calls raise Later when the CRM is away; secrets travel in bodies and headers only."""

    def login(self, environment: str, domain: str) -> str | None:
        """Return the origin where this admin signs in (None = the only one). Raises NotGranted for a foreign host."""
        ...

    def authorize(
        self, *, redirect_uri: str, state: str, host: str | None = None, purpose: Purpose
    ) -> tuple[str, str | None]:
        """Return the URL to send the browser to, and the PKCE verifier to keep for the exchange."""
        ...

    def exchange(self, *, code: str, redirect_uri: str, host: str | None, verifier: str | None) -> Grant:
        """Turn the code of the callback into a grant. Raises NotGranted or Later."""
        ...

    def refresh(self, grant: Grant) -> Grant:
        """Return the next grant; the refresh token may be another. Raises Revoked or Later."""
        ...

    def identity(self, grant: Grant) -> Identity:
        """Ask the CRM who granted this and whether they administer it. Raises NotGranted or Later."""
        ...

    def revoke(self, grant: Grant) -> None:
        """Withdraw the grant at the CRM. Raises Later when that failed."""
        ...

    def discard(self, grant: Grant) -> None:
        """Let go of a grant that will not be kept, without harm to the install's own. Raises Later.

        Where there is no install to harm, `revoke` is the safer way.
        """
        ...

    def uninstall(self, grant: Grant) -> None:
        """Take the app out of the CRM. Raises Later when that failed."""
        ...
