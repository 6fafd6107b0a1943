"""The numbers that comparing two people comes to, one kind for each thing that is compared."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, TypeAlias

__all__ = ["NO_CROWD", "Company", "Crowd", "Family", "Given", "Glance", "Likeness", "Mail", "Phone"]


class Mail(IntEnum):
    """How two e-mail addresses compare."""

    OTHER_HERE = -3
    """Two addresses of one company."""
    OTHER_PRIVATE = -2
    """Two addresses where anybody can have one."""
    OTHER = -1
    UNKNOWN = 0
    SAME_LOCAL = 1
    """The same before the @, elsewhere."""
    ROLE = 2
    """The same, but many people read it."""
    NEAR = 3
    SAME_COMPANY = 4
    """The same before the @ in another host of one domain."""
    SAME = 5


class Phone(IntEnum):
    """How two people's numbers compare."""

    OTHER = -1
    UNKNOWN = 0
    SHARED = 1
    """The same, but others with another name have it too."""
    SAME = 2
    MOBILE = 3


class Given(IntEnum):
    """How two given names compare."""

    OTHER = -2
    ENDING = -1
    """As of brother and sister."""
    UNKNOWN = 0
    INITIAL = 1
    NEAR = 2
    SHORT = 3
    PART = 4
    SAME = 5


class Family(IntEnum):
    """How two family names compare."""

    OTHER = -1
    UNKNOWN = 0
    INITIAL = 1
    NEAR = 2
    PART = 3
    SAME = 4


class Company(IntEnum):
    """How two companies compare, by account, name and domain."""

    OTHER = -1
    UNKNOWN = 0
    NEAR = 1
    SAME = 2
    SAME_TWICE = 3
    """By name and by domain."""


class Likeness(NamedTuple):
    """How two people compare, thing by thing; the order of the fields is that of the model's file."""

    mail: int
    phone: int
    given: int
    family: int
    middle: int
    generation: int
    ids: int
    company: int
    title: int
    city: int
    country: int
    rare: int
    of_mail: int


Glance: TypeAlias = tuple[int, int, int, int, int]
"""How what belongs to a person compares: mail, phone, given, family and ids, as in Likeness."""


class Crowd(NamedTuple):
    """Mailboxes and numbers that several people with other names are known to share."""

    mailboxes: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()


NO_CROWD = Crowd()
