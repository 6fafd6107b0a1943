"""What all bodies and answers of the API have in common."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from connector.desk import retelling

Reason: TypeAlias = Annotated[str, AfterValidator(retelling.reason)]
"""Why something waits or was not done: in the language that the request names."""
LINE = r"^[^\x00-\x1f\x7f]*$"
"""One line of text: no control characters, which PostgreSQL and log lines cannot take."""
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Text of several lines."""
LIMIT = 200
"""The longest page."""
CURSOR = 2000
FIRST, LAST = 1970, 2100
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Shape(BaseModel):
    """An answer, or a part of one. It can be read off a dataclass with the same names."""

    model_config = ConfigDict(from_attributes=True, extra="ignore", frozen=True)


class Wish(BaseModel):
    """A body or a query. A name that nobody knows is refused: it would be a misspelt one."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paging(Wish):
    """Which page of a list."""

    limit: int = Field(50, ge=1, le=LIMIT, description="How many at most.")
    cursor: str = Field(
        "", max_length=CURSOR, pattern=LINE, description="`next` of the page before; empty for the first page."
    )


class Page(Shape):
    """A page of a list; each kind of page says what its `items` are."""

    next: str | None = Field(description="The `cursor` of the next page; null when this is the last.")


class Done(Shape):
    """What a change came to."""

    changed: bool = Field(description="False when there was nothing left to change.")


def _sane(moment: date) -> date:
    if not FIRST <= moment.year < LAST:
        raise ValueError(f"must be in the years {FIRST} to {LAST - 1}")
    return moment


def _written(told: object) -> object:
    """Refuse numbers: seconds since 1970 are no moment of the document."""
    if isinstance(told, str) and not _DAY.match(told):
        raise ValueError("must begin with a day, such as 2026-11-23")
    if isinstance(told, int | float):
        raise ValueError("must be text, such as 2026-11-23T10:00:00Z")  # noqa: TRY004 - pydantic takes no TypeError
    return told


def _plain(name: str) -> str:
    if not re.fullmatch(LINE, name):
        raise ValueError("must be one line")
    return name


Line = Annotated[str, StringConstraints(max_length=255, pattern=LINE)]
"""A short text of one line."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=LINE)]
"""A name or an id; never empty."""
Key = Annotated[str, AfterValidator(_plain), StringConstraints(min_length=1, max_length=255)]
"""A name in a body that maps names; KEYS tells its document."""
KEYS: dict[str, Any] = {"propertyNames": {"minLength": 1, "maxLength": 255, "pattern": LINE}}
Day = Annotated[date, BeforeValidator(_written), AfterValidator(_sane)]
"""A day, between 1970 and 2099."""
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_sane)]
"""A moment with its zone, between 1970 and 2099."""
