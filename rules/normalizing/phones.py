"""Phone numbers as E.164: plainly written ones at once by the library's own tables, all others by the library.

Reading a number takes the library (phonenumbers, after Google's libphonenumber) 20 times as long as looking at its
digits, and scans read millions. What is read at once is read by the same rules from the same tables, so the answers
are the same: a test compares them for every country.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

__all__ = ["e164"]

_PLAIN = re.compile(r"\+?[0-9][0-9 ().\-/]{3,40}")
"""Nothing but digits and the signs between them: no letters, no extension, no other alphabet's digits."""
_SIGNS = str.maketrans("", "", "+ ().-/")
_ABROAD = re.compile(r"^\s*00(?=[1-9])")
_LEAST = 4
"""Digits behind the country's; about fewer the library has rules of its own."""


class _Plan(NamedTuple):
    """How a region's numbers are written: what is dialled before them, how they begin, how long they are."""

    code: str
    abroad: re.Pattern[str]
    prefix: re.Pattern[str] | None
    rule: str
    number: re.Pattern[str] | None
    lengths: frozenset[int]
    local: frozenset[int]
    longest: int


@lru_cache(maxsize=1 << 14)
def e164(text: str, region: str | None) -> str:
    """Return a phone number as E.164 (``+5511...``), as written in `region`; "" when it is none that is possible."""
    bare = _ABROAD.sub("+", text) if text[:1] in "0 \t" else text
    found = _plain(bare, region) if _PLAIN.fullmatch(bare) else None
    return _by_library(bare, region) if found is None else found


def _by_library(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _plain(text: str, region: str | None) -> str | None:
    """Return a plainly written number as E.164, "" for an impossible one, None where only the library knows."""
    digits = text.translate(_SIGNS)
    if text[0] == "+":
        plan = _of_code(digits[:1]) or _of_code(digits[:2]) or _of_code(digits[:3])
        national = digits[len(plan.code) :] if plan else ""
    else:
        plan, national = _of_region(region) if region else None, digits
        if plan and (plan.abroad.match(digits) or digits.startswith(plan.code)):
            return None
    if plan is None or len(national) < _LEAST:
        return None
    bare = _without_prefix(plan, national)
    size = len(bare)
    if bare is not national and (size in plan.local or (size not in plan.lengths and size <= plan.longest)):
        bare, size = national, len(national)
    # Regions that share a country's code are as long as its main one's.
    main = _of_code(plan.code)
    return f"+{plan.code}{bare}" if main and (size in main.lengths or size in main.local) else ""


def _without_prefix(plan: _Plan, national: str) -> str:
    """Return a number without what is only dialled inside the country, unless it then no longer is a number."""
    found = plan.prefix.match(national) if plan.prefix else None
    if found is None:
        return national
    groups = found.groups()
    if plan.prefix and plan.rule and groups and groups[-1] is not None:
        bare = plan.prefix.sub(plan.rule, national, count=1)
    else:
        bare = national[found.end() :]
    number = plan.number
    if number and number.fullmatch(national) and not number.fullmatch(bare):
        return national
    return bare


@lru_cache(maxsize=1 << 10)  # there are about 250 regions and as many codes
def _of_region(region: str) -> _Plan | None:
    return _plan(PhoneMetadata.metadata_for_region(region.upper(), None))


@lru_cache(maxsize=1 << 10)
def _of_code(code: str) -> _Plan | None:
    """Return the plan of a country's code, by the region that speaks for all that have it; None when it is no code."""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code)) if code.isdigit() and code[0] != "0" else None
    return _plan(PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0])) if regions else None


def _plan(told: PhoneMetadata | None) -> _Plan | None:
    desc = told.general_desc if told else None
    if told is None or desc is None:
        return None
    prefix, number = told.national_prefix_for_parsing, desc.national_number_pattern
    lengths = desc.possible_length
    return _Plan(
        str(told.country_code),
        re.compile(told.international_prefix or "NonMatch"),
        re.compile(prefix) if prefix else None,
        told.national_prefix_transform_rule or "",
        re.compile(number) if number else None,
        frozenset(lengths),
        frozenset(desc.possible_length_local_only),
        lengths[-1],
    )
