"""Who can own leads: the people and queues of an org. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rules.model import User


def person(row: Mapping[str, Any]) -> User:
    """Turn a row of User into our User; TimeZoneSidKey is an IANA name, ``en_US`` becomes ``en-US``."""
    return User(
        id=str(row["Id"]),
        name=str(row.get("Name") or ""),
        email=str(row.get("Email") or ""),
        active=bool(row.get("IsActive")),
        manager_id=row.get("ManagerId") or None,
        zone=str(row.get("TimeZoneSidKey") or "UTC"),
        language=str(row.get("LanguageLocaleKey") or "").replace("_", "-"),
    )


def queue(row: Mapping[str, Any]) -> User:
    """Turn a row of Group into our User."""
    return User(id=str(row["Id"]), name=str(row.get("Name") or ""), email=str(row.get("Email") or ""), queue=True)


def directory(users: Iterable[Mapping[str, Any]], queues: Iterable[Mapping[str, Any]]) -> tuple[User, ...]:
    """Return people first, then queues."""
    return (*(person(row) for row in users), *(queue(row) for row in queues))
