"""Words that each CRM has a list for: industries and countries."""

from __future__ import annotations

import csv
import functools
from pathlib import Path

import pycountry

INDUSTRIES = Path(__file__).with_name("industries.csv")
# Where the ISO name is not what a form or a person would write.
EVERYDAY = {"GB": "United Kingdom", "KR": "South Korea", "TW": "Taiwan", "TR": "Turkey", "NL": "Netherlands"}


@functools.cache
def industries() -> dict[str, tuple[str, str]]:
    """Return (Salesforce picklist value, HubSpot option) for every industry of the seed."""
    with INDUSTRIES.open(encoding="utf-8", newline="") as handle:
        return {row["industry"]: (row["salesforce"], row["hubspot"]) for row in csv.DictReader(handle)}


@functools.cache
def country_name(code: str) -> str:
    """Return the English name of an ISO-2 country code, as CRMs without country picklists hold it."""
    found = pycountry.countries.get(alpha_2=code)
    return EVERYDAY.get(code) or (str(found.name) if found else code)
