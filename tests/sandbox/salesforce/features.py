"""What some orgs have and others lack: person accounts, several currencies, state and country picklists, own fields.

A field is written as one line of :mod:`.standard`; a name that ends in ``__c`` is a custom one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from .schema import Sobject
from .standard import field_from_line

if TYPE_CHECKING:
    from .schema import Schema

_STATES = "[[CA|NY|BY|BE]]"
_COUNTRIES = "[[US|DE|FR|JP]]"
_CURRENCIES = "[[USD|EUR|JPY]]"

FEATURES: Mapping[str, Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "person_accounts": {
            "Account": (
                "LastName string(80)",
                "FirstName string(40)",
                'IsPersonAccount boolean "Is Person Account" ro',
                'PersonEmail email "Email"',
                'PersonMobilePhone phone "Mobile"',
                "PersonContactId reference ro ->Contact/PersonContact",
            ),
            "Contact": ('IsPersonAccount boolean "Is Person Account" ro',),
        },
        "currencies": dict.fromkeys(
            ("Lead", "Account", "Contact", "Opportunity"),
            (f'CurrencyIsoCode picklist(3) "Currency ISO Code" =USD {_CURRENCIES}',),
        ),
        "state_codes": {
            name: (
                f'{address}StateCode picklist(10) "{label}State Code" @{address}Address {_STATES}',
                f'{address}CountryCode picklist(10) "{label}Country Code" @{address}Address {_COUNTRIES}',
            )
            for name, address, label in (
                ("Lead", "", ""),
                ("Account", "Billing", "Billing "),
                ("Contact", "Mailing", "Mailing "),
            )
        },
    }
)
"""Feature -> object -> the fields that it adds. Source: Object Reference "Account", "Lead", "CurrencyType"."""
_CURRENCY_TYPE = (
    "Id id ro",
    "IsoCode picklist(3) !",
    "ConversionRate double(18,6) !",
    "DecimalPlaces int(8)",
    "IsActive boolean =true",
    'IsCorporate boolean "Corporate Currency" ro',
    "SystemModstamp datetime ro",
)


def apply(schema: Schema, features: Sequence[str], custom: Mapping[str, Sequence[str]]) -> None:
    """Add to a schema what the org has switched on, and its own fields."""
    for feature in features:
        _add(schema, FEATURES[feature])
    if "currencies" in features and schema.find("CurrencyType") is None:
        fields = [field_from_line(line) for line in _CURRENCY_TYPE]
        found = Sobject("CurrencyType", "Currency Type", "Currency Types", "01L", {item.name: item for item in fields})
        schema.add(found)
    _add(schema, custom)


def _add(schema: Schema, fields: Mapping[str, Sequence[str]]) -> None:
    for name, lines in fields.items():
        sobject = schema.get(name)
        for line in lines:
            item = field_from_line(line)
            sobject.add(replace(item, custom=item.name.endswith("__c")))
