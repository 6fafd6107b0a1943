"""The two sandboxes as places to load rows into, through the control endpoint that each of them has.

``POST /_control/load`` takes many rows at once, keeps them without rules, and is silent: no change events, no webhooks.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

import urllib3

from . import hubspot, salesforce

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .model import Company, Queue, Rep, SeedContact, SeedOpportunity

# HubSpot's association types: contact to primary company (brings the plain one along), company to parent company.
PRIMARY_COMPANY, PARENT_COMPANY = 1, 14


class LoadError(Exception):
    """A sandbox refused a load; the text says which rows and what it answered."""


class Target(Protocol):
    """Something that can be filled. Every method answers the ids that the CRM gave, in the order of the rows."""

    name: str

    def reps(self, rows: Sequence[Rep]) -> list[str]:
        """Load the sales team, managers first."""

    def queues(self, rows: Sequence[Queue], reps: Mapping[str, str]) -> list[str]:
        """Load the queues; `reps` maps keys to ids."""

    def accounts(self, rows: Sequence[Company], owners: Sequence[str], parents: Sequence[str | None]) -> list[str]:
        """Load accounts with the ids of their owners and of the parents that are already there."""

    def contacts(self, rows: Sequence[SeedContact], owners: Sequence[str], accounts: Sequence[str]) -> list[str]:
        """Load contacts with the ids of their owners and accounts."""

    def opportunities(
        self, rows: Sequence[SeedOpportunity], owners: Sequence[str], accounts: Sequence[str]
    ) -> list[str]:
        """Load opportunities; a CRM whose sandbox has none answers an empty list."""


class _Control:
    """The control endpoint of one sandbox over HTTP or TLS."""

    def __init__(self, url: str, ca: Path | None) -> None:
        self._url = f"{url.rstrip('/')}/_control"
        self._pool = urllib3.PoolManager(
            ca_certs=str(ca) if ca else None, timeout=urllib3.Timeout(total=120), retries=False
        )

    def load(self, rows: list[dict[str, Any]], **order: Any) -> list[str]:
        """Load rows; :class:`LoadError` when the sandbox refuses or does not answer an id for each row."""
        if not rows:
            return []
        what = f"{', '.join(f'{name}={value}' for name, value in order.items())}, {len(rows)} rows"
        body = {**order, "rows": rows, "silent": True}
        ids = [str(one) for one in self._call("POST", "load", what, json=body)["ids"]]
        if len(ids) != len(rows):
            message = f"{self._url} ({what}) answered {len(ids)} ids"
            raise LoadError(message)
        return ids

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return every row of an object."""
        rows: list[dict[str, Any]] = self._call("GET", f"rows/{name}", name)
        return rows

    def _call(self, method: str, path: str, what: str, **body: Any) -> Any:
        try:
            answer = self._pool.request(method, f"{self._url}/{path}", **body)
        except urllib3.exceptions.HTTPError as error:
            message = f"{self._url} cannot be reached; is it running, and is --ca its own CA? ({error})"
            raise LoadError(message) from error
        if answer.status >= HTTPStatus.BAD_REQUEST:
            message = f"{self._url} ({what}) answered {answer.status}: {answer.data[:500]!r}"
            raise LoadError(message)
        return answer.json()


