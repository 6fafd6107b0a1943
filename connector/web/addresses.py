"""What may stand in a place of an address: what the database can hold. Anything else names nothing, so it is a 404."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter, ValidationError

LARGEST = 2**31 - 1
"""The largest number of a column of whole numbers in PostgreSQL."""


class Name(UnicodeConverter):
    """A text without the zero byte, which PostgreSQL refuses in every text."""

    def to_python(self, value: str) -> str:
        """Return the text. Raises ValidationError, on which the address is nobody's."""
        if "\0" in value:
            raise ValidationError
        return value


class Number(IntegerConverter):
    """A whole number that a column can hold."""

    def __init__(self, map: Map, *given: Any, **named: Any) -> None:  # noqa: A002 - as Werkzeug calls it
        super().__init__(map, *given, **{"max": LARGEST, **named})


def teach(app: Flask) -> None:
    """Have the addresses of `app` that are declared from now on take nothing else."""
    app.url_map.converters |= {"default": Name, "string": Name, "int": Number}
