"""Amounts in the cells of a territory: ``500``, ``51-200``, ``>=500``, ``500+``, ``1.5M``, ``$ 10,000``."""

from __future__ import annotations

import math
import re

from rules.faults import RuleFault
from rules.model import Value
from rules.normalizing import numbers

LARGEST = 1e15
"""Beyond it two whole numbers may be one for a computer; no company is that large."""

_COMPARED = re.compile(r"(?P<sign>>=|=>|≥|<=|=<|≤|>|<)\s*(?P<amount>.+)")
_BETWEEN = re.compile(r"(?P<low>[^-\u2013\u2014]+?)\s*(?:-|\u2013|\u2014|\.\.+|\bto\b)\s*(?P<high>[^-\u2013\u2014]+)")
_REMEDY = "Write it like 500, 51-200, >=500 or 500+."


def span(text: str) -> tuple[float, float]:
    """Return the lowest and the highest number that a cell lets through. Raises RuleFault for what is none."""
    if text.endswith("+"):
        return _amount(text[:-1].strip(), text), math.inf
    if compared := _COMPARED.fullmatch(text):
        edge, sign = _amount(compared["amount"].strip(), text), compared["sign"]
        if sign in {">", "<"}:
            edge = math.nextafter(edge, math.inf if sign == ">" else -math.inf)
        return (edge, math.inf) if sign in {">", ">=", "=>", "≥"} else (-math.inf, edge)
    between = _BETWEEN.fullmatch(text)
    if not between:
        amount = _amount(text, text)
        return amount, amount
    low, high = _amount(between["low"].strip(), text), _amount(between["high"].strip(), text)
    if low > high:
        raise RuleFault(f"The range “{text}” goes backwards.", remedy=f"Write {between['high']}-{between['low']}.")
    return low, high


def _amount(text: str, cell: str) -> float:
    found = numbers.written(text, money=True)  # 1.000 is refused for heads too: nobody writes half an employee
    if found is None or not -LARGEST <= found <= LARGEST:
        raise RuleFault(f"“{cell}” is no number and no range of numbers.", remedy=_REMEDY)
    return float(found)


def stored(value: Value) -> float | None:
    """Return the number that a CRM's value is; None when it is none."""
    return _bounded(numbers.number(value))


def least(value: Value) -> float | None:
    """Return the number that ranges compare: of a value that is a range itself (``51-200``) its lower end."""
    return _bounded(numbers.least(value))


def _bounded(found: float | None) -> float | None:
    return None if found is None or not -LARGEST <= found <= LARGEST else float(found)


def number_key(number: float) -> str:
    """Return the key under which an exact number stands."""
    return f"#{number + 0.0!r}"  # so that there is one zero
