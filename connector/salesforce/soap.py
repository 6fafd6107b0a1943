"""The calls that REST has no resource for: merge, convert, and undo a deletion, over SOAP.

Sources: SOAP API guide "merge()", "convertLead()", "undelete()", "CallOptions", "AssignmentRuleHeader",
"DuplicateRuleHeader". Each request of a call is a transaction of its own: what one of them could not do, its
re-parented children included, is undone and told in its result. AllOrNoneHeader would not change that for merges and
conversions: it is for neither.

A call is never repeated here. Who repeats one whose outcome nobody knows asks :meth:`Soap.merged_into` first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from simple_salesforce.format import format_soql

from connector.errors import Later, Next, Refused, Revoked
from connector.salesforce.fields import begins
from connector.salesforce.session import Session
from connector.salesforce.soap_answers import Converted, MergeResult, conversions, merges, undeletions
from connector.salesforce.soap_envelope import conversion, envelope, merger, which

T = TypeVar("T")

LOSERS = 2
"""Records that one request merges into its master; an order of more becomes several requests, one after the other."""
REQUESTS = 20
"""Requests of one call. Salesforce takes 200 merges, but each is a transaction with all triggers of the org, and a call
that takes longer than CRM_READ_TIMEOUT leaves nobody knowing what it did."""
MERGEABLE: Mapping[str, str] = {"Lead": "00Q", "Contact": "003", "Account": "001"}
"""Objects whose records can be merged -> how their ids begin."""
IDS = 400
"""Ids of one query: they are 10 kB of its URL."""
_HEADERS = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}


@dataclass(frozen=True, slots=True)
class Merge:
    """An order: merge `losers` into `master_id`, which gets `values` (API name -> value, None empties a field)."""

    sobject: str
    master_id: str
    losers: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of an order that did something.

    `losers` were merged, `moved` are the related records that have the master as their parent now, as far as we may
    see them. `left` were not merged, and why: an order of more than two losers can end halfway.
    """

    master_id: str
    losers: tuple[str, ...]
    moved: tuple[str, ...] = ()
    left: Mapping[str, Next] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Convert:
    """An order: convert a lead.

    `status` is the API value of a lead status that is one of converted leads. Without `account_id` an account is made,
    without `contact_id` a contact; a contact needs its account named too. `owner_id` owns what is made; a lead of a
    queue needs one. `opportunity` is the name of the opportunity to make, None for none.
    """

    lead_id: str
    status: str
    account_id: str | None = None
    contact_id: str | None = None
    owner_id: str | None = None
    opportunity: str | None = None


