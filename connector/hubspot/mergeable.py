"""What HubSpot says of records that may be merged: every property, and what a plan asks beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connector.hubspot import reading
from connector.hubspot.columns import columns, object_type
from connector.hubspot.fields import COMPANY, CONTACT, DEAL, moment, number, text
from connector.hubspot.history import CLOSED, DEALS_SCOPE
from connector.merging import Mergeable
from rules.merging.abilities import HUBSPOT
from rules.merging.facts import RecordFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.columns import Columns
    from rules.actions import Member
    from rules.merging.abilities import Abilities
    from rules.model import Kind, Record, User

    Json = Mapping[str, Any]

MERGED_IDS = "hs_merged_object_ids"
"""Which records a record has taken in, separated by semicolons. [U] That records merged long ago have it too."""
ACTIVITIES = "num_notes"
"""How many notes, calls, e-mails, meetings and tasks there are ("number of sales activities"). [U] The name."""
LAST_ACTIVITIES = ("notes_last_contacted", "hs_last_sales_activity_timestamp")
SYNCED_ACCOUNT = "salesforceaccountid"
"""The property by which HubSpot's Salesforce sync ties a company to an account. [U] That a company which has it cannot
be merged, and no other sign of the lock can be read: what HubSpot locks beside these it refuses itself."""


def mergeable(
    client: HubSpotClient,
    members: Collection[Member],
    *,
    lead_type: str,
    names: Mapping[str, str],
    scopes: frozenset[str],
    users: Callable[[], Sequence[User]],
    read: Callable[[Kind, Sequence[str]], Mapping[str, Record]],
) -> Mergeable:
    """Read records that may be merged; a few calls for each object among them, however many there are up to a hundred.

    `read` reads those of a kind that HubSpot cannot merge, for whoever shows them. Raises Later or Revoked.
    """
    by_kind: dict[Kind, list[Member]] = {}
    for member in members:
        by_kind.setdefault(member.kind, []).append(member)
    active = {user.id: user.active for user in users()}
    records: dict[Member, Record] = {}
    facts: dict[str, RecordFacts] = {}
    writable: dict[Kind, frozenset[str]] = {}
    locked = False
    known: dict[str, Columns] = {}
    for kind, some in by_kind.items():
        type_ = object_type(kind, lead_type)
        if not type_:
            found = read(kind, [member.id for member in some])
            records |= {member: found[member.id] for member in some if member.id in found}
            continue
        if type_ not in known:
            known[type_] = columns(client, type_, names)
        rows = reading.living(client, type_, [member.id for member in some], known[type_].names)
        records |= {member: known[type_].record(kind, rows[member.id]) for member in some if member.id in rows}
        facts |= _facts(client, type_, rows, active, scopes)
        writable[kind] = known[type_].own
        locked = locked or (type_ == COMPANY and any(_said(row, SYNCED_ACCOUNT) for row in rows.values()))
    return Mergeable(records, facts, writable, abilities(lead_type, locked=locked))


def abilities(lead_type: str, *, locked: bool = False) -> Abilities:
    """Return what can be merged in a portal. `locked`: its companies cannot, because of their Salesforce sync."""
    joins = HUBSPOT.joins if lead_type == CONTACT else frozenset(each for each in HUBSPOT.joins if "lead" not in each)
    return replace(HUBSPOT, joins=joins, locked={"account": "blocked.locked.sync"} if locked else {})


def _facts(
    client: HubSpotClient, type_: str, rows: Mapping[str, Json], active: Mapping[str, bool], scopes: frozenset[str]
) -> dict[str, RecordFacts]:
    deals = _open_deals(client, type_, list(rows)) if DEALS_SCOPE in scopes and rows else {}
    return {
        record_id: RecordFacts(
            open_opportunities=deals.get(record_id, 0),
            activities=int(number(_said(row, ACTIVITIES)) or 0),
            last_activity_at=max((at for name in LAST_ACTIVITIES if (at := moment(_said(row, name)))), default=None),
            owner_active=active.get(_said(row, "hubspot_owner_id")),
            merged=len([part for part in _said(row, MERGED_IDS).split(";") if part]),
        )
        for record_id, row in rows.items()
    }


def _open_deals(client: HubSpotClient, type_: str, ids: Sequence[str]) -> dict[str, int]:
    """Count the open deals of records: their associations, then the deals, a hundred a call."""
    linked = reading.associations(client, type_, DEAL, ids)
    mine = {record_id: {str(each["toObjectId"]) for each in others} for record_id, others in linked.items()}
    every = reading.living(client, DEAL, sorted({deal for deals in mine.values() for deal in deals}), [CLOSED])
    open_ = {deal for deal, row in every.items() if CLOSED in row["properties"] and _said(row, CLOSED) != "true"}
    return {record_id: len(deals & open_) for record_id, deals in mine.items()}


def _said(row: Json, name: str) -> str:
    return text((row.get("properties") or {}).get(name))
