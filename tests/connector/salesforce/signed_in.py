"""What a signed-in install has: settings, tokens, a memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from connector.crm import Token
from connector.settings import Settings

KEY = Fernet.generate_key().decode()


def settings(**parts: Any) -> Settings:
    """Settings with what every process needs, and short timeouts."""
    base: dict[str, Any] = {
        "public_url": "https://route.example.com",
        "encryption_keys": KEY,
        "session_secret": "s" * 32,
        "salesforce_client_id": "client",
        "crm_connect_timeout": 2.0,
        "crm_read_timeout": 20.0,
    }
    return Settings(**base | parts)


def settings_for(url: str, pubsub: str, ca: Path, **parts: Any) -> Settings:
    """Settings for a local Salesforce."""
    return settings(salesforce_login_url=url, salesforce_pubsub=pubsub, salesforce_ca_file=ca, **parts)


class Tokens:
    """A TokenSource that hands out the tokens it was given, one for each renewal."""

    def __init__(self, *tokens: Token) -> None:
        self._tokens = list(tokens)
        self.renewals = 0

    def current(self) -> Token:
        return self._tokens[0]

    def renew(self, stale: Token) -> Token:
        self.renewals += 1
        if self._tokens[0] == stale and len(self._tokens) > 1:
            self._tokens.pop(0)
        return self._tokens[0]


class Memory:
    """A Memo that forgets nothing by itself."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def get(self, name: str) -> Any | None:
        return self.kept.get(name)

    def put(self, name: str, value: Any, *, seconds: float) -> None:
        assert seconds > 0
        self.kept[name] = value

    def forget(self, name: str) -> None:
        self.kept.pop(name, None)
