"""What a tester can set about the org: limits, times, the assignment rule. Kept in the database."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .store import Store


@dataclass
class Settings:
    """Every setting with its default; times in seconds."""

    daily_api_limit: int = 100_000
    session_seconds: float = 7200.0
    code_seconds: float = 60.0
    refresh_idle_seconds: float = 30 * 86400.0  # an unused refresh token dies; each refresh starts it anew
    keepalive_seconds: float = 270.0
    delivery_limit: int = 50_000  # events to API clients in 24 hours (UE/PerfE)
    stream_limit: int = 1000
    merge_limit: int = 100  # records that one event may carry
    overflow_limit: int = 100_000  # changes in one transaction before they collapse into GAP_OVERFLOW
    retention_seconds: float = 72 * 3600.0
    notifications_per_hour: int = 10_000
    assignment_active: bool = True
    assignment_owner: str = ""  # a queue or user id; empty = the queue "Unassigned Leads"
    package_installed: bool = True
    features: list[str] = field(default_factory=list)  # person_accounts, currencies, state_codes
    custom_fields: dict[str, list[str]] = field(default_factory=dict)  # object -> lines of .standard
    selected_entities: list[str] = field(default_factory=lambda: ["Lead", "Contact", "Account", "Opportunity"])

    def change(self, changes: dict[str, Any]) -> None:
        """Set some of the settings; KeyError for an unknown name."""
        known = {item.name for item in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise KeyError(name)
            setattr(self, name, value)

    def save(self, store: Store) -> None:
        """Write all settings down."""
        with store.write() as connection:
            rows = [(name, json.dumps(value)) for name, value in asdict(self).items()]
            connection.executemany("INSERT OR REPLACE INTO sys_setting VALUES (?, ?)", rows)

    @classmethod
    def load(cls, store: Store) -> Settings:
        """The settings as last saved."""
        settings = cls()
        known = {item.name for item in fields(cls)}
        saved = {row["name"]: json.loads(row["value"]) for row in store.all("SELECT * FROM sys_setting")}
        settings.change({name: value for name, value in saved.items() if name in known})
        return settings
