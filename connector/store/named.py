"""Whether an opened text names a record: its id must stand there as a whole, not as a part of another one or a number.

HubSpot's ids are short: the contact ``51`` is not the contact ``4512``, nor 51 employees.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

_LONG, _SHORT = 18, 15


def marks(ids: Collection[str]) -> tuple[str, ...]:
    """Return how these ids may be written: Salesforce shows the first 15 of their 18 characters as well.

    Source: https://help.salesforce.com/s/articleView?id=000385585&type=1
    """
    short = (each[:_SHORT] for each in ids if len(each) == _LONG and each.isalnum() and not each.isdecimal())
    return tuple(dict.fromkeys((*ids, *short)))


def stands_in(marks: Collection[str], text: str) -> bool:
    """Whether one of these stands in a text with neither letter nor digit on either side.

    Only ASCII counts as such: ids are made of nothing else, and many languages put no blank between words.
    """
    return any(_stands(mark, text) for mark in marks)


def is_named(marks: Collection[str], plain: bytes) -> bool:
    """Whether sealed JSON, opened, names one of these in a key or text of it, also in JSON that is a text of it.

    Numbers name nobody: ids are texts in all that we keep. What is no JSON is looked at as it stands.
    """
    # An id has nothing that JSON escapes, so that most is told without reading it.
    if not any(mark.encode() in plain for mark in marks):
        return False
    try:
        told = json.loads(plain)
    except (ValueError, RecursionError):
        return stands_in(marks, plain.decode(errors="replace"))
    return any(stands_in(marks, text) for text in _texts(told))


def _stands(mark: str, text: str) -> bool:
    at = text.find(mark)
    while at >= 0:
        if not (_joins(text[at - 1 : at]) or _joins(text[at + len(mark) : at + len(mark) + 1])):
            return True
        at = text.find(mark, at + 1)
    return False


def _joins(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _texts(told: Any) -> Iterator[str]:
    """Return all texts in a JSON value. A text may be JSON itself, as the body of an answer is."""
    waiting = [told]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and (inner := _inner(one)) is not None:
            waiting.append(inner)
        elif isinstance(one, str):
            yield one


def _inner(text: str) -> dict[str, Any] | list[Any] | None:
    if not text.startswith(("{", "[")):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None
