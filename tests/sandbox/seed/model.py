"""The rows of the seed, in plain words; `salesforce.py` and `hubspot.py` turn them into the vendors' shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class Company:
    """One account. `country` is ISO-2, `annual_revenue` in US dollars; `parent` is a name, `parent_key` its key.

    `shares_domain`: the domain is also another company's, so it alone does not tell the two apart (of invented
    ones only the branch says so, its head came earlier).
    """

    key: str
    name: str
    domain: str
    phone: str
    street: str
    city: str
    state: str
    postal_code: str
    country: str
    industry: str
    type: str
    alt_domains: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    employees: int | None = None
    annual_revenue: int | None = None
    parent: str | None = None
    parent_key: str | None = None
    shares_domain: bool = False
    invented: bool = False

    @property
    def website(self) -> str:
        """The website as somebody typed it: with or without scheme, ``www`` and slash."""
        host = self.domain
        styles = (f"https://www.{host}", f"www.{host}", f"http://{host}/", host, f"https://{host}")
        return styles[sum(map(ord, self.key)) % len(styles)]


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person. `first` and `last` are as shown (any script), the others are Latin, for addresses."""

    first: str
    last: str
    latin_first: str
    latin_last: str


@dataclass(frozen=True, slots=True)
class Rep:
    """A user of the CRM. `countries` are the ISO-2 codes of the region; `language` is a Salesforce language key."""

    key: str
    first_name: str
    last_name: str
    email: str
    title: str
    time_zone: str
    language: str
    region: str
    active: bool = True
    manager_key: str | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue that leads wait in; `member_keys` are reps."""

    key: str
    name: str
    region: str | None
    member_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeedContact:
    """A person who works at an account."""

    key: str
    company_key: str
    owner_key: str
    first_name: str
    last_name: str
    email: str
    company: str
    website: str
    phone: str
    title: str
    country: str
    state: str
    city: str


@dataclass(frozen=True, slots=True)
class SeedOpportunity:
    """A deal with an account; `amount` in US dollars."""

    key: str
    company_key: str
    owner_key: str
    name: str
    stage: str
    amount: int
    close_date: date


@dataclass(frozen=True, slots=True)
class SeedLead:
    """A lead and its truth: `truth` and `truth_key` name the account it belongs to; `duplicate_of` an earlier person.

    `kind` is one of `leads.KINDS`. `email` is empty where nobody gave one.
    """

    key: str
    first_name: str
    last_name: str
    email: str
    company: str
    title: str
    country: str
    state: str
    city: str
    lead_source: str
    kind: str
    website: str = ""
    phone: str = ""
    industry: str = ""
    employees: int | None = None
    truth: str | None = None
    truth_key: str | None = None
    duplicate_of: str | None = None
