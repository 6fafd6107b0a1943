"""Orders about what the org has: features to switch on, fields of its own, person accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .features import FEATURES, apply
from .loading import load

if TYPE_CHECKING:
    from .org import Org


def switch_on(org: Org, feature: str, rates: Mapping[str, float]) -> None:
    """Switch a feature on for good; `rates` are units of each currency for one of the first, the corporate one."""
    if feature not in FEATURES:
        raise KeyError(feature)
    if feature not in org.settings.features:
        org.settings.features.append(feature)
    _take(org)
    rows = [
        {"IsoCode": code, "ConversionRate": rate, "DecimalPlaces": 2, "IsCorporate": place == 0}
        for place, (code, rate) in enumerate(rates.items())
    ]
    if rows:
        load(org, "CurrencyType", rows)


def add_fields(org: Org, sobject: str, lines: Sequence[str]) -> None:
    """Give an object fields of the customer's own."""
    org.settings.custom_fields.setdefault(sobject, []).extend(lines)
    _take(org)


def drop_field(org: Org, sobject: str, name: str) -> None:
    """Delete one of the customer's own fields."""
    kept = org.settings.custom_fields.get(sobject, [])
    org.settings.custom_fields[sobject] = [line for line in kept if line.split()[0] != name]
    org.schema.get(sobject).remove(name)
    org.schema.version += 1
    org.settings.save(org.store)


def make_person(org: Org, given: Mapping[str, Any]) -> dict[str, str]:
    """Make a person account as the screen does: an account and a contact that are one person."""
    name = " ".join(part for part in (given.get("FirstName"), given["LastName"]) if part)
    (account,), _ = load(org, "Account", [{"Name": name, "IsPersonAccount": True, **given}], silent=False)
    contact: dict[str, Any] = {key: given[key] for key in ("FirstName", "LastName") if key in given}
    contact |= {"AccountId": account, "IsPersonAccount": True, "Email": given.get("PersonEmail")}
    (person,), _ = load(org, "Contact", [contact], silent=False)
    return {"account": account, "contact": person}


def _take(org: Org) -> None:
    """Bring the schema and the tables to what the settings say."""
    apply(org.schema, org.settings.features, org.settings.custom_fields)
    org.schema.version += 1
    org.store.create_tables(org.schema)
    org.settings.save(org.store)
