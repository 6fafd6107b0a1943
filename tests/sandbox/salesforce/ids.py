"""Salesforce record ids: 15 case-sensitive characters, plus 3 that make the id safe for case-insensitive tools."""

from __future__ import annotations

import re

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?\Z")
_POD = "KB0"  # two characters for the instance, one reserved, as in real ids


def checksum(id15: str) -> str:
    """The three characters that tell which of the fifteen are capitals."""
    suffix = ""
    for start in (0, 5, 10):
        bits = 0
        for place in range(5):
            if "A" <= id15[start + place] <= "Z":
                bits |= 1 << place
        suffix += _SUFFIX[bits]
    return suffix


def record_id(prefix: str, number: int) -> str:
    """The 18-character id of the `number`-th record of the object with this key prefix."""
    tail = ""
    for _ in range(9):
        number, digit = divmod(number, 62)
        tail = DIGITS[digit] + tail
    id15 = f"{prefix}{_POD}{tail}"
    return id15 + checksum(id15)


def to18(text: object) -> str | None:
    """The 18-character form of a 15- or 18-character id; None when `text` is no id."""
    if not isinstance(text, str) or not _SHAPE.match(text):
        return None
    full = text[:15] + checksum(text[:15])
    return full if len(text) == 15 or text == full else None
