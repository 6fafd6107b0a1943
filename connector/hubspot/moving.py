"""Audits on their way from one place to another: a page of those that are there, and a page written where they go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.errors import Later, Refused
from connector.hubspot import audits
from connector.hubspot.answers import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.hubspot.batches import Row
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.objects import Places

    Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """One audit: its key, its properties by the names of the audit object, the records it is linked to, and its id."""

    key: str
    properties: Mapping[str, str]
    leads: tuple[str, ...]
    companies: tuple[str, ...]
    id: str = ""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """Part of all audits by the ids of their records; `after` continues it (None = the end). It may be empty."""

    rows: Sequence[Kept]
    after: str | None


def take(client: HubSpotClient, places: Places, rows: Sequence[Kept]) -> None:
    """Write audits (up to a hundred) as records, unless they are there: their key is unique, so it may be repeated.

    One whose contact or company is gone is written without the links. Raises Refused when one is refused even so.
    """
    there = audits.by_key(client, places, list(dict.fromkeys(each.key for each in rows)))
    new = {each.key: each for each in rows if each.key not in there}
    verdicts = audits.create_rows(client, places, [_row(each, places, linked=True) for each in new.values()])
    refused = [new[key] for key, verdict in verdicts.items() if isinstance(verdict, Fault)]
    verdicts |= audits.create_rows(client, places, [_row(each, places, linked=False) for each in refused])
    for verdict in verdicts.values():
        if isinstance(verdict, Later):
            raise verdict
        if isinstance(verdict, Fault) and not verdict.conflict:
            raise Refused(f"An audit could not be moved. {verdict.words}")


def _row(each: Kept, places: Places, *, linked: bool) -> Row:
    links = [(other, places.audit_to_lead) for other in each.leads]
    links += [(other, places.audit_to_company) for other in each.companies]
    return audits.row(each.key, each.properties, links if linked else (), places)


def next_page(answer: Json) -> str | None:
    """Return where HubSpot continues a list; None at its end."""
    after = ((answer.get("paging") or {}).get("next") or {}).get("after")
    return None if after is None else str(after)
