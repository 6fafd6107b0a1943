"""A grant as an install gets it: the real providers, with the CRM's page answered in its admin's place."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import requests

from connector.settings import Settings
from oauth.grant import Grant
from oauth.providers import provider
from tests.local.world import CrmName

INTEGRATION_USER = "integration@acme.example"
SUPER_ADMIN = 9_586_504


def walk(settings: Settings, crm: CrmName, tenant_id: str) -> Grant:
    """Walk the authorization code flow with a CRM of a world: ask, allow, exchange."""
    there = provider(crm, settings, lambda: datetime.now(UTC))
    redirect_uri = f"{settings.public_url}/oauth/{crm}/callback"
    host = there.login("production", "")
    url, verifier = there.authorize(redirect_uri=redirect_uri, state="s", host=host, purpose="install")
    parts = urlsplit(url)
    form = dict(parse_qsl(parts.query)) | {"decision": "allow"}
    form |= {"username": INTEGRATION_USER} if crm == "salesforce" else {"account": f"{tenant_id}:{SUPER_ADMIN}"}
    with requests.Session() as browser:
        browser.trust_env = False
        browser.verify = str(settings.salesforce_ca_file)
        page = parts._replace(query="").geturl()
        answer = browser.post(page, data=form, allow_redirects=False, timeout=10)
    code = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]
    return there.exchange(code=code, redirect_uri=redirect_uri, host=host, verifier=verifier)
