"""One local Salesforce for this folder's tests; each test makes its own records in it."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connector.crm import Token
from connector.salesforce.gateway import SalesforceCrm
from connector.settings import Settings
from tests.connector.salesforce.signed_in import Memory, Tokens, settings_for
from tests.sandbox.salesforce import start

REDIRECT = "https://localhost:8000/oauth/salesforce/callback"
INTEGRATION = "integration@acme.example"


class LocalOrg:
    """The local Salesforce as tests speak to it: its control plane, and signing in."""

    def __init__(self, sandbox: Any) -> None:
        self._sandbox = sandbox
        self.url = str(sandbox.url)
        self.pubsub = str(sandbox.pubsub)
        self.ca = Path(sandbox.ca)
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = str(self.ca)

    def settings(self, **parts: Any) -> Settings:
        return settings_for(self.url, self.pubsub, self.ca, **parts)

    def sign_in(self, username: str = INTEGRATION) -> Tokens:
        """Walk the authorization code flow with PKCE as `username`."""
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._sandbox.client_id,
            "redirect_uri": REDIRECT,
            "scope": "api refresh_token id",
            "state": "s",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        page = f"{self.url}/services/oauth2/authorize"
        allowed = self._http.post(
            page, data=asked | {"username": username, "decision": "allow"}, allow_redirects=False, timeout=10
        )
        code = parse_qs(urlsplit(allowed.headers["Location"]).query)["code"][0]
        granted = self._http.post(
            f"{self.url}/services/oauth2/token",
            data={
                "grant_type": "authorization_code",
                "client_id": self._sandbox.client_id,
                "client_secret": self._sandbox.client_secret,
                "redirect_uri": REDIRECT,
                "code": code,
                "code_verifier": verifier,
            },
            timeout=10,
        ).json()
        return Tokens(Token(granted["access_token"], granted["instance_url"]))

    def crm(self, tokens: Tokens | None = None, memo: Memory | None = None, **parts: Any) -> SalesforceCrm:
        return SalesforceCrm(tokens or self.sign_in(), settings=self.settings(**parts), memo=memo or Memory())

    def control(self, method: str, name: str, body: Any = None) -> Any:
        answer = self._http.request(method, f"{self.url}/_control/{name}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def fault(self, pattern: str, **fault: Any) -> None:
        self.control("POST", "faults", {"pattern": pattern, **fault})

    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "calls")
        return found

    def reset(self) -> None:
        self.control("DELETE", "faults")
        self.control("DELETE", "calls")

    def load(self, sobject: str, rows: Sequence[dict[str, Any]]) -> list[str]:
        return list(self.control("POST", "load", {"sobject": sobject, "rows": list(rows)})["ids"])

    def create(self, sobject: str, *rows: dict[str, Any], **who: Any) -> list[str]:
        """Make records as a person at the screen does."""
        return list(self.control("POST", "create", {"sobject": sobject, "rows": list(rows), **who})["ids"])

    def leads(self, count: int, **values: Any) -> list[str]:
        """Make leads that the assignment rule has given to the queue."""
        rows = [{"LastName": f"Lead {number}", "Company": "Muster", **values} for number in range(count)]
        return self.create("Lead", *rows, assign=True)

    def user(self, **values: Any) -> str:
        return self.load("User", [{"Username": f"{secrets.token_hex(6)}@acme.example", "LastName": "Ana"} | values])[0]

    def queue_id(self) -> str:
        found: str = next(row["Id"] for row in self.rows("Group") if row["Name"] == "Unassigned Leads")
        return found

    def rows(self, sobject: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", f"rows/{sobject}")
        return found

    def row(self, sobject: str, record_id: str) -> dict[str, Any]:
        return next(row for row in self.rows(sobject) if row["Id"] == record_id)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    running = start(tmp_path_factory.mktemp("salesforce"), redirect_uris=[REDIRECT])
    yield running
    running.stop()


@pytest.fixture
def org(sandbox: Any) -> LocalOrg:
    local = LocalOrg(sandbox)
    local.reset()
    return local


@pytest.fixture
def crm(org: LocalOrg) -> Iterator[SalesforceCrm]:
    opened = org.crm()
    yield opened
    opened.close()
