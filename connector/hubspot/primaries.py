"""Primary companies: read, set where there is none, read again.

A record has one primary company, and writing another replaces it without a word. HubSpot itself links a contact to the
company with the domain of its e-mail some time after it was created (a setting of the portal), and people link as well.
So nothing is written to a record that has one by now, and what became of a write is what stands there afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from connector.hubspot.batches import Batch, Done, Row
from connector.hubspot.effects import hubspot_defined
from connector.hubspot.fields import COMPANY, CONTACT, LEAD, chunks
from connector.hubspot.reading import associations

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient

    Json = Mapping[str, Any]

MOST_ARCHIVED = 100
"""Inputs of one call that archives (HubSpot, "Using object APIs", "Associate records")."""


@dataclass(frozen=True, slots=True)
class Tie:
    """How records of one object are tied to companies: the type ids (HubSpot, "Associate records").

    `plain` is the association that HubSpot makes beside every primary one.
    """

    object_type: str
    primary: int
    plain: int
    noun: str


OF_CONTACTS = Tie(CONTACT, primary=1, plain=279, noun="contact")
OF_LEADS = Tie(LEAD, primary=580, plain=610, noun="lead")


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants `company_id` to be the primary company of a record, which had `known` when it was read.

    `key` names the wish, and no other of the same call.
    """

    key: str
    record_id: str
    company_id: str
    known: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The record has this primary company already, the wanted one or another: nothing was written."""

    company_id: str


Outcome: TypeAlias = "Taken | Verdict"


def settle(client: HubSpotClient, tie: Tie, wishes: Sequence[Wish]) -> dict[str, Outcome]:
    """Make companies primary where there is none; return what stands there now, by the wishes' keys.

    Three calls for a hundred records, none for those that had one when they were read. May be repeated without harm.
    """
    found: dict[str, Outcome] = {wish.key: Taken(wish.known) for wish in wishes if wish.known}
    there = of(client, tie, [wish.record_id for wish in wishes if wish.key not in found])
    found |= {wish.key: Taken(company) for wish in wishes if (company := there.get(wish.record_id))}
    open_wishes = [wish for wish in wishes if wish.key not in found]
    found |= _write(client, tie, open_wishes)
    written = [wish for wish in open_wishes if isinstance(found[wish.key], Done)]
    after = of(client, tie, [wish.record_id for wish in written])
    stands = {wish.key: after.get(wish.record_id, wish.company_id) for wish in written}
    return found | {wish.key: Taken(stands[wish.key]) for wish in written if stands[wish.key] != wish.company_id}


def _write(client: HubSpotClient, tie: Tie, wishes: Sequence[Wish]) -> dict[str, Verdict]:
    """Write the primary associations in one call."""
    rows = [
        Row(
            wish.key,
            {
                "from": {"id": wish.record_id},
                "to": {"id": wish.company_id},
                "types": hubspot_defined(tie.primary),
            },
            marks=frozenset({wish.record_id}),
            shared=frozenset({wish.company_id}),
        )
        for wish in wishes
    ]

    def match(result: Json) -> str:
        return str(result.get("fromObjectId") or (result.get("from") or {}).get("id"))

    def call(inputs: Sequence[Json]) -> Json:
        return client.associate(tie.object_type, COMPANY, inputs)

    return Batch(call, match, repeatable=True).send(rows)


def of(client: HubSpotClient, tie: Tie, record_ids: Collection[str]) -> dict[str, str]:
    """Ask for the primary companies of records, a thousand a call; a record without one has no key."""
    if not record_ids:
        return {}
    linked = associations(client, tie.object_type, COMPANY, list(dict.fromkeys(record_ids)))
    return {
        record_id: str(other["toObjectId"])
        for record_id, others in linked.items()
        for other in others
        if is_of_type(other, tie.primary)
    }


def is_of_type(other: Json, type_id: int) -> bool:
    """Whether an end of an association, as HubSpot returns it, is tied by this type of HubSpot's own."""
    kinds = other.get("associationTypes") or ()
    return any(kind.get("category") == "HUBSPOT_DEFINED" and kind.get("typeId") == type_id for kind in kinds)


def untie(client: HubSpotClient, tie: Tie, pairs: Mapping[str, tuple[str, str]]) -> dict[str, Verdict]:
    """Take companies off records, by key: (record id, company id). A label that somebody gave such a pair stays.

    A hundred a call; may be repeated. [U] Whether a pair that keeps a label of somebody's own stays associated without
    the plain association.
    """
    types = [*hubspot_defined(tie.primary), *hubspot_defined(tie.plain)]
    rows = [
        Row(
            key,
            {"from": {"id": record_id}, "to": {"id": company_id}, "types": types},
            marks=frozenset({record_id}),
            shared=frozenset({company_id}),
        )
        for key, (record_id, company_id) in pairs.items()
    ]

    def call(inputs: Sequence[Json]) -> Json:
        client.dissociate(tie.object_type, COMPANY, inputs)
        return {"results": [{"id": each["from"]["id"]} for each in inputs]}

    verdicts: dict[str, Verdict] = {}
    for part in chunks(rows, MOST_ARCHIVED):
        verdicts |= Batch(call, lambda result: str(result.get("id")), repeatable=True).send(part)
    return verdicts
