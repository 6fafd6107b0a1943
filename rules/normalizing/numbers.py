"""Numbers and sums of money as people write them in rules, and as CRMs store them.

In a rule only a spelling that means one number is taken: ``5000``, ``0.9``, ``5,000``, ``1 000 000``, ``1.000.000``,
``50k``, ``1.5m``, ``$50,000``, ``50 000 EUR``. The sign of a currency only says that it is money: amounts are compared
as they stand.
"""

from __future__ import annotations

import math
import re

from rules.faults import RuleFault
from rules.model import Value

__all__ = ["least", "number", "written"]

_SCALES = {
    "k": 10**3, "tsd": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "mio": 10**6, "million": 10**6,
    "b": 10**9, "bn": 10**9, "mrd": 10**9, "billion": 10**9, "": 1,
}  # fmt: skip
_CURRENCY = r"(?:us\$|r\$|c\$|a\$|[$€£¥₹₩₽]|(?:usd|eur|gbp|chf|jpy|brl|cad|aud|inr|mxn|sek|nok|dkk|pln|cny|sgd)\b)"
_WRITTEN = re.compile(
    rf"(?P<sign>[-\u2212]?){_CURRENCY}?\s?(?P<digits>\d[\d.,'\u2019\u00a0\u202f ]{{0,40}}?)"
    rf"\s?(?P<scale>{'|'.join(sorted(filter(None, _SCALES), key=len, reverse=True))}|)\s?{_CURRENCY}?",
    re.IGNORECASE | re.ASCII,
)
_PLAIN = re.compile(r"\d{1,18}(?:\.\d{1,12})?", re.ASCII)
_COMMAS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,12})?", re.ASCII)
_SPACES = re.compile(r"\d{1,3}(?:[ \u00a0\u202f'\u2019]\d{3})+(?:[.,]\d{1,2})?", re.ASCII)
_DOTS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d{1,12})?|\d{1,3}\.\d{3},\d{1,12}", re.ASCII)
_DOUBTFUL = re.compile(r"[1-9]\d{0,2}\.\d{3}", re.ASCII)
_RANGE = re.compile(
    r"\s*([^-+\u2013]{1,40}?)\s*(?:\+|(?:[-\u2013]|to\b)\s*(.{1,40}?))(?:\s*employees)?\s*", re.IGNORECASE
)

_LEADING_ZERO = re.compile(r"\D{0,9}0\d", re.ASCII)
"""A rule that writes 007 means a code."""


def written(text: str, *, money: bool = False) -> int | float | None:
    """Return the number that a rule says; None when it is no number.

    Raises RuleFault for what may be two: with `money`, and beside a sign of a currency or a scale, ``1.000``.
    """
    return None if _LEADING_ZERO.match(text) else _told(text, money=money)


def _told(text: str, *, money: bool = False) -> int | float | None:
    found = _WRITTEN.fullmatch(text)
    if not found:
        return None
    digits = found["digits"].strip()
    dressed = money or text[found.start("digits") : found.end("digits")] != text.lstrip("-")
    if dressed and _DOUBTFUL.fullmatch(digits):
        whole = digits.replace(".", "")
        raise RuleFault(f"“{text}” may be {whole} or {digits}0.", remedy=f"Write {whole}, or {digits}0.")
    size = _size(digits)
    if size is None:
        return None
    told = _scaled(size, _SCALES[found["scale"].casefold()])
    return -told if found["sign"] else told


def _scaled(size: float, scale: int) -> int | float:
    told = size if scale == 1 else round(size * scale, 6)
    return int(told) if scale > 1 and float(told).is_integer() else told


def _size(digits: str) -> int | float | None:
    """Return the number that digits with one kind of separator mean; None when they are none, or not for certain."""
    if _PLAIN.fullmatch(digits):
        plain = digits
    elif _COMMAS.fullmatch(digits):
        plain = digits.replace(",", "")
    elif _SPACES.fullmatch(digits):
        plain = re.sub(r"[^\d.,]", "", digits).replace(",", ".")
    elif _DOTS.fullmatch(digits):
        plain = digits.replace(".", "").replace(",", ".")
    else:
        return None
    return float(plain) if "." in plain else int(plain)


def number(value: Value) -> int | float | None:
    """Return the number that a CRM's value is: a number, or a text such as ``5,000`` or ``$50k``; None when none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return None if isinstance(value, float) and math.isnan(value) else value
    text = value.strip() if isinstance(value, str) and len(value) < 60 else ""  # noqa: PLR2004 - no number is longer
    try:
        return _told(text) if text else None
    except RuleFault:  # "$1.000": nobody can tell
        return None


def least(value: Value) -> int | float | None:
    """Return the number, or the lower end of a range such as ``1,001-5,000`` and ``10,000+``: for orders only."""
    found = number(value)
    if found is not None or not isinstance(value, str) or len(value) > 100:  # noqa: PLR2004 - no range is longer
        return found
    ends = _RANGE.fullmatch(value)
    if not ends:
        return None
    lower, upper = number(ends[1]), number(ends[2]) if ends[2] else None
    if lower is None or (ends[2] and (upper is None or upper < lower)):
        return None
    return lower
