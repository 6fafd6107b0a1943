"""The step that takes a merge back: losers out of the recycle bin, what hung on them, and the survivor's fields.

For a batch: a query for the snapshots, one for where the losers are, a call for every 20 of them that come out of the
bin, and a few for what hangs on them. Everything is read before it is written, so a second run does only the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from simple_salesforce.format import format_soql

from connector.errors import Ignored, Later, Next, Refused, Revoked
from connector.salesforce import snapshot_parts, writing
from connector.salesforce.answers import CANNOT_OWN
from connector.salesforce.asking import IDS, parted
from connector.salesforce.fields import CURRENCY, OWNER, object_name
from connector.salesforce.merge_fields import same, value_for
from connector.salesforce.mergeable import MergeReader
from connector.salesforce.remaking import Remaker
from connector.salesforce.reparenting import Reparenter
from connector.salesforce.session import Session
from connector.salesforce.soap import Soap
from connector.salesforce.undo_orders import Undo, action_of
from connector.work import Effect, Work
from rules.actions import Unmerge
from rules.merging.policy import own_name
from rules.model import Kind

BATCH: Final = 50
"""Decisions of one step: an undo makes about as many calls as there are kinds of things that hang on people."""
NOT_IN_BIN: Final = "(UNDELETE_FAILED)"
"""How the verdict on a record ends that is not in the recycle bin. Source: SOAP API guide "StatusCode"."""
_CONVERTED = "{} was converted, which nothing takes back: {} is a new lead, and the old one stays converted."
_REMADE = "{} was not in the recycle bin any more: {} is a new record with what it said."


class Unmerger:
    """Takes merges back in one org. `mapping` is the install's, of names to fields."""

    def __init__(
        self,
        session: Session,
        soap: Soap,
        reader: MergeReader,
        remaker: Remaker,
        reparenter: Reparenter,
        *,
        namespace: str,
    ) -> None:
        self._session = session
        self._soap = soap
        self._reader = reader
        self._remaker = remaker
        self._reparenter = reparenter
        self._namespace = namespace

    def unmerge(self, work: Sequence[Work], mapping: Mapping[str, str]) -> list[Effect]:
        """Take back a merge for each decision that has it to do; see :class:`connector.merging.Taken` for the refs.

        Raises Later or Revoked for a whole call; repeating it does only what is not done.
        """
        pending = [(one, action) for one in work if (action := action_of(one)) and Unmerge.key in one.pending]
        if not pending:
            return []
        kept = snapshot_parts.read(self._session, [action.of for _, action in pending], self._namespace)
        effects: list[Effect] = []
        orders: list[Undo] = []
        for one, action in pending:
            found = kept[action.of]
            if found.snapshot is None:
                why = (
                    f"What the records were before the merge ({action.of}) is not in the org any more: it has expired "
                    "or was deleted"
                )
                effects.append(Effect(one.decision.key, Unmerge.key, "refused", detail=why))
            else:
                orders.append(Undo(one, action, found.snapshot, found.made))
        self._bring_back(orders)
        self._reparenter.give_back([order for order in orders if order.stopped is None])
        self._restore([order for order in orders if order.stopped is None], mapping)
        for order in orders:
            if isinstance(order.stopped, Revoked):
                raise order.stopped
        return effects + [order.effect() for order in orders]

    def _bring_back(self, orders: Sequence[Undo]) -> None:
        """Take the losers out of the bin, and make those anew that nobody can bring back."""
        fates = self._fates(orders)
        binned: list[tuple[Undo, str]] = []
        lost: list[tuple[Undo, str]] = []
        for order in orders:
            for one in order.losers:
                fate = fates.get(one[:15])
                if one in order.made:
                    order.now[one] = order.made[one]
                elif fate is None or (one in order.converted and fate.get("IsConverted")):
                    lost.append((order, one))
                elif not fate["IsDeleted"]:
                    order.now[one] = one
                elif fate.get("MasterRecordId"):
                    binned.append((order, one))
                else:
                    order.leave(f"{one} was deleted since, by somebody else.")
        lost += self._undelete(binned)
        self._remaker.remake([each for each in lost if each[0].stopped is None])
        for order in orders:
            _tell_new(order)

    def _fates(self, orders: Sequence[Undo]) -> dict[str, dict[str, Any]]:
        """Return where the losers are, by the first 15 characters of their ids; a purged one is not there."""
        wanted: dict[str, list[str]] = {}
        for order in orders:
            for one in order.action.merge.losers:
                wanted.setdefault(object_name(one.kind, self._namespace), []).append(one.id)
        found: dict[str, dict[str, Any]] = {}
        for sobject, ids in wanted.items():
            more = ", IsConverted" if sobject == "Lead" else ""
            for part in parted(ids, IDS):
                text = f"SELECT Id, IsDeleted, MasterRecordId{more} FROM {sobject} WHERE Id IN {{}}"  # noqa: S608 - ours
                params = {"q": format_soql(text, list(part))}
                rows = self._session.rows(self._session.call("GET", "queryAll", params=params))
                found.update({str(row["Id"])[:15]: row for row in rows})
        return found

    def _undelete(self, binned: Sequence[tuple[Undo, str]]) -> list[tuple[Undo, str]]:
        """Take records out of the bin; return those that are not in it any more."""
        lost: list[tuple[Undo, str]] = []
        answers = self._soap.undelete([one for _, one in binned]) if binned else []
        for (order, one), answer in zip(binned, answers, strict=True):
            if not isinstance(answer, Next):
                order.now[one] = one
                order.changed = True
            elif isinstance(answer, Ignored) or str(answer).endswith(NOT_IN_BIN):
                lost.append((order, one))
            elif isinstance(answer, Later | Revoked):
                order.stop(answer)
            else:
                order.stop(Refused(f"{one} cannot be taken out of the recycle bin: {answer}"))
        return lost

    def _restore(self, orders: Sequence[Undo], mapping: Mapping[str, str]) -> None:
        """Write what the survivors said before, in fields that still say what the merge wrote, and their owners."""
        wanted: list[tuple[Undo, dict[str, Any]]] = []
        for kind in sorted({order.action.merge.survivor.kind for order in orders}):
            mine = [order for order in orders if order.action.merge.survivor.kind == kind]
            rows = self._reader.rows(kind, [order.action.survivor_id for order in mine])
            for order in mine:
                row = rows.get(order.action.survivor_id)
                if row is None:
                    order.leave(f"{order.action.survivor_id} is not there any more, so its fields stay as they are.")
                elif values := self._values(kind, order, row, mapping):
                    wanted.append((order, values))
        self._write(wanted)

    def _values(self, kind: Kind, order: Undo, row: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
        """Return what is to be written on a survivor that says `row` now."""
        names = self._reader.names(kind, mapping).written
        rates, merge = self._reader.rates_of(kind) or {}, order.action.merge
        before = order.row(merge.survivor.id)
        said = {own_name(name): value for name, value in merge.values.items()}
        currency = str(said.get("currency") or before.get(CURRENCY) or "")
        values: dict[str, Any] = {}
        for name, value in said.items():
            if (field := names.get(name)) is None:
                order.leave(f"{name} cannot be written any more, and stays as it is.")
                continue
            was, now, wrote = before.get(field.name), row.get(field.name), value_for(field, value, rates, currency)
            if same(field, now, wrote) and not same(field, now, was):
                values[field.name] = was
            elif not same(field, now, was):
                order.leave(f"{field.name} of {order.action.survivor_id} was changed since, and stays as it is.")
        for field in names.values():
            if field.name not in values and before.get(field.name) is None and _is_carried(field, order, row):
                values[field.name] = None
        if merge.owner_id and row.get(OWNER) == merge.owner_id != before.get(OWNER):
            values[OWNER] = before.get(OWNER)
        elif merge.owner_id and row.get(OWNER) != before.get(OWNER):
            order.leave(f"{order.action.survivor_id} was given to somebody else since, and stays theirs.")
        return values

    def _write(self, wanted: Sequence[tuple[Undo, dict[str, Any]]]) -> None:
        """Write survivors, and once more without its owner one whose owner cannot own it any more."""
        again: list[tuple[Undo, dict[str, Any]]] = []
        for order, values, answer in self._wrote(wanted):
            if any(f"({code})" in str(answer) for code in CANNOT_OWN) and OWNER in values:
                order.leave(f"Who owned {order.action.survivor_id} before cannot own it any more.")
                again.append((order, {name: value for name, value in values.items() if name != OWNER}))
            else:
                _tell_unwritten(order, answer)
        for order, _, answer in self._wrote([each for each in again if each[1]]):
            _tell_unwritten(order, answer)

    def _wrote(
        self, wanted: Sequence[tuple[Undo, dict[str, Any]]]
    ) -> Iterator[tuple[Undo, dict[str, Any], str | Next]]:
        records = [
            {
                "attributes": {"type": object_name(order.action.merge.survivor.kind, self._namespace)},
                "Id": order.action.survivor_id,
                **values,
            }
            for order, values in wanted
        ]
        answers = writing.write(self._session, "PATCH", records) if records else []
        for (order, values), answer in zip(wanted, answers, strict=True):
            order.changed = order.changed or not isinstance(answer, Next)
            yield order, values, answer


def _is_carried(field: Any, order: Undo, row: Mapping[str, Any]) -> bool:
    """Whether a field that was empty says what a converted lead said: the conversion filled it in by itself."""
    now = row.get(field.name)
    said = [order.row(one).get(field.name) for one in order.converted]
    return now not in (None, "", False) and any(value is not None and same(field, now, value) for value in said)


def _tell_new(order: Undo) -> None:
    for old, new in order.now.items():
        if old != new:
            order.leave((_CONVERTED if old in order.converted else _REMADE).format(old, new))


def _tell_unwritten(order: Undo, answer: str | Next) -> None:
    if isinstance(answer, Later | Revoked):
        order.stop(answer)
    elif isinstance(answer, Next):
        order.leave(f"The fields of {order.action.survivor_id} stay as they are: {answer}")
