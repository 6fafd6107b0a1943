"""What the CRM refuses before it stores a record."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from tests.sandbox.hubspot.errors import ApiError, invalid
from tests.sandbox.hubspot.standard import STAGES
from tests.sandbox.hubspot.store import now_ms
from tests.sandbox.hubspot.values import Problem, RefusedError, iso, normal

if TYPE_CHECKING:
    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.records import Record
    from tests.sandbox.hubspot.standard import ObjectType


class Checks:
    """Validation of values, required properties, admin rules and uniqueness."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @staticmethod
    def moment() -> str:
        """Return the present as HubSpot prints it."""
        return iso(now_ms())

    def values(self, portal: int, kind: ObjectType, properties: dict[str, Any], *, creating: bool) -> dict[str, str]:
        """Return the values as they are stored, or raise one 400 that names every problem."""
        known = self._hub.properties.of(portal, kind.id)
        lenient = kind.lenient_update and not creating
        problems: list[Problem] = []
        checked: dict[str, str] = {}
        for name, raw in properties.items():
            prop = known.get(name)
            if prop is None or prop.read_only:
                if lenient:
                    continue
                problems.append(_unwritable(name, unknown=prop is None))
                continue
            try:
                checked[name] = normal(prop, raw)
            except RefusedError as refused:
                problems.append(refused.problem)
                continue
            if name == "hubspot_owner_id" and checked[name]:
                problems += self._owner(portal, kind, checked[name])
        if problems:
            raise invalid(problems)
        return checked

    def _owner(self, portal: int, kind: ObjectType, owner: str) -> list[Problem]:
        """An owner is given by `id`; a userId, a stranger or a deactivated owner is refused."""
        found = self._hub.portals.owners(portal).get(owner)
        if found is None or found["archived"]:
            return [("INVALID_OWNER_ID", "hubspot_owner_id", f"The owner {owner} does not exist or is not active.")]
        # The leads guide: "assign only to users with a seat". The code is [U].
        if kind.scope == "leads" and not found.get("salesSeat", True):
            return [("OWNER_WITHOUT_SEAT", "hubspot_owner_id", f"The owner {owner} has no sales seat.")]
        return []

    def complete(
        self,
        portal: int,
        kind: ObjectType,
        props: dict[str, str],
        before: dict[str, str],
        *,
        creating: bool,
        ruled: bool,
    ) -> None:
        """Refuse a record without its required properties, and what breaks the portal's admin rules."""
        missing = [name for name in kind.required if not props.get(name)]
        if missing and (creating or any(before.get(name) for name in missing)):
            message = f"Error creating {kind.singular.upper()}. Some required properties were not set."
            raise ApiError(400, message, context={"properties": missing})
        for rule in self._hub.portals.get(portal).rules if ruled else ():
            if self._hub.portals.object_type(portal, rule["object"]).id == kind.id:
                _obey(rule, props, creating=creating)

    @staticmethod
    def forward_only(kind: ObjectType, values: dict[str, str], before: dict[str, str]) -> dict[str, str]:
        """Drop a lifecycle stage that would go back: it only moves forward, unless it is cleared first."""
        new, old = values.get("lifecyclestage"), before.get("lifecyclestage")
        if kind.id in {"0-1", "0-2"} and new in STAGES and old in STAGES and STAGES.index(new) < STAGES.index(old):
            return {name: value for name, value in values.items() if name != "lifecyclestage"}
        return values

    def claim(self, record: Record, values: dict[str, str]) -> None:
        """Reserve the unique values of a record (its old ones become free); 409 when one is taken."""
        known = self._hub.properties.of(record.portal, record.type)
        with self._hub.store.write() as tx:
            for name, value in values.items():
                if name not in known or not known[name].unique:
                    continue
                old = record.props.get(name, "").lower()
                if old and old != value.lower():
                    key = (record.portal, record.type, name, old, record.id)
                    tx.execute(
                        "DELETE FROM uniques WHERE portal = ? AND type = ? AND name = ? AND value = ? AND id = ?", key
                    )
                if value:
                    self._reserve(tx, record, name, value)

    @staticmethod
    def _reserve(tx: sqlite3.Connection, record: Record, name: str, value: str) -> None:
        key = (record.portal, record.type, name, value.lower())
        taken = tx.execute(
            "SELECT id FROM uniques WHERE portal = ? AND type = ? AND name = ? AND value = ?", key
        ).fetchone()
        if taken and taken[0] != record.id:
            if (record.type, name) == ("0-1", "email"):
                raise ApiError(409, f"Contact already exists. Existing ID: {taken[0]}", category="CONFLICT")
            message = f"{name} already has that value. Existing ID: {taken[0]}"
            detail = [{"message": message, "code": "CONFLICTING_UNIQUE_VALUE", "context": {"propertyName": [name]}}]
            raise ApiError(409, message, category="CONFLICT", detail=detail)
        tx.execute("INSERT OR IGNORE INTO uniques VALUES(?, ?, ?, ?, ?)", (*key, record.id))


def _unwritable(name: str, *, unknown: bool) -> Problem:
    if unknown:
        return ("PROPERTY_DOESNT_EXIST", name, f'Property "{name}" does not exist')
    return ("READ_ONLY_VALUE", name, f'"{name}" is a read only property; its value cannot be set.')


def _obey(rule: dict[str, Any], props: dict[str, str], *, creating: bool) -> None:
    when = rule.get("when")
    if when is None and not creating:
        return
    if when is not None and props.get(when["property"]) != when["value"]:
        return
    missing = [name for name in rule["require"] if not props.get(name)]
    if missing:
        code = "MISSING_REQUIRED_PROPERTY" if when is None else "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
        raise invalid([(code, name, f'Property "{name}" is required.') for name in missing])