class Soap:
    """Merges and converts in one org, as the connected user; our own changes come back as ours."""

    def __init__(self, session: Session, *, version: str) -> None:
        self._session = session
        self._path = f"/services/Soap/u/{version}"

    def merge(self, orders: Sequence[Merge]) -> list[Merged | Next]:
        """Merge records; return for each order what became of it, a Next when none of its losers was merged.

        ENTITY_IS_DELETED (Ignored) is also said of a loser that an earlier attempt has merged. Never raises what
        Salesforce says: a whole call that failed is the verdict on all orders in it and on those not sent any more.
        """
        verdicts: list[Next | None] = [_wrong(order) for order in orders]
        parts = [
            (place, order.losers[start : start + LOSERS])
            for place, order in enumerate(orders)
            if verdicts[place] is None
            for start in range(0, len(order.losers), LOSERS)
        ]
        found = self._called(
            parts, lambda part: merger(orders[part[0]].sobject, _record(orders[part[0]]), part[1]), "merge", merges
        )
        told: list[list[tuple[tuple[str, ...], MergeResult | Next]]] = [[] for _ in orders]
        for (place, losers), result in zip(parts, found, strict=True):
            told[place].append((losers, result))
        return [
            verdict if verdict is not None else _merged(order, results)
            for order, verdict, results in zip(orders, verdicts, told, strict=True)
        ]

    def convert(self, orders: Sequence[Convert]) -> list[Converted | Next]:
        """Convert leads; return for each order what was made or used. Never raises, as :meth:`merge`.

        CANNOT_UPDATE_CONVERTED_LEAD (Refused) is also said of a lead that an earlier attempt has converted: its own
        fields then name its account and contact.
        """
        return self._called(orders, _leads, "convertLead", conversions)

    def undelete(self, ids: Sequence[str]) -> list[str | Next]:
        """Take records out of the recycle bin; return for each its id, or why not. Never raises, as :meth:`merge`.

        UNDELETE_FAILED (Refused) is said of a record that is not in the bin (any more). One that was merged away is a
        record of its own again; what the merge took from it stays with the master.
        """
        return self._called(ids, which, "undelete", undeletions)

    def merged_into(self, sobject: str, ids: Sequence[str]) -> dict[str, str]:
        """Return the master of each of these records that were merged away and still are in the recycle bin.

        Raises Later, Revoked or Refused. Source: SOAP API guide "merge()": MasterRecordId by queryAll.
        """
        asked = [one for one in dict.fromkeys(ids) if begins(one, MERGEABLE[sobject])]
        masters: dict[str, str] = {}
        for start in range(0, len(asked), IDS):
            query = f"SELECT Id, MasterRecordId FROM {sobject} WHERE Id IN {{}} AND MasterRecordId != null"  # noqa: S608
            text = format_soql(query, asked[start : start + IDS])
            rows = self._session.rows(self._session.call("GET", "queryAll", params={"q": text}))
            masters.update({str(row["Id"])[:15]: str(row["MasterRecordId"]) for row in rows})
        return {one: masters[one[:15]] for one in asked if one[:15] in masters}

    def _called(
        self, parts: Sequence[Any], write: Callable[[Any], Any], name: str, read: Callable[[int, bytes, int], list[T]]
    ) -> list[T | Next]:
        """Make as many calls as the parts need; a call that fails as a whole is the verdict on what is left, too."""
        found: list[T | Next] = []
        for start in range(0, len(parts), REQUESTS):
            some = parts[start : start + REQUESTS]
            body = partial(_envelope, name, [write(part) for part in some])
            try:
                found += read(*self._session.post_xml(self._path, body, _HEADERS), len(some))
            except Next as error:
                found += [error] * len(some)
                found += [_unsent(error)] * (len(parts) - len(found))
                return found
        return found


def _envelope(name: str, requests: Sequence[Any], token: str) -> bytes:
    return envelope(token, name, requests)


def _wrong(order: Merge) -> Next | None:
    """Say what is wrong with an order before anything is sent: ids of two kinds would spoil it halfway."""
    prefix = MERGEABLE.get(order.sobject)
    if prefix is None:
        return Refused("Only leads, contacts and accounts can be merged")
    ids = [order.master_id, *order.losers]
    if not order.losers or len({one[:15] for one in ids}) < len(ids):
        return Refused("A merge needs a master and at least one other record, each named once")
    if not all(begins(one, prefix) for one in ids):
        return Refused(f"Records of two kinds cannot be merged: not all are of {order.sobject}")
    return None


def _record(order: Merge) -> dict[str, Any]:
    """Return the master as every request of an order names it: whichever of them gets through writes the values."""
    return {"Id": order.master_id, **order.values}


def _leads(order: Convert) -> Any:
    """Return the request that converts a lead; nobody is written to, and the lead's source overwrites no other.

    Which duplicates there are was our decision, so Salesforce's own search for them is skipped.
    """
    return conversion(
        {
            "accountId": order.account_id,
            "bypassAccountDedupeCheck": True,
            "bypassContactDedupeCheck": True,
            "contactId": order.contact_id,
            "convertedStatus": order.status,
            "doNotCreateOpportunity": order.opportunity is None,
            "leadId": order.lead_id,
            "opportunityName": order.opportunity,
            "overwriteLeadSource": False,
            "ownerId": order.owner_id,
            "sendNotificationEmail": False,
        }
    )


def _merged(order: Merge, results: Sequence[tuple[tuple[str, ...], MergeResult | Next]]) -> Merged | Next:
    """Put the results of an order's requests together."""
    losers: list[str] = []
    moved: list[str] = []
    left: dict[str, Next] = {}
    for asked, result in results:
        if isinstance(result, Next):
            left.update(dict.fromkeys(asked, result))
        else:
            losers += asked
            moved += result.moved
    if not losers:
        return next(iter(left.values()))
    return Merged(order.master_id, tuple(losers), tuple(dict.fromkeys(moved)), left)


def _unsent(error: Next) -> Next:
    """Return the verdict on what was not sent because the call before it failed."""
    if isinstance(error, Revoked):
        return error
    return Later(str(error), seconds=error.seconds if isinstance(error, Later) else 0.0, applied=False)