class Salesforce:
    """A local Salesforce org."""

    name = "salesforce"

    def __init__(self, url: str, ca: Path | None = None) -> None:
        self._control = _Control(url, ca)

    def reps(self, rows: Sequence[Rep]) -> list[str]:
        """Load Users; the team's manager has to be the first."""
        boss, *team = rows
        (boss_id,) = self._load("User", [salesforce.user(boss)], [boss.key])
        users = [salesforce.user(rep, boss_id) for rep in team]
        return [boss_id, *self._load("User", users, [rep.key for rep in team])]

    def queues(self, rows: Sequence[Queue], reps: Mapping[str, str]) -> list[str]:
        """Load Groups with their members; a queue that every org has from the start is used as it is.

        The sandbox itself lets leads wait in every queue it gets (QueueSobject).
        """
        there = {row["Name"]: str(row["Id"]) for row in self._control.rows("Group") if row["Type"] == "Queue"}
        new = [queue for queue in rows if queue.name not in there]
        made = self._load("Group", [salesforce.group(queue) for queue in new], [queue.key for queue in new])
        there.update(zip((queue.name for queue in new), made, strict=True))
        ids = [there[queue.name] for queue in rows]
        members = [
            (f"{queue.key}-{key}", {"GroupId": group, "UserOrGroupId": reps[key]})
            for queue, group in zip(rows, ids, strict=True)
            for key in queue.member_keys
        ]
        self._load("GroupMember", [row for _, row in members], [key for key, _ in members])
        return ids

    def accounts(self, rows: Sequence[Company], owners: Sequence[str], parents: Sequence[str | None]) -> list[str]:
        """Load Accounts."""
        made = [salesforce.account(*one) for one in zip(rows, owners, parents, strict=True)]
        return self._load("Account", made, [row.key for row in rows])

    def contacts(self, rows: Sequence[SeedContact], owners: Sequence[str], accounts: Sequence[str]) -> list[str]:
        """Load Contacts."""
        made = [salesforce.contact(*one) for one in zip(rows, accounts, owners, strict=True)]
        return self._load("Contact", made, [row.key for row in rows])

    def opportunities(
        self, rows: Sequence[SeedOpportunity], owners: Sequence[str], accounts: Sequence[str]
    ) -> list[str]:
        """Load Opportunities."""
        made = [salesforce.opportunity(*one) for one in zip(rows, accounts, owners, strict=True)]
        return self._load("Opportunity", made, [row.key for row in rows])

    def _load(self, sobject: str, rows: list[dict[str, Any]], keys: Sequence[str]) -> list[str]:
        keyed = [{**row, "ExternalKey": key} for row, key in zip(rows, keys, strict=True)]
        return self._control.load(keyed, sobject=sobject)


class Hubspot:
    """A portal of a local HubSpot."""

    name = "hubspot"

    def __init__(self, url: str, portal: int, ca: Path | None = None) -> None:
        self._control = _Control(url, ca)
        self._portal = portal

    def reps(self, rows: Sequence[Rep]) -> list[str]:
        """Load owners."""
        made = [hubspot.owner(rep, number) for number, rep in enumerate(rows)]
        self._control.load(made, portalId=self._portal, object="owners")
        return [owner["id"] for owner in made]

    def queues(self, rows: Sequence[Queue], reps: Mapping[str, str]) -> list[str]:
        """Load owners of the type QUEUE; their numbers go on after those of the reps."""
        made = [hubspot.queue_owner(queue, number) for number, queue in enumerate(rows, start=len(reps))]
        self._control.load(made, portalId=self._portal, object="owners")
        return [owner["id"] for owner in made]

    def accounts(self, rows: Sequence[Company], owners: Sequence[str], parents: Sequence[str | None]) -> list[str]:
        """Load companies; the parent is an association."""
        made = [
            {"properties": hubspot.company(row, owner), "associations": _links(parent, PARENT_COMPANY)}
            for row, owner, parent in zip(rows, owners, parents, strict=True)
        ]
        return self._load("companies", made, [row.key for row in rows])

    def contacts(self, rows: Sequence[SeedContact], owners: Sequence[str], accounts: Sequence[str]) -> list[str]:
        """Load contacts with their primary company."""
        made = [
            {"properties": hubspot.contact(row, owner), "associations": _links(account, PRIMARY_COMPANY)}
            for row, owner, account in zip(rows, owners, accounts, strict=True)
        ]
        return self._load("contacts", made, [row.key for row in rows])

    def opportunities(
        self, rows: Sequence[SeedOpportunity], owners: Sequence[str], accounts: Sequence[str]
    ) -> list[str]:
        """Load nothing: the sandbox has no deals, as no rule of the product reads them."""
        del rows, owners, accounts
        return []

    def _load(self, name: str, rows: list[dict[str, Any]], keys: Sequence[str]) -> list[str]:
        keyed = [{**row, "externalKey": key} for row, key in zip(rows, keys, strict=True)]
        return self._control.load(keyed, portalId=self._portal, object=name)


def _links(company_id: str | None, number: int) -> list[dict[str, Any]]:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]
    return [{"to": {"id": company_id}, "types": types}] if company_id else []
