"""The step that merges: leads with leads and contacts with contacts over SOAP, leads into contacts by converting them.

For a batch: a call for every 20 merges of two or three records, one for every 20 conversions. After an attempt whose
outcome nobody knows, a look in the recycle bin comes first; what was done is not done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from simple_salesforce.format import format_soql

from connector.crm import Memo
from connector.errors import Ignored, Later, Next, Refused, Revoked
from connector.salesforce import writing
from connector.salesforce.asking import IDS, parted
from connector.salesforce.fields import CURRENCY, OWNER, USER_PREFIX, object_name
from connector.salesforce.merge_fields import value_for
from connector.salesforce.merge_orders import Order, action_of, unknown_names
from connector.salesforce.mergeable import MergeReader
from connector.salesforce.session import Session
from connector.salesforce.soap import Convert, Merge, Merged, Soap
from connector.salesforce.soap_answers import Converted
from connector.work import Effect, Work
from rules import actions
from rules.merging.policy import own_name

BATCH: Final = 100
"""Decisions of one step: five calls to merge them. A worker that dies in one leaves so many to be looked at again."""
_STATUS = "salesforce.converted_status"
_STATUS_SECONDS = 86_400.0
_NO_STATUS = Refused("The org has no lead status of converted leads: Setup > Object Manager > Lead > Lead Status")


class Merger:
    """Merges in one org. `mapping` is the install's, of names to fields."""

    def __init__(self, session: Session, soap: Soap, reader: MergeReader, memo: Memo, *, namespace: str) -> None:
        self._session = session
        self._soap = soap
        self._reader = reader
        self._memo = memo
        self._namespace = namespace

    def merge(self, work: Sequence[Work], mapping: Mapping[str, str]) -> list[Effect]:
        """Merge for each decision that has it to do; see :class:`connector.merging.Taken` for the refs.

        Raises Later or Revoked when that is said before anything was done.
        """
        orders = [self._order(one, action) for one in work if (action := action_of(one)) and action.key in one.pending]
        self._value(orders, mapping)
        self._look([order for order in orders if actions.Merge.key in order.work.uncertain])
        try:
            self._join(orders)
            self._convert([order for order in orders if order.converts])
            self._write([order for order in orders if order.writes_apart])
        except Later as error:
            error.applied = error.applied or any(order.taken for order in orders)
            raise
        if orders and not any(order.taken for order in orders):
            _raise_revoked(orders)
        return [order.effect() for order in orders]

    def _order(self, work: Work, action: actions.Merge) -> Order:
        return Order(work, action, object_name(action.survivor.kind, self._namespace))

    def _value(self, orders: Sequence[Order], mapping: Mapping[str, str]) -> None:
        """Find out what is to be written; an order with a field that cannot be written is not begun."""
        rows: dict[str, dict[str, Any]] = {}
        for kind in {order.action.survivor.kind for order in orders}:
            names = self._reader.names(kind, mapping).written
            mine = [order for order in orders if order.action.survivor.kind == kind]
            rates = self._reader.rates_of(kind)
            if rates is not None:
                rows = self._reader.rows(kind, [order.survivor_id for order in mine])
            for order in mine:
                said = {own_name(name): value for name, value in order.action.values.items()}
                if wrong := unknown_names(said, names):
                    order.fail([one.id for one in order.action.losers], wrong)
                    continue
                currency = str(said.get("currency") or rows.get(order.survivor_id, {}).get(CURRENCY) or "")
                values = {
                    names[name].name: value_for(names[name], value, rates or {}, currency)
                    for name, value in said.items()
                }
                owner = {OWNER: order.action.owner_id} if order.action.owner_id else {}
                order.values = values | owner

    def _look(self, orders: Sequence[Order]) -> None:
        """Find the losers that an earlier attempt has merged or converted."""
        for sobject in {order.sobject for order in orders}:
            mine = [order for order in orders if order.sobject == sobject]
            masters = self._soap.merged_into(sobject, [one for order in mine for one in order.joins])
            _note_merged(mine, masters)
        self._note_converted([order for order in orders if order.action.converts])

    def _join(self, orders: Sequence[Order]) -> None:
        """Merge, and once more one by one what failed only because another record of its request was gone."""
        self._ask_to_merge([(order, order.joins) for order in orders if order.joins])
        torn = [order for order in orders if any(isinstance(each, Ignored) for each in order.failed.values())]
        again: list[tuple[Order, list[str]]] = []
        for order in torn:
            gone = [one for one, why in order.failed.items() if isinstance(why, Ignored)]
            _note_merged([order], self._soap.merged_into(order.sobject, gone))
            rest = [one for one in gone if isinstance(order.failed.get(one), Ignored)]
            if len(order.action.losers) > 1:
                for one in rest:
                    del order.failed[one]
                again += [(order, [one]) for one in rest]
        self._ask_to_merge(again)

    def _ask_to_merge(self, asked: Sequence[tuple[Order, list[str]]]) -> None:
        if not asked:
            return
        told = self._soap.merge(
            [Merge(order.sobject, order.survivor_id, tuple(losers), order.values) for order, losers in asked]
        )
        for (order, losers), result in zip(asked, told, strict=True):
            if isinstance(result, Merged):
                order.found = False
                order.taken |= set(result.losers)
                order.failed.update(result.left)
            else:
                order.fail(losers, result)

    def _convert(self, orders: Sequence[Order]) -> None:
        """Convert leads onto the contacts that survive; who was converted already is found by what the lead says."""
        if not orders:
            return
        try:
            status, owners = self._converted_status(), self._owners(orders)
        except Next as error:
            for order in orders:
                order.fail(order.converts, error)
            return
        asked = [(order, lead) for order in orders for lead in order.converts]
        told = self._soap.convert([self._conversion(order, lead, status, owners) for order, lead in asked])
        for (order, lead), result in zip(asked, told, strict=True):
            if isinstance(result, Converted):
                order.found = False
                order.taken.add(lead)
            else:
                order.failed[lead] = result
        self._note_converted([order for order in orders if any(_is_final(each) for each in order.failed.values())])

    def _conversion(self, order: Order, lead: str, status: str, owners: Mapping[str, str]) -> Convert:
        owner = order.action.owner_id
        owner = owner if owner.startswith(USER_PREFIX) else owners.get(order.survivor_id[:15], "")
        return Convert(lead, status, order.action.account_id or None, order.survivor_id, owner or None)

    def _owners(self, orders: Sequence[Order]) -> dict[str, str]:
        """Return who owns contacts now: a queue's lead is only converted for a person."""
        found: dict[str, str] = {}
        ids = [order.survivor_id for order in orders if not order.action.owner_id.startswith(USER_PREFIX)]
        for part in parted(ids, IDS):
            rows = self._session.query(format_soql("SELECT Id, OwnerId FROM Contact WHERE Id IN {}", list(part)))
            found.update({str(row["Id"])[:15]: str(row[OWNER]) for row in rows})
        return found

    def _converted_status(self) -> str:
        """Return the lead status that conversions give: the first that the org has for it."""
        known = self._memo.get(_STATUS)
        if not known:
            rows = self._session.query("SELECT ApiName FROM LeadStatus WHERE IsConverted = true ORDER BY SortOrder")
            if not rows:
                raise _NO_STATUS
            known = str(rows[0]["ApiName"])
            self._memo.put(_STATUS, known, seconds=_STATUS_SECONDS)
        return str(known)

    def _note_converted(self, orders: Sequence[Order]) -> None:
        """Find the leads that are the survivor by now, whoever converted them."""
        ids = [one for order in orders for one in order.action.converts if one not in order.taken]
        into: dict[str, str] = {}
        for part in parted(ids, IDS):
            text = "SELECT Id, ConvertedContactId FROM Lead WHERE Id IN {} AND IsConverted = true"
            rows = self._session.query(format_soql(text, list(part)))
            into.update({str(row["Id"])[:15]: str(row["ConvertedContactId"])[:15] for row in rows})
        for order in orders:
            for one in order.action.converts:
                if into.get(one[:15]) == order.survivor_id[:15]:
                    order.taken.add(one)
                    order.failed.pop(one, None)

    def _write(self, orders: Sequence[Order]) -> None:
        """Write the values of survivors that took in nothing but converted leads; writing them twice is no harm."""
        if not orders:
            return
        records = [{"attributes": {"type": order.sobject}, "Id": order.survivor_id, **order.values} for order in orders]
        answers: list[str | Next]
        try:
            answers = writing.write(self._session, "PATCH", records)
        except Next as error:
            answers = [error] * len(orders)
        for order, answer in zip(orders, answers, strict=True):
            order.unwritten = answer if isinstance(answer, Next) else None


def _note_merged(orders: Iterable[Order], masters: Mapping[str, str]) -> None:
    """Note which losers are in the bin as merged into the survivor, and refuse what somebody merged into another."""
    for order in orders:
        for one in order.action.losers:
            master = masters.get(one.id, "")
            if master[:15] == order.survivor_id[:15]:
                order.taken.add(one.id)
                order.failed.pop(one.id, None)
            elif master:
                order.failed[one.id] = Refused(f"It was merged into {master} meanwhile")


def _is_final(verdict: Next) -> bool:
    return not isinstance(verdict, Later | Revoked)


def _raise_revoked(orders: Sequence[Order]) -> None:
    for order in orders:
        for why in order.failed.values():
            if isinstance(why, Revoked):
                raise why
